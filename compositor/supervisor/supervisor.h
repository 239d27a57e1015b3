// SPDX-License-Identifier: MIT
#ifndef PH_SUPERVISOR_H
#define PH_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../spawn.h"

/* What phyllome-session does when the compositor ends. Pure: times and statuses come in. */

/* So many deaths, each within a minute of its start, and the next start is in safe mode. */
#define PH_SUPERVISOR_QUICK_DEATHS 4

/* Exit status with which the compositor says that its command line is wrong. */
#define PH_SUPERVISOR_USAGE 2

/* So many times it is tried to start it again, if it cannot be: 25 seconds. */
#define PH_SUPERVISOR_TRIES 8

/* In the place of a status: the compositor could not be started again. */
#define PH_SUPERVISOR_NOT_STARTED (-1)

enum ph_supervisor_verdict {
	PH_SUPERVISOR_LOGOUT,  /* it ended as it was asked to */
	PH_SUPERVISOR_START,   /* start it again after the delay */
	PH_SUPERVISOR_GIVE_UP, /* nothing helps; end the session as failed */
};

/* Zeroed to begin with. */
struct ph_supervisor {
	struct ph_backoff backoff;
	unsigned quick_deaths; /* one after the other */
	unsigned not_started;  /* tries, one after the other */
	bool safe_mode;        /* the next start is with software rendering; it stays so */
};

/*
 * Judges an end of the compositor: status is as waitpid() gives it (or
 * PH_SUPERVISOR_NOT_STARTED), lived_ms how long it ran. *delay_ms is the wait before the next start, for
 * PH_SUPERVISOR_START.
 */
enum ph_supervisor_verdict supervisor_judge(
    struct ph_supervisor *supervisor, int status, uint64_t lived_ms, uint32_t *delay_ms);

/* Says in words how a program ended ("was killed by signal 11 (Segmentation fault)"). */
void supervisor_describe(int status, char *text, size_t size);

/*
 * Why path cannot be the run-time directory of user uid, as a line with what
 * to do; NULL when it can. It is made if it does not exist. The caller frees
 * the line.
 */
char *supervisor_check_runtime_dir(const char *path, unsigned uid);

#endif
