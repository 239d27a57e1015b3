// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_LIST_H
#define PH_CONTROL_LIST_H

#include <stdbool.h>
#include <systemd/sd-json.h>

struct ph_session;

/*
 * What the control socket tells of the session, as JSON. Each returns 0 and an
 * array or object (to be unreferenced by the caller), or a negative errno.
 */

/* Monitors. counters: with what changes with each frame. */
int control_list_outputs(struct ph_session *session, bool counters, sd_json_variant **list);
int control_list_guests(struct ph_session *session, sd_json_variant **list);
/* All of it but the counters: {guests, outputs, locked, focused}. */
int control_list_state(struct ph_session *session, sd_json_variant **state);

#endif
