// SPDX-License-Identifier: MIT
#ifndef PH_PLANES_H
#define PH_PLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wlr/types/wlr_output.h>

#include "own_layer.h"
#include "plane_answers.h"
#include "plane_kms.h"
#include "plane_plan.h"

struct ph_output;
struct ph_session;
struct ph_dumb;

/*
 * Frames without a render pass that the scene itself cannot make: guests side by
 * side, and the strip, edges or a notice over a guest, each on a plane of the graphics
 * card. Everything else is the scene's, and so is whatever the card refuses.
 */

/* One monitor's part. Zeroed to begin with. */
struct ph_planes {
	struct ph_kms_frame shown; /* the overlay planes of the last commit; no count: none */
	/* What is locked for these, and for those that they replace until the screen has changed. */
	struct wlr_buffer *queued[PH_PLANE_LAYERS_MAX], *current[PH_PLANE_LAYERS_MAX];
	bool left_to_scene;     /* the next frame is the scene's: it has something to set */
	struct ph_own_layer own;
	struct ph_dumb *black;  /* under pictures that do not cover the monitor; NULL: not needed yet */
	struct ph_plane_answers answers;
	bool busy;              /* the last commit came too early for the card */
	bool single_known;      /* single is valid: what the last frame was, one guest's buffer on the primary plane */
	struct ph_plane_key single;
};

/*
 * Shows the next frame of the output on planes, if the scene itself would need a
 * render pass for it and the card does not, or if it is the scene's last frame with nothing
 * but another buffer. Returns how many planes the frame takes, 0: the frame is the scene's,
 * and *reason says why (static; NULL: the scene knows best).
 */
size_t planes_commit(struct ph_output *output, const char **reason);

/* Commits the scene's frame, and takes what is on other planes off with it. False: as wlroots says. */
bool planes_commit_scene(struct ph_output *output, const struct wlr_output_state *state);

/* The scene's frame was committed; scanout: with a guest's own buffer on the plane. */
void planes_note_scene(struct ph_output *output, bool scanout);

/* The last commit is on the screen: what it replaced goes back to its owner. */
void planes_presented(struct ph_output *output);

/*
 * Before an output is switched on: takes off the card's overlay planes what none of our
 * outputs has there, as a session that died or another console may have left it.
 */
void planes_clean(struct ph_session *session);

/*
 * Before the output gets another mode, is switched off, or is forgotten: takes everything
 * off the overlay planes, and what the card refused is worth another try. Safe on zeroed memory.
 */
void planes_reset(struct ph_output *output);

#endif
