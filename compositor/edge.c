// SPDX-License-Identifier: MIT
#include "edge.h"

#include <stdlib.h>

#include "guest.h"
#include "guest_head.h"
#include "session.h"
#include "strip_screen.h"
#include "theme.h"

static bool is_wanted(const struct ph_session *session, const struct ph_guest_head *head)
{
	return head && head->node->node.enabled && (strip_is_up(session) || head->guest->edge);
}

static void place_side(struct wlr_scene_rect *side, int x, int y, int width, int height)
{
	wlr_scene_rect_set_size(side, width > 0 ? width : 0, height > 0 ? height : 0);
	wlr_scene_node_set_position(&side->node, x, y);
}

/* Around the picture's node, inside of it: a picture that covers its output has an edge, too. */
static void place_edge(struct ph_edge *edge, const struct ph_guest_head *head)
{
	const uint32_t colour = theme_guest_colour(head->guest->number, head->guest->colour);
	const float rgba[4] = {(float)(colour >> 16 & 0xff) / 255, (float)(colour >> 8 & 0xff) / 255,
	    (float)(colour & 0xff) / 255, 1};
	int width = head->node->dst_width, height = head->node->dst_height, thick = PH_EDGE_WIDTH;

	for (size_t i = 0; i < 4; i++) {
		wlr_scene_rect_set_color(edge->sides[i], rgba);
	}
	wlr_scene_node_set_position(&edge->tree->node, head->node->node.x, head->node->node.y);
	place_side(edge->sides[0], 0, 0, width, thick);
	place_side(edge->sides[1], 0, height - thick, width, thick);
	place_side(edge->sides[2], 0, thick, thick, height - 2 * thick);
	place_side(edge->sides[3], width - thick, thick, thick, height - 2 * thick);
}

static void make_edge(struct ph_session *session, struct ph_edge *edge)
{
	const float none[4] = {0};

	edge->tree = wlr_scene_tree_create(session->tree_edges);
	for (size_t i = 0; i < 4; i++) {
		edge->sides[i] = edge->tree ? wlr_scene_rect_create(edge->tree, 0, 0, none) : NULL;
		if (!edge->sides[i]) {
			abort();
		}
	}
}

/* As many edges as are needed: those that are there stay. */
static void resize(struct ph_session *session, size_t count)
{
	struct ph_edges *edges = &session->edges;

	while (edges->count > count) {
		wlr_scene_node_destroy(&edges->list[--edges->count].tree->node);
	}
	if (count == 0) {
		free(edges->list);
		edges->list = NULL;
	} else if (edges->count < count) {
		edges->list = realloc(edges->list, count * sizeof(*edges->list));
		if (!edges->list) {
			abort();
		}
		while (edges->count < count) {
			make_edge(session, &edges->list[edges->count++]);
		}
	}
}

void edges_update(struct ph_session *session)
{
	struct ph_guest *guest;
	size_t count = 0;

	wl_list_for_each(guest, &session->guests.list, link) {
		for (size_t i = 0; i < PH_GUEST_MAX_HEADS; i++) {
			count += is_wanted(session, guest->heads[i]);
		}
	}
	resize(session, count);
	count = 0;
	wl_list_for_each(guest, &session->guests.list, link) {
		for (size_t i = 0; i < PH_GUEST_MAX_HEADS; i++) {
			if (is_wanted(session, guest->heads[i])) {
				place_edge(&session->edges.list[count++], guest->heads[i]);
			}
		}
	}
}

void edges_finish(struct ph_session *session)
{
	resize(session, 0);
}
