// SPDX-License-Identifier: MIT
#ifndef PH_IDLE_POLICY_H
#define PH_IDLE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct ph_session;
struct wl_event_source;

/* What session.scfg wants when nobody uses the session: lock it, switch the screens off. */
struct ph_idle_policy {
	struct wl_event_source *timer; /* NULL: never needed yet */
	uint64_t last_us;              /* of activity */
	bool armed;                    /* timer will fire */
	bool inhibited;                /* a program wants the screen to stay on */
	bool locked, dark;             /* was done, and nobody came since */
};

/* Begins to count. Always true. */
bool idle_policy_init(struct ph_session *session);
/* Safe on zeroed memory. */
void idle_policy_finish(struct ph_session *session);

/* A person did something: screens that were switched off come back. */
void idle_policy_note_activity(struct ph_session *session);

/*
 * Monitors were set anew. While nobody is here, what that has lit is dark again: they may have come
 * and gone by themselves, as some do that are switched off.
 */
void idle_policy_keep_dark(struct ph_session *session);

/* While a program wants the screen to stay on, nobody counts as idle. */
void idle_policy_set_inhibited(struct ph_session *session, bool inhibited);

/* ph_session.config is another one now. */
void idle_policy_apply_config(struct ph_session *session);

#endif
