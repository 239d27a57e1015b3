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
#include "unix_socket.h"

#define LOG_MODULE "starter"
#include "log.h"

struct server {
	int fd, links;
	const struct ph_starter_options *options;
	const struct ph_qemu_start *guest; /* of options */
	pid_t qemu;                        /* -1: none of ours runs */
	int other; /* pidfd of the last one that was connected to and is none of ours; -1 */
};

/* The first count of passed go with it. */
static void send_packet(int fd, const void *packet, size_t size, const int *passed, size_t count)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)packet, .iov_len = size};
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), passed, count * sizeof(int));
	}
	while (sendmsg(fd, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
	}
}

static void answer_with(struct server *server, const struct ph_starter_packet *packet)
{
	send_packet(server->fd, packet, sizeof(*packet), NULL, 0);
}

static void serve_start(struct server *server, const struct ph_starter_packet *ask)
{
	struct ph_starter_packet answer = {.kind = PH_STARTER_FAILED};
	if (server->qemu > 0) {
		snprintf(answer.text, sizeof(answer.text), "a QEMU runs for this guest already");
		answer_with(server, &answer);
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
		answer_with(server, &answer);
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
	send_packet(server->fd, &answer, sizeof(answer), &pidfd, pidfd >= 0);
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
	answer_with(server, &answer);
}

static void serve_kill(struct server *server)
{
	int r = 0;
	if (server->qemu > 0) {
		r = kill(server->qemu, SIGKILL); /* our child, so its pid is nobody else's yet */
	} else if (server->other >= 0) {
		r = pidfd_send_signal(server->other, SIGKILL, NULL, 0);
	}
	if (r < 0 && errno != ESRCH) {
		log_errno("QEMU cannot be killed");
	}
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
		answer_with(server, &answer);
		break;
	case PH_STARTER_KILL:
		serve_kill(server);
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
		answer_with(server, &news);
	}
}

/* path may be relative, and longer than a socket's address holds. -1: errno. */
static int connect_path(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	if (!path) {
		errno = ENOENT;
		return -1;
	}
	if (!slash) {
		return unix_socket_connect(".", path);
	}
	char *dir = alloc_format("%.*s", (int)(slash - path), path);
	int fd = unix_socket_connect(dir[0] ? dir : "/", slash + 1);
	int saved = errno;
	free(dir);
	errno = saved;
	return fd;
}

static int connect_peer(const struct server *server, uint32_t peer)
{
	switch (peer) {
	case PH_PEER_COMPOSITOR:
		return connect_path(server->options->compositor_socket);
	case PH_PEER_QEMU:
		return unix_socket_connect(server->guest->runtime, PH_QEMU_SOCKET);
	case PH_PEER_AGENT:
		return unix_socket_connect(server->guest->runtime, PH_AGENT_SOCKET);
	case PH_PEER_ATTACH:
		return connect_path(server->options->attach_socket);
	}
	errno = EINVAL;
	return -1;
}

/* So that it can be killed when the bridge says so. */
static void remember(struct server *server, pid_t pid, int pidfd)
{
	if (server->other >= 0) {
		close(server->other);
		server->other = -1;
	}
	if (pid != server->qemu && pidfd >= 0) {
		server->other = fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
	}
}

static void serve_link(struct server *server, const struct ph_starter_request *request)
{
	struct ph_starter_answer answer = {.serial = request->serial, .pid = -1};
	int passed[2] = {connect_peer(server, request->peer), -1};
	answer.error = passed[0] < 0 ? errno : 0;
	if (passed[0] >= 0 && (request->peer == PH_PEER_QEMU || request->peer == PH_PEER_ATTACH)) {
		pid_t pid = -1;
		passed[1] = unix_socket_peer(passed[0], &pid);
		answer.pid = pid;
		remember(server, pid, passed[1]);
	}
	size_t count = (passed[0] >= 0) + (passed[1] >= 0);
	send_packet(server->links, &answer, sizeof(answer), passed, count);
	for (size_t i = 0; i < count; i++) {
		close(passed[i]);
	}
}

static void read_link(struct server *server)
{
	struct ph_starter_request request;
	if (recv(server->links, &request, sizeof(request), MSG_DONTWAIT) == (ssize_t)sizeof(request)) {
		serve_link(server, &request);
	}
}

void starter_serve(int fd, int links, const struct ph_starter_options *options)
{
	struct server server = {.fd = fd,
	    .links = links,
	    .options = options,
	    .guest = &options->guest,
	    .qemu = -1,
	    .other = -1};
	sigset_t set;
	/* a terminal's Ctrl-C is for the bridge; the starter ends when the bridge has */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		log_errno("signalfd");
		return;
	}
	int logs = log_cap_watch(options->guest.runtime);
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN},
	    {.fd = logs, .events = POLLIN}, {.fd = links, .events = POLLIN}}; /* -1 is left out */
	while (poll(fds, 4, -1) >= 0 || errno == EINTR) {
		struct signalfd_siginfo info;
		while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		}
		reap(&server);
		if (logs >= 0 && fds[2].revents) {
			log_cap_handle(logs, options->guest.runtime);
		}
		if (fds[3].revents & POLLIN) {
			read_link(&server);
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
	if (server.other >= 0) {
		close(server.other);
	}
	close(signals);
}
