// SPDX-License-Identifier: MIT
#ifndef PH_CHILDREN_H
#define PH_CHILDREN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Ending what the session started, orphans that came to us included. Waits are
 * for signals that are blocked: SIGCHLD and those that ask us to end. Ctrl+C of
 * our terminal does not while the session is locked: keys reach the terminal when
 * there is no compositor, and whoever presses them has given no password.
 */

/* Zeroed but for signals to begin with. */
struct ph_children {
	sigset_t signals;
	pid_t *told; /* those that got SIGTERM, which is sent once */
	size_t told_count;
};

/* CLOCK_MONOTONIC in milliseconds. */
uint64_t children_now_ms(void);

/* Waits for one of the signals until a time (UINT64_MAX: for ever). Its number, 0 when time is up.
 */
int children_wait_signal(const sigset_t *signals, uint64_t until_ms);

/* Waits for a child's end for at most so long. False when it still runs. */
bool children_wait_one(struct ph_children *children, pid_t pid, uint64_t ms);

/* SIGTERM, and after so many milliseconds SIGKILL, for one child; it is reaped then. */
void children_end_one(struct ph_children *children, pid_t pid, uint64_t ms);

/*
 * SIGTERM once for every child, bridges first and what else there is when they
 * are gone, also for those that become ours meanwhile; SIGINT for those that leave
 * SIGTERM lie, as QEMU does. SIGINT for us means to hurry, and is passed on; SIGTERM and
 * SIGHUP come from several sides when the computer shuts down, and mean nothing more by then.
 * SIGKILL for what is left after ms, or after hurry_ms in a hurry.
 */
void children_end_all(struct ph_children *children, uint64_t ms, uint64_t hurry_ms);

void children_finish(struct ph_children *children);

#endif
