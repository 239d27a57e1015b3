// SPDX-License-Identifier: MIT
#include "unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Fills address. *dir_fd is -1, or a directory that must stay open as long as
 * the address is used.
 */
static bool fill_address(
    struct sockaddr_un *address, int *dir_fd, const char *dir, const char *name)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*dir_fd = -1;
	int n = snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", dir, name);
	if (n < (int)sizeof(address->sun_path)) {
		return true;
	}
	*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_fd < 0) {
		return false;
	}
	n = snprintf(
	    address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", *dir_fd, name);
	if (n >= (int)sizeof(address->sun_path)) {
		close(*dir_fd);
		errno = ENAMETOOLONG;
		return false;
	}
	return true;
}

static int finish(int fd, int dir_fd, bool ok)
{
	int saved = errno;
	if (dir_fd >= 0) {
		close(dir_fd);
	}
	if (!ok && fd >= 0) {
		close(fd);
	}
	errno = saved;
	return ok ? fd : -1;
}

int unix_socket_bind(const char *dir, const char *name)
{
	struct sockaddr_un address;
	int dir_fd;
	if (!fill_address(&address, &dir_fd, dir, name)) {
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && (unlink(address.sun_path) == 0 || errno == ENOENT);
	if (ok) {
		mode_t mask = umask(0177);
		ok = bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
		umask(mask);
	}
	return finish(fd, dir_fd, ok);
}

int unix_socket_connect(const char *dir, const char *name)
{
	struct sockaddr_un address;
	int dir_fd;
	if (!fill_address(&address, &dir_fd, dir, name)) {
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	return finish(fd, dir_fd, ok);
}

int unix_socket_peer(int fd, pid_t *pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		return -1;
	}
	*pid = peer.pid;
	return pidfd_open(peer.pid, 0);
}
