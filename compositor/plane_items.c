// SPDX-License-Identifier: MIT
#include "plane_items.h"

#include <math.h>
#include <wlr/types/wlr_compositor.h>

#include "guest_head.h"
#include "head_picture.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"

struct walk {
	struct ph_plane_items *items;
	const struct ph_output *output;
	const char *reason; /* why what is not ours cannot be on a plane */
};

/* As the scene itself makes pixels of layout coordinates. */
static struct ph_box to_pixels(const struct ph_output *output, int lx, int ly, int width, int height)
{
	const struct wlr_scene_output *scene = output->scene_output;
	double scale = (double)output->wlr_output->scale;
	int x = lx - scene->x, y = ly - scene->y;
	struct ph_box box = {(int)round(x * scale), (int)round(y * scale), 0, 0};

	box.width = (int)round((x + width) * scale) - box.x;
	box.height = (int)round((y + height) * scale) - box.y;
	return box;
}

static struct ph_box place(const struct ph_box *inside, const struct ph_box *cell)
{
	return (struct ph_box){cell->x + inside->x, cell->y + inside->y, inside->width, inside->height};
}

static size_t add(struct walk *walk, const struct ph_plane_item *item)
{
	size_t at = walk->items->count++;

	if (at >= PH_PLANE_ITEMS_MAX) {
		at = PH_PLANE_ITEMS_MAX; /* not looked at */
	}
	walk->items->items[at] = *item;
	return at;
}

static struct ph_guest_head *find_head(const struct ph_output *output, const struct wlr_scene_buffer *node)
{
	for (size_t i = 0; i < output->cell_count; i++) {
		struct ph_guest_head *head = output->cells[i].head;
		if (head && head->node == node) {
			return head;
		}
	}
	return NULL;
}

static const char *find_objection(const struct ph_guest_head *head, bool shaded)
{
	if (!shaded && !guest_head_is_dmabuf(head)) {
		return "the guest's picture is in shared memory";
	}
	if (!shaded && head->surface->current.transform != WL_OUTPUT_TRANSFORM_NORMAL) {
		return "the guest's picture is upside down";
	}
	if (head_picture_has_fence(head)) {
		return "the guest's picture comes with a fence";
	}
	return NULL;
}

/* A guest's picture, or what our shader has made of it. */
static void add_head(struct walk *walk, struct ph_guest_head *head)
{
	const struct ph_cell *cell = head->cell;
	bool shaded = head->scaled.swapchain != NULL;
	struct wlr_client_buffer *own = head->surface ? head->surface->buffer : NULL;
	/* The client's own buffer has the dma-buf and its release. */
	struct wlr_buffer *buffer = shaded || !own || !own->source ? head->node->buffer : own->source;
	struct wlr_fbox source = {0};
	struct ph_plane_item item = {
	    .kind = PH_PLANE_PICTURE,
	    .box = shaded ? cell->pixels : place(&head->fit.box, &cell->pixels),
	    .opaque = true,
	    .may_scale = head->fit.filter == PH_FIT_SMOOTH,
	};

	if (!buffer || !head->surface) {
		item.reason = "the guest's picture is with the renderer";
	} else if (shaded) {
		source = (struct wlr_fbox){.width = buffer->width, .height = buffer->height};
		item.reason = find_objection(head, true);
	} else {
		wlr_surface_get_buffer_source_box(head->surface, &source);
		item.reason = find_objection(head, false);
	}
	item.src_width = source.width;
	item.src_height = source.height;
	size_t at = add(walk, &item);
	walk->items->behind[at].head = head;
	walk->items->behind[at].buffer = buffer;
	walk->items->behind[at].source = source;
}

static void add_buffer(struct walk *walk, struct wlr_scene_buffer *node, int lx, int ly)
{
	struct ph_guest_head *head = find_head(walk->output, node);
	struct ph_pixmap *pixmap = node->buffer ? pixmap_from_buffer(node->buffer) : NULL;
	int width = node->dst_width, height = node->dst_height;

	if (head) {
		add_head(walk, head);
		return;
	}
	if (width == 0 && node->buffer) {
		width = node->buffer->width;
		height = node->buffer->height;
	}
	struct ph_plane_item item = {
	    .kind = pixmap && node->opacity >= 1 ? PH_PLANE_OWN : PH_PLANE_FOREIGN,
	    .box = to_pixels(walk->output, lx, ly, width, height),
	    .opaque = pixmap && wlr_buffer_is_opaque(node->buffer),
	    .reason = pixmap ? NULL : walk->reason,
	};
	size_t at = add(walk, &item);
	if (pixmap) {
		walk->items->behind[at].piece =
		    (struct ph_own_piece){.box = item.box, .pixmap = pixmap, .serial = pixmap->serial};
	}
}

static void add_rect(struct walk *walk, const struct wlr_scene_rect *rect, int lx, int ly)
{
	const float *colour = rect->color;
	struct ph_plane_item item = {
	    .kind = PH_PLANE_OWN,
	    .box = to_pixels(walk->output, lx, ly, rect->width, rect->height),
	    .opaque = colour[3] >= 1,
	};

	if (colour[3] > 0) {
		size_t at = add(walk, &item);
		walk->items->behind[at].piece = (struct ph_own_piece){
		    .box = item.box, .colour = {colour[0], colour[1], colour[2], colour[3]}};
	}
}

static const char *tree_reason(const struct ph_session *session, const struct wlr_scene_tree *tree, const char *outer)
{
	if (tree == session->tree_overview) {
		return "the overview is shown";
	}
	if (tree == session->tree_strip || tree == session->tree_home) {
		return "the session's own picture is with the renderer";
	}
	return tree == session->tree_guests ? "a guest's picture lies where it does not belong" : outer;
}

static void collect(struct walk *walk, struct wlr_scene_node *node, int lx, int ly)
{
	lx += node->x;
	ly += node->y;
	if (!node->enabled) {
		return;
	}
	if (node->type == WLR_SCENE_NODE_RECT) {
		add_rect(walk, wlr_scene_rect_from_node(node), lx, ly);
	} else if (node->type == WLR_SCENE_NODE_BUFFER) {
		add_buffer(walk, wlr_scene_buffer_from_node(node), lx, ly);
	} else {
		struct wlr_scene_tree *tree = wlr_scene_tree_from_node(node);
		const char *outer = walk->reason;
		struct wlr_scene_node *child;
		walk->reason = tree_reason(walk->output->session, tree, outer);
		wl_list_for_each(child, &tree->children, link) {
			collect(walk, child, lx, ly);
		}
		walk->reason = outer;
	}
}

void plane_items_collect(struct ph_plane_items *items, const struct ph_output *output)
{
	struct walk walk = {
	    .items = items,
	    .output = output,
	    .reason = "a program of the host is on the monitor",
	};

	items->count = 0;
	collect(&walk, &output->session->scene->tree.node, 0, 0);
}
