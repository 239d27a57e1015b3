// SPDX-License-Identifier: MIT
#ifndef PH_SPAWN_H
#define PH_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A program to start, and all that it gets. Nothing is taken over but what stands here. */
struct ph_spawn {
	const char *const *argv; /* ends with NULL; argv[0] without '/' is looked up in our PATH */
	const char *const *env;  /* ends with NULL; the whole environment of the program */
	const int *fds;          /* stay open under their numbers, all above 2; others are closed */
	size_t fd_count;
	const char *log_path; /* stdout and stderr are appended to it (made 0600); NULL: ours */
	int output_fd;        /* becomes stdout and stderr instead of a log; 0: not used */
	bool keep_session; /* stay in our terminal session, behind our process group: its keys are not for it */
};

/*
 * Starts the program with stdin from /dev/null, default signal handlers and an
 * empty signal mask. Returns once exec is known to have worked: its pid, which
 * the caller reaps. Otherwise -1 with errno set, nothing left running, and one
 * line on stderr (the text of spawn_explain()).
 */
pid_t spawn_program(const struct ph_spawn *spawn);

/*
 * Lets this process have as many files open as the system allows it; programs that it
 * starts from now on have the limit of before, which old ones count on. Errors are ignored.
 */
void spawn_raise_file_limit(void);

/* Writes "cannot start PROGRAM: why; what to do" for an errno of spawn_program() into text. */
void spawn_explain(const struct ph_spawn *spawn, int error, char *text, size_t size);

/*
 * Chooses an environment: of `from` (as environ) what a name in `names` (ends
 * with NULL; a trailing '*' stands for any ending) lists, then the settings
 * "NAME=value" of `set` (ends with NULL; may be NULL), which win. Returns a list
 * ending with NULL, to be freed with spawn_env_destroy().
 */
char **spawn_env_create(char *const *from, const char *const *names, const char *const *set);

/* NULL is allowed. */
void spawn_env_destroy(char **env);

/* How long to wait before a program that died is started again. Zeroed to begin with. */
struct ph_backoff {
	unsigned deaths; /* one after the other, each after less than PH_BACKOFF_LIFE_MS */
};

#define PH_BACKOFF_FIRST_MS 200
#define PH_BACKOFF_LAST_MS 30000
#define PH_BACKOFF_LIFE_MS 60000

/*
 * Notes a death after lived_ms and returns the wait before the next start in
 * milliseconds: 200, 400, ... 30000. A life of a minute starts again at 200.
 * Pure.
 */
uint32_t spawn_backoff_next(struct ph_backoff *backoff, uint64_t lived_ms);

#endif
