// SPDX-License-Identifier: MIT
#include "wl_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "alloc.h"
#include "log.h"
#include "viewporter-client-protocol.h"
#include "wl_dmabuf.h"
#include "wl_input.h"

#define LOG_MODULE "wayland"

#define START_TIMEOUT_US 10000000u
#define REASON_MAX 1024
/* Requests that may wait while the compositor does not read; then it counts as lost. */
#define MAX_BUFFERED (1024 * 1024)
/* Keys before pictures. */
#define PRIORITY_INPUT (SD_EVENT_PRIORITY_NORMAL - 10)

/* The compositor answers in order: each stage is over when its sync is answered. */
enum stage {
	STAGE_GLOBALS,
	STAGE_FORMATS,
	STAGE_BIND,
	STAGE_READY,
	STAGE_LOST,
};

struct ph_wl_client {
	const struct ph_wl_client_events *events;
	void *data;
	struct ph_wl_globals globals;
	char *token;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_callback *sync;
	struct phyllome_guest_v1 *guest;
	struct ph_wl_input input;
	enum stage stage;
	sd_event_source *io, *timeout, *ending;
	bool backlogged;
	char reason[256];
};

static void next_stage(struct ph_wl_client *client);

static int handle_ending(sd_event_source *source, void *data)
{
	struct ph_wl_client *client = data;
	/* the last thing done here: the owner may destroy the client */
	client->events->lost(client->data, client->reason);
	return 0;
}

/* Ends the client from the event loop, where nothing of it is on the stack. */
static void __attribute__((format(printf, 2, 3))) lose(
    struct ph_wl_client *client, const char *fmt, ...)
{
	va_list args;

	if (client->stage == STAGE_LOST) {
		return;
	}
	client->stage = STAGE_LOST;
	va_start(args, fmt);
	(void)vsnprintf(client->reason, sizeof(client->reason), fmt, args);
	va_end(args);
	client->io = sd_event_source_disable_unref(client->io);
	client->timeout = sd_event_source_disable_unref(client->timeout);
	if (sd_event_add_defer(client->globals.event, &client->ending, handle_ending, client) < 0) {
		abort();
	}
}

static void lose_by_error(struct ph_wl_client *client)
{
	const int error = wl_display_get_error(client->display);

	if (error == EPROTO) {
		const struct wl_interface *interface = NULL;
		uint32_t id;
		const uint32_t code =
		    wl_display_get_protocol_error(client->display, &interface, &id);
		lose(client, "the compositor refused a request (%s, error %u)",
		    interface ? interface->name : "unknown object", code);
	} else if (error == EPIPE || error == ECONNRESET || error == 0) {
		lose(client, "the compositor closed the connection");
	} else {
		lose(client, "the connection to the compositor failed: %s", strerror(error));
	}
}

void wl_client_flush(struct ph_wl_client *client)
{
	if (client->stage == STAGE_LOST) {
		return;
	}
	const int r = wl_display_flush(client->display);
	const bool full = r < 0 && errno == EAGAIN;
	if (full != client->backlogged) {
		client->backlogged = full;
		(void)sd_event_source_set_io_events(
		    client->io, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
	}
	/* EPIPE: what it said before it closed is still to be read, above all an error */
	if (r < 0 && errno != EAGAIN && errno != EPIPE) {
		lose_by_error(client);
	}
}

/* Before each wait, so that what an event made us say goes out, all in one write. */
static int handle_prepare(sd_event_source *source, void *data)
{
	wl_client_flush(data);
	return 0;
}

static int handle_io(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct ph_wl_client *client = data;
	struct wl_display *display = client->display;

	while (wl_display_prepare_read(display) != 0) {
		if (wl_display_dispatch_pending(display) < 0) {
			lose_by_error(client);
			return 0;
		}
	}
	if ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		if (wl_display_read_events(display) < 0) {
			lose_by_error(client);
			return 0;
		}
	} else {
		wl_display_cancel_read(display);
	}
	if (wl_display_dispatch_pending(display) < 0) {
		lose_by_error(client);
		return 0;
	}
	wl_input_flush(&client->input);
	return 0;
}

static int handle_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	lose(data, "the compositor did not answer within %u s", START_TIMEOUT_US / 1000000);
	return 0;
}

static void handle_shm_format(void *data, struct wl_shm *shm, uint32_t format)
{
	struct ph_wl_client *client = data;
	formats_add(&client->globals.shm_formats, format, 0);
}

static const struct wl_shm_listener shm_listener = {
    .format = handle_shm_format,
};

static void *bind_global(struct wl_registry *registry, uint32_t name, const struct wl_interface *interface,
    uint32_t version, uint32_t max)
{
	void *proxy =
	    wl_registry_bind(registry, name, interface, version < max ? version : max);
	if (!proxy) {
		abort();
	}
	return proxy;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
    const char *interface, uint32_t version)
{
	struct ph_wl_client *client = data;
	struct ph_wl_globals *globals = &client->globals;

	if (strcmp(interface, wl_compositor_interface.name) == 0 && !globals->compositor &&
	    version >= 4) {
		globals->compositor =
		    bind_global(registry, name, &wl_compositor_interface, version, 6);
	} else if (strcmp(interface, wl_shm_interface.name) == 0 && !globals->shm) {
		globals->shm = bind_global(registry, name, &wl_shm_interface, version, 1);
		wl_shm_add_listener(globals->shm, &shm_listener, client);
	} else if (strcmp(interface, wp_viewporter_interface.name) == 0 && !globals->viewporter) {
		globals->viewporter = bind_global(registry, name, &wp_viewporter_interface, version, 1);
	} else if (strcmp(interface, "zwp_linux_dmabuf_v1") == 0 && !globals->dmabuf &&
		   version >= 3) {
		globals->dmabuf = wl_dmabuf_create(registry, name, version);
	} else if (strcmp(interface, phyllome_guest_manager_v1_interface.name) == 0 &&
		   !globals->manager) {
		globals->manager =
		    bind_global(registry, name, &phyllome_guest_manager_v1_interface, version, 2);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
    .global = handle_global,
    .global_remove = handle_global_remove,
};

static void handle_sync(void *data, struct wl_callback *callback, uint32_t time)
{
	struct ph_wl_client *client = data;

	wl_callback_destroy(client->sync);
	client->sync = NULL;
	next_stage(client);
}

static const struct wl_callback_listener sync_listener = {
    .done = handle_sync,
};

static void start_sync(struct ph_wl_client *client)
{
	client->sync = wl_display_sync(client->display);
	wl_callback_add_listener(client->sync, &sync_listener, client);
}

static void next_stage(struct ph_wl_client *client)
{
	const struct ph_wl_globals *globals = &client->globals;

	switch (client->stage) {
	case STAGE_GLOBALS:
		if (!globals->compositor || !globals->shm || !globals->manager) {
			lose(client, "the compositor does not offer %s: is this its guests socket?",
			    !globals->manager ? "phyllome_guest_manager_v1"
			    : !globals->shm   ? "wl_shm"
					      : "wl_compositor 4");
			return;
		}
		/* what was bound by then tells its formats before it answers the next one */
		client->stage = STAGE_FORMATS;
		break;
	case STAGE_FORMATS:
		client->stage = STAGE_BIND;
		client->guest =
		    phyllome_guest_manager_v1_get_guest(globals->manager, client->token);
		phyllome_guest_v1_add_listener(client->guest, &wl_input_listener, &client->input);
		break;
	case STAGE_BIND:
		client->stage = STAGE_READY;
		client->timeout = sd_event_source_disable_unref(client->timeout);
		client->events->ready(client->data);
		return;
	case STAGE_READY:
	case STAGE_LOST:
		return;
	}
	start_sync(client);
}

static void handle_action(void *data, uint32_t action)
{
	struct ph_wl_client *client = data;
	client->events->action(client->data, action);
}

static void handle_monitor(void *data, uint32_t console, const char *name)
{
	struct ph_wl_client *client = data;
	client->events->monitor(client->data, console, name);
}

static int add_sources(struct ph_wl_client *client)
{
	sd_event *event = client->globals.event;
	int r = sd_event_add_io(event, &client->io, wl_display_get_fd(client->display), EPOLLIN,
	    handle_io, client);
	if (r < 0 || (r = sd_event_source_set_priority(client->io, PRIORITY_INPUT)) < 0 ||
	    (r = sd_event_source_set_prepare(client->io, handle_prepare)) < 0) {
		return r;
	}
	return sd_event_add_time_relative(event, &client->timeout, CLOCK_MONOTONIC,
	    START_TIMEOUT_US, 100000, handle_timeout, client);
}

struct ph_wl_client *wl_client_create(sd_event *event, int fd, const char *token,
    const struct ph_wl_client_events *events, void *data)
{
	struct ph_wl_client *client = alloc_zero(sizeof(*client));
	client->events = events;
	client->data = data;
	client->token = alloc_string(token);
	client->globals.token = client->token;
	client->globals.event = sd_event_ref(event);
	client->input.action = handle_action;
	client->input.monitor = handle_monitor;
	client->input.data = client;
	client->display = wl_display_connect_to_fd(fd); /* takes the fd */
	if (!client->display) {
		log_errno("cannot speak to the compositor");
		wl_client_destroy(client);
		return NULL;
	}
	wl_display_set_max_buffer_size(client->display, MAX_BUFFERED);
	const int r = add_sources(client);
	if (r < 0) {
		log_error("cannot watch the compositor's socket: %s", strerror(-r));
		wl_client_destroy(client);
		return NULL;
	}
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	start_sync(client);
	wl_client_flush(client);
	return client;
}

static void destroy_proxies(struct ph_wl_client *client)
{
	struct ph_wl_globals *globals = &client->globals;

	if (client->sync) {
		wl_callback_destroy(client->sync);
	}
	if (client->guest) {
		phyllome_guest_v1_destroy(client->guest);
	}
	wl_dmabuf_destroy(globals->dmabuf);
	if (globals->manager) {
		phyllome_guest_manager_v1_destroy(globals->manager);
	}
	if (globals->viewporter) {
		wp_viewporter_destroy(globals->viewporter);
	}
	if (globals->shm) {
		wl_shm_destroy(globals->shm);
	}
	if (globals->compositor) {
		wl_compositor_destroy(globals->compositor);
	}
	if (client->registry) {
		wl_registry_destroy(client->registry);
	}
}

void wl_client_destroy(struct ph_wl_client *client)
{
	if (!client) {
		return;
	}
	wl_input_release_all(&client->input);
	sd_event_source_disable_unref(client->io);
	sd_event_source_disable_unref(client->timeout);
	sd_event_source_disable_unref(client->ending);
	if (client->display) {
		destroy_proxies(client);
		(void)wl_display_flush(client->display);
		wl_display_disconnect(client->display);
	}
	formats_finish(&client->globals.shm_formats);
	sd_event_unref(client->globals.event);
	free(client->token);
	free(client);
}

bool wl_client_has_dmabuf(const struct ph_wl_client *client)
{
	return client->globals.dmabuf && wl_dmabuf_formats(client->globals.dmabuf)->count > 0;
}

bool wl_client_main_device(const struct ph_wl_client *client, dev_t *out)
{
	return client->globals.dmabuf && wl_dmabuf_main_device(client->globals.dmabuf, out);
}

void wl_client_set_state(
    struct ph_wl_client *client, enum phyllome_guest_v1_state state, const char *reason)
{
	char line[REASON_MAX + 1];

	if (client->stage == STAGE_READY) {
		log_escape(line, sizeof(line), reason, strlen(reason));
		phyllome_guest_v1_set_state(client->guest, state, line);
		wl_client_flush(client);
	}
}

void wl_client_release_input(struct ph_wl_client *client)
{
	wl_input_release_all(&client->input);
}

void wl_client_set_display(struct ph_wl_client *client, struct ph_display *display)
{
	wl_input_set_display(&client->input, display);
}

void wl_client_set_pointer_mode(struct ph_wl_client *client, enum ph_pointer_mode mode)
{
	static const enum phyllome_guest_v1_pointer_mode modes[] = {
	    [PH_POINTER_NONE] = PHYLLOME_GUEST_V1_POINTER_MODE_NONE,
	    [PH_POINTER_ABSOLUTE] = PHYLLOME_GUEST_V1_POINTER_MODE_ABSOLUTE,
	    [PH_POINTER_RELATIVE] = PHYLLOME_GUEST_V1_POINTER_MODE_RELATIVE,
	};
	if (client->stage == STAGE_READY) {
		phyllome_guest_v1_set_pointer_mode(client->guest, modes[mode]);
	}
}

void wl_client_set_leds(struct ph_wl_client *client, uint32_t leds)
{
	if (client->stage == STAGE_READY) {
		phyllome_guest_v1_set_leds(client->guest,
		    ((leds & PH_LED_NUM) != 0 ? PHYLLOME_GUEST_V1_LED_NUM_LOCK : 0u) |
			((leds & PH_LED_CAPS) != 0 ? PHYLLOME_GUEST_V1_LED_CAPS_LOCK : 0u) |
			((leds & PH_LED_SCROLL) != 0 ? PHYLLOME_GUEST_V1_LED_SCROLL_LOCK : 0u));
	}
}

bool wl_client_is_backlogged(const struct ph_wl_client *client)
{
	return client->backlogged;
}

const struct ph_wl_globals *wl_client_globals(const struct ph_wl_client *client)
{
	return &client->globals;
}
