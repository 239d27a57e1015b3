// SPDX-License-Identifier: MIT
#include "input_device.h"

#include <libinput.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/interfaces/wlr_touch.h>
#include <wlr/util/log.h>

#include "input_settings.h"
#include "input_tablet.h"
#include "session.h"
#include "unplug.h"

static void handle_leds(struct wlr_keyboard *keyboard, uint32_t leds)
{
	struct ph_input_device *device = wl_container_of(keyboard, device, keyboard);

	/* wlroots' bits are those of libinput. */
	libinput_device_led_update(device->handle, (enum libinput_led)leds);
}

static const struct wlr_keyboard_impl keyboard_impl = {
    .name = "phyllome-keyboard",
    .led_update = handle_leds,
};
static const struct wlr_pointer_impl pointer_impl = {.name = "phyllome-pointer"};
static const struct wlr_touch_impl touch_impl = {.name = "phyllome-touch"};

/* The monitor that the device is built into, as udev knows; NULL: none. Owned by the caller. */
static char *copy_output_name(const struct ph_input_device *device)
{
	const char *output = libinput_device_get_output_name(device->handle);
	char *copy = output ? strdup(output) : NULL;

	if (output && !copy) {
		abort();
	}
	return copy;
}

static void add_pointer(struct ph_input_device *device, const char *name)
{
	wlr_pointer_init(&device->pointer, &pointer_impl, name);
	device->pointer.output_name = copy_output_name(device);
	seat_add_device(device->session, &device->pointer.base);
}

static void add_touch(struct ph_input_device *device, const char *name)
{
	wlr_touch_init(&device->touch, &touch_impl, name);
	libinput_device_get_size(device->handle, &device->touch.width_mm, &device->touch.height_mm);
	device->touch.output_name = copy_output_name(device);
	seat_add_device(device->session, &device->touch.base);
}

void input_device_create(struct ph_session *session, struct libinput_device *handle)
{
	struct ph_input_device *device = calloc(1, sizeof(*device));
	const char *name = libinput_device_get_name(handle);

	if (!device) {
		abort();
	}
	device->session = session;
	device->handle = libinput_device_ref(handle);
	libinput_device_set_user_data(handle, device);
	device->driver_link = unplug_find_link(handle);
	wl_list_insert(session->input.devices.prev, &device->link);
	input_settings_apply(&session->config, handle);
	if (libinput_device_has_capability(handle, LIBINPUT_DEVICE_CAP_KEYBOARD)) {
		wlr_keyboard_init(&device->keyboard, &keyboard_impl, name);
		/* The console's LEDs are still lit. */
		handle_leds(&device->keyboard, 0);
		seat_add_device(session, &device->keyboard.base);
	}
	if (libinput_device_has_capability(handle, LIBINPUT_DEVICE_CAP_POINTER) ||
	    libinput_device_has_capability(handle, LIBINPUT_DEVICE_CAP_TABLET_TOOL)) {
		add_pointer(device, name);
	}
	if (libinput_device_has_capability(handle, LIBINPUT_DEVICE_CAP_TOUCH)) {
		add_touch(device, name);
	}
	if (libinput_device_has_capability(handle, LIBINPUT_DEVICE_CAP_SWITCH)) {
		wlr_log(WLR_INFO, "input: %s", name);
	}
}

void input_device_destroy(struct ph_input_device *device)
{
	if (device->session->input.group == device) {
		input_device_end_group(device->session);
	}
	if (device->keyboard.impl) {
		wlr_keyboard_finish(&device->keyboard);
	}
	if (device->pointer.impl) {
		wlr_pointer_finish(&device->pointer);
	}
	if (device->touch.impl) {
		wlr_touch_finish(&device->touch);
	}
	wl_list_remove(&device->link);
	libinput_device_set_user_data(device->handle, NULL);
	libinput_device_unref(device->handle);
	free(device->driver_link);
	free(device);
}

void input_device_end_group(struct ph_session *session)
{
	struct ph_input_device *device = session->input.group;

	session->input.group = NULL;
	if (device) {
		wl_signal_emit_mutable(&device->pointer.events.frame, &device->pointer);
	}
}

/* The low milliseconds that wlroots' events carry; seat_event_us() finds the whole time again. */
static uint32_t to_msec(uint64_t time_us)
{
	return (uint32_t)(time_us / 1000);
}

static void pass_key(
    struct ph_input_device *device, struct libinput_event_keyboard *event, uint64_t time_us)
{
	struct wlr_keyboard_key_event out = {
	    .time_msec = to_msec(time_us),
	    .keycode = libinput_event_keyboard_get_key(event),
	    .update_state = true,
	    .state = libinput_event_keyboard_get_key_state(event) == LIBINPUT_KEY_STATE_PRESSED
			 ? WL_KEYBOARD_KEY_STATE_PRESSED
			 : WL_KEYBOARD_KEY_STATE_RELEASED,
	};

	wlr_keyboard_notify_key(&device->keyboard, &out);
}

static void pass_motion(
    struct wlr_pointer *pointer, struct libinput_event_pointer *event, uint64_t time_us)
{
	struct wlr_pointer_motion_event out = {
	    .pointer = pointer,
	    .time_msec = to_msec(time_us),
	    .delta_x = libinput_event_pointer_get_dx(event),
	    .delta_y = libinput_event_pointer_get_dy(event),
	    .unaccel_dx = libinput_event_pointer_get_dx_unaccelerated(event),
	    .unaccel_dy = libinput_event_pointer_get_dy_unaccelerated(event),
	};

	wl_signal_emit_mutable(&pointer->events.motion, &out);
}

static void pass_motion_absolute(
    struct wlr_pointer *pointer, struct libinput_event_pointer *event, uint64_t time_us)
{
	struct wlr_pointer_motion_absolute_event out = {
	    .pointer = pointer,
	    .time_msec = to_msec(time_us),
	    .x = libinput_event_pointer_get_absolute_x_transformed(event, 1),
	    .y = libinput_event_pointer_get_absolute_y_transformed(event, 1),
	};

	wl_signal_emit_mutable(&pointer->events.motion_absolute, &out);
}

static void pass_button(
    struct wlr_pointer *pointer, struct libinput_event_pointer *event, uint64_t time_us)
{
	struct wlr_pointer_button_event out = {
	    .pointer = pointer,
	    .time_msec = to_msec(time_us),
	    .button = libinput_event_pointer_get_button(event),
	    .state = libinput_event_pointer_get_button_state(event) == LIBINPUT_BUTTON_STATE_PRESSED
			 ? WL_POINTER_BUTTON_STATE_PRESSED
			 : WL_POINTER_BUTTON_STATE_RELEASED,
	};

	wlr_pointer_notify_button(pointer, &out);
}

static void pass_scroll(struct wlr_pointer *pointer, struct libinput_event_pointer *event,
    uint64_t time_us, enum wl_pointer_axis_source source)
{
	for (int horizontal = 0; horizontal <= 1; horizontal++) {
		enum libinput_pointer_axis axis = horizontal
						      ? LIBINPUT_POINTER_AXIS_SCROLL_HORIZONTAL
						      : LIBINPUT_POINTER_AXIS_SCROLL_VERTICAL;
		if (!libinput_event_pointer_has_axis(event, axis)) {
			continue;
		}
		struct wlr_pointer_axis_event out = {
		    .pointer = pointer,
		    .time_msec = to_msec(time_us),
		    .source = source,
		    .orientation = horizontal ? WL_POINTER_AXIS_HORIZONTAL_SCROLL
					      : WL_POINTER_AXIS_VERTICAL_SCROLL,
		    .relative_direction = WL_POINTER_AXIS_RELATIVE_DIRECTION_IDENTICAL,
		    .delta = libinput_event_pointer_get_scroll_value(event, axis),
		};
		if (source == WL_POINTER_AXIS_SOURCE_WHEEL) {
			out.delta_discrete =
			    (int32_t)libinput_event_pointer_get_scroll_value_v120(event, axis);
		}
		wl_signal_emit_mutable(&pointer->events.axis, &out);
	}
}

static void pass_gesture(
    struct wlr_pointer *pointer, struct libinput_event *event, uint64_t time_us)
{
	struct libinput_event_gesture *in = libinput_event_get_gesture_event(event);
	uint32_t fingers = (uint32_t)libinput_event_gesture_get_finger_count(in);
	uint32_t time_msec = to_msec(time_us);

	switch (libinput_event_get_type(event)) {
	case LIBINPUT_EVENT_GESTURE_SWIPE_BEGIN:
		wl_signal_emit_mutable(
		    &pointer->events.swipe_begin, &(struct wlr_pointer_swipe_begin_event){
			.pointer = pointer, .time_msec = time_msec, .fingers = fingers});
		break;
	case LIBINPUT_EVENT_GESTURE_SWIPE_UPDATE:
		/* How far the fingers went, which no pointer speed changes. */
		wl_signal_emit_mutable(
		    &pointer->events.swipe_update, &(struct wlr_pointer_swipe_update_event){
			.pointer = pointer, .time_msec = time_msec, .fingers = fingers,
			.dx = libinput_event_gesture_get_dx_unaccelerated(in),
			.dy = libinput_event_gesture_get_dy_unaccelerated(in)});
		break;
	case LIBINPUT_EVENT_GESTURE_SWIPE_END:
		wl_signal_emit_mutable(&pointer->events.swipe_end, &(struct wlr_pointer_swipe_end_event){
			.pointer = pointer, .time_msec = time_msec,
			.cancelled = libinput_event_gesture_get_cancelled(in)});
		break;
	case LIBINPUT_EVENT_GESTURE_HOLD_BEGIN:
		wl_signal_emit_mutable(&pointer->events.hold_begin, &(struct wlr_pointer_hold_begin_event){
			.pointer = pointer, .time_msec = time_msec, .fingers = fingers});
		break;
	case LIBINPUT_EVENT_GESTURE_HOLD_END:
		wl_signal_emit_mutable(&pointer->events.hold_end, &(struct wlr_pointer_hold_end_event){
			.pointer = pointer, .time_msec = time_msec,
			.cancelled = libinput_event_gesture_get_cancelled(in)});
		break;
	default:
		break;
	}
}

static void pass_pointer(
    struct ph_input_device *device, struct libinput_event *event, uint64_t time_us)
{
	struct libinput_event_pointer *in = libinput_event_get_pointer_event(event);
	struct wlr_pointer *pointer = &device->pointer;

	switch (libinput_event_get_type(event)) {
	case LIBINPUT_EVENT_POINTER_MOTION:
		pass_motion(pointer, in, time_us);
		break;
	case LIBINPUT_EVENT_POINTER_MOTION_ABSOLUTE:
		pass_motion_absolute(pointer, in, time_us);
		break;
	case LIBINPUT_EVENT_POINTER_BUTTON:
		pass_button(pointer, in, time_us);
		break;
	case LIBINPUT_EVENT_POINTER_SCROLL_WHEEL:
		pass_scroll(pointer, in, time_us, WL_POINTER_AXIS_SOURCE_WHEEL);
		break;
	case LIBINPUT_EVENT_POINTER_SCROLL_FINGER:
		pass_scroll(pointer, in, time_us, WL_POINTER_AXIS_SOURCE_FINGER);
		break;
	case LIBINPUT_EVENT_POINTER_SCROLL_CONTINUOUS:
		pass_scroll(pointer, in, time_us, WL_POINTER_AXIS_SOURCE_CONTINUOUS);
		break;
	default:
		return;
	}
	device->session->input.group = device;
	device->session->input.group_us = time_us;
}

static void pass_touch(struct wlr_touch *touch, struct libinput_event *event, uint64_t time_us)
{
	struct libinput_event_touch *in = libinput_event_get_touch_event(event);
	enum libinput_event_type type = libinput_event_get_type(event);
	uint32_t time_msec = to_msec(time_us);

	if (type == LIBINPUT_EVENT_TOUCH_FRAME) {
		wl_signal_emit_mutable(&touch->events.frame, NULL);
		return;
	}
	int32_t id = libinput_event_touch_get_seat_slot(in);
	if (type == LIBINPUT_EVENT_TOUCH_UP) {
		struct wlr_touch_up_event out = {
		    .touch = touch, .time_msec = time_msec, .touch_id = id};
		wl_signal_emit_mutable(&touch->events.up, &out);
	} else if (type == LIBINPUT_EVENT_TOUCH_CANCEL) {
		struct wlr_touch_cancel_event out = {
		    .touch = touch, .time_msec = time_msec, .touch_id = id};
		wl_signal_emit_mutable(&touch->events.cancel, &out);
	} else {
		double x = libinput_event_touch_get_x_transformed(in, 1);
		double y = libinput_event_touch_get_y_transformed(in, 1);
		struct wlr_touch_down_event down = {
		    .touch = touch, .time_msec = time_msec, .touch_id = id, .x = x, .y = y};
		struct wlr_touch_motion_event motion = {
		    .touch = touch, .time_msec = time_msec, .touch_id = id, .x = x, .y = y};
		if (type == LIBINPUT_EVENT_TOUCH_DOWN) {
			wl_signal_emit_mutable(&touch->events.down, &down);
		} else {
			wl_signal_emit_mutable(&touch->events.motion, &motion);
		}
	}
}

/* When the event happened, in µs of CLOCK_MONOTONIC; 0: it is of no kind that we pass on. */
static uint64_t event_us(struct libinput_event *event)
{
	switch (libinput_event_get_type(event)) {
	case LIBINPUT_EVENT_KEYBOARD_KEY:
		return libinput_event_keyboard_get_time_usec(
		    libinput_event_get_keyboard_event(event));
	case LIBINPUT_EVENT_POINTER_MOTION:
	case LIBINPUT_EVENT_POINTER_MOTION_ABSOLUTE:
	case LIBINPUT_EVENT_POINTER_BUTTON:
	case LIBINPUT_EVENT_POINTER_SCROLL_WHEEL:
	case LIBINPUT_EVENT_POINTER_SCROLL_FINGER:
	case LIBINPUT_EVENT_POINTER_SCROLL_CONTINUOUS:
		return libinput_event_pointer_get_time_usec(
		    libinput_event_get_pointer_event(event));
	case LIBINPUT_EVENT_GESTURE_SWIPE_BEGIN:
	case LIBINPUT_EVENT_GESTURE_SWIPE_UPDATE:
	case LIBINPUT_EVENT_GESTURE_SWIPE_END:
	case LIBINPUT_EVENT_GESTURE_HOLD_BEGIN:
	case LIBINPUT_EVENT_GESTURE_HOLD_END:
		return libinput_event_gesture_get_time_usec(
		    libinput_event_get_gesture_event(event));
	case LIBINPUT_EVENT_TABLET_TOOL_AXIS:
	case LIBINPUT_EVENT_TABLET_TOOL_PROXIMITY:
	case LIBINPUT_EVENT_TABLET_TOOL_TIP:
	case LIBINPUT_EVENT_TABLET_TOOL_BUTTON:
		return libinput_event_tablet_tool_get_time_usec(
		    libinput_event_get_tablet_tool_event(event));
	case LIBINPUT_EVENT_TOUCH_DOWN:
	case LIBINPUT_EVENT_TOUCH_UP:
	case LIBINPUT_EVENT_TOUCH_MOTION:
	case LIBINPUT_EVENT_TOUCH_CANCEL:
	case LIBINPUT_EVENT_TOUCH_FRAME:
		return libinput_event_touch_get_time_usec(libinput_event_get_touch_event(event));
	default:
		/* POINTER_AXIS among them, which repeats what the scroll events say. */
		return 0;
	}
}

void input_device_handle(struct ph_input_device *device, struct libinput_event *event)
{
	struct ph_input *input = &device->session->input;
	struct ph_seat *seat = &device->session->seat;
	enum libinput_event_type type = libinput_event_get_type(event);
	uint64_t time_us = event_us(event);

	if (time_us == 0) {
		return;
	}
	/* libinput has no frames for pointers: one moment of one device is one. */
	if (input->group && (input->group != device || input->group_us != time_us)) {
		input_device_end_group(device->session);
	}
	seat->event_us = time_us;
	if (type == LIBINPUT_EVENT_KEYBOARD_KEY) {
		pass_key(device, libinput_event_get_keyboard_event(event), time_us);
	} else if (type >= LIBINPUT_EVENT_TOUCH_DOWN && type <= LIBINPUT_EVENT_TOUCH_FRAME) {
		pass_touch(&device->touch, event, time_us);
	} else if (type >= LIBINPUT_EVENT_GESTURE_SWIPE_BEGIN) {
		pass_gesture(&device->pointer, event, time_us);
	} else if (type >= LIBINPUT_EVENT_TABLET_TOOL_AXIS) {
		if (input_tablet_handle(&device->pointer, event, time_us)) {
			input->group = device;
			input->group_us = time_us;
		}
	} else {
		pass_pointer(device, event, time_us);
	}
	seat->event_us = 0;
}
