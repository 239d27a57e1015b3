// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_CALLS_H
#define PH_CONTROL_CALLS_H

#include <systemd/sd-varlink.h>

struct ph_session;

/* Binds the methods that do something. Returns 0 or a negative errno. */
int control_bind_calls(sd_varlink_server *server);

/* Lets go of the callers that still wait; safe on zeroed memory. */
void control_finish_calls(struct ph_session *session);

#endif
