// SPDX-License-Identifier: MIT
#ifndef PH_BACKEND_H
#define PH_BACKEND_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;

/* What is watched of the seat and its GPUs; ph_session has the backend itself. */
struct ph_hardware {
	bool own_input;              /* the seat's input devices are ours to open: see input.h */
	struct wlr_backend *primary; /* of the GPU that draws; NULL: wlroots chose the backend */
	bool layers;                 /* its outputs can have several planes: see planes.h */

	struct wl_listener add_gpu;
	struct wl_listener primary_destroy;
	struct wl_listener seat_destroy;
	struct wl_listener backend_destroy;
};

/*
 * Fills in session->backend, and session->wlr_session where there is a seat.
 * On the screens of a seat (nothing in the environment names another place to
 * show pictures in) the backend is made of the seat's GPUs alone; otherwise it
 * is what wlroots makes of the environment. It is not started. Waits up to ten
 * seconds for the seat to be ours and for a GPU to appear. False: logged.
 */
bool backend_init(struct ph_session *session);

/* Gives GPUs and seat back; safe on zeroed memory and after any failure. */
void backend_finish(struct ph_session *session);

#endif
