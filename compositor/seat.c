// SPDX-License-Identifier: MIT
#include "seat.h"

#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_touch.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>

#include "commands.h"
#include "event_time.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "host_input.h"
#include "listener.h"
#include "lock.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "pointer_theme.h"
#include "session.h"
#include "touch.h"

void seat_add_device(struct ph_session *session, struct wlr_input_device *device)
{
	wlr_log(WLR_INFO, "input: %s", device->name ? device->name : "a device without a name");
	switch (device->type) {
	case WLR_INPUT_DEVICE_KEYBOARD:
		keyboards_add(session, wlr_keyboard_from_input_device(device), false);
		break;
	case WLR_INPUT_DEVICE_TOUCH:
		touch_add(session, wlr_touch_from_input_device(device));
		wlr_cursor_attach_input_device(session->seat.cursor, device);
		break;
	case WLR_INPUT_DEVICE_POINTER:
		wlr_cursor_attach_input_device(session->seat.cursor, device);
		break;
	default:
		break;
	}
}

uint64_t seat_event_us(const struct ph_seat *seat, uint32_t time_msec)
{
	/* The usual case needs no look at the clock. */
	if (seat->event_us != 0 && (uint32_t)(seat->event_us / 1000) == time_msec) {
		return seat->event_us;
	}
	return event_time_us(seat->event_us, time_msec, session_time_us());
}

static void handle_new_input(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.new_input);
	seat_add_device(session, data);
}

static void handle_new_virtual_keyboard(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.new_virtual_keyboard);
	struct wlr_virtual_keyboard_v1 *keyboard = data;

	keyboards_add(session, &keyboard->keyboard, true);
}

static void handle_new_virtual_pointer(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, seat.new_virtual_pointer);
	struct wlr_virtual_pointer_v1_new_pointer_event *event = data;
	struct wlr_input_device *device = &event->new_pointer->pointer.base;

	wlr_cursor_attach_input_device(session->seat.cursor, device);
	if (event->suggested_output) {
		wlr_cursor_map_input_to_output(session->seat.cursor, device, event->suggested_output);
	}
}

void seat_set_focus(struct ph_session *session, struct ph_guest *guest)
{
	struct ph_seat *seat = &session->seat;

	if (seat->focus == guest) {
		return;
	}
	pointer_release_all(session);
	keyboards_set_focus(session, guest);
	if (seat->focus) {
		guest_send_frame(seat->focus);
		guest_send_focus_out(seat->focus);
	}
	seat->focus = guest;
	seat->told.known = false;
	seat->pointer_free = seat->capture_noted = false;
	if (guest) {
		struct ph_cell *cell = session->outputs.focus;
		guest_send_focus_in(guest, cell && cell->head ? cell->head->console : 0);
	}
	seat_refresh(session);
}

void seat_refresh(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	keyboards_set_leds(session, seat->focus ? seat->focus->leds : 0, session->host_input.leds);
	pointer_refresh_image(session);
}

void seat_apply_config(struct ph_session *session)
{
	session->seat.focus_follows = session->config.focus == PH_FOCUS_FOLLOW;
	keyboards_apply_config(session);
}

bool seat_init(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	keyboards_init(session);
	seat_apply_config(session);
	seat->wlr_seat = wlr_seat_create(session->display, "seat0");
	seat->cursor = wlr_cursor_create();
	seat->virtual_keyboards = wlr_virtual_keyboard_manager_v1_create(session->display);
	seat->virtual_pointers = wlr_virtual_pointer_manager_v1_create(session->display);
	if (!pointer_theme_init(session) || !seat->wlr_seat || !seat->cursor || !seat->virtual_keyboards ||
	    !seat->virtual_pointers) {
		wlr_log(WLR_ERROR, "start: out of memory for the seat");
		return false;
	}
	wlr_cursor_attach_output_layout(seat->cursor, session->outputs.layout);
	listener_connect(&session->backend->events.new_input, &seat->new_input, handle_new_input);
	listener_connect(&seat->virtual_keyboards->events.new_virtual_keyboard,
	    &seat->new_virtual_keyboard, handle_new_virtual_keyboard);
	listener_connect(&seat->virtual_pointers->events.new_virtual_pointer,
	    &seat->new_virtual_pointer, handle_new_virtual_pointer);
	pointer_init(session);
	touch_init(session);
	gestures_init(session);
	return true;
}

void seat_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	listener_disconnect(&seat->new_input);
	listener_disconnect(&seat->new_virtual_keyboard);
	listener_disconnect(&seat->new_virtual_pointer);
	gestures_finish(session);
	touch_finish(session);
	pointer_finish(session);
	keyboards_finish(session);
	if (seat->cursor) {
		wlr_cursor_destroy(seat->cursor);
	}
	pointer_theme_finish(session);
}
