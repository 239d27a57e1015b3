// SPDX-License-Identifier: MIT
#include "lid.h"

#include <string.h>

bool lid_covers_connector(const char *connector)
{
	static const char *const prefixes[] = {"eDP-", "LVDS-", "DSI-"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(connector, prefixes[i], strlen(prefixes[i])) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_covered(const char *name, const struct ph_lid_monitor *monitor)
{
	if (!name || strcmp(name, "auto") == 0) {
		return lid_covers_connector(monitor->connector);
	}
	return monitor->named;
}

bool lid_takes(bool closed, const char *name, const struct ph_lid_monitor *monitors, size_t count,
    size_t index)
{
	if (!closed || (name && strcmp(name, "off") == 0) || !is_covered(name, &monitors[index])) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (monitors[i].on && !is_covered(name, &monitors[i])) {
			return true;
		}
	}
	return false;
}
