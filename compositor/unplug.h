// SPDX-License-Identifier: MIT
#ifndef PH_UNPLUG_H
#define PH_UNPLUG_H

struct libinput_device;
struct ph_input_device;

/*
 * Whether a device is being pulled out. The kernel releases what is held on it first,
 * as if by hand; that it is gone a reader hears only when everything in the kernel has
 * let go of it, which takes up to a tenth of a second.
 *
 * But before any of that the kernel takes the link "driver" out of the hardware's
 * folder in /sys (driver_sysfs_remove(), before a driver's remove()): a release with
 * the link still there was a hand's. A device made by a program (uinput) has no driver,
 * and tells nothing.
 */
enum ph_unplug {
	PH_UNPLUG_NO,
	PH_UNPLUG_YES,
	PH_UNPLUG_UNKNOWN, /* no: or it will be known soon */
};

/*
 * The path of that link, to be asked for when the device comes; NULL: it has none. The
 * caller frees it.
 */
char *unplug_find_link(struct libinput_device *handle);

/* Asks /sys and the open device, now. */
enum ph_unplug unplug_look(const struct ph_input_device *device);

#endif
