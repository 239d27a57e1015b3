// SPDX-License-Identifier: MIT
#include "wl_head.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client-protocol.h>

#include "alloc.h"
#include "frame.h"
#include "log.h"
#include "picture.h"
#include "read_back.h"
#include "viewporter-client-protocol.h"
#include "wl_dmabuf.h"
#include "wl_swap.h"

#define LOG_MODULE "head"

struct slot {
	struct ph_wl_head *head;
	struct wl_buffer *buffer;      /* made of the picture's own memory */
	struct ph_wl_import *importing;
	struct ph_wl_swap *swap;       /* or copied into memory of ours */
	struct ph_picture source;      /* what is copied, or would be if the import fails */
};

struct ph_wl_head {
	struct ph_wl_client *client;
	const struct ph_wl_globals *globals;
	const struct ph_wl_head_events *events;
	void *data;
	uint32_t console;
	struct wl_surface *surface;
	struct phyllome_guest_head_v1 *head;
	struct wp_viewport *viewport; /* NULL: none */
	struct wl_callback *frame;    /* of the commit "serial" */
	uint32_t serial;
	struct slot slots[PH_FRAME_MAX_SLOTS];

	/* what the surface was told last */
	bool inverted, cropped;
	uint32_t x, y, width, height;

	struct wl_surface *cursor; /* made at first use */
	struct wl_buffer *cursor_buffer;
	struct ph_log_limit limit;
	bool told_copy; /* that frames are copied */
};

static int slot_index(const struct slot *slot)
{
	return (int)(slot - slot->head->slots);
}

static void handle_configure(void *data, struct phyllome_guest_head_v1 *proxy, uint32_t serial,
    uint32_t width, uint32_t height, uint32_t mm_width, uint32_t mm_height, uint32_t refresh,
    uint32_t scale, uint32_t visible)
{
	struct ph_wl_head *head = data;
	const struct ph_head_config config = {
	    .width = width,
	    .height = height,
	    .mm_width = mm_width,
	    .mm_height = mm_height,
	    .refresh = refresh,
	    .visible = visible != 0,
	};
	phyllome_guest_head_v1_ack_configure(proxy, serial);
	head->events->configure(head->data, &config);
}

static const struct phyllome_guest_head_v1_listener head_listener = {
    .configure = handle_configure,
};

static void handle_release(void *data, struct wl_buffer *buffer)
{
	struct slot *slot = data;
	slot->head->events->released(slot->head->data, slot_index(slot));
}

static const struct wl_buffer_listener buffer_listener = {
    .release = handle_release,
};

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct ph_wl_head *head = data;

	wl_callback_destroy(head->frame);
	head->frame = NULL;
	head->events->latched(head->data, head->serial);
}

static const struct wl_callback_listener frame_listener = {
    .done = handle_frame,
};

struct ph_wl_head *wl_head_create(struct ph_wl_client *client, uint32_t console,
    const struct ph_wl_head_events *events, void *data)
{
	struct ph_wl_head *head = alloc_zero(sizeof(*head));

	head->client = client;
	head->globals = wl_client_globals(client);
	head->events = events;
	head->data = data;
	head->console = console;
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		head->slots[i].head = head;
		picture_init(&head->slots[i].source);
	}
	head->surface = wl_compositor_create_surface(head->globals->compositor);
	head->head = phyllome_guest_manager_v1_get_head(
	    head->globals->manager, head->globals->token, console, head->surface);
	phyllome_guest_head_v1_add_listener(head->head, &head_listener, head);
	if (head->globals->viewporter) {
		head->viewport =
		    wp_viewporter_get_viewport(head->globals->viewporter, head->surface);
	}
	/* opaque whatever the format says; larger than any picture is all of it */
	struct wl_region *region = wl_compositor_create_region(head->globals->compositor);
	wl_region_add(region, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_set_opaque_region(head->surface, region);
	wl_region_destroy(region);
	return head;
}

void wl_head_destroy(struct ph_wl_head *head)
{
	if (!head) {
		return;
	}
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		wl_head_drop(head, i);
	}
	if (head->frame) {
		wl_callback_destroy(head->frame);
	}
	if (head->cursor_buffer) {
		wl_buffer_destroy(head->cursor_buffer);
	}
	if (head->viewport) {
		wp_viewport_destroy(head->viewport);
	}
	phyllome_guest_head_v1_destroy(head->head);
	if (head->cursor) {
		wl_surface_destroy(head->cursor);
	}
	wl_surface_destroy(head->surface);
	free(head);
}

/* The compositor cannot show the dma-buf itself: from here on its pixels are copied. */
static bool copy_instead(struct slot *slot)
{
	struct ph_wl_head *head = slot->head;

	if (slot->source.num_planes == 0 || !read_back_is_possible(&slot->source)) {
		log_limited(&head->limit, PH_LOG_ERROR,
		    "console %u: the compositor cannot use the guest's dma-buf, and it cannot be "
		    "read: set gl off for this guest",
		    head->console);
		return false;
	}
	if (!head->told_copy) {
		log_info("console %u: the compositor cannot use the guest's dma-bufs: every frame is "
			 "copied; gl off for this guest may be faster",
		    head->console);
		head->told_copy = true;
	}
	slot->swap = wl_swap_create(
	    head->globals->shm, slot->source.backing_width, slot->source.backing_height);
	return true;
}

static void handle_imported(void *data, struct wl_buffer *buffer)
{
	struct slot *slot = data;
	struct ph_wl_head *head = slot->head;
	bool ok = true;

	slot->importing = NULL;
	slot->buffer = buffer;
	if (buffer) {
		wl_buffer_add_listener(buffer, &buffer_listener, slot);
		picture_finish(&slot->source);
	} else {
		ok = copy_instead(slot);
	}
	head->events->imported(head->data, slot_index(slot), ok);
}

static void import_dmabuf(struct slot *slot, const struct ph_picture *picture)
{
	struct ph_wl_head *head = slot->head;

	/* Its fds are the caller's: kept until the compositor has taken it. */
	(void)picture_dup(&slot->source, picture);
	if (head->globals->dmabuf) {
		slot->importing =
		    wl_dmabuf_import(head->globals->dmabuf, picture, handle_imported, slot);
	}
	if (!slot->importing) {
		head->events->imported(head->data, slot_index(slot), copy_instead(slot));
	}
}

/* As the compositor names a format of shared memory. */
static uint32_t shm_format(uint32_t fourcc)
{
	return fourcc == DRM_FORMAT_XRGB8888 ? WL_SHM_FORMAT_XRGB8888 : fourcc;
}

/* QEMU's own memory as a wl_buffer, if the compositor takes it as it is. */
static bool import_map(struct slot *slot, const struct ph_picture *picture)
{
	const struct ph_wl_globals *globals = slot->head->globals;
	const uint32_t format = shm_format(formats_opaque(picture->fourcc));
	const uint64_t offset = picture->planes[0].offset, stride = picture->planes[0].stride;
	const uint64_t size = offset + stride * picture->backing_height;

	if (size > INT32_MAX || !formats_has(&globals->shm_formats, format, 0)) {
		return false;
	}
	struct wl_shm_pool *pool =
	    wl_shm_create_pool(globals->shm, picture->planes[0].fd, (int32_t)size);
	slot->buffer = wl_shm_pool_create_buffer(pool, (int32_t)offset,
	    (int32_t)picture->backing_width, (int32_t)picture->backing_height, (int32_t)stride,
	    format);
	wl_shm_pool_destroy(pool);
	wl_buffer_add_listener(slot->buffer, &buffer_listener, slot);
	return true;
}

void wl_head_import(struct ph_wl_head *head, int index, const struct ph_picture *picture)
{
	struct slot *slot = &head->slots[index];
	bool ok = true;

	if (picture->kind == PH_PICTURE_DMABUF) {
		import_dmabuf(slot, picture);
		return;
	}
	if (!import_map(slot, picture)) {
		ok = picture_dup(&slot->source, picture);
		slot->swap = wl_swap_create(
		    head->globals->shm, picture->backing_width, picture->backing_height);
	}
	head->events->imported(head->data, index, ok);
}

void wl_head_import_canvas(struct ph_wl_head *head, int index, uint32_t width, uint32_t height)
{
	head->slots[index].swap = wl_swap_create(head->globals->shm, width, height);
	head->events->imported(head->data, index, true);
}

void wl_head_drop(struct ph_wl_head *head, int index)
{
	struct slot *slot = &head->slots[index];

	wl_import_cancel(slot->importing);
	slot->importing = NULL;
	if (slot->buffer) {
		wl_buffer_destroy(slot->buffer);
		slot->buffer = NULL;
	}
	wl_swap_destroy(slot->swap);
	slot->swap = NULL;
	picture_finish(&slot->source);
}

static void draw_canvas(const struct ph_wl_swap_frame *frame, const struct ph_canvas *canvas)
{
	const struct ph_rect *r = &frame->stale;

	for (int32_t y = r->y; y < r->y + r->height; y++) {
		const size_t at = (size_t)y * canvas->width + (size_t)r->x;
		memcpy(frame->data + at, canvas->data + at, (size_t)r->width * 4);
	}
}

/* The buffer to attach, drawn first where it is a copy. NULL: none is free. */
static struct wl_buffer *take_buffer(
    struct slot *slot, const struct ph_head_commit *commit, struct ph_rect damage)
{
	struct ph_wl_swap_frame frame;

	if (!slot->swap) {
		return slot->buffer;
	}
	if (!wl_swap_next(slot->swap, damage, &frame)) {
		return NULL;
	}
	if (commit->canvas) {
		draw_canvas(&frame, commit->canvas);
	} else {
		read_back_draw(frame.data, &slot->source, &frame.stale);
	}
	return frame.buffer;
}

/* Crop and direction, when they are not what the surface was told last. */
static void place_picture(struct ph_wl_head *head, const struct ph_picture *p)
{
	const bool inverted = p && p->y_inverted;
	const bool cropped =
	    p && (p->width != p->backing_width || p->height != p->backing_height);

	if (inverted != head->inverted) {
		head->inverted = inverted;
		wl_surface_set_buffer_transform(head->surface,
		    inverted ? WL_OUTPUT_TRANSFORM_FLIPPED_180 : WL_OUTPUT_TRANSFORM_NORMAL);
	}
	if (!head->viewport || (!cropped && !head->cropped) ||
	    (cropped && head->cropped && head->x == p->x && head->y == p->y &&
		head->width == p->width && head->height == p->height)) {
		return;
	}
	head->cropped = cropped;
	if (cropped) {
		head->x = p->x;
		head->y = p->y;
		head->width = p->width;
		head->height = p->height;
		/* counted the right way up: the source is taken after the transform */
		wp_viewport_set_source(head->viewport, wl_fixed_from_int((int)p->x),
		    wl_fixed_from_int((int)p->y), wl_fixed_from_int((int)p->width),
		    wl_fixed_from_int((int)p->height));
	} else {
		const wl_fixed_t none = wl_fixed_from_int(-1);
		wp_viewport_set_source(head->viewport, none, none, none, none);
	}
}

void wl_head_commit(struct ph_wl_head *head, const struct ph_head_commit *commit)
{
	struct slot *slot = &head->slots[commit->slot];
	struct ph_rect damage = {.width = INT32_MAX, .height = INT32_MAX};

	if (!commit->full) {
		damage = commit->picture ? picture_damage(commit->picture, commit->damage)
					 : commit->damage;
	}
	struct wl_buffer *buffer = take_buffer(slot, commit, damage);
	if (buffer) {
		wl_surface_attach(head->surface, buffer, 0, 0);
		if (!rect_is_empty(damage)) {
			wl_surface_damage_buffer(
			    head->surface, damage.x, damage.y, damage.width, damage.height);
		}
		place_picture(head, commit->picture);
	}
	if (head->frame) {
		/* only the newest commit's callback is of interest */
		wl_callback_destroy(head->frame);
		head->frame = NULL;
	}
	if (commit->serial != 0) {
		head->serial = commit->serial;
		head->frame = wl_surface_frame(head->surface);
		wl_callback_add_listener(head->frame, &frame_listener, head);
	}
	wl_surface_commit(head->surface);
	if (slot->swap) {
		/* the slot itself is free again: a copy was shown */
		head->events->released(head->data, commit->slot);
	}
}

void wl_head_blank(struct ph_wl_head *head)
{
	wl_surface_attach(head->surface, NULL, 0, 0);
	wl_surface_commit(head->surface);
}

bool wl_head_set_cursor(struct ph_wl_head *head, const uint32_t *argb, uint32_t width,
    uint32_t height, int32_t hotspot_x, int32_t hotspot_y)
{
	if (wl_client_is_backlogged(head->client)) {
		return false;
	}
	struct wl_buffer *buffer = wl_swap_make_still(
	    head->globals->shm, argb, width, height, WL_SHM_FORMAT_ARGB8888);
	if (!buffer) {
		log_limited(&head->limit, PH_LOG_ERROR, "console %u: no memory for a cursor: %s",
		    head->console, strerror(errno));
		return false;
	}
	if (!head->cursor) {
		head->cursor = wl_compositor_create_surface(head->globals->compositor);
	}
	phyllome_guest_head_v1_set_cursor(head->head, head->cursor, hotspot_x, hotspot_y);
	wl_surface_attach(head->cursor, buffer, 0, 0);
	wl_surface_damage_buffer(head->cursor, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(head->cursor);
	/* nothing is drawn into the old one, so it need not be released first */
	if (head->cursor_buffer) {
		wl_buffer_destroy(head->cursor_buffer);
	}
	head->cursor_buffer = buffer;
	return true;
}

void wl_head_hide_cursor(struct ph_wl_head *head)
{
	phyllome_guest_head_v1_set_cursor(head->head, NULL, 0, 0);
}
