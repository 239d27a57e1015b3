// SPDX-License-Identifier: MIT
#ifndef PH_QEMU_H
#define PH_QEMU_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "bridge_state.h"
#include "qemu_start.h"
#include "starter.h"

/*
 * One guest's QEMU as the bridge holds it: started through the starter or
 * attached to, commanded and watched over QMP, ended. Waits for nobody but the starter.
 */

/* Below this the D-Bus display loses pictures of guests with blobs (no ScanoutDMABUF2). */
#define PH_QEMU_MAJOR_MIN 10
#define PH_QEMU_MINOR_MIN 1

struct ph_qemu;

/* No member may be NULL. None may destroy the qemu. */
struct ph_qemu_events {
	/* qemu_state() has changed set. */
	void (*changed)(void *data);
	/* QEMU took the other end of fd as its display client. The receiver's. */
	void (*display)(void *data, int fd);
	/* There is no QEMU any more (another may be on its way). */
	void (*gone)(void *data);
};

struct ph_qemu_options {
	const char *runtime;  /* the guest's run-time directory; kept, not copied */
	uint64_t deadline_us; /* 0: PH_QMP_DEADLINE_US */
};

/* Borrows starter, whose events are to be handed to the functions below. */
struct ph_qemu *qemu_create(sd_event *event, struct ph_starter *starter,
    const struct ph_qemu_options *options, const struct ph_qemu_events *events, void *data);

/* Lets QEMU run on. NULL is allowed. */
void qemu_destroy(struct ph_qemu *qemu);

/* changed is the caller's to clear. */
struct ph_bridge_state *qemu_state(struct ph_qemu *qemu);

/* Whether there is a QEMU, or one is being started. */
bool qemu_is_there(const struct ph_qemu *qemu);

/*
 * Takes over a QEMU that runs, if one does: the guest's own, or a foreign one (PH_PEER_ATTACH). False:
 * none does, or it was logged.
 */
bool qemu_attach(struct ph_qemu *qemu, bool foreign);

/* A person's wish. compositor_dmabuf counts for a start. */
void qemu_act(struct ph_qemu *qemu, enum ph_guest_action action, bool compositor_dmabuf);

/*
 * The session ends: none is started from now on, and one that was left alone because it did not answer
 * is taken over once more.
 */
void qemu_begin_end(struct ph_qemu *qemu);

/* What a head's monitor is called; counts for the next start. */
void qemu_name_monitor(struct ph_qemu *qemu, uint32_t console, const char *name);

/* Asks for a display connection again, if QEMU is ready; display() follows. */
void qemu_open_display(struct ph_qemu *qemu);

/* What the starter says. pidfd is taken. */
void qemu_handle_started(struct ph_qemu *qemu, const struct ph_qemu_started *started, int pidfd);
void qemu_handle_failed(struct ph_qemu *qemu, const char *reason);
void qemu_handle_exited(struct ph_qemu *qemu, int status, const char *last_line);
void qemu_handle_last_line(struct ph_qemu *qemu, const char *last_line);
void qemu_handle_starter_gone(struct ph_qemu *qemu);

#endif
