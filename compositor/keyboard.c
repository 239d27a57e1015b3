// SPDX-License-Identifier: MIT
#include "keyboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/util/log.h>

#include "capture.h"
#include "commands.h"
#include "guest.h"
#include "guest_protocol.h"
#include "host_input.h"
#include "host_program.h"
#include "idle.h"
#include "keys.h"
#include "listener.h"
#include "lock.h"
#include "pointer.h"
#include "screens.h"
#include "seat.h"
#include "session.h"

static int handle_deadline(void *data);

/* The timer runs while something is held that is to be held for a while. */
static void set_timer(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	uint64_t deadline = keys_deadline(&seat->keys);
	int wait_ms = 0; /* not at all */

	if (deadline == seat->key_deadline) {
		return;
	}
	if (!seat->key_timer) {
		seat->key_timer = wl_event_loop_add_timer(session->loop, handle_deadline, session);
		if (!seat->key_timer) {
			wlr_log(WLR_ERROR, "keys: no timer; a grab ends with the next key");
			return;
		}
	}
	if (deadline) {
		uint64_t now = session_time_us();
		wait_ms = deadline > now ? (int)((deadline - now) / 1000) + 1 : 1;
	}
	seat->key_deadline = deadline;
	wl_event_source_timer_update(seat->key_timer, wait_ms);
}

static void run_action(
    struct ph_session *session, const struct ph_key_action *action, uint64_t time_us)
{
	struct ph_seat *seat = &session->seat;
	struct ph_keyboard *source = seat->key_source;

	switch (action->kind) {
	case PH_KEY_SEND:
		if (seat->focus) {
			guest_send_key(seat->focus, time_us, action->code, action->pressed);
		}
		break;
	case PH_KEY_OWN:
		/* The locker's keys are nobody else's, whatever is still up. */
		if (screens_have_keys(session) && !lock_is_locked(session)) {
			if (action->pressed) {
				screens_key(session, action->code);
			}
		} else if (!host_input_key(session, source && source->is_virtual ? source->wlr_keyboard : NULL,
			time_us, action->code, action->pressed) &&
		    action->pressed) {
			screens_key(session, action->code);
		}
		break;
	case PH_KEY_COMMAND:
		if (action->command->kind == PH_COMMAND_SUSPEND &&
		    keys_group(action->code) == PH_KEYS_SLEEP) {
			logind_sleep_key(session);
		} else if (action->command->kind == PH_COMMAND_RUN && lock_is_locked(session)) {
			/* Of all that can be bound, keys.h lets nothing through then but such keys as for volume. */
			host_program_run(session, (const char *const *)action->command->program);
		} else {
			command_run(session, action->command);
		}
		break;
	case PH_KEY_SUPER:
		seat->super_held = action->pressed;
		strip_super(session, action->pressed);
		if (!action->pressed) {
			command_settle(session);
		}
		break;
	case PH_KEY_RELEASE:
		seat->pointer_free = true;
		pointer_refresh_image(session);
		notice_show(session,
		    action->pressed ? "The session has its keys again."
				    : "The pointer is free. A click on the guest gives it back.",
		    NULL, NULL);
		break;
	}
}

static void run_actions(
    struct ph_session *session, const struct ph_key_actions *actions, uint64_t time_us)
{
	struct ph_guest *guest = session->seat.focus;
	bool sent = false;

	for (size_t i = 0; i < actions->count; i++) {
		sent = sent || actions->list[i].kind == PH_KEY_SEND;
		/* What follows may take a while: the guest need not wait for it. */
		if (sent && actions->list[i].kind != PH_KEY_SEND && guest) {
			guest_send_frame(guest);
			sent = false;
		}
		run_action(session, &actions->list[i], time_us);
	}
	if (sent && guest) {
		guest_send_frame(guest);
	}
	set_timer(session);
}

static int handle_deadline(void *data)
{
	struct ph_session *session = data;
	struct ph_key_actions actions;
	uint64_t now = session_time_us();

	session->seat.key_deadline = 0;
	keys_set_captured(&session->seat.keys, pointer_captured(session));
	keys_tick(&session->seat.keys, now, &actions);
	run_actions(session, &actions, now);
	return 0;
}

/* gone: the key is up because its keyboard is. */
static void feed_key(
    struct ph_session *session, uint64_t time_us, uint32_t code, bool pressed, bool gone)
{
	struct ph_key_actions actions;

	keys_set_captured(&session->seat.keys, pointer_captured(session));
	if (gone) {
		keys_key_gone(&session->seat.keys, time_us, code, &actions);
	} else {
		keys_key(&session->seat.keys, time_us, code, pressed, &actions);
	}
	run_actions(session, &actions, time_us);
}

static void handle_key(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, key);
	struct ph_seat *seat = &keyboard->session->seat;
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
	seat->key_wakes = keyboard->session->idle_policy.dark;
	idle_note_activity(keyboard->session);
	seat->key_source = keyboard;
	feed_key(keyboard->session, seat_event_us(seat, event->time_msec), event->keycode, pressed,
	    !pressed && seat->device_leaves);
	seat->key_source = NULL;
	seat->key_wakes = false;
}

static void handle_modifiers(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, modifiers);
	host_input_modifiers(keyboard->session, keyboard->wlr_keyboard);
}

static void handle_keyboard_destroy(struct wl_listener *listener, void *data)
{
	struct ph_keyboard *keyboard = wl_container_of(listener, keyboard, destroy);

	while (keyboard->down_count > 0) {
		uint32_t code = keyboard->down[--keyboard->down_count];
		feed_key(keyboard->session, session_time_us(), code, false, true);
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
void keyboards_add(
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
	wlr_keyboard_led_update(wlr_keyboard, session->seat.keys.leds);
}

void keyboards_apply_config(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	keys_set_bindings(&seat->keys, session->config.bindings, session->config.binding_count,
	    session->config.release);
	if (seat->focus) {
		keys_set_guest_keys(
		    &seat->keys, config_guest_keys(&session->config, seat->focus->id));
	}
	set_timer(session);
}

void keyboards_set_focus(struct ph_session *session, struct ph_guest *guest)
{
	struct ph_key_actions actions;
	uint32_t guest_keys = guest ? config_guest_keys(&session->config, guest->id) : 0;

	keys_set_focus(&session->seat.keys, guest != NULL, guest_keys, &actions);
	run_actions(session, &actions, session_time_us());
}

void keyboards_set_leds(struct ph_session *session, uint32_t guest, uint32_t own)
{
	struct ph_seat *seat = &session->seat;
	struct ph_keyboard *keyboard;

	if (!keys_set_leds(&seat->keys, guest, own)) {
		return;
	}
	/* The LED bits of the wire are those of wlroots. */
	wl_list_for_each(keyboard, &seat->keyboards, link) {
		wlr_keyboard_led_update(keyboard->wlr_keyboard, seat->keys.leds);
	}
}

void keyboards_pointer_used(struct ph_session *session, uint64_t time_us)
{
	struct ph_key_actions actions;

	keys_pointer_used(&session->seat.keys, &actions);
	run_actions(session, &actions, time_us);
}

void keyboards_consume_super(struct ph_session *session)
{
	keys_consume_super(&session->seat.keys);
}

void keyboards_set_locked(struct ph_session *session, bool locked)
{
	struct ph_key_actions actions;

	keys_set_locked(&session->seat.keys, locked, &actions);
	run_actions(session, &actions, session_time_us());
}

void keyboards_grab(struct ph_session *session)
{
	struct ph_key_actions actions;
	struct ph_way_out out;
	char text[128];

	keys_grab(&session->seat.keys, &actions);
	run_actions(session, &actions, session_time_us());
	if (keyboards_grabbed(session)) {
		capture_way_out(&session->config.release, true, &out);
		snprintf(text, sizeof(text), "%s to %.64s. To have them back, hold",
		    pointer_captured(session) ? "Every key and the pointer go" : "Every key goes",
		    session->seat.focus->title);
		notice_show(session, text, out.keys, out.after);
	}
}

void keyboards_ungrab(struct ph_session *session)
{
	struct ph_key_actions actions;

	keys_ungrab(&session->seat.keys, &actions);
	run_actions(session, &actions, session_time_us());
}

bool keyboards_grabbed(const struct ph_session *session)
{
	return session->seat.keys.grabbed;
}

void keyboards_send_chord(struct ph_session *session, const uint32_t *codes, size_t count)
{
	struct ph_key_actions actions;

	keys_send_chord(&session->seat.keys, codes, count, &actions);
	run_actions(session, &actions, session_time_us());
}

void keyboards_init(struct ph_session *session)
{
	wl_list_init(&session->seat.keyboards);
	keys_init(&session->seat.keys);
	keyboards_apply_config(session);
}

void keyboards_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct ph_keyboard *keyboard, *next;

	if (seat->key_timer) {
		wl_event_source_remove(seat->key_timer);
		seat->key_timer = NULL;
	}
	if (!seat->keyboards.next) {
		return;
	}
	wl_list_for_each_safe (keyboard, next, &seat->keyboards, link) {
		keyboard->down_count = 0;
		handle_keyboard_destroy(&keyboard->destroy, NULL);
	}
}
