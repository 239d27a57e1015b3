// SPDX-License-Identifier: MIT
#ifndef PH_LID_H
#define PH_LID_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A portable computer whose lid is closed shows nothing on its own panel, if there
 * is another monitor to show it on. Pure: the policy; outputs.h carries it out.
 */

struct ph_lid_monitor {
	const char *connector; /* as "eDP-1" */
	bool named;            /* session.scfg says that it is the one under the lid */
	bool on;               /* used, or it would be with the lid open */
};

/* What is known of the lid itself. Zeroed: nothing, and it is taken to be open. */
struct ph_lid_switch {
	bool closed;
	bool known; /* its switch has been here: closed is what was seen last */
	bool fresh; /* the switch has just come; a lid that is closed says so next, as if it closed now */
	bool was;   /* while fresh: closed when the switch was here last */
};

/* The switch is there, at the start or after somebody was on another virtual terminal. */
void lid_added(struct ph_lid_switch *lid);

/* What has not been said by now happens from now on. */
void lid_settled(struct ph_lid_switch *lid);

/*
 * The switch says what it is. Returns whether the lid has been closed: since it was seen
 * last, and not before the session was there to see it.
 */
bool lid_toggled(struct ph_lid_switch *lid, bool closed);

/* Whether such a connector is, as a rule, that of the panel under a lid. */
bool lid_covers_connector(const char *connector);

/*
 * Whether that one of the monitors is to be off now. name: what session.scfg says of
 * the lid, NULL or "auto": the connector tells; "off": no monitor ever is.
 */
bool lid_takes(bool closed, const char *name, const struct ph_lid_monitor *monitors, size_t count,
    size_t index);

#endif
