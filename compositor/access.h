// SPDX-License-Identifier: MIT
#ifndef PH_ACCESS_H
#define PH_ACCESS_H

#include <stdbool.h>

/* Who a client is. It follows from the socket that it came in on, from nothing else. */
enum ph_role {
	PH_ROLE_HOST = 1,   /* the session's public socket: host tools */
	PH_ROLE_BRIDGE = 2, /* guests.sock: bridges of guests */
};

/*
 * Whether a client of that role may see a global of that interface. An
 * interface that is in no row of the table is denied to everybody.
 */
bool access_allows(enum ph_role role, const char *interface);

/* Whether the table has a row for the interface: a global without one must not ship. */
bool access_lists(const char *interface);

#endif
