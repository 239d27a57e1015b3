// SPDX-License-Identifier: MIT
#include "touch.h"

#include <stdlib.h>
#include <wlr/types/wlr_touch.h>

#include "cell.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "host_input.h"
#include "idle.h"
#include "listener.h"
#include "pointer.h"
#include "screens.h"
#include "seat.h"
#include "session.h"

/* One touch screen. */
struct ph_touch_screen {
	struct wl_list link; /* ph_seat.touch_screens */
	struct ph_session *session;
	struct wl_listener destroy;
};

static int find_slot(const struct ph_seat *seat, int32_t id)
{
	for (int slot = 0; slot < PH_TOUCHES_MAX; slot++) {
		if (seat->touches[slot].used && seat->touches[slot].id == id) {
			return slot;
		}
	}
	return -1;
}

/* A finger that is no gesture came down. */
static void put_down(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly)
{
	struct ph_seat *seat = &session->seat;
	double px, py;

	if (screens_have_pointer(session)) {
		screens_press(session, lx, ly);
		return;
	}
	if (host_input_touch_down(session, time_msec, id, lx, ly)) {
		return;
	}
	if (!pointer_is_dragging(seat)) {
		pointer_focus_at(session, lx, ly);
	}
	struct ph_cell *cell = cells_at(session, lx, ly);
	if (cell && !cell->head) {
		pointer_click_home(session, cell, lx, ly);
		return;
	}
	struct ph_guest_head *head = pointer_head_at(session, lx, ly, &px, &py);
	for (int slot = 0; head && slot < PH_TOUCHES_MAX; slot++) {
		if (!seat->touches[slot].used) {
			seat->touches[slot].used = true;
			seat->touches[slot].id = id;
			guest_send_touch_down(
			    seat->focus, seat_event_us(seat, time_msec), head->console, slot, px, py);
			return;
		}
	}
}

static void move(struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly)
{
	struct ph_seat *seat = &session->seat;
	int slot = find_slot(seat, id);
	double px, py;

	if (!host_input_touch_motion(session, time_msec, id, lx, ly) && slot >= 0 &&
	    pointer_head_at(session, lx, ly, &px, &py)) {
		guest_send_touch_motion(seat->focus, seat_event_us(seat, time_msec), slot, px, py);
	}
}

static void end_frame(struct ph_session *session)
{
	host_input_touch_frame(session);
	if (session->seat.focus) {
		guest_send_frame(session->seat.focus);
	}
}

void touch_give_edge(struct ph_session *session)
{
	const struct ph_edge_touch edge = session->gestures.edge;
	uint32_t now = (uint32_t)(session_time_us() / 1000);

	if (!edge.active) {
		return;
	}
	session->gestures.edge.active = false;
	put_down(session, now, edge.id, edge.x, edge.y);
	end_frame(session);
	if (edge.now_x != edge.x || edge.now_y != edge.y) {
		move(session, now, edge.id, edge.now_x, edge.now_y);
		end_frame(session);
	}
}

static void handle_down(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.touch_down);
	const struct wlr_touch_down_event *event = data;
	struct ph_seat *seat = &session->seat;
	double lx, ly;

	idle_note_activity(session);
	wlr_cursor_absolute_to_layout_coords(
	    seat->cursor, &event->touch->base, event->x, event->y, &lx, &ly);
	/* Two fingers are no swipe over the edge. */
	bool alone = !session->gestures.edge.active && !pointer_is_dragging(seat);
	touch_give_edge(session);
	if (alone && !screens_have_pointer(session) &&
	    gestures_edge_down(session, event->touch_id, lx, ly)) {
		return;
	}
	put_down(session, event->time_msec, event->touch_id, lx, ly);
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.touch_motion);
	const struct wlr_touch_motion_event *event = data;
	const struct ph_edge_touch *edge = &session->gestures.edge;
	double lx, ly;

	wlr_cursor_absolute_to_layout_coords(
	    session->seat.cursor, &event->touch->base, event->x, event->y, &lx, &ly);
	if (!edge->active || edge->id != event->touch_id) {
		move(session, event->time_msec, event->touch_id, lx, ly);
	} else if (gestures_edge_motion(session, lx, ly) == PH_EDGE_GIVE) {
		session->gestures.edge.active = true;
		touch_give_edge(session);
	}
}

static void handle_up(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.touch_up);
	const struct wlr_touch_up_event *event = data;
	struct ph_seat *seat = &session->seat;

	if (session->gestures.edge.active && session->gestures.edge.id == event->touch_id) {
		touch_give_edge(session); /* it was a tap */
	}
	int slot = find_slot(seat, event->touch_id);
	if (host_input_touch_up(session, event->time_msec, event->touch_id)) {
		return;
	}
	if (slot >= 0) {
		seat->touches[slot].used = false;
		guest_send_touch_up(seat->focus, seat_event_us(seat, event->time_msec), slot);
	}
}

void touch_cancel(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	bool any = false;

	session->gestures.edge.active = false;
	for (int slot = 0; slot < PH_TOUCHES_MAX; slot++) {
		any = any || seat->touches[slot].used;
		seat->touches[slot].used = false;
	}
	if (any && seat->focus) {
		guest_send_touch_cancel(seat->focus);
	}
}

static void handle_cancel(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.touch_cancel);

	touch_cancel(session);
	host_input_touch_cancel(session);
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.touch_frame);

	end_frame(session);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_touch_screen *screen = wl_container_of(listener, screen, destroy);
	struct ph_session *session = screen->session;

	listener_disconnect(&screen->destroy);
	wl_list_remove(&screen->link);
	free(screen);
	if (!session->stopping) {
		host_input_set_touch(session, !wl_list_empty(&session->seat.touch_screens));
	}
}

void touch_add(struct ph_session *session, struct wlr_touch *wlr_touch)
{
	struct ph_touch_screen *screen = calloc(1, sizeof(*screen));

	if (!screen) {
		abort();
	}
	screen->session = session;
	listener_connect(&wlr_touch->base.events.destroy, &screen->destroy, handle_destroy);
	wl_list_insert(&session->seat.touch_screens, &screen->link);
	host_input_set_touch(session, true);
}

void touch_init(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct wlr_cursor *cursor = seat->cursor;

	wl_list_init(&seat->touch_screens);
	listener_connect(&cursor->events.touch_down, &seat->touch_down, handle_down);
	listener_connect(&cursor->events.touch_up, &seat->touch_up, handle_up);
	listener_connect(&cursor->events.touch_motion, &seat->touch_motion, handle_motion);
	listener_connect(&cursor->events.touch_cancel, &seat->touch_cancel, handle_cancel);
	listener_connect(&cursor->events.touch_frame, &seat->touch_frame, handle_frame);
}

void touch_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct ph_touch_screen *screen, *next;

	listener_disconnect(&seat->touch_down);
	listener_disconnect(&seat->touch_up);
	listener_disconnect(&seat->touch_motion);
	listener_disconnect(&seat->touch_cancel);
	listener_disconnect(&seat->touch_frame);
	if (!seat->touch_screens.next) {
		return;
	}
	wl_list_for_each_safe(screen, next, &seat->touch_screens, link) {
		handle_destroy(&screen->destroy, NULL);
	}
}
