// SPDX-License-Identifier: MIT
#ifndef PH_DUMB_H
#define PH_DUMB_H

#include <stddef.h>
#include <stdint.h>
#include <wlr/types/wlr_buffer.h>

/*
 * A buffer that the CPU writes and a plane shows: made by the graphics card's own
 * driver, without a renderer, and a dma-buf like any guest's.
 */
struct ph_dumb {
	struct wlr_buffer base;
	uint8_t *data; /* owned mapping; rows from above to below. Slow to read */
	size_t size;   /* bytes */
	struct wlr_dmabuf_attributes dmabuf; /* owned */
};

/*
 * Makes a buffer of that size (pixels) and format (DRM_FORMAT_*, 32 bits), all zero.
 * drm_fd: of the card, which stays the caller's and must be its master. NULL: the driver
 * cannot, or there is no memory. The caller's reference ends with wlr_buffer_drop(&->base).
 */
struct ph_dumb *dumb_create(int drm_fd, int width, int height, uint32_t format);

#endif
