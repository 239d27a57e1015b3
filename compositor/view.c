// SPDX-License-Identifier: MIT
#include "view.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "arrange.h"
#include "host_input.h"
#include "layer_shell.h"
#include "output.h"
#include "session.h"

/* The view that a dialog belongs to in the end. */
static struct ph_view *root_of(struct ph_view *view)
{
	while (view && view->parent) {
		view = view->parent;
	}
	return view;
}

static bool still_there(struct ph_session *session, const struct ph_output *wanted)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (output == wanted) {
			return output_is_on(output);
		}
	}
	return false;
}

/* Where the person is. */
static struct ph_output *choose_output(struct ph_session *session)
{
	return session->outputs.focus ? session->outputs.focus->output : outputs_nth(session, 0);
}

/* The room for a view, layout; empty: there is no monitor. */
static void find_room(struct ph_view *view, struct wlr_box *box)
{
	struct ph_session *session = view->session;
	struct ph_view *root = root_of(view);

	*box = (struct wlr_box){0};
	if (!root->output || !still_there(session, root->output)) {
		root->output = choose_output(session);
	}
	if (root->output && view->fullscreen) {
		wlr_output_layout_get_box(session->outputs.layout, root->output->wlr_output, box);
	} else if (root->output) {
		layer_shell_usable(session, root->output, box);
	}
}

void view_configure(struct ph_view *view)
{
	struct wlr_box box;

	find_room(view, &box);
	if (!view->xdg->base->initialized || box.width < 1) {
		return;
	}
	view->asked = box;
	wlr_xdg_toplevel_set_bounds(view->xdg, box.width, box.height);
	if (view->parent) {
		wlr_xdg_toplevel_set_size(view->xdg, 0, 0); /* its own */
		return;
	}
	wlr_xdg_toplevel_set_maximized(view->xdg, !view->fullscreen);
	wlr_xdg_toplevel_set_fullscreen(view->xdg, view->fullscreen);
	wlr_xdg_toplevel_set_size(view->xdg, box.width, box.height);
}

/* A program need not be as large as it was asked to be: then it is in the middle. */
static void place(struct ph_view *view)
{
	const struct wlr_box *is = &view->xdg->base->geometry;
	struct wlr_box box;

	find_room(view, &box);
	if (box.width < 1) {
		return;
	}
	if (box.width != view->asked.width || box.height != view->asked.height) {
		view_configure(view);
	}
	int x = box.x + (box.width > is->width ? (box.width - is->width) / 2 : 0);
	int y = box.y + (box.height > is->height ? (box.height - is->height) / 2 : 0);
	wlr_scene_node_set_position(&view->surface_tree->node, x, y);
	if (view->backdrop) {
		wlr_scene_node_set_position(&view->backdrop->node, box.x, box.y);
		wlr_scene_rect_set_size(view->backdrop, box.width, box.height);
	}
}

void views_arrange(struct ph_session *session)
{
	struct ph_view *view;

	wl_list_for_each(view, &session->views.list, link) {
		bool shown = view->mapped && root_of(view) == session->views.shown;
		wlr_scene_node_set_enabled(&view->tree->node, shown);
		if (shown) {
			place(view);
		}
	}
}

/* Of the view in front: its latest dialog, or itself. */
static struct ph_view *find_top(struct ph_session *session)
{
	struct ph_view *view;

	wl_list_for_each(view, &session->views.list, link) {
		if (view->mapped && view->parent && root_of(view) == session->views.shown) {
			return view;
		}
	}
	return session->views.shown;
}

struct wlr_surface *views_target(struct ph_session *session)
{
	struct ph_view *top = session->views.focused ? find_top(session) : NULL;

	return top && top->mapped ? top->xdg->base->surface : NULL;
}

static void activate(struct ph_session *session)
{
	struct ph_view *view, *top = session->views.focused ? find_top(session) : NULL;

	wl_list_for_each(view, &session->views.list, link) {
		if (view->xdg->base->initialized && view->xdg->current.activated != (view == top)) {
			wlr_xdg_toplevel_set_activated(view->xdg, view == top);
		}
		toplevel_set_active(&view->toplevel, view->mapped && view == session->views.shown);
	}
}

void views_hide(struct ph_session *session)
{
	session->views.last = session->views.shown;
	if (!session->views.shown) {
		return;
	}
	session->views.shown = NULL;
	session->views.focused = false;
	host_input_reset_pointer(session);
	activate(session);
}

/* output: where it is to be, if it is not in front already. */
static void show(struct ph_session *session, struct ph_view *view, struct ph_output *output, bool focused)
{
	view = root_of(view);
	if (view && session->views.shown != view) {
		views_hide(session);
		view->output = output;
		session->views.shown = view;
		wl_list_remove(&view->link);
		wl_list_insert(&session->views.list, &view->link);
		wlr_scene_node_raise_to_top(&view->tree->node);
	} else if (!view) {
		views_hide(session);
	}
	session->views.focused = view && focused;
	activate(session);
	arrange(session);
}

void views_show(struct ph_session *session, struct ph_view *view)
{
	show(session, view, choose_output(session), true);
	layer_shell_note_click(session, NULL);
}

bool views_toggle(struct ph_session *session)
{
	struct ph_view *last = session->views.last;

	if (session->views.shown) {
		views_show(session, NULL);
		return true;
	}
	if (last) {
		views_show(session, last);
	}
	return last != NULL;
}

bool views_step(struct ph_session *session)
{
	bool first = !session->views.stepping;

	session->views.stepping = true;
	return first && views_toggle(session);
}

void views_settle(struct ph_session *session)
{
	session->views.stepping = false;
}

void views_follow_focus(struct ph_session *session)
{
	const struct ph_view *view = session->views.shown;
	bool focused = view && session->outputs.focus && session->outputs.focus->output == view->output;

	if (view && session->views.focused != focused) {
		session->views.focused = focused;
		activate(session);
		arrange(session);
	}
}

bool views_cover(struct ph_session *session, double lx, double ly)
{
	struct ph_view *view = session->views.shown;
	struct wlr_box box;

	if (!view || !view->mapped) {
		return false;
	}
	find_room(view, &box);
	return wlr_box_contains_point(&box, lx, ly);
}

bool views_hide_box(struct ph_session *session, const struct wlr_box *box)
{
	struct ph_view *view = session->views.shown;
	struct wlr_box room, both;

	if (!view || !view->mapped || wlr_box_empty(box)) {
		return false;
	}
	/* What is around its surface, and below it, is black. */
	find_room(view, &room);
	return wlr_box_intersection(&both, &room, box) && wlr_box_equal(&both, box);
}

void views_note_click(struct ph_session *session, struct wlr_surface *surface)
{
	struct wlr_xdg_surface *xdg =
	    surface ? wlr_xdg_surface_try_from_wlr_surface(wlr_surface_get_root_surface(surface)) : NULL;
	bool focused = session->views.shown && xdg;

	/* A bar, or a popup that may be that of a bar: what is in front keeps the keys. */
	if (surface && (!xdg || xdg->role != WLR_XDG_SURFACE_ROLE_TOPLEVEL)) {
		return;
	}
	if (session->views.focused != focused) {
		session->views.focused = focused;
		activate(session);
		arrange(session);
	}
}

void view_map(struct ph_view *view)
{
	view->mapped = true;
	if (!view->parent) {
		toplevel_create(&view->toplevel, view->session, NULL, view);
	}
	if (!view->parent || root_of(view) != view->session->views.shown) {
		views_show(view->session, view);
	} else {
		activate(view->session);
		arrange(view->session);
	}
}

void view_set_parent(struct ph_view *view, struct ph_view *parent)
{
	struct ph_session *session = view->session;
	bool front = view->mapped && session->views.shown && root_of(view) == session->views.shown;

	view->parent = parent;
	wlr_scene_node_reparent(&view->tree->node, parent ? parent->tree : session->tree_views);
	wlr_scene_node_set_enabled(&view->backdrop->node, !parent);
	if (view->mapped && parent) {
		toplevel_destroy(&view->toplevel);
	} else if (view->mapped) {
		toplevel_create(&view->toplevel, session, NULL, view);
	}
	view_configure(view);
	if (front) {
		show(session, view, session->views.shown->output, session->views.focused);
	}
}

bool views_are_showing(struct ph_session *session, const struct wlr_xdg_toplevel *xdg)
{
	struct ph_view *view;

	wl_list_for_each(view, &session->views.list, link) {
		if (view->xdg == xdg) {
			return view->mapped && root_of(view) == session->views.shown;
		}
	}
	return false;
}

/* The latest dialog of a view; NULL: it has none. */
static struct ph_view *find_dialog(const struct ph_view *view)
{
	struct ph_view *other;

	wl_list_for_each(other, &view->session->views.list, link) {
		if (other->mapped && other->parent == view) {
			return other;
		}
	}
	return NULL;
}

void view_unmap(struct ph_view *view)
{
	struct ph_session *session = view->session;
	struct ph_view *dialog = find_dialog(view);

	view->mapped = false;
	toplevel_destroy(&view->toplevel);
	if (session->views.shown == view && dialog && !session->stopping) {
		/* What it asks is still to be answered. */
		view_set_parent(dialog, NULL);
	} else if (session->views.shown == view) {
		views_hide(session);
	}
	if (session->views.last == view) {
		session->views.last = NULL;
	}
	activate(session);
	if (!session->stopping) {
		arrange(session);
	}
}

void view_remove(struct ph_view *view)
{
	struct ph_view *other;

	if (view->mapped) {
		view_unmap(view);
	}
	wl_list_for_each(other, &view->session->views.list, link) {
		if (other->parent == view) {
			other->parent = view->parent;
			wlr_scene_node_reparent(&other->tree->node,
			    other->parent ? other->parent->tree : view->session->tree_views);
		}
	}
	if (view->session->views.last == view) {
		view->session->views.last = NULL;
	}
	wl_list_remove(&view->link);
}

void views_init(struct ph_session *session)
{
	wl_list_init(&session->views.list);
}
