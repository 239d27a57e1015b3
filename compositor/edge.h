// SPDX-License-Identifier: MIT
#ifndef PH_EDGE_H
#define PH_EDGE_H

#include <stddef.h>
#include <wlr/types/wlr_scene.h>

struct ph_session;

/* Thickness of an edge, logical pixels. */
#define PH_EDGE_WIDTH 3

/*
 * Thin edges in the guests' colours around their pictures, above these. They
 * take from a guest its way to the screen without a render pass, so they are
 * there only where the configuration asks for them, and while the strip is up.
 */
struct ph_edges {
	struct ph_edge *list; /* owned */
	size_t count;
};

struct ph_edge {
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *sides[4];
};

/* Brings the edges in line with the heads that are shown. */
void edges_update(struct ph_session *session);

/* Safe on zeroed memory. */
void edges_finish(struct ph_session *session);

#endif
