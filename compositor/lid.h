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

/* Whether such a connector is, as a rule, that of the panel under a lid. */
bool lid_covers_connector(const char *connector);

/*
 * Whether that one of the monitors is to be off now. name: what session.scfg says of
 * the lid, NULL or "auto": the connector tells; "off": no monitor ever is.
 */
bool lid_takes(bool closed, const char *name, const struct ph_lid_monitor *monitors, size_t count,
    size_t index);

#endif
