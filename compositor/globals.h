// SPDX-License-Identifier: MIT
#ifndef PH_GLOBALS_H
#define PH_GLOBALS_H

#include <stdbool.h>

struct ph_session;

/*
 * Offers the globals that need no module of their own (surfaces, buffers,
 * capture). Who may see them is in access.c. False: logged.
 */
bool globals_init(struct ph_session *session);

/* The same for those that need to know what the GPU can do. False: logged. */
bool globals_init_gpu(struct ph_session *session);

#endif
