// SPDX-License-Identifier: MIT
#ifndef PH_STARTER_H
#define PH_STARTER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "qemu_start.h"

/*
 * The bridge's second process. The bridge proper reads what QEMU and through
 * it a guest wrote, so it gives up opening files and starting programs
 * (sandbox.h). The starter does these for it: it knows by itself which guest
 * it serves, and all it can be asked is to start that one, to read its token
 * and to read the last line of QEMU's log. It never sees a byte from QEMU
 * except that log. It is forked first of all and ends with the bridge; QEMU
 * outlives both.
 */

struct ph_starter;

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

/* Forks. NULL: logged. What guest points to is copied. */
struct ph_starter *starter_create(const struct ph_qemu_start *guest);

/* From now on events come. False: logged. */
bool starter_attach(struct ph_starter *starter, sd_event *event,
    const struct ph_starter_events *events, void *data);

/* NULL is allowed. The process ends by itself; a QEMU goes on. */
void starter_destroy(struct ph_starter *starter);

void starter_start(struct ph_starter *starter, bool compositor_dmabuf, bool avoid_kvm,
    const struct ph_monitor_names *monitors);
void starter_read_token(struct ph_starter *starter);
void starter_read_last_line(struct ph_starter *starter);

#endif
