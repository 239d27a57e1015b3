// SPDX-License-Identifier: MIT
#ifndef PH_STARTER_WIRE_H
#define PH_STARTER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu_start.h"
#include "starter.h"

/* What bridge and starter say to each other, one struct in one packet. */

#define PH_TOKEN_LENGTH 64

enum ph_starter_kind {
	PH_STARTER_START, /* asked; answers: */
	PH_STARTER_STARTED,
	PH_STARTER_FAILED,
	PH_STARTER_TOKEN, /* asked and answered; text empty: text of reason instead */
	PH_STARTER_NO_TOKEN,
	PH_STARTER_LAST_LINE, /* asked and answered */
	PH_STARTER_EXITED,
	PH_STARTER_KILL, /* asked; EXITED tells, or the pidfd */
};

struct ph_starter_packet {
	uint32_t kind;                     /* enum ph_starter_kind */
	bool compositor_dmabuf, avoid_kvm; /* START */
	struct ph_monitor_names monitors;  /* START */
	bool kvm, kvm_wished, gl;          /* STARTED */
	int32_t pid, status;
	char text[PH_REASON_MAX];
};

/*
 * On a second socket, because the bridge waits for these answers: a request for a connection,
 * and beside the answer its descriptor, and QEMU's pidfd if it is one to QEMU.
 */
struct ph_starter_request {
	uint32_t serial, peer; /* peer: enum ph_starter_peer */
};

struct ph_starter_answer {
	uint32_t serial; /* of the request; older ones came too late */
	int32_t error;   /* 0, or an errno; then no descriptor comes */
	int32_t pid;     /* QEMU's; -1: another peer */
};

/* The starter's side: serves both sockets until the other end of fd closes. */
void starter_serve(int fd, int links, const struct ph_starter_options *options);

#endif
