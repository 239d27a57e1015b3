// SPDX-License-Identifier: MIT
#ifndef PH_INPUT_SETTINGS_H
#define PH_INPUT_SETTINGS_H

#include <stdbool.h>

#include "config.h"

struct libinput_device;

/* Whether a block "input MATCH" means that device, by its kind or its name. */
bool input_settings_match(const char *match, struct libinput_device *device);

/*
 * Sets the device to its defaults, and then to what the configuration says. What
 * the device does not have is passed over.
 */
void input_settings_apply(const struct ph_config *config, struct libinput_device *device);

/* The monitor that the device belongs to by the configuration; NULL: none. Borrowed. */
const char *input_settings_output(const struct ph_config *config, struct libinput_device *device);

#endif
