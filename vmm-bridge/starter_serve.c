// SPDX-License-Identifier: MIT
#include "starter_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "log_cap.h"

#define LOG_MODULE "starter"
#include "log.h"

struct server {
	int fd;
	const struct ph_qemu_start *guest;
	pid_t qemu; /* -1: none of ours runs */
};

static void send_packet(int fd, const struct ph_starter_packet *packet, int passed_fd)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)packet, .iov_len = sizeof(*packet)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	if (passed_fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &passed_fd, sizeof(passed_fd));
	}
	while (sendmsg(fd, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
	}
}

static void serve_start(struct server *server, const struct ph_starter_packet *ask)
{
	struct ph_starter_packet answer = {.kind = PH_STARTER_FAILED};
	if (server->qemu > 0) {
		snprintf(answer.text, sizeof(answer.text), "a QEMU runs for this guest already");
		send_packet(server->fd, &answer, -1);
		return;
	}
	struct ph_qemu_start start = *server->guest;
	struct ph_qemu_started started;
	start.compositor_dmabuf = ask->compositor_dmabuf;
	start.avoid_kvm = ask->avoid_kvm;
	/* into a command line, so once more: who asks reads what a guest wrote */
	for (uint32_t i = 0; i < PH_HEADS_MAX; i++) {
		char name[PH_MONITOR_NAME_MAX + 1] = "";
		memcpy(name, ask->monitors.heads[i], PH_MONITOR_NAME_MAX);
		monitor_names_set(&start.monitors, i, name);
	}
	if (!qemu_start(&start, &started, answer.text)) {
		send_packet(server->fd, &answer, -1);
		return;
	}
	server->qemu = started.pid;
	answer.kind = PH_STARTER_STARTED;
	answer.pid = started.pid;
	answer.kvm = started.kvm;
	answer.kvm_wished = started.kvm_wished;
	answer.gl = started.gl;
	memcpy(answer.text, started.note, sizeof(answer.text));
	int pidfd = pidfd_open(started.pid, 0);
	send_packet(server->fd, &answer, pidfd);
	if (pidfd >= 0) {
		close(pidfd);
	}
}

static bool is_token(const char *text, size_t size)
{
	return size == PH_TOKEN_LENGTH && strspn(text, "0123456789abcdef") == PH_TOKEN_LENGTH;
}

static void serve_token(struct server *server)
{
	struct ph_starter_packet answer = {.kind = PH_STARTER_NO_TOKEN};
	char text[PH_TOKEN_LENGTH + 3] = "";
	char *path = alloc_format("%s/token", server->guest->runtime);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n > 0 && text[n - 1] == '\n') {
		text[--n] = '\0';
	}
	if (n >= 0 && is_token(text, (size_t)n)) {
		answer.kind = PH_STARTER_TOKEN;
		memcpy(answer.text, text, PH_TOKEN_LENGTH + 1);
	} else if (n >= 0) {
		snprintf(answer.text, sizeof(answer.text), "%s: expected %d hexadecimal digits",
		    path, PH_TOKEN_LENGTH);
	} else {
		snprintf(answer.text, sizeof(answer.text), "%s: %s", path, strerror(errno));
	}
	if (fd >= 0) {
		close(fd);
	}
	free(path);
	send_packet(server->fd, &answer, -1);
}

static void serve_packet(struct server *server, const struct ph_starter_packet *ask)
{
	struct ph_starter_packet answer = {.kind = PH_STARTER_LAST_LINE};
	switch (ask->kind) {
	case PH_STARTER_START:
		serve_start(server, ask);
		break;
	case PH_STARTER_TOKEN:
		serve_token(server);
		break;
	case PH_STARTER_LAST_LINE:
		qemu_start_last_line(server->guest->runtime, answer.text);
		send_packet(server->fd, &answer, -1);
		break;
	default:
		log_error("the bridge sent an unknown request (%u)", ask->kind);
		break;
	}
}

static void reap(struct server *server)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != server->qemu) {
			continue;
		}
		server->qemu = -1;
		struct ph_starter_packet news = {.kind = PH_STARTER_EXITED, .status = status};
		qemu_start_last_line(server->guest->runtime, news.text);
		send_packet(server->fd, &news, -1);
	}
}

void starter_serve(int fd, const struct ph_qemu_start *guest)
{
	struct server server = {.fd = fd, .guest = guest, .qemu = -1};
	sigset_t set;
	/* a terminal's Ctrl-C is for the bridge; the starter ends when the bridge has */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		log_errno("signalfd");
		return;
	}
	int logs = log_cap_watch(guest->runtime);
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN},
	    {.fd = logs, .events = POLLIN}}; /* -1 is left out */
	while (poll(fds, 3, -1) >= 0 || errno == EINTR) {
		struct signalfd_siginfo info;
		while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		}
		reap(&server);
		if (logs >= 0 && fds[2].revents) {
			log_cap_handle(logs, guest->runtime);
		}
		if (!fds[0].revents) {
			continue;
		}
		struct ph_starter_packet ask;
		ssize_t n = recv(fd, &ask, sizeof(ask), MSG_DONTWAIT);
		if (n == (ssize_t)sizeof(ask)) {
			serve_packet(&server, &ask);
		} else if (n >= 0 || errno != EAGAIN) {
			break;
		}
	}
	if (logs >= 0) {
		close(logs);
	}
	close(signals);
}
