// SPDX-License-Identifier: MIT
#ifndef PH_FAKE_SERVICE_H
#define PH_FAKE_SERVICE_H

#include <stddef.h>
#include <systemd/sd-bus.h>

/* A service on a bus of the test's own, which is told what to do by lines on stdin. */

struct fake_object {
	const char *path, *interface;
	const sd_bus_vtable *vtable;
};

/*
 * Opens the bus, puts the objects on it, takes the name, says "ready" on stdout (from then on
 * by lines), and hands each line of stdin to tell(), which may change it, until that ends.
 * Returns the program's exit status; an error is told on stderr.
 */
int fake_service_run(const char *name, int (*open)(sd_bus **bus), const struct fake_object *objects,
    size_t count, void (*tell)(sd_bus *bus, char *line));

#endif
