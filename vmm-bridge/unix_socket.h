// SPDX-License-Identifier: MIT
#ifndef PH_UNIX_SOCKET_H
#define PH_UNIX_SOCKET_H

#include <sys/types.h>

/*
 * Stream sockets in the file system, at any path: one that is longer than an
 * address holds (107 bytes) is reached through /proc/self/fd. All sockets are
 * close-on-exec and non-blocking. -1 with errno on failure.
 */

/* Replaces what lies at dir/name by a socket of mode 0600, on which listen() is to be called. */
int unix_socket_bind(const char *dir, const char *name);

/* ECONNREFUSED and ENOENT: nobody listens there. EAGAIN: somebody does, but is busy. */
int unix_socket_connect(const char *dir, const char *name);

/*
 * A pidfd of the process that listens at the other end of a connected socket
 * (it is the one that called listen() last), and its pid in *pid.
 */
int unix_socket_peer(int fd, pid_t *pid);

#endif
