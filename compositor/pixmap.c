// SPDX-License-Identifier: MIT
#include "pixmap.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>

/* cairo's own limit for image surfaces. */
#define SIZE_LIMIT 32767

static void handle_destroy(struct wlr_buffer *buffer)
{
	struct ph_pixmap *pixmap = wl_container_of(buffer, pixmap, base);

	wlr_buffer_finish(buffer);
	cairo_surface_destroy(pixmap->surface);
	free(pixmap);
}

static bool handle_begin_data_ptr_access(
    struct wlr_buffer *buffer, uint32_t flags, void **data, uint32_t *format, size_t *stride)
{
	struct ph_pixmap *pixmap = wl_container_of(buffer, pixmap, base);

	cairo_surface_flush(pixmap->surface);
	*data = cairo_image_surface_get_data(pixmap->surface);
	*format = pixmap->format;
	*stride = (size_t)cairo_image_surface_get_stride(pixmap->surface);
	return true;
}

static void handle_end_data_ptr_access(struct wlr_buffer *buffer)
{
	struct ph_pixmap *pixmap = wl_container_of(buffer, pixmap, base);

	/* Whoever had the pointer may have written. */
	cairo_surface_mark_dirty(pixmap->surface);
}

static const struct wlr_buffer_impl pixmap_impl = {
    .destroy = handle_destroy,
    .begin_data_ptr_access = handle_begin_data_ptr_access,
    .end_data_ptr_access = handle_end_data_ptr_access,
};

void pixmap_touch(struct ph_pixmap *pixmap)
{
	static uint64_t last;

	pixmap->serial = ++last;
}

struct ph_pixmap *pixmap_from_buffer(struct wlr_buffer *buffer)
{
	struct ph_pixmap *pixmap;

	return buffer->impl == &pixmap_impl ? wl_container_of(buffer, pixmap, base) : NULL;
}

static struct ph_pixmap *create(int width, int height, cairo_format_t cairo, uint32_t drm)
{
	struct ph_pixmap *pixmap;
	cairo_surface_t *surface;

	if (width < 1 || height < 1 || width > SIZE_LIMIT || height > SIZE_LIMIT)
		return NULL;
	surface = cairo_image_surface_create(cairo, width, height);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(surface);
		return NULL;
	}
	pixmap = calloc(1, sizeof(*pixmap));
	if (!pixmap)
		abort();
	pixmap->surface = surface;
	pixmap->format = drm;
	pixmap_touch(pixmap);
	wlr_buffer_init(&pixmap->base, &pixmap_impl, width, height);
	return pixmap;
}

struct ph_pixmap *pixmap_create(int width, int height)
{
	return create(width, height, CAIRO_FORMAT_ARGB32, DRM_FORMAT_ARGB8888);
}

struct ph_pixmap *pixmap_create_opaque(int width, int height)
{
	return create(width, height, CAIRO_FORMAT_RGB24, DRM_FORMAT_XRGB8888);
}
