// SPDX-License-Identifier: MIT
#ifndef PH_DRAG_H
#define PH_DRAG_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;

/*
 * Drag and drop within and between windows of programs of this computer. A guest
 * takes part in none: while something is dragged over it, it gets no pointer.
 */
struct ph_drag {
	struct wlr_scene_tree *icon; /* what hangs on the pointer or finger; NULL: nothing */
	struct wl_listener request_start;
	struct wl_listener start;
	struct wl_listener icon_destroy;
};

/* Part of host_input_init() and host_input_finish(). */
void drag_init(struct ph_session *session);
void drag_finish(struct ph_session *session);

/* Whether something is dragged, by the pointer (or by that finger). */
bool drag_by_pointer(struct ph_session *session);
bool drag_by_finger(struct ph_session *session, int32_t id);

/* What drags is there now; lx, ly: layout. */
void drag_move(struct ph_session *session, double lx, double ly);

/* Nothing is dropped anywhere; the program is told. */
void drag_cancel(struct ph_session *session);

#endif
