// SPDX-License-Identifier: MIT
#include "display_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"
#include "frame.h"

#define LOG_MODULE "display"
#define REGISTER_TIMEOUT_US 30000000u

static_assert(DISPLAY_REPLY_DEADLINE_US > PH_FRAME_DEADLINE_US && DISPLAY_REPLY_DEADLINE_US > PH_FRAME_HIDDEN_US,
    "a frame is answered by who holds it");

static uint64_t next_deadline(const struct display_listener *listener)
{
	uint64_t at = UINT64_MAX;
	if (listener->num_tickets > 0) {
		at = listener->tickets[0].deadline;
	}
	if (listener->blank.pending && listener->blank.at < at) {
		at = listener->blank.at;
	}
	return at;
}

void display_listener_set_timer(struct display_listener *listener)
{
	deadline_set(&listener->timer, next_deadline(listener));
}

/* Takes ticket number i out of the table and answers it. */
static void answer(struct display_listener *listener, int i)
{
	sd_bus_message *call = listener->tickets[i].call;

	listener->num_tickets--;
	memmove(&listener->tickets[i], &listener->tickets[i + 1],
	    (size_t)(listener->num_tickets - i) * sizeof(listener->tickets[0]));
	const int r = sd_bus_reply_method_return(call, NULL);
	if (r < 0 && r != -ENOTCONN && r != -ECONNRESET) {
		log_limited(&listener->limit, PH_LOG_ERROR,
		    "console %u: cannot answer an update: %s", listener->console, strerror(-r));
	}
	sd_bus_message_unref(call);
}

void display_listener_reply(struct display_listener *listener, uint64_t ticket)
{
	for (int i = 0; i < listener->num_tickets; i++) {
		if (listener->tickets[i].id == ticket) {
			answer(listener, i);
			display_listener_set_timer(listener);
			return;
		}
	}
}

uint64_t display_listener_keep_call(struct display_listener *listener, sd_bus_message *call)
{
	if (listener->num_tickets == DISPLAY_MAX_TICKETS) {
		(void)sd_bus_reply_method_return(call, NULL);
		return 0;
	}
	listener->tickets[listener->num_tickets++] = (struct display_ticket){
	    .id = ++listener->channel->last_ticket,
	    .deadline = display_now(listener->channel) + DISPLAY_REPLY_DEADLINE_US,
	    .call = sd_bus_message_ref(call),
	};
	display_listener_set_timer(listener);
	return listener->channel->last_ticket;
}

static void handle_timer(void *data)
{
	struct display_listener *listener = data;
	struct display_channel *channel = listener->channel;
	const uint64_t now = display_now(channel);

	while (listener->num_tickets > 0 && listener->tickets[0].deadline <= now) {
		log_limited(&listener->limit, PH_LOG_INFO,
		    "console %u: an update was answered at its deadline", listener->console);
		answer(listener, 0);
	}
	if (blank_handle_time(&listener->blank, now)) {
		listener->shows = SHOWS_NOTHING;
		listener->width = listener->height = 0;
		channel->base.events->disable(channel->base.data, listener->console);
	}
	display_listener_set_timer(listener);
}

/* Gives up a listener that QEMU refused or whose connection ended. */
static void drop_listener(struct display_listener *listener)
{
	struct display_channel *channel = listener->channel;

	channel->listeners[listener->console] = NULL;
	display_listener_destroy(listener, true);
	/* the console may still be there: see, but not in a hurry */
	display_channel_relist_later(channel);
}

static int handle_registered(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;

	listener->registration = sd_bus_slot_unref(listener->registration);
	if (listener->channel->closed) {
		return 0;
	}
	if (sd_bus_message_is_method_error(m, NULL)) {
		log_limited(&listener->limit, PH_LOG_ERROR,
		    "console %u: QEMU refuses a listener: %s", listener->console,
		    sd_bus_message_get_error(m)->message);
		drop_listener(listener);
	}
	return 0;
}

static int handle_message(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;

	listener->called = listener->called || sd_bus_message_is_method_call(m, NULL, NULL);
	if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", "Disconnected") &&
	    !listener->channel->closed) {
		log_debug("console %u: QEMU closed the listener", listener->console);
		drop_listener(listener);
	}
	return 0;
}

/*
 * QEMU's first call may come in one read with the end of the authentication.
 * sd-bus keeps those bytes, but looks at them only when the socket has more
 * to read, and it never has: QEMU waits for the answer, its machine stopped.
 * So look after every turn of the loop until a first call was there.
 */
static int handle_drain(sd_event_source *source, void *data)
{
	struct display_listener *listener = data;

	if (listener->called) {
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	} else {
		/* one at a time: the listener may be gone after it */
		(void)sd_bus_process(listener->bus, NULL);
	}
	return 0;
}

/* Starts our end: the object is exported before QEMU can ask for it. */
static int start_bus(struct display_listener *listener, int fd)
{
	int r = sd_bus_new(&listener->bus);
	if (r < 0 || (r = sd_bus_set_fd(listener->bus, fd, fd)) < 0) {
		close(fd);
		return r;
	}
	if ((r = sd_bus_set_bus_client(listener->bus, 0)) < 0 ||
	    (r = sd_bus_negotiate_fds(listener->bus, 1)) < 0 ||
	    (r = sd_bus_add_filter(listener->bus, NULL, handle_message, listener)) < 0 ||
	    (r = display_scanout_export(listener)) < 0 || (r = sd_bus_start(listener->bus)) < 0) {
		return r;
	}
	if ((r = sd_bus_attach_event(
		 listener->bus, listener->channel->event, SD_EVENT_PRIORITY_NORMAL)) < 0) {
		return r;
	}
	return sd_event_add_post(
	    listener->channel->event, &listener->drain, handle_drain, listener);
}

/*
 * QEMU answers this call and then, with the whole machine stopped, serves the
 * new connection's authentication and asks for our properties. So our end is
 * started first, and nothing here or anywhere else waits for an answer.
 */
static int register_listener(struct display_listener *listener, int qemu_fd)
{
	struct display_channel *channel = listener->channel;
	sd_bus_message *m = NULL;
	char path[64];

	(void)snprintf(path, sizeof(path), "/org/qemu/Display1/Console_%u", listener->console);
	int r = sd_bus_message_new_method_call(
	    channel->bus, &m, NULL, path, "org.qemu.Display1.Console", "RegisterListener");
	if (r >= 0 && (r = sd_bus_message_append(m, "h", qemu_fd)) >= 0) {
		r = sd_bus_call_async(channel->bus, &listener->registration, m,
		    handle_registered, listener, REGISTER_TIMEOUT_US);
	}
	sd_bus_message_unref(m);
	return r;
}

struct display_listener *display_listener_create(struct display_channel *channel, uint32_t console)
{
	struct display_listener *listener = alloc_zero(sizeof(*listener));
	int fds[2] = {-1, -1};

	listener->channel = channel;
	listener->console = console;
	int r = deadline_init(&listener->timer, channel->event, 1000, SD_EVENT_PRIORITY_NORMAL,
	    handle_timer, listener);
	if (r < 0) {
		goto error;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		r = -errno;
		goto error;
	}
	if ((r = start_bus(listener, fds[0])) < 0 ||
	    (r = register_listener(listener, fds[1])) < 0) {
		goto error;
	}
	close(fds[1]); /* the message has its own */
	return listener;

error:
	if (fds[1] >= 0) {
		close(fds[1]);
	}
	log_error("console %u: cannot listen to it: %s", console, strerror(-r));
	display_listener_destroy(listener, false);
	return NULL;
}

void display_listener_destroy(struct display_listener *listener, bool tell)
{
	if (!listener) {
		return;
	}
	struct display_channel *channel = listener->channel;
	const uint32_t console = listener->console;
	const bool added = listener->added;

	for (int i = 0; i < listener->num_tickets; i++) {
		sd_bus_message_unref(listener->tickets[i].call);
	}
	sd_bus_slot_unref(listener->registration);
	deadline_finish(&listener->timer);
	sd_event_source_disable_unref(listener->drain);
	sd_bus_close_unref(listener->bus);
	free(listener);
	if (tell && added) {
		channel->base.events->console_removed(channel->base.data, console);
	}
}
