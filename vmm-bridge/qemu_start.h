// SPDX-License-Identifier: MIT
#ifndef PH_QEMU_START_H
#define PH_QEMU_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "qemu_command.h"

/*
 * Starts one QEMU: reads guest.scfg, looks at the host, makes the log, the
 * socket and the UEFI variables, forks. Blocks for some milliseconds; runs in
 * the starter.
 *
 * QEMU gets a session of its own, no pipe to us and listening sockets that
 * have a path, so that it outlives us and can be found again.
 */

#define PH_QEMU_LOG "qemu.log"
#define PH_QEMU_SOCKET "qmp.sock"
#define PH_AGENT_SOCKET "agent.sock" /* the port of the guest's agent */
#define PH_REASON_MAX 1025 /* of one line for a person, with the NUL */

struct ph_qemu_start {
	const char *guest_dir; /* absolute */
	const char *guest_id;
	const char *runtime; /* the guest's run-time directory, absolute */
	bool compositor_dmabuf;
	bool avoid_kvm;
	struct ph_monitor_names monitors;
	bool explain; /* log each option with its reason */
};

struct ph_qemu_started {
	pid_t pid; /* to be waited for by the caller */
	bool kvm, kvm_wished, gl;
	char note[PH_REASON_MAX]; /* what the guest did not get as wished; may be empty */
};

/* False: error is one line, and nothing is left running. */
bool qemu_start(
    const struct ph_qemu_start *start, struct ph_qemu_started *started, char error[PH_REASON_MAX]);

/* Writes guest, options and reasons to standard output, as qemu_start() would do it. */
bool qemu_start_explain(const struct ph_qemu_start *start, char error[PH_REASON_MAX]);

/*
 * The last line of QEMU's log without its time and program name, escaped; ""
 * if there is none. A hint follows where the line is a known one.
 */
void qemu_start_last_line(const char *runtime, char line[PH_REASON_MAX]);

#endif
