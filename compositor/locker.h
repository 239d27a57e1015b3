// SPDX-License-Identifier: MIT
#ifndef PH_LOCKER_H
#define PH_LOCKER_H

#include <stddef.h>
#include <sys/types.h>

struct ph_session;

/*
 * Starts the program that locks: PHYLLOME_LOCKER, else that of session.scfg, else
 * "swaylock -f". Returns its pid, which the caller reaps; or -1, and why says why.
 */
pid_t locker_start(struct ph_session *session, char *why, size_t size);

#endif
