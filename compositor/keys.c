// SPDX-License-Identifier: MIT
#include "keys.h"

#include <linux/input-event-codes.h>
#include <string.h>

#define FUNCTION_KEYS 12

static const uint32_t function_keys[FUNCTION_KEYS] = {KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5,
    KEY_F6, KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_F11, KEY_F12};

#define VT(n) {.kind = PH_COMMAND_VT, .number = (n)}
#define SEND_VT(key)                                                                               \
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, (key)}, .chord_count = 3}

/* These two families are no bindings: they work whatever is configured, and in a grab. */
static const struct ph_command vt_commands[FUNCTION_KEYS] = {
    VT(1), VT(2), VT(3), VT(4), VT(5), VT(6), VT(7), VT(8), VT(9), VT(10), VT(11), VT(12)};
static const struct ph_command send_vt_commands[FUNCTION_KEYS] = {SEND_VT(KEY_F1), SEND_VT(KEY_F2),
    SEND_VT(KEY_F3), SEND_VT(KEY_F4), SEND_VT(KEY_F5), SEND_VT(KEY_F6), SEND_VT(KEY_F7),
    SEND_VT(KEY_F8), SEND_VT(KEY_F9), SEND_VT(KEY_F10), SEND_VT(KEY_F11), SEND_VT(KEY_F12)};

static const struct {
	uint32_t code;
	uint32_t group;
} groups[] = {
    {KEY_BRIGHTNESSDOWN, PH_KEYS_BRIGHTNESS}, {KEY_BRIGHTNESSUP, PH_KEYS_BRIGHTNESS},
    {KEY_KBDILLUMTOGGLE, PH_KEYS_BRIGHTNESS}, {KEY_KBDILLUMDOWN, PH_KEYS_BRIGHTNESS},
    {KEY_KBDILLUMUP, PH_KEYS_BRIGHTNESS}, {KEY_MUTE, PH_KEYS_VOLUME},
    {KEY_VOLUMEDOWN, PH_KEYS_VOLUME}, {KEY_VOLUMEUP, PH_KEYS_VOLUME}, {KEY_MICMUTE, PH_KEYS_VOLUME},
    {KEY_PLAYPAUSE, PH_KEYS_MEDIA}, {KEY_NEXTSONG, PH_KEYS_MEDIA},
    {KEY_PREVIOUSSONG, PH_KEYS_MEDIA}, {KEY_STOPCD, PH_KEYS_MEDIA}, {KEY_PLAY, PH_KEYS_MEDIA},
    {KEY_PLAYCD, PH_KEYS_MEDIA}, {KEY_PAUSECD, PH_KEYS_MEDIA}, {KEY_REWIND, PH_KEYS_MEDIA},
    {KEY_FASTFORWARD, PH_KEYS_MEDIA}, {KEY_RECORD, PH_KEYS_MEDIA}, {KEY_SLEEP, PH_KEYS_SLEEP},
    {KEY_SUSPEND, PH_KEYS_SLEEP}, {KEY_POWER, PH_KEYS_SLEEP},
};

uint32_t keys_group(uint32_t code)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (groups[i].code == code) {
			return groups[i].group;
		}
	}
	return 0;
}

void keys_init(struct ph_keys *keys)
{
	memset(keys, 0, sizeof(*keys));
}

void keys_set_bindings(struct ph_keys *keys, const struct ph_binding *bindings, size_t count,
    struct ph_key_release release)
{
	keys->bindings = bindings;
	keys->binding_count = count;
	keys->release = release;
	keys->alone_since = 0;
}

static void emit(
    struct ph_key_actions *actions, enum ph_key_action_kind kind, uint32_t code, bool pressed)
{
	actions->list[actions->count++] =
	    (struct ph_key_action){.kind = kind, .code = code, .pressed = pressed};
}

static bool has_guest(const struct ph_keys *keys)
{
	return keys->focus && !keys->locked;
}

/* A key goes to whoever is to have it. */
static void pass(struct ph_keys *keys, uint32_t code, bool pressed, struct ph_key_actions *actions)
{
	keys->owner[code] = pressed ? PH_OWNER_FOCUS : PH_OWNER_NOBODY;
	emit(actions, has_guest(keys) ? PH_KEY_SEND : PH_KEY_OWN, code, pressed);
}

static bool super_down(const struct ph_keys *keys)
{
	return keys->down[KEY_LEFTMETA] > 0 || keys->down[KEY_RIGHTMETA] > 0;
}

static bool is_super(uint32_t code)
{
	return chord_modifier(code) == PH_MODIFIER_SUPER;
}

/* Which modifiers are down, whoever has them. */
static uint32_t modifiers_down(const struct ph_keys *keys)
{
	static const uint32_t codes[] = {KEY_LEFTMETA, KEY_RIGHTMETA, KEY_LEFTCTRL, KEY_RIGHTCTRL,
	    KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTSHIFT, KEY_RIGHTSHIFT};
	uint32_t modifiers = 0;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (keys->down[codes[i]] > 0) {
			modifiers |= chord_modifier(codes[i]);
		}
	}
	return modifiers;
}

static void hold_back(struct ph_keys *keys, uint32_t code)
{
	keys->owner[code] = PH_OWNER_HELD;
	keys->held[keys->held_count++] = code;
}

static void drop_held(struct ph_keys *keys, uint32_t code)
{
	size_t i = 0;

	while (keys->held[i] != code) {
		i++;
	}
	keys->held_count--;
	memmove(&keys->held[i], &keys->held[i + 1], (keys->held_count - i) * sizeof(keys->held[0]));
	keys->owner[code] = PH_OWNER_NOBODY;
}

/* What was held back is nobody's. */
static void drop_all_held(struct ph_keys *keys)
{
	while (keys->held_count > 0) {
		drop_held(keys, keys->held[0]);
	}
	keys->consumed = false;
}

/* Super turned out to be the guest's: it gets what was held back. */
static void flush_held(struct ph_keys *keys, struct ph_key_actions *actions)
{
	for (size_t i = 0; i < keys->held_count; i++) {
		pass(keys, keys->held[i], true, actions);
	}
	keys->held_count = 0;
	keys->consumed = false;
	keys->super = PH_SUPER_GUEST;
}

/*
 * Whoever has the keys gets a release for all of them, and what is down from here
 * on belongs to the time before: nobody hears of its release.
 */
static void release_all(struct ph_keys *keys, struct ph_key_actions *actions)
{
	for (uint32_t code = 0; code < PH_KEY_COUNT; code++) {
		if (keys->owner[code] == PH_OWNER_FOCUS) {
			pass(keys, code, false, actions);
		}
	}
	drop_all_held(keys);
	keys->super = super_down(keys) ? PH_SUPER_OURS : PH_SUPER_UP;
	keys->chord_since = 0;
	keys->alone_since = 0;
}

/* Every event ends here: tells that Super is over, if it is. */
static void settle(struct ph_keys *keys, struct ph_key_actions *actions)
{
	bool ours = keys->super == PH_SUPER_PENDING || keys->super == PH_SUPER_OURS;

	if (keys->super_told && !ours) {
		keys->super_told = false;
		emit(actions, PH_KEY_SUPER, 0, false);
	}
}

static void tell_super(struct ph_keys *keys, struct ph_key_actions *actions)
{
	if (!keys->super_told) {
		keys->super_told = true;
		emit(actions, PH_KEY_SUPER, 0, true);
	}
}

static void end_grab(struct ph_keys *keys, struct ph_key_actions *actions)
{
	bool grabbed = keys->grabbed;

	release_all(keys, actions);
	keys->grabbed = false;
	keys->captured = false;
	emit(actions, PH_KEY_RELEASE, 0, grabbed);
}

uint64_t keys_deadline(const struct ph_keys *keys)
{
	uint64_t chord = keys->chord_since ? keys->chord_since + PH_KEY_RELEASE_US : UINT64_MAX;
	uint64_t alone = keys->alone_since
			     ? keys->alone_since + (uint64_t)keys->release.hold_ms * 1000
			     : UINT64_MAX;
	uint64_t first = chord < alone ? chord : alone;

	return first == UINT64_MAX ? 0 : first;
}

/* However late the timer is: what was held for long enough before an event counts. */
static void expire(struct ph_keys *keys, uint64_t time_us, struct ph_key_actions *actions)
{
	uint64_t deadline = keys_deadline(keys);

	if (deadline && time_us >= deadline) {
		end_grab(keys, actions);
	}
}

static const struct ph_command *find_function_key(const struct ph_keys *keys, uint32_t code)
{
	uint32_t modifiers = modifiers_down(keys) & ~(uint32_t)PH_MODIFIER_SHIFT;

	for (size_t i = 0; i < FUNCTION_KEYS; i++) {
		if (function_keys[i] != code) {
			continue;
		}
		if (modifiers == (PH_MODIFIER_CTRL | PH_MODIFIER_ALT)) {
			return &vt_commands[i];
		}
		if (modifiers == (PH_MODIFIER_SUPER | PH_MODIFIER_CTRL | PH_MODIFIER_ALT) &&
		    !keys->locked) {
			return &send_vt_commands[i];
		}
	}
	return NULL;
}

/* What the held modifiers and code mean to us, NULL: it is not ours. */
static const struct ph_command *find_command(const struct ph_keys *keys, uint32_t code)
{
	uint32_t modifiers = modifiers_down(keys);
	const struct ph_command *command = find_function_key(keys, code);

	if (command || keys->grabbed || chord_modifier(code)) {
		return command;
	}
	/* Who cannot see or hear turns it up before typing the password. */
	if (keys->locked && (modifiers != 0 || keys_group(code) == 0)) {
		return NULL;
	}
	if (has_guest(keys) && modifiers == 0 && (keys_group(code) & keys->guest_keys)) {
		return NULL;
	}
	for (size_t i = 0; i < keys->binding_count; i++) {
		const struct ph_binding *binding = &keys->bindings[i];
		if (binding->chord.code == code && binding->chord.modifiers == modifiers) {
			return &binding->command;
		}
	}
	return NULL;
}

static void use_chord(struct ph_keys *keys, uint32_t code, const struct ph_command *command,
    struct ph_key_actions *actions)
{
	drop_all_held(keys);
	if (super_down(keys) && !keys->locked && !keys->grabbed) {
		/* The guest may have got it for another chord: it is ours now. */
		for (size_t i = 0; i < 2; i++) {
			uint32_t which = i == 0 ? KEY_LEFTMETA : KEY_RIGHTMETA;
			if (keys->owner[which] == PH_OWNER_FOCUS) {
				pass(keys, which, false, actions);
			}
		}
		keys->super = PH_SUPER_OURS;
		tell_super(keys, actions);
	}
	actions->list[actions->count++] =
	    (struct ph_key_action){.kind = PH_KEY_COMMAND, .code = code, .command = command};
}

/* Notes since when the ways out of a grab are held. code is owned by the guest now. */
static void watch_release(struct ph_keys *keys, uint64_t time_us, uint32_t code)
{
	uint64_t now = time_us ? time_us : 1; /* 0 stands for never */

	if (!has_guest(keys)) {
		return;
	}
	if (keys->grabbed && !keys->chord_since && super_down(keys) && keys->down[KEY_ESC] > 0 &&
	    (is_super(code) || code == KEY_ESC)) {
		keys->chord_since = now;
	}
	if ((keys->grabbed || keys->captured) && code == keys->release.code) {
		for (uint32_t other = 0; other < PH_KEY_COUNT; other++) {
			if (other != code && keys->down[other] > 0) {
				return;
			}
		}
		keys->alone_since = now;
	}
}

static void key_pressed(
    struct ph_keys *keys, uint64_t time_us, uint32_t code, struct ph_key_actions *actions)
{
	const struct ph_command *command = find_command(keys, code);
	bool plain = keys->locked || keys->grabbed;

	if (command) {
		use_chord(keys, code, command, actions);
	} else if (!plain && has_guest(keys) && (keys_group(code) & ~keys->guest_keys)) {
		keys_consume_super(keys); /* the host's, also with modifiers and unbound */
	} else if (!plain && is_super(code) && keys->super == PH_SUPER_UP) {
		keys->super = PH_SUPER_PENDING;
		hold_back(keys, code);
		tell_super(keys, actions);
	} else if (!plain && chord_modifier(code) && keys->super == PH_SUPER_PENDING) {
		hold_back(keys, code);
	} else if (!plain && keys->super == PH_SUPER_OURS && (has_guest(keys) || chord_modifier(code))) {
		return; /* ours, although it means nothing */
	} else {
		if (keys->super == PH_SUPER_PENDING) {
			flush_held(keys, actions);
		}
		pass(keys, code, true, actions);
		watch_release(keys, time_us, code);
	}
}

/* gone: nobody let it go, its keyboard was unplugged. */
static void key_released(
    struct ph_keys *keys, uint32_t code, bool gone, struct ph_key_actions *actions)
{
	if (keys->owner[code] == PH_OWNER_HELD) {
		if (!gone && !keys->consumed) {
			flush_held(keys, actions); /* a tap: pressed now, released below */
		} else {
			drop_held(keys, code);
			if (!super_down(keys)) {
				drop_all_held(keys);
			}
		}
	}
	if (keys->owner[code] == PH_OWNER_FOCUS) {
		pass(keys, code, false, actions);
	}
	if (!super_down(keys)) {
		keys->super = PH_SUPER_UP;
	}
	if (!super_down(keys) || keys->down[KEY_ESC] == 0) {
		keys->chord_since = 0;
	}
}

static void change_key(struct ph_keys *keys, uint64_t time_us, uint32_t code, bool pressed, bool gone,
    struct ph_key_actions *actions)
{
	actions->count = 0;
	if (code >= PH_KEY_COUNT) {
		return;
	}
	expire(keys, time_us, actions);
	if (pressed) {
		if (keys->down[code] < UINT8_MAX && keys->down[code]++ == 0) {
			keys->alone_since = 0;
			key_pressed(keys, time_us, code, actions);
		}
	} else if (keys->down[code] > 0 && --keys->down[code] == 0) {
		keys->alone_since = 0;
		key_released(keys, code, gone, actions);
	}
	settle(keys, actions);
}

void keys_key(struct ph_keys *keys, uint64_t time_us, uint32_t code, bool pressed,
    struct ph_key_actions *actions)
{
	change_key(keys, time_us, code, pressed, false, actions);
}

bool keys_would_tap(const struct ph_keys *keys, uint32_t code)
{
	return code < PH_KEY_COUNT && keys->down[code] == 1 && keys->owner[code] == PH_OWNER_HELD &&
	       !keys->consumed;
}

void keys_key_gone(
    struct ph_keys *keys, uint64_t time_us, uint32_t code, struct ph_key_actions *actions)
{
	change_key(keys, time_us, code, false, true, actions);
}

void keys_pointer_used(struct ph_keys *keys, struct ph_key_actions *actions)
{
	actions->count = 0;
	keys->alone_since = 0;
	if (keys->super == PH_SUPER_PENDING) {
		flush_held(keys, actions);
	}
	settle(keys, actions);
}

void keys_consume_super(struct ph_keys *keys)
{
	keys->consumed = keys->super == PH_SUPER_PENDING;
}

void keys_set_focus(
    struct ph_keys *keys, bool focus, uint32_t guest_keys, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (keys->grabbed) {
		end_grab(keys, actions);
	}
	release_all(keys, actions);
	keys->captured = false;
	keys->focus = focus;
	keys->guest_keys = guest_keys;
	settle(keys, actions);
}

void keys_set_guest_keys(struct ph_keys *keys, uint32_t guest_keys)
{
	keys->guest_keys = guest_keys;
}

void keys_set_locked(struct ph_keys *keys, bool locked, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (keys->grabbed) {
		end_grab(keys, actions);
	}
	release_all(keys, actions);
	keys->captured = false;
	keys->locked = locked;
	if (locked) {
		keys->super = PH_SUPER_UP;
	}
	settle(keys, actions);
}

bool keys_set_leds(struct ph_keys *keys, uint32_t guest, uint32_t own)
{
	uint32_t before = keys->leds;

	keys->leds = has_guest(keys) ? guest : own;
	return keys->leds != before;
}

void keys_grab(struct ph_keys *keys, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (!has_guest(keys) || keys->grabbed) {
		return;
	}
	drop_all_held(keys);
	keys->super = PH_SUPER_UP;
	keys->alone_since = 0;
	keys->grabbed = true;
	settle(keys, actions);
}

void keys_ungrab(struct ph_keys *keys, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (keys->grabbed) {
		end_grab(keys, actions);
	}
	settle(keys, actions);
}

void keys_set_captured(struct ph_keys *keys, bool captured)
{
	keys->captured = captured;
	if (!captured && !keys->grabbed) {
		keys->alone_since = 0;
	}
}

void keys_send_chord(
    struct ph_keys *keys, const uint32_t *codes, size_t count, struct ph_key_actions *actions)
{
	actions->count = 0;
	if (!has_guest(keys) || count > PH_COMMAND_CHORD_MAX) {
		return;
	}
	for (uint32_t code = 0; code < PH_KEY_COUNT; code++) {
		if (keys->owner[code] == PH_OWNER_FOCUS) {
			pass(keys, code, false, actions);
		}
	}
	if (keys->super == PH_SUPER_GUEST) {
		keys->super = PH_SUPER_OURS;
	}
	for (size_t i = 0; i < count; i++) {
		emit(actions, PH_KEY_SEND, codes[i], true);
	}
	for (size_t i = count; i > 0; i--) {
		emit(actions, PH_KEY_SEND, codes[i - 1], false);
	}
	keys->alone_since = 0;
	settle(keys, actions);
}

void keys_tick(struct ph_keys *keys, uint64_t now_us, struct ph_key_actions *actions)
{
	actions->count = 0;
	expire(keys, now_us, actions);
	settle(keys, actions);
}
