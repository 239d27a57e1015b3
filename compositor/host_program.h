// SPDX-License-Identifier: MIT
#ifndef PH_HOST_PROGRAM_H
#define PH_HOST_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ph_session;

/* A program that a person started with the command "run", until it ends. */
struct ph_host_program {
	pid_t pid;
	char name[64];
};

struct ph_host_programs {
	struct ph_host_program *list; /* owned */
	size_t count;
};

/*
 * Starts a program of this computer: argv ends with NULL. It gets our environment
 * and WAYLAND_DISPLAY. What goes wrong with it is one line in the log.
 */
bool host_program_run(struct ph_session *session, const char *const *argv);

/* Always true. */
bool host_programs_init(struct ph_session *session);

/* Takes note of ended ones; called at SIGCHLD. */
void host_programs_reap(struct ph_session *session);

/* Forgets all of them; they are left alone. Safe on zeroed memory. */
void host_programs_finish(struct ph_session *session);

#endif
