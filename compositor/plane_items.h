// SPDX-License-Identifier: MIT
#ifndef PH_PLANE_ITEMS_H
#define PH_PLANE_ITEMS_H

#include <wlr/util/box.h>

#include "own_layer.h"
#include "plane_plan.h"

struct ph_guest_head;
struct ph_output;

/* What lies on a monitor, as the scene has it, and what is behind each thing. */
struct ph_plane_items {
	struct ph_plane_item items[PH_PLANE_ITEMS_MAX + 1]; /* from below to above */
	struct {
		struct ph_guest_head *head; /* of a picture */
		struct wlr_buffer *buffer;  /* of a picture: a dma-buf; borrowed from the scene */
		struct wlr_fbox source;     /* of a picture: the part of the buffer */
		struct ph_own_piece piece;  /* of what is the session's own */
	} behind[PH_PLANE_ITEMS_MAX + 1];
	size_t count; /* more than PH_PLANE_ITEMS_MAX: not all are here */
};

/* Looks at the scene. What is behind the items is valid until the scene changes. */
void plane_items_collect(struct ph_plane_items *items, const struct ph_output *output);

#endif
