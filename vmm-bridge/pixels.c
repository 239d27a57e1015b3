// SPDX-License-Identifier: MIT
#include "pixels.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

uint64_t pixels_size(uint32_t fourcc, uint32_t width, uint32_t height, uint32_t stride)
{
	const uint64_t row = (uint64_t)width * formats_bytes_per_pixel(fourcc);
	if (row == 0 || height == 0 || width > PH_MAX_PICTURE_SIZE ||
	    height > PH_MAX_PICTURE_SIZE || row > stride) {
		return 0;
	}
	return (uint64_t)stride * (height - 1) + row;
}

/* A field of bits to 8 bits, so that all ones give 255. */
static uint32_t widen(uint32_t word, uint8_t shift, uint8_t bits)
{
	const uint32_t value = word >> shift & ((1u << bits) - 1);
	if (bits >= 8) {
		return value >> (bits - 8);
	}
	return value << (8 - bits) | value >> (2 * bits - 8);
}

static uint32_t load(const uint8_t *bytes, uint32_t size)
{
	switch (size) {
	case 2:
		return bytes[0] | (uint32_t)bytes[1] << 8;
	case 3:
		return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
	default:
		return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		       (uint32_t)bytes[3] << 24;
	}
}

void pixels_convert_row(uint32_t *dst, const void *src, uint32_t fourcc, uint32_t width)
{
	const uint8_t *bytes = src;
	const uint32_t step = formats_bytes_per_pixel(fourcc);
	const struct ph_format_fields *f = formats_fields(fourcc);

	/* nearly every picture is this one */
	if (fourcc == DRM_FORMAT_XRGB8888 || fourcc == DRM_FORMAT_ARGB8888) {
		for (uint32_t x = 0; x < width; x++) {
			dst[x] = load(bytes + (size_t)x * 4, 4) | 0xff000000u;
		}
		return;
	}
	for (uint32_t x = 0; x < width; x++) {
		const uint32_t word = load(bytes + (size_t)x * step, step);
		dst[x] = 0xff000000u | widen(word, f->red_shift, f->red_bits) << 16 |
			 widen(word, f->green_shift, f->green_bits) << 8 |
			 widen(word, f->blue_shift, f->blue_bits);
	}
}

void canvas_finish(struct ph_canvas *canvas)
{
	free(canvas->data);
	*canvas = (struct ph_canvas){.generation = canvas->generation};
}

bool canvas_resize(struct ph_canvas *canvas, uint32_t width, uint32_t height)
{
	if (width == 0 || height == 0 || width > PH_MAX_PICTURE_SIZE ||
	    height > PH_MAX_PICTURE_SIZE) {
		return false;
	}
	if (canvas->data && canvas->width == width && canvas->height == height) {
		return true;
	}
	/* the size is a peer's choice: a machine without that memory says no */
	uint32_t *data = calloc((size_t)width * height, sizeof(*data));
	if (!data) {
		return false;
	}
	free(canvas->data);
	canvas->data = data;
	canvas->width = width;
	canvas->height = height;
	canvas->generation++;
	return true;
}

struct ph_rect canvas_draw(struct ph_canvas *canvas, const struct ph_pixels *pixels)
{
	const struct ph_rect at = pixels->rect;
	const struct ph_rect clip = rect_clip(at, canvas->width, canvas->height);
	const uint32_t step = formats_bytes_per_pixel(pixels->fourcc);

	for (int32_t y = clip.y; y < clip.y + clip.height; y++) {
		const uint8_t *src = (const uint8_t *)pixels->data +
		    (size_t)(y - (int64_t)at.y) * pixels->stride +
		    (size_t)(clip.x - (int64_t)at.x) * step;
		pixels_convert_row(canvas->data + (size_t)y * canvas->width + clip.x, src,
		    pixels->fourcc, (uint32_t)clip.width);
	}
	return clip;
}

static int64_t clamp(int64_t value, int64_t max)
{
	return value < 0 ? 0 : value > max ? max : value;
}

struct ph_rect rect_clip(struct ph_rect a, uint32_t width, uint32_t height)
{
	const int64_t w = width > INT32_MAX ? INT32_MAX : width;
	const int64_t h = height > INT32_MAX ? INT32_MAX : height;
	const int64_t x1 = clamp(a.x, w), x2 = clamp((int64_t)a.x + a.width, w);
	const int64_t y1 = clamp(a.y, h), y2 = clamp((int64_t)a.y + a.height, h);
	if (x2 <= x1 || y2 <= y1) {
		return (struct ph_rect){0};
	}
	return (struct ph_rect){.x = (int32_t)x1,
	    .y = (int32_t)y1,
	    .width = (int32_t)(x2 - x1),
	    .height = (int32_t)(y2 - y1)};
}

struct ph_rect rect_union(struct ph_rect a, struct ph_rect b)
{
	if (rect_is_empty(a)) {
		return b;
	}
	if (rect_is_empty(b)) {
		return a;
	}
	const int32_t x1 = a.x < b.x ? a.x : b.x, y1 = a.y < b.y ? a.y : b.y;
	const int32_t ax2 = a.x + a.width, bx2 = b.x + b.width;
	const int32_t ay2 = a.y + a.height, by2 = b.y + b.height;
	return (struct ph_rect){.x = x1,
	    .y = y1,
	    .width = (ax2 > bx2 ? ax2 : bx2) - x1,
	    .height = (ay2 > by2 ? ay2 : by2) - y1};
}
