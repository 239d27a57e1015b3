// SPDX-License-Identifier: MIT
#include "guest_state.h"

#include "test.h"

TEST(transitions)
{
	/* Rows: off, starting, running, paused, lost; columns likewise. */
	static const bool allowed[5][5] = {
	    {true, true, true, true, true},
	    {true, true, true, true, true},
	    {true, false, true, true, true},
	    {true, false, true, true, true},
	    {true, true, false, false, true},
	};

	for (unsigned from = 0; from < 5; from++) {
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
}
