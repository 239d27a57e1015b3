// SPDX-License-Identifier: MIT
#include "formats.h"

#include <drm_fourcc.h>
#include <stdlib.h>

#define MAX_FORMATS 4096

/* pixman's code: bits per pixel, type, and the widths of alpha, red, green, blue. */
#define PIXMAN(bpp, type, a, r, g, b)                                                              \
	((uint32_t)(bpp) << 24 | (uint32_t)(type) << 16 | (a) << 12 | (r) << 8 | (g) << 4 | (b))

enum pixman_type {
	TYPE_ARGB = 2,
	TYPE_ABGR = 3,
	TYPE_BGRA = 8,
	TYPE_RGBA = 9,
};

struct format {
	uint32_t pixman, fourcc, opaque;
	uint8_t bytes;
	struct ph_format_fields fields;
};

static const struct format formats[] = {
    {PIXMAN(32, TYPE_ARGB, 0, 8, 8, 8), DRM_FORMAT_XRGB8888, DRM_FORMAT_XRGB8888, 4,
	{16, 8, 8, 8, 0, 8}},
    {PIXMAN(32, TYPE_ARGB, 8, 8, 8, 8), DRM_FORMAT_ARGB8888, DRM_FORMAT_XRGB8888, 4,
	{16, 8, 8, 8, 0, 8}},
    {PIXMAN(32, TYPE_ABGR, 0, 8, 8, 8), DRM_FORMAT_XBGR8888, DRM_FORMAT_XBGR8888, 4,
	{0, 8, 8, 8, 16, 8}},
    {PIXMAN(32, TYPE_ABGR, 8, 8, 8, 8), DRM_FORMAT_ABGR8888, DRM_FORMAT_XBGR8888, 4,
	{0, 8, 8, 8, 16, 8}},
    {PIXMAN(32, TYPE_BGRA, 0, 8, 8, 8), DRM_FORMAT_BGRX8888, DRM_FORMAT_BGRX8888, 4,
	{8, 8, 16, 8, 24, 8}},
    {PIXMAN(32, TYPE_BGRA, 8, 8, 8, 8), DRM_FORMAT_BGRA8888, DRM_FORMAT_BGRX8888, 4,
	{8, 8, 16, 8, 24, 8}},
    {PIXMAN(32, TYPE_RGBA, 0, 8, 8, 8), DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBX8888, 4,
	{24, 8, 16, 8, 8, 8}},
    {PIXMAN(32, TYPE_RGBA, 8, 8, 8, 8), DRM_FORMAT_RGBA8888, DRM_FORMAT_RGBX8888, 4,
	{24, 8, 16, 8, 8, 8}},
    {PIXMAN(32, TYPE_ARGB, 0, 10, 10, 10), DRM_FORMAT_XRGB2101010, DRM_FORMAT_XRGB2101010, 4,
	{20, 10, 10, 10, 0, 10}},
    {PIXMAN(32, TYPE_ARGB, 2, 10, 10, 10), DRM_FORMAT_ARGB2101010, DRM_FORMAT_XRGB2101010, 4,
	{20, 10, 10, 10, 0, 10}},
    {PIXMAN(32, TYPE_ABGR, 0, 10, 10, 10), DRM_FORMAT_XBGR2101010, DRM_FORMAT_XBGR2101010, 4,
	{0, 10, 10, 10, 20, 10}},
    {PIXMAN(32, TYPE_ABGR, 2, 10, 10, 10), DRM_FORMAT_ABGR2101010, DRM_FORMAT_XBGR2101010, 4,
	{0, 10, 10, 10, 20, 10}},
    {PIXMAN(24, TYPE_ARGB, 0, 8, 8, 8), DRM_FORMAT_RGB888, DRM_FORMAT_RGB888, 3,
	{16, 8, 8, 8, 0, 8}},
    {PIXMAN(24, TYPE_ABGR, 0, 8, 8, 8), DRM_FORMAT_BGR888, DRM_FORMAT_BGR888, 3,
	{0, 8, 8, 8, 16, 8}},
    {PIXMAN(16, TYPE_ARGB, 0, 5, 6, 5), DRM_FORMAT_RGB565, DRM_FORMAT_RGB565, 2,
	{11, 5, 5, 6, 0, 5}},
    {PIXMAN(16, TYPE_ABGR, 0, 5, 6, 5), DRM_FORMAT_BGR565, DRM_FORMAT_BGR565, 2,
	{0, 5, 5, 6, 11, 5}},
    {PIXMAN(16, TYPE_ARGB, 0, 5, 5, 5), DRM_FORMAT_XRGB1555, DRM_FORMAT_XRGB1555, 2,
	{10, 5, 5, 5, 0, 5}},
    {PIXMAN(16, TYPE_ARGB, 1, 5, 5, 5), DRM_FORMAT_ARGB1555, DRM_FORMAT_XRGB1555, 2,
	{10, 5, 5, 5, 0, 5}},
    {PIXMAN(16, TYPE_ABGR, 0, 5, 5, 5), DRM_FORMAT_XBGR1555, DRM_FORMAT_XBGR1555, 2,
	{0, 5, 5, 5, 10, 5}},
    {PIXMAN(16, TYPE_ABGR, 1, 5, 5, 5), DRM_FORMAT_ABGR1555, DRM_FORMAT_XBGR1555, 2,
	{0, 5, 5, 5, 10, 5}},
};

#define NUM_FORMATS (sizeof(formats) / sizeof(formats[0]))

static const struct format *find_format(uint32_t fourcc)
{
	for (size_t i = 0; i < NUM_FORMATS; i++) {
		if (formats[i].fourcc == fourcc) {
			return &formats[i];
		}
	}
	return NULL;
}

uint32_t formats_from_pixman(uint32_t pixman)
{
	for (size_t i = 0; i < NUM_FORMATS; i++) {
		if (formats[i].pixman == pixman) {
			return formats[i].fourcc;
		}
	}
	return 0;
}

uint32_t formats_opaque(uint32_t fourcc)
{
	const struct format *format = find_format(fourcc);
	return format ? format->opaque : fourcc;
}

uint32_t formats_bytes_per_pixel(uint32_t fourcc)
{
	const struct format *format = find_format(fourcc);
	return format ? format->bytes : 0;
}

const struct ph_format_fields *formats_fields(uint32_t fourcc)
{
	const struct format *format = find_format(fourcc);
	return format ? &format->fields : NULL;
}

void formats_finish(struct ph_format_set *set)
{
	free(set->entries);
	*set = (struct ph_format_set){0};
}

bool formats_has(const struct ph_format_set *set, uint32_t fourcc, uint64_t modifier)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->entries[i].fourcc == fourcc && set->entries[i].modifier == modifier) {
			return true;
		}
	}
	return false;
}

bool formats_add(struct ph_format_set *set, uint32_t fourcc, uint64_t modifier)
{
	if (formats_has(set, fourcc, modifier)) {
		return true;
	}
	if (set->count == MAX_FORMATS) {
		return false;
	}
	if (set->count == set->capacity) {
		set->capacity = set->capacity ? set->capacity * 2 : 64;
		set->entries = realloc(set->entries, set->capacity * sizeof(set->entries[0]));
		if (!set->entries) {
			abort();
		}
	}
	set->entries[set->count++] = (struct ph_format){.fourcc = fourcc, .modifier = modifier};
	return true;
}

static bool choose_modifier(const struct ph_format_set *set, uint32_t fourcc, uint64_t modifier,
    struct ph_format *out)
{
	if (!formats_has(set, fourcc, modifier)) {
		if (modifier != DRM_FORMAT_MOD_INVALID ||
		    !formats_has(set, fourcc, DRM_FORMAT_MOD_LINEAR)) {
			return false;
		}
		modifier = DRM_FORMAT_MOD_LINEAR;
	}
	*out = (struct ph_format){.fourcc = fourcc, .modifier = modifier};
	return true;
}

bool formats_choose(
    const struct ph_format_set *set, uint32_t fourcc, uint64_t modifier, struct ph_format *out)
{
	return choose_modifier(set, formats_opaque(fourcc), modifier, out) ||
	       choose_modifier(set, fourcc, modifier, out);
}
