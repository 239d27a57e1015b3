// SPDX-License-Identifier: MIT
#include "real_qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define MAX_ARGUMENTS 48

/* Starts argv[0] with in and out as its descriptors 0 and 1 where they are not -1. */
static pid_t spawn(const char *const *argv, int in, int out, const char *preload)
{
	const pid_t pid = fork();
	check_op(pid, >=, 0);
	if (pid != 0) {
		return pid;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* QEMU's own stdin is what a map without a descriptor carries */
	const int null = open("/dev/null", O_RDWR);
	(void)dup2(in >= 0 ? in : null, 0);
	if (out >= 0) {
		(void)dup2(out, 1);
	}
	/* a sanitizer in a preloading process would have to come first */
	if (preload) {
		(void)setenv("LD_PRELOAD", preload, 1);
	}
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	check(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	for (int i = 0; i < 500; i++) {
		const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
			return fd;
		}
		close(fd);
		(void)usleep(10000);
	}
	test_fail(__FILE__, __LINE__, "QEMU does not listen at %s", path);
}

/* Reads a line, running the event loop meanwhile. */
static void read_line(struct real_qemu *real, int fd, char *line, size_t size)
{
	size_t used = 0;
	const int flags = fcntl(fd, F_GETFL);

	(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (used < size - 1) {
		const ssize_t n = read(fd, line + used, 1);
		if (n < 0 && errno == EAGAIN) {
			check_op(sd_event_run(real->event, 1000), >=, 0);
		} else if (n != 1) {
			test_fail(__FILE__, __LINE__, "the far end closed: %.*s", (int)used, line);
		} else if (line[used++] == '\n') {
			break;
		}
	}
	line[used] = '\0';
}

/* Sends a QMP command, with a descriptor if it is not -1, and waits for its return. */
static void qmp(struct real_qemu *real, const char *command, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {0}, line[4096];
	struct iovec io = {.iov_base = (char *)(uintptr_t)command, .iov_len = strlen(command)};
	struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	check_op(sendmsg(real->qmp, &message, 0), ==, (intmax_t)strlen(command));
	do {
		read_line(real, real->qmp, line, sizeof(line));
		if (strstr(line, "\"error\"")) {
			test_fail(__FILE__, __LINE__, "%s gave %s", command, line);
		}
	} while (!strstr(line, "\"return\""));
}

static void start_guest(struct real_qemu *real, const char *socket_path)
{
	const char *program = getenv("PH_QTEST_GUEST");
	int in[2], out[2];

	if (!program) {
		test_skip("PH_QTEST_GUEST does not name qtest-guest: run this through meson");
	}
	const char *const argv[] = {program, socket_path, "128", NULL};
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	real->guest = spawn(argv, in[0], out[1], NULL);
	close(in[0]);
	close(out[1]);
	real->to_guest = in[1];
	real->from_guest = out[0];
}

static bool have_qemu(void)
{
	const char *const argv[] = {"qemu-system-x86_64", "-version", NULL};
	int status, pipes[2];

	check_int(pipe2(pipes, O_CLOEXEC), 0);
	const pid_t pid = spawn(argv, -1, pipes[1], NULL);
	check_int(waitpid(pid, &status, 0), pid);
	close(pipes[0]);
	close(pipes[1]);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void real_qemu_start(
    struct real_qemu *real, sd_event *event, const char *preload, const char *const *arguments)
{
	char qtest[160], qmp_path[160], listen_qtest[200], listen_qmp[200];
	const char *argv[MAX_ARGUMENTS] = {"qemu-system-x86_64", "-accel", "qtest", "-qtest",
	    listen_qtest, "-qtest-log", "none", "-machine", "pc,memory-backend=ram", "-object",
	    "memory-backend-memfd,id=ram,size=128M,share=on", "-m", "128", "-nodefaults", "-qmp",
	    listen_qmp};
	int count = 0;

	if (!have_qemu()) {
		test_skip("there is no qemu-system-x86_64: install the package qemu-system-x86");
	}
	(void)snprintf(qtest, sizeof(qtest), "%s/qtest", test_dir());
	(void)snprintf(qmp_path, sizeof(qmp_path), "%s/qmp", test_dir());
	(void)snprintf(listen_qtest, sizeof(listen_qtest), "unix:%s,server=on,wait=off", qtest);
	(void)snprintf(listen_qmp, sizeof(listen_qmp), "unix:%s,server=on,wait=off", qmp_path);
	while (argv[count]) {
		count++;
	}
	for (int i = 0; arguments[i]; i++) {
		check_op(count, <, MAX_ARGUMENTS - 1);
		argv[count++] = arguments[i];
	}
	memset(real, 0, sizeof(*real));
	real->event = event;
	real->qemu = spawn(argv, -1, -1, preload);
	real->qmp = connect_to(qmp_path);
	qmp(real, "{\"execute\":\"qmp_capabilities\"}\n", -1);
	start_guest(real, qtest);
	real_qemu_tell(real, "up all");
}

void real_qemu_finish(struct real_qemu *real)
{
	close(real->to_guest);
	close(real->from_guest);
	close(real->qmp);
	(void)kill(real->guest, SIGKILL);
	(void)kill(real->qemu, SIGKILL);
	check_int(waitpid(real->guest, NULL, 0), real->guest);
	check_int(waitpid(real->qemu, NULL, 0), real->qemu);
}

int real_qemu_add_client(struct real_qemu *real)
{
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	qmp(real, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"d\"}}\n", fds[1]);
	close(fds[1]);
	qmp(real,
	    "{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"@dbus-display\","
	    "\"fdname\":\"d\"}}\n",
	    -1);
	return fds[0];
}

void real_qemu_tell(struct real_qemu *real, const char *command)
{
	char line[4096];

	check_op(dprintf(real->to_guest, "%s\n", command), >, 0);
	do {
		read_line(real, real->from_guest, line, sizeof(line));
	} while (line[0] == '#');
	if (strncmp(line, "ok", 2) != 0) {
		test_fail(__FILE__, __LINE__, "guest: %s: %s", command, line);
	}
}

uint64_t real_qemu_ping(struct real_qemu *real)
{
	const uint64_t start = test_now_us();
	qmp(real, "{\"execute\":\"query-status\"}\n", -1);
	return test_now_us() - start;
}
