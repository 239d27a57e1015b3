// SPDX-License-Identifier: MIT
#include "wl_input.h"

#include <string.h>
#include <wayland-client-core.h>

void wl_input_flush(struct ph_wl_input *input)
{
	struct ph_display *display = input->display;
	const struct ph_pending_motion motion = input->motion;

	input->motion.kind = PH_POINTER_NONE;
	if (!display || motion.kind == PH_POINTER_NONE) {
		return;
	}
	if (motion.kind == PH_POINTER_ABSOLUTE) {
		display->impl->motion_absolute(display, motion.console, motion.x, motion.y);
	} else {
		display->impl->motion_relative(display, motion.console, motion.x, motion.y);
	}
}

static void release(struct ph_wl_input *input, const struct ph_held *held)
{
	struct ph_display *display = input->display;

	switch (held->kind) {
	case PH_HELD_NONE:
		break;
	case PH_HELD_KEY:
		display->impl->key(display, held->console, held->code, false);
		break;
	case PH_HELD_BUTTON:
		display->impl->button(display, held->console, held->code, false);
		break;
	case PH_HELD_TOUCH:
		display->impl->touch_up(display, held->console, (int32_t)held->code);
		break;
	}
}

void wl_input_release_all(struct ph_wl_input *input)
{
	struct ph_held held;

	wl_input_flush(input);
	while (input_release_next(&input->state, &held)) {
		if (input->display) {
			release(input, &held);
		}
	}
}

void wl_input_set_display(struct ph_wl_input *input, struct ph_display *display)
{
	struct ph_held held;

	while (input_release_next(&input->state, &held)) {
	}
	input->motion.kind = PH_POINTER_NONE;
	input->display = display;
}

static void handle_action(void *data, struct phyllome_guest_v1 *guest, uint32_t action)
{
	struct ph_wl_input *input = data;
	input->action(input->data, action);
}

static void handle_monitor(
    void *data, struct phyllome_guest_v1 *guest, uint32_t console, const char *name)
{
	struct ph_wl_input *input = data;
	input->monitor(input->data, console, name);
}

static void handle_focus_in(void *data, struct phyllome_guest_v1 *guest, uint32_t console)
{
	struct ph_wl_input *input = data;
	/* from now on it holds nothing, whatever was lost on the way */
	wl_input_release_all(input);
	input_focus_in(&input->state, console);
}

static void handle_focus_out(void *data, struct phyllome_guest_v1 *guest)
{
	struct ph_wl_input *input = data;
	input_focus_out(&input->state);
	wl_input_release_all(input);
}

static void handle_key(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, uint32_t code, uint32_t state)
{
	struct ph_wl_input *input = data;
	const bool pressed = state == PHYLLOME_GUEST_V1_KEY_STATE_PRESSED;
	uint32_t console;

	wl_input_flush(input);
	if (input->display &&
	    input_press(&input->state, PH_HELD_KEY, code, pressed, &console)) {
		input->display->impl->key(input->display, console, code, pressed);
	}
}

static void handle_button(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, uint32_t code, uint32_t state)
{
	struct ph_wl_input *input = data;
	const bool pressed = state == PHYLLOME_GUEST_V1_KEY_STATE_PRESSED;
	uint32_t console;

	wl_input_flush(input);
	if (input->display &&
	    input_press(&input->state, PH_HELD_BUTTON, code, pressed, &console)) {
		input->display->impl->button(input->display, console, code, pressed);
	}
}

static void handle_motion_absolute(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, uint32_t console, wl_fixed_t x, wl_fixed_t y)
{
	struct ph_wl_input *input = data;

	if (!input->display || !input->state.focused) {
		return;
	}
	/* keys follow the pointer from one of the guest's monitors to the other */
	input_focus_in(&input->state, console);
	if (input->motion.kind != PH_POINTER_ABSOLUTE || input->motion.console != console) {
		wl_input_flush(input);
	}
	input->motion = (struct ph_pending_motion){.kind = PH_POINTER_ABSOLUTE,
	    .console = console,
	    .x = wl_fixed_to_double(x),
	    .y = wl_fixed_to_double(y)};
}

static void handle_motion_relative(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, wl_fixed_t dx, wl_fixed_t dy, wl_fixed_t dx_raw, wl_fixed_t dy_raw)
{
	struct ph_wl_input *input = data;
	struct ph_pending_motion *motion = &input->motion;

	if (!input->display || !input->state.focused) {
		return;
	}
	if (motion->kind != PH_POINTER_RELATIVE || motion->console != input->state.focus) {
		wl_input_flush(input);
		*motion = (struct ph_pending_motion){
		    .kind = PH_POINTER_RELATIVE, .console = input->state.focus};
	}
	/* not accelerated: the guest does that by itself */
	motion->x += wl_fixed_to_double(dx_raw);
	motion->y += wl_fixed_to_double(dy_raw);
}

static void handle_axis(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, uint32_t axis, int32_t value120)
{
	struct ph_wl_input *input = data;

	wl_input_flush(input);
	if (input->display && input->state.focused) {
		input->display->impl->axis(input->display, input->state.focus,
		    axis == PHYLLOME_GUEST_V1_AXIS_HORIZONTAL, value120);
	}
}

static void handle_touch_down(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, uint32_t console, int32_t id, wl_fixed_t x, wl_fixed_t y)
{
	struct ph_wl_input *input = data;
	int32_t slot;

	wl_input_flush(input);
	if (input->display && input_touch_down(&input->state, console, id, &slot)) {
		input->display->impl->touch_down(
		    input->display, console, slot, wl_fixed_to_double(x), wl_fixed_to_double(y));
	}
}

static void handle_touch_motion(void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi,
    uint32_t time_lo, int32_t id, wl_fixed_t x, wl_fixed_t y)
{
	struct ph_wl_input *input = data;
	uint32_t console;
	int32_t slot;

	wl_input_flush(input);
	if (input->display && input_touch_find(&input->state, id, &console, &slot)) {
		input->display->impl->touch_motion(
		    input->display, console, slot, wl_fixed_to_double(x), wl_fixed_to_double(y));
	}
}

static void handle_touch_up(
    void *data, struct phyllome_guest_v1 *guest, uint32_t time_hi, uint32_t time_lo, int32_t id)
{
	struct ph_wl_input *input = data;
	uint32_t console;
	int32_t slot;

	wl_input_flush(input);
	if (input->display && input_touch_up(&input->state, id, &console, &slot)) {
		input->display->impl->touch_up(input->display, console, slot);
	}
}

static void handle_touch_cancel(void *data, struct phyllome_guest_v1 *guest)
{
	struct ph_wl_input *input = data;
	uint32_t console;

	wl_input_flush(input);
	while (input->display && input_touch_cancel(&input->state, &console)) {
		input->display->impl->touch_cancel(input->display, console);
	}
}

static void handle_frame(void *data, struct phyllome_guest_v1 *guest)
{
	/* QEMU knows no groups of events; what is not sent yet is by wl_input_flush() */
}

const struct phyllome_guest_v1_listener wl_input_listener = {
    .action = handle_action,
    .focus_in = handle_focus_in,
    .focus_out = handle_focus_out,
    .key = handle_key,
    .button = handle_button,
    .motion_absolute = handle_motion_absolute,
    .motion_relative = handle_motion_relative,
    .axis = handle_axis,
    .touch_down = handle_touch_down,
    .touch_motion = handle_touch_motion,
    .touch_up = handle_touch_up,
    .touch_cancel = handle_touch_cancel,
    .frame = handle_frame,
    .monitor = handle_monitor,
};
