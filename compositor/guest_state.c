// SPDX-License-Identifier: MIT
#include "guest_state.h"

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
	static const char *const names[] = {"off", "starting", "running", "paused", "lost"};
	return names[state];
}
