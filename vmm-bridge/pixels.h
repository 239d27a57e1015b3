// SPDX-License-Identifier: MIT
#ifndef PH_PIXELS_H
#define PH_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "display.h"

/* Pixels in plain memory, and their conversion to XRGB8888. */

/*
 * Bytes that an image of that size occupies: stride * (height - 1) plus one
 * row of pixels. 0 if the format is unknown, a side is 0 or above
 * PH_MAX_PICTURE_SIZE, or a row does not fit into the stride.
 */
uint64_t pixels_size(uint32_t fourcc, uint32_t width, uint32_t height, uint32_t stride);

/*
 * Converts one row of width pixels to XRGB8888 with the unused byte 0xff. src
 * need not be aligned. The format must be known to formats_bytes_per_pixel().
 */
void pixels_convert_row(uint32_t *dst, const void *src, uint32_t fourcc, uint32_t width);

/*
 * A picture in memory, XRGB8888, that bytes of any format are drawn into.
 * Zeroed memory is an empty one.
 */
struct ph_canvas {
	uint32_t width, height;
	uint32_t *data; /* owned; width * height pixels without padding */
	uint64_t generation; /* changes with the size; 0 is never used */
};

void canvas_finish(struct ph_canvas *canvas);

/* Black, of that size; keeps the content if the size is the same. False if a side is 0 or too large. */
bool canvas_resize(struct ph_canvas *canvas, uint32_t width, uint32_t height);

/*
 * Draws the pixels; what lies outside is left out. Returns the rectangle that
 * changed, empty if none did.
 */
struct ph_rect canvas_draw(struct ph_canvas *canvas, const struct ph_pixels *pixels);

/* The part of a that lies in 0,0 width x height; of size 0 if there is none. Safe for any input. */
struct ph_rect rect_clip(struct ph_rect a, uint32_t width, uint32_t height);

/* The smallest rectangle around both; an empty one counts for nothing. */
struct ph_rect rect_union(struct ph_rect a, struct ph_rect b);

static inline bool rect_is_empty(struct ph_rect a)
{
	return a.width <= 0 || a.height <= 0;
}

#endif
