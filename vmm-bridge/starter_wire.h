// SPDX-License-Identifier: MIT
#ifndef PH_STARTER_WIRE_H
#define PH_STARTER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu_start.h"

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
};

struct ph_starter_packet {
	uint32_t kind;                     /* enum ph_starter_kind */
	bool compositor_dmabuf, avoid_kvm; /* START */
	struct ph_monitor_names monitors;  /* START */
	bool kvm, kvm_wished, gl;          /* STARTED */
	int32_t pid, status;
	char text[PH_REASON_MAX];
};

/* The starter's side: serves fd until the other end closes. */
void starter_serve(int fd, const struct ph_qemu_start *guest);

#endif
