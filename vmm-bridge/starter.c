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

struct ph_starter {
	int fd;
	pid_t pid;
	sd_event_source *source;
	const struct ph_starter_events *events;
	void *data;
};

struct ph_starter *starter_create(const struct ph_qemu_start *guest)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		log_errno("socketpair");
		return NULL;
	}
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "phyllome-start");
		close(fds[0]);
		starter_serve(fds[1], guest);
		_exit(0);
	}
	close(fds[1]);
	if (pid < 0) {
		log_errno("the starter cannot be made: fork");
		close(fds[0]);
		return NULL;
	}
	struct ph_starter *starter = alloc_zero(sizeof(*starter));
	starter->fd = fds[0];
	starter->pid = pid;
	return starter;
}

/* One packet and the fd beside it, -1 if there is none. False: nothing to read, or the end. */
static bool receive(struct ph_starter *starter, struct ph_starter_packet *packet, int *passed)
{
	struct iovec iov = {.iov_base = packet, .iov_len = sizeof(*packet)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	*passed = -1;
	ssize_t n = recvmsg(starter->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0) {
		return false;
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int))) {
		memcpy(passed, CMSG_DATA(header), sizeof(*passed));
	}
	if (n != (ssize_t)sizeof(*packet)) {
		errno = ECONNRESET;
		return false;
	}
	packet->text[sizeof(packet->text) - 1] = '\0';
	return true;
}

static int handle_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct ph_starter *starter = userdata;
	struct ph_starter_packet packet;
	int passed;
	if (!receive(starter, &packet, &passed)) {
		if (errno != EAGAIN && errno != EINTR) {
			sd_event_source_set_enabled(source, SD_EVENT_OFF);
			starter->events->gone(starter->data);
		}
		return 0;
	}
	switch (packet.kind) {
	case PH_STARTER_STARTED: {
		struct ph_qemu_started started = {.pid = packet.pid,
		    .kvm = packet.kvm,
		    .kvm_wished = packet.kvm_wished,
		    .gl = packet.gl};
		memcpy(started.note, packet.text, sizeof(started.note));
		starter->events->started(starter->data, &started, passed);
		passed = -1;
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
	if (passed >= 0) {
		close(passed);
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
