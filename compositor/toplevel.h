// SPDX-License-Identifier: MIT
#ifndef PH_TOPLEVEL_H
#define PH_TOPLEVEL_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_guest;
struct ph_guest_head;
struct ph_session;
struct ph_view;
struct wlr_ext_foreign_toplevel_handle_v1;
struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1;
struct wlr_ext_foreign_toplevel_list_v1;
struct wlr_ext_image_capture_source_v1;
struct wlr_ext_workspace_group_handle_v1;
struct wlr_ext_workspace_handle_v1;
struct wlr_ext_workspace_manager_v1;
struct wlr_foreign_toplevel_handle_v1;
struct wlr_foreign_toplevel_manager_v1;
struct wlr_scene;
struct wlr_scene_buffer;

/*
 * How bars and capture tools see a guest that runs, or a view: an entry in the
 * two lists of windows, for a guest a workspace, too, and a picture that can be
 * captured by itself (of a guest: its first monitor).
 */
struct ph_toplevel {
	bool made;
	struct ph_session *session;
	struct ph_guest *guest; /* NULL: a view */
	struct ph_view *view;   /* NULL: a guest */
	struct wlr_foreign_toplevel_handle_v1 *foreign;
	struct wlr_ext_foreign_toplevel_handle_v1 *listed;
	struct wlr_ext_workspace_handle_v1 *workspace; /* NULL: a view */

	struct wlr_scene *scene;         /* for capture; NULL: never captured yet */
	struct wlr_scene_buffer *node;   /* in it, of a guest; NULL: a view */
	struct wlr_ext_image_capture_source_v1 *source; /* NULL: no capture goes on */

	struct wl_listener request_activate;
	struct wl_listener request_close;
	struct wl_listener request_minimize;
	struct wl_listener source_destroy;
};

/* The globals. */
struct ph_toplevels {
	struct wlr_foreign_toplevel_manager_v1 *foreign;
	struct wlr_ext_foreign_toplevel_list_v1 *list;
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1 *capture;
	struct wlr_ext_workspace_manager_v1 *workspaces;
	struct wlr_ext_workspace_group_handle_v1 *group;
	struct wl_listener capture_request;
	struct wl_listener workspace_commit;
};

/* False: logged. */
bool toplevels_init(struct ph_session *session);
/* Those of guests go here; views are gone with their clients. */
void toplevels_finish(struct ph_session *session);

/* Brings the lists in line with guests and outputs; called by arrange(). */
void toplevels_arrange(struct ph_session *session);

/* Lists a guest or a view; the other is NULL. */
void toplevel_create(struct ph_toplevel *toplevel, struct ph_session *session,
    struct ph_guest *guest, struct ph_view *view);
/* Takes it off the lists; safe on zeroed memory and when called twice. */
void toplevel_destroy(struct ph_toplevel *toplevel);
/* Title or app id have changed. Nothing if it is not listed. */
void toplevel_update(struct ph_toplevel *toplevel);
void toplevel_set_active(struct ph_toplevel *toplevel, bool active);

/* The head has a new picture, for those who capture its guest. */
void toplevel_note_picture(struct ph_guest_head *head);

#endif
