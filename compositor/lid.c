// SPDX-License-Identifier: MIT
#include "lid.h"

#include <string.h>

void lid_added(struct ph_lid_switch *lid)
{
	/* At the start nobody has closed it: whoever logs in at a dock has it closed all the time. */
	lid->was = !lid->known || lid->closed;
	lid->fresh = lid->known = true;
	lid->closed = false;
}

void lid_settled(struct ph_lid_switch *lid)
{
	lid->fresh = false;
}

bool lid_toggled(struct ph_lid_switch *lid, bool closed)
{
	bool was = lid->fresh ? lid->was : lid->closed;

	lid->fresh = false;
	lid->known = true;
	lid->closed = closed;
	return closed && !was;
}

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
