// SPDX-License-Identifier: MIT
#include "toplevel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_ext_workspace_v1.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/log.h>

#include "commands.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "listener.h"
#include "lock.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "session.h"
#include "overview_screen.h"
#include "strip_screen.h"
#include "view.h"

static const char *title_of(const struct ph_toplevel *toplevel)
{
	const char *title = toplevel->guest ? toplevel->guest->title : toplevel->view->xdg->title;

	return title ? title : "";
}

/* The name by which tools tell programs apart. */
static void write_app_id(const struct ph_toplevel *toplevel, char *text, size_t size)
{
	if (toplevel->guest) {
		snprintf(text, size, "org.phyllome.guest.%s", toplevel->guest->id);
	} else {
		snprintf(text, size, "%s", toplevel->view->xdg->app_id ? toplevel->view->xdg->app_id : "");
	}
}

static void show(struct ph_toplevel *toplevel)
{
	/* A bar under a locked screen has nothing to say. */
	if (lock_is_locked(toplevel->session)) {
		return;
	}
	if (toplevel->guest) {
		command_run(toplevel->session,
		    &(struct ph_command){.kind = PH_COMMAND_SHOW, .number = toplevel->guest->number});
	} else {
		strip_unpin(toplevel->session);
		overview_hide(toplevel->session);
		views_show(toplevel->session, toplevel->view);
	}
}

static void handle_request_activate(struct wl_listener *listener, void *data)
{
	struct ph_toplevel *toplevel = wl_container_of(listener, toplevel, request_activate);
	show(toplevel);
}

static void handle_request_close(struct wl_listener *listener, void *data)
{
	struct ph_toplevel *toplevel = wl_container_of(listener, toplevel, request_close);

	if (lock_is_locked(toplevel->session)) {
		return;
	}
	if (toplevel->guest) {
		guest_send_action(toplevel->guest, PHYLLOME_GUEST_V1_ACTION_POWERDOWN);
	} else {
		wlr_xdg_toplevel_send_close(toplevel->view->xdg);
	}
}

static void handle_request_minimize(struct wl_listener *listener, void *data)
{
	struct ph_toplevel *toplevel = wl_container_of(listener, toplevel, request_minimize);
	const struct wlr_foreign_toplevel_handle_v1_minimized_event *event = data;

	if (!event->minimized) {
		show(toplevel);
	} else if (toplevel->view && toplevel->session->views.shown == toplevel->view) {
		views_show(toplevel->session, NULL);
	}
}

/* --- capture */

static void set_picture(struct ph_toplevel *toplevel, const struct ph_guest_head *head)
{
	if (!head || !guest_head_has_picture(head) || lock_is_locked(toplevel->session)) {
		wlr_scene_buffer_set_buffer(toplevel->node, NULL);
		return;
	}
	struct wlr_scene_buffer_set_buffer_options options = {.damage = &head->surface->buffer_damage};
	struct wlr_fbox box;
	wlr_surface_get_buffer_source_box(head->surface, &box);
	wlr_scene_buffer_set_buffer_with_options(
	    toplevel->node, &head->surface->buffer->base, &options);
	wlr_scene_buffer_set_source_box(toplevel->node, &box);
	wlr_scene_buffer_set_transform(toplevel->node, head->surface->current.transform);
	wlr_scene_buffer_set_dest_size(toplevel->node, head->picture_width, head->picture_height);
}

/* Nothing of what is under the lock is captured, and all of it again when it is gone. */
static void hide_while_locked(struct ph_toplevel *toplevel)
{
	bool locked;

	/* A window that is not shown yet, or was withdrawn, is in no list. */
	if (!toplevel->source) {
		return;
	}
	locked = lock_is_locked(toplevel->session);
	if (toplevel->scene->tree.node.enabled != locked) {
		return;
	}
	wlr_scene_node_set_enabled(&toplevel->scene->tree.node, !locked);
	if (toplevel->guest) {
		set_picture(toplevel, toplevel->guest->heads[0]);
	}
}

void toplevel_note_picture(struct ph_guest_head *head)
{
	struct ph_toplevel *toplevel = &head->guest->toplevel;

	if (head->console == 0 && toplevel->source) {
		set_picture(toplevel, head);
	}
}

static void handle_source_destroy(struct wl_listener *listener, void *data)
{
	struct ph_toplevel *toplevel = wl_container_of(listener, toplevel, source_destroy);

	listener_disconnect(&toplevel->source_destroy);
	toplevel->source = NULL;
}

/* A scene of its own: what is captured does not depend on what is on the screen. */
static bool make_scene(struct ph_toplevel *toplevel)
{
	toplevel->scene = wlr_scene_create();
	if (!toplevel->scene) {
		return false;
	}
	if (toplevel->guest) {
		toplevel->node = wlr_scene_buffer_create(&toplevel->scene->tree, NULL);
		return toplevel->node != NULL;
	}
	return wlr_scene_xdg_surface_create(&toplevel->scene->tree, toplevel->view->xdg->base) != NULL;
}

static void handle_capture_request(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, toplevels.capture_request);
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request *request = data;
	struct ph_toplevel *toplevel = request->toplevel_handle->data;

	if (!toplevel || (!toplevel->scene && !make_scene(toplevel))) {
		return;
	}
	if (!toplevel->source) {
		if (toplevel->node) {
			set_picture(toplevel, toplevel->guest->heads[0]);
		}
		toplevel->source = wlr_ext_image_capture_source_v1_create_with_scene_node(
		    &toplevel->scene->tree.node, session->loop, session->allocator, session->renderer);
		if (!toplevel->source) {
			return;
		}
		listener_connect(&toplevel->source->events.destroy, &toplevel->source_destroy,
		    handle_source_destroy);
	}
	hide_while_locked(toplevel);
	wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request_accept(
	    request, toplevel->source);
}

/* --- the lists */

void toplevel_create(struct ph_toplevel *toplevel, struct ph_session *session,
    struct ph_guest *guest, struct ph_view *view)
{
	struct ph_toplevels *toplevels = &session->toplevels;
	char app_id[256];

	if (toplevel->made) {
		return;
	}
	*toplevel = (struct ph_toplevel){.made = true, .session = session, .guest = guest, .view = view};
	write_app_id(toplevel, app_id, sizeof(app_id));
	struct wlr_ext_foreign_toplevel_handle_v1_state state = {
	    .title = title_of(toplevel), .app_id = app_id};
	toplevel->foreign = wlr_foreign_toplevel_handle_v1_create(toplevels->foreign);
	toplevel->listed = wlr_ext_foreign_toplevel_handle_v1_create(toplevels->list, &state);
	if (!toplevel->foreign || !toplevel->listed) {
		abort();
	}
	toplevel->listed->data = toplevel;
	wlr_foreign_toplevel_handle_v1_set_title(toplevel->foreign, title_of(toplevel));
	wlr_foreign_toplevel_handle_v1_set_app_id(toplevel->foreign, app_id);
	listener_connect(&toplevel->foreign->events.request_activate, &toplevel->request_activate,
	    handle_request_activate);
	listener_connect(
	    &toplevel->foreign->events.request_close, &toplevel->request_close, handle_request_close);
	listener_connect(&toplevel->foreign->events.request_minimize, &toplevel->request_minimize,
	    handle_request_minimize);
	if (guest) {
		toplevel->workspace = wlr_ext_workspace_handle_v1_create(toplevels->workspaces, guest->id,
		    EXT_WORKSPACE_HANDLE_V1_WORKSPACE_CAPABILITIES_ACTIVATE);
		if (!toplevel->workspace) {
			abort();
		}
		toplevel->workspace->data = toplevel;
		wlr_ext_workspace_handle_v1_set_group(toplevel->workspace, toplevels->group);
		wlr_ext_workspace_handle_v1_set_name(toplevel->workspace, guest->title);
		wlr_ext_workspace_handle_v1_set_coordinates(
		    toplevel->workspace, &(uint32_t){guest->number}, 1);
	}
}

void toplevel_destroy(struct ph_toplevel *toplevel)
{
	if (!toplevel->made) {
		return;
	}
	listener_disconnect(&toplevel->request_activate);
	listener_disconnect(&toplevel->request_close);
	listener_disconnect(&toplevel->request_minimize);
	if (toplevel->scene) {
		wlr_scene_node_destroy(&toplevel->scene->tree.node); /* its source goes with it */
	}
	listener_disconnect(&toplevel->source_destroy);
	wlr_foreign_toplevel_handle_v1_destroy(toplevel->foreign);
	wlr_ext_foreign_toplevel_handle_v1_destroy(toplevel->listed);
	if (toplevel->workspace) {
		wlr_ext_workspace_handle_v1_destroy(toplevel->workspace);
	}
	*toplevel = (struct ph_toplevel){0};
}

void toplevel_update(struct ph_toplevel *toplevel)
{
	char app_id[256];

	if (!toplevel->made) {
		return;
	}
	write_app_id(toplevel, app_id, sizeof(app_id));
	struct wlr_ext_foreign_toplevel_handle_v1_state state = {
	    .title = title_of(toplevel), .app_id = app_id};
	const struct wlr_ext_foreign_toplevel_handle_v1 *listed = toplevel->listed;
	if (listed->title && listed->app_id && strcmp(listed->title, state.title) == 0 &&
	    strcmp(listed->app_id, app_id) == 0) {
		return;
	}
	wlr_ext_foreign_toplevel_handle_v1_update_state(toplevel->listed, &state);
	wlr_foreign_toplevel_handle_v1_set_title(toplevel->foreign, state.title);
	wlr_foreign_toplevel_handle_v1_set_app_id(toplevel->foreign, app_id);
	if (toplevel->workspace) {
		wlr_ext_workspace_handle_v1_set_name(toplevel->workspace, state.title);
	}
}

void toplevel_set_active(struct ph_toplevel *toplevel, bool active)
{
	if (toplevel->made) {
		wlr_foreign_toplevel_handle_v1_set_activated(toplevel->foreign, active);
	}
}

/* Whether the guest is to be seen on that output. */
static bool is_on(const struct ph_guest *guest, const struct ph_output *output)
{
	for (size_t i = 0; i < output->cell_count; i++) {
		if (output->cells[i].guest == guest) {
			return true;
		}
	}
	return false;
}

static void arrange_guest(struct ph_session *session, struct ph_guest *guest)
{
	const struct ph_cell *focus = session->outputs.focus;
	struct ph_output *output;
	bool seen = false;

	if (!guest_state_has_machine(guest->state)) {
		toplevel_destroy(&guest->toplevel);
		return;
	}
	toplevel_create(&guest->toplevel, session, guest, NULL);
	toplevel_update(&guest->toplevel);
	wl_list_for_each(output, &session->outputs.list, link) {
		if (is_on(guest, output)) {
			seen = true;
			wlr_foreign_toplevel_handle_v1_output_enter(
			    guest->toplevel.foreign, output->wlr_output);
		} else {
			wlr_foreign_toplevel_handle_v1_output_leave(
			    guest->toplevel.foreign, output->wlr_output);
		}
	}
	toplevel_set_active(
	    &guest->toplevel, focus && focus->guest == guest && !session->views.focused);
	wlr_ext_workspace_handle_v1_set_active(guest->toplevel.workspace, seen);
	hide_while_locked(&guest->toplevel);
}

void toplevels_arrange(struct ph_session *session)
{
	struct ph_output *output;
	struct ph_guest *guest;
	struct ph_view *view;

	if (!session->toplevels.group) {
		return;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		wlr_ext_workspace_group_handle_v1_output_enter(
		    session->toplevels.group, output->wlr_output);
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		arrange_guest(session, guest);
	}
	wl_list_for_each(view, &session->views.list, link) {
		hide_while_locked(&view->toplevel);
	}
}

static void handle_workspace_commit(struct wl_listener *listener, void *data)
{
	const struct wlr_ext_workspace_v1_commit_event *event = data;
	struct wlr_ext_workspace_v1_request *request;
	struct ph_toplevel *wanted = NULL;

	wl_list_for_each(request, event->requests, link) {
		if (request->type == WLR_EXT_WORKSPACE_V1_REQUEST_ACTIVATE && request->activate.workspace) {
			wanted = request->activate.workspace->data;
		}
	}
	if (wanted) {
		wlr_log(WLR_DEBUG, "guest %s: asked for by a bar", wanted->guest->id);
		show(wanted);
	}
}

bool toplevels_init(struct ph_session *session)
{
	struct ph_toplevels *toplevels = &session->toplevels;

	toplevels->foreign = wlr_foreign_toplevel_manager_v1_create(session->display);
	toplevels->list = wlr_ext_foreign_toplevel_list_v1_create(session->display, 1);
	toplevels->capture =
	    wlr_ext_foreign_toplevel_image_capture_source_manager_v1_create(session->display, 1);
	toplevels->workspaces = wlr_ext_workspace_manager_v1_create(session->display, 1);
	if (!toplevels->foreign || !toplevels->list || !toplevels->capture || !toplevels->workspaces) {
		wlr_log(WLR_ERROR, "start: out of memory for the lists of guests");
		return false;
	}
	toplevels->group = wlr_ext_workspace_group_handle_v1_create(toplevels->workspaces, 0);
	if (!toplevels->group) {
		wlr_log(WLR_ERROR, "start: out of memory for the lists of guests");
		return false;
	}
	listener_connect(&toplevels->capture->events.new_request, &toplevels->capture_request,
	    handle_capture_request);
	listener_connect(&toplevels->workspaces->events.commit, &toplevels->workspace_commit,
	    handle_workspace_commit);
	return true;
}

void toplevels_finish(struct ph_session *session)
{
	struct ph_toplevels *toplevels = &session->toplevels;
	struct ph_guest *guest;

	listener_disconnect(&toplevels->capture_request);
	listener_disconnect(&toplevels->workspace_commit);
	if (session->guests.list.next) {
		wl_list_for_each(guest, &session->guests.list, link) {
			toplevel_destroy(&guest->toplevel);
		}
	}
	if (toplevels->group) {
		wlr_ext_workspace_group_handle_v1_destroy(toplevels->group);
	}
}
