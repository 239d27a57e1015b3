// SPDX-License-Identifier: MIT
#include "locker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session.h"
#include "spawn.h"

#define LOCKER_DEFAULT "swaylock -f"
#define LOCKER_WORDS 16

/* Splits at spaces: no shell. words has room for LOCKER_WORDS and a NULL. */
static void split_words(char *text, const char **words)
{
	size_t count = 0;
	char *rest = text, *word;

	while (count < LOCKER_WORDS && (word = strsep(&rest, " "))) {
		if (word[0]) {
			words[count++] = word;
		}
	}
	words[count] = NULL;
}

pid_t locker_start(struct ph_session *session, char *why, size_t size)
{
	const char *chosen = getenv("PHYLLOME_LOCKER"), *words[LOCKER_WORDS + 1], *every[] = {"*", NULL};
	char text[1024], display[128];

	char **configured = session->config.lock.command;
	snprintf(text, sizeof(text), "%s", chosen && chosen[0] ? chosen : LOCKER_DEFAULT);
	split_words(text, words);
	const char *const *argv =
	    configured && !(chosen && chosen[0]) ? (const char *const *)configured : words;
	snprintf(display, sizeof(display), "WAYLAND_DISPLAY=%s", session->sockets.name);
	const char *set[] = {display, NULL};
	char **env = spawn_env_create(environ, every, set);
	struct ph_spawn spawn = {.argv = argv, .env = (const char *const *)env};
	pid_t pid = argv[0] ? spawn_program(&spawn) : -1;
	if (pid < 0) {
		spawn_explain(&spawn, argv[0] ? errno : ENOENT, why, size);
	}
	spawn_env_destroy(env);
	return pid;
}
