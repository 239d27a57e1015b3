// SPDX-License-Identifier: MIT
#ifndef PH_ARRANGE_H
#define PH_ARRANGE_H

struct ph_session;

/*
 * Brings outputs, heads and the home screen in line with which guest is shown
 * and which outputs there are: head n of the shown guest is on output n, an
 * output without a picture shows the home screen. Tells each head what has
 * changed for it. Cheap when nothing did; call it after any change.
 */
void arrange(struct ph_session *session);

#endif
