// SPDX-License-Identifier: MIT
#include "own_layer.h"

#include <drm_fourcc.h>
#include <pixman.h>
#include <stdlib.h>
#include <string.h>

#include "dumb.h"
#include "own_change.h"
#include "pixmap.h"

static bool same_box(const struct ph_box *a, const struct ph_box *b)
{
	return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

/* An image that is on no screen, made if there is none. */
static struct ph_own_image *find_image(
    struct ph_own_layer *layer, int drm_fd, const struct ph_box *box)
{
	for (size_t i = 0; i < PH_OWN_BUFFERS_MAX; i++) {
		struct ph_own_image *image = &layer->images[i];
		if (!image->buffer) {
			/* of zeros, as an image of no piece is */
			image->buffer = dumb_create(drm_fd, box->width, box->height, DRM_FORMAT_ARGB8888);
			return image->buffer ? image : NULL;
		}
		if (image->buffer->base.n_locks == 0) {
			return image;
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

/* Draws that part of it anew; false: no memory for that. */
static bool draw_part(struct ph_own_image *to, const struct ph_own_piece *pieces, size_t count,
    const struct ph_box *box, const struct ph_box *part)
{
	/* Blending reads what it writes, and the card's memory is slow to read. */
	pixman_image_t *image = pixman_image_create_bits(PIXMAN_a8r8g8b8, part->width, part->height, NULL, 0);

	if (!image) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].pixmap) {
			draw_pixmap(image, &pieces[i], part);
		} else {
			draw_colour(image, &pieces[i], part);
		}
	}
	const uint8_t *from = (const uint8_t *)pixman_image_get_data(image);
	size_t from_stride = (size_t)pixman_image_get_stride(image);
	size_t stride = (size_t)to->buffer->dmabuf.stride[0];
	uint8_t *first =
	    to->buffer->data + (size_t)(part->y - box->y) * stride + (size_t)(part->x - box->x) * 4;
	for (size_t y = 0; y < (size_t)part->height; y++) {
		memcpy(first + y * stride, from + y * from_stride, (size_t)part->width * 4);
	}
	pixman_image_unref(image);
	return true;
}

static bool is_empty(const struct ph_box *box)
{
	return box->width < 1 || box->height < 1;
}

struct wlr_buffer *own_layer_draw(struct ph_own_layer *layer, int drm_fd,
    const struct ph_own_piece *pieces, size_t count, const struct ph_box *box)
{
	struct ph_own_image *image = layer->current;

	if (!same_box(&layer->box, box)) {
		own_layer_release(layer);
		layer->box = *box;
		image = NULL;
	}
	struct ph_box part = *box;
	if (image) {
		part = own_change_find(image->pieces, image->count, pieces, count, box);
		if (is_empty(&part)) {
			return &image->buffer->base;
		}
	}
	image = find_image(layer, drm_fd, box);
	if (!image) {
		return NULL;
	}
	part = own_change_find(image->pieces, image->count, pieces, count, box);
	if (!is_empty(&part) && !draw_part(image, pieces, count, box, &part)) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		image->pieces[i] = pieces[i];
		image->pieces[i].pixmap = NULL;
	}
	image->count = count;
	layer->current = image;
	return &image->buffer->base;
}

void own_layer_release(struct ph_own_layer *layer)
{
	for (size_t i = 0; i < PH_OWN_BUFFERS_MAX; i++) {
		if (layer->images[i].buffer) {
			wlr_buffer_drop(&layer->images[i].buffer->base);
		}
	}
	*layer = (struct ph_own_layer){0};
}
