// SPDX-License-Identifier: MIT
#ifndef PH_SLEEP_H
#define PH_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

struct ph_session;
struct wl_event_source;

/*
 * What happens around the computer's sleep. Before it: the session locks (unless
 * session.scfg says otherwise), the guests that run are paused, keys are let go of.
 * After it the guests that were paused for it go on.
 */
struct ph_sleep {
	bool begun;
	bool owed; /* awake, but a guest that was paused for it has not been told: its bridge is not here */
	uint64_t begun_us;             /* CLOCK_MONOTONIC */
	struct wl_event_source *timer; /* looks whether all is ready, NULL: never needed yet */
};

/*
 * The computer is about to sleep; logind_let_sleep() follows once all is ready. What is
 * paused is noted in the file "asleep" of the run-time directory, one guest a line.
 */
void sleep_begin(struct ph_session *session);
/* It is awake again, or has been all the time. */
void sleep_end(struct ph_session *session);
/* Reads that file: a compositor that died meanwhile has left it. sleep_end() must follow. */
void sleep_recover(struct ph_session *session);
/* Lets guests go on whose bridges have come by now; called by arrange(). */
void sleep_arrange(struct ph_session *session);
/* Safe on zeroed memory. */
void sleep_finish(struct ph_session *session);

#endif
