// SPDX-License-Identifier: MIT
#include "layer_shell.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "listener.h"
#include "output.h"
#include "popup.h"
#include "session.h"

/* Version 5 lets a client say which edge its exclusive zone is of. */
#define LAYER_SHELL_VERSION 5

struct ph_layer {
	struct wl_list link; /* ph_layer_shell.list, the latest first */
	struct ph_session *session;
	struct wlr_layer_surface_v1 *surface;
	struct wlr_scene_layer_surface_v1 *scene;
	struct wl_listener map;
	struct wl_listener unmap;
	struct wl_listener commit;
	struct wl_listener destroy;
	struct wl_listener new_popup;
	struct wl_listener output_destroy;
};

static struct wlr_scene_tree *tree_of(struct ph_session *session, enum zwlr_layer_shell_v1_layer layer)
{
	switch (layer) {
	case ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND:
		return session->tree_background;
	case ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM:
		return session->tree_bottom;
	case ZWLR_LAYER_SHELL_V1_LAYER_TOP:
		return session->tree_top;
	case ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY:
		break;
	}
	return session->tree_overlay;
}

/*
 * Places the surfaces of one output, from above to below, those that keep others
 * out first: these make it smaller.
 */
static void arrange_output(struct ph_session *session, struct ph_output *output)
{
	struct ph_layer *layer;

	for (int exclusive = 1; exclusive >= 0; exclusive--) {
		for (int at = ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY; at >= 0; at--) {
			wl_list_for_each(layer, &session->layer_shell.list, link) {
				struct wlr_layer_surface_v1 *surface = layer->surface;
				if (surface->output == output->wlr_output && surface->initialized &&
				    (int)surface->current.layer == at &&
				    (surface->current.exclusive_zone > 0) == exclusive) {
					wlr_scene_layer_surface_v1_configure(
					    layer->scene, &output->usable_of, &output->usable);
				}
			}
		}
	}
}

void layer_shell_usable(
    struct ph_session *session, const struct ph_output *output, struct wlr_box *box)
{
	*box = output->usable;
}

static bool has_place(const struct wlr_layer_surface_v1 *surface)
{
	const struct ph_output *output = surface->output ? surface->output->data : NULL;

	return output && output_is_on(output);
}

void layer_shell_settle(struct ph_session *session)
{
	struct ph_layer *layer, *next;

	if (!session->layer_shell.list.next) {
		return;
	}
	wl_list_for_each_safe(layer, next, &session->layer_shell.list, link) {
		if (!has_place(layer->surface)) {
			wlr_layer_surface_v1_destroy(layer->surface);
		}
	}
}

void layer_shell_arrange(struct ph_session *session)
{
	struct ph_output *output;
	struct wlr_box full;

	wl_list_for_each(output, &session->outputs.list, link) {
		wlr_output_layout_get_box(session->outputs.layout, output->wlr_output, &full);
		/* Each surface that is placed is asked for its size anew: only after a change. */
		if (session->layer_shell.changed || !wlr_box_equal(&full, &output->usable_of)) {
			output->usable_of = output->usable = full;
			arrange_output(session, output);
		}
	}
	session->layer_shell.changed = false;
}

/* Exclusive ones have the keyboard for as long as they are above guests. */
struct wlr_surface *layer_shell_target(struct ph_session *session)
{
	struct ph_layer *layer, *found = NULL;

	if (!session->layer_shell.list.next) {
		return NULL;
	}
	wl_list_for_each(layer, &session->layer_shell.list, link) {
		const struct wlr_layer_surface_v1_state *state = &layer->surface->current;
		bool wants =
		    (state->keyboard_interactive == ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE &&
			state->layer >= ZWLR_LAYER_SHELL_V1_LAYER_TOP) ||
		    (state->keyboard_interactive == ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_ON_DEMAND &&
			session->layer_shell.clicked == layer);
		if (layer->surface->surface->mapped && wants &&
		    (!found || state->layer > found->surface->current.layer)) {
			found = layer;
		}
	}
	return found ? found->surface->surface : NULL;
}

void layer_shell_note_click(struct ph_session *session, struct wlr_surface *surface)
{
	struct wlr_surface *root = surface ? wlr_surface_get_root_surface(surface) : NULL;
	struct ph_layer *layer, *clicked = NULL;

	wl_list_for_each(layer, &session->layer_shell.list, link) {
		if (layer->surface->surface == root) {
			clicked = layer;
		}
	}
	if (session->layer_shell.clicked != clicked) {
		session->layer_shell.clicked = clicked;
		arrange(session);
	}
}

static void handle_map(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, map);

	layer->session->layer_shell.changed = true;
	arrange(layer->session);
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, unmap);

	layer->session->layer_shell.changed = true;
	if (!layer->session->stopping) {
		arrange(layer->session);
	}
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, commit);

	if (layer->surface->current.committed & WLR_LAYER_SURFACE_V1_STATE_LAYER) {
		wlr_scene_node_reparent(&layer->scene->tree->node,
		    tree_of(layer->session, layer->surface->current.layer));
	}
	if (layer->surface->initial_commit || layer->surface->current.committed) {
		layer->session->layer_shell.changed = true;
		arrange(layer->session);
	}
}

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, new_popup);
	popup_create(layer->session, data, layer->scene->tree);
}

static void handle_output_destroy(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, output_destroy);

	listener_disconnect(&layer->output_destroy);
	layer->surface->output = NULL;
	wlr_layer_surface_v1_destroy(layer->surface);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_layer *layer = wl_container_of(listener, layer, destroy);

	listener_disconnect(&layer->map);
	listener_disconnect(&layer->unmap);
	listener_disconnect(&layer->commit);
	listener_disconnect(&layer->destroy);
	listener_disconnect(&layer->new_popup);
	listener_disconnect(&layer->output_destroy);
	wl_list_remove(&layer->link);
	layer->session->layer_shell.changed = true;
	if (layer->session->layer_shell.clicked == layer) {
		layer->session->layer_shell.clicked = NULL;
	}
	if (!layer->session->stopping) {
		arrange(layer->session);
	}
	free(layer);
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, layer_shell.new_surface);
	struct wlr_layer_surface_v1 *surface = data;
	struct ph_output *output =
	    session->outputs.focus ? session->outputs.focus->output : outputs_nth(session, 0);

	if (!surface->output && output) {
		surface->output = output->wlr_output;
	}
	if (!has_place(surface)) {
		wlr_layer_surface_v1_destroy(surface); /* there is no monitor to be on */
		return;
	}
	struct ph_layer *layer = calloc(1, sizeof(*layer));
	if (!layer) {
		abort();
	}
	layer->session = session;
	layer->surface = surface;
	layer->scene =
	    wlr_scene_layer_surface_v1_create(tree_of(session, surface->pending.layer), surface);
	if (!layer->scene) {
		abort();
	}
	wl_list_insert(&session->layer_shell.list, &layer->link);
	listener_connect(&surface->surface->events.map, &layer->map, handle_map);
	listener_connect(&surface->surface->events.unmap, &layer->unmap, handle_unmap);
	listener_connect(&surface->surface->events.commit, &layer->commit, handle_commit);
	listener_connect(&surface->events.destroy, &layer->destroy, handle_destroy);
	listener_connect(&surface->events.new_popup, &layer->new_popup, handle_new_popup);
	listener_connect(
	    &surface->output->events.destroy, &layer->output_destroy, handle_output_destroy);
}

bool layer_shell_init(struct ph_session *session)
{
	struct ph_layer_shell *layers = &session->layer_shell;

	wl_list_init(&layers->list);
	layers->shell = wlr_layer_shell_v1_create(session->display, LAYER_SHELL_VERSION);
	if (!layers->shell) {
		wlr_log(WLR_ERROR, "start: out of memory for bars and launchers");
		return false;
	}
	listener_connect(&layers->shell->events.new_surface, &layers->new_surface, handle_new_surface);
	return true;
}

void layer_shell_finish(struct ph_session *session)
{
	listener_disconnect(&session->layer_shell.new_surface);
}
