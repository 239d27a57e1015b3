// SPDX-License-Identifier: MIT
#include "host_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "session.h"
#include "spawn.h"

bool host_programs_init(struct ph_session *session)
{
	return true;
}

bool host_program_run(struct ph_session *session, const char *const *argv)
{
	struct ph_host_programs *programs = &session->host_programs;
	const char *every[] = {"*", NULL};
	char display[128];
	const char *set[] = {display, NULL};

	snprintf(display, sizeof(display), "WAYLAND_DISPLAY=%s", session->sockets.name);
	char **env = spawn_env_create(environ, every, set);
	const struct ph_spawn spawn = {.argv = argv, .env = (const char *const *)env};
	/* It says itself, in one line, why it cannot start one. */
	pid_t pid = spawn_program(&spawn);
	spawn_env_destroy(env);
	if (pid < 0) {
		return false;
	}
	programs->list =
	    reallocarray(programs->list, programs->count + 1, sizeof(programs->list[0]));
	if (!programs->list) {
		abort();
	}
	struct ph_host_program *program = &programs->list[programs->count++];
	program->pid = pid;
	snprintf(program->name, sizeof(program->name), "%s", argv[0]);
	return true;
}

void host_programs_reap(struct ph_session *session)
{
	struct ph_host_programs *programs = &session->host_programs;

	for (size_t i = programs->count; i > 0; i--) {
		struct ph_host_program *program = &programs->list[i - 1];
		int status;
		if (waitpid(program->pid, &status, WNOHANG) != program->pid) {
			continue;
		}
		if (WIFSIGNALED(status)) {
			wlr_log(WLR_ERROR, "run: %s was killed by signal %d", program->name,
			    WTERMSIG(status));
		} else if (WEXITSTATUS(status) != 0) {
			wlr_log(WLR_ERROR, "run: %s ended with status %d", program->name,
			    WEXITSTATUS(status));
		}
		*program = programs->list[--programs->count];
	}
}

void host_programs_finish(struct ph_session *session)
{
	free(session->host_programs.list);
	session->host_programs = (struct ph_host_programs){0};
}
