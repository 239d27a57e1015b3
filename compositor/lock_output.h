// SPDX-License-Identifier: MIT
#ifndef PH_LOCK_OUTPUT_H
#define PH_LOCK_OUTPUT_H

struct ph_session;
struct wlr_session_lock_surface_v1;
struct wlr_surface;

/*
 * What a locked session shows on each output: the locker's surface, and below it a cover, with a
 * message where there is no locker. An output is blank once it has shown a frame with nothing else; when
 * all are, the locker is told. The state is in struct ph_lock.
 */

/* Brings all outputs in line with the layout; nothing if the session is not locked. */
void lock_outputs_arrange(struct ph_session *session);

/* The message or the theme is another one. */
void lock_outputs_redraw(struct ph_session *session);

/* Tells the locker when all outputs are blank, and in any case soon. */
void lock_outputs_wait_blank(struct ph_session *session);

/* A new surface of the locker's; one for an output that has one already is not shown. */
void lock_outputs_take(struct ph_session *session, struct wlr_session_lock_surface_v1 *surface);

/* The locker's surface that gets the keyboard, NULL: there is none. */
struct wlr_surface *lock_outputs_surface(struct ph_session *session);

/* The session is unlocked: nothing of the lock is left on any output. */
void lock_outputs_forget(struct ph_session *session);

/* Also where lock_init() was never called. */
void lock_outputs_finish(struct ph_session *session);

#endif
