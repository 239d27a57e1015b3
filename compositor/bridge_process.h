// SPDX-License-Identifier: MIT
#ifndef PH_BRIDGE_PROCESS_H
#define PH_BRIDGE_PROCESS_H

#include <stdbool.h>

struct ph_session;
struct ph_guest;

/*
 * Starts and watches the bridges, one process per guest. They outlive the
 * compositor: one that is started again finds them by their tokens.
 */

/* Watches for dead children. False: logged. */
bool bridge_processes_init(struct ph_session *session);
/* Stops watching; the bridges go on. */
void bridge_processes_finish(struct ph_session *session);

/*
 * Starts the guest's bridge. If it cannot be, the guest is lost, with the
 * reason.
 */
void bridge_process_start(struct ph_guest *guest);

/*
 * A bridge should come by itself (of the compositor before this one), or be
 * started again: starts one if none has bound the guest's control after a
 * moment.
 */
void bridge_process_expect(struct ph_guest *guest);

#endif
