// SPDX-License-Identifier: MIT
#ifndef PH_INPUT_DEVICE_H
#define PH_INPUT_DEVICE_H

#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_touch.h>

struct libinput_device;
struct libinput_event;
struct ph_session;

/* One device of libinput, as the seat sees it. A part whose impl is NULL is not there. */
struct ph_input_device {
	struct wl_list link; /* ph_input.devices */
	struct ph_session *session;
	struct libinput_device *handle; /* a reference of ours; its user data is this struct */
	char *driver_link; /* see unplug.h, NULL: it has none */
	struct wlr_keyboard keyboard;
	struct wlr_pointer pointer; /* or a tablet's pen, as one */
	struct wlr_touch touch;
};

/* Sets the device up, puts it on the list and hands its parts to the seat. */
void input_device_create(struct ph_session *session, struct libinput_device *handle);

/* Releases what is held on the device, takes it from the seat and the list, and frees it. */
void input_device_destroy(struct ph_input_device *device);

/*
 * Passes an event of the device on: keys, pointer, touch, swipe and hold on a
 * touchpad, tools of a tablet. All others are dropped.
 */
void input_device_handle(struct ph_input_device *device, struct libinput_event *event);

/* Ends the group of pointer events that happened together, if one is open. */
void input_device_end_group(struct ph_session *session);

#endif
