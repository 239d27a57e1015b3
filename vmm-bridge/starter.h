// SPDX-License-Identifier: MIT
#ifndef PH_STARTER_H
#define PH_STARTER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "qemu_start.h"

/*
 * The bridge's second process. The bridge proper reads what QEMU and through
 * it a guest wrote, so it gives up opening files, starting programs, connecting
 * to anybody and sending signals (sandbox.h). The starter does these for it: it
 * knows by itself which guest it serves, and all it can be asked is to start
 * that one, to kill it, to connect to the four peers below, to read its token
 * and the last line of QEMU's log. It never sees a byte from QEMU except that
 * log. It is forked first of all and ends with the bridge; QEMU outlives both.
 */

struct ph_starter;

/* With whom a bridge has to do. */
enum ph_starter_peer {
	PH_PEER_COMPOSITOR, /* its socket for guests */
	PH_PEER_QEMU,       /* the control socket in the guest's run-time directory */
	PH_PEER_AGENT,      /* the agent's port of that QEMU */
	PH_PEER_ATTACH,     /* the control socket of a QEMU that something else started */
};

/* All strings must stay valid as long as the starter. */
struct ph_starter_options {
	struct ph_qemu_start guest;
	const char *compositor_socket; /* a path; NULL: none */
	const char *attach_socket;     /* a path; NULL: none */
};

/* A connection; the receiver owns both descriptors. */
struct ph_starter_link {
	int fd;    /* non-blocking, close-on-exec */
	int pidfd; /* of the QEMU that listens there; -1: another peer, or none to be had */
	pid_t pid; /* the same one; -1 */
};

/* Answers and news. Strings are valid during the call. No member may be NULL. */
struct ph_starter_events {
	/* To starter_start(). pidfd is the receiver's. */
	void (*started)(void *data, const struct ph_qemu_started *started, int pidfd);
	void (*failed)(void *data, const char *reason);
	/* The QEMU that was started has ended; status as of waitpid(). */
	void (*exited)(void *data, int status, const char *last_line);
	/* To starter_read_token(): NULL if there is none that is usable; reason says why. */
	void (*token)(void *data, const char *token, const char *reason);
	/* To starter_read_last_line(). */
	void (*last_line)(void *data, const char *last_line);
	/* The starter died. Nothing follows, and nothing can be asked any more. */
	void (*gone)(void *data);
};

/* Forks. NULL: logged. */
struct ph_starter *starter_create(const struct ph_starter_options *options);

/* From now on events come. False: logged. */
bool starter_attach(struct ph_starter *starter, sd_event *event,
    const struct ph_starter_events *events, void *data);

/* NULL is allowed. The process ends by itself; a QEMU goes on. */
void starter_destroy(struct ph_starter *starter);

void starter_start(struct ph_starter *starter, bool compositor_dmabuf, bool avoid_kvm,
    const struct ph_monitor_names *monitors);
void starter_read_token(struct ph_starter *starter);
void starter_read_last_line(struct ph_starter *starter);

/*
 * Kills the guest's QEMU: the one that was started, otherwise the one that was connected to last. Its end
 * is told as any other.
 */
void starter_kill(struct ph_starter *starter);

/*
 * Connects. The one call that waits: for the starter, which connects without waiting but may just be
 * starting a QEMU, and at most 5 s. False: errno, that of connect(2): ENOENT and ECONNREFUSED if nobody
 * listens, EAGAIN if somebody does but is busy; ETIMEDOUT if the starter is, EPIPE if it is gone.
 */
bool starter_connect(
    struct ph_starter *starter, enum ph_starter_peer peer, struct ph_starter_link *link);

#endif
