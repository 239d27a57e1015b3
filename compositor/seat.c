// SPDX-License-Identifier: MIT
#include "seat.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>

#include "commands.h"
#include "event_time.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "home_screen.h"
#include "host_input.h"
#include "listener.h"
#include "lock.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "session.h"

static void run_action(
    struct ph_session *session, const struct ph_key_action *action, uint64_t time_us)
{
	struct ph_seat *seat = &session->seat;
	struct ph_keyboard *source = seat->key_source;
	struct ph_command command = {.number = action->number};

	/* Locked: keys are the locker's, and nobody else's but for those that leave for another login. */
	if (lock_is_locked(session) && action->kind != PH_KEY_OWN && action->kind != PH_KEY_SEND &&
	    action->kind != PH_KEY_VT) {
		return;
	}
	switch (action->kind) {
	case PH_KEY_SEND:
		if (seat->focus) {
			guest_send_key(seat->focus, time_us, action->code, action->pressed);
		}
		break;
	case PH_KEY_SHOW:
		command.kind = PH_COMMAND_SHOW;
		command_run(session, &command);
		break;
	case PH_KEY_HOME:
		command.kind = PH_COMMAND_HOME;
		command_run(session, &command);
		break;
	case PH_KEY_LOGOUT:
		command.kind = PH_COMMAND_LOGOUT;
		command_run(session, &command);
		break;
	case PH_KEY_VT:
		command.kind = PH_COMMAND_VT;
		command_run(session, &command);
		break;
	case PH_KEY_OWN:
		if (!host_input_key(session, source && source->is_virtual ? source->wlr_keyboard : NULL,
			time_us, action->code, action->pressed) &&
		    action->pressed) {
			home_screen_key(session, action->code);
		}
		break;
	}
}

static void feed_key(struct ph_session *session, uint64_t time_us, uint32_t code, bool pressed)
{
	struct ph_key_actions actions;
	bool sent = false;

	keys_key(&session->seat.keys, code, pressed, &actions);
	for (size_t i = 0; i < actions.count; i++) {
		run_action(session, &actions.list[i], time_us);
		sent = sent || actions.list[i].kind == PH_KEY_SEND;
	}
	if (sent && session->seat.focus) {
		guest_send_frame(session->seat.focus);
	}
}

static void handle_key(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, key);
	const struct wlr_keyboard_key_event *event = data;
	bool pressed = event->state == WL_KEYBOARD_KEY_STATE_PRESSED;
	unsigned i = 0;

	while (i < keyboard->down_count && keyboard->down[i] != event->keycode) {
		i++;
	}
	if (pressed == (i < keyboard->down_count)) {
		return; /* a repeat, or a release without its press */
	}
	if (pressed) {
		if (keyboard->down_count == sizeof(keyboard->down) / sizeof(keyboard->down[0])) {
			return;
		}
		keyboard->down[keyboard->down_count++] = event->keycode;
	} else {
		keyboard->down[i] = keyboard->down[--keyboard->down_count];
	}
	keyboard->session->seat.key_source = keyboard;
	feed_key(keyboard->session, seat_event_us(&keyboard->session->seat, event->time_msec),
	    event->keycode, pressed);
	keyboard->session->seat.key_source = NULL;
}

static void handle_modifiers(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, modifiers);
	host_input_modifiers(keyboard->session, keyboard->wlr_keyboard);
}

static void handle_keyboard_destroy(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, destroy);

	/* Unplugged with keys held, or taken away by a VT switch. */
	while (keyboard->down_count > 0) {
		uint32_t code = keyboard->down[--keyboard->down_count];
		feed_key(keyboard->session, session_time_us(), code, false);
	}
	listener_disconnect(&keyboard->key);
	listener_disconnect(&keyboard->modifiers);
	listener_disconnect(&keyboard->destroy);
	wl_list_remove(&keyboard->link);
	free(keyboard);
}

/*
 * No keymap is set: keys go to the guest as codes, and without a keymap wlroots
 * leaves the LEDs to us, who show what the guest wants. Host programs get theirs
 * from a keyboard of host_input.c.
 */
static void add_keyboard(
    struct ph_session *session, struct wlr_keyboard *wlr_keyboard, bool is_virtual)
{
	struct ph_keyboard *keyboard = calloc(1, sizeof(*keyboard));

	if (!keyboard) {
		abort();
	}
	keyboard->session = session;
	keyboard->wlr_keyboard = wlr_keyboard;
	keyboard->is_virtual = is_virtual;
	if (is_virtual) {
		listener_connect(&wlr_keyboard->events.modifiers, &keyboard->modifiers, handle_modifiers);
	}
	listener_connect(&wlr_keyboard->events.key, &keyboard->key, handle_key);
	listener_connect(
	    &wlr_keyboard->base.events.destroy, &keyboard->destroy, handle_keyboard_destroy);
	wl_list_insert(&session->seat.keyboards, &keyboard->link);
	seat_refresh(session);
}

void seat_add_device(struct ph_session *session, struct wlr_input_device *device)
{
	wlr_log(WLR_INFO, "input: %s", device->name ? device->name : "a device without a name");
	switch (device->type) {
	case WLR_INPUT_DEVICE_KEYBOARD:
		add_keyboard(session, wlr_keyboard_from_input_device(device), false);
		break;
	case WLR_INPUT_DEVICE_POINTER:
	case WLR_INPUT_DEVICE_TOUCH:
		wlr_cursor_attach_input_device(session->seat.cursor, device);
		break;
	default:
		break;
	}
}

uint64_t seat_event_us(const struct ph_seat *seat, uint32_t time_msec)
{
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

	add_keyboard(session, &keyboard->keyboard, true);
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
	struct ph_key_actions actions;

	if (seat->focus == guest) {
		return;
	}
	pointer_release_all(session);
	keys_set_focus(&seat->keys, guest != NULL, &actions);
	for (size_t i = 0; i < actions.count; i++) {
		run_action(session, &actions.list[i], session_time_us());
	}
	if (seat->focus) {
		guest_send_frame(seat->focus);
		guest_send_focus_out(seat->focus);
	}
	seat->focus = guest;
	if (guest) {
		struct ph_cell *cell = session->outputs.focus;
		guest_send_focus_in(guest, cell && cell->head ? cell->head->console : 0);
	}
	seat_refresh(session);
}

void seat_refresh(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct ph_keyboard *keyboard;
	uint32_t leds = seat->focus ? seat->focus->leds : session->host_input.leds;

	/* The LED bits of the wire are those of wlroots. */
	wl_list_for_each(keyboard, &seat->keyboards, link) {
		wlr_keyboard_led_update(keyboard->wlr_keyboard, leds);
	}
	pointer_refresh_image(session);
}

bool seat_init(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	wl_list_init(&seat->keyboards);
	keys_init(&seat->keys);
	seat->focus_follows = true;
	seat->wlr_seat = wlr_seat_create(session->display, "seat0");
	seat->cursor = wlr_cursor_create();
	seat->xcursor = wlr_xcursor_manager_create(NULL, 24);
	seat->virtual_keyboards = wlr_virtual_keyboard_manager_v1_create(session->display);
	seat->virtual_pointers = wlr_virtual_pointer_manager_v1_create(session->display);
	if (!seat->wlr_seat || !seat->cursor || !seat->xcursor || !seat->virtual_keyboards ||
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
	return true;
}

void seat_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	listener_disconnect(&seat->new_input);
	listener_disconnect(&seat->new_virtual_keyboard);
	listener_disconnect(&seat->new_virtual_pointer);
	pointer_finish(session);
	if (seat->keyboards.next) {
		struct ph_keyboard *keyboard, *next;
		wl_list_for_each_safe(keyboard, next, &seat->keyboards, link) {
			keyboard->down_count = 0;
			handle_keyboard_destroy(&keyboard->destroy, NULL);
		}
	}
	if (seat->cursor) {
		wlr_cursor_destroy(seat->cursor);
	}
	if (seat->xcursor) {
		wlr_xcursor_manager_destroy(seat->xcursor);
	}
}
