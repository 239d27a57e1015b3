// SPDX-License-Identifier: MIT
/* The bridge's start-up: every step made to fail in turn, and each way it can really fail. */
#include "bridge.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "test.h"

struct fixture {
	char guest[4096], runtime[4096], socket[4096], log[4096];
	struct ph_bridge_options options;
};

static void setup(struct fixture *f)
{
	snprintf(f->guest, sizeof(f->guest), "%s/guest", test_dir());
	snprintf(f->runtime, sizeof(f->runtime), "%s/run", test_dir());
	snprintf(f->socket, sizeof(f->socket), "%s/guests.sock", test_dir());
	snprintf(f->log, sizeof(f->log), "%s/log", test_dir());
	mkdir(f->guest, 0700);
	f->options = (struct ph_bridge_options){
	    .guest_dir = f->guest,
	    .guest_id = "guest",
	    .socket_path = f->socket,
	    .runtime = f->runtime,
	};
}

/* A bridge in a process of its own, whose leaks are looked for when it ends. */
static pid_t start(struct fixture *f)
{
	pid_t pid = fork();
	check_op(pid, >=, 0);
	if (pid == 0) {
		int fd = open(f->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
		dup2(fd, STDERR_FILENO);
		close(fd);
		log_init(PH_LOG_INFO, "guest");
		exit(bridge_run(&f->options));
	}
	return pid;
}

static int finish(pid_t pid)
{
	int status;
	check_int(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status)) {
		test_fail(__FILE__, __LINE__, "ended by signal %d", WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

/* Starts what must fail: with this exit code, and one line that contains part. */
static void expect_failure(struct fixture *f, int code, const char *part)
{
	int is = finish(start(f));
	char *log = test_read_file(f->log, NULL);
	check_contains(log, part);
	check_contains(log, "phyllome-bridge[guest] ");
	check_contains(log, ": error: ");
	const char *end = strchr(log, '\n');
	check(end != NULL);
	check_str(end, "\n");
	check_int(is, code);
	free(log);
}

TEST_TIMEOUT(every_step_can_fail, 30)
{
	struct fixture f;
	setup(&f);
	check_op((intmax_t)bridge_step_count(), >, 5);
	for (size_t step = 1; step <= bridge_step_count(); step++) {
		f.options.fail_step = step;
		expect_failure(&f, PH_EXIT_STARTUP, "made to fail by a test");
	}
	/* nothing of it is left behind that would stop a real start */
	f.options.fail_step = 0;
	pid_t pid = start(&f);
	usleep(200000);
	kill(pid, SIGTERM);
	check_int(finish(pid), PH_EXIT_OK);
}

TEST(ends_when_told_to)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	struct fixture f;
	setup(&f);
	for (size_t i = 0; i < 3; i++) {
		pid_t pid = start(&f);
		/* once it has its lock and says that there is no compositor, it is in its loop */
		for (int tries = 0; tries < 100; tries++) {
			struct stat status;
			if (stat(f.log, &status) == 0 && status.st_size > 0) {
				break;
			}
			usleep(20000);
		}
		kill(pid, signals[i]);
		check_int(finish(pid), PH_EXIT_OK);
		char *log = test_read_file(f.log, NULL);
		check_contains(log, "no compositor yet");
		check(strstr(log, "error") == NULL);
		free(log);
		unlink(f.log);
	}
}

TEST(only_one_bridge_for_a_guest)
{
	struct fixture f;
	setup(&f);
	char lock[4200];
	mkdir(f.runtime, 0700);
	snprintf(lock, sizeof(lock), "%s/bridge.lock", f.runtime);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check_int(flock(fd, LOCK_EX), 0);
	expect_failure(&f, PH_EXIT_TAKEN, "another bridge serves this guest");
	close(fd);
}

TEST(runtime_directory)
{
	struct fixture f;
	setup(&f);
	char path[4200];
	snprintf(path, sizeof(path), "%s/none/run", test_dir());
	f.options.runtime = path;
	expect_failure(&f, PH_EXIT_STARTUP, "the run-time directory cannot be made");
	/* somebody else could put things into it */
	f.options.runtime = f.runtime;
	mkdir(f.runtime, 0700);
	chmod(f.runtime, 0770);
	expect_failure(
	    &f, PH_EXIT_STARTUP, "must belong to you and be closed to others (mode 0700)");
	rmdir(f.runtime);
	test_write_file(f.runtime, "", 0);
	expect_failure(&f, PH_EXIT_STARTUP, "a directory that can be written to is needed");
	unlink(f.runtime);
	/* the lock file cannot be made */
	mkdir(f.runtime, 0700);
	snprintf(path, sizeof(path), "%s/bridge.lock", f.runtime);
	mkdir(path, 0700);
	expect_failure(&f, PH_EXIT_STARTUP, "bridge.lock: Is a directory");
}

TEST(nothing_to_attach_to)
{
	struct fixture f;
	setup(&f);
	char path[4200];
	snprintf(path, sizeof(path), "%s/none.sock", test_dir());
	f.options.attach = path;
	pid_t pid = start(&f);
	usleep(300000);
	kill(pid, SIGTERM);
	check_int(finish(pid), PH_EXIT_OK);
	char *log = test_read_file(f.log, NULL);
	check_contains(log, "guest lost: no QEMU answers at ");
	free(log);
}
