// SPDX-License-Identifier: MIT
#ifndef PH_LOGIN_H
#define PH_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "children.h"

/*
 * What the login's other services learn of the session: systemd's user manager
 * and D-Bus get its environment, and phyllome-session.target brings up and takes
 * down graphical-session.target. Programs of systemd do it, one after the other,
 * while the session goes on. Zeroed to begin with.
 */
struct ph_login {
	bool nested;    /* inside another session, whose environment is not ours to change */
	bool announced; /* there is something to take back */
	bool explained; /* it was said that there is no user manager */
	pid_t pid;      /* the program that runs now, 0: none */
	size_t next;    /* which one is started after it */
	char **env;     /* of the programs: ours and WAYLAND_DISPLAY; NULL: not announced */
};

/*
 * The compositor is ready, and its socket's name stands in the run-time directory
 * (XDG_RUNTIME_DIR/phyllome): tells all, and comes back at once. Without a user
 * manager it says so in one line, once. To be called for each new compositor.
 */
void login_announce(struct ph_login *login);

/* Takes the end of a child. True if it was one of these programs: the next one is started. */
bool login_handle_end(struct ph_login *login, pid_t pid);

/* Log out: stops the target, which waits for its services for a few seconds, and takes the
 * environment back. */
void login_end(struct ph_login *login, struct ph_children *children);

/* Frees; safe on a zeroed struct. */
void login_finish(struct ph_login *login);

#endif
