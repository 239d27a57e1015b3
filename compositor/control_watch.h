// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_WATCH_H
#define PH_CONTROL_WATCH_H

#include <stdbool.h>
#include <systemd/sd-varlink.h>

struct ph_session;

/*
 * Subscribe: the whole state at once and after each change. A subscriber that is
 * slow to read gets the newest state when it can take it, and none of those
 * between, so that at most one waits for it; one that takes nothing for ten
 * seconds is dropped.
 */

/* Binds the method. Returns 0 or a negative errno. */
int control_bind_watch(sd_varlink_server *server);

/* Tells the newest state to those that do not have it and can take it. Returns whether there was one. */
bool control_watch_tell(struct ph_session *session);

/* The connection is gone; it may have been a subscriber's. */
void control_watch_forget(struct ph_session *session, sd_varlink *link);

/* Drops all of them; safe on zeroed memory. */
void control_finish_watch(struct ph_session *session);

#endif
