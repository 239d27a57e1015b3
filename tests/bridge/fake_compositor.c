// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_internal.h"
#include "linux-dmabuf-v1-protocol.h"
#include "phyllome-guest-v1-protocol.h"
#include "test.h"
#include "viewporter-protocol.h"

void fake_say(struct fake_compositor *fake, const char *fmt, ...)
{
	const size_t used = strlen(fake->said);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(fake->said + used, sizeof(fake->said) - used, fmt, args);
	va_end(args);
}

void fake_handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

struct wl_resource *fake_new_resource(struct wl_client *client,
    const struct wl_interface *interface, uint32_t version, uint32_t id, const void *impl,
    void *data, wl_resource_destroy_func_t destroyed)
{
	struct wl_resource *resource = wl_resource_create(client, interface, (int)version, id);
	check(resource != NULL);
	wl_resource_set_implementation(resource, impl, data, destroyed);
	return resource;
}

static void handle_held_destroyed(struct wl_listener *listener, void *data)
{
	struct held *held = wl_container_of(listener, held, destroyed);
	held->buffer = NULL;
	wl_list_remove(&listener->link);
	wl_list_init(&listener->link);
}

static void handle_current_destroyed(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, current_destroyed);
	surface->current = NULL;
	wl_list_remove(&listener->link);
	wl_list_init(&listener->link);
}

static void hold(struct surface *surface, struct wl_resource *buffer)
{
	int free_entry = surface->num_held;
	for (int i = 0; i < surface->num_held; i++) {
		if (surface->held[i].buffer == buffer) {
			return;
		}
		free_entry = surface->held[i].buffer ? free_entry : i;
	}
	check_op(free_entry, <, 32);
	struct held *held = &surface->held[free_entry];
	surface->num_held += free_entry == surface->num_held ? 1 : 0;
	held->buffer = buffer;
	held->destroyed.notify = handle_held_destroyed;
	wl_resource_add_destroy_listener(buffer, &held->destroyed);
}

/* Surfaces. */

static void handle_attach(struct wl_client *client, struct wl_resource *resource,
    struct wl_resource *buffer, int32_t x, int32_t y)
{
	struct surface *surface = wl_resource_get_user_data(resource);
	surface->attached = true;
	surface->pending = buffer;
}

static void handle_damage_buffer(struct wl_client *client, struct wl_resource *resource, int32_t x,
    int32_t y, int32_t width, int32_t height)
{
	struct surface *surface = wl_resource_get_user_data(resource);
	surface->damaged = true;
	surface->full = width == INT32_MAX;
	surface->damage[0] = x;
	surface->damage[1] = y;
	surface->damage[2] = width;
	surface->damage[3] = height;
}

static void handle_surface_frame(
    struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct surface *surface = wl_resource_get_user_data(resource);
	check_op(surface->num_callbacks, <, 16);
	surface->callbacks[surface->num_callbacks++] =
	    fake_new_resource(client, &wl_callback_interface, 1, id, NULL, NULL, NULL);
}

static void handle_region(
    struct wl_client *client, struct wl_resource *resource, struct wl_resource *region)
{
}

static void say_commit(struct surface *surface)
{
	struct fake_compositor *fake = surface->fake;
	struct wl_shm_buffer *shm =
	    surface->current ? wl_shm_buffer_get(surface->current) : NULL;

	fake_say(fake, "commit %d", surface->console);
	if (!surface->current) {
		fake_say(fake, " none");
	} else if (shm) {
		fake_say(fake, " shm %dx%d", wl_shm_buffer_get_width(shm),
		    wl_shm_buffer_get_height(shm));
	} else {
		const struct buffer *buffer = wl_resource_get_user_data(surface->current);
		fake_say(fake, " dmabuf %d", (int)buffer->inode);
	}
	if (surface->damaged && surface->full) {
		fake_say(fake, " full");
	} else if (surface->damaged) {
		fake_say(fake, " %d,%d %dx%d", surface->damage[0], surface->damage[1],
		    surface->damage[2], surface->damage[3]);
	}
	if (surface->transform == WL_OUTPUT_TRANSFORM_FLIPPED_180) {
		fake_say(fake, " flipped");
	}
	if (surface->source[2] > 0) {
		fake_say(fake, " source %g,%g %gx%g", surface->source[0], surface->source[1],
		    surface->source[2], surface->source[3]);
	}
	fake_say(fake, "; ");
}

static void handle_commit(struct wl_client *client, struct wl_resource *resource)
{
	struct surface *surface = wl_resource_get_user_data(resource);

	if (surface->attached) {
		wl_list_remove(&surface->current_destroyed.link);
		wl_list_init(&surface->current_destroyed.link);
		surface->current = surface->pending;
		if (surface->current) {
			wl_resource_add_destroy_listener(
			    surface->current, &surface->current_destroyed);
			hold(surface, surface->current);
		}
	}
	if (surface->console >= 0) {
		say_commit(surface);
	}
	surface->attached = surface->damaged = surface->full = false;
}

static void handle_set_transform(
    struct wl_client *client, struct wl_resource *resource, int32_t transform)
{
	struct surface *surface = wl_resource_get_user_data(resource);
	surface->transform = transform;
}

static void handle_set_scale(struct wl_client *client, struct wl_resource *resource, int32_t scale)
{
}

static void handle_offset(
    struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y)
{
}

static const struct wl_surface_interface surface_impl = {
    .destroy = fake_handle_destroy,
    .attach = handle_attach,
    .damage = handle_damage_buffer,
    .frame = handle_surface_frame,
    .set_opaque_region = handle_region,
    .set_input_region = handle_region,
    .commit = handle_commit,
    .set_buffer_transform = handle_set_transform,
    .set_buffer_scale = handle_set_scale,
    .damage_buffer = handle_damage_buffer,
    .offset = handle_offset,
};

static void handle_surface_destroyed(struct wl_resource *resource)
{
	struct surface *surface = wl_resource_get_user_data(resource);

	for (int i = 0; i < FAKE_MAX_HEADS; i++) {
		if (surface->fake->heads[i].surface == surface) {
			surface->fake->heads[i].surface = NULL;
		}
	}
	wl_list_remove(&surface->current_destroyed.link);
	for (int i = 0; i < surface->num_held; i++) {
		wl_list_remove(&surface->held[i].destroyed.link);
	}
	free(surface);
}

static void handle_create_surface(
    struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct surface *surface = calloc(1, sizeof(*surface));
	check(surface != NULL);
	surface->fake = wl_resource_get_user_data(resource);
	surface->console = -1;
	surface->current_destroyed.notify = handle_current_destroyed;
	wl_list_init(&surface->current_destroyed.link);
	surface->resource =
	    fake_new_resource(client, &wl_surface_interface, (uint32_t)wl_resource_get_version(resource),
		id, &surface_impl, surface, handle_surface_destroyed);
}

static void handle_region_part(struct wl_client *client, struct wl_resource *resource, int32_t x,
    int32_t y, int32_t width, int32_t height)
{
}

static const struct wl_region_interface region_impl = {
    .destroy = fake_handle_destroy,
    .add = handle_region_part,
    .subtract = handle_region_part,
};

static void handle_create_region(
    struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	fake_new_resource(client, &wl_region_interface, 1, id, &region_impl, NULL, NULL);
}

static const struct wl_compositor_interface compositor_impl = {
    .create_surface = handle_create_surface,
    .create_region = handle_create_region,
};

/* Viewports. */

static void handle_set_source(struct wl_client *client, struct wl_resource *resource, wl_fixed_t x,
    wl_fixed_t y, wl_fixed_t width, wl_fixed_t height)
{
	struct surface *surface = wl_resource_get_user_data(resource);
	surface->source[0] = wl_fixed_to_double(x);
	surface->source[1] = wl_fixed_to_double(y);
	surface->source[2] = wl_fixed_to_double(width);
	surface->source[3] = wl_fixed_to_double(height);
}

static void handle_set_destination(
    struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
}

static const struct wp_viewport_interface viewport_impl = {
    .destroy = fake_handle_destroy,
    .set_source = handle_set_source,
    .set_destination = handle_set_destination,
};

static void handle_get_viewport(struct wl_client *client, struct wl_resource *resource,
    uint32_t id, struct wl_resource *surface)
{
	fake_new_resource(client, &wp_viewport_interface, 1, id, &viewport_impl,
	    wl_resource_get_user_data(surface), NULL);
}

static const struct wp_viewporter_interface viewporter_impl = {
    .destroy = fake_handle_destroy,
    .get_viewport = handle_get_viewport,
};

/* One bind function for each global, as each has its own implementation. */
#define BIND(name_, interface_, impl_)                                                             \
	static void name_(struct wl_client *client, void *data, uint32_t version, uint32_t id)     \
	{                                                                                          \
		fake_new_resource(client, &interface_, version, id, &impl_, data, NULL);                \
	}
BIND(bind_compositor, wl_compositor_interface, compositor_impl)
BIND(bind_viewporter, wp_viewporter_interface, viewporter_impl)

static int handle_loop(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct fake_compositor *fake = data;
	(void)wl_event_loop_dispatch(wl_display_get_event_loop(fake->display), 0);
	wl_display_flush_clients(fake->display);
	return 0;
}

struct fake_compositor *fake_start(
    sd_event *event, const char *path, const struct fake_options *options)
{
	struct fake_compositor *fake = calloc(1, sizeof(*fake));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	check(fake != NULL);
	fake->options = *options;
	fake->display = wl_display_create();
	(void)unlink(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	check_int(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	check_int(listen(fd, 8), 0);
	check_int(wl_display_add_socket_fd(fake->display, fd), 0);
	check_int(wl_display_init_shm(fake->display), 0);
	check(wl_global_create(
		  fake->display, &wl_compositor_interface, 6, fake, bind_compositor) != NULL);
	check(wl_global_create(
		  fake->display, &wp_viewporter_interface, 1, fake, bind_viewporter) != NULL);
	if (!options->no_dmabuf) {
		check(wl_global_create(fake->display, &zwp_linux_dmabuf_v1_interface, 4, fake,
			  fake_bind_dmabuf) != NULL);
	}
	if (!options->no_manager) {
		check(wl_global_create(fake->display, &phyllome_guest_manager_v1_interface, 2, fake,
			  fake_bind_manager) != NULL);
	}
	const int loop = wl_event_loop_get_fd(wl_display_get_event_loop(fake->display));
	check_op(
	    sd_event_add_io(event, &fake->source, loop, EPOLLIN, handle_loop, fake), >=, 0);
	return fake;
}

void fake_finish(struct fake_compositor *fake)
{
	if (fake) {
		sd_event_source_disable_unref(fake->source);
		wl_display_destroy_clients(fake->display);
		wl_display_destroy(fake->display);
		free(fake);
	}
}

const char *fake_said(struct fake_compositor *fake)
{
	memcpy(fake->given, fake->said, sizeof(fake->given));
	fake->said[0] = '\0';
	return fake->given;
}

void fake_pause(struct fake_compositor *fake, bool pause)
{
	check_op(sd_event_source_set_enabled(fake->source, pause ? SD_EVENT_OFF : SD_EVENT_ON), >=,
	    0);
}

int fake_frame(struct fake_compositor *fake, uint32_t console)
{
	struct surface *surface = fake->heads[console].surface;
	const int count = surface->num_callbacks;
	for (int i = 0; i < count; i++) {
		wl_callback_send_done(surface->callbacks[i], 1);
		wl_resource_destroy(surface->callbacks[i]);
	}
	surface->num_callbacks = 0;
	wl_display_flush_clients(fake->display);
	return count;
}

int fake_release(struct fake_compositor *fake, uint32_t console)
{
	struct surface *surface = fake->heads[console].surface;
	int released = 0;
	struct wl_resource *kept = NULL;

	for (int i = 0; i < surface->num_held; i++) {
		struct wl_resource *buffer = surface->held[i].buffer;
		wl_list_remove(&surface->held[i].destroyed.link);
		if (buffer && buffer == surface->current) {
			kept = buffer;
		} else if (buffer) {
			wl_buffer_send_release(buffer);
			released++;
		}
	}
	surface->num_held = 0;
	if (kept) {
		hold(surface, kept);
	}
	wl_display_flush_clients(fake->display);
	return released;
}

uint32_t fake_pixel(struct fake_compositor *fake, uint32_t console, int x, int y)
{
	struct surface *surface = fake->heads[console].surface;
	check(surface->current != NULL);
	struct wl_shm_buffer *shm = wl_shm_buffer_get(surface->current);
	check(shm != NULL);
	const uint8_t *row =
	    (const uint8_t *)wl_shm_buffer_get_data(shm) + y * wl_shm_buffer_get_stride(shm);
	uint32_t pixel;
	memcpy(&pixel, row + 4 * x, sizeof(pixel));
	return pixel;
}

int fake_num_buffers(const struct fake_compositor *fake)
{
	return fake->num_buffers;
}

