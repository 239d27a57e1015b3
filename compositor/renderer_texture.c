// SPDX-License-Identifier: MIT
#include "renderer_texture.h"

#include <stdlib.h>
#include <wlr/types/wlr_buffer.h>

#include "renderer.h"

static const struct wlr_texture_impl texture_impl;

static struct ph_texture *from_wlr(struct wlr_texture *wlr_texture)
{
	if (wlr_texture->impl != &texture_impl) {
		abort();
	}
	struct ph_texture *texture = wl_container_of(wlr_texture, texture, base);
	return texture;
}

bool renderer_has_pixels(struct wlr_buffer *buffer, uint32_t flags)
{
	void *data;
	uint32_t format;
	size_t stride;

	if (!wlr_buffer_begin_data_ptr_access(buffer, flags, &data, &format, &stride)) {
		return false;
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return true;
}

void renderer_count_copied(
    struct ph_renderer *renderer, const pixman_region32_t *region, const struct wlr_box *within)
{
	pixman_region32_t part;
	int count;

	if (wlr_box_empty(within)) {
		return;
	}
	pixman_region32_init_rect(
	    &part, within->x, within->y, (unsigned)within->width, (unsigned)within->height);
	if (region) {
		pixman_region32_intersect(&part, &part, region);
	}
	const pixman_box32_t *boxes = pixman_region32_rectangles(&part, &count);
	for (int i = 0; i < count; i++) {
		renderer->copied +=
		    (uint64_t)(boxes[i].x2 - boxes[i].x1) * (uint64_t)(boxes[i].y2 - boxes[i].y1) * 4;
	}
	pixman_region32_fini(&part);
}

/* A texture of the GPU's got pixels out of shared memory; damage NULL: all. */
static void count_upload(struct ph_texture *texture, const pixman_region32_t *damage)
{
	const struct wlr_box all = {
	    .width = (int)texture->base.width, .height = (int)texture->base.height};

	if (texture->pixels) {
		renderer_count_copied(renderer_from_wlr(texture->base.renderer), damage, &all);
	}
}

static void forget_cpu(struct ph_texture *texture)
{
	wlr_texture_destroy(texture->cpu);
	texture->cpu = NULL;
}

void renderer_texture_forget_gpu(struct ph_texture *texture)
{
	wlr_texture_destroy(texture->gpu);
	texture->gpu = NULL;
}

/* Shared memory that a client has drawn to again; a dma-buf is never copied. */
static bool update_from_buffer(
    struct wlr_texture *wlr_texture, struct wlr_buffer *buffer, const pixman_region32_t *damage)
{
	struct ph_texture *texture = from_wlr(wlr_texture);

	if (!texture->pixels || !renderer_has_pixels(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ)) {
		return false;
	}
	if (texture->gpu && !wlr_texture_update_from_buffer(texture->gpu, buffer, damage)) {
		renderer_texture_forget_gpu(texture);
	} else if (texture->gpu) {
		count_upload(texture, damage);
	}
	forget_cpu(texture);
	struct wlr_buffer *old = texture->buffer;
	texture->buffer = wlr_buffer_lock(buffer);
	wlr_buffer_unlock(old);
	return true;
}

/* Whichever can read it; the CPU if both can. */
static struct wlr_texture *for_reading(struct wlr_texture *wlr_texture)
{
	struct ph_renderer *renderer = renderer_from_wlr(wlr_texture->renderer);
	struct wlr_texture *cpu = renderer_texture_for_cpu(wlr_texture);

	if (cpu || !renderer_need_gpu(renderer)) {
		return cpu;
	}
	return renderer_texture_for_gpu(wlr_texture);
}

static bool read_pixels(
    struct wlr_texture *wlr_texture, const struct wlr_texture_read_pixels_options *options)
{
	struct wlr_texture *real = for_reading(wlr_texture);

	return real && wlr_texture_read_pixels(real, options);
}

static uint32_t preferred_read_format(struct wlr_texture *wlr_texture)
{
	struct wlr_texture *real = for_reading(wlr_texture);

	return real ? wlr_texture_preferred_read_format(real) : 0; /* DRM_FORMAT_INVALID */
}

static void destroy(struct wlr_texture *wlr_texture)
{
	struct ph_texture *texture = from_wlr(wlr_texture);

	forget_cpu(texture);
	renderer_texture_forget_gpu(texture);
	wl_list_remove(&texture->link);
	wlr_buffer_unlock(texture->buffer);
	free(texture);
}

static const struct wlr_texture_impl texture_impl = {
    .update_from_buffer = update_from_buffer,
    .read_pixels = read_pixels,
    .preferred_read_format = preferred_read_format,
    .destroy = destroy,
};

struct wlr_texture *renderer_texture_create(struct wlr_renderer *wlr_renderer, struct wlr_buffer *buffer)
{
	struct ph_renderer *renderer = renderer_from_wlr(wlr_renderer);
	struct wlr_dmabuf_attributes dmabuf;
	bool pixels = renderer_has_pixels(buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ);

	if (!pixels && (!renderer->gpu_allowed || !wlr_buffer_get_dmabuf(buffer, &dmabuf))) {
		return NULL;
	}
	struct ph_texture *texture = calloc(1, sizeof(*texture));
	if (!texture) {
		abort();
	}
	wlr_texture_init(&texture->base, wlr_renderer, &texture_impl, (uint32_t)buffer->width,
	    (uint32_t)buffer->height);
	texture->buffer = wlr_buffer_lock(buffer);
	texture->pixels = pixels;
	wl_list_insert(&renderer->textures, &texture->link);
	return &texture->base;
}

struct wlr_texture *renderer_texture_for_cpu(struct wlr_texture *wlr_texture)
{
	struct ph_texture *texture = from_wlr(wlr_texture);

	if (!texture->cpu && texture->pixels) {
		struct ph_renderer *renderer = renderer_from_wlr(wlr_texture->renderer);
		texture->cpu = wlr_texture_from_buffer(renderer->cpu, texture->buffer);
	}
	return texture->cpu;
}

struct wlr_texture *renderer_texture_for_gpu(struct wlr_texture *wlr_texture)
{
	struct ph_texture *texture = from_wlr(wlr_texture);
	struct ph_renderer *renderer = renderer_from_wlr(wlr_texture->renderer);

	if (!texture->gpu && renderer->gpu) {
		texture->gpu = wlr_texture_from_buffer(renderer->gpu, texture->buffer);
		if (texture->gpu) {
			count_upload(texture, NULL);
		}
	}
	return texture->gpu;
}

bool renderer_texture_needs_gpu(struct wlr_texture *wlr_texture)
{
	return !from_wlr(wlr_texture)->pixels;
}
