// SPDX-License-Identifier: MIT
#include "fake_service.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

static void (*tell_line)(sd_bus *bus, char *line);

static int handle_input(sd_event_source *source, int fd, uint32_t events, void *data)
{
	char text[256] = "", *rest = text, *line;
	ssize_t got = read(fd, text, sizeof(text) - 1);

	if (got <= 0) {
		return sd_event_exit(sd_event_source_get_event(source), 0);
	}
	/* Whoever writes faster than this reads has several lines here. */
	while ((line = strsep(&rest, "\n"))) {
		if (line[0]) {
			tell_line(data, line);
		}
	}
	return 0;
}

int fake_service_run(const char *name, int (*open)(sd_bus **bus), const struct fake_object *objects,
    size_t count, void (*tell)(sd_bus *bus, char *line))
{
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	int status = sd_event_new(&event);

	tell_line = tell;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (status >= 0 && (status = open(&bus)) >= 0) {
		status = sd_bus_attach_event(bus, event, 0);
	}
	for (size_t i = 0; i < count && status >= 0; i++) {
		status = sd_bus_add_object_vtable(
		    bus, NULL, objects[i].path, objects[i].interface, objects[i].vtable, NULL);
	}
	if (status < 0 || (status = sd_bus_request_name(bus, name, 0)) < 0 ||
	    (status = sd_event_add_io(event, NULL, STDIN_FILENO, POLLIN, handle_input, bus)) < 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(-status));
		return 1;
	}
	puts("ready");
	sd_event_loop(event);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(event);
	return 0;
}
