// SPDX-License-Identifier: MIT
#ifndef PH_FAKE_INTERNAL_H
#define PH_FAKE_INTERNAL_H

#include <wayland-server.h>

#include "fake_compositor.h"

/* Shared by the files of the fake compositor, and by nothing else. */

struct buffer {
	struct fake_compositor *fake;
	struct wl_resource *resource;
	uint64_t inode;
};

struct surface {
	struct fake_compositor *fake;
	struct wl_resource *resource;
	int console; /* -1: a cursor, or nothing yet */
	bool attached, damaged, full;
	struct wl_resource *pending; /* buffer */
	struct wl_resource *current;
	struct wl_listener current_destroyed;
	int32_t damage[4];
	int32_t transform;
	double source[4];
	struct wl_resource *callbacks[16];
	int num_callbacks;
	/* committed and not released; entries of destroyed buffers are NULL */
	struct held {
		struct wl_resource *buffer;
		struct wl_listener destroyed;
	} held[32];
	int num_held;
};

struct head {
	struct wl_resource *resource;
	struct surface *surface;
	uint32_t serial;
};

struct fake_compositor {
	struct fake_options options;
	sd_event_source *source;
	struct wl_display *display;
	struct wl_resource *guest;
	struct head heads[FAKE_MAX_HEADS];
	int num_buffers;
	char said[65536], given[65536];
};

void fake_say(struct fake_compositor *fake, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fake_handle_destroy(struct wl_client *client, struct wl_resource *resource);
struct wl_resource *fake_new_resource(struct wl_client *client, const struct wl_interface *interface,
    uint32_t version, uint32_t id, const void *impl, void *data,
    wl_resource_destroy_func_t destroyed);

/* Globals whose implementation is in a file of its own. */
void fake_bind_dmabuf(struct wl_client *client, void *data, uint32_t version, uint32_t id);
void fake_bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id);

#endif
