// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

/*
 * A logind on a bus of the test's own. It says on stdout what is asked of it, one
 * line each; on stdin it is told "sleep", "wake" and "lock", or what it does itself with the
 * sleep key ("key ignore").
 */

static char key_action[64] = "suspend";

static int handle_suspend(sd_bus_message *message, void *data, sd_bus_error *error)
{
	puts("suspend");
	return sd_bus_reply_method_return(message, NULL);
}

/* Whoever asks gets one end of a pipe; the other one tells when it is closed. */
static int handle_let_go(sd_event_source *source, int fd, uint32_t events, void *data)
{
	puts("let go");
	sd_event_source_unref(source);
	close(fd);
	return 0;
}

static int handle_inhibit(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *what, *who, *why, *mode;
	int ends[2];

	if (sd_bus_message_read(message, "ssss", &what, &who, &why, &mode) < 0 || pipe(ends) < 0) {
		return -EIO;
	}
	printf("inhibit %s %s\n", what, mode);
	sd_event_add_io(
	    sd_bus_get_event(sd_bus_message_get_bus(message)), NULL, ends[0], POLLIN, handle_let_go, NULL);
	int status = sd_bus_reply_method_return(message, "h", ends[1]);
	close(ends[1]);
	return status;
}

static int read_key_action(sd_bus *bus, const char *path, const char *interface,
    const char *property, sd_bus_message *reply, void *data, sd_bus_error *error)
{
	printf("asked for %s\n", property);
	return sd_bus_message_append(reply, "s", key_action);
}

static int handle_hint(sd_bus_message *message, void *data, sd_bus_error *error)
{
	int locked;

	if (sd_bus_message_read(message, "b", &locked) < 0) {
		return -EIO;
	}
	printf("hint %d\n", locked);
	return sd_bus_reply_method_return(message, NULL);
}

static const sd_bus_vtable session[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("SetLockedHint", "b", "", handle_hint, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("Lock", "", 0),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Suspend", "b", "", handle_suspend, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Inhibit", "ssss", "h", handle_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("HandleSuspendKey", "s", read_key_action, 0, 0),
    SD_BUS_SIGNAL("PrepareForSleep", "b", 0),
    SD_BUS_VTABLE_END,
};

static int handle_input(sd_event_source *source, int fd, uint32_t events, void *data)
{
	char line[64] = "";
	ssize_t got = read(fd, line, sizeof(line) - 1);

	line[got > 0 ? strcspn(line, "\n") : 0] = '\0';
	if (got <= 0) {
		return sd_event_exit(sd_event_source_get_event(source), 0);
	}
	if (strncmp(line, "key ", 4) == 0) {
		snprintf(key_action, sizeof(key_action), "%s", line + 4);
		puts("done");
	} else if (strcmp(line, "lock") == 0) {
		sd_bus_emit_signal(data, "/org/freedesktop/login1/session/test",
		    "org.freedesktop.login1.Session", "Lock", NULL);
	} else {
		sd_bus_emit_signal(data, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
		    "PrepareForSleep", "b", strcmp(line, "sleep") == 0);
	}
	return 0;
}

int main(void)
{
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((status = sd_event_new(&event)) < 0 || (status = sd_bus_open_system(&bus)) < 0 ||
	    (status = sd_bus_attach_event(bus, event, 0)) < 0 ||
	    (status = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/login1",
		 "org.freedesktop.login1.Manager", manager, NULL)) < 0 ||
	    (status = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/login1/session/test",
		 "org.freedesktop.login1.Session", session, NULL)) < 0 ||
	    (status = sd_bus_request_name(bus, "org.freedesktop.login1", 0)) < 0 ||
	    (status = sd_event_add_io(event, NULL, STDIN_FILENO, POLLIN, handle_input, bus)) < 0) {
		fprintf(stderr, "fake_logind: %s\n", strerror(-status));
		return 1;
	}
	puts("ready");
	sd_event_loop(event);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(event);
	return 0;
}
