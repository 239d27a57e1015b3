// SPDX-License-Identifier: MIT
#ifndef PH_KEYBOARD_H
#define PH_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct ph_guest;
struct ph_session;
struct wlr_keyboard;

/* One keyboard; several may be used at once and count as one. */
struct ph_keyboard {
	struct wl_list link; /* ph_seat.keyboards */
	struct ph_session *session;
	struct wlr_keyboard *wlr_keyboard;
	uint32_t down[32]; /* codes that this keyboard holds */
	unsigned down_count;
	bool is_virtual; /* of a program: brings its own keymap for host programs */
	struct wl_listener key;
	struct wl_listener modifiers;
	struct wl_listener destroy;
};

/* Between the keyboards and the key grammar (keys.h), ph_seat.keys. */

/* The list of keyboards and the grammar begin. ph_session.config is read already. */
void keyboards_init(struct ph_session *session);
/* Lets go of all keyboards without telling anybody; safe on zeroed memory. */
void keyboards_finish(struct ph_session *session);

/* Takes in a keyboard until it is destroyed. is_virtual: a program types on it. */
void keyboards_add(
    struct ph_session *session, struct wlr_keyboard *wlr_keyboard, bool is_virtual);

/* The bindings of ph_session.config are other ones now. */
void keyboards_apply_config(struct ph_session *session);

/*
 * The keys go to a guest, or to our own screen (NULL). The one until now, still
 * ph_seat.focus, gets a release for all that it holds.
 */
void keyboards_set_focus(struct ph_session *session, struct ph_guest *guest);

/* What the focused guest and what the host's keymap want lit; see keys_set_leds(). */
void keyboards_set_leds(struct ph_session *session, uint32_t guest, uint32_t own);

/* A pointer button or a wheel was used in the guest. */
void keyboards_pointer_used(struct ph_session *session, uint64_t time_us);

/* The strip is on the screen: let go alone, Super is no tap for the guest any more. */
void keyboards_consume_super(struct ph_session *session);

/* Locked, no key reaches a guest and no chord works but that to another virtual terminal. */
void keyboards_set_locked(struct ph_session *session, bool locked);

/* The focused guest gets every key, until the person lets go of the grab. */
void keyboards_grab(struct ph_session *session);
/* Ends that at once. */
void keyboards_ungrab(struct ph_session *session);
bool keyboards_grabbed(const struct ph_session *session);

/* Presses and releases these keys (evdev codes) in the focused guest. */
void keyboards_send_chord(struct ph_session *session, const uint32_t *codes, size_t count);

#endif
