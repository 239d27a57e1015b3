// SPDX-License-Identifier: MIT
#ifndef PH_SCALER_H
#define PH_SCALER_H

#include <stdbool.h>
#include <stdint.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>

#include "layout.h"

struct ph_session;
struct ph_scale_gl;
struct wlr_swapchain;
struct wlr_texture;

/*
 * Draws guests' pictures in another size by our own shaders, into buffers that go
 * onto a plane as they are. With the GLES2 renderer only: with others the picture
 * is scaled by the renderer's own filter, which is said once in the log.
 */

/* The session's shaders. Zeroed to begin with. */
struct ph_scaler {
	struct ph_scale_gl *gl; /* NULL: not used yet */
	bool told;              /* why there are none */
};

struct ph_scaler_job {
	struct wlr_output *output;
	struct wlr_texture *texture;
	uint32_t picture;       /* which one of the guest's, by the number of its commit */
	struct wlr_fbox source; /* texels */
	bool flipped;           /* the first row is the bottom one */
	struct ph_fit fit;      /* inside the cell */
	int width, height;      /* of the cell, pixels */
};

/* One head's buffers. Zeroed to begin with. */
struct ph_scaled {
	struct wlr_swapchain *swapchain; /* NULL: the head is not scaled */
	struct ph_scaler_job drawn;      /* the last one; its pointers are only compared */
};

/* Whether that is what was drawn last. */
bool scaler_has_drawn(const struct ph_scaled *scaled, const struct ph_scaler_job *job);

/*
 * Draws the job into a buffer of the cell's size, black around the picture. The
 * caller unlocks the buffer. NULL: this renderer has no shaders, or no memory.
 */
struct wlr_buffer *scaler_draw(
    struct ph_session *session, struct ph_scaled *scaled, const struct ph_scaler_job *job);

/* Frees a head's buffers; those on the screen live until they have left it. */
void scaler_release(struct ph_scaled *scaled);

/* Frees the shaders; to be called while the renderer is still there. */
void scaler_finish(struct ph_session *session);

#endif
