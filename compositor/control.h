// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_H
#define PH_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct ph_session;
struct sd_event;
struct sd_json_variant;
struct sd_varlink;
struct sd_varlink_server;

/* More connections at the same time are refused. */
#define PH_CONTROL_CONNECTIONS_MAX 128

/*
 * The control socket, $XDG_RUNTIME_DIR/phyllome/control (0600), speaking
 * varlink: org.phyllome.Session, described in control_idl.c. For phyllomectl,
 * bars and scripts; try `varlinkctl introspect`.
 */
struct ph_control {
	struct sd_event *event;
	struct sd_varlink_server *server;
	struct wl_event_source *source;
	struct wl_event_source *soon; /* timer: more is to be read or written */
	/* To be closed at the end: sd-varlink keeps them, and itself by them. */
	struct sd_varlink *connections[PH_CONTROL_CONNECTIONS_MAX];
	size_t connection_count;

	/* control_watch.c: who wants to be told of changes. */
	struct wl_list subscribers;      /* ph_subscriber.link; valid while there is one */
	size_t subscriber_count;
	struct wl_event_source *pending; /* idle, a change is to be told; NULL: none */
	struct sd_json_variant *told;    /* the newest state, owned; NULL: nobody wants it */
	uint64_t version;                /* counts up with each of them */

	/* control_calls.c: callers that wait for session.scfg to be read. */
	struct wl_list reloads; /* ph_reload.link; valid while reload_count > 0 */
	size_t reload_count;
};

/* Opens it. False: logged. */
bool control_init(struct ph_session *session);
/* Closes and removes it; safe on zeroed memory. */
void control_finish(struct ph_session *session);

/* Reads and writes what can be, without waiting; of much a part now, and the rest soon. */
void control_dispatch(struct ph_session *session);
/*
 * The same when the loop has had a turn. For idle sources: what is read may add
 * another one, and the loop turns only when none is left.
 */
void control_dispatch_soon(struct ph_session *session);

/*
 * Something that the control socket tells of may have changed: subscribers hear
 * of it when what happens now is over. Costs nothing without them; safe on zeroed
 * memory, and while the session starts and ends.
 */
void control_notify(struct ph_session *session);

#endif
