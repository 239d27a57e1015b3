// SPDX-License-Identifier: MIT
#ifndef PH_ARRANGE_H
#define PH_ARRANGE_H

#include "placement.h"

struct ph_session;

/*
 * Brings outputs, cells, heads and the home screen in line with the placement and
 * with which outputs there are; a cell without a picture shows the home screen.
 * Tells each head what has changed for it, and gives the input to the guest in
 * the focused cell. Cheap when nothing changed; call it after any change.
 */
void arrange(struct ph_session *session);

/*
 * Monitors have come or gone, perhaps with more to follow at once (a dock): arranges
 * as soon as the events that are there are handled. Until then arrange() waits.
 */
void arrange_later(struct ph_session *session);
/* Does now what arrange_later() put off. */
void arrange_settle(struct ph_session *session);

/* The ph_placement_heads of this session; session: a struct ph_session. */
unsigned arrange_count_heads(void *session, const char *guest);

#endif
