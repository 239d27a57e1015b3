// SPDX-License-Identifier: MIT
#ifndef PH_STRIP_SCREEN_H
#define PH_STRIP_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>

#include "strip.h"

struct ph_session;
struct ph_output;
struct ph_pixmap;

/*
 * The strip on the screen: on the output that has the focus, above all guests.
 * While it is up, no input reaches a guest. Hidden, it has no memory, no scene
 * node and no timer.
 */
struct ph_strip_screen {
	bool down;                     /* Super is held */
	bool pinned;                   /* it stays without Super, and has the keys too */
	struct wl_event_source *delay; /* until it is shown; NULL: it is not waited for */
	struct wl_event_source *clock; /* of the next minute; NULL: it is not shown */

	struct ph_output *output;      /* where it is shown; NULL: it is hidden, or that monitor has just gone */
	struct wlr_scene_rect *shade;  /* over the guests, below their edges */
	struct wlr_scene_tree *tree;   /* above everything */
	struct wlr_scene_buffer *node; /* in it: the picture */
	struct ph_pixmap *pixmap;      /* its picture; ours while it is shown */
	struct ph_strip_layout layout; /* of that picture */
	uint64_t *sums;                /* of its parts; owned */
	size_t first;                  /* where the guests begin, SIZE_MAX: around the focused one */
	struct ph_strip_hit hover;
};

/* Hides the strip and forgets its timers; safe on zeroed memory. */
void strip_finish(struct ph_session *session);

/* Super went down (and nothing else has been done with it yet), or up. */
void strip_super(struct ph_session *session, bool down);

/* Whether it is shown: then pointer and touch belong to it and not to a guest. */
bool strip_is_up(const struct ph_session *session);
void strip_show(struct ph_session *session);
void strip_hide(struct ph_session *session);

/* Shows it until something on it is chosen, or a tap elsewhere or a key ends it; again, hides it. */
void strip_toggle(struct ph_session *session);
/* Hides it if it is shown that way. */
void strip_unpin(struct ph_session *session);
/* Whether it is shown that way: then it has the keys, and no guest the focus. */
bool strip_is_pinned(const struct ph_session *session);
/* A key (evdev code) was pressed then. */
void strip_key(struct ph_session *session, uint32_t code);

/* Something that it shows may have changed: draws what did. Cheap when hidden. */
void strip_update(struct ph_session *session);

/* The theme is another one now: draws all of it again. Does nothing when hidden. */
void strip_redraw(struct ph_session *session);

/* For the pointer, while the strip is up; lx/ly are layout coordinates. */
void strip_hover(struct ph_session *session, double lx, double ly);
/* A click or a tap. */
void strip_press(struct ph_session *session, double lx, double ly);
/* The wheel; positive is down or right. */
void strip_scroll(struct ph_session *session, int detents);

#endif
