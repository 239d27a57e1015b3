// SPDX-License-Identifier: MIT
#ifndef PH_VIEW_H
#define PH_VIEW_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "toplevel.h"

struct ph_session;
struct ph_output;
struct wlr_scene_rect;
struct wlr_scene_tree;
struct wlr_surface;
struct wlr_xdg_toplevel;
struct wlr_xdg_toplevel_decoration_v1;

/*
 * A window of a host program (xdg_shell.c): a terminal, a tool for virtual
 * machines. One is in front at most; it covers what its output shows, as large
 * as the output lets it be. Its dialogs are views too, with a parent.
 */
struct ph_view {
	struct wl_list link; /* ph_views.list, the latest shown first */
	struct ph_session *session;
	struct wlr_xdg_toplevel *xdg;
	struct ph_view *parent;            /* NULL: not a dialog */
	struct ph_output *output;          /* where it is, NULL: no monitor was there */
	struct wlr_scene_tree *tree;       /* all of it, in that of its parent */
	struct wlr_scene_rect *backdrop;   /* what is around it; NULL for a dialog */
	struct wlr_scene_tree *surface_tree;
	struct wlr_xdg_toplevel_decoration_v1 *decoration; /* NULL: none was asked for */
	bool mapped;
	bool fullscreen;
	struct wlr_box asked; /* for what it was last asked to be; layout */
	struct ph_toplevel toplevel; /* for bars */

	struct wl_listener map;
	struct wl_listener unmap;
	struct wl_listener commit;
	struct wl_listener destroy;
	struct wl_listener new_popup;
	struct wl_listener set_title;
	struct wl_listener set_app_id;
	struct wl_listener set_parent;
	struct wl_listener request_maximize;
	struct wl_listener request_minimize;
	struct wl_listener request_fullscreen;
	struct wl_listener decoration_request;
	struct wl_listener decoration_destroy;
};

struct ph_views {
	struct wl_list list;  /* ph_view.link */
	struct ph_view *shown; /* in front of its output's guest; NULL: none */
	bool focused;          /* it has the keyboard, not a guest beside it */
	struct ph_view *last;  /* in front until the guest that is shown now was asked for; NULL: none */
	bool stepping;         /* Super+Tab was pressed, and Super is not up again */
};

/* Begins without views. */
void views_init(struct ph_session *session);

/*
 * Brings a view to the front and gives it the keyboard; NULL: hides what is in
 * front, and the guests are seen. A dialog stands for the view that it belongs to.
 */
void views_show(struct ph_session *session, struct ph_view *view);

/*
 * Views among the most recent guests, for Super+Tab (step) and Super+grave. True: that
 * key went to a view, or from one back to the guest under it. False: it is about
 * guests; what was in front is hidden by guests_show().
 */
bool views_step(struct ph_session *session);
bool views_toggle(struct ph_session *session);
/* Super is up: the next step is a first one again. */
void views_settle(struct ph_session *session);

/* A person went to another monitor: the view has the keyboard if it is there. */
void views_follow_focus(struct ph_session *session);

/* Hides what is in front; the caller rearranges. */
void views_hide(struct ph_session *session);

/* The surface that gets the keyboard, NULL: no view has it. */
struct wlr_surface *views_target(struct ph_session *session);

/* Brings sizes and places in line with the outputs; called by arrange(). */
void views_arrange(struct ph_session *session);

/* Whether a layout position is on the view in front, or around it. */
bool views_cover(struct ph_session *session, double lx, double ly);

/* Whether the view in front leaves nothing to be seen of what is in that box (layout). */
bool views_hide_box(struct ph_session *session, const struct wlr_box *box);

/* A button was pressed on that surface, NULL: on none of a host program. */
void views_note_click(struct ph_session *session, struct wlr_surface *surface);

/* For xdg_shell.c: the view was mapped or unmapped, or is about to be freed. */
void view_map(struct ph_view *view);
void view_unmap(struct ph_view *view);
void view_remove(struct ph_view *view);
/* Makes it a dialog of that view, or of none (NULL). What was in front stays there. */
void view_set_parent(struct ph_view *view, struct ph_view *parent);
/* Asks its program for the size that it is to have. */
void view_configure(struct ph_view *view);

/* Whether a window of a host program is seen: it is in front, or a dialog of what is. */
bool views_are_showing(struct ph_session *session, const struct wlr_xdg_toplevel *xdg);

#endif
