// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_H
#define PH_CONTROL_H

#include <stdbool.h>

struct ph_session;
struct sd_event;
struct sd_varlink_server;
struct wl_event_source;

/*
 * The control socket, $XDG_RUNTIME_DIR/phyllome/control (0600), speaking
 * varlink: org.phyllome.Session with ListOutputs, ListGuests, ShowGuest,
 * ShowHome and ActOnGuest. For phyllomectl, bars and scripts; try
 * `varlinkctl introspect`.
 */
struct ph_control {
	struct sd_event *event;
	struct sd_varlink_server *server;
	struct wl_event_source *source;
};

/* Opens it. False: logged. */
bool control_init(struct ph_session *session);
/* Closes and removes it; safe on zeroed memory. */
void control_finish(struct ph_session *session);

#endif
