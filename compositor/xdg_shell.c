// SPDX-License-Identifier: MIT
#include "xdg_shell.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_server_decoration.h>
#include <wlr/types/wlr_xdg_activation_v1.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/log.h>

#include "listener.h"
#include "popup.h"
#include "session.h"
#include "view.h"

#define BACKDROP_COLOUR ((const float[4]){0.0f, 0.0f, 0.0f, 1.0f})

static struct ph_view *find_view(struct ph_session *session, const struct wlr_xdg_toplevel *xdg)
{
	struct ph_view *view;

	wl_list_for_each(view, &session->views.list, link) {
		if (view->xdg == xdg) {
			return view;
		}
	}
	return NULL;
}

static void handle_map(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, map);
	view_map(view);
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, unmap);
	view_unmap(view);
}

static void set_decoration(struct ph_view *view)
{
	if (view->decoration && view->xdg->base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(
		    view->decoration, WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, commit);

	if (view->xdg->base->initial_commit) {
		wlr_xdg_toplevel_set_wm_capabilities(
		    view->xdg, WLR_XDG_TOPLEVEL_WM_CAPABILITIES_FULLSCREEN |
				   WLR_XDG_TOPLEVEL_WM_CAPABILITIES_MINIMIZE);
		set_decoration(view);
		view_configure(view);
	} else if (view->mapped) {
		views_arrange(view->session);
	}
}

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, new_popup);
	popup_create(view->session, data, view->surface_tree);
}

static void handle_set_title(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, set_title);
	toplevel_update(&view->toplevel);
}

static void handle_set_app_id(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, set_app_id);
	toplevel_update(&view->toplevel);
}

static void handle_set_parent(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, set_parent);
	struct ph_view *parent =
	    view->xdg->parent ? find_view(view->session, view->xdg->parent) : NULL;

	view_set_parent(view, parent == view ? NULL : parent);
}

/* It is as large as can be already; an answer is due all the same. */
static void handle_request_maximize(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, request_maximize);

	if (view->xdg->base->initialized) {
		wlr_xdg_surface_schedule_configure(view->xdg->base);
	}
}

static void handle_request_minimize(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, request_minimize);

	if (view->session->views.shown == view) {
		views_show(view->session, NULL);
	}
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, request_fullscreen);

	view->fullscreen = view->xdg->requested.fullscreen;
	view_configure(view);
	if (view->xdg->base->initialized) {
		wlr_xdg_surface_schedule_configure(view->xdg->base);
	}
}

static void handle_decoration_destroy(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, decoration_destroy);

	listener_disconnect(&view->decoration_request);
	listener_disconnect(&view->decoration_destroy);
	view->decoration = NULL;
}

/* The program is owed an answer, whatever it wants. */
static void handle_decoration_request(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, decoration_request);

	set_decoration(view);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_view *view = wl_container_of(listener, view, destroy);

	view_remove(view);
	listener_disconnect(&view->map);
	listener_disconnect(&view->unmap);
	listener_disconnect(&view->commit);
	listener_disconnect(&view->destroy);
	listener_disconnect(&view->new_popup);
	listener_disconnect(&view->set_title);
	listener_disconnect(&view->set_app_id);
	listener_disconnect(&view->set_parent);
	listener_disconnect(&view->request_maximize);
	listener_disconnect(&view->request_minimize);
	listener_disconnect(&view->request_fullscreen);
	listener_disconnect(&view->decoration_request);
	listener_disconnect(&view->decoration_destroy);
	wlr_scene_node_destroy(&view->tree->node);
	free(view);
}

static void handle_new_toplevel(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, xdg_shell.new_toplevel);
	struct wlr_xdg_toplevel *xdg = data;
	struct ph_view *view = calloc(1, sizeof(*view));

	if (!view) {
		abort();
	}
	view->session = session;
	view->xdg = xdg;
	view->tree = wlr_scene_tree_create(session->tree_views);
	view->backdrop = view->tree ? wlr_scene_rect_create(view->tree, 1, 1, BACKDROP_COLOUR) : NULL;
	view->surface_tree = view->backdrop ? wlr_scene_xdg_surface_create(view->tree, xdg->base) : NULL;
	if (!view->surface_tree) {
		abort();
	}
	wlr_scene_node_set_enabled(&view->tree->node, false);
	wl_list_insert(&session->views.list, &view->link);
	listener_connect(&xdg->base->surface->events.map, &view->map, handle_map);
	listener_connect(&xdg->base->surface->events.unmap, &view->unmap, handle_unmap);
	listener_connect(&xdg->base->surface->events.commit, &view->commit, handle_commit);
	listener_connect(&xdg->base->events.new_popup, &view->new_popup, handle_new_popup);
	listener_connect(&xdg->events.destroy, &view->destroy, handle_destroy);
	listener_connect(&xdg->events.set_title, &view->set_title, handle_set_title);
	listener_connect(&xdg->events.set_app_id, &view->set_app_id, handle_set_app_id);
	listener_connect(&xdg->events.set_parent, &view->set_parent, handle_set_parent);
	listener_connect(
	    &xdg->events.request_maximize, &view->request_maximize, handle_request_maximize);
	listener_connect(
	    &xdg->events.request_minimize, &view->request_minimize, handle_request_minimize);
	listener_connect(
	    &xdg->events.request_fullscreen, &view->request_fullscreen, handle_request_fullscreen);
}

static void handle_new_decoration(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, xdg_shell.new_decoration);
	struct wlr_xdg_toplevel_decoration_v1 *decoration = data;
	struct ph_view *view = find_view(session, decoration->toplevel);

	if (view) {
		listener_disconnect(&view->decoration_request);
		listener_disconnect(&view->decoration_destroy);
		view->decoration = decoration;
		listener_connect(&decoration->events.request_mode, &view->decoration_request,
		    handle_decoration_request);
		listener_connect(&decoration->events.destroy, &view->decoration_destroy,
		    handle_decoration_destroy);
		set_decoration(view);
	}
}

/* Only what a person did in another host program brings a view to the front. */
static void handle_request_activate(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, xdg_shell.request_activate);
	const struct wlr_xdg_activation_v1_request_activate_event *event = data;
	struct wlr_xdg_toplevel *xdg = wlr_xdg_toplevel_try_from_wlr_surface(event->surface);
	struct ph_view *view = xdg ? find_view(session, xdg) : NULL;

	if (view && view->mapped && event->token->seat) {
		views_show(session, view);
	}
}

bool xdg_shell_init(struct ph_session *session)
{
	struct ph_xdg_shell *xdg = &session->xdg_shell;
	struct wlr_server_decoration_manager *old = wlr_server_decoration_manager_create(session->display);

	views_init(session);
	xdg->shell = wlr_xdg_shell_create(session->display, 6);
	xdg->decorations = wlr_xdg_decoration_manager_v1_create(session->display);
	xdg->activation = wlr_xdg_activation_v1_create(session->display);
	if (!old || !xdg->shell || !xdg->decorations || !xdg->activation) {
		wlr_log(WLR_ERROR, "start: out of memory for windows of host programs");
		return false;
	}
	wlr_server_decoration_manager_set_default_mode(old, WLR_SERVER_DECORATION_MANAGER_MODE_SERVER);
	listener_connect(&xdg->shell->events.new_toplevel, &xdg->new_toplevel, handle_new_toplevel);
	listener_connect(&xdg->decorations->events.new_toplevel_decoration, &xdg->new_decoration,
	    handle_new_decoration);
	listener_connect(
	    &xdg->activation->events.request_activate, &xdg->request_activate, handle_request_activate);
	return true;
}

void xdg_shell_finish(struct ph_session *session)
{
	struct ph_xdg_shell *xdg = &session->xdg_shell;

	listener_disconnect(&xdg->new_toplevel);
	listener_disconnect(&xdg->new_decoration);
	listener_disconnect(&xdg->request_activate);
}
