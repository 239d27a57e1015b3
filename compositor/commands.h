// SPDX-License-Identifier: MIT
#ifndef PH_COMMANDS_H
#define PH_COMMANDS_H

#include "command.h"

struct ph_session;

/* Does what a person asked for. What cannot be done now is left undone, with a line in the log. */
void command_run(struct ph_session *session, const struct ph_command *command);

/* The person is done with going through the recently used guests (Super was let go). */
void command_settle(struct ph_session *session);

#endif
