// SPDX-License-Identifier: MIT
#ifndef PH_LAYER_SHELL_H
#define PH_LAYER_SHELL_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;
struct ph_output;
struct wlr_box;
struct wlr_layer_shell_v1;
struct wlr_surface;

/*
 * Bars, launchers and the like (wlr-layer-shell-unstable-v1). The layers top and
 * overlay are above guests, bottom is above the home screen only, and background
 * is below that. Without the protocol's XML at build time this is
 * layer_shell_none.c, and the global is not offered.
 */
struct ph_layer_shell {
	struct wlr_layer_shell_v1 *shell;
	struct wl_list list; /* ph_layer.link, of layer_shell.c */
	bool changed;        /* surfaces are to be placed anew */
	void *clicked;       /* the ph_layer that a person has clicked into, NULL: none */
	struct wl_listener new_surface;
};

/* False: logged. */
bool layer_shell_init(struct ph_session *session);
void layer_shell_finish(struct ph_session *session);

/* Brings sizes and places in line with the outputs; called by arrange(). */
void layer_shell_arrange(struct ph_session *session);

/* The monitors have settled: what is on one that is off now is closed. Calls arrange(). */
void layer_shell_settle(struct ph_session *session);

/* What bars leave of an output, layout; empty if the output has no place. */
void layer_shell_usable(
    struct ph_session *session, const struct ph_output *output, struct wlr_box *box);

/* The surface that is to have the keyboard, NULL: none. */
struct wlr_surface *layer_shell_target(struct ph_session *session);

/*
 * A button was pressed on that surface, NULL: on none of a host program, or something
 * else was asked for. A surface that takes the keyboard by a click has it until then.
 */
void layer_shell_note_click(struct ph_session *session, struct wlr_surface *surface);

#endif
