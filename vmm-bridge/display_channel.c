// SPDX-License-Identifier: MIT
#include "display_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"
#include "display_internal.h"

#define LOG_MODULE "display"

#define ROOT_PATH "/org/qemu/Display1"
#define VM_PATH "/org/qemu/Display1/VM"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define CONSOLE "org.qemu.Display1.Console"
#define LIST_TIMEOUT_US 20000000u
#define RELIST_DELAY_MAX_US 60000000u

static void list_objects(struct display_channel *channel);

/* Ends the channel from the event loop, where nothing of it is on the stack. */
static void close_channel(struct display_channel *channel, const char *reason);

uint64_t display_now(struct display_channel *channel)
{
	uint64_t now;
	(void)sd_event_now(channel->event, CLOCK_MONOTONIC, &now);
	return now;
}

struct display_listener *display_find_listener(struct ph_display *display, uint32_t console)
{
	struct display_channel *channel = (struct display_channel *)display;
	if (console >= PH_MAX_CONSOLES || channel->closed) {
		return NULL;
	}
	return channel->listeners[console];
}

static int handle_closing(sd_event_source *source, void *data)
{
	struct display_channel *channel = data;
	/* the last thing done here: the owner may destroy the channel */
	channel->base.events->closed(channel->base.data, channel->reason);
	return 0;
}

static void close_channel(struct display_channel *channel, const char *reason)
{
	if (channel->closed) {
		return;
	}
	channel->closed = true;
	channel->reason = reason;
	channel->relist = sd_event_source_disable_unref(channel->relist);
	if (sd_event_add_defer(channel->event, &channel->closing, handle_closing, channel) < 0) {
		abort();
	}
}

static int handle_relist(sd_event_source *source, uint64_t usec, void *data)
{
	struct display_channel *channel = data;
	channel->relist = sd_event_source_disable_unref(channel->relist);
	list_objects(channel);
	return 0;
}

void display_channel_relist_later(struct display_channel *channel)
{
	if (channel->closed || channel->relist) {
		return;
	}
	(void)sd_event_add_time_relative(channel->event, &channel->relist, CLOCK_MONOTONIC,
	    channel->relist_delay, 1000, handle_relist, channel);
	channel->relist_delay *= 2;
	if (channel->relist_delay > RELIST_DELAY_MAX_US) {
		channel->relist_delay = RELIST_DELAY_MAX_US;
	}
}

/*
 * Tells what is new: consoles, and how input is wanted. The guest has one
 * pointer and one keyboard on the wire: those of its first console.
 */
static void tell(struct display_channel *channel)
{
	const struct ph_display_events *events = channel->base.events;
	enum ph_pointer_mode mode = PH_POINTER_NONE;
	uint32_t leds = 0;

	for (uint32_t i = 0; i < PH_MAX_CONSOLES; i++) {
		if (channel->listeners[i] && !channel->listeners[i]->added) {
			channel->listeners[i]->added = true;
			events->console_added(channel->base.data, i);
		}
	}
	for (int i = PH_MAX_CONSOLES - 1; i >= 0; i--) {
		if (channel->listeners[i]) {
			mode = channel->listeners[i]->absolute ? PH_POINTER_ABSOLUTE
							       : PH_POINTER_RELATIVE;
			leds = channel->listeners[i]->leds;
		}
	}
	if (mode != channel->mode) {
		channel->mode = mode;
		events->pointer_mode(channel->base.data, mode);
	}
	if (mode != PH_POINTER_NONE && (leds != channel->leds || !channel->told_leds)) {
		channel->leds = leds;
		channel->told_leds = true;
		events->leds(channel->base.data, leds);
	}
}

/* Reads a{sv}; what is of use goes into *absolute and *leds. */
static int read_properties(
    sd_bus_message *m, const char *interface, bool *absolute, uint32_t *leds)
{
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");
	if (r < 0) {
		return r;
	}
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		const char *name, *type;
		char kind;
		int flag;
		uint32_t modifiers;
		if ((r = sd_bus_message_read(m, "s", &name)) < 0 ||
		    (r = sd_bus_message_peek_type(m, &kind, &type)) < 0) {
			return r;
		}
		if (strcmp(interface, "org.qemu.Display1.Mouse") == 0 &&
		    strcmp(name, "IsAbsolute") == 0 && strcmp(type, "b") == 0) {
			r = sd_bus_message_read(m, "v", "b", &flag);
			*absolute = r >= 0 ? flag != 0 : *absolute;
		} else if (strcmp(interface, "org.qemu.Display1.Keyboard") == 0 &&
			   strcmp(name, "Modifiers") == 0 && strcmp(type, "u") == 0) {
			r = sd_bus_message_read(m, "v", "u", &modifiers);
			*leds = r >= 0 ? display_codec_leds(modifiers) : *leds;
		} else {
			r = sd_bus_message_skip(m, "v");
		}
		if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0) {
			return r;
		}
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Reads oa{sa{sv}}: one object that exists, and if it is a console, takes it in. */
static int read_object(struct display_channel *channel, sd_bus_message *m)
{
	const char *path, *interface;
	bool is_console = false, absolute = false;
	uint32_t leds = 0;

	int r = sd_bus_message_read(m, "o", &path);
	if (r < 0) {
		return r;
	}
	const int console = display_codec_console(path);
	if ((r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}")) < 0) {
		return r;
	}
	while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		if ((r = sd_bus_message_read(m, "s", &interface)) < 0) {
			return r;
		}
		is_console = is_console || strcmp(interface, CONSOLE) == 0;
		if ((r = read_properties(m, interface, &absolute, &leds)) < 0 ||
		    (r = sd_bus_message_exit_container(m)) < 0) {
			return r;
		}
	}
	if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0) {
		return r;
	}
	if (console < 0 || !is_console) {
		return 0;
	}
	if (!channel->listeners[console]) {
		channel->listeners[console] = display_listener_create(channel, (uint32_t)console);
	}
	struct display_listener *listener = channel->listeners[console];
	if (listener) {
		listener->listed = true;
		listener->absolute = absolute;
		listener->leds = leds;
	}
	return 0;
}

static int read_list(struct display_channel *channel, sd_bus_message *m)
{
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (channel->listeners[i]) {
			channel->listeners[i]->listed = false;
		}
	}
	int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
	if (r < 0) {
		return r;
	}
	while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
		if ((r = read_object(channel, m)) < 0 ||
		    (r = sd_bus_message_exit_container(m)) < 0) {
			return r;
		}
	}
	if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0) {
		return r;
	}
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (channel->listeners[i] && !channel->listeners[i]->listed) {
			display_listener_destroy(channel->listeners[i], true);
			channel->listeners[i] = NULL;
		}
	}
	tell(channel);
	return 0;
}

static int handle_list(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_channel *channel = data;

	channel->listing = sd_bus_slot_unref(channel->listing);
	if (channel->closed) {
		return 0;
	}
	if (sd_bus_message_is_method_error(m, NULL)) {
		log_error("QEMU does not list its consoles: %s",
		    sd_bus_message_get_error(m)->message);
		close_channel(channel, "QEMU did not list its consoles");
	} else if (read_list(channel, m) < 0) {
		log_error("QEMU's list of consoles cannot be read");
		close_channel(channel, "QEMU sent a list of consoles that cannot be read");
	} else if (channel->list_again) {
		channel->list_again = false;
		list_objects(channel);
	}
	return 0;
}

static void list_objects(struct display_channel *channel)
{
	sd_bus_message *m = NULL;

	if (channel->closed) {
		return;
	}
	if (channel->listing) {
		channel->list_again = true;
		return;
	}
	int r = sd_bus_message_new_method_call(
	    channel->bus, &m, NULL, ROOT_PATH, OBJECT_MANAGER, "GetManagedObjects");
	if (r >= 0) {
		r = sd_bus_call_async(
		    channel->bus, &channel->listing, m, handle_list, channel, LIST_TIMEOUT_US);
	}
	sd_bus_message_unref(m);
	if (r < 0) {
		log_error("cannot ask QEMU for its consoles: %s", strerror(-r));
		close_channel(channel, "the connection to QEMU's display failed");
	}
}

static int handle_removed(struct display_channel *channel, sd_bus_message *m)
{
	const char *path, *interface;
	int r = sd_bus_message_read(m, "o", &path);
	if (r < 0) {
		return r;
	}
	const int console = display_codec_console(path);
	if (console < 0 || !channel->listeners[console]) {
		return 0;
	}
	if ((r = sd_bus_message_enter_container(m, 'a', "s")) < 0) {
		return r;
	}
	while ((r = sd_bus_message_read(m, "s", &interface)) > 0) {
		if (strcmp(interface, CONSOLE) == 0) {
			struct display_listener *listener = channel->listeners[console];
			channel->listeners[console] = NULL;
			display_listener_destroy(listener, true);
			tell(channel);
			return 0;
		}
	}
	return r;
}

static int handle_changed(struct display_channel *channel, sd_bus_message *m)
{
	const char *path = sd_bus_message_get_path(m), *interface, *name;
	const int console = display_codec_console(path);

	if (strcmp(path, VM_PATH) == 0) {
		/* ConsoleIDs: a monitor came or went */
		list_objects(channel);
		return 0;
	}
	if (console < 0 || !channel->listeners[console]) {
		return 0;
	}
	struct display_listener *listener = channel->listeners[console];
	int r = sd_bus_message_read(m, "s", &interface);
	if (r < 0 ||
	    (r = read_properties(m, interface, &listener->absolute, &listener->leds)) < 0 ||
	    (r = sd_bus_message_enter_container(m, 'a', "s")) < 0) {
		return r;
	}
	if ((r = sd_bus_message_read(m, "s", &name)) > 0) {
		/* changed to a value that was not sent along */
		list_objects(channel);
	}
	tell(channel);
	return r;
}

static int handle_message(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_channel *channel = data;
	int r = 0;

	if (channel->closed) {
		return 0;
	}
	if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", "Disconnected")) {
		close_channel(channel, "QEMU closed the display connection");
	} else if (sd_bus_message_is_signal(m, OBJECT_MANAGER, "InterfacesAdded")) {
		r = read_object(channel, m);
		tell(channel);
	} else if (sd_bus_message_is_signal(m, OBJECT_MANAGER, "InterfacesRemoved")) {
		r = handle_removed(channel, m);
	} else if (sd_bus_message_is_signal(m, PROPERTIES, "PropertiesChanged")) {
		r = handle_changed(channel, m);
	}
	if (r < 0) {
		log_error("QEMU sent a display signal that cannot be read (%s)", strerror(-r));
	}
	return 0;
}

static void handle_destroy(struct ph_display *display)
{
	struct display_channel *channel = (struct display_channel *)display;

	channel->closed = true;
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		display_listener_destroy(channel->listeners[i], false);
	}
	sd_event_source_disable_unref(channel->closing);
	sd_event_source_disable_unref(channel->relist);
	sd_bus_slot_unref(channel->listing);
	sd_bus_close_unref(channel->bus);
	sd_event_unref(channel->event);
	free(channel);
}

static void handle_reply(struct ph_display *display, uint32_t console, uint64_t ticket)
{
	struct display_listener *listener = display_find_listener(display, console);
	if (listener) {
		display_listener_reply(listener, ticket);
	}
}

const struct ph_display_impl display_channel_impl = {
    .destroy = handle_destroy,
    .reply = handle_reply,
    .set_size = display_input_set_size,
    .key = display_input_key,
    .button = display_input_button,
    .motion_absolute = display_input_motion_absolute,
    .motion_relative = display_input_motion_relative,
    .axis = display_input_axis,
    .touch_down = display_input_touch_down,
    .touch_motion = display_input_touch_motion,
    .touch_up = display_input_touch_up,
    .touch_cancel = display_input_touch_cancel,
};

struct ph_display *display_channel_create(
    sd_event *event, int fd, const struct ph_display_events *events, void *data)
{
	struct display_channel *channel = alloc_zero(sizeof(*channel));

	channel->base = (struct ph_display){
	    .impl = &display_channel_impl, .events = events, .data = data};
	channel->event = sd_event_ref(event);
	channel->relist_delay = DISPLAY_RELIST_DELAY_US;
	int r = sd_bus_new(&channel->bus);
	if (r < 0 || (r = sd_bus_set_fd(channel->bus, fd, fd)) < 0) {
		close(fd);
		goto error;
	}
	/* from here on the bus closes the fd. It is no message bus: never call Hello */
	if ((r = sd_bus_set_bus_client(channel->bus, 0)) < 0 ||
	    (r = sd_bus_negotiate_fds(channel->bus, 1)) < 0 ||
	    (r = sd_bus_add_filter(channel->bus, NULL, handle_message, channel)) < 0 ||
	    (r = sd_bus_start(channel->bus)) < 0 ||
	    (r = sd_bus_attach_event(channel->bus, event, SD_EVENT_PRIORITY_NORMAL)) < 0) {
		goto error;
	}
	/*
	 * sd-bus asks for 8 MiB: twenty thousand motions that a stopped machine
	 * would have to live through later. Small, and our own bounds hold.
	 */
	const int size = 65536;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	list_objects(channel);
	return &channel->base;

error:
	log_error("cannot speak to QEMU's display: %s", strerror(-r));
	handle_destroy(&channel->base);
	return NULL;
}
