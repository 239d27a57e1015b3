// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_SYNC_H
#define PH_OUTPUT_SYNC_H

#include <stdbool.h>
#include <wlr/types/wlr_output.h>

#include "sync_policy.h"

struct ph_output;

/* Adaptive sync and tearing on one monitor: what sync_policy.h decides is tested and added to frames. */

/* What a test of a frame that does not wait depends on; compared as bytes. */
struct ph_tear_key {
	uint64_t modifier;
	struct wlr_fbox source;
	struct wlr_box box;
	int width, height;
	uint32_t format;
	uint32_t committed; /* enum wlr_output_state_field */
};

/* The pointer on its plane; compared as bytes. */
struct ph_sync_pointer {
	double x, y;
	uint64_t picture; /* not looked at; 0: it is not shown */
};

/* Zeroed to begin with. */
struct ph_output_sync {
	enum ph_adaptive_sync adaptive; /* what session.scfg or a tool asks for */
	bool adapt_refused;
	unsigned tear_refusals;
	bool card_known, card_tears;  /* asked once, whatever the answer is */
	bool tear_taken;              /* the card takes frames like tear_key without waiting */
	struct ph_tear_key tear_key;
	bool pointer_known;           /* pointer is that of the last frame */
	struct ph_sync_pointer pointer;
	bool torn; /* the last frame has not waited for the monitor */
	const char *no_adapt, *no_tear; /* why not what is asked for, static; NULL: it is, or nothing is */
	bool told_adapt, told_tear; /* the log has that the card cannot or will not */
};

/*
 * Adds to a frame's state, which has all else, what of it the graphics card takes. alone:
 * the frame is the guest's own buffer, with nothing over it. Neither what the card can nor
 * a frame like the last one is asked for again.
 */
void output_sync_prepare(struct ph_output *output, struct wlr_output_state *state, bool alone);

/*
 * The card has refused this frame. True: it was one that does not wait for the monitor; now it
 * waits, and is worth another try. False: that was not it.
 */
bool output_sync_calm(struct ph_output *output, struct wlr_output_state *state);

/* A new mode, or new settings: asks for this from now on, and what was refused is worth another try. */
void output_sync_reset(struct ph_output *output, enum ph_adaptive_sync adaptive);

/* The same with the settings of a tool, which has asked for what differs from how it is. */
void output_sync_follow(struct ph_output *output, bool adaptive);

#endif
