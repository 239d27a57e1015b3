// SPDX-License-Identifier: MIT
#ifndef PH_PLANE_PROBE_H
#define PH_PLANE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>

/*
 * Asks the graphics card whether it can show an arrangement of pictures on its
 * planes, without showing it: wlroots tells which layers were taken only after the
 * commit, when what is missing has been missing on the screen. No wlroots state changes.
 */

/* One plane's part, the primary plane's first, then from below to above. */
struct ph_plane_part {
	struct wlr_buffer *buffer; /* a dma-buf */
	struct wlr_fbox source;    /* pixels of the buffer */
	struct wlr_box box;        /* output pixels */
};

/* output: of the DRM backend, enabled. NULL: the card takes it; else why not, static. */
const char *plane_probe(struct wlr_output *output, const struct ph_plane_part *parts, size_t count);

/* Whether a card that was just opened has planes between the primary one and the cursor's. */
bool plane_probe_has_overlays(int drm_fd);

#endif
