// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

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

static int handle_input(sd_event_source *source, int fd, uint32_t events, void *data)
{
	char text[256] = "", *rest = text, *line;
	ssize_t got = read(fd, text, sizeof(text) - 1);

	if (got <= 0) {
		return sd_event_exit(sd_event_source_get_event(source), 0);
	}
	/* Whoever writes faster than this reads has several lines here. */
	while ((line = strsep(&rest, "\n"))) {
		tell(data, line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	int status;

	if (argc != 3) {
		return 2;
	}
	scheme = argv[1];
	contrast = argv[2];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((status = sd_event_new(&event)) < 0 || (status = sd_bus_open_user(&bus)) < 0 ||
	    (status = sd_bus_attach_event(bus, event, 0)) < 0 ||
	    (status = sd_bus_add_object_vtable(bus, NULL, PATH, SETTINGS, settings, NULL)) < 0 ||
	    (status = sd_bus_request_name(bus, "org.freedesktop.portal.Desktop", 0)) < 0 ||
	    (status = sd_event_add_io(event, NULL, STDIN_FILENO, POLLIN, handle_input, bus)) < 0) {
		fprintf(stderr, "fake_portal: %s\n", strerror(-status));
		return 1;
	}
	puts("ready");
	sd_event_loop(event);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(event);
	return 0;
}
