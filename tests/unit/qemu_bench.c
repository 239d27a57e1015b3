// SPDX-License-Identifier: MIT
#include "qemu_bench.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* The fake. */

static void say(int fd, const char *line)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\r\n", line);
	/* a client that left is not the end of it */
	send(fd, text, (size_t)n, MSG_NOSIGNAL);
}

/* One command line; its id in *id. False: the other end is gone. */
static bool hear(int fd, char *line, size_t size, unsigned *id)
{
	size_t n = 0;
	while (n + 1 < size) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		poll(&poll_fd, 1, -1);
		ssize_t got = recv(fd, &line[n], 1, 0);
		if (got <= 0) {
			return false;
		}
		if (line[n++] == '\n') {
			break;
		}
	}
	line[n] = '\0';
	const char *at = strstr(line, "\"id\":");
	*id = at ? (unsigned)strtoul(at + 5, NULL, 10) : 0;
	return true;
}

static void serve(int fd, const char *mode)
{
	char line[1024], text[256];
	unsigned id;
	const char *status = "running";
	while (hear(fd, line, sizeof(line), &id)) {
		const char *event = NULL;
		if (strcmp(mode, "mute") == 0 && !strstr(line, "qmp_capabilities")) {
			continue;
		}
		if (strcmp(mode, "busy") == 0 && strstr(line, "query-status")) {
			/* everything that comes meanwhile is answered late */
			usleep(800000);
			mode = "good";
		}
		if (strstr(line, "query-status")) {
			snprintf(text, sizeof(text), "{\"return\":{\"status\":\"%s\"},\"id\":%u}",
			    status, id);
		} else if (strstr(line, "add_client") && strcmp(mode, "no-display") == 0) {
			snprintf(text, sizeof(text),
			    "{\"error\":{\"class\":\"GenericError\",\"desc\":\"D-Bus display is "
			    "not in "
			    "use\"},\"id\":%u}",
			    id);
		} else {
			snprintf(text, sizeof(text), "{\"return\":{},\"id\":%u}", id);
		}
		if (strstr(line, "\"stop\"")) {
			status = "paused";
			event = "{\"event\":\"STOP\"}";
		} else if (strstr(line, "\"cont\"")) {
			status = "running";
			event = "{\"event\":\"RESUME\"}";
		} else if (strstr(line, "system_powerdown")) {
			event = "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":"
				"\"guest-shutdown\"}}";
		}
		say(fd, text);
		if (event) {
			say(fd, event);
		}
		bool quit = strstr(line, "\"quit\"") != NULL;
		if ((quit && strcmp(mode, "stubborn") != 0) || strstr(line, "system_powerdown")) {
			_exit(0);
		}
		if (strcmp(mode, "crash") == 0 && strstr(line, "query-status")) {
			raise(SIGKILL);
		}
	}
	/* nobody there: wait for the next one, as QEMU does */
}

/* A process of its own, because the two connections know nothing of each other. */
static void be_agent(int listener)
{
	char line[1024], text[128];
	unsigned id;
	time_t behind = 100;
	FILE *log = fopen(getenv("PH_FAKE_AGENT_LOG"), "w");
	if (fork() != 0) {
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	poll(&ready, 1, -1);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (log && fd >= 0 && hear(fd, line, sizeof(line), &id)) {
		fputs(line + ((unsigned char)line[0] == 0xff), log);
		fflush(log);
		if (strstr(line, "guest-sync-delimited")) {
			snprintf(text, sizeof(text), "\xff{\"return\":%.*s",
			    (int)strcspn(strstr(line, "\"id\":") + 5, "}") + 1,
			    strstr(line, "\"id\":") + 5);
		} else if (strstr(line, "guest-get-time")) {
			snprintf(text, sizeof(text), "{\"return\":%ju000000000}",
			    (uintmax_t)(time(NULL) - behind));
		} else {
			behind = 0;
			snprintf(text, sizeof(text), "{\"return\":{}}");
		}
		say(fd, text);
	}
	_exit(0);
}

__attribute__((constructor)) static void be_qemu(void)
{
	const char *mode = getenv("PH_FAKE_QEMU");
	if (!mode) {
		return;
	}
	/* a case that failed must not leave it behind */
	alarm(20);
	if (strncmp(mode, "die:", 4) == 0) {
		fprintf(stderr, "2026-11-21T20:30:00.123456Z qemu-system-x86_64: %s\n", mode + 4);
		_exit(1);
	}
	char args[8192] = "";
	int cmdline = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(cmdline, args, sizeof(args) - 1);
	close(cmdline);
	const char *found = n > 0 ? memmem(args, (size_t)n, "id=qmp,fd=", 10) : NULL;
	if (!found) {
		_exit(8);
	}
	int listener = (int)strtol(found + 10, NULL, 10);
	found = memmem(args, (size_t)n, "id=agent,fd=", 12);
	if (found && strcmp(mode, "agent") == 0) {
		be_agent((int)strtol(found + 12, NULL, 10));
	}
	if (strcmp(mode, "slow") == 0) {
		usleep(500000);
	}
	if (listen(listener, 1) < 0) {
		_exit(7);
	}
	for (;;) {
		struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
		poll(&poll_fd, 1, -1);
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			continue;
		}
		if (strcmp(mode, "silent") == 0) {
			pause();
		}
		if (strcmp(mode, "garbage") == 0) {
			say(fd, "220 smtp.example.org ready");
			pause();
		}
		if (strcmp(mode, "hang-up") == 0) {
			close(fd);
			close(listener);
			pause();
		}
		bool old = strcmp(mode, "old") == 0;
		say(fd,
		    old ? "{\"QMP\":{\"version\":{\"qemu\":{\"major\":9,\"minor\":2,\"micro\":1}}}}"
			: "{\"QMP\":{\"version\":{\"qemu\":{\"major\":11,\"minor\":1,\"micro\":2}}}"
			  "}");
		serve(fd, mode);
		close(fd);
	}
}

/* The bridge's side of it. */

static void handle_changed(void *data)
{
	struct bench *f = data;
	f->changes++;
	qemu_state(f->qemu)->changed = false;
}

static void handle_display(void *data, int fd)
{
	struct bench *f = data;
	f->displays++;
	close(fd);
}

static void handle_gone(void *data)
{
	struct bench *f = data;
	f->gone++;
}

static const struct ph_qemu_events qemu_events = {handle_changed, handle_display, handle_gone};

static void handle_started(void *data, const struct ph_qemu_started *started, int pidfd)
{
	struct bench *f = data;
	f->qemu_pid = started->pid;
	check_op(pidfd, >=, 0);
	qemu_handle_started(f->qemu, started, pidfd);
}

static void handle_failed(void *data, const char *reason)
{
	struct bench *f = data;
	qemu_handle_failed(f->qemu, reason);
}

static void handle_exited(void *data, int status, const char *last_line)
{
	struct bench *f = data;
	qemu_handle_exited(f->qemu, status, last_line);
}

static void handle_token(void *data, const char *token, const char *reason)
{
	test_fail(__FILE__, __LINE__, "nobody asked for a token");
}

static void handle_last_line(void *data, const char *last_line)
{
	struct bench *f = data;
	qemu_handle_last_line(f->qemu, last_line);
}

static void handle_starter_gone(void *data)
{
	test_fail(__FILE__, __LINE__, "the starter died");
}

static const struct ph_starter_events starter_events = {handle_started, handle_failed,
    handle_exited, handle_token, handle_last_line, handle_starter_gone};

void bench_connect(struct bench *f, uint64_t deadline_us)
{
	f->starter = starter_create(&(struct ph_starter_options){.guest = f->start});
	check(f->starter != NULL);
	check_op(sd_event_new(&f->event), >=, 0);
	check(starter_attach(f->starter, f->event, &starter_events, f));
	struct ph_qemu_options options = {.runtime = f->runtime, .deadline_us = deadline_us};
	f->qemu = qemu_create(f->event, f->starter, &options, &qemu_events, f);
}

/* What SIGKILL does to a bridge. */
void bench_disconnect(struct bench *f)
{
	qemu_destroy(f->qemu);
	starter_destroy(f->starter);
	f->event = sd_event_unref(f->event);
	f->qemu = NULL;
	f->starter = NULL;
}

void bench_write_config(struct bench *f, const char *program)
{
	char path[4096], text[4200];
	snprintf(path, sizeof(path), "%s/guest.scfg", f->guest);
	snprintf(text, sizeof(text), "accel tcg\nqemu {\n\tprogram \"%s\"\n}\n", program);
	test_write_file(path, text, strlen(text));
}

void bench_init(struct bench *f, const char *mode, uint64_t deadline_us)
{
	*f = (struct bench){0};
	char self[4096] = "";
	log_init(PH_LOG_INFO, NULL);
	check_op(asprintf(&f->runtime, "%s/run", test_dir()), >, 0);
	check_op(asprintf(&f->guest, "%s/guest", test_dir()), >, 0);
	mkdir(f->runtime, 0700);
	mkdir(f->guest, 0700);
	check_op(readlink("/proc/self/exe", self, sizeof(self) - 1), >, 0);
	bench_write_config(f, self);
	f->start = (struct ph_qemu_start){
	    .guest_dir = f->guest, .guest_id = "guest", .runtime = f->runtime};
	setenv("PH_FAKE_QEMU", mode, 1);
	bench_connect(f, deadline_us);
}

void bench_finish(struct bench *f)
{
	bench_disconnect(f);
	free(f->runtime);
	free(f->guest);
}

/* Runs the loop until the state is reached; the reason must contain part. */
void bench_wait_state(struct bench *f, enum ph_guest_state state, const char *part)
{
	uint64_t end = test_now_us() + 8000000;
	const struct ph_bridge_state *is = qemu_state(f->qemu);
	while (is->state != state || !strstr(is->reason, part)) {
		if (is->state == PH_GUEST_LOST && state == PH_GUEST_OFF) {
			test_fail(__FILE__, __LINE__, "lost: %s", is->reason);
		}
		if (test_now_us() > end) {
			test_fail(__FILE__, __LINE__, "'%s: %s' instead of '%s: ...%s...'",
			    bridge_state_name(is->state), is->reason, bridge_state_name(state),
			    part);
		}
		check_op(sd_event_run(f->event, 50000), >=, 0);
	}
}

void bench_wait_gone(struct bench *f)
{
	uint64_t end = test_now_us() + 8000000;
	while (qemu_is_there(f->qemu)) {
		check_op(test_now_us(), <, end);
		check_op(sd_event_run(f->event, 50000), >=, 0);
	}
}

void bench_start_guest(struct bench *f)
{
	qemu_act(f->qemu, PH_ACTION_START, false);
}
