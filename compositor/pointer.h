// SPDX-License-Identifier: MIT
#ifndef PH_POINTER_H
#define PH_POINTER_H

#include <stdbool.h>

struct ph_session;

/* Starts to listen to the seat's cursor: pointers and touch screens. */
void pointer_init(struct ph_session *session);
/* Detaches every listener; safe on zeroed memory. */
void pointer_finish(struct ph_session *session);

/* Whether all motion is the focused guest's, and the pointer stands still. */
bool pointer_captured(struct ph_session *session);

/* Releases each button and finger that the guest with the input holds. */
void pointer_release_all(struct ph_session *session);

/*
 * Shows the right pointer image for where the cursor is: the guest's, none
 * (captured, hidden by the guest), or our arrow.
 */
void pointer_refresh_image(struct ph_session *session);

/*
 * Brings the pointer into the focused cell, if it is elsewhere: else its next
 * motion would take the focus away again.
 */
void pointer_follow_focus(struct ph_session *session);

#endif
