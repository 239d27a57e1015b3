// SPDX-License-Identifier: MIT
#include "guest_state.h"

#include <stddef.h>
#include <string.h>

#define BIT(state) (1u << (state))

/* By present state: the states that may follow. See phyllome-guest-v1.xml. */
static const unsigned follows[] = {
    [PH_GUEST_OFF] = BIT(PH_GUEST_STARTING) | BIT(PH_GUEST_RUNNING) | BIT(PH_GUEST_PAUSED) |
                     BIT(PH_GUEST_LOST),
    [PH_GUEST_STARTING] = BIT(PH_GUEST_RUNNING) | BIT(PH_GUEST_PAUSED) | BIT(PH_GUEST_OFF) |
                          BIT(PH_GUEST_LOST),
    [PH_GUEST_RUNNING] = BIT(PH_GUEST_PAUSED) | BIT(PH_GUEST_OFF) | BIT(PH_GUEST_LOST),
    [PH_GUEST_PAUSED] = BIT(PH_GUEST_RUNNING) | BIT(PH_GUEST_OFF) | BIT(PH_GUEST_LOST),
    [PH_GUEST_LOST] = BIT(PH_GUEST_STARTING) | BIT(PH_GUEST_OFF),
    /* Of which its bridge, that may have been there before, does not know. */
    [PH_GUEST_LOCKED] = BIT(PH_GUEST_OFF) | BIT(PH_GUEST_STARTING) | BIT(PH_GUEST_RUNNING) |
                        BIT(PH_GUEST_PAUSED) | BIT(PH_GUEST_LOST),
};

bool guest_state_may_follow(enum ph_guest_state from, unsigned value)
{
	if (value > PH_GUEST_LOST) {
		return false;
	}
	return value == (unsigned)from || (follows[from] & BIT(value)) != 0;
}

const char *guest_state_name(enum ph_guest_state state)
{
	static const char *const names[] = {"off", "starting", "running", "paused", "lost", "locked"};
	return names[state];
}

bool guest_state_has_machine(enum ph_guest_state state)
{
	return state == PH_GUEST_STARTING || state == PH_GUEST_RUNNING || state == PH_GUEST_PAUSED;
}

const char *guest_state_refuses(enum ph_guest_state state, const char *action)
{
	bool pause = strcmp(action, "pause") == 0, resume = strcmp(action, "resume") == 0;

	if (state == PH_GUEST_LOCKED) {
		return "is locked: unlock its directory first";
	}
	if (strcmp(action, "start") == 0) {
		switch (state) {
		case PH_GUEST_STARTING:
			return "is starting already";
		case PH_GUEST_RUNNING:
			return "runs already";
		case PH_GUEST_PAUSED:
			return "is paused: let it go on instead";
		default:
			return NULL;
		}
	}
	if (state == PH_GUEST_OFF) {
		return "is off";
	}
	if (state == PH_GUEST_LOST) {
		/* What is left of it can be ended. */
		return strcmp(action, "kill") == 0 ? NULL : "is lost: start it again first";
	}
	if (state == PH_GUEST_STARTING && (pause || resume)) {
		return "is starting: wait until it runs";
	}
	if (pause && state == PH_GUEST_PAUSED) {
		return "is paused already";
	}
	if (resume && state == PH_GUEST_RUNNING) {
		return "is not paused";
	}
	return NULL;
}

bool guest_state_knows(const char *action)
{
	static const char *const actions[] = {"start", "powerdown", "reset", "kill", "pause", "resume"};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i], action) == 0) {
			return true;
		}
	}
	return false;
}
