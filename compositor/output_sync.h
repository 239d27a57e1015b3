// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_SYNC_H
#define PH_OUTPUT_SYNC_H

#include <stdbool.h>
#include <wlr/types/wlr_output.h>

#include "sync_policy.h"

struct ph_output;

/* Adaptive sync and tearing on one monitor: what sync_policy.h decides is tested and added to frames. */

/* Zeroed to begin with. */
struct ph_output_sync {
	enum ph_adaptive_sync adaptive; /* what session.scfg or a tool asks for */
	bool adapt_refused;
	unsigned tear_refusals;
	bool torn; /* the last frame has not waited for the monitor */
	const char *no_adapt, *no_tear; /* why not what is asked for, static; NULL: it is, or nothing is */
	bool told_adapt, told_tear; /* the log has that the card cannot or will not */
};

/*
 * Adds to a frame's state, which has all else, what of it the graphics card takes. alone:
 * the frame is the guest's own buffer, with nothing over it.
 */
void output_sync_prepare(struct ph_output *output, struct wlr_output_state *state, bool alone);

/* A new mode, or new settings: asks for this from now on, and what was refused is worth another try. */
void output_sync_reset(struct ph_output *output, enum ph_adaptive_sync adaptive);

/* The same with the settings of a tool, which has asked for what differs from how it is. */
void output_sync_follow(struct ph_output *output, bool adaptive);

#endif
