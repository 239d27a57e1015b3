// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "fake_service.h"

/*
 * A logind on a bus of the test's own. It says on stdout what is asked of it, one
 * line each; on stdin it is told "sleep", "wake", "lock" and "unlock", what it does itself with
 * the sleep key ("key ignore"), and "restart": it was not there when the computer woke up.
 */

#define NAME "org.freedesktop.login1"

static char key_action[64] = "suspend";
static int preparing; /* between "sleep" and "wake" */

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

static int read_preparing(sd_bus *bus, const char *path, const char *interface, const char *property,
    sd_bus_message *reply, void *data, sd_bus_error *error)
{
	printf("asked for %s\n", property);
	return sd_bus_message_append(reply, "b", preparing);
}

static const sd_bus_vtable session[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("SetLockedHint", "b", "", handle_hint, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("Lock", "", 0),
    SD_BUS_SIGNAL("Unlock", "", 0),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Suspend", "b", "", handle_suspend, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Inhibit", "ssss", "h", handle_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("HandleSuspendKey", "s", read_key_action, 0, 0),
    SD_BUS_PROPERTY("PreparingForSleep", "b", read_preparing, 0, 0),
    SD_BUS_SIGNAL("PrepareForSleep", "b", 0),
    SD_BUS_VTABLE_END,
};

static void tell(sd_bus *bus, char *line)
{
	if (strncmp(line, "key ", 4) == 0) {
		snprintf(key_action, sizeof(key_action), "%s", line + 4);
		puts("done");
	} else if (strcmp(line, "lock") == 0 || strcmp(line, "unlock") == 0) {
		sd_bus_emit_signal(bus, "/org/freedesktop/login1/session/test",
		    "org.freedesktop.login1.Session", line[0] == 'l' ? "Lock" : "Unlock", NULL);
	} else if (strcmp(line, "restart") == 0) {
		preparing = 0;
		sd_bus_release_name(bus, NAME);
		sd_bus_request_name(bus, NAME, 0);
	} else {
		preparing = strcmp(line, "sleep") == 0;
		sd_bus_emit_signal(bus, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
		    "PrepareForSleep", "b", preparing);
	}
}

static const struct fake_object objects[] = {
    {"/org/freedesktop/login1", "org.freedesktop.login1.Manager", manager},
    {"/org/freedesktop/login1/session/test", "org.freedesktop.login1.Session", session},
};

int main(void)
{
	return fake_service_run(NAME, sd_bus_open_system, objects, 2, tell);
}
