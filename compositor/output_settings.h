// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_SETTINGS_H
#define PH_OUTPUT_SETTINGS_H

#include <stdbool.h>
#include <wlr/types/wlr_output.h>

#include "config.h"

/* Whether a monitor's name in session.scfg means that output: connector, or "MAKE MODEL SERIAL". */
bool output_settings_match(const char *name, const struct wlr_output *wlr_output);

/* The block of that output, NULL: it has none. */
const struct ph_config_output *output_settings_find(
    const struct ph_config *config, const struct wlr_output *wlr_output);

/*
 * Puts the settings into a state that is to be committed: on or off, mode, scale
 * and transform. What is not set, or all of it (settings NULL), gets what suits the
 * monitor best.
 */
void output_settings_fill(const struct ph_config_output *settings, struct wlr_output *wlr_output,
    struct wlr_output_state *state);

#endif
