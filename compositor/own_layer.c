// SPDX-License-Identifier: MIT
#include "own_layer.h"

#include <drm_fourcc.h>
#include <pixman.h>
#include <stdlib.h>
#include <string.h>

#include "dumb.h"
#include "pixmap.h"

static bool same_box(const struct ph_box *a, const struct ph_box *b)
{
	return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

static bool same_piece(const struct ph_own_piece *a, const struct ph_own_piece *b)
{
	return same_box(&a->box, &b->box) && a->serial == b->serial &&
	       memcmp(a->colour, b->colour, sizeof(a->colour)) == 0;
}

static bool is_current(const struct ph_own_layer *layer, const struct ph_own_piece *pieces,
    size_t count, const struct ph_box *box)
{
	bool same = layer->current && layer->count == count && same_box(&layer->box, box);

	for (size_t i = 0; i < count && same; i++) {
		same = same_piece(&layer->pieces[i], &pieces[i]);
	}
	return same;
}

/* A buffer that is on no screen, made if there is none. */
static struct ph_dumb *find_buffer(struct ph_own_layer *layer, int drm_fd, const struct ph_box *box)
{
	if (!same_box(&layer->box, box)) {
		own_layer_release(layer);
		layer->box = *box;
	}
	for (size_t i = 0; i < PH_OWN_BUFFERS_MAX; i++) {
		struct ph_dumb *buffer = layer->buffers[i];
		if (!buffer) {
			buffer = dumb_create(drm_fd, box->width, box->height, DRM_FORMAT_ARGB8888);
			layer->buffers[i] = buffer;
			return buffer;
		}
		if (buffer->base.n_locks == 0) {
			return buffer;
		}
	}
	return NULL;
}

static uint16_t to_16_bits(float part)
{
	return (uint16_t)(part * 65535 + 0.5f);
}

static void draw_colour(pixman_image_t *image, const struct ph_own_piece *piece, const struct ph_box *area)
{
	const pixman_color_t colour = {to_16_bits(piece->colour[0]), to_16_bits(piece->colour[1]),
	    to_16_bits(piece->colour[2]), to_16_bits(piece->colour[3])};
	const pixman_box32_t box = {piece->box.x - area->x, piece->box.y - area->y,
	    piece->box.x - area->x + piece->box.width, piece->box.y - area->y + piece->box.height};

	pixman_image_fill_boxes(PIXMAN_OP_OVER, image, &colour, 1, &box);
}

static void draw_pixmap(pixman_image_t *image, const struct ph_own_piece *piece, const struct ph_box *area)
{
	const struct ph_pixmap *pixmap = piece->pixmap;
	int width = pixmap->base.width, height = pixmap->base.height;
	pixman_image_t *source = pixman_image_create_bits_no_clear(
	    pixmap->format == DRM_FORMAT_ARGB8888 ? PIXMAN_a8r8g8b8 : PIXMAN_x8r8g8b8, width, height,
	    (uint32_t *)(void *)cairo_image_surface_get_data(pixmap->surface),
	    cairo_image_surface_get_stride(pixmap->surface));

	if (!source) {
		abort();
	}
	if (width != piece->box.width || height != piece->box.height) {
		pixman_transform_t transform;
		pixman_transform_init_scale(&transform,
		    pixman_double_to_fixed((double)width / piece->box.width),
		    pixman_double_to_fixed((double)height / piece->box.height));
		pixman_image_set_transform(source, &transform);
		pixman_image_set_filter(source, PIXMAN_FILTER_BILINEAR, NULL, 0);
	}
	pixman_image_composite32(PIXMAN_OP_OVER, source, NULL, image, 0, 0, 0, 0,
	    piece->box.x - area->x, piece->box.y - area->y, piece->box.width, piece->box.height);
	pixman_image_unref(source);
}

struct wlr_buffer *own_layer_draw(struct ph_own_layer *layer, int drm_fd,
    const struct ph_own_piece *pieces, size_t count, const struct ph_box *box)
{
	if (is_current(layer, pieces, count, box)) {
		return &layer->current->base;
	}
	struct ph_dumb *buffer = find_buffer(layer, drm_fd, box);
	if (!buffer) {
		return NULL;
	}
	/* Blending reads what it writes, and the card's memory is slow to read. */
	pixman_image_t *image = pixman_image_create_bits(PIXMAN_a8r8g8b8, box->width, box->height, NULL, 0);
	if (!image) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].pixmap) {
			draw_pixmap(image, &pieces[i], box);
		} else {
			draw_colour(image, &pieces[i], box);
		}
		layer->pieces[i] = pieces[i];
		layer->pieces[i].pixmap = NULL;
	}
	const uint8_t *from = (const uint8_t *)pixman_image_get_data(image);
	size_t stride = (size_t)pixman_image_get_stride(image);
	for (size_t y = 0; y < (size_t)box->height; y++) {
		memcpy(buffer->data + y * buffer->dmabuf.stride[0], from + y * stride, (size_t)box->width * 4);
	}
	pixman_image_unref(image);
	layer->count = count;
	layer->current = buffer;
	return &buffer->base;
}

void own_layer_release(struct ph_own_layer *layer)
{
	for (size_t i = 0; i < PH_OWN_BUFFERS_MAX; i++) {
		if (layer->buffers[i]) {
			wlr_buffer_drop(&layer->buffers[i]->base);
		}
	}
	*layer = (struct ph_own_layer){0};
}
