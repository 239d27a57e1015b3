// SPDX-License-Identifier: MIT
#include "pixmap.h"

#include <drm_fourcc.h>
#include <stdint.h>
#include <string.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "test.h"

/* Fills the pixmap with a colour and returns what its reader sees in the last pixel. */
static uint32_t fill_and_read(struct ph_pixmap *pixmap, uint32_t format, double alpha)
{
	cairo_t *cr = cairo_create(pixmap->surface);
	uint32_t is, value;
	size_t stride;
	void *data;

	cairo_set_source_rgba(cr, 1, 0.5, 0, alpha);
	cairo_paint(cr);
	cairo_destroy(cr);
	check(wlr_buffer_begin_data_ptr_access(
	    &pixmap->base, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &is, &stride));
	check_uint(is, format);
	check_op(stride, >=, 4 * pixmap->base.width);
	memcpy(&value,
	    (char *)data + (size_t)(pixmap->base.height - 1) * stride +
		4 * (size_t)(pixmap->base.width - 1),
	    sizeof(value));
	wlr_buffer_end_data_ptr_access(&pixmap->base);
	return value;
}

TEST(pixels_are_what_was_drawn)
{
	struct ph_pixmap *pixmap = pixmap_create(7, 5);

	check_int(pixmap->base.width, 7);
	check_int(pixmap->base.height, 5);
	check_uint(fill_and_read(pixmap, DRM_FORMAT_ARGB8888, 1), 0xffff8000);
	wlr_buffer_drop(&pixmap->base);
	pixmap = pixmap_create_opaque(7, 5);
	check_uint(fill_and_read(pixmap, DRM_FORMAT_XRGB8888, 1) & 0xffffff, 0xff8000);
	wlr_buffer_drop(&pixmap->base);
}

TEST(alpha_is_premultiplied)
{
	struct ph_pixmap *pixmap = pixmap_create(1, 1);
	uint32_t value = fill_and_read(pixmap, DRM_FORMAT_ARGB8888, 0.5);

	check_op(value >> 24, >=, 0x7f);
	check_op(value >> 24, <=, 0x80);
	check_op(value >> 16 & 0xff, <=, 0x80);
	wlr_buffer_drop(&pixmap->base);
}

TEST(lives_until_the_last_user_is_gone)
{
	struct ph_pixmap *pixmap = pixmap_create(4, 4);
	struct wlr_buffer *locked = wlr_buffer_lock(&pixmap->base);

	wlr_buffer_drop(&pixmap->base);
	check_uint(fill_and_read(pixmap, DRM_FORMAT_ARGB8888, 1), 0xffff8000);
	wlr_buffer_unlock(locked);
}

TEST(impossible_sizes_are_refused)
{
	static const int sizes[][2] = {{0, 1}, {1, 0}, {-1, 5}, {32768, 1}, {1, 32768}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check(pixmap_create(sizes[i][0], sizes[i][1]) == NULL);
		check(pixmap_create_opaque(sizes[i][0], sizes[i][1]) == NULL);
	}
}
