// SPDX-License-Identifier: MIT
#ifndef PH_PIXMAP_H
#define PH_PIXMAP_H

#include <cairo.h>
#include <wlr/types/wlr_buffer.h>

/*
 * A wlr_buffer in ordinary memory that cairo draws into: the pictures of the
 * session's own screens and hints.
 */
struct ph_pixmap {
	struct wlr_buffer base;
	cairo_surface_t *surface; /* owned; an image surface of the buffer's size */
	uint32_t format;          /* DRM_FORMAT_ARGB8888 or DRM_FORMAT_XRGB8888 */
	uint64_t serial;          /* names what is drawn in it: no other pixmap ever has it */
};

/*
 * Makes a pixmap with an alpha channel (premultiplied), fully transparent.
 * Sizes are device pixels, 1 to 32767. NULL when the size is out of range or
 * the pixels cannot be had. Draw before the buffer is handed to a scene; the
 * reference that the caller gets ends with wlr_buffer_drop(&pixmap->base).
 */
struct ph_pixmap *pixmap_create(int width, int height);

/*
 * The same without alpha, black: for what covers a whole output, so that
 * nothing under it is drawn.
 */
struct ph_pixmap *pixmap_create_opaque(int width, int height);

/* Something else is drawn in it now. */
void pixmap_touch(struct ph_pixmap *pixmap);

/* The pixmap that the buffer is, NULL: it is another kind of buffer. */
struct ph_pixmap *pixmap_from_buffer(struct wlr_buffer *buffer);

#endif
