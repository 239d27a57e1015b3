// SPDX-License-Identifier: MIT
#ifndef PH_OWN_LAYER_H
#define PH_OWN_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "own_change.h"
#include "plane_plan.h"

struct ph_dumb;
struct wlr_buffer;

/*
 * What the session itself shows over guests on a monitor (strip, shade, edges,
 * notices), drawn by the CPU into one buffer with alpha, for a plane of its own.
 */

#define PH_OWN_BUFFERS_MAX 3

/* One buffer and what it shows. */
struct ph_own_image {
	struct ph_dumb *buffer; /* owned; NULL: not made yet */
	struct ph_own_piece pieces[PH_PLANE_ITEMS_MAX]; /* their pixmaps may be gone */
	size_t count;
};

/* Zeroed to begin with. */
struct ph_own_layer {
	struct ph_own_image images[PH_OWN_BUFFERS_MAX];
	struct ph_own_image *current; /* of these: what was drawn last; NULL: nothing */
	struct ph_box box;            /* all that is drawn, output pixels */
};

/*
 * The buffer that shows these pieces, from below to above, in that box of the output:
 * the last one if nothing has changed. It is the layer's, and stays as it is for as
 * long as somebody has locked it. drm_fd: see dumb_create(). NULL: no memory for it, or
 * every buffer is still on the screen.
 */
struct wlr_buffer *own_layer_draw(struct ph_own_layer *layer, int drm_fd,
    const struct ph_own_piece *pieces, size_t count, const struct ph_box *box);

/* Frees the buffers; what is on the screen lives until it has left it. */
void own_layer_release(struct ph_own_layer *layer);

#endif
