// SPDX-License-Identifier: MIT
#include "guest_state.h"

#include "test.h"

TEST(transitions)
{
	/* Rows: off, starting, running, paused, lost, locked; columns likewise, but no bridge tells locked. */
	static const bool allowed[6][5] = {
	    {true, true, true, true, true},
	    {true, true, true, true, true},
	    {true, false, true, true, true},
	    {true, false, true, true, true},
	    {true, true, false, false, true},
	    {true, true, true, true, true},
	};

	for (unsigned from = 0; from < 6; from++) {
		for (unsigned to = 0; to < 5; to++) {
			check_int(guest_state_may_follow((enum ph_guest_state)from, to), allowed[from][to]);
		}
		check(!guest_state_may_follow((enum ph_guest_state)from, 5));
		check(!guest_state_may_follow((enum ph_guest_state)from, 0xffffffff));
	}
}

TEST(names)
{
	check_str(guest_state_name(PH_GUEST_OFF), "off");
	check_str(guest_state_name(PH_GUEST_LOST), "lost");
	check_str(guest_state_name(PH_GUEST_LOCKED), "locked");
}

TEST(what_a_machine_can_be_asked)
{
	static const char *const actions[] = {"start", "powerdown", "reset", "kill", "pause", "resume"};
	/* Rows: off, starting, running, paused, lost, locked; columns: the actions. */
	static const bool sensible[6][6] = {
	    {true, false, false, false, false, false},
	    {false, true, true, true, false, false},
	    {false, true, true, true, true, false},
	    {false, true, true, true, false, true},
	    {true, false, false, true, false, false},
	    {false, false, false, false, false, false},
	};

	for (unsigned state = 0; state < 6; state++) {
		for (size_t i = 0; i < 6; i++) {
			check(guest_state_knows(actions[i]));
			check_int(!guest_state_refuses((enum ph_guest_state)state, actions[i]), sensible[state][i]);
		}
	}
	check_str(guest_state_refuses(PH_GUEST_RUNNING, "start"), "runs already");
	check_str(guest_state_refuses(PH_GUEST_OFF, "pause"), "is off");
	check_str(guest_state_refuses(PH_GUEST_LOCKED, "start"), "is locked: unlock its directory first");
	check(!guest_state_knows("stop"));
}

TEST(which_have_a_machine)
{
	static const bool has[6] = {false, true, true, true, false, false};

	for (unsigned state = 0; state < 6; state++) {
		check_int(guest_state_has_machine((enum ph_guest_state)state), has[state]);
	}
}
