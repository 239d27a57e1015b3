// SPDX-License-Identifier: MIT
#ifndef PH_POINTER_THEME_H
#define PH_POINTER_THEME_H

#include <stdbool.h>

struct ph_session;

/*
 * How the session's own pointer looks: as session.scfg's theme says, else as the
 * variables XCURSOR_THEME and XCURSOR_SIZE do (xcursor(3)), else wlroots' own, 24
 * pixels at scale 1. Programs that the session starts find both variables set so.
 */

/* Part of seat_init(). False: out of memory. */
bool pointer_theme_init(struct ph_session *session);
/* After the cursor has been destroyed, which uses it. Safe on what was never started. */
void pointer_theme_finish(struct ph_session *session);

/* ph_session.config is another one now. */
void pointer_theme_apply_config(struct ph_session *session);

#endif
