// SPDX-License-Identifier: MIT
#ifndef PH_HOST_INPUT_H
#define PH_HOST_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_keyboard.h>

#include "drag.h"

struct ph_session;
struct wlr_surface;
struct wlr_pointer_axis_event;
struct wlr_touch_point;

/*
 * Keyboard, pointer and touch for programs of the host: the screen locker, a
 * terminal, a bar. They get wl_keyboard, wl_pointer and wl_touch of the seat;
 * guests never do, and get nothing of what goes to a host program.
 *
 * Keys come here after the key grammar and are put together in one keyboard
 * with the host's keymap (XKB_DEFAULT_RULES, _MODEL, _LAYOUT, _VARIANT and
 * _OPTIONS). A virtual keyboard brings its own keymap, which is used instead.
 */

/* Keys that a host program can hold at the same time; more are not passed on. */
#define PH_HOST_KEYS_MAX WLR_KEYBOARD_KEYS_CAP
/* Fingers on host programs; more are not passed on. */
#define PH_HOST_TOUCHES_MAX 10

struct ph_host_input {
	struct wlr_keyboard keyboard; /* all the keyboards of the computer */
	bool keyboard_made;
	uint32_t leds;                /* that the host's keymap wants: enum wlr_keyboard_led */
	uint32_t held[PH_HOST_KEYS_MAX]; /* what the focused program knows pressed */
	unsigned held_count;
	bool has_pointer;             /* the pointer is over a host program */
	double origin_lx, origin_ly;  /* where the surface that has the pointer begins */
	struct {
		bool used;
		int32_t id;
		double origin_lx, origin_ly; /* of the surface that it is on */
	} touches[PH_HOST_TOUCHES_MAX];

	struct ph_drag drag;
	struct wlr_cursor_shape_manager_v1 *shapes;
	struct wl_listener modifiers;
	struct wl_listener request_cursor;
	struct wl_listener request_shape;
	struct wl_listener request_selection;
	struct wl_listener request_primary_selection;
};

/* Gives the seat its keyboard. False: logged. Needs seat_init() before it. */
bool host_input_init(struct ph_session *session);
void host_input_finish(struct ph_session *session);

/* The keymap is another one now. */
void host_input_apply_config(struct ph_session *session);

/* Whether keys are kept from guests: the session is locked, or a host program has the keyboard. */
bool host_input_active(struct ph_session *session);

/*
 * Brings keyboard and pointer focus in line with the surfaces that are shown.
 * Called by arrange(); whoever maps or unmaps a surface calls that.
 */
void host_input_refresh(struct ph_session *session);

/*
 * A key that no guest is to get. source is the virtual keyboard that it comes
 * from, NULL: a keyboard of the computer. False: no host program has the
 * keyboard, the key is our own screen's.
 */
bool host_input_key(struct ph_session *session, struct wlr_keyboard *source, uint64_t time_us,
    uint32_t code, bool pressed);
/* A virtual keyboard tells its modifiers. */
void host_input_modifiers(struct ph_session *session, struct wlr_keyboard *source);

/*
 * The pointer has moved, or did something: true if that was a host program's,
 * or nobody's because the session is locked.
 */
bool host_input_motion(struct ph_session *session, uint32_t time_msec);
bool host_input_button(
    struct ph_session *session, uint32_t time_msec, uint32_t button, bool pressed);
bool host_input_axis(struct ph_session *session, const struct wlr_pointer_axis_event *event);
void host_input_frame(struct ph_session *session);
/* A person is elsewhere now: menus that are open in a program are closed. */
void host_input_close_menus(struct ph_session *session);
/* What the pointer was over is hidden: ends a drag in it, too, and what fingers do. */
void host_input_reset_pointer(struct ph_session *session);
/* Whether the pointer's image is a host program's business. */
bool host_input_has_pointer(struct ph_session *session);

/*
 * The same for fingers; lx, ly: layout. One that came down on a program is that
 * program's until it is lifted.
 */
bool host_input_touch_down(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly);
bool host_input_touch_motion(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly);
bool host_input_touch_up(struct ph_session *session, uint32_t time_msec, int32_t id);
/* Where a finger on a program is, layout; as it was if it is not known. */
void host_input_locate_touch(
    struct ph_session *session, const struct wlr_touch_point *point, double *lx, double *ly);
void host_input_touch_frame(struct ph_session *session);
/* What programs were told of fingers means nothing any more. */
void host_input_touch_cancel(struct ph_session *session);
/* Programs learn whether there is a touch screen. */
void host_input_set_touch(struct ph_session *session, bool there);

#endif
