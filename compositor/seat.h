// SPDX-License-Identifier: MIT
#ifndef PH_SEAT_H
#define PH_SEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>

#include "keyboard.h"
#include "keys.h"

struct ph_session;
struct ph_guest;
struct ph_output;

/* Buttons that a guest can hold at the same time; more are not passed on. */
#define PH_BUTTONS_MAX 16
/* Fingers on all touch screens together. */
#define PH_TOUCHES_MAX 10

/* The person's input devices, and which guest gets what they do. */
struct ph_seat {
	struct wlr_seat *wlr_seat; /* for host tools */
	struct wlr_cursor *cursor;
	struct wlr_xcursor_manager *xcursor;
	struct ph_pointer_theme {
		char *name; /* as at the start, NULL: none was said */
		unsigned size;
	} theme;
	struct wl_list keyboards; /* ph_keyboard.link */
	struct wl_list touch_screens; /* of touch.c */
	struct ph_keyboard *key_source; /* whose key is being handled, NULL: none */
	struct ph_keys keys;
	struct wl_event_source *key_timer; /* NULL: never needed yet */
	uint64_t key_deadline; /* what key_timer waits for, 0: nothing */
	bool capture_noted;    /* the focused guest uses the captured pointer, and it was seen to */
	bool pointer_free;     /* a guest wants to capture the pointer, but the person has taken it back */
	bool super_held;       /* Super is held, and not the guest's */
	bool key_wakes;        /* the key being handled switches the screens on again */
	bool device_leaves;    /* the event being handled comes from the device's going */

	struct ph_guest *focus; /* gets the input; NULL: our own screen */
	uint32_t buttons[PH_BUTTONS_MAX]; /* codes that the guest holds */
	unsigned button_count;
	struct {
		bool known;
		uint32_t console;
		double px, py; /* of its picture */
	} told; /* where the focused guest was last told that the pointer is */
	double axis_rest[2]; /* parts of a 120th that were not sent yet */
	struct {
		bool used;
		int32_t id; /* the device's touch id */
	} touches[PH_TOUCHES_MAX]; /* index: the guest's slot */
	uint64_t event_us; /* exact time of the event being handled, 0: nobody knows it */
	bool focus_follows; /* the pointer takes the focus where it goes, without a click */
	bool hold_flush;   /* more input follows at once: the guest is woken up after it */
	const void *cursor_shown; /* what the cursor shows: a wlr_surface, or one of our marks */

	struct wlr_virtual_keyboard_manager_v1 *virtual_keyboards;
	struct wlr_virtual_pointer_manager_v1 *virtual_pointers;

	struct wl_listener new_input;
	struct wl_listener new_virtual_keyboard;
	struct wl_listener new_virtual_pointer;
	struct wl_listener motion;
	struct wl_listener motion_absolute;
	struct wl_listener button;
	struct wl_listener axis;
	struct wl_listener frame;
	struct wl_listener touch_down;
	struct wl_listener touch_up;
	struct wl_listener touch_motion;
	struct wl_listener touch_cancel;
	struct wl_listener touch_frame;
};

/* Takes in the backend's input devices. False: logged. */
bool seat_init(struct ph_session *session);
void seat_finish(struct ph_session *session);

/* Takes in a keyboard, pointer or touch screen until it is destroyed. Others are left alone. */
void seat_add_device(struct ph_session *session, struct wlr_input_device *device);

/* The time of the event being handled, µs of CLOCK_MONOTONIC; see event_time_us(). */
uint64_t seat_event_us(const struct ph_seat *seat, uint32_t time_msec);

/*
 * Gives the input to a guest, or to our own screen (NULL). The guest until now
 * gets a release for all that it holds; the new one holds nothing.
 */
void seat_set_focus(struct ph_session *session, struct ph_guest *guest);

/* ph_session.config is another one now. */
void seat_apply_config(struct ph_session *session);

/* Brings pointer image and keyboard LEDs in line with the guest that has the input. */
void seat_refresh(struct ph_session *session);

#endif
