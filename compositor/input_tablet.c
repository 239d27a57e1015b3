// SPDX-License-Identifier: MIT
#include "input_tablet.h"

#include <libinput.h>
#include <linux/input-event-codes.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/types/wlr_pointer.h>

static void pass_place(
    struct wlr_pointer *pointer, struct libinput_event_tablet_tool *event, uint32_t time_msec)
{
	struct libinput_tablet_tool *tool = libinput_event_tablet_tool_get_tool(event);
	enum libinput_tablet_tool_type type = libinput_tablet_tool_get_type(tool);

	if (type == LIBINPUT_TABLET_TOOL_TYPE_MOUSE || type == LIBINPUT_TABLET_TOOL_TYPE_LENS) {
		struct wlr_pointer_motion_event out = {
		    .pointer = pointer,
		    .time_msec = time_msec,
		    .delta_x = libinput_event_tablet_tool_get_dx(event),
		    .delta_y = libinput_event_tablet_tool_get_dy(event),
		};
		out.unaccel_dx = out.delta_x;
		out.unaccel_dy = out.delta_y;
		wl_signal_emit_mutable(&pointer->events.motion, &out);
		return;
	}
	struct wlr_pointer_motion_absolute_event out = {
	    .pointer = pointer,
	    .time_msec = time_msec,
	    .x = libinput_event_tablet_tool_get_x_transformed(event, 1),
	    .y = libinput_event_tablet_tool_get_y_transformed(event, 1),
	};
	wl_signal_emit_mutable(&pointer->events.motion_absolute, &out);
}

static void pass_button(
    struct wlr_pointer *pointer, uint32_t time_msec, uint32_t button, bool pressed)
{
	struct wlr_pointer_button_event out = {
	    .pointer = pointer,
	    .time_msec = time_msec,
	    .button = button,
	    .state = pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED,
	};

	wlr_pointer_notify_button(pointer, &out);
}

/* What a button of a pen is on a mouse; those of a tablet's own mouse are it already. */
static uint32_t translate(uint32_t button)
{
	switch (button) {
	case BTN_STYLUS:
		return BTN_RIGHT;
	case BTN_STYLUS2:
		return BTN_MIDDLE;
	case BTN_STYLUS3:
		return BTN_SIDE;
	default:
		return button;
	}
}

bool input_tablet_handle(
    struct wlr_pointer *pointer, struct libinput_event *event, uint64_t time_us)
{
	struct libinput_event_tablet_tool *in = libinput_event_get_tablet_tool_event(event);
	uint32_t time_msec = (uint32_t)(time_us / 1000);

	switch (libinput_event_get_type(event)) {
	case LIBINPUT_EVENT_TABLET_TOOL_PROXIMITY:
		if (libinput_event_tablet_tool_get_proximity_state(in) !=
		    LIBINPUT_TABLET_TOOL_PROXIMITY_STATE_IN) {
			return false; /* the tip and the buttons are up already */
		}
		pass_place(pointer, in, time_msec);
		return true;
	case LIBINPUT_EVENT_TABLET_TOOL_AXIS:
		pass_place(pointer, in, time_msec);
		return true;
	case LIBINPUT_EVENT_TABLET_TOOL_TIP:
		pass_place(pointer, in, time_msec);
		pass_button(pointer, time_msec, BTN_LEFT,
		    libinput_event_tablet_tool_get_tip_state(in) == LIBINPUT_TABLET_TOOL_TIP_DOWN);
		return true;
	case LIBINPUT_EVENT_TABLET_TOOL_BUTTON:
		pass_button(pointer, time_msec,
		    translate(libinput_event_tablet_tool_get_button(in)),
		    libinput_event_tablet_tool_get_button_state(in) == LIBINPUT_BUTTON_STATE_PRESSED);
		return true;
	default:
		return false;
	}
}
