// SPDX-License-Identifier: MIT
#ifndef PH_REAL_QEMU_H
#define PH_REAL_QEMU_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* The installed QEMU without a processor: qtest-guest is its guest. */

struct real_qemu {
	sd_event *event;
	pid_t qemu, guest;
	int qmp, to_guest, from_guest;
};

/*
 * Starts it with that -display and GPU; NULL-terminated. preload: a library,
 * or NULL. Skips the case where there is no QEMU.
 */
void real_qemu_start(
    struct real_qemu *real, sd_event *event, const char *preload, const char *const *arguments);
void real_qemu_finish(struct real_qemu *real);

/* Our end of a new display connection. */
int real_qemu_add_client(struct real_qemu *real);

/* Tells the guest a command and runs the event loop until it is done; its answer must be "ok". */
void real_qemu_tell(struct real_qemu *real, const char *command);

/* Asks QMP query-status, running the event loop; how long it took, in microseconds. */
uint64_t real_qemu_ping(struct real_qemu *real);

#endif
