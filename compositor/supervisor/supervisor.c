// SPDX-License-Identifier: MIT
#include "supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum ph_supervisor_verdict supervisor_judge(
    struct ph_supervisor *supervisor, int status, uint64_t lived_ms, uint32_t *delay_ms)
{
	*delay_ms = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return PH_SUPERVISOR_LOGOUT;
	/* The same command line would be as wrong the next time. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == PH_SUPERVISOR_USAGE)
		return PH_SUPERVISOR_GIVE_UP;
	/* Too many processes, no memory: that passes, and software rendering does not help. */
	if (status == PH_SUPERVISOR_NOT_STARTED) {
		*delay_ms = spawn_backoff_next(&supervisor->backoff, lived_ms);
		return ++supervisor->not_started < PH_SUPERVISOR_TRIES ? PH_SUPERVISOR_START
									: PH_SUPERVISOR_GIVE_UP;
	}
	supervisor->not_started = 0;
	if (lived_ms >= PH_BACKOFF_LIFE_MS)
		supervisor->quick_deaths = 0;
	else if (supervisor->safe_mode)
		return PH_SUPERVISOR_GIVE_UP;
	else
		supervisor->quick_deaths++;
	if (supervisor->quick_deaths >= PH_SUPERVISOR_QUICK_DEATHS)
		supervisor->safe_mode = true;
	*delay_ms = spawn_backoff_next(&supervisor->backoff, lived_ms);
	return PH_SUPERVISOR_START;
}

void supervisor_describe(int status, char *text, size_t size)
{
	if (status == PH_SUPERVISOR_NOT_STARTED)
		snprintf(text, size, "could not be started");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "ended with status %d", WEXITSTATUS(status));
}

char *supervisor_check_runtime_dir(const char *path, unsigned uid)
{
	struct stat st;
	char *line;
	int length;

	if (path[0] != '/')
		length = asprintf(&line,
		    "XDG_RUNTIME_DIR is '%s', which is not an absolute path; set it to "
		    "/run/user/%u",
		    path, uid);
	else if (mkdir(path, 0700) < 0 && errno != EEXIST)
		length = asprintf(&line,
		    "the run-time directory %s cannot be made: %s; log in through a login manager "
		    "or a console with pam_systemd, or make the directory",
		    path, strerror(errno));
	else if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		length = asprintf(&line, "XDG_RUNTIME_DIR is '%s', which is not a directory", path);
	else if (st.st_uid != uid)
		length = asprintf(&line,
		    "the run-time directory %s belongs to user %u and not to user %u; is "
		    "XDG_RUNTIME_DIR left over from su or sudo? Set it to /run/user/%u",
		    path, (unsigned)st.st_uid, uid, uid);
	else if (st.st_mode & 077)
		length = asprintf(&line,
		    "the run-time directory %s is open to others (mode %03o); do: chmod 700 %s",
		    path, (unsigned)st.st_mode & 0777, path);
	else if (access(path, W_OK | X_OK) < 0)
		length = asprintf(&line, "the run-time directory %s cannot be written: %s", path,
		    strerror(errno));
	else
		return NULL;
	if (length < 0)
		abort();
	return line;
}
