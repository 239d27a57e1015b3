// SPDX-License-Identifier: MIT
/* Taking over a QEMU that another bridge started. */
#include "qemu_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unix_socket.h"

/* Somebody else's QEMU is not ours to kill because it does not answer us. */
TEST(taken_over_qemu_that_does_not_answer_is_left_alone)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	/* the connection is held by the bridge above; another one gets no greeting */
	struct bench other = {.runtime = f.runtime, .guest = f.guest, .start = f.start};
	bench_connect(&other, 300000);
	check(qemu_attach(other.qemu, false));
	bench_wait_state(&other, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	check(!qemu_is_there(other.qemu));
	bench_disconnect(&other);
	check_int(kill(pid, 0), 0);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	bench_finish(&f);
}

/* A start finds the one in its way; by then it may answer. */
TEST(one_that_was_left_alone_is_taken_over_by_a_start)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	bench_disconnect(&f);
	bench_connect(&f, 300000);
	int taken = unix_socket_connect(f.runtime, PH_QEMU_SOCKET);
	check_op(taken, >=, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	close(taken);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

/* Its guest is powered down with the others at the end; and nothing is started any more. */
TEST(one_that_was_left_alone_is_taken_over_at_the_end)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	bench_disconnect(&f);
	bench_connect(&f, 300000);
	int taken = unix_socket_connect(f.runtime, PH_QEMU_SOCKET);
	check_op(taken, >=, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	check(!qemu_is_there(f.qemu));
	close(taken);
	qemu_begin_end(f.qemu);
	check(qemu_is_there(f.qemu));
	check(qemu_state(f.qemu)->attached);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
	bench_wait_state(&f, PH_GUEST_OFF, "");
	bench_start_guest(&f);
	check(!qemu_is_there(f.qemu));
	bench_finish(&f);
}

/* It does not listen to its control socket: only a signal ends it, and the helper sends it. */
TEST(a_taken_over_qemu_that_does_not_quit_is_killed)
{
	struct bench f;
	bench_init(&f, "stubborn", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	bench_disconnect(&f);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

TEST(a_new_bridge_takes_over)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	bench_disconnect(&f);
	check_int(kill(pid, 0), 0);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	/* a second one would have to wait for the connection */
	qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
	bench_wait_state(&f, PH_GUEST_OFF, "");
	/* nobody of us is its parent, so it is gone only when its own parent says so */
	waitpid(pid, NULL, WNOHANG);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

/* The bridge dies while QEMU starts: the next one must not take the starter for QEMU. */
TEST(a_new_bridge_takes_over_a_qemu_that_starts)
{
	struct bench f;
	bench_init(&f, "slow", 0);
	bench_start_guest(&f);
	while (!f.qemu_pid) {
		check_op(sd_event_run(f.event, 50000), >=, 0);
	}
	bench_disconnect(&f);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	usleep(100000);
	check_op(sd_event_run(f.event, 100000), >=, 0);
	check_op(sd_event_run(f.event, 100000), >=, 0);
	check(qemu_is_there(f.qemu));
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

/* Bridges that died in a row left their connections with a QEMU that was busy. */
TEST(queue_of_connections_is_full)
{
	struct bench f;
	bench_init(&f, "slow", 0);
	bench_start_guest(&f);
	while (!f.qemu_pid) {
		check_op(sd_event_run(f.event, 50000), >=, 0);
	}
	bench_disconnect(&f);
	int full = 0;
	for (int i = 0; i < 5; i++) {
		int fd = unix_socket_connect(f.runtime, PH_QEMU_SOCKET);
		full += fd < 0 && errno == EAGAIN;
		if (fd >= 0) {
			close(fd);
		}
	}
	check_op(full, >, 0);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	check(qemu_is_there(f.qemu));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

TEST(a_taken_over_qemu_dies)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	pid_t pid = f.qemu_pid;
	bench_disconnect(&f);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	kill(pid, SIGKILL);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU ended");
	bench_finish(&f);
}

TEST(a_second_start_finds_the_first)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	struct ph_qemu_started started;
	char error[PH_REASON_MAX];
	check(!qemu_start(&f.start, &started, error));
	check_contains(error, "a QEMU runs for this guest already");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

/* Longer than a socket's address holds. */
TEST(long_runtime_directory)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_disconnect(&f);
	free(f.runtime);
	check_op(asprintf(&f.runtime, "%s/%0120d", test_dir(), 0), >, 0);
	f.start.runtime = f.runtime;
	mkdir(f.runtime, 0700);
	bench_connect(&f, 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	bench_disconnect(&f);
	bench_connect(&f, 0);
	check(qemu_attach(f.qemu, false));
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}
