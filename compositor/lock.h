// SPDX-License-Identifier: MIT
#ifndef PH_LOCK_H
#define PH_LOCK_H

#include <stdbool.h>
#include <sys/types.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_session_lock_v1.h>

struct ph_session;

/*
 * The session lock (ext-session-lock-v1). While it is locked no guest gets an
 * event and nothing but the locker's surfaces is on any output. It stays
 * locked when the locker dies, and when the compositor dies and is started
 * again: a file in the run-time directory says so.
 */
struct ph_lock {
	struct wlr_session_lock_manager_v1 *manager;
	struct wlr_session_lock_v1 *current; /* the locker's, NULL: there is none */
	bool locked;
	bool told;              /* the locker knows that every output is blank */
	char problem[512];      /* why no locker asks for the password; "" */
	struct wl_list outputs; /* ph_lock_output.link, of lock_output.c */
	struct wl_event_source *deadline; /* for outputs to be blank, NULL: not made yet */
	pid_t locker;           /* the program that we started, 0: none */
	pid_t dropped;          /* one that we have killed, and is not gone yet; 0: none */
	bool spent;             /* it has had its time: the next one does not wait for it */
	bool demanded;          /* the session locks whether or not the locker does */
	struct wl_event_source *patience; /* for the locker to lock, NULL: not made yet */

	struct wl_listener new_lock;
	struct wl_listener new_surface;
	struct wl_listener unlock;
	struct wl_listener lock_destroy;
};

/* Offers the protocol. Locked at once if the compositor died locked. False: logged. */
bool lock_init(struct ph_session *session);
void lock_finish(struct ph_session *session);

/*
 * A person wants to lock. Starts the locker: PHYLLOME_LOCKER, else that of session.scfg, else "swaylock -f". Nothing
 * happens if one holds the lock. The session is locked once the locker has asked for
 * it. If it does not, or cannot be started, that is logged and said on the screen,
 * and the session is not locked.
 */
void lock_run(struct ph_session *session);

/*
 * As lock_run(), where nobody may be looking: before sleep, by the lid, idle. If the locker
 * does not lock the session, we do, and the screen says how to get in again.
 */
void lock_demand(struct ph_session *session);

/* There is no time to wait for the locker. It may take over later. */
void lock_force(struct ph_session *session);

/* loginctl unlock-session: the way back where no locker asks for the password. A locker's lock stays. */
void lock_release(struct ph_session *session);

bool lock_is_locked(const struct ph_session *session);
/* Whether it is locked and each output has shown its first blank frame. */
bool lock_is_complete(const struct ph_session *session);

/* A person asks for the password prompt of a locked session whose locker has died. */
void lock_ask_again(struct ph_session *session);

/* Takes note of an ended child; true if it was the locker. */
bool lock_reap(struct ph_session *session);

#endif
