// SPDX-License-Identifier: MIT
#ifndef PH_QEMU_BENCH_H
#define PH_QEMU_BENCH_H

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "qemu.h"
#include "test.h"

/*
 * A QEMU held by the bridge's half of it, for tests. The QEMU is the test
 * program itself: with PH_FAKE_QEMU set it never comes to main(), but speaks
 * QMP on the socket of its command line and misbehaves as the variable says:
 *
 *	good        does all that is asked
 *	slow        good, but only after half a second
 *	silent      never greets
 *	mute        greets, then answers nothing but the negotiation
 *	busy        does nothing for a while when it is asked for its state first
 *	old         is QEMU 9.2
 *	garbage     does not speak QMP
 *	hang-up     closes all connections and lives on
 *	crash       dies by SIGKILL when it is asked for its state
 *	stubborn    does not quit
 *	no-display  has no D-Bus display
 *	agent       good, with an agent in a guest whose clock is 100 s behind; what it is told
 *	            is in agent.log in the run-time directory
 *	die:TEXT    says TEXT and exits with 1
 */

struct bench {
	sd_event *event;
	struct ph_starter *starter;
	struct ph_qemu *qemu;
	char *runtime, *guest;
	struct ph_qemu_start start;
	pid_t qemu_pid;
	int changes, displays, gone;
};

/* deadline_us as in struct ph_qemu_options. */
void bench_init(struct bench *bench, const char *mode, uint64_t deadline_us);
void bench_finish(struct bench *bench);

/* Makes starter and qemu; undoes that, as SIGKILL does it to a bridge. */
void bench_connect(struct bench *bench, uint64_t deadline_us);
void bench_disconnect(struct bench *bench);

/* Writes a guest.scfg with that emulator. */
void bench_write_config(struct bench *bench, const char *program);

void bench_start_guest(struct bench *bench);
/* Runs the loop until the state is reached; the reason must contain part. */
void bench_wait_state(struct bench *bench, enum ph_guest_state state, const char *part);
/* Runs the loop until there is no QEMU. */
void bench_wait_gone(struct bench *bench);

#endif
