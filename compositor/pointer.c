// SPDX-License-Identifier: MIT
#include "pointer.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdio.h>
#include <wlr/types/wlr_pointer.h>

#include "arrange.h"
#include "capture.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "home_screen.h"
#include "host_input.h"
#include "listener.h"
#include "lock.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "screens.h"
#include "seat.h"
#include "session.h"
#include "touch.h"

/* libinput units of a continuous source that make one wheel detent (15, see libinput's axis docs). */
#define UNITS_PER_DETENT 15.0

bool pointer_captured(struct ph_session *session)
{
	const struct ph_seat *seat = &session->seat;

	return !screens_have_pointer(session) && seat->focus && !seat->pointer_free &&
	       seat->focus->pointer_mode == PHYLLOME_GUEST_V1_POINTER_MODE_RELATIVE;
}

bool pointer_is_dragging(const struct ph_seat *seat)
{
	bool any = seat->button_count > 0;

	for (int slot = 0; slot < PH_TOUCHES_MAX; slot++) {
		any = any || seat->touches[slot].used;
	}
	return any;
}

/* What the pointer does goes to the guest that captures it: the person is told once, and reminded. */
static void note_capture(struct ph_session *session, uint64_t time_us)
{
	struct ph_seat *seat = &session->seat;
	struct ph_guest *guest = seat->focus;
	struct ph_way_out out;
	char text[128];

	if (!seat->capture_noted && capture_is_news(guest->captured_us, time_us)) {
		capture_way_out(&session->config.release, keyboards_grabbed(session), &out);
		snprintf(text, sizeof(text), "The pointer is in %.64s now. To have it back, hold", guest->title);
		notice_show(session, text, out.keys, out.after);
	}
	seat->capture_noted = true;
	guest->captured_us = time_us;
}

struct ph_guest_head *pointer_head_at(
    struct ph_session *session, double lx, double ly, double *px, double *py)
{
	const struct ph_cell *cell = cells_at(session, lx, ly);
	double x, y;

	if (cell && cell->guest != session->seat.focus && pointer_is_dragging(&session->seat)) {
		cell = session->outputs.focus;
	}
	if (!cell || !cell_has_picture(cell) || cell->guest != session->seat.focus) {
		return NULL;
	}
	struct ph_guest_head *head = cell->head;
	cell_to_pixels(cell, lx, ly, &x, &y);
	layout_to_picture(&head->fit, head->picture_width, head->picture_height, x, y, px, py);
	return head;
}

void pointer_focus_at(struct ph_session *session, double lx, double ly)
{
	struct ph_cell *cell = cells_at(session, lx, ly);

	/* While monitors come or go, their numbers are not those that placement knows. */
	if (cell && cell != session->outputs.focus && !session->outputs.pending &&
	    placement_focus(&session->placement, outputs_index(cell->output),
		(size_t)(cell - cell->output->cells))) {
		arrange(session);
		views_follow_focus(session);
	}
}

void pointer_click_home(struct ph_session *session, const struct ph_cell *at, double lx, double ly)
{
	struct ph_cell *cell = cells_at(session, lx, ly);
	double x, y;

	if (cell == at && !cell_has_picture(cell)) {
		cell_to_pixels(cell, lx, ly, &x, &y);
		home_screen_click(session, cell, x, y);
	}
}

static void hover_home(struct ph_session *session, double lx, double ly)
{
	struct ph_cell *cell = cells_at(session, lx, ly);
	double x, y;

	if (cell && !cell_has_picture(cell)) {
		cell_to_pixels(cell, lx, ly, &x, &y);
		home_screen_hover(session, cell, x, y);
	}
}

/* Who is under the pointer gets the input; not while something is dragged, or a menu is open. */
static void follow(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	if (seat->focus_follows && !pointer_is_dragging(seat) &&
	    !wlr_seat_pointer_has_grab(seat->wlr_seat)) {
		pointer_focus_at(session, seat->cursor->x, seat->cursor->y);
	}
}

/* A window in front gets it back as well; the guests under it are not asked. */
static void follow_to_window(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	const struct ph_cell *cell = cells_at(session, seat->cursor->x, seat->cursor->y);
	const struct ph_cell *focus = session->outputs.focus;

	if (!lock_is_locked(session) && cell && (!focus || cell->output != focus->output) &&
	    seat->wlr_seat->pointer_state.button_count == 0 &&
	    views_cover(session, seat->cursor->x, seat->cursor->y)) {
		follow(session);
	}
}

/* Not moved: only if the guest does not know it, as it had not the input when the pointer came there. */
static void tell_position(struct ph_session *session, uint32_t time_msec, bool moved)
{
	struct ph_seat *seat = &session->seat;
	double px, py;
	const struct ph_guest_head *head =
	    pointer_head_at(session, seat->cursor->x, seat->cursor->y, &px, &py);

	if (!head || seat->focus->pointer_mode != PHYLLOME_GUEST_V1_POINTER_MODE_ABSOLUTE ||
	    (!moved && seat->told.known && seat->told.console == head->console &&
		seat->told.px == px && seat->told.py == py)) {
		return;
	}
	seat->told.known = true;
	seat->told.console = head->console;
	seat->told.px = px;
	seat->told.py = py;
	guest_send_motion_absolute(seat->focus, seat_event_us(seat, time_msec), head->console, px, py);
}

static void handle_moved(struct ph_session *session, uint32_t time_msec)
{
	struct ph_seat *seat = &session->seat;

	if (screens_have_pointer(session)) {
		screens_hover(session, seat->cursor->x, seat->cursor->y);
		pointer_refresh_image(session);
		return;
	}
	if (host_input_motion(session, time_msec)) {
		follow_to_window(session);
		return;
	}
	follow(session);
	hover_home(session, seat->cursor->x, seat->cursor->y);
	tell_position(session, time_msec, true);
	pointer_refresh_image(session);
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.motion);
	struct wlr_pointer_motion_event *event = data;
	struct ph_seat *seat = &session->seat;

	if (pointer_captured(session)) {
		note_capture(session, seat_event_us(seat, event->time_msec));
		guest_send_motion_relative(seat->focus, seat_event_us(seat, event->time_msec), event->delta_x,
		    event->delta_y, event->unaccel_dx, event->unaccel_dy);
		return;
	}
	wlr_cursor_move(seat->cursor, &event->pointer->base, event->delta_x, event->delta_y);
	handle_moved(session, event->time_msec);
}

static void handle_motion_absolute(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.motion_absolute);
	struct wlr_pointer_motion_absolute_event *event = data;
	struct ph_seat *seat = &session->seat;
	double lx, ly;

	wlr_cursor_absolute_to_layout_coords(
	    seat->cursor, &event->pointer->base, event->x, event->y, &lx, &ly);
	double dx = lx - seat->cursor->x, dy = ly - seat->cursor->y;
	wlr_cursor_warp_closest(seat->cursor, &event->pointer->base, lx, ly);
	if (pointer_captured(session)) {
		/* A tablet, or the window of a nested session: its steps are the motion. */
		note_capture(session, seat_event_us(seat, event->time_msec));
		guest_send_motion_relative(seat->focus, seat_event_us(seat, event->time_msec), dx, dy, dx, dy);
		return;
	}
	handle_moved(session, event->time_msec);
}

/* Whether the guest is to get it: only what it knows pressed is ever released. */
static bool note_button(struct ph_seat *seat, uint32_t code, bool pressed)
{
	for (unsigned i = 0; i < seat->button_count; i++) {
		if (seat->buttons[i] == code) {
			if (!pressed) {
				seat->buttons[i] = seat->buttons[--seat->button_count];
			}
			return !pressed;
		}
	}
	if (!pressed || seat->button_count == PH_BUTTONS_MAX) {
		return false;
	}
	seat->buttons[seat->button_count++] = code;
	return true;
}

static void handle_button(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.button);
	struct wlr_pointer_button_event *event = data;
	struct ph_seat *seat = &session->seat;
	bool pressed = event->state == WL_POINTER_BUTTON_STATE_PRESSED;
	double lx = seat->cursor->x, ly = seat->cursor->y;

	if (screens_have_pointer(session) && pressed) {
		if (event->button == BTN_LEFT) {
			screens_press(session, lx, ly);
		}
		return;
	}
	/* Where it stood when the guest captured it, a bar may be: that gets nothing, but what it waits for. */
	bool nowhere = pressed && pointer_captured(session);
	if (pressed && !nowhere) {
		host_input_motion(session, event->time_msec); /* a window may have come under it, or gone */
	}
	if (!nowhere && host_input_button(session, event->time_msec, event->button, pressed)) {
		return;
	}
	if (pressed && !nowhere && !pointer_is_dragging(seat)) {
		pointer_focus_at(session, lx, ly);
		tell_position(session, event->time_msec, false);
	}
	struct ph_cell *cell = cells_at(session, lx, ly);
	if (pressed && seat->pointer_free && cell && cell->guest == seat->focus) {
		seat->pointer_free = false; /* a click gives it back */
		pointer_refresh_image(session);
	}
	bool captured = pointer_captured(session);
	if (captured) {
		note_capture(session, seat_event_us(seat, event->time_msec));
	}
	bool over_guest = captured || (cell && cell->head);
	if (!seat->focus || (pressed && !over_guest)) {
		if (cell && pressed && event->button == BTN_LEFT) {
			pointer_click_home(session, cell, lx, ly);
		}
		return;
	}
	if (note_button(seat, event->button, pressed)) {
		keyboards_pointer_used(session, seat_event_us(seat, event->time_msec));
		guest_send_button(seat->focus, seat_event_us(seat, event->time_msec), event->button, pressed);
	}
}

static void handle_axis(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.axis);
	struct wlr_pointer_axis_event *event = data;
	struct ph_seat *seat = &session->seat;
	bool horizontal = event->orientation == WL_POINTER_AXIS_HORIZONTAL_SCROLL;
	double *rest = &seat->axis_rest[horizontal];
	bool screens = screens_have_pointer(session), captured = pointer_captured(session);
	double value;

	if (!screens && !captured && host_input_axis(session, event)) {
		return;
	}
	if (!screens && !captured) {
		follow(session);
		tell_position(session, event->time_msec, false);
	}
	if (event->delta_discrete != 0) {
		value = event->delta_discrete;
	} else if (event->delta != 0) {
		value = event->delta * WLR_POINTER_AXIS_DISCRETE_STEP / UNITS_PER_DETENT;
	} else {
		*rest = 0; /* the fingers left the touchpad */
		return;
	}
	/* A list is scrolled by detents, a guest by parts of them: what a list left is not its. */
	double unit = seat->focus && !screens ? 1 : WLR_POINTER_AXIS_DISCRETE_STEP;
	value += fabs(*rest) < unit ? *rest : 0;
	int32_t whole = (int32_t)trunc(value / unit);
	*rest = value - whole * unit;
	if (screens) {
		screens_scroll(session, whole);
	} else if (!seat->focus) {
		home_screen_scroll(session, horizontal ? 0 : whole);
	} else if (whole != 0) {
		keyboards_pointer_used(session, seat_event_us(seat, event->time_msec));
		guest_send_axis(seat->focus, seat_event_us(seat, event->time_msec), horizontal, whole);
	}
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.frame);

	host_input_frame(session);
	if (session->seat.focus) {
		guest_send_frame(session->seat.focus);
	}
}

void pointer_release_all(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	while (seat->button_count > 0) {
		uint32_t code = seat->buttons[--seat->button_count];
		if (seat->focus) {
			guest_send_button(seat->focus, session_time_us(), code, false);
		}
	}
	touch_cancel(session);
	seat->axis_rest[0] = seat->axis_rest[1] = 0;
}

void pointer_follow_focus(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	const struct ph_cell *cell = session->outputs.focus;

	if (cell && cells_at(session, seat->cursor->x, seat->cursor->y) != cell) {
		wlr_cursor_warp(seat->cursor, NULL, cell->box.x + cell->box.width / 2.0,
		    cell->box.y + cell->box.height / 2.0);
		pointer_refresh_image(session);
	}
}

void pointer_refresh_image(struct ph_session *session)
{
	static const char arrow, hidden; /* addresses that no surface has */
	struct ph_seat *seat = &session->seat;
	struct ph_cell *cell = cells_at(session, seat->cursor->x, seat->cursor->y);
	struct ph_guest_head *head = cell && !screens_have_pointer(session) ? cell->head : NULL;
	const void *want = &arrow;
	int hotspot_x, hotspot_y;

	if (!screens_have_pointer(session) && host_input_has_pointer(session)) {
		return; /* its image is the program's */
	}
	if (pointer_captured(session)) {
		want = &hidden;
	} else if (head && head->guest == seat->focus && head->cursor_set) {
		want = guest_head_find_hotspot(head, &hotspot_x, &hotspot_y) ? (const void *)head->cursor
									     : &hidden;
	}
	if (want == &hidden) {
		if (seat->cursor_shown != want) {
			wlr_cursor_unset_image(seat->cursor);
		}
	} else if (want == &arrow) {
		if (seat->cursor_shown != want) {
			wlr_cursor_set_xcursor(seat->cursor, seat->xcursor, "default");
		}
	} else {
		/* Hotspots change with the same surface, and wlroots skips what is equal. */
		wlr_cursor_set_surface(seat->cursor, head->cursor, hotspot_x, hotspot_y);
	}
	seat->cursor_shown = want;
}

void pointer_init(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct wlr_cursor *cursor = seat->cursor;

	listener_connect(&cursor->events.motion, &seat->motion, handle_motion);
	listener_connect(&cursor->events.motion_absolute, &seat->motion_absolute, handle_motion_absolute);
	listener_connect(&cursor->events.button, &seat->button, handle_button);
	listener_connect(&cursor->events.axis, &seat->axis, handle_axis);
	listener_connect(&cursor->events.frame, &seat->frame, handle_frame);
}

void pointer_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	listener_disconnect(&seat->motion);
	listener_disconnect(&seat->motion_absolute);
	listener_disconnect(&seat->button);
	listener_disconnect(&seat->axis);
	listener_disconnect(&seat->frame);
}
