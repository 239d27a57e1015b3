// SPDX-License-Identifier: MIT
#ifndef PH_SCREENS_H
#define PH_SCREENS_H

#include <stdbool.h>
#include <stdint.h>

struct ph_output;
struct ph_session;

/*
 * What of ours lies over the guests: the strip, the overview, the edges. The one
 * door through which the rest of the session knows them. Nothing of them exists
 * while nothing of them is shown.
 */
bool screens_init(struct ph_session *session);
void screens_finish(struct ph_session *session);

/* Brings them in line with guests and outputs; called by arrange(). */
void screens_update(struct ph_session *session);
/* That output is gone, and will be freed next: nothing may lie there any more. */
void screens_forget_output(struct ph_session *session, const struct ph_output *output);

/* Draws them anew: the theme is another one. */
void screens_redraw(struct ph_session *session);

/* Whether one of them has the pointer and the touch screens, so that no guest has. */
bool screens_have_pointer(const struct ph_session *session);
/* Whether one of them has the keyboard: then no guest has the focus. */
bool screens_have_keys(const struct ph_session *session);

/* For the one that has the pointer; lx/ly are layout coordinates. */
void screens_hover(struct ph_session *session, double lx, double ly);
void screens_press(struct ph_session *session, double lx, double ly);
void screens_scroll(struct ph_session *session, int detents);

/*
 * A key (evdev code) was pressed while no guest has the focus. Nothing happens where
 * nobody sees what it would do: without a monitor, on one that is off (also if the key
 * switches it on), under a window, and while the computer goes to sleep.
 */
void screens_key(struct ph_session *session, uint32_t code);

#endif
