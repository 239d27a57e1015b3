// SPDX-License-Identifier: MIT
#ifndef PH_OVERVIEW_SCREEN_H
#define PH_OVERVIEW_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>

#include "overview.h"

struct ph_session;
struct ph_guest;
struct ph_output;

/*
 * The overview on the screen: on the output that has the focus. Its pictures are
 * the guests' own last buffers, which are imported already. The guests know
 * nothing of it: hidden ones send as few frames as they always do. No guest has
 * the input while it is up.
 */
struct ph_overview_screen {
	struct ph_output *output;  /* where it is shown, NULL: that monitor has just gone */
	struct wlr_scene_tree *tree; /* NULL: it is hidden, and nothing else is there */
	struct wlr_scene_buffer *ground; /* everything but the pictures */
	struct ph_overview_layout layout;
	uint64_t sum;                /* of what ground was drawn for, 0: nothing */
	const struct ph_guest *selected; /* NULL: none; compared only */
	struct wl_list mirrors;      /* ph_mirror.link, of overview_screen.c */
};

/* Shows it, or hides it again. */
void overview_toggle(struct ph_session *session);
void overview_hide(struct ph_session *session);
bool overview_is_up(const struct ph_session *session);

/* Guests, pictures or outputs may have changed: draws what did. Cheap when hidden. */
void overview_update(struct ph_session *session);

/* Colours or fonts are other ones now. */
void overview_redraw(struct ph_session *session);

/* A key (evdev code) was pressed while it is up. */
void overview_key(struct ph_session *session, uint32_t code);
/* lx/ly are layout coordinates. */
void overview_hover(struct ph_session *session, double lx, double ly);
/* A click or a tap: shows the guest there; elsewhere it hides the overview. */
void overview_press(struct ph_session *session, double lx, double ly);

#endif
