// SPDX-License-Identifier: MIT
#include "config_blocks.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT(member) offsetof(struct ph_config_output, member)

/* Outputs */

static bool read_mode(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	struct ph_config_output *output = target;
	char part[3][16] = {"", "", "0"};
	unsigned width, height;
	double hertz;

	if (!text) {
		return false;
	}
	size_t x = strcspn(text, "x"), at = strcspn(text, "@"), all = strlen(text);
	if (x < at && x < sizeof(part[0]) && at - x <= sizeof(part[1]) && all - at < sizeof(part[2])) {
		memcpy(part[0], text, x);
		memcpy(part[1], text + x + 1, at - x - 1);
		if (at < all) {
			memcpy(part[2], text + at + 1, all - at);
			size_t unit = strlen(part[2]);
			if (unit > 2 && strcmp(part[2] + unit - 2, "Hz") == 0) {
				part[2][unit - 2] = '\0';
			}
		}
	}
	if (!config_parse_number(part[0], 1, 32767, &width) ||
	    !config_parse_number(part[1], 1, 32767, &height) ||
	    !config_parse_real(part[2], at < all ? 1 : 0, 1000, &hertz)) {
		return config_fail(parser, d->lineno,
		    "mode: '%.64s' is no mode, expected as 2560x1440 or 2560x1440@59.95Hz", text);
	}
	output->width = (int)width;
	output->height = (int)height;
	output->refresh = (int)(hertz * 1000 + 0.5);
	return config_refuse_block(parser, d);
}

static bool read_position(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config_output *output = target;
	double x, y;

	if (d->params_len != 2 || strchr(d->params[0], '.') || strchr(d->params[1], '.') ||
	    !config_parse_real(d->params[0], -100000, 100000, &x) ||
	    !config_parse_real(d->params[1], -100000, 100000, &y)) {
		return config_fail(
		    parser, d->lineno, "position: expected two whole numbers, as 1920 0");
	}
	output->positioned = true;
	output->x = (int)x;
	output->y = (int)y;
	return config_refuse_block(parser, d);
}

/* The values are those of enum wl_output_transform. */
static const struct config_word transforms[] = {{"normal", 0}, {"90", 1}, {"180", 2}, {"270", 3},
    {"flipped", 4}, {"flipped-90", 5}, {"flipped-180", 6}, {"flipped-270", 7}, {NULL}};

static const struct config_word syncs[] = {{"on", PH_ADAPTIVE_SYNC_ON}, {"off", PH_ADAPTIVE_SYNC_OFF},
    {"fullscreen", PH_ADAPTIVE_SYNC_FULLSCREEN}, {NULL}};

static const struct config_key output_keys[] = {
    {"mode", read_mode, 0},
    {"scale", config_read_real, OUTPUT(scale), .min = PH_OUTPUT_SCALE_MIN, .max = PH_OUTPUT_SCALE_MAX},
    {"position", read_position, 0},
    {"transform", config_read_word, OUTPUT(transform), transforms},
    {"adaptive-sync", config_read_word, OUTPUT(adaptive_sync), syncs},
    {"off", config_read_flag, OUTPUT(off)},
    {NULL},
};

/* Appends a block `output NAME {…}` to a list of them. */
static bool read_output(struct config_parser *parser, const struct scfg_directive *d,
    struct ph_config_output **outputs, size_t *count)
{
	const char *name = config_take_value(parser, d);

	if (!name) {
		return false;
	}
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*outputs)[i].name, name) == 0) {
			return config_fail(parser, d->lineno, "output: '%.128s' has a block already", name);
		}
	}
	*outputs = config_append(*outputs, count, sizeof(**outputs));
	struct ph_config_output *output = &(*outputs)[*count - 1];
	output->name = config_copy_text(name);
	output->transform = output->adaptive_sync = -1;
	return config_read_keys(parser, &d->children, "output", output_keys, output);
}

bool config_read_output(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config *config = target;

	return read_output(parser, d, &config->outputs, &config->output_count);
}

/* Layouts */

static const struct config_word parts[] = {{"left", PH_PART_LEFT}, {"right", PH_PART_RIGHT}, {NULL}};

/* OUTPUT [left|right], the words from first on. */
static bool read_place(struct config_parser *parser, const struct scfg_directive *d, size_t first,
    struct ph_config_layout *layout, struct ph_config_place *place)
{
	int part = PH_PART_FULL;

	if (d->params_len <= first || d->params_len > first + 2 || !d->params[first][0]) {
		return config_fail(parser, d->lineno,
		    "%s: expected %s", d->name, first == 0 ? "OUTPUT [left|right]"
							   : "GUEST [head N] on OUTPUT [left|right]");
	}
	if (d->params_len == first + 2 &&
	    !config_find_word(parser, d, d->params[first + 1], parts, &part)) {
		return false;
	}
	place->output = config_copy_text(d->params[first]);
	place->part = (enum ph_part)part;
	for (size_t i = 0; i + 1 < layout->count; i++) {
		const struct ph_config_place *other = &layout->places[i];
		if (strcmp(other->output, place->output) == 0 &&
		    (other->part == place->part || other->part == PH_PART_FULL ||
			place->part == PH_PART_FULL)) {
			return config_fail(
			    parser, d->lineno, "%s: '%.128s' shows something already", d->name,
			    place->output);
		}
	}
	return config_refuse_block(parser, d);
}

static struct ph_config_place *append_place(struct ph_config_layout *layout)
{
	layout->places = config_append(layout->places, &layout->count, sizeof(*layout->places));
	return &layout->places[layout->count - 1];
}

static bool read_show(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config_layout *layout = target;
	struct ph_config_place *place = append_place(layout);
	size_t i = 1;

	place->head = 1;
	if (d->params_len > 2 && strcmp(d->params[1], "head") == 0) {
		if (!config_parse_number(d->params[2], 1, 16, &place->head)) {
			return config_fail(parser, d->lineno,
			    "show: head '%.64s' is not a whole number from 1 to 16", d->params[2]);
		}
		i = 3;
	}
	if (d->params_len <= i || strcmp(d->params[i], "on") != 0 || !d->params[0][0]) {
		return config_fail(
		    parser, d->lineno, "show: expected GUEST [head N] on OUTPUT [left|right]");
	}
	place->guest = config_copy_text(d->params[0]);
	for (size_t other = 0; other + 1 < layout->count; other++) {
		if (layout->places[other].guest && layout->places[other].head == place->head &&
		    strcmp(layout->places[other].guest, place->guest) == 0) {
			return config_fail(parser, d->lineno,
			    "show: head %u of '%.64s' has a place already", place->head, place->guest);
		}
	}
	return read_place(parser, d, i + 1, layout, place);
}

static bool read_home(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	return read_place(parser, d, 0, target, append_place(target));
}

static bool read_layout_output(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config_layout *layout = target;

	return read_output(parser, d, &layout->outputs, &layout->output_count);
}

/* A place on a monitor that the same layout switches off would never be seen. */
static bool check_off(
    struct config_parser *parser, const struct scfg_directive *d, const struct ph_config_layout *layout)
{
	for (size_t i = 0; i < layout->output_count; i++) {
		for (size_t place = 0; layout->outputs[i].off && place < layout->count; place++) {
			if (strcmp(layout->places[place].output, layout->outputs[i].name) == 0) {
				return config_fail(parser, d->lineno,
				    "layout: '%.128s' is off in it and shows something; expected one of both",
				    layout->outputs[i].name);
			}
		}
	}
	return true;
}

static const struct config_key layout_keys[] = {
    {"show", read_show, .repeatable = true},
    {"home", read_home, .repeatable = true},
    {"output", read_layout_output, .repeatable = true},
    {NULL},
};

void config_finish_layout(struct ph_config_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		free(layout->places[i].output);
		free(layout->places[i].guest);
	}
	for (size_t i = 0; i < layout->output_count; i++) {
		free(layout->outputs[i].name);
	}
	free(layout->places);
	free(layout->outputs);
	*layout = (struct ph_config_layout){0};
}

bool config_read_layout(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config *config = target;

	if (d->params_len > 0) {
		return config_fail(parser, d->lineno, "layout: takes no value, expected a block");
	}
	config->layouts =
	    config_append(config->layouts, &config->layout_count, sizeof(*config->layouts));
	struct ph_config_layout *layout = &config->layouts[config->layout_count - 1];
	if (!config_read_keys(parser, &d->children, "layout", layout_keys, layout)) {
		return false;
	}
	if (layout->count == 0 && layout->output_count == 0) {
		return config_fail(
		    parser, d->lineno, "layout: is empty, expected lines of show, home or output");
	}
	return check_off(parser, d, layout);
}
