// SPDX-License-Identifier: MIT
#ifndef PH_GESTURES_H
#define PH_GESTURES_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "gesture.h"

struct ph_session;

/*
 * Gestures (gesture.h) on the touchpads and at the edges of the touch screens:
 * what they are bound to in session.scfg is done.
 */
struct ph_gestures {
	struct ph_swipe swipe;
	unsigned resting;                 /* fingers that may become a hold, 0: none */
	struct wl_event_source *hold;     /* timer, NULL: never needed yet */
	struct ph_edge_touch edge;
	struct wl_event_source *patience; /* timer: how long edge is kept; NULL: never needed yet */

	struct wl_listener swipe_begin;
	struct wl_listener swipe_update;
	struct wl_listener swipe_end;
	struct wl_listener hold_begin;
	struct wl_listener hold_end;
};

/* Called by the seat, whose cursor is there. */
void gestures_init(struct ph_session *session);
/* Safe on zeroed memory. */
void gestures_finish(struct ph_session *session);

/*
 * A finger came down at lx, ly (layout). True: it may come in over the edge, and
 * nobody gets it until gestures_edge_motion() or touch_give_edge() says whose it is.
 */
bool gestures_edge_down(struct ph_session *session, int32_t id, double lx, double ly);

/* That finger moved; the command of its edge was run, if that was meant (PH_EDGE_SWIPE). */
enum ph_edge_verdict gestures_edge_motion(struct ph_session *session, double lx, double ly);

#endif
