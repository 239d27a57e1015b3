// SPDX-License-Identifier: MIT
#ifndef PH_HEAD_PICTURE_H
#define PH_HEAD_PICTURE_H

#include <stdbool.h>

struct ph_guest_head;

/* How a head's picture comes into its cell: as it is, or scaled. */

/* The guest has committed: takes in the new picture and its size. */
void head_picture_update(struct ph_guest_head *head);

/* The head's cell, or how it is to be scaled, may be another one. */
void head_picture_place(struct ph_guest_head *head);

/* Whether its last picture may be read only after a fence has been signalled. */
bool head_picture_has_fence(const struct ph_guest_head *head);

#endif
