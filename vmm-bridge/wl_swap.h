// SPDX-License-Identifier: MIT
#ifndef PH_WL_SWAP_H
#define PH_WL_SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"

/*
 * Shared-memory buffers of our own for a picture that cannot be handed on as
 * it is: XRGB8888, up to three of one size, so that none is drawn into while
 * the compositor reads it. Their memory is sealed: nobody can cut it short.
 */

struct ph_wl_swap;
struct wl_buffer;
struct wl_shm;

/* shm must outlive it. No memory is taken yet. */
struct ph_wl_swap *wl_swap_create(struct wl_shm *shm, uint32_t width, uint32_t height);
void wl_swap_destroy(struct ph_wl_swap *swap);

/* A buffer to draw into and to attach at once. */
struct ph_wl_swap_frame {
	struct wl_buffer *buffer; /* the swap's */
	uint32_t *data;           /* width * height pixels without padding */
	struct ph_rect stale;     /* what must be drawn, so that all of it is current */
};

/*
 * The next buffer, for a picture that changed inside damage (clipped to its
 * size). False if there is no memory, or all are in use; the damage is then
 * kept for the next call.
 */
bool wl_swap_next(struct ph_wl_swap *swap, struct ph_rect damage, struct ph_wl_swap_frame *out);

/*
 * A wl_buffer of those bytes, for once: its memory is never written again.
 * format: enum wl_shm_format, 4 bytes a pixel, rows without padding. NULL with
 * errno if there is no memory. The caller destroys it.
 */
struct wl_buffer *wl_swap_make_still(struct wl_shm *shm, const uint32_t *pixels, uint32_t width,
    uint32_t height, uint32_t format);

#endif
