// SPDX-License-Identifier: MIT
#include "guest_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_presentation_time.h>

#include "arrange.h"
#include "guest.h"
#include "head_picture.h"
#include "listener.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "seat.h"
#include "session.h"

/* Of a cursor's image, each side; QEMU's own devices have no larger ones. */
#define CURSOR_SIZE_MAX 512

static struct ph_guest_head *head_from_resource(struct wl_resource *resource);

static void role_client_commit(struct wlr_surface *surface)
{
	struct ph_guest_head *head = head_from_resource(surface->role_resource);

	if (!head->acked && wlr_surface_state_has_buffer(&surface->pending)) {
		wlr_surface_reject_pending(surface, head->resource,
		    PHYLLOME_GUEST_HEAD_V1_ERROR_UNCONFIGURED_BUFFER,
		    "a buffer was committed before the first ack_configure");
	}
}

static void role_commit(struct wlr_surface *surface)
{
	struct ph_guest_head *head = head_from_resource(surface->role_resource);
	int width = head->picture_width, height = head->picture_height;

	head_picture_update(head);
	toplevel_note_picture(head);
	if (guest_head_has_picture(head)) {
		wlr_surface_map(surface);
	}
	if (width != head->picture_width || height != head->picture_height) {
		arrange(head->guest->session);
	}
	/* A commit without damage causes no frame by itself, but may wait for one. */
	if (head->cell && !wl_list_empty(&surface->current.frame_callback_list)) {
		wlr_output_schedule_frame(head->cell->output->wlr_output);
	}
}

static const struct wlr_surface_role head_role = {
    .name = "phyllome_guest_head_v1",
    .client_commit = role_client_commit,
    .commit = role_commit,
};

/* An offset would move the hotspot, which is said by set_cursor only. */
static void cursor_client_commit(struct wlr_surface *surface)
{
	if (surface->pending.dx != 0 || surface->pending.dy != 0) {
		wlr_surface_reject_pending(surface, surface->resource, WL_SURFACE_ERROR_INVALID_OFFSET,
		    "the surface of a cursor was moved by %d, %d", surface->pending.dx, surface->pending.dy);
	}
}

static const struct wlr_surface_role cursor_role = {
    .name = "phyllome_guest_head_v1-cursor",
    .no_object = true,
    .client_commit = cursor_client_commit,
};

static void handle_frame_done(struct wl_listener *listener, void *data)
{
	struct ph_guest_head *head = wl_container_of(listener, head, frame_done);
	const struct wlr_scene_frame_done_event *event = data;

	if (head->surface) {
		wlr_surface_send_frame_done(head->surface, &event->when);
	}
}

void guest_head_note_sample(struct ph_guest_head *head, struct wlr_output *output, bool untouched)
{
	if (!head->surface) {
		return;
	}
	if (untouched) {
		wlr_presentation_surface_scanned_out_on_output(head->surface, output);
	} else {
		wlr_presentation_surface_textured_on_output(head->surface, output);
	}
}

static void handle_output_sample(struct wl_listener *listener, void *data)
{
	struct ph_guest_head *head = wl_container_of(listener, head, output_sample);
	const struct wlr_scene_output_sample_event *event = data;

	guest_head_note_sample(head, event->output->output, event->direct_scanout);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct ph_guest_head *head = wl_container_of(listener, head, surface_destroy);

	listener_disconnect(&head->surface_destroy);
	head->surface = NULL;
	head->picture_width = head->picture_height = 0;
	wlr_scene_buffer_set_buffer(head->node, NULL);
	wl_resource_post_error(head->resource, PHYLLOME_GUEST_HEAD_V1_ERROR_DEFUNCT_SURFACE,
	    "the wl_surface of console %u was destroyed before its head", head->console);
	arrange(head->guest->session);
}

/* Its size, which the hotspot depends on, may be another one. */
static void handle_cursor_commit(struct wl_listener *listener, void *data)
{
	struct ph_guest_head *head = wl_container_of(listener, head, cursor_commit);

	pointer_refresh_image(head->guest->session);
}

static void handle_cursor_destroy(struct wl_listener *listener, void *data)
{
	struct ph_guest_head *head = wl_container_of(listener, head, cursor_destroy);

	listener_disconnect(&head->cursor_commit);
	listener_disconnect(&head->cursor_destroy);
	head->cursor = NULL;
	seat_refresh(head->guest->session);
}

static void handle_request_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void handle_ack_configure(struct wl_client *client, struct wl_resource *resource, uint32_t serial)
{
	struct ph_guest_head *head = head_from_resource(resource);

	/* Serials start at 1 and count up by one, so an interval says all. */
	if (serial == 0 || serial > head->serial || serial < head->acked_serial) {
		wl_resource_post_error(resource, PHYLLOME_GUEST_HEAD_V1_ERROR_INVALID_SERIAL,
		    "ack_configure %u: serials %u to %u are outstanding", serial,
		    head->acked_serial + 1, head->serial);
		return;
	}
	head->acked_serial = serial;
	head->acked = true;
}

static void handle_set_cursor(struct wl_client *client, struct wl_resource *resource,
    struct wl_resource *surface_resource, int32_t hotspot_x, int32_t hotspot_y)
{
	struct ph_guest_head *head = head_from_resource(resource);
	struct wlr_surface *surface =
	    surface_resource ? wlr_surface_from_resource(surface_resource) : NULL;

	if (surface && !wlr_surface_set_role(surface, &cursor_role, resource,
			   PHYLLOME_GUEST_HEAD_V1_ERROR_CURSOR_ROLE)) {
		return;
	}
	if (surface != head->cursor) {
		listener_disconnect(&head->cursor_commit);
		listener_disconnect(&head->cursor_destroy);
		if (surface) {
			listener_connect(
			    &surface->events.commit, &head->cursor_commit, handle_cursor_commit);
			listener_connect(
			    &surface->events.destroy, &head->cursor_destroy, handle_cursor_destroy);
		}
	}
	head->cursor_set = true;
	head->cursor = surface;
	head->hotspot_x = hotspot_x;
	head->hotspot_y = hotspot_y;
	seat_refresh(head->guest->session);
}

static const struct phyllome_guest_head_v1_interface head_impl = {
    .destroy = handle_request_destroy,
    .ack_configure = handle_ack_configure,
    .set_cursor = handle_set_cursor,
};

static struct ph_guest_head *head_from_resource(struct wl_resource *resource)
{
	if (!wl_resource_instance_of(resource, &phyllome_guest_head_v1_interface, &head_impl)) {
		abort();
	}
	return wl_resource_get_user_data(resource);
}

static void handle_resource_destroy(struct wl_resource *resource)
{
	struct ph_guest_head *head = head_from_resource(resource);
	struct ph_session *session = head->guest->session;

	listener_disconnect(&head->surface_destroy);
	listener_disconnect(&head->cursor_commit);
	listener_disconnect(&head->cursor_destroy);
	listener_disconnect(&head->frame_done);
	listener_disconnect(&head->output_sample);
	wlr_scene_node_destroy(&head->node->node);
	scaler_release(&head->scaled);
	head->guest->heads[head->console] = NULL;
	if (head->cell) {
		head->cell->head = NULL;
	}
	free(head);
	if (!session->stopping) {
		arrange(session);
	}
}

bool guest_head_set_role(
    struct wlr_surface *surface, struct wl_resource *error_resource, uint32_t error_code)
{
	return wlr_surface_set_role(surface, &head_role, error_resource, error_code);
}

struct ph_guest_head *guest_head_create(struct ph_guest *guest, uint32_t console,
    struct wlr_surface *surface, struct wl_client *client, uint32_t version, uint32_t id)
{
	struct ph_guest_head *head = calloc(1, sizeof(*head));
	struct wl_resource *resource =
	    wl_resource_create(client, &phyllome_guest_head_v1_interface, (int)version, id);
	struct wlr_scene_buffer *node = wlr_scene_buffer_create(guest->session->tree_guests, NULL);

	if (!head || !resource || !node) {
		abort();
	}
	head->resource = resource;
	head->guest = guest;
	head->console = console;
	head->surface = surface;
	head->node = node;
	wlr_scene_node_set_enabled(&node->node, false);
	wl_resource_set_implementation(resource, &head_impl, head, handle_resource_destroy);
	wlr_surface_set_role_object(surface, resource);
	listener_connect(&surface->events.destroy, &head->surface_destroy, handle_surface_destroy);
	listener_connect(&node->events.frame_done, &head->frame_done, handle_frame_done);
	listener_connect(&node->events.output_sample, &head->output_sample, handle_output_sample);
	guest->heads[console] = head;
	arrange(guest->session);
	return head;
}

void guest_head_configure(struct ph_guest_head *head, const struct ph_head_config *config)
{
	const struct ph_head_config *last = &head->config;

	if (head->configured && last->width == config->width && last->height == config->height &&
	    last->mm_width == config->mm_width && last->mm_height == config->mm_height &&
	    last->refresh == config->refresh && last->scale == config->scale &&
	    last->visible == config->visible) {
		return;
	}
	head->config = *config;
	head->configured = true;
	phyllome_guest_head_v1_send_configure(head->resource, ++head->serial, config->width,
	    config->height, config->mm_width, config->mm_height, config->refresh, config->scale,
	    config->visible);
}

void guest_head_place(struct ph_guest_head *head, struct ph_cell *cell)
{
	head->cell = cell;
	head_picture_place(head);
}

static int clamp(int value, int size)
{
	if (value >= size) {
		value = size - 1;
	}
	return value > 0 ? value : 0;
}

bool guest_head_find_hotspot(const struct ph_guest_head *head, int *x, int *y)
{
	const struct wlr_surface *surface = head->cursor;

	if (!surface || surface->current.width > CURSOR_SIZE_MAX || surface->current.height > CURSOR_SIZE_MAX) {
		return false;
	}
	*x = clamp(head->hotspot_x, surface->current.width);
	*y = clamp(head->hotspot_y, surface->current.height);
	return true;
}

bool guest_head_has_picture(const struct ph_guest_head *head)
{
	return head->surface && head->picture_width > 0 && head->picture_height > 0;
}

bool guest_head_owns_buffer(const struct ph_guest_head *head, const struct wlr_buffer *buffer)
{
	struct wlr_client_buffer *own = head->surface ? head->surface->buffer : NULL;

	return buffer && own && (buffer == &own->base || buffer == own->source);
}

bool guest_head_is_dmabuf(const struct ph_guest_head *head)
{
	struct wlr_client_buffer *own = head->surface ? head->surface->buffer : NULL;
	struct wlr_dmabuf_attributes attributes;

	return own && own->source && wlr_buffer_get_dmabuf(own->source, &attributes);
}

const char *guest_head_describe_places(const struct ph_guest *guest, const struct ph_output *here,
    char text[PH_GUEST_PLACES_SIZE])
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < PH_GUEST_MAX_HEADS && length < PH_GUEST_PLACES_SIZE; i++) {
		const struct ph_guest_head *head = guest->heads[i];
		if (!head || !head->cell) {
			continue;
		}
		const struct ph_output *output = head->cell->output;
		int added = snprintf(text + length, PH_GUEST_PLACES_SIZE - length, "%s%s",
		    length > 0 ? ", " : "", output == here ? "here" : output->wlr_output->name);
		length += added > 0 ? (size_t)added : 0;
	}
	return text[0] ? text : NULL;
}
