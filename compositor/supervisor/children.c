// SPDX-License-Identifier: MIT
#include "children.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often orphans are looked for: their coming to us is no signal. */
#define LOOK_MS 200

uint64_t children_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int children_wait_signal(const sigset_t *signals, uint64_t until_ms)
{
	for (;;) {
		uint64_t now = children_now_ms();
		uint64_t left = until_ms > now ? until_ms - now : 0;
		struct timespec wait = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
		int number = until_ms == UINT64_MAX ? sigwaitinfo(signals, NULL)
						    : sigtimedwait(signals, NULL, &wait);

		if (number > 0)
			return number;
		if (errno == EAGAIN)
			return 0;
	}
}

/* True when it has ended, or never was a child of ours. */
static bool has_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}

bool children_wait_one(struct ph_children *children, pid_t pid, uint64_t ms)
{
	uint64_t end = children_now_ms() + ms;

	while (!has_ended(pid)) {
		if (children_now_ms() >= end)
			return false;
		children_wait_signal(&children->signals, end);
	}
	return true;
}

void children_end_one(struct ph_children *children, pid_t pid, uint64_t ms)
{
	kill(pid, SIGTERM);
	if (children_wait_one(children, pid, ms))
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool was_told(const struct ph_children *children, pid_t pid)
{
	for (size_t i = 0; i < children->told_count; i++)
		if (children->told[i] == pid)
			return true;
	return false;
}

static void remember(struct ph_children *children, pid_t pid)
{
	children->told =
	    reallocarray(children->told, children->told_count + 1, sizeof(*children->told));
	if (!children->told)
		abort();
	children->told[children->told_count++] = pid;
}

/* A bridge ends its machine gently, and the machine may be a child of ours as well. */
static bool is_bridge(pid_t pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return strcmp(name, "phyllome-bridge\n") == 0;
}

enum which {
	BRIDGES, /* those that were not told yet */
	OTHERS,  /* all that were not told yet */
	ALL,     /* also those that were told */
};

/* Sends the signal to these children; returns how many of them are bridges. */
static size_t signal_children(struct ph_children *children, int number, enum which which)
{
	/* The kernel's own list of our children; we have but one thread. */
	FILE *file = fopen("/proc/thread-self/children", "re");
	char *word = NULL;
	size_t room = 0, bridges = 0;

	while (file && getdelim(&word, &room, ' ', file) > 0) {
		pid_t pid = (pid_t)strtol(word, NULL, 10);
		bool bridge = pid > 0 && is_bridge(pid);

		bridges += bridge;
		if (pid <= 0 || (which == BRIDGES && !bridge) ||
		    (which != ALL && was_told(children, pid)))
			continue;
		kill(pid, number);
		if (!was_told(children, pid))
			remember(children, pid);
	}
	free(word);
	if (file)
		fclose(file);
	return bridges;
}

/* Reaps what has ended; false when there is no child left. */
static bool reap(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
	} while (pid > 0 || (pid < 0 && errno == EINTR));
	return pid == 0;
}

void children_end_all(struct ph_children *children, uint64_t ms, uint64_t hurry_ms)
{
	uint64_t end = children_now_ms() + ms;

	while (reap() && children_now_ms() < end) {
		int number;

		if (signal_children(children, SIGTERM, BRIDGES) == 0)
			signal_children(children, SIGTERM, OTHERS);
		number = children_wait_signal(&children->signals, children_now_ms() + LOOK_MS);
		if (number > 0 && number != SIGCHLD) {
			signal_children(children, SIGTERM, ALL);
			end = children_now_ms() + hurry_ms;
		}
	}
	if (!reap())
		return;
	fprintf(stderr, "phyllome-session: programs of the session do not end; killing them\n");
	end = children_now_ms() + hurry_ms;
	while (reap() && children_now_ms() < end) {
		signal_children(children, SIGKILL, ALL);
		children_wait_signal(&children->signals, children_now_ms() + LOOK_MS);
	}
}

void children_finish(struct ph_children *children)
{
	free(children->told);
	*children = (struct ph_children){0};
}
