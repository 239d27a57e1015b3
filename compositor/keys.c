// SPDX-License-Identifier: MIT
#include "keys.h"

#include <linux/input-event-codes.h>
#include <string.h>

void keys_init(struct ph_keys *keys)
{
	memset(keys, 0, sizeof(*keys));
}

static void emit(struct ph_key_actions *actions, enum ph_key_action_kind kind, uint32_t code,
    bool pressed, unsigned number)
{
	actions->list[actions->count++] = (struct ph_key_action){kind, code, pressed, number};
}

/* Sends a key to whoever is to have it: the guest, or our own screen. */
static void pass(struct ph_keys *keys, uint32_t code, bool pressed, struct ph_key_actions *actions)
{
	if (!keys->focus) {
		emit(actions, PH_KEY_OWN, code, pressed, 0);
		return;
	}
	if (keys->guest_has[code] == pressed) {
		return; /* another keyboard holds it too, or the press was never the guest's */
	}
	keys->guest_has[code] = pressed;
	emit(actions, PH_KEY_SEND, code, pressed, 0);
}

static bool is_reserved(uint32_t code)
{
	return code == KEY_LEFTMETA || code == KEY_RIGHTMETA;
}

static bool is_down(const struct ph_keys *keys, uint32_t left, uint32_t right)
{
	return keys->down[left] > 0 || keys->down[right] > 0;
}

/* What the chord of the held modifiers and code means to us; false: it is not ours. */
static bool find_chord(const struct ph_keys *keys, uint32_t code, struct ph_key_action *action)
{
	bool super = is_down(keys, KEY_LEFTMETA, KEY_RIGHTMETA);
	bool ctrl = is_down(keys, KEY_LEFTCTRL, KEY_RIGHTCTRL);
	bool alt = is_down(keys, KEY_LEFTALT, KEY_RIGHTALT);
	bool shift = is_down(keys, KEY_LEFTSHIFT, KEY_RIGHTSHIFT);

	if (ctrl && alt && !super) {
		if (code >= KEY_F1 && code <= KEY_F10) {
			*action = (struct ph_key_action){.kind = PH_KEY_VT, .number = code - KEY_F1 + 1};
			return true;
		}
		if (code == KEY_F11 || code == KEY_F12) {
			*action = (struct ph_key_action){
			    .kind = PH_KEY_VT, .number = code - KEY_F11 + 11};
			return true;
		}
		return false;
	}
	if (!super || ctrl || alt) {
		return false;
	}
	if (code >= KEY_1 && code <= KEY_0 && !shift) {
		*action = (struct ph_key_action){.kind = PH_KEY_SHOW, .number = code - KEY_1 + 1};
		return true;
	}
	if (code == KEY_H && !shift) {
		*action = (struct ph_key_action){.kind = PH_KEY_HOME};
		return true;
	}
	if (code == KEY_E && shift) {
		*action = (struct ph_key_action){.kind = PH_KEY_LOGOUT};
		return true;
	}
	return false;
}

/* The reserved key turned out to be the guest's: give it what was held back. */
static void flush_pending(struct ph_keys *keys, struct ph_key_actions *actions)
{
	if (keys->pending) {
		uint32_t code = keys->pending;
		keys->pending = 0;
		pass(keys, code, true, actions);
	}
}

static void key_pressed(struct ph_keys *keys, uint32_t code, struct ph_key_actions *actions)
{
	struct ph_key_action chord;

	if (find_chord(keys, code, &chord)) {
		/* The reserved key has done its work: its release is nobody's business. */
		if (keys->pending) {
			keys->swallowed[keys->pending] = true;
			keys->pending = 0;
		}
		keys->swallowed[code] = true;
		emit(actions, chord.kind, code, true, chord.number);
		return;
	}
	if (is_reserved(code)) {
		flush_pending(keys, actions);
		keys->pending = code;
		return;
	}
	/* Shift may still become part of a chord of ours, so it alone decides nothing. */
	if (code != KEY_LEFTSHIFT && code != KEY_RIGHTSHIFT) {
		flush_pending(keys, actions);
	}
	pass(keys, code, true, actions);
}

static void key_released(struct ph_keys *keys, uint32_t code, struct ph_key_actions *actions)
{
	if (keys->swallowed[code]) {
		keys->swallowed[code] = false;
		return;
	}
	if (keys->pending == code) {
		flush_pending(keys, actions); /* a tap: press now, release below */
	}
	pass(keys, code, false, actions);
}

void keys_key(struct ph_keys *keys, uint32_t code, bool pressed, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (code >= PH_KEY_COUNT) {
		return;
	}
	if (pressed) {
		if (keys->down[code] == UINT8_MAX) {
			return;
		}
		if (keys->down[code]++ == 0) {
			key_pressed(keys, code, actions);
		}
	} else if (keys->down[code] > 0 && --keys->down[code] == 0) {
		key_released(keys, code, actions);
	}
}

void keys_pointer_used(struct ph_keys *keys, struct ph_key_actions *actions)
{
	actions->count = 0;
	flush_pending(keys, actions);
}

void keys_set_focus(struct ph_keys *keys, bool focus, struct ph_key_actions *actions)
{
	actions->count = 0;
	for (uint32_t code = 0; code < PH_KEY_COUNT; code++) {
		if (keys->guest_has[code]) {
			keys->guest_has[code] = false;
			emit(actions, PH_KEY_SEND, code, false, 0);
		}
		/* What is down now belongs to the time before: nobody gets its release. */
		if (keys->down[code] > 0) {
			keys->swallowed[code] = true;
		}
	}
	keys->pending = 0;
	keys->focus = focus;
}
