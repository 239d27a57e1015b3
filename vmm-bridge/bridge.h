// SPDX-License-Identifier: MIT
#ifndef PH_BRIDGE_H
#define PH_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One guest's bridge, from start to end. */

/* Exit codes, see phyllome-bridge(1). */
enum ph_bridge_exit {
	PH_EXIT_OK = 0,
	PH_EXIT_STARTUP = 1, /* a step of start-up failed */
	PH_EXIT_USAGE = 2,
	PH_EXIT_TAKEN = 3, /* another bridge serves this guest */
	PH_EXIT_LOOP = 4,  /* the event loop failed */
	PH_EXIT_HELPER = 5, /* the helper process ended: to be started again */
};

struct ph_bridge_options {
	const char *guest_dir; /* absolute */
	const char *guest_id;
	const char *socket_path; /* of the compositor */
	const char *runtime;     /* the guest's run-time directory, absolute */
	const char *attach; /* QMP socket of a QEMU that runs; NULL: the run-time directory's */
	bool start;         /* without being told to */
	bool verbose;
	size_t fail_step;     /* for tests, see startup_run(); 0: none */
	uint64_t deadline_us; /* for tests; 0: the usual deadline of QMP */
};

/* Number of start-up steps. */
size_t bridge_step_count(void);

/* Runs until SIGTERM, SIGHUP or SIGINT. The log must be set up. Returns the exit code. */
int bridge_run(const struct ph_bridge_options *options);

#endif
