// SPDX-License-Identifier: MIT
#ifndef PH_SYNC_POLICY_H
#define PH_SYNC_POLICY_H

#include <stdbool.h>

/*
 * When a monitor waits for a guest's frame (adaptive sync, also VRR, FreeSync), and when a
 * frame does not wait for the monitor (tearing). Pure.
 */

enum ph_adaptive_sync {
	PH_ADAPTIVE_SYNC_OFF, /* default */
	PH_ADAPTIVE_SYNC_FULLSCREEN,
	PH_ADAPTIVE_SYNC_ON,
};

/* Test commits that were refused in succession, before no more are made. */
#define PH_SYNC_REFUSALS_MAX 8

struct ph_sync_facts {
	enum ph_adaptive_sync adaptive; /* what is asked for on the monitor */
	bool tearing;                   /* what is asked for the guest in its first part */
	bool can_adapt;                 /* both monitor and graphics card can */
	bool can_tear;                  /* the graphics card can */
	bool adapt_refused;             /* by a test commit, since the mode was set */
	unsigned tear_refusals;         /* by test commits, in succession, since the mode was set */
	bool fullscreen;                /* one guest has the whole monitor, and nothing is locked */
	bool alone;                     /* the frame is that guest's own buffer, with nothing over it */
	bool pointer_changed;           /* since the frame before: what does not wait may change one buffer only */
};

/* What the next frame is to have; of what is asked for and is not to be, why. Static, NULL: nothing. */
struct ph_sync_choice {
	bool adapt, tear;
	const char *no_adapt, *no_tear;
};

struct ph_sync_choice sync_policy_choose(const struct ph_sync_facts *facts);

#endif
