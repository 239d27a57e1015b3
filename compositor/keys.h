// SPDX-License-Identifier: MIT
#ifndef PH_KEYS_H
#define PH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chord.h"
#include "command.h"

/*
 * The key grammar: a pure state machine between the keyboards and the focused
 * guest. Events go in, actions come out; it knows no clock and no compositor.
 *
 * The reserved key (Super) is held back until it is known what it was: tapped
 * alone it goes to the guest as a tap, in a chord that is ours the guest gets
 * nothing at all, in any other chord the guest gets it before the next key.
 * Ctrl, Alt and Shift that are pressed after it are held back with it. Once a
 * chord was ours, every key is ours until Super is let go.
 *
 * A guest never gets a release of a key whose press it did not get, and has every
 * key released before it loses the focus.
 *
 * Codes are Linux evdev codes (linux/input-event-codes.h), below PH_KEY_COUNT.
 * Times are µs of CLOCK_MONOTONIC.
 */

#define PH_KEY_COUNT 0x300

/* How long Super+Escape is held to end a grab. */
#define PH_KEY_RELEASE_US 1000000

/*
 * Keys that are the host's by default and can be given to guests. Those that are
 * the host's never reach a guest, bound or not, but in a grab.
 */
enum ph_key_group {
	PH_KEYS_BRIGHTNESS = 1,
	PH_KEYS_VOLUME = 2, /* and mute, of speaker and microphone */
	PH_KEYS_MEDIA = 4,
	PH_KEYS_SLEEP = 8,
};

/* A chord of ours. */
struct ph_binding {
	struct ph_chord chord;
	struct ph_command command;
};

/* The key that, held alone, ends a grab with one hand. */
struct ph_key_release {
	uint32_t code;    /* 0: none */
	unsigned hold_ms; /* how long */
};

enum ph_key_action_kind {
	PH_KEY_SEND,    /* to whoever has the focus: code, pressed */
	PH_KEY_OWN,     /* for our own screen, as nobody has the focus: code, pressed */
	PH_KEY_COMMAND, /* a chord of ours: command, code; the last action of an event */
	/*
	 * pressed: Super is held, and not (or no more) the guest's. Not pressed: that is
	 * over. Always in pairs; behind all SEND and OWN. The focus must not be changed
	 * while one with pressed is handled.
	 */
	PH_KEY_SUPER,
	/* A grab is over (pressed), or the capture of the pointer; what the guest held was released. */
	PH_KEY_RELEASE,
};

struct ph_key_action {
	enum ph_key_action_kind kind;
	uint32_t code;
	bool pressed;
	const struct ph_command *command; /* borrowed from the bindings, or static */
};

/* Who has the press of a key that is down. */
enum ph_key_owner {
	PH_OWNER_NOBODY, /* it is up, or its press was ours: its release is ours too */
	PH_OWNER_FOCUS,  /* the guest or, without one, our own screen */
	PH_OWNER_HELD,   /* held back */
};

enum ph_super {
	PH_SUPER_UP,      /* not pressed, or pressed in a grab */
	PH_SUPER_PENDING, /* held back */
	PH_SUPER_OURS,    /* was part of a chord of ours, or of another's time */
	PH_SUPER_GUEST,   /* was given to the guest */
};

/* Modifier keys there are: two of each kind. */
#define PH_KEY_HELD_MAX 8

struct ph_keys {
	const struct ph_binding *bindings;
	size_t binding_count;
	struct ph_key_release release;

	uint8_t down[PH_KEY_COUNT];  /* on how many keyboards it is pressed */
	uint8_t owner[PH_KEY_COUNT]; /* enum ph_key_owner */
	uint32_t held[PH_KEY_HELD_MAX]; /* held back, in the order of pressing */
	size_t held_count;
	enum ph_super super;
	bool consumed;   /* PENDING: alone it shall no more be a tap */
	bool super_told; /* PH_KEY_SUPER pressed is out, its end is not */

	uint32_t leds; /* that the keyboards are to show, as given to keys_set_leds() */

	bool focus;          /* a guest has the focus */
	uint32_t guest_keys; /* enum ph_key_group: not ours while it has */
	bool locked;
	bool grabbed;
	bool captured;
	uint64_t chord_since; /* Super+Escape is held in a grab since then, 0: it is not */
	uint64_t alone_since; /* the release key is held alone since then, 0: it is not */
};

/* Most actions that one event can cause: each key released, a chord sent, and a few. */
#define PH_KEY_ACTIONS_MAX (PH_KEY_COUNT + 2 * PH_COMMAND_CHORD_MAX + 16)

struct ph_key_actions {
	size_t count;
	struct ph_key_action list[PH_KEY_ACTIONS_MAX];
};

/* Nothing is held, nobody has the focus, there are no bindings. */
void keys_init(struct ph_keys *keys);

/* The bindings from now on; borrowed, they must stay until the next call. */
void keys_set_bindings(struct ph_keys *keys, const struct ph_binding *bindings, size_t count,
    struct ph_key_release release);

/* A key of one keyboard went down or up. Codes that are too large are ignored. */
void keys_key(struct ph_keys *keys, uint64_t time_us, uint32_t code, bool pressed,
    struct ph_key_actions *actions);

/*
 * Whether that key, let go now, would reach the guest as a tap: it may pay to look first
 * whether a hand did that, or its keyboard is gone.
 */
bool keys_would_tap(const struct ph_keys *keys, uint32_t code);

/* A held key is up because its keyboard is gone: as a release, but it is no tap of Super. */
void keys_key_gone(
    struct ph_keys *keys, uint64_t time_us, uint32_t code, struct ph_key_actions *actions);

/* A pointer button or a wheel was used in the guest: Super is part of that chord. */
void keys_pointer_used(struct ph_keys *keys, struct ph_key_actions *actions);

/* Somebody looked at the strip: let go alone, Super is no tap for the guest any more. */
void keys_consume_super(struct ph_keys *keys);

/*
 * The focus goes to a guest (focus true; guest_keys: the groups of keys that are
 * its own) or to nobody. Everything that is held is released in actions, which are
 * for the one until now. A grab ends.
 */
void keys_set_focus(
    struct ph_keys *keys, bool focus, uint32_t guest_keys, struct ph_key_actions *actions);

/* Which groups of keys are the focused guest's own. */
void keys_set_guest_keys(struct ph_keys *keys, uint32_t guest_keys);

/*
 * Locked, nothing is sent to a guest and no chord is ours but that to another
 * virtual terminal; all other keys are OWN. As with a change of the focus,
 * everything that is held is released, at the beginning and at the end.
 */
void keys_set_locked(struct ph_keys *keys, bool locked, struct ph_key_actions *actions);

/*
 * guest: the LEDs that the focused guest last asked for, anything without one; own:
 * those of the keymap of host programs and of the locker, which are shown without a
 * focused guest and while locked. To be told after each change of either, of the
 * focus and of the lock. True: the keyboards are to show keys->leds from now on.
 * One that is plugged in shows them at once.
 */
bool keys_set_leds(struct ph_keys *keys, uint32_t guest, uint32_t own);

/* The guest gets every key from now on. Without focus or locked: nothing happens. */
void keys_grab(struct ph_keys *keys, struct ph_key_actions *actions);

/* Ends a grab at once. */
void keys_ungrab(struct ph_keys *keys, struct ph_key_actions *actions);

/* The guest holds the pointer: the release key works as in a grab. */
void keys_set_captured(struct ph_keys *keys, bool captured);

/*
 * Presses these keys in the guest and releases them, after everything else that it
 * holds was released. Without focus or locked: nothing happens.
 */
void keys_send_chord(
    struct ph_keys *keys, const uint32_t *codes, size_t count, struct ph_key_actions *actions);

/* When keys_tick() is to be called, 0: there is nothing to wait for. */
uint64_t keys_deadline(const struct ph_keys *keys);

/* Time has passed. */
void keys_tick(struct ph_keys *keys, uint64_t now_us, struct ph_key_actions *actions);

/* The group that a key belongs to, 0: none. */
uint32_t keys_group(uint32_t code);

#endif
