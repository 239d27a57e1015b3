// SPDX-License-Identifier: MIT
#include "output_settings.h"

#include <stdlib.h>
#include <string.h>

#include <wlr/util/log.h>

#include "layout.h"
#include "placement.h"

bool output_settings_match(const char *name, const struct wlr_output *wlr_output)
{
	char identity[PH_PLACEMENT_IDENTITY_SIZE];

	if (strcmp(name, wlr_output->name) == 0) {
		return true;
	}
	placement_identify(wlr_output->make, wlr_output->model, wlr_output->serial, wlr_output->name,
	    false, identity);
	return strcmp(name, identity) == 0;
}

const struct ph_config_output *output_settings_find(
    const struct ph_config *config, const struct wlr_output *wlr_output)
{
	for (size_t i = 0; i < config->output_count; i++) {
		if (output_settings_match(config->outputs[i].name, wlr_output)) {
			return &config->outputs[i];
		}
	}
	return NULL;
}

/* A monitor may say 59.94 Hz and its owner 60, but not 60 and 50. In mHz. */
#define NEAR_REFRESH 1000

/* The monitor's own mode that fits best; NULL: it has none of that size. */
static struct wlr_output_mode *find_mode(
    const struct ph_config_output *settings, const struct wlr_output *wlr_output)
{
	struct wlr_output_mode *mode, *best = NULL;

	wl_list_for_each (mode, &wlr_output->modes, link) {
		if (mode->width != settings->width || mode->height != settings->height) {
			continue;
		}
		if (!best) {
			best = mode;
		} else if (settings->refresh == 0 ? mode->refresh > best->refresh
						  : abs(mode->refresh - settings->refresh) <
							abs(best->refresh - settings->refresh)) {
			best = mode;
		}
	}
	if (best && settings->refresh != 0 && abs(best->refresh - settings->refresh) > NEAR_REFRESH) {
		wlr_log(WLR_INFO, "output %s: it has no mode %dx%d with %.2f Hz; taking its own with %.2f Hz",
		    wlr_output->name, best->width, best->height, settings->refresh / 1000.0,
		    best->refresh / 1000.0);
	}
	return best;
}

void output_settings_fill(const struct ph_config_output *settings, struct wlr_output *wlr_output,
    struct wlr_output_state *state)
{
	struct wlr_output_mode *mode = wlr_output_preferred_mode(wlr_output);
	int width = wlr_output->width, height = wlr_output->height;

	if (settings && settings->off) {
		wlr_output_state_set_enabled(state, false);
		return;
	}
	wlr_output_state_set_enabled(state, true);
	if (settings && settings->width > 0) {
		mode = find_mode(settings, wlr_output);
	}
	if (mode) {
		width = mode->width;
		height = mode->height;
		wlr_output_state_set_mode(state, mode);
	} else if (settings && settings->width > 0) {
		/* Not one of its own; a window or a picture without a monitor has any. */
		width = settings->width;
		height = settings->height;
		wlr_output_state_set_custom_mode(state, width, height, settings->refresh);
	}
	double scale = settings ? settings->scale : 0;
	wlr_output_state_set_scale(state,
	    (float)(scale > 0 ? scale
			      : layout_scale(width, height, wlr_output->phys_width,
				    wlr_output->phys_height)));
	wlr_output_state_set_transform(state,
	    settings && settings->transform >= 0 ? (enum wl_output_transform)settings->transform
						 : WL_OUTPUT_TRANSFORM_NORMAL);
}
