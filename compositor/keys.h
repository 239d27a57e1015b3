// SPDX-License-Identifier: MIT
#ifndef PH_KEYS_H
#define PH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The key grammar: a pure state machine between the keyboards and the focused
 * guest. Events go in, actions come out; it knows no clock and no compositor.
 *
 * The reserved key (Super) is held back until it is known what it was: tapped
 * alone it goes to the guest as a tap, in a chord that is ours the guest gets
 * nothing at all, in any other chord the guest gets it before the next key.
 * A guest never gets a release of a key whose press it did not get.
 *
 * Codes are Linux evdev codes (linux/input-event-codes.h), below PH_KEY_COUNT.
 */

#define PH_KEY_COUNT 0x300

enum ph_key_action_kind {
	PH_KEY_SEND,    /* to the focused guest: code, pressed */
	PH_KEY_SHOW,    /* show guest number (1 to 10) */
	PH_KEY_HOME,    /* show the home screen */
	PH_KEY_LOGOUT,  /* end the session */
	PH_KEY_VT,      /* switch to virtual terminal number (1 to 12) */
	PH_KEY_OWN,     /* a key for our own screen, no guest has the focus: code, pressed */
};

struct ph_key_action {
	enum ph_key_action_kind kind;
	uint32_t code;
	bool pressed;
	unsigned number;
};

struct ph_keys {
	uint8_t down[PH_KEY_COUNT];     /* on how many keyboards it is pressed */
	bool guest_has[PH_KEY_COUNT];   /* pressed in the focused guest */
	bool swallowed[PH_KEY_COUNT];   /* was part of a chord of ours: its release is ours too */
	bool focus;                     /* a guest has the focus */
	uint32_t pending;               /* the reserved key that is held back, 0: none */
};

/* Most actions that one event can cause: each held key released, and one more. */
#define PH_KEY_ACTIONS_MAX (PH_KEY_COUNT + 4)

struct ph_key_actions {
	size_t count;
	struct ph_key_action list[PH_KEY_ACTIONS_MAX];
};

/* Nothing is held, nobody has the focus. */
void keys_init(struct ph_keys *keys);

/* A key of one keyboard went down or up. Codes that are too large are ignored. */
void keys_key(struct ph_keys *keys, uint32_t code, bool pressed, struct ph_key_actions *actions);

/* A pointer button or a wheel was used: the reserved key is part of that chord. */
void keys_pointer_used(struct ph_keys *keys, struct ph_key_actions *actions);

/*
 * The focus goes to a guest (focus true) or to nobody. Everything that the
 * guest until now holds is released in actions, which are to be sent to it.
 */
void keys_set_focus(struct ph_keys *keys, bool focus, struct ph_key_actions *actions);

#endif
