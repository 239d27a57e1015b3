// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_PLAN_H
#define PH_OUTPUT_PLAN_H

#include <stdbool.h>

#include "config.h"
#include "monitor_plan.h"

struct ph_session;
struct ph_output;

/* What tools have set, and its file, `monitors` in the state directory. */
struct ph_output_plans {
	char *path;
	struct ph_config memory; /* its layouts, see monitor_memory.h */
	bool failed; /* writing it has; said once */
};

/* Reads what is remembered. A file that is wrong is put aside and told of. Always true. */
bool output_plans_init(struct ph_session *session);
void output_plans_finish(struct ph_session *session);

/* How that monitor is to be set, among those that are plugged in now. */
void output_plan_choose(const struct ph_output *output, struct ph_plan *plan);

/* Remembers how all monitors are set, as a tool has just done it. */
void output_plans_note(struct ph_session *session);

#endif
