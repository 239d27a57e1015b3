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
	uint64_t begun_us;             /* CLOCK_MONOTONIC */
	struct wl_event_source *timer; /* looks whether all is ready, NULL: never needed yet */
};

/* The computer is about to sleep; logind_let_sleep() follows once all is ready. */
void sleep_begin(struct ph_session *session);
/* It is awake again. */
void sleep_end(struct ph_session *session);
/* Safe on zeroed memory. */
void sleep_finish(struct ph_session *session);

#endif
