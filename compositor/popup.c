// SPDX-License-Identifier: MIT
#include "popup.h"

#include <stdlib.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "listener.h"
#include "output.h"
#include "session.h"

struct ph_popup {
	struct ph_session *session;
	struct wlr_xdg_popup *xdg;
	struct wlr_scene_tree *parent, *tree;
	struct wl_listener commit;
	struct wl_listener new_popup;
	struct wl_listener reposition;
	struct wl_listener destroy;
};

/* Keeps it on the output that it comes up on. */
static void unconstrain(struct ph_popup *popup)
{
	struct ph_output *output =
	    outputs_at(popup->session, popup->session->seat.cursor->x, popup->session->seat.cursor->y);
	struct wlr_scene_node *root = &popup->parent->node;
	struct wlr_box box;
	int lx, ly;

	/* The box is wanted from the surface that the first of nested popups came from. */
	while (root->data) {
		root = &root->parent->node;
	}
	wlr_scene_node_coords(root, &lx, &ly);
	struct ph_output *under = outputs_at(popup->session, lx, ly);
	output = under ? under : output;
	if (output) {
		wlr_output_layout_get_box(popup->session->outputs.layout, output->wlr_output, &box);
		box.x -= lx;
		box.y -= ly;
		wlr_xdg_popup_unconstrain_from_box(popup->xdg, &box);
	}
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_popup *popup = wl_container_of(listener, popup, commit);

	if (popup->xdg->base->initial_commit) {
		unconstrain(popup);
		wlr_xdg_surface_schedule_configure(popup->xdg->base);
	}
}

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct ph_popup *popup = wl_container_of(listener, popup, new_popup);
	popup_create(popup->session, data, popup->tree);
}

static void handle_reposition(struct wl_listener *listener, void *data)
{
	struct ph_popup *popup = wl_container_of(listener, popup, reposition);
	unconstrain(popup);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_popup *popup = wl_container_of(listener, popup, destroy);

	listener_disconnect(&popup->commit);
	listener_disconnect(&popup->new_popup);
	listener_disconnect(&popup->reposition);
	listener_disconnect(&popup->destroy);
	free(popup); /* its tree goes with the surface */
}

void popup_create(
    struct ph_session *session, struct wlr_xdg_popup *xdg, struct wlr_scene_tree *parent)
{
	struct ph_popup *popup = calloc(1, sizeof(*popup));

	if (!popup) {
		abort();
	}
	popup->session = session;
	popup->xdg = xdg;
	popup->parent = parent;
	popup->tree = wlr_scene_xdg_surface_create(parent, xdg->base);
	if (!popup->tree) {
		abort();
	}
	popup->tree->node.data = popup;
	listener_connect(&xdg->base->surface->events.commit, &popup->commit, handle_commit);
	listener_connect(&xdg->base->events.new_popup, &popup->new_popup, handle_new_popup);
	listener_connect(&xdg->events.reposition, &popup->reposition, handle_reposition);
	listener_connect(&xdg->events.destroy, &popup->destroy, handle_destroy);
}
