// SPDX-License-Identifier: MIT
#ifndef PH_PLANE_KMS_H
#define PH_PLANE_KMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>

#include "plane_plan.h"

/*
 * Overlay planes of a graphics card, set by the very commit in which wlroots sets the
 * primary plane and the pointer's. wlroots' own output layers are not used: they need
 * libliftoff, which gives up its search for planes after a millisecond, searches anew each
 * time the pointer moves, tests each frame before it is committed, and tells what it could
 * not place only when that is missing on the screen.
 */

/* What one plane shows. */
struct ph_plane_part {
	struct wlr_buffer *buffer; /* a dma-buf */
	struct wlr_fbox source;    /* pixels of the buffer */
	struct wlr_box box;        /* output pixels */
};

#define PH_KMS_PROPERTIES 10 /* that every plane has */
#define PH_KMS_DEFAULTS 3    /* that a plane may have, and that somebody before us may have changed */

struct ph_kms_plane {
	uint32_t id;
	uint32_t properties[PH_KMS_PROPERTIES]; /* their ids */
	uint32_t defaults[PH_KMS_DEFAULTS];     /* their ids, 0: it has none of these */
	uint64_t default_values[PH_KMS_DEFAULTS];
	uint64_t type, zpos;
};

/* The overlay planes of a frame, from below to above. */
struct ph_kms_frame {
	int fd;        /* filled in by plane_kms_commit() */
	uint32_t crtc;
	struct ph_kms_plane planes[PH_PLANE_LAYERS_MAX];
	struct ph_plane_part parts[PH_PLANE_LAYERS_MAX]; /* what they show; locked by the caller */
	uint32_t fbs[PH_PLANE_LAYERS_MAX]; /* filled in by plane_kms_commit() */
	size_t count;
	struct ph_kms_plane old[PH_PLANE_LAYERS_MAX]; /* those that the last frame had */
	size_t old_count;
};

/*
 * Asks the card whether it shows these parts, the primary plane's first, together with
 * what is on the pointer's plane, and fills in crtc, planes and count of frame. The
 * output is one of the DRM backend's and on. NULL: it does; else why not, static.
 */
const char *plane_kms_test(struct wlr_output *output, const struct ph_plane_part *parts, size_t count,
    struct ph_kms_frame *frame);

enum ph_kms_answer {
	PH_KMS_DONE,
	PH_KMS_BUSY,    /* something of it is still on its way to the screen: a matter of time */
	PH_KMS_REFUSED,
};

/*
 * Commits the state, which has the primary plane's buffer, and in the same atomic commit the
 * frame's planes; those of the last frame that are not in it go off. Nothing has changed
 * unless it is done.
 */
enum ph_kms_answer plane_kms_commit(
    struct wlr_output *output, const struct wlr_output_state *state, struct ph_kms_frame *frame);

/* Switches the frame's planes off, and waits for it: a mode cannot be left with them on. */
void plane_kms_clear(struct wlr_output *output, const struct ph_kms_frame *frame);

/*
 * Switches every overlay plane of the card off that is on and in none of the frames, as
 * somebody before us may have left it, and waits for it. Atomic clients only.
 */
void plane_kms_clean(int drm_fd, const struct ph_kms_frame *const *frames, size_t count);

/* Whether a card has planes between the primary one and the pointer's. Atomic clients only. */
bool plane_kms_has_overlays(int drm_fd);

#endif
