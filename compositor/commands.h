// SPDX-License-Identifier: MIT
#ifndef PH_COMMANDS_H
#define PH_COMMANDS_H

#include <stdbool.h>

#include "command.h"

struct ph_guest;
struct ph_output;
struct ph_session;

#define PH_COMMAND_ERROR_SIZE 320

/*
 * Does what a person asked for. False: it makes no sense now, nothing was done, and
 * error says why in one line. While the session is locked the caller has looked
 * already (command_works_locked()); what must not be done then is not.
 */
bool command_try(
    struct ph_session *session, const struct ph_command *command, char error[PH_COMMAND_ERROR_SIZE]);

/* The same for a key, a gesture, a button of ours: why something was not done is shown. */
void command_run(struct ph_session *session, const struct ph_command *command);

/*
 * Asks something of a guest's machine: action is one of guest_state_refuses().
 * False: error says why it makes no sense now.
 */
bool command_act(struct ph_guest *guest, const char *action, char error[PH_COMMAND_ERROR_SIZE]);

/* The person is done with going through the recently used guests (Super was let go). */
void command_settle(struct ph_session *session);

/* A guest by its name or its number, as a person writes it; NULL: there is none. */
struct ph_guest *command_find_guest(struct ph_session *session, const char *text);

/* A monitor that is on, by its connector or its identity; NULL: there is none. */
struct ph_output *command_find_output(struct ph_session *session, const char *name);

#endif
