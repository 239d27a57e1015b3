// SPDX-License-Identifier: MIT
#include "children.h"

#include <dirent.h>
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

static bool is_locked(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char path[4096];

	snprintf(path, sizeof(path), "%s/phyllome/locked", runtime ? runtime : "");
	return access(path, F_OK) == 0;
}

int children_wait_signal(const sigset_t *signals, uint64_t until_ms)
{
	for (;;) {
		uint64_t now = children_now_ms();
		uint64_t left = until_ms > now ? until_ms - now : 0;
		struct timespec wait = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
		siginfo_t info;
		int number = until_ms == UINT64_MAX ? sigwaitinfo(signals, &info)
						    : sigtimedwait(signals, &info, &wait);

		if (number == SIGINT && info.si_code == SI_KERNEL && is_locked())
			continue;
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

/* Whether it has SIGTERM blocked, and so does not know of it. */
static bool leaves_it(pid_t pid)
{
	char path[64], line[256];
	unsigned long long pending = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "ShdPnd:", 7) == 0)
			pending = strtoull(line + 7, NULL, 16);
	if (file)
		fclose(file);
	return pending >> (SIGTERM - 1) & 1;
}

/* A line of /proc/PID/stat: whose child it is, and whether it is a bridge. */
static bool parse_stat(const char *line, bool *bridge)
{
	const char *name = strchr(line, '('), *end = strrchr(line, ')');

	/* The name may have anything in it; after it come " S PARENT". */
	if (!name || !end || strlen(end) < 5 || strtol(end + 4, NULL, 10) != getpid())
		return false;
	*bridge = strncmp(name, "(phyllome-bridge)", (size_t)(end + 1 - name)) == 0;
	return true;
}

/* The next child of ours in a listing of /proc; 0 at the end. */
static pid_t next_child(DIR *proc, bool *bridge)
{
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		char path[64], line[512] = "";
		FILE *file = NULL;

		if (pid > 0) {
			snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
			file = fopen(path, "re");
		}
		if (!file)
			continue;
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
		if (parse_stat(line, bridge))
			return pid;
	}
	return 0;
}

enum which {
	BRIDGES, /* those that were not told yet */
	OTHERS,  /* all that were not told yet */
	ALL,     /* also those that were told */
};

/*
 * Sends the signal to these children; returns how many of all are bridges. A
 * bridge ends its machine gently, and that machine may be a child of ours too:
 * so bridges are to go first.
 */
static size_t signal_children(struct ph_children *children, int number, enum which which)
{
	DIR *proc = opendir("/proc");
	size_t bridges = 0;
	bool bridge = false;
	pid_t pid;

	while (proc && (pid = next_child(proc, &bridge)) > 0) {
		bridges += bridge;
		if (which == OTHERS && was_told(children, pid) && leaves_it(pid))
			kill(pid, SIGINT);
		if ((which == BRIDGES && !bridge) || (which != ALL && was_told(children, pid)))
			continue;
		kill(pid, number);
		if (!was_told(children, pid))
			remember(children, pid);
	}
	if (proc)
		closedir(proc);
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
	bool hurry = false;

	while (reap() && children_now_ms() < end) {
		if (signal_children(children, SIGTERM, BRIDGES) == 0)
			signal_children(children, SIGTERM, OTHERS);
		bool asked = children_wait_signal(&children->signals, children_now_ms() + LOOK_MS) == SIGINT;
		if (asked && !hurry) {
			hurry = true;
			signal_children(children, SIGTERM, ALL);
			if (end > children_now_ms() + hurry_ms)
				end = children_now_ms() + hurry_ms;
		}
		if (!hurry)
			continue;
		/* Each time: a bridge that was busy has read this one first, and takes the next for it. */
		signal_children(children, SIGINT, ALL);
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
