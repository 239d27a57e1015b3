// SPDX-License-Identifier: MIT
#include "monitor_plan.h"

#include <string.h>

bool monitor_plan_match(const char *name, const struct ph_plugged *monitor)
{
	return strcmp(name, monitor->connector) == 0 || strcmp(name, monitor->identity) == 0;
}

static const struct ph_config_output *find_block(
    const struct ph_config_output *outputs, size_t count, const struct ph_plugged *monitor)
{
	for (size_t i = 0; i < count; i++) {
		if (monitor_plan_match(outputs[i].name, monitor)) {
			return &outputs[i];
		}
	}
	return NULL;
}

/* The nth name in a layout, NULL when there are not so many. */
static const char *nth_name(const struct ph_config_layout *layout, size_t n)
{
	if (n < layout->count) {
		return layout->places[n].output;
	}
	n -= layout->count;
	return n < layout->output_count ? layout->outputs[n].name : NULL;
}

static bool is_named(const struct ph_config_layout *layout, const struct ph_plugged *monitor)
{
	const char *name;

	for (size_t i = 0; (name = nth_name(layout, i)); i++) {
		if (monitor_plan_match(name, monitor)) {
			return true;
		}
	}
	return false;
}

bool monitor_plan_fits(const struct ph_config *config, const struct ph_config_layout *layout,
    const struct ph_plugged *monitors, size_t count)
{
	const char *name;

	for (size_t i = 0; (name = nth_name(layout, i)); i++) {
		size_t at = 0;
		while (at < count && !monitor_plan_match(name, &monitors[at])) {
			at++;
		}
		if (at == count) {
			return false;
		}
	}
	for (size_t i = 0; i < count; i++) {
		const struct ph_config_output *block =
		    find_block(config->outputs, config->output_count, &monitors[i]);
		if (!(block && block->off) && !is_named(layout, &monitors[i])) {
			return false;
		}
	}
	return true;
}

/* The block of that monitor in the first layout with such blocks that is for these monitors. */
static const struct ph_config_output *find_in_layouts(const struct ph_config *layouts,
    const struct ph_config *config, const struct ph_plugged *monitors, size_t count, size_t which)
{
	for (size_t i = 0; i < layouts->layout_count; i++) {
		const struct ph_config_layout *layout = &layouts->layouts[i];
		if (layout->output_count > 0 && monitor_plan_fits(config, layout, monitors, count)) {
			return find_block(layout->outputs, layout->output_count, &monitors[which]);
		}
	}
	return NULL;
}

/* What a layout's block does not say. That it has one means that the monitor is on, unless it says off. */
static void fill_in(struct ph_config_output *settings, const struct ph_config_output *more)
{
	if (settings->width == 0) {
		settings->width = more->width;
		settings->height = more->height;
		settings->refresh = more->refresh;
	}
	if (settings->scale == 0) {
		settings->scale = more->scale;
	}
	if (!settings->positioned) {
		settings->positioned = more->positioned;
		settings->x = more->x;
		settings->y = more->y;
	}
	if (settings->transform < 0) {
		settings->transform = more->transform;
	}
	if (settings->adaptive_sync < 0) {
		settings->adaptive_sync = more->adaptive_sync;
	}
}

void monitor_plan_choose(const struct ph_config *config, const struct ph_config *memory,
    const struct ph_plugged *monitors, size_t count, size_t which, struct ph_plan *plan)
{
	const struct ph_config_output *always =
	    find_block(config->outputs, config->output_count, &monitors[which]);
	const struct ph_config_output *here = find_in_layouts(config, config, monitors, count, which);
	const struct ph_config_output *remembered = find_in_layouts(memory, config, monitors, count, which);

	*plan = (struct ph_plan){.source = PH_PLAN_NONE};
	if (here || always) {
		plan->source = PH_PLAN_FILE;
		plan->settings = here ? *here : *always;
		if (here && always) {
			fill_in(&plan->settings, always);
		}
	} else if (remembered) {
		plan->source = PH_PLAN_MEMORY;
		plan->settings = *remembered;
	}
}

bool monitor_plan_equal(const struct ph_plan *a, const struct ph_plan *b)
{
	const struct ph_config_output *one = &a->settings, *other = &b->settings;

	if (a->source != b->source) {
		return false;
	}
	return a->source == PH_PLAN_NONE || (one->off && other->off) ||
	       (one->off == other->off && one->width == other->width && one->height == other->height &&
		   one->refresh == other->refresh && one->scale == other->scale &&
		   one->positioned == other->positioned && one->x == other->x && one->y == other->y &&
		   one->transform == other->transform && one->adaptive_sync == other->adaptive_sync);
}
