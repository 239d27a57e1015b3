// SPDX-License-Identifier: MIT
/*
 * Starting, attaching to, commanding and losing a QEMU. The QEMU is this very
 * program: with PH_FAKE_QEMU set it never comes to main(), but speaks QMP on
 * the socket of its command line and misbehaves as the variable says.
 */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "test.h"

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

struct fixture {
	sd_event *event;
	struct ph_starter *starter;
	struct ph_qemu *qemu;
	char *runtime, *guest;
	struct ph_qemu_start start;
	pid_t qemu_pid;
	int changes, displays, gone;
};

static void handle_changed(void *data)
{
	struct fixture *f = data;
	f->changes++;
	qemu_state(f->qemu)->changed = false;
}

static void handle_display(void *data, int fd)
{
	struct fixture *f = data;
	f->displays++;
	close(fd);
}

static void handle_gone(void *data)
{
	struct fixture *f = data;
	f->gone++;
}

static const struct ph_qemu_events qemu_events = {handle_changed, handle_display, handle_gone};

static void handle_started(void *data, const struct ph_qemu_started *started, int pidfd)
{
	struct fixture *f = data;
	f->qemu_pid = started->pid;
	check_op(pidfd, >=, 0);
	qemu_handle_started(f->qemu, started, pidfd);
}

static void handle_failed(void *data, const char *reason)
{
	struct fixture *f = data;
	qemu_handle_failed(f->qemu, reason);
}

static void handle_exited(void *data, int status, const char *last_line)
{
	struct fixture *f = data;
	qemu_handle_exited(f->qemu, status, last_line);
}

static void handle_token(void *data, const char *token, const char *reason)
{
	test_fail(__FILE__, __LINE__, "nobody asked for a token");
}

static void handle_last_line(void *data, const char *last_line)
{
	struct fixture *f = data;
	qemu_handle_last_line(f->qemu, last_line);
}

static void handle_starter_gone(void *data)
{
	test_fail(__FILE__, __LINE__, "the starter died");
}

static const struct ph_starter_events starter_events = {handle_started, handle_failed,
    handle_exited, handle_token, handle_last_line, handle_starter_gone};

static void connect_bridge(struct fixture *f, uint64_t deadline_us)
{
	f->starter = starter_create(&f->start);
	check(f->starter != NULL);
	check_op(sd_event_new(&f->event), >=, 0);
	check(starter_attach(f->starter, f->event, &starter_events, f));
	struct ph_qemu_options options = {.runtime = f->runtime, .deadline_us = deadline_us};
	f->qemu = qemu_create(f->event, f->starter, &options, &qemu_events, f);
}

/* What SIGKILL does to a bridge. */
static void disconnect_bridge(struct fixture *f)
{
	qemu_destroy(f->qemu);
	starter_destroy(f->starter);
	f->event = sd_event_unref(f->event);
	f->qemu = NULL;
	f->starter = NULL;
}

static void write_config(struct fixture *f, const char *program)
{
	char path[4096], text[4200];
	snprintf(path, sizeof(path), "%s/guest.scfg", f->guest);
	snprintf(text, sizeof(text), "accel tcg\nqemu {\n\tprogram \"%s\"\n}\n", program);
	test_write_file(path, text, strlen(text));
}

static void setup(struct fixture *f, const char *mode, uint64_t deadline_us)
{
	*f = (struct fixture){0};
	char self[4096] = "";
	log_init(PH_LOG_INFO, NULL);
	check_op(asprintf(&f->runtime, "%s/run", test_dir()), >, 0);
	check_op(asprintf(&f->guest, "%s/guest", test_dir()), >, 0);
	mkdir(f->runtime, 0700);
	mkdir(f->guest, 0700);
	check_op(readlink("/proc/self/exe", self, sizeof(self) - 1), >, 0);
	write_config(f, self);
	f->start = (struct ph_qemu_start){
	    .guest_dir = f->guest, .guest_id = "guest", .runtime = f->runtime};
	setenv("PH_FAKE_QEMU", mode, 1);
	connect_bridge(f, deadline_us);
}

static void teardown(struct fixture *f)
{
	disconnect_bridge(f);
	free(f->runtime);
	free(f->guest);
}

/* Runs the loop until the state is reached; the reason must contain part. */
static void wait_state(struct fixture *f, enum ph_guest_state state, const char *part)
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

static void wait_gone(struct fixture *f)
{
	uint64_t end = test_now_us() + 8000000;
	while (qemu_is_there(f->qemu)) {
		check_op(test_now_us(), <, end);
		check_op(sd_event_run(f->event, 50000), >=, 0);
	}
}

static void start(struct fixture *f)
{
	qemu_act(f->qemu, PH_ACTION_START, false);
}

TEST(a_life_from_start_to_power_off)
{
	struct fixture f;
	setup(&f, "good", 0);
	check(!qemu_attach(f.qemu, f.runtime, PH_QEMU_SOCKET));
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	while (!f.displays) {
		sd_event_run(f.event, 50000);
	}
	/* a session of its own, or a terminal's Ctrl-C would end it */
	check_int(getsid(f.qemu_pid), f.qemu_pid);
	qemu_act(f.qemu, PH_ACTION_PAUSE, false);
	wait_state(&f, PH_GUEST_PAUSED, "");
	qemu_act(f.qemu, PH_ACTION_RESUME, false);
	wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
	wait_state(&f, PH_GUEST_OFF, "");
	check(!qemu_is_there(f.qemu));
	check_int(f.gone, 1);
	/* and again */
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_state(&f, PH_GUEST_OFF, "its power was cut");
	teardown(&f);
}

/* Its last words count also when they are read together with the news of its end. */
TEST(power_off_is_no_loss_on_a_busy_machine)
{
	struct fixture f;
	setup(&f, "good", 0);
	for (int i = 0; i < 5; i++) {
		start(&f);
		wait_state(&f, PH_GUEST_RUNNING, "");
		qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
		usleep(100000);
		wait_state(&f, PH_GUEST_OFF, "");
	}
	teardown(&f);
}

TEST(qemu_is_missing)
{
	struct fixture f;
	setup(&f, "good", 0);
	write_config(&f, "/nonexistent/qemu");
	start(&f);
	wait_state(&f, PH_GUEST_LOST,
	    "QEMU cannot be started: /nonexistent/qemu: No such file or directory; correct the key "
	    "program");
	check(!qemu_is_there(f.qemu));
	teardown(&f);

	char error[PH_HOST_ERROR_MAX];
	check(host_find_qemu(NULL, "/nonexistent:relative:", error) == NULL ||
	      access("/usr/libexec/qemu-kvm", F_OK) == 0);
	check_contains(error,
	    "qemu-system-x86 and for its display qemu-system-modules-opengl (Debian) "
	    "or qemu-ui-dbus (Fedora)");
}

TEST(qemu_is_no_program)
{
	char path[4096], other[4200], error[PH_HOST_ERROR_MAX];
	struct fixture f;
	setup(&f, "good", 0);
	snprintf(path, sizeof(path), "%s/qemu-system-x86_64", test_dir());
	test_write_file(path, "no program at all\n", 18);
	write_config(&f, path);
	start(&f);
	if (geteuid() == 0) {
		/* nobody forbids root to execute, as long as one execute bit is set: none is */
		check_op(access(path, X_OK), <, 0);
	}
	wait_state(
	    &f, PH_GUEST_LOST, "qemu-system-x86_64: not executable; correct the key program");
	check(host_find_qemu(NULL, test_dir(), error) == NULL);
	check_contains(error, "qemu-system-x86_64 is not executable; install its package again");
	chmod(path, 0755);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "qemu-system-x86_64: not a program of this computer");
	test_write_file(path, "#!/nonexistent/sh\n", 18);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "the program, or the interpreter that it names, is missing");
	char *found = host_find_qemu(NULL, test_dir(), error);
	check_str(found, path);
	free(found);
	/* a directory of that name is none */
	snprintf(other, sizeof(other), "%s/qemu-system-x86_64", f.runtime);
	mkdir(other, 0700);
	check(host_find_qemu(NULL, f.runtime, error) == NULL);
	teardown(&f);
}

TEST(qemu_dies_at_once)
{
	static const struct {
		const char *mode, *reason;
	} table[] = {
	    {"die:-drive x: Could not open 'x'",
		"QEMU ended with status 1: -drive x: Could not open 'x'"},
	    {"die:-display dbus,p2p=on: Parameter 'type' does not accept value 'dbus'",
		"; install QEMU's D-Bus display: the package qemu-system-modules-opengl (Debian) "
		"or "
		"qemu-ui-dbus (Fedora)"},
	    {"die:cannot set up guest memory 'ram': Cannot allocate memory",
		"give the guest less memory"},
	    {"die:Failed to get \"write\" lock", "another program uses this disk"},
	    {"die:\x1b]0;evil\x07", "\\x1b]0;evil\\x07"},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture f;
		setup(&f, table[i].mode, 0);
		start(&f);
		wait_state(&f, PH_GUEST_LOST, table[i].reason);
		check(strstr(qemu_state(f.qemu)->reason, "2026-11-21") == NULL);
		check(!qemu_is_there(f.qemu));
		teardown(&f);
	}
}

TEST(qemu_never_answers)
{
	struct fixture f;
	setup(&f, "silent", 300000);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	wait_gone(&f);
	check_op(kill(f.qemu_pid, 0), <, 0);
	check_contains(qemu_state(f.qemu)->reason, "QEMU does not answer");
	teardown(&f);
}

TEST(qemu_stops_answering)
{
	struct fixture f;
	setup(&f, "mute", 300000);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU does not tell its state; it hangs");
	wait_gone(&f);
	check_op(kill(f.qemu_pid, 0), <, 0);
	teardown(&f);
}

/* Somebody else's QEMU is not ours to kill because it does not answer us. */
TEST(taken_over_qemu_that_does_not_answer_is_left_alone)
{
	struct fixture f;
	setup(&f, "good", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	/* the connection is held by the bridge above; another one gets no greeting */
	struct fixture other = {.runtime = f.runtime, .guest = f.guest, .start = f.start};
	connect_bridge(&other, 300000);
	check(qemu_attach(other.qemu, f.runtime, PH_QEMU_SOCKET));
	wait_state(&other, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	check(!qemu_is_there(other.qemu));
	disconnect_bridge(&other);
	check_int(kill(pid, 0), 0);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_state(&f, PH_GUEST_OFF, "its power was cut");
	teardown(&f);
}

TEST(qemu_is_too_old)
{
	struct fixture f;
	setup(&f, "old", 0);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU 9.2 is too old: at least 10.1 is needed; update QEMU");
	wait_gone(&f);
	check_op(kill(f.qemu_pid, 0), <, 0);
	teardown(&f);
}

TEST(qemu_speaks_something_else)
{
	struct fixture f;
	setup(&f, "garbage", 0);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "the other end does not speak QMP");
	wait_gone(&f);
	teardown(&f);
}

TEST_TIMEOUT(qemu_hangs_up_but_lives, 20)
{
	struct fixture f;
	setup(&f, "hang-up", 0);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU ended by signal 9 (Killed)");
	check_op(kill(f.qemu_pid, 0), <, 0);
	teardown(&f);
}

TEST(qemu_is_killed_by_somebody)
{
	struct fixture f;
	setup(&f, "crash", 0);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU ended by signal 9 (Killed)");
	check(!qemu_is_there(f.qemu));
	teardown(&f);
}

TEST_TIMEOUT(qemu_will_not_quit, 20)
{
	struct fixture f;
	setup(&f, "stubborn", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_state(&f, PH_GUEST_OFF, "its power was cut");
	check_op(kill(f.qemu_pid, 0), <, 0);
	teardown(&f);
}

TEST(qemu_has_no_display_for_us)
{
	struct fixture f;
	setup(&f, "no-display", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "D-Bus display is not in use");
	check_int(f.displays, 0);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_gone(&f);
	teardown(&f);
}

TEST(kill_comes_before_the_start_is_done)
{
	struct fixture f;
	setup(&f, "good", 0);
	start(&f);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_state(&f, PH_GUEST_OFF, "its power was cut");
	teardown(&f);
}

TEST(a_new_bridge_takes_over)
{
	struct fixture f;
	setup(&f, "good", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	disconnect_bridge(&f);
	check_int(kill(pid, 0), 0);
	connect_bridge(&f, 0);
	check(qemu_attach(f.qemu, f.runtime, PH_QEMU_SOCKET));
	wait_state(&f, PH_GUEST_RUNNING, "");
	/* a second one would have to wait for the connection */
	qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
	wait_state(&f, PH_GUEST_OFF, "");
	/* nobody of us is its parent, so it is gone only when its own parent says so */
	waitpid(pid, NULL, WNOHANG);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_gone(&f);
	teardown(&f);
}

TEST(a_taken_over_qemu_dies)
{
	struct fixture f;
	setup(&f, "good", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	disconnect_bridge(&f);
	connect_bridge(&f, 0);
	check(qemu_attach(f.qemu, f.runtime, PH_QEMU_SOCKET));
	wait_state(&f, PH_GUEST_RUNNING, "");
	kill(pid, SIGKILL);
	wait_state(&f, PH_GUEST_LOST, "QEMU ended");
	teardown(&f);
}

TEST(a_second_start_finds_the_first)
{
	struct fixture f;
	setup(&f, "good", 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	struct ph_qemu_started started;
	char error[PH_REASON_MAX];
	check(!qemu_start(&f.start, &started, error));
	check_contains(error, "a QEMU runs for this guest already");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_gone(&f);
	teardown(&f);
}

/* Longer than a socket's address holds. */
TEST(long_runtime_directory)
{
	struct fixture f;
	setup(&f, "good", 0);
	disconnect_bridge(&f);
	free(f.runtime);
	check_op(asprintf(&f.runtime, "%s/%0120d", test_dir(), 0), >, 0);
	f.start.runtime = f.runtime;
	mkdir(f.runtime, 0700);
	connect_bridge(&f, 0);
	start(&f);
	wait_state(&f, PH_GUEST_RUNNING, "");
	disconnect_bridge(&f);
	connect_bridge(&f, 0);
	check(qemu_attach(f.qemu, f.runtime, PH_QEMU_SOCKET));
	wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	wait_gone(&f);
	teardown(&f);
}

TEST(runtime_directory_is_gone)
{
	struct fixture f;
	setup(&f, "good", 0);
	rmdir(f.runtime);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU's control socket cannot be made");
	check_contains(qemu_state(f.qemu)->reason, "No such file or directory");
	teardown(&f);
}

TEST(log_cannot_be_written)
{
	struct fixture f;
	setup(&f, "good", 0);
	char path[4096];
	snprintf(path, sizeof(path), "%s/" PH_QEMU_LOG, f.runtime);
	mkdir(path, 0700);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "QEMU's log cannot be written");
	check_contains(qemu_state(f.qemu)->reason, "Is a directory");
	teardown(&f);
}

TEST(configuration_is_wrong_or_missing)
{
	struct fixture f;
	setup(&f, "good", 0);
	char path[4096];
	snprintf(path, sizeof(path), "%s/guest.scfg", f.guest);
	test_write_file(path, "memory 2\n", 9);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "guest.scfg:1: memory: '2' is not a size");
	test_write_file(path, "disk gone.qcow2\n", 16);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "guest.scfg:1: disk: ");
	check_contains(
	    qemu_state(f.qemu)->reason, "gone.qcow2: No such file or directory; correct the path");
	test_write_file(path, "\niso .\n", 7);
	start(&f);
	wait_state(&f, PH_GUEST_LOST, "guest.scfg:2: iso: ");
	check_contains(qemu_state(f.qemu)->reason, "is a directory, expected a file");
	unlink(path);
	start(&f);
	wait_state(
	    &f, PH_GUEST_LOST, "guest.scfg: No such file or directory; a guest is a directory");
	teardown(&f);
}

TEST(nvram_is_made_once_and_whole)
{
	char template[4096], nvram[4096], error[PH_HOST_ERROR_MAX];
	snprintf(template, sizeof(template), "%s/template", test_dir());
	snprintf(nvram, sizeof(nvram), "%s/nvram.fd", test_dir());
	test_write_file(template, "variables", 9);
	check(host_prepare_nvram(template, nvram, error));
	char *text = test_read_file(nvram, NULL);
	check_str(text, "variables");
	free(text);
	test_write_file(nvram, "changed", 7);
	check(host_prepare_nvram(template, nvram, error));
	text = test_read_file(nvram, NULL);
	check_str(text, "changed");
	free(text);
	unlink(nvram);
	unlink(template);
	check(!host_prepare_nvram(template, nvram, error));
	check_contains(error, "the guest's variables cannot be made");
	check_op(access(nvram, F_OK), <, 0);
	/* a device that is always full: the half copy does not stay */
	test_write_file(template, "variables", 9);
	char temporary[4200];
	snprintf(temporary, sizeof(temporary), "%s.new", nvram);
	check_int(symlink("/dev/full", temporary), 0);
	check(!host_prepare_nvram(template, nvram, error));
	check_contains(error, "No space left on device; free some space");
	check_op(access(nvram, F_OK), <, 0);
}

TEST(kvm_that_only_pretends)
{
	char reason[256];
	check(!host_check_kvm("/nonexistent/kvm", reason, sizeof(reason)));
	check_contains(reason, "/nonexistent/kvm does not exist: switch on virtualization");
	check(!host_check_kvm("/dev/null", reason, sizeof(reason)));
	check_contains(reason, "/dev/null is not a usable KVM: its version is -1, expected 12");
}
