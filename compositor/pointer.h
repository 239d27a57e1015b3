// SPDX-License-Identifier: MIT
#ifndef PH_POINTER_H
#define PH_POINTER_H

#include <stdbool.h>

struct ph_cell;
struct ph_guest_head;
struct ph_seat;
struct ph_session;

/* Starts to listen to the seat's cursor, through which the pointers speak. */
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

/* For touch.c, as fingers do the same. lx, ly: layout. */

/*
 * Whether a button or a finger is down in a guest. A drag that began there is that
 * guest's until it ends, wherever the pointer is.
 */
bool pointer_is_dragging(const struct ph_seat *seat);

/* The person's attention goes to the cell at that position, and the keyboard with it. */
void pointer_focus_at(struct ph_session *session, double lx, double ly);

/* The head of the focused guest there, and where in its picture that is; NULL: none. */
struct ph_guest_head *pointer_head_at(
    struct ph_session *session, double lx, double ly, double *px, double *py);

/* A click or tap on a cell without a picture. */
void pointer_click_home(
    struct ph_session *session, const struct ph_cell *at, double lx, double ly);

#endif
