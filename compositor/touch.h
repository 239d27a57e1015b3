// SPDX-License-Identifier: MIT
#ifndef PH_TOUCH_H
#define PH_TOUCH_H

struct ph_session;
struct wlr_touch;

/*
 * Touch screens. A finger belongs to what it came down on until it is lifted: a
 * guest, a host program, or our own screens, which act at once and want nothing
 * more of it.
 */

/* Starts to listen to the seat's cursor, through which the touch screens speak. */
void touch_init(struct ph_session *session);
/* Lets go of everything; safe on zeroed memory. */
void touch_finish(struct ph_session *session);

/* Takes in a touch screen until it is destroyed; host programs learn that there is one. */
void touch_add(struct ph_session *session, struct wlr_touch *wlr_touch);

/* The fingers that the focused guest knows of mean nothing any more. */
void touch_cancel(struct ph_session *session);

/* The finger that was kept as it came down at an edge is not for us: somebody else gets it now. */
void touch_give_edge(struct ph_session *session);

#endif
