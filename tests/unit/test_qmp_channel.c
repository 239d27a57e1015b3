// SPDX-License-Identifier: MIT
#include "qmp_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* The test is QEMU, on the other end of the socket. */

#define DEADLINE_US (300 * 1000)
/* What usually takes an instant may take so long on a busy machine. */
#define PATIENCE_US (60 * 1000 * 1000)

struct bench {
	sd_event *event;
	struct ph_qmp_channel *channel;
	int qemu;
	int ready, closed, replies;
	bool hung_up, destroy_in_closed;
	char reason[128];
};

/*
 * Without it a pointer into the stack of a function that has returned is no error to the
 * sanitizer. Others' builds do not call it.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=1";
}

static void handle_ready(void *data, const struct ph_qmp_message *greeting)
{
	struct bench *b = data;

	b->ready++;
}

static void handle_event(void *data, const struct ph_qmp_message *event)
{
}

static void handle_closed(void *data, bool hung_up, const char *reason)
{
	struct bench *b = data;

	b->closed++;
	b->hung_up = hung_up;
	snprintf(b->reason, sizeof(b->reason), "%s", reason);
	if (b->destroy_in_closed) {
		qmp_channel_destroy(b->channel);
		b->channel = NULL;
	}
}

static const struct ph_qmp_events events = {handle_ready, handle_event, handle_closed};

static void handle_reply(void *data, const struct ph_qmp_message *reply)
{
	struct bench *b = data;

	b->replies++;
}

/* Runs the loop until *counter is not 0. */
static void wait_for(struct bench *b, const int *counter)
{
	const uint64_t end = test_now_us() + PATIENCE_US;

	for (uint64_t now; !*counter && (now = test_now_us()) < end;) {
		check_op(sd_event_run(b->event, end - now), >=, 0);
	}
	check_op(*counter, >, 0);
}

static void say(const struct bench *b, const char *line)
{
	check_int(write(b->qemu, line, strlen(line)), (ssize_t)strlen(line));
}

static void start(struct bench *b)
{
	int ends[2], small = 4096;

	*b = (struct bench){0};
	check_op(sd_event_new(&b->event), >=, 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	check_int(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	b->qemu = ends[1];
	b->channel = qmp_channel_create(b->event, ends[0], DEADLINE_US, &events, b);
	check(b->channel);
}

static void greet(struct bench *b)
{
	say(b, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 1, \"major\": 11}}}}\r\n");
	/* The channel negotiates with its first command, number 1. */
	say(b, "{\"return\": {}, \"id\": 1}\r\n");
	wait_for(b, &b->ready);
}

static void send_large(struct bench *b)
{
	const size_t size = 1 << 20;
	char *text = malloc(size);
	sd_json_variant *arguments = NULL;

	check(text);
	memset(text, 'x', size - 1);
	text[size - 1] = '\0';
	check_op(sd_json_buildo(&arguments, SD_JSON_BUILD_PAIR("text", SD_JSON_BUILD_STRING(text))), >=, 0);
	free(text);
	check(qmp_channel_send(b->channel, "x-large", arguments, -1, handle_reply, b));
}

static void finish(struct bench *b)
{
	qmp_channel_destroy(b->channel);
	sd_event_unref(b->event);
	close(b->qemu);
}

TEST_TIMEOUT(qemu_that_never_greets, 120)
{
	for (int i = 0; i < 2; i++) {
		struct bench b;

		start(&b);
		b.destroy_in_closed = i == 1;
		wait_for(&b, &b.closed);
		check(strstr(b.reason, "does not answer"));
		check(!b.hung_up);
		finish(&b);
	}
}

TEST_TIMEOUT(command_without_an_answer, 120)
{
	struct bench b;

	start(&b);
	greet(&b);
	check(qmp_channel_send(b.channel, "stop", NULL, -1, handle_reply, &b));
	wait_for(&b, &b.replies);
	check_int(b.replies, 1);
	check_int(b.closed, 0);
	finish(&b);
}

/* Half a command is sent. Whoever is told destroys the channel, at once or later. */
TEST_TIMEOUT(qemu_that_stops_reading, 120)
{
	for (int i = 0; i < 2; i++) {
		struct bench b;

		start(&b);
		greet(&b);
		send_large(&b);
		b.destroy_in_closed = i == 1;
		wait_for(&b, &b.closed);
		check(strstr(b.reason, "stopped reading"));
		check_int(b.closed, 1);
		check_int(b.replies, 0);
		finish(&b);
	}
}
