// SPDX-License-Identifier: MIT
#include "input.h"

#include <errno.h>
#include <libinput.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "guest_protocol.h"
#include "idle.h"
#include "input_device.h"
#include "input_settings.h"
#include "listener.h"
#include "lock.h"
#include "output_settings.h"
#include "session.h"
#include "unplug.h"

/*
 * How long the release of Super alone waits on a keyboard that a program made: nothing
 * else tells whether the program or the person let it go, see unplug.h. Such a keyboard
 * is gone sooner than that after the kernel has released its keys.
 */
#define TAP_WAIT_MS 150

static int open_restricted(const char *path, int flags, void *data)
{
	struct ph_session *session = data;
	struct wlr_device *device = wlr_session_open_file(session->wlr_session, path);

	return device ? device->fd : -EACCES;
}

static void close_restricted(int fd, void *data)
{
	struct ph_session *session = data;
	struct wlr_device *device;

	wl_list_for_each (device, &session->wlr_session->devices, link) {
		if (device->fd == fd) {
			wlr_session_close_file(session->wlr_session, device);
			return;
		}
	}
}

static const struct libinput_interface file_access = {
    .open_restricted = open_restricted,
    .close_restricted = close_restricted,
};

static void handle_log(struct libinput *context, enum libinput_log_priority priority,
    const char *format, va_list arguments)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	wlr_log(
	    priority == LIBINPUT_LOG_PRIORITY_ERROR ? WLR_ERROR : WLR_DEBUG, "libinput: %s", line);
}

/* What the computer does then is logind's decision; ours is whether it is left unlocked. */
static void handle_switch(struct ph_session *session, struct libinput_event *event)
{
	struct libinput_event_switch *in = libinput_event_get_switch_event(event);
	bool closed = libinput_event_switch_get_switch_state(in) == LIBINPUT_SWITCH_STATE_ON;

	if (libinput_event_switch_get_switch(in) != LIBINPUT_SWITCH_LID) {
		return;
	}
	wlr_log(WLR_INFO, "lid: %s", closed ? "closed" : "open");
	if (!closed) {
		idle_note_activity(session);
	}
	bool shut = lid_toggled(&session->outputs.lid, closed);
	arrange_later(session);
	if (shut && session->config.lock.on_lid) {
		lock_demand(session);
	}
}

static void handle_event(struct ph_session *session, struct libinput_event *event)
{
	struct libinput_device *handle = libinput_event_get_device(event);
	struct ph_input_device *device = libinput_device_get_user_data(handle);

	switch (libinput_event_get_type(event)) {
	case LIBINPUT_EVENT_DEVICE_ADDED:
		input_device_create(session, handle);
		input_map_outputs(session);
		if (libinput_device_switch_has_switch(handle, LIBINPUT_SWITCH_LID) > 0) {
			lid_added(&session->outputs.lid);
			arrange_later(session);
		}
		break;
	case LIBINPUT_EVENT_DEVICE_REMOVED:
		if (device) {
			input_device_destroy(device);
		}
		break;
	case LIBINPUT_EVENT_SWITCH_TOGGLE:
		handle_switch(session, event);
		break;
	default:
		if (device) {
			input_device_handle(device, event);
		}
		break;
	}
}

/* libinput has released what is held on the device, and says next that it is removed. */
static bool leaves(struct libinput_event *const *events, size_t count, struct libinput_device *device)
{
	for (size_t i = 0; i < count; i++) {
		if (libinput_event_get_type(events[i]) == LIBINPUT_EVENT_DEVICE_REMOVED &&
		    libinput_event_get_device(events[i]) == device) {
			return true;
		}
	}
	return false;
}

static bool is_release(struct libinput_event *event)
{
	return libinput_event_get_type(event) == LIBINPUT_EVENT_KEYBOARD_KEY &&
	       libinput_event_keyboard_get_key_state(libinput_event_get_keyboard_event(event)) ==
		   LIBINPUT_KEY_STATE_RELEASED;
}

static enum ph_unplug look_for(struct libinput_device *handle)
{
	const struct ph_input_device *device = libinput_device_get_user_data(handle);

	return device ? unplug_look(device) : PH_UNPLUG_YES;
}

static bool nothing_follows(struct libinput_event *const *events, size_t count)
{
	struct libinput_device *device = libinput_event_get_device(events[0]);

	for (size_t i = 0; i < count; i++) {
		if (!is_release(events[i]) || libinput_event_get_device(events[i]) != device) {
			return false;
		}
	}
	return true;
}

static bool would_tap(struct ph_session *session, struct libinput_event *event)
{
	return is_release(event) &&
	       keys_would_tap(&session->seat.keys,
		   libinput_event_keyboard_get_key(libinput_event_get_keyboard_event(event)));
}

/*
 * Handles events from the front of input->events on; final: none of them is held.
 *
 * Super was let go alone, which the guest would get as a tap. Or its keyboard was
 * pulled out, which unplug.h tells; where it cannot tell yet, such a release that
 * nothing follows waits for a moment.
 */
static void handle_events(struct ph_session *session, size_t count, bool final)
{
	struct ph_input *input = &session->input;
	struct libinput_event **events = input->events;
	size_t i = 0;

	input->reading = true;
	session->seat.hold_flush = true;
	for (; i < count; i++) {
		struct libinput_device *device = libinput_event_get_device(events[i]);
		session->seat.device_leaves =
		    libinput_event_get_type(events[i]) == LIBINPUT_EVENT_KEYBOARD_KEY &&
		    leaves(events + i, count - i, device);
		if (!session->seat.device_leaves && would_tap(session, events[i])) {
			enum ph_unplug unplug = look_for(device);
			session->seat.device_leaves = unplug == PH_UNPLUG_YES;
			if (unplug == PH_UNPLUG_UNKNOWN && !final &&
			    nothing_follows(events + i, count - i)) {
				strip_super(session, false); /* it is not held while we wait */
				break;
			}
		}
		handle_event(session, events[i]);
		libinput_event_destroy(events[i]);
	}
	input->held = count - i;
	if (input->held > 0) {
		memmove(events, events + i, input->held * sizeof(*events));
	}
	lid_settled(&session->outputs.lid); /* libinput has said it with the device */
	session->seat.device_leaves = false;
	input_device_end_group(session);
	session->seat.hold_flush = false;
	input->reading = false;
	if (session->seat.focus) {
		guest_flush(session->seat.focus);
	}
}

static void follow_seat(struct ph_session *session);

static int handle_patience(void *data)
{
	struct ph_session *session = data;

	if (session->input.held > 0) {
		handle_events(session, session->input.held, true);
		follow_seat(session);
	}
	return 0;
}

/* Everything that libinput has: the guest is woken up once for it. */
static void read_events(struct ph_session *session)
{
	struct ph_input *input = &session->input;
	struct libinput_event *event;
	size_t count = input->held;

	while ((event = libinput_get_event(input->context))) {
		if (count == input->room) {
			input->room = input->room ? 2 * input->room : 64;
			input->events = reallocarray(
			    input->events, input->room, sizeof(struct libinput_event *));
			if (!input->events) {
				abort();
			}
		}
		input->events[count++] = event;
	}
	if (count == 0) {
		return;
	}
	bool waited = input->held > 0;
	handle_events(session, count, !input->patience);
	if (input->patience && (input->held > 0) != waited) {
		wl_event_source_timer_update(input->patience, waited ? 0 : TAP_WAIT_MS);
	}
}

/*
 * Follows the seat to another virtual terminal and back. libinput then releases
 * what is held, removes every device and finds them all again later.
 */
static void follow_seat(struct ph_session *session)
{
	struct ph_input *input = &session->input;
	struct wlr_session *seat = session->wlr_session;

	while (seat && input->running != seat->active) {
		input->running = seat->active;
		if (!input->running) {
			libinput_suspend(input->context);
		} else if (libinput_resume(input->context) < 0) {
			wlr_log(WLR_ERROR, "input: the devices do not come back; log in anew");
			session_fail(session);
		}
		if (input->running) {
			idle_note_activity(session); /* the keys for it went to another session */
		}
		read_events(session);
	}
}

static void handle_active(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, input.active);

	/* A key may be what switches: its device must not vanish while it is handled. */
	if (!session->input.reading) {
		follow_seat(session);
	}
}

static int handle_readable(int fd, uint32_t mask, void *data)
{
	struct ph_session *session = data;
	int status = libinput_dispatch(session->input.context);

	if (status != 0) {
		wlr_log(WLR_ERROR, "input: cannot be read any more: %s", strerror(-status));
		session_fail(session);
		return 0;
	}
	read_events(session);
	follow_seat(session);
	return 0;
}

static bool open_context(struct ph_session *session)
{
	struct ph_input *input = &session->input;
	struct wlr_session *seat = session->wlr_session;

	wl_list_init(&input->devices);
	input->context = libinput_udev_create_context(&file_access, session, seat->udev);
	if (!input->context) {
		wlr_log(WLR_ERROR, "start: out of memory for libinput");
		return false;
	}
	libinput_log_set_handler(input->context, handle_log);
	libinput_log_set_priority(input->context, LIBINPUT_LOG_PRIORITY_INFO);
	input->running = true;
	input->patience = wl_event_loop_add_timer(session->loop, handle_patience, session);
	if (libinput_udev_assign_seat(input->context, seat->seat) < 0) {
		wlr_log(WLR_ERROR,
		    "start: libinput cannot list the devices of %s; is udev running?", seat->seat);
		return false;
	}
	listener_connect(&seat->events.active, &input->active, handle_active);
	input->source = wl_event_loop_add_fd(session->loop, libinput_get_fd(input->context),
	    WL_EVENT_READABLE, handle_readable, session);
	if (!input->source) {
		wlr_log_errno(WLR_ERROR, "start: cannot watch the input devices");
	}
	return input->source != NULL;
}

bool input_init(struct ph_session *session)
{
	const char *without = getenv("WLR_LIBINPUT_NO_DEVICES");

	if (!session->hardware.own_input) {
		return true;
	}
	if (!open_context(session)) {
		return false;
	}
	read_events(session);
	follow_seat(session);
	if (session->input.running && wl_list_empty(&session->input.devices) &&
	    (!without || strcmp(without, "1") != 0)) {
		wlr_log(WLR_ERROR,
		    "start: %s has no keyboard and no pointer; plug one in, or set "
		    "WLR_LIBINPUT_NO_DEVICES=1 to go without",
		    session->wlr_session->seat);
		return false;
	}
	return true;
}

static struct wlr_output *find_output(struct ph_session *session, const char *name)
{
	struct ph_output *output;

	wl_list_for_each (output, &session->outputs.list, link) {
		if (name && output_settings_match(name, output->wlr_output)) {
			return output->wlr_output;
		}
	}
	return NULL;
}

void input_map_outputs(struct ph_session *session)
{
	struct wlr_cursor *cursor = session->seat.cursor;
	struct ph_input_device *device;

	if (!session->input.context) {
		return;
	}
	wl_list_for_each (device, &session->input.devices, link) {
		const char *name = input_settings_output(&session->config, device->handle);
		/* A mouse without a word about it goes everywhere. */
		if (device->pointer.impl) {
			const char *own = device->pointer.output_name;
			wlr_cursor_map_input_to_output(
			    cursor, &device->pointer.base, find_output(session, name ? name : own));
		}
		if (device->touch.impl) {
			name = name ? name : device->touch.output_name;
			wlr_cursor_map_input_to_output(
			    cursor, &device->touch.base, find_output(session, name));
		}
	}
}

void input_apply_config(struct ph_session *session)
{
	struct ph_input_device *device;

	if (session->input.context) {
		wl_list_for_each (device, &session->input.devices, link) {
			input_settings_apply(&session->config, device->handle);
		}
	}
	input_map_outputs(session);
}

void input_finish(struct ph_session *session)
{
	struct ph_input *input = &session->input;
	struct ph_input_device *device, *next;

	listener_disconnect(&input->active);
	if (input->source) {
		wl_event_source_remove(input->source);
		input->source = NULL;
	}
	if (!input->context) {
		return;
	}
	wl_list_for_each_safe (device, next, &input->devices, link) {
		input_device_destroy(device);
	}
	libinput_unref(input->context);
	input->context = NULL;
	while (input->held > 0) {
		libinput_event_destroy(input->events[--input->held]);
	}
	if (input->patience) {
		wl_event_source_remove(input->patience);
		input->patience = NULL;
	}
	free(input->events);
	input->events = NULL;
	input->room = 0;
}
