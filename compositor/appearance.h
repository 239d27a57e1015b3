// SPDX-License-Identifier: MIT
#ifndef PH_APPEARANCE_H
#define PH_APPEARANCE_H

#include <stdbool.h>

struct ph_session;
struct sd_bus;

/*
 * What the person prefers everywhere, by the settings portal of the user's bus
 * (org.freedesktop.appearance): light or dark, and more contrast. Asked for only
 * while the theme's scheme is "auto". Nothing here waits for an answer, and no
 * portal is started for it: where none runs, nothing is preferred.
 */
struct ph_appearance {
	struct sd_bus *bus; /* NULL: not asked for, or there is none */
	bool light;
	bool contrast;
};

/* Begins to follow the preference if the configuration wants it. Always true. control_init() must
 * have been called. */
bool appearance_init(struct ph_session *session);
/* Safe on zeroed memory. */
void appearance_finish(struct ph_session *session);

/* The configuration was read again: begins to follow the preference, or ends it. */
void appearance_apply_config(struct ph_session *session);

#endif
