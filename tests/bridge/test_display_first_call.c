// SPDX-License-Identifier: MIT
/*
 * What QEMU says first on a listener can arrive in one piece with the end of
 * the authentication. It waits for the answer with the whole machine stopped.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "display_bench.h"

/*
 * Between bridge and QEMU. The end of the authentication and the first call
 * are handed on in one piece, and nothing more until the bridge has answered.
 */
static struct {
	int bridge, qemu;
	enum { COLLECTING, WAITING, OPEN } state;
	char held[4096];
	size_t size;
	sd_event_source *from_bridge, *from_qemu, *timer;
} relay;

static int handle_from_bridge(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	if (n > 0) {
		check_op(write(relay.qemu, bytes, (size_t)n), ==, n);
		relay.state = relay.state == WAITING ? OPEN : relay.state;
	} else {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	return 0;
}

static int handle_from_qemu(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	ssize_t n = read(fd, relay.held + relay.size, sizeof(relay.held) - relay.size);
	if (n > 0) {
		relay.size += (size_t)n;
	} else {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	return 0;
}

/* How many bytes the authentication and the first call have; 0: not all are here. */
static size_t first_piece(void)
{
	static const char end[] = "AGREE_UNIX_FD\r\n";
	const char *at = memmem(relay.held, relay.size, end, sizeof(end) - 1);
	uint32_t body, fields;
	if (!at) {
		return 0;
	}
	size_t start = (size_t)(at - relay.held) + sizeof(end) - 1;
	if (relay.size < start + 16) {
		return 0;
	}
	memcpy(&body, relay.held + start + 4, sizeof(body));
	memcpy(&fields, relay.held + start + 12, sizeof(fields));
	size_t total = start + 16 + ((fields + 7) & ~(size_t)7) + body;
	return relay.size < total ? 0 : total;
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data)
{
	size_t size = relay.state == OPEN         ? relay.size
		      : relay.state == COLLECTING ? first_piece()
						  : 0;
	if (size) {
		check_op(write(relay.bridge, relay.held, size), ==, (intmax_t)size);
		relay.size -= size;
		memmove(relay.held, relay.held + size, relay.size);
		relay.state = relay.state == COLLECTING ? WAITING : OPEN;
	}
	check_op(sd_event_source_set_time_relative(source, 10000), >=, 0);
	check_op(sd_event_source_set_enabled(source, SD_EVENT_ONESHOT), >=, 0);
	return 0;
}

static int put_relay(struct hostile_qemu *qemu, int fd)
{
	int fds[2];
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	relay.bridge = fd;
	relay.qemu = fds[0];
	relay.size = 0;
	check_op(
	    sd_event_add_io(qemu->event, &relay.from_bridge, fd, EPOLLIN, handle_from_bridge, NULL),
	    >=, 0);
	check_op(
	    sd_event_add_io(qemu->event, &relay.from_qemu, fds[0], EPOLLIN, handle_from_qemu, NULL),
	    >=, 0);
	check_op(sd_event_add_time_relative(
		     qemu->event, &relay.timer, CLOCK_MONOTONIC, 10000, 100, handle_timer, NULL),
	    >=, 0);
	return fds[1];
}

TEST(first_call_comes_with_the_authentication)
{
	struct bench b;
	bench_start_bare(&b, 1);
	b.qemu.relay = put_relay;
	for (int i = 0; i < 100 && b.qemu.consoles[0].get_all_ok < 3; i++) {
		bench_pass_time(&b, 20);
	}
	check_int(b.qemu.consoles[0].get_all_ok, 3);
	sd_event_source_disable_unref(relay.from_bridge);
	sd_event_source_disable_unref(relay.from_qemu);
	sd_event_source_disable_unref(relay.timer);
	bench_finish(&b);
	close(relay.bridge);
	close(relay.qemu);
}
