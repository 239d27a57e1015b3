// SPDX-License-Identifier: MIT
/* The agent's connection, against a QEMU and an agent that are the test. */
#include "agent.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent_talk.h"
#include "log.h"
#include "test.h"
#include "unix_socket.h"

#define NEVER_US ((uint64_t)600 * 1000 * 1000)

struct bench {
	sd_event *event;
	int listener, fd;
	struct ph_agent *agent;
	int ends[3]; /* by outcome */
	char text[PH_AGENT_TEXT_MAX];
};

static void handle_finished(void *data, enum ph_agent_outcome outcome, const char *text)
{
	struct bench *f = data;
	f->ends[outcome]++;
	snprintf(f->text, sizeof(f->text), "%s", text);
}

static int connect_agent(void *data)
{
	return unix_socket_connect(test_dir(), "agent.sock");
}

static int connect_nobody(void *data)
{
	errno = ENOENT;
	return -1;
}

static void listen_again(struct bench *f)
{
	f->listener = unix_socket_bind(test_dir(), "agent.sock");
	check_op(f->listener, >=, 0);
	check_int(listen(f->listener, 1), 0);
}

static void take_connection(struct bench *f)
{
	struct pollfd ready = {.fd = f->listener, .events = POLLIN};
	check_int(poll(&ready, 1, 30000), 1);
	f->fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	check_op(f->fd, >=, 0);
}

static void init(struct bench *f, uint64_t deadline_us)
{
	*f = (struct bench){.listener = -1, .fd = -1};
	log_init(PH_LOG_ERROR, NULL);
	check_op(sd_event_new(&f->event), >=, 0);
	listen_again(f);
	f->agent =
	    agent_create(f->event, connect_agent, deadline_us, handle_finished, f);
	check(f->agent != NULL);
	take_connection(f);
}

static void finish(struct bench *f)
{
	agent_destroy(f->agent);
	close(f->fd);
	close(f->listener);
	sd_event_unref(f->event);
}

static void turn(struct bench *f)
{
	check_op(sd_event_run(f->event, 10000), >=, 0);
}

/* What the bridge says next, up to the end of a line. */
static void expect(struct bench *f, const char *part)
{
	char line[512];
	size_t n = 0;
	uint64_t end = test_now_us() + 30000000;
	while (n == 0 || line[n - 1] != '\n') {
		check_op(test_now_us(), <, end);
		ssize_t got = recv(f->fd, &line[n], 1, 0);
		if (got < 0 && errno == EAGAIN) {
			turn(f);
			continue;
		}
		check_op(got, ==, 1);
		n++;
		check_op(n, <, sizeof(line) - 1);
	}
	line[n] = '\0';
	check_contains(line, part);
}

static void say(struct bench *f, const char *text)
{
	check_op(send(f->fd, text, strlen(text), MSG_NOSIGNAL), ==, (intmax_t)strlen(text));
}

/* Answers to guest-sync-delimited. */
static void sync_up(struct bench *f)
{
	char line[128], answer[128];
	size_t n = 0;
	uint64_t end = test_now_us() + 30000000;
	while (n == 0 || line[n - 1] != '\n') {
		check_op(test_now_us(), <, end);
		ssize_t got = recv(f->fd, &line[n], 1, 0);
		n += got == 1;
		check_op(n, <, sizeof(line) - 1);
		if (got < 0) {
			turn(f);
		}
	}
	line[n] = '\0';
	const char *head = "\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":";
	check_mem(line, head, strlen(head));
	snprintf(answer, sizeof(answer), "\xff{\"return\": %.*s}\n",
	    (int)strcspn(line + strlen(head), "}"), line + strlen(head));
	say(f, answer);
}

/* A guest whose clock is so far behind answers to guest-get-time. */
static void tell_time(struct bench *f, int64_t behind_s)
{
	char answer[64];
	struct timespec now;
	expect(f, "{\"execute\":\"guest-get-time\"}");
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(answer, sizeof(answer), "{\"return\": %" PRId64 "}\n",
	    ((int64_t)now.tv_sec - behind_s) * 1000000000 + now.tv_nsec);
	say(f, answer);
}

static void wait_end(struct bench *f, enum ph_agent_outcome outcome, int count, const char *part)
{
	uint64_t end = test_now_us() + 30000000;
	while (f->ends[outcome] < count) {
		check_op(test_now_us(), <, end);
		turn(f);
	}
	check_int(f->ends[outcome], count);
	check_contains(f->text, part);
}

/* Nothing more is said or heard. */
static void expect_rest(struct bench *f)
{
	char byte;
	for (int i = 0; i < 3; i++) {
		turn(f);
	}
	check_op(recv(f->fd, &byte, 1, 0), ==, -1);
	check_int(errno, EAGAIN);
}

/* As a Debian guest without hwclock does it. */
static void set_by_hand(struct bench *f)
{
	sync_up(f);
	tell_time(f, 100);
	expect(f, "{\"execute\":\"guest-set-time\"}");
	say(f, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no hwclock\"}}\n");
	expect(f, "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":");
	say(f, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no hwclock\"}}\n");
	tell_time(f, 0);
}

TEST(clock_is_set)
{
	struct bench f;
	init(&f, NEVER_US);
	expect_rest(&f);
	agent_set_clock(f.agent);
	set_by_hand(&f);
	wait_end(&f, PH_AGENT_RIGHT, 1, "s behind and is right, set by the host's");
	expect_rest(&f);
	/* by the same connection the next time */
	agent_set_clock(f.agent);
	sync_up(&f);
	tell_time(&f, 0);
	wait_end(&f, PH_AGENT_RIGHT, 2, "is right");
	expect_rest(&f);
	finish(&f);
}

TEST(agent_says_that_it_cannot)
{
	struct bench f;
	init(&f, NEVER_US);
	agent_set_clock(f.agent);
	sync_up(&f);
	tell_time(&f, 100);
	expect(&f, "{\"execute\":\"guest-set-time\"}");
	say(&f, "{\"error\": {\"desc\": \"no\"}}\n");
	expect(&f, "\"time\":");
	say(&f, "{\"error\": {\"desc\": \"not permitted\"}}\n");
	tell_time(&f, 100);
	wait_end(&f, PH_AGENT_WRONG, 1, "s behind: not permitted");
	finish(&f);
}

/* Two pauses in a row: the second begins while the first is dealt with. */
TEST(asked_while_busy)
{
	struct bench f;
	init(&f, NEVER_US);
	agent_set_clock(f.agent);
	/* nobody has answered yet: the one question is enough */
	agent_set_clock(f.agent);
	agent_set_clock(f.agent);
	sync_up(&f);
	tell_time(&f, 0);
	wait_end(&f, PH_AGENT_RIGHT, 1, "is right");
	expect_rest(&f);
	/* here the guest may have told its time before the second pause */
	agent_set_clock(f.agent);
	sync_up(&f);
	expect(&f, "guest-get-time");
	agent_set_clock(f.agent);
	agent_set_clock(f.agent);
	say(&f, "{\"return\": 0}\n");
	expect(&f, "{\"execute\":\"guest-set-time\"}");
	say(&f, "{\"return\": {}}\n");
	tell_time(&f, 0);
	set_by_hand(&f);
	wait_end(&f, PH_AGENT_RIGHT, 3, "set by the host's");
	expect_rest(&f);
	finish(&f);
}

TEST(nobody_answers)
{
	struct bench f;
	init(&f, 100000);
	agent_set_clock(f.agent);
	wait_end(&f, PH_AGENT_SILENT, 1, "no guest agent answers");
	/* what was said is gone with its connection, and a new one stands */
	close(f.fd);
	take_connection(&f);
	expect_rest(&f);
	finish(&f);
}

/* One that begins and never ends is given up after what a conversation may have. */
TEST(answer_without_end)
{
	struct bench f;
	char flood[1024];
	init(&f, NEVER_US);
	memset(flood, 'x', sizeof(flood));
	size_t sent = 0;
	agent_set_clock(f.agent);
	while (f.ends[PH_AGENT_WRONG] == 0) {
		ssize_t n = send(f.fd, flood, sizeof(flood), MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		turn(&f);
		check_op(sent, <, 100 * PH_AGENT_HEARD_MAX);
	}
	check_contains(f.text, "says too much");
	/* now nothing is read: whoever goes on has to wait */
	while (send(f.fd, flood, sizeof(flood), MSG_NOSIGNAL) > 0) {
	}
	check_int(errno, EAGAIN);
	turn(&f);
	check(send(f.fd, flood, sizeof(flood), MSG_NOSIGNAL) < 0);
	finish(&f);
}

TEST(garbage)
{
	struct bench f;
	init(&f, NEVER_US);
	agent_set_clock(f.agent);
	say(&f, "220 smtp.example.org ready\n\xff\xff{}\n\xff[[[[\n");
	sync_up(&f);
	expect(&f, "guest-get-time");
	say(&f, "a quarter past\n");
	wait_end(&f, PH_AGENT_WRONG, 1, "is not understood");
	/* the next time it may have come to its senses */
	agent_set_clock(f.agent);
	sync_up(&f);
	tell_time(&f, 0);
	wait_end(&f, PH_AGENT_RIGHT, 1, "is right");
	finish(&f);
}

TEST(qemu_ends_meanwhile)
{
	struct bench f;
	init(&f, NEVER_US);
	agent_set_clock(f.agent);
	sync_up(&f);
	expect(&f, "guest-get-time");
	close(f.fd);
	wait_end(&f, PH_AGENT_SILENT, 1, "QEMU closed the agent's port");
	/* and is there again, with the same agent or another */
	agent_set_clock(f.agent);
	take_connection(&f);
	sync_up(&f);
	tell_time(&f, 0);
	wait_end(&f, PH_AGENT_RIGHT, 1, "is right");
	/* while nothing is asked */
	close(f.fd);
	turn(&f);
	turn(&f);
	check_int(f.ends[PH_AGENT_SILENT], 1);
	agent_set_clock(f.agent);
	take_connection(&f);
	sync_up(&f);
	finish(&f);
}

/* A QEMU that an older bridge has started, or a guest with agent off. */
TEST(there_is_no_port)
{
	struct bench f;
	init(&f, NEVER_US);
	struct ph_agent *other =
	    agent_create(f.event, connect_nobody, NEVER_US, handle_finished, &f);
	check(other != NULL);
	agent_set_clock(other);
	agent_destroy(other);
	close(f.listener);
	close(f.fd);
	turn(&f);
	agent_set_clock(f.agent);
	turn(&f);
	check_int(f.ends[PH_AGENT_SILENT], 0);
	listen_again(&f);
	agent_set_clock(f.agent);
	take_connection(&f);
	sync_up(&f);
	finish(&f);
}
