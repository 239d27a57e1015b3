// SPDX-License-Identifier: MIT
#include "starter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "starter_wire.h"

#define LOG_MODULE "starter"
#include "log.h"

/* For an answer that is waited for. */
#define LINK_WAIT_S 5

struct ph_starter {
	int fd, links;
	uint32_t serial; /* of the last request for a connection */
	pid_t pid;
	sd_event_source *source;
	const struct ph_starter_events *events;
	void *data;
};

/* Both ends of two sockets: fds[0] and links[0] are the bridge's. False: logged. */
static bool make_sockets(int fds[2], int links[2])
{
	struct timeval wait = {.tv_sec = LINK_WAIT_S};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		log_errno("socketpair");
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, links) < 0 ||
	    setsockopt(links[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0) {
		log_errno("socketpair");
		close(fds[0]);
		close(fds[1]);
		return false;
	}
	return true;
}

struct ph_starter *starter_create(const struct ph_starter_options *options)
{
	int fds[2], links[2];
	if (!make_sockets(fds, links)) {
		return NULL;
	}
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "phyllome-start");
		close(fds[0]);
		close(links[0]);
		starter_serve(fds[1], links[1], options);
		_exit(0);
	}
	close(fds[1]);
	close(links[1]);
	if (pid < 0) {
		log_errno("the starter cannot be made: fork");
		close(fds[0]);
		close(links[0]);
		return NULL;
	}
	struct ph_starter *starter = alloc_zero(sizeof(*starter));
	starter->fd = fds[0];
	starter->links = links[0];
	starter->pid = pid;
	return starter;
}

/*
 * One packet of that size, and the two fds that may be beside it, -1 if they are not. False: errno;
 * ECONNRESET: the end.
 */
static bool receive(int fd, int flags, void *packet, size_t size, int passed[2])
{
	struct iovec iov = {.iov_base = packet, .iov_len = size};
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	passed[0] = passed[1] = -1;
	ssize_t n = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);
	if (n < 0) {
		return false;
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		memcpy(passed, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	}
	if (n != (ssize_t)size) {
		errno = ECONNRESET;
		return false;
	}
	return true;
}

static int handle_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct ph_starter *starter = userdata;
	struct ph_starter_packet packet;
	int passed[2];
	if (!receive(fd, MSG_DONTWAIT, &packet, sizeof(packet), passed)) {
		if (errno != EAGAIN && errno != EINTR) {
			sd_event_source_set_enabled(source, SD_EVENT_OFF);
			starter->events->gone(starter->data);
		}
		return 0;
	}
	packet.text[sizeof(packet.text) - 1] = '\0';
	switch (packet.kind) {
	case PH_STARTER_STARTED: {
		struct ph_qemu_started started = {.pid = packet.pid,
		    .kvm = packet.kvm,
		    .kvm_wished = packet.kvm_wished,
		    .gl = packet.gl};
		memcpy(started.note, packet.text, sizeof(started.note));
		starter->events->started(starter->data, &started, passed[0]);
		passed[0] = -1;
		break;
	}
	case PH_STARTER_FAILED:
		starter->events->failed(starter->data, packet.text);
		break;
	case PH_STARTER_EXITED:
		starter->events->exited(starter->data, packet.status, packet.text);
		break;
	case PH_STARTER_TOKEN:
		starter->events->token(starter->data, packet.text, NULL);
		break;
	case PH_STARTER_NO_TOKEN:
		starter->events->token(starter->data, NULL, packet.text);
		break;
	case PH_STARTER_LAST_LINE:
		starter->events->last_line(starter->data, packet.text);
		break;
	}
	if (passed[0] >= 0) {
		close(passed[0]);
	}
	return 0;
}

bool starter_attach(
    struct ph_starter *starter, sd_event *event, const struct ph_starter_events *events, void *data)
{
	starter->events = events;
	starter->data = data;
	int r = sd_event_add_io(
	    event, &starter->source, starter->fd, EPOLLIN, handle_readable, starter);
	if (r < 0) {
		errno = -r;
		log_errno("sd_event_add_io");
		return false;
	}
	return true;
}

void starter_destroy(struct ph_starter *starter)
{
	if (!starter) {
		return;
	}
	sd_event_source_disable_unref(starter->source);
	close(starter->fd);
	close(starter->links);
	/* it has nothing to do but to see the end of its socket */
	while (waitpid(starter->pid, NULL, 0) < 0 && errno == EINTR) {
	}
	free(starter);
}

static void ask(struct ph_starter *starter, const struct ph_starter_packet *packet)
{
	/* a few requests at most are under way, so the socket is never full */
	if (send(starter->fd, packet, sizeof(*packet), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno != EPIPE) {
		log_errno("the starter cannot be asked");
	}
}

void starter_start(struct ph_starter *starter, bool compositor_dmabuf, bool avoid_kvm,
    const struct ph_monitor_names *monitors)
{
	ask(starter, &(struct ph_starter_packet){.kind = PH_STARTER_START,
			 .compositor_dmabuf = compositor_dmabuf,
			 .avoid_kvm = avoid_kvm,
			 .monitors = *monitors});
}

void starter_read_token(struct ph_starter *starter)
{
	ask(starter, &(struct ph_starter_packet){.kind = PH_STARTER_TOKEN});
}

void starter_read_last_line(struct ph_starter *starter)
{
	ask(starter, &(struct ph_starter_packet){.kind = PH_STARTER_LAST_LINE});
}

void starter_kill(struct ph_starter *starter)
{
	ask(starter, &(struct ph_starter_packet){.kind = PH_STARTER_KILL});
}

static void close_both(const int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
}

bool starter_connect(
    struct ph_starter *starter, enum ph_starter_peer peer, struct ph_starter_link *link)
{
	struct ph_starter_request request = {.serial = ++starter->serial, .peer = peer};
	struct ph_starter_answer answer;
	int passed[2] = {-1, -1};
	*link = (struct ph_starter_link){.fd = -1, .pidfd = -1, .pid = -1};
	if (send(starter->links, &request, sizeof(request), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		return false;
	}
	do {
		/* of a request that was not waited for any longer */
		close_both(passed);
		if (!receive(starter->links, 0, &answer, sizeof(answer), passed)) {
			errno = errno == EAGAIN ? ETIMEDOUT : errno == ECONNRESET ? EPIPE : errno;
			return false;
		}
	} while (answer.serial != request.serial);
	if (answer.error || passed[0] < 0) {
		close_both(passed);
		errno = answer.error ? answer.error : EMFILE; /* no room for the descriptor */
		return false;
	}
	*link = (struct ph_starter_link){.fd = passed[0], .pidfd = passed[1], .pid = answer.pid};
	return true;
}
