// SPDX-License-Identifier: MIT
#ifndef PH_MONITOR_PLAN_H
#define PH_MONITOR_PLAN_H

#include "config.h"

/*
 * Which settings (mode, scale, place, off) a monitor has among those that are plugged
 * in with it. Pure. What counts, in this order:
 *
 *   1. session.scfg: the block of a layout that is for exactly these monitors, what it
 *      does not say being filled in from the monitor's own block outside of layouts;
 *   2. session.scfg: that block alone;
 *   3. what a tool (wlr-randr, kanshi) has last set while exactly these were here;
 *   4. nothing: what suits the monitor best.
 */

/* A monitor that is plugged in, and not under a closed lid. Borrowed texts. */
struct ph_plugged {
	const char *connector;
	const char *identity; /* "MAKE MODEL SERIAL" */
};

enum ph_plan_source {
	PH_PLAN_NONE,
	PH_PLAN_FILE,   /* session.scfg */
	PH_PLAN_MEMORY, /* a tool, earlier */
};

struct ph_plan {
	enum ph_plan_source source;
	struct ph_config_output settings; /* valid unless the source is NONE; its name is borrowed */
};

/* Whether a monitor's name in session.scfg means that one. */
bool monitor_plan_match(const char *name, const struct ph_plugged *monitor);

/*
 * Whether a layout is for exactly these monitors. Those which session.scfg switches
 * off for good need not be named.
 */
bool monitor_plan_fits(const struct ph_config *config, const struct ph_config_layout *layout,
    const struct ph_plugged *monitors, size_t count);

/* The plan of monitors[which]. memory: layouts with outputs only, see monitor_memory.h. */
void monitor_plan_choose(const struct ph_config *config, const struct ph_config *memory,
    const struct ph_plugged *monitors, size_t count, size_t which, struct ph_plan *plan);

/* Whether both ask for the same, whatever names they have. */
bool monitor_plan_equal(const struct ph_plan *a, const struct ph_plan *b);

#endif
