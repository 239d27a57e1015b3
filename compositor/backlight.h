// SPDX-License-Identifier: MIT
#ifndef PH_BACKLIGHT_H
#define PH_BACKLIGHT_H

#include <stdbool.h>

/* The light behind this computer's own screen, as the kernel tells it. */
struct ph_backlight {
	char name[64];     /* in the directory */
	unsigned now, max; /* in steps of its own; max at least 1 */
};

/*
 * Finds the backlight in a directory like /sys/class/backlight: of several the one
 * that the firmware offers, then the platform's, then a raw one. False: there is none.
 */
bool backlight_find(const char *directory, struct ph_backlight *backlight);

/* The value that is percent of all brighter or darker, never quite dark. Pure. */
unsigned backlight_step(const struct ph_backlight *backlight, unsigned percent, bool up);

#endif
