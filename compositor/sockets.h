// SPDX-License-Identifier: MIT
#ifndef PH_SOCKETS_H
#define PH_SOCKETS_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;

/*
 * The two doors of the session: the public Wayland socket, and guests.sock in
 * the run-time directory for bridges. Who came in by which is what a client's
 * role follows from.
 */
struct ph_sockets {
	const char *name; /* of the public socket, as for WAYLAND_DISPLAY; owned by the display */
	bool name_written; /* the file wayland-display holds the name */
	char *guests_path;
	int guests_fd;
	int lock_fd;
	struct wl_event_source *guests_source;
	struct wl_event_source *guests_retry; /* timer: set while there is no file left for a connection */
	bool waiting; /* a bridge waits for that, which was said */
};

/* Makes both, opens the public one, and puts the filter over the display's globals. False: logged. */
bool sockets_init(struct ph_session *session);
/* Lets bridges in, who have had to wait since sockets_init(). False: logged. */
bool sockets_open_guests(struct ph_session *session);
/* Closes and removes guests.sock; the public socket goes with the display. */
void sockets_finish(struct ph_session *session);

#endif
