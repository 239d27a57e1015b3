// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_STATE_H
#define PH_GUEST_STATE_H

#include <stdbool.h>

/* The values are those of phyllome_guest_v1.state on the wire, but the last: no bridge tells it. */
enum ph_guest_state {
	PH_GUEST_OFF = 0,
	PH_GUEST_STARTING = 1,
	PH_GUEST_RUNNING = 2,
	PH_GUEST_PAUSED = 3,
	PH_GUEST_LOST = 4,
	PH_GUEST_LOCKED, /* its directory cannot be read, see guest_lock.h */
};

/* Whether value is a state of the wire and may follow from; the same state may always. */
bool guest_state_may_follow(enum ph_guest_state from, unsigned value);

/* One word for a person: "off", "starting", "running", "paused", "lost", "locked". */
const char *guest_state_name(enum ph_guest_state state);

/* Whether there is a machine, as far as is known: not when off, lost or locked. */
bool guest_state_has_machine(enum ph_guest_state state);

/*
 * Why it makes no sense to ask a machine in that state for "start", "powerdown",
 * "reset", "kill", "pause" or "resume", to stand behind its name, as "is off"; NULL:
 * it does.
 */
const char *guest_state_refuses(enum ph_guest_state state, const char *action);

/* Whether it is one of those words. */
bool guest_state_knows(const char *action);

#endif
