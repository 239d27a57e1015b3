// SPDX-License-Identifier: MIT
#include "drag.h"

#include <math.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>

#include "listener.h"
#include "session.h"

/* Only what a person holds at this moment can be dragged away. */
static void handle_request_start(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.drag.request_start);
	const struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_seat *seat = session->seat.wlr_seat;
	struct wlr_touch_point *point;

	if (wlr_seat_validate_pointer_grab_serial(seat, event->origin, event->serial)) {
		wlr_seat_start_pointer_drag(seat, event->drag, event->serial);
	} else if (wlr_seat_validate_touch_grab_serial(seat, event->origin, event->serial, &point)) {
		wlr_seat_start_touch_drag(seat, event->drag, event->serial, point);
	} else {
		wlr_data_source_destroy(event->drag->source);
	}
}

static void handle_icon_destroy(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.drag.icon_destroy);

	listener_disconnect(&session->host_input.drag.icon_destroy);
	session->host_input.drag.icon = NULL; /* the scene's node goes by itself */
}

static void handle_start(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.drag.start);
	struct ph_drag *drag = &session->host_input.drag;
	const struct wlr_drag *started = data;
	const struct wlr_touch_point *point;

	if (!started->icon) {
		return;
	}
	listener_disconnect(&drag->icon_destroy);
	drag->icon = wlr_scene_drag_icon_create(session->tree_overlay, started->icon);
	if (!drag->icon) {
		return;
	}
	listener_connect(&started->icon->events.destroy, &drag->icon_destroy, handle_icon_destroy);
	double lx = session->seat.cursor->x, ly = session->seat.cursor->y;
	if (started->grab_type == WLR_DRAG_GRAB_KEYBOARD_TOUCH &&
	    (point = wlr_seat_touch_get_point(session->seat.wlr_seat, started->touch_id))) {
		host_input_locate_touch(session, point, &lx, &ly);
	}
	drag_move(session, lx, ly);
}

bool drag_by_pointer(struct ph_session *session)
{
	const struct wlr_drag *drag = session->seat.wlr_seat->drag;

	return drag && drag->grab_type == WLR_DRAG_GRAB_KEYBOARD_POINTER;
}

bool drag_by_finger(struct ph_session *session, int32_t id)
{
	const struct wlr_drag *drag = session->seat.wlr_seat->drag;

	return drag && drag->grab_type == WLR_DRAG_GRAB_KEYBOARD_TOUCH && drag->touch_id == id;
}

void drag_move(struct ph_session *session, double lx, double ly)
{
	struct wlr_scene_tree *icon = session->host_input.drag.icon;

	if (icon) {
		wlr_scene_node_set_position(&icon->node, (int)lround(lx), (int)lround(ly));
	}
}

void drag_cancel(struct ph_session *session)
{
	struct wlr_seat *seat = session->seat.wlr_seat;

	if (seat->drag && seat->drag->source) {
		wlr_data_source_destroy(seat->drag->source); /* tells the program, and ends the drag */
	} else if (drag_by_pointer(session)) {
		wlr_seat_pointer_end_grab(seat);
	} else if (seat->drag) {
		wlr_seat_touch_end_grab(seat);
	}
}

void drag_init(struct ph_session *session)
{
	struct ph_drag *drag = &session->host_input.drag;
	struct wlr_seat *seat = session->seat.wlr_seat;

	listener_connect(&seat->events.request_start_drag, &drag->request_start, handle_request_start);
	listener_connect(&seat->events.start_drag, &drag->start, handle_start);
}

void drag_finish(struct ph_session *session)
{
	struct ph_drag *drag = &session->host_input.drag;

	listener_disconnect(&drag->request_start);
	listener_disconnect(&drag->start);
	listener_disconnect(&drag->icon_destroy);
}
