// SPDX-License-Identifier: MIT
#ifndef PH_PLANE_PLAN_H
#define PH_PLANE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "layout.h"

/*
 * Decides what of a monitor's picture goes onto which plane of the graphics card.
 * Whether the card takes it is another question, which only the card answers.
 */

#define PH_PLANE_ITEMS_MAX 32 /* things of a monitor that are looked at; beyond: composition */
#define PH_PLANE_LAYERS_MAX 4 /* planes above the primary one that are ever asked for */

/* What can lie on a monitor. */
enum ph_plane_kind {
	PH_PLANE_PICTURE, /* a buffer that a plane could show as it is */
	PH_PLANE_OWN,     /* drawn by the session with the CPU; all of these share one plane */
	PH_PLANE_FOREIGN, /* nothing but a render pass can show it */
};

struct ph_plane_item {
	enum ph_plane_kind kind;
	struct ph_box box;            /* output pixels; may reach over the output's edges */
	double src_width, src_height; /* of a picture: pixels of its buffer that are shown */
	bool opaque;                  /* hides what is under it */
	bool may_scale;               /* a picture that the card's own filter may enlarge or shrink */
	const char *reason;           /* why it must be composited; static. NULL: it need not be */
};

enum ph_plane_answer {
	PH_PLANES_NEEDLESS, /* nothing, or one picture (primary) and nothing over it: it needs no layers */
	PH_PLANES_WANTED,
	PH_PLANES_IMPOSSIBLE,
};

struct ph_plane_plan {
	int primary; /* item on the primary plane; -1: black */
	size_t layers[PH_PLANE_LAYERS_MAX]; /* items, from below to above; not the session's own */
	size_t layer_count;
	bool own;              /* a layer above all of these has what the session draws */
	bool own_primary;      /* nothing but that: it is on the primary plane, and no layer */
	struct ph_box own_box; /* its place, inside of the output */
	bool drawn[PH_PLANE_ITEMS_MAX]; /* the items that are in it */
	const char *reason;    /* PH_PLANES_IMPOSSIBLE: why; static */
};

/*
 * items: from below to above, at most PH_PLANE_ITEMS_MAX. width, height: of the
 * output, pixels. black: the primary plane stays black unless a picture covers the
 * output, for cards whose primary plane must do so; else the lowest picture is there
 * in any case, which takes a plane less.
 */
enum ph_plane_answer plane_plan_make(struct ph_plane_plan *plan, const struct ph_plane_item *items,
    size_t count, int width, int height, bool black);

/* How many planes it takes. */
size_t plane_plan_count(const struct ph_plane_plan *plan);

#endif
