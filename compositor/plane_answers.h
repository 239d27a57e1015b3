// SPDX-License-Identifier: MIT
#ifndef PH_PLANE_ANSWERS_H
#define PH_PLANE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plane_kms.h"

/* What a graphics card has said of pictures on its planes, so that it is not asked for each frame. */

#define PH_PLANE_REFUSALS_MAX 8

/* What matters to the card of an arrangement; compared as bytes. */
struct ph_plane_key {
	struct {
		uint64_t modifier;
		struct wlr_fbox source;
		struct wlr_box box;
		int width, height;
		uint32_t format;
		uint32_t padding;
	} parts[PH_PLANE_LAYERS_MAX + 1];
	size_t count;
	uint64_t cursor; /* whether the pointer is on a plane */
};

/* Of one monitor. Zeroed to begin with. */
struct ph_plane_answers {
	bool known;                   /* accepted is valid */
	struct ph_plane_key accepted; /* what the card has taken last */
	struct ph_kms_frame taken;    /* and the planes that it was tested with */
	struct {
		struct ph_plane_key key;
		const char *reason; /* static; NULL: no refusal is here */
	} refused[PH_PLANE_REFUSALS_MAX]; /* the oldest one makes room */
	size_t next_refused;
};

/*
 * Makes the key of parts, the primary plane's first. A part without a buffer is to be one
 * of the session's own, of the size of its box, in that format (DRM_FORMAT_*).
 */
void plane_answers_describe(struct ph_plane_key *key, const struct ph_plane_part *parts, size_t count,
    const uint32_t *own_formats, bool cursor);

/* Why the card has refused it, static; NULL: it has not, as far as is remembered. */
const char *plane_answers_refusal(const struct ph_plane_answers *answers, const struct ph_plane_key *key);

/* Whether it is what the card has taken last. */
bool plane_answers_accepted(const struct ph_plane_answers *answers, const struct ph_plane_key *key);

/* The card has taken it, with taken. */
void plane_answers_accept(struct ph_plane_answers *answers, const struct ph_plane_key *key);

/* The card has refused it; reason is static. */
void plane_answers_refuse(
    struct ph_plane_answers *answers, const struct ph_plane_key *key, const char *reason);

/* Another monitor has left planes: what was refused is worth another try. */
void plane_answers_forget_refusals(struct ph_plane_answers *answers);

#endif
