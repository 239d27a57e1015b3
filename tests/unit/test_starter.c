// SPDX-License-Identifier: MIT
/* What the bridge's helper connects to, and what it does not. */
#include "starter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "test.h"
#include "unix_socket.h"

struct bench {
	struct ph_starter_options options;
	struct ph_starter *starter;
	char *runtime, *compositor, *other;
};

static void init(struct bench *f)
{
	log_init(PH_LOG_ERROR, NULL);
	*f = (struct bench){0};
	/* longer than a socket's address holds */
	check_op(asprintf(&f->runtime, "%s/%0120d", test_dir(), 0), >, 0);
	mkdir(f->runtime, 0700);
	check_op(asprintf(&f->compositor, "%s/guests.sock", f->runtime), >, 0);
	check_op(asprintf(&f->other, "%s/other.sock", f->runtime), >, 0);
	f->options = (struct ph_starter_options){
	    .guest = {.guest_dir = test_dir(), .guest_id = "one", .runtime = f->runtime},
	    .compositor_socket = f->compositor,
	    .attach_socket = f->other};
	f->starter = starter_create(&f->options);
	check(f->starter != NULL);
}

static void finish(struct bench *f)
{
	starter_destroy(f->starter);
	free(f->runtime);
	free(f->compositor);
	free(f->other);
}

static int listen_at(const struct bench *f, const char *name)
{
	int fd = unix_socket_bind(f->runtime, name);
	check_op(fd, >=, 0);
	check_int(listen(fd, 1), 0);
	return fd;
}

/* The listener hears what is said over the link, and nobody else does. */
static void expect_peer(struct bench *f, enum ph_starter_peer peer, const char *name, bool is_qemu)
{
	struct ph_starter_link link;
	char byte = 0;
	int listener = listen_at(f, name);
	check(starter_connect(f->starter, peer, &link));
	check_op(send(link.fd, "x", 1, MSG_NOSIGNAL), ==, 1);
	int fd = accept(listener, NULL, NULL);
	check_op(fd, >=, 0);
	check_op(recv(fd, &byte, 1, 0), ==, 1);
	check_int(byte, 'x');
	check_int(link.pid, is_qemu ? getpid() : -1);
	check_int(link.pidfd >= 0, is_qemu);
	close(fd);
	close(link.fd);
	if (link.pidfd >= 0) {
		close(link.pidfd);
	}
	close(listener);
}

TEST(four_peers)
{
	struct bench f;
	init(&f);
	expect_peer(&f, PH_PEER_COMPOSITOR, "guests.sock", false);
	expect_peer(&f, PH_PEER_QEMU, PH_QEMU_SOCKET, true);
	expect_peer(&f, PH_PEER_AGENT, PH_AGENT_SOCKET, false);
	expect_peer(&f, PH_PEER_ATTACH, "other.sock", true);
	finish(&f);
}

static void expect_error(struct bench *f, enum ph_starter_peer peer, int error)
{
	struct ph_starter_link link;
	check(!starter_connect(f->starter, peer, &link));
	check_int(errno, error);
	check_int(link.fd, -1);
	check_int(link.pidfd, -1);
}

TEST(nobody_listens)
{
	struct bench f;
	init(&f);
	expect_error(&f, PH_PEER_COMPOSITOR, ENOENT);
	expect_error(&f, PH_PEER_QEMU, ENOENT);
	close(listen_at(&f, PH_QEMU_SOCKET));
	expect_error(&f, PH_PEER_QEMU, ECONNREFUSED);
	expect_error(&f, (enum ph_starter_peer)4, EINVAL);
	finish(&f);
	/* it was told of no other sockets */
	init(&f);
	starter_destroy(f.starter);
	f.options.compositor_socket = f.options.attach_socket = NULL;
	f.starter = starter_create(&f.options);
	expect_error(&f, PH_PEER_COMPOSITOR, ENOENT);
	expect_error(&f, PH_PEER_ATTACH, ENOENT);
	finish(&f);
}

static pid_t only_child(void)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	char *text = test_read_file(path, NULL);
	pid_t pid = (pid_t)strtol(text, NULL, 10);
	free(text);
	check_op(pid, >, 0);
	return pid;
}

/* The answer to a request that nobody waits for any more is not taken for that to the next one. */
TEST(a_late_answer)
{
	struct bench f;
	struct ph_starter_link link;
	init(&f);
	int compositor = listen_at(&f, "guests.sock");
	pid_t helper = only_child();
	check_int(kill(helper, SIGSTOP), 0);
	expect_error(&f, PH_PEER_COMPOSITOR, ETIMEDOUT);
	check_int(kill(helper, SIGCONT), 0);
	expect_error(&f, PH_PEER_AGENT, ENOENT);
	check(starter_connect(f.starter, PH_PEER_COMPOSITOR, &link));
	close(link.fd);
	close(compositor);
	finish(&f);
}

TEST(the_helper_is_killed)
{
	struct bench f;
	init(&f);
	check_int(kill(only_child(), SIGKILL), 0);
	expect_error(&f, PH_PEER_COMPOSITOR, EPIPE);
	expect_error(&f, PH_PEER_COMPOSITOR, EPIPE);
	finish(&f);
}
