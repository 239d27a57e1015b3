// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_MANAGER_H
#define PH_OUTPUT_MANAGER_H

#include <stdbool.h>

struct ph_session;

/* wlr-output-management-v1: what wlr-randr, kanshi and wdisplays see of the monitors, and set. */

/* Part of outputs_init(). False: logged. */
bool output_manager_init(struct ph_session *session);
/* Safe on what was never started. */
void output_manager_finish(struct ph_session *session);

/* The monitors, or where they are, have changed: tools are told. */
void output_manager_publish(struct ph_session *session);

#endif
