// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_service.h"

/*
 * A settings portal on a user bus of the test's own: fake-portal SCHEME CONTRAST. It
 * says "asked" on stdout when it is asked; on stdin it is told "color-scheme N" or
 * "contrast N". A SCHEME that is a word is answered as such, which is not what the
 * interface says; "silent" is never answered.
 */

#define PATH "/org/freedesktop/portal/desktop"
#define SETTINGS "org.freedesktop.portal.Settings"
#define NAMESPACE "org.freedesktop.appearance"

static const char *scheme, *contrast;

static int handle_read_all(sd_bus_message *message, void *data, sd_bus_error *error)
{
	char *end;
	unsigned value = (unsigned)strtoul(scheme, &end, 10);

	puts("asked");
	if (strcmp(scheme, "silent") == 0) {
		return 1;
	}
	if (end == scheme) {
		return sd_bus_reply_method_return(message, "a{sa{sv}}", 2, "org.example", 1,
		    "color-scheme", "u", 2, NAMESPACE, 2, "color-scheme", "s", scheme,
		    "accent-color", "(ddd)", 0.5, 0.5, 0.5);
	}
	return sd_bus_reply_method_return(message, "a{sa{sv}}", 2, "org.example", 1, "color-scheme",
	    "u", 1, NAMESPACE, 3, "accent-color", "(ddd)", 0.5, 0.5, 0.5, "color-scheme", "u",
	    value, "contrast", "u", (unsigned)strtoul(contrast, NULL, 10));
}

static const sd_bus_vtable settings[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ReadAll", "as", "a{sa{sv}}", handle_read_all, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("SettingChanged", "ssv", 0),
    SD_BUS_VTABLE_END,
};

static void tell(sd_bus *bus, char *line)
{
	char *value = strchr(line, ' ');

	if (value) {
		*value++ = '\0';
		sd_bus_emit_signal(bus, PATH, SETTINGS, "SettingChanged", "ssv", "org.example", line, "u", 0);
		sd_bus_emit_signal(bus, PATH, SETTINGS, "SettingChanged", "ssv", NAMESPACE, line, "u",
		    (unsigned)strtoul(value, NULL, 10));
	}
}

static const struct fake_object object = {PATH, SETTINGS, settings};

int main(int argc, char **argv)
{
	if (argc != 3) {
		return 2;
	}
	scheme = argv[1];
	contrast = argv[2];
	return fake_service_run("org.freedesktop.portal.Desktop", sd_bus_open_user, &object, 1, tell);
}
