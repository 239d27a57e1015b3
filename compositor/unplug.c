// SPDX-License-Identifier: MIT
#include "unplug.h"

#include <libinput.h>
#include <libudev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wlr/backend/session.h>

#include "input_device.h"
#include "session.h"

char *unplug_find_link(struct libinput_device *handle)
{
	struct udev_device *node = libinput_device_get_udev_device(handle);
	/* eventN, inputN, and what the driver serves. */
	struct udev_device *input = node ? udev_device_get_parent(node) : NULL;
	struct udev_device *hardware = input ? udev_device_get_parent(input) : NULL;
	char *link = NULL;

	if (hardware && udev_device_get_driver(hardware) &&
	    asprintf(&link, "%s/driver", udev_device_get_syspath(hardware)) < 0) {
		abort();
	}
	udev_device_unref(node);
	return link;
}

/* The kernel has hung up, or the device is not open any more. */
static bool is_closed(const struct ph_input_device *device)
{
	struct udev_device *node = libinput_device_get_udev_device(device->handle);
	struct wlr_device *open;
	bool closed = true;

	wl_list_for_each(open, &device->session->wlr_session->devices, link) {
		if (node && open->dev == udev_device_get_devnum(node)) {
			struct pollfd state = {.fd = open->fd};
			closed = poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR));
			break;
		}
	}
	udev_device_unref(node);
	return closed;
}

enum ph_unplug unplug_look(const struct ph_input_device *device)
{
	if (is_closed(device)) {
		return PH_UNPLUG_YES;
	}
	if (!device->driver_link) {
		return PH_UNPLUG_UNKNOWN;
	}
	return access(device->driver_link, F_OK) == 0 ? PH_UNPLUG_NO : PH_UNPLUG_YES;
}
