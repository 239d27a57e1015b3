// SPDX-License-Identifier: MIT
#include "config_blocks.h"

#include <stdlib.h>
#include <string.h>

#define INPUT(member) offsetof(struct input_block, member)

/* The keymap stands in the block of an input device, too. */
struct input_block {
	struct ph_config_input input;
	struct ph_config_keymap keymap;
};

/* Input devices */

static const struct config_word accel_profiles[] = {
    {"flat", PH_ACCEL_FLAT}, {"adaptive", PH_ACCEL_ADAPTIVE}, {NULL}};
static const struct config_word scroll_methods[] = {{"none", PH_SCROLL_NONE},
    {"two-finger", PH_SCROLL_TWO_FINGER}, {"edge", PH_SCROLL_EDGE}, {"button", PH_SCROLL_BUTTON},
    {NULL}};
static const struct config_word click_methods[] = {
    {"button-areas", PH_CLICK_AREAS}, {"clickfinger", PH_CLICK_FINGERS}, {NULL}};

static bool read_speed(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	((struct input_block *)target)->input.has_speed = true;
	return config_read_real(parser, d, key, target);
}

static const struct config_key input_keys[] = {
    {"events", config_read_setting, INPUT(input.events)},
    {"tap", config_read_setting, INPUT(input.tap)},
    {"tap-drag", config_read_setting, INPUT(input.tap_drag)},
    {"natural-scroll", config_read_setting, INPUT(input.natural_scroll)},
    {"left-handed", config_read_setting, INPUT(input.left_handed)},
    {"middle-emulation", config_read_setting, INPUT(input.middle_emulation)},
    {"dwt", config_read_setting, INPUT(input.dwt)},
    {"speed", read_speed, INPUT(input.speed), .min = -1, .max = 1},
    {"accel-profile", config_read_word, INPUT(input.accel_profile), accel_profiles},
    {"scroll-method", config_read_word, INPUT(input.scroll_method), scroll_methods},
    {"click-method", config_read_word, INPUT(input.click_method), click_methods},
    {"output", config_read_text, INPUT(input.output)},
    {"layout", config_read_text, INPUT(keymap.layout)},
    {"variant", config_read_text, INPUT(keymap.variant)},
    {"options", config_read_text, INPUT(keymap.options)},
    {"model", config_read_text, INPUT(keymap.model)},
    {NULL},
};

void config_finish_keymap(struct ph_config_keymap *keymap)
{
	free(keymap->layout);
	free(keymap->variant);
	free(keymap->options);
	free(keymap->model);
	*keymap = (struct ph_config_keymap){0};
}

void config_finish_input(struct ph_config_input *input)
{
	free(input->match);
	free(input->output);
}

bool config_read_input(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config *config = target;
	struct input_block block = {0};
	const char *match = config_take_value(parser, d);
	bool keyboard = match && strcmp(match, "keyboard") == 0;

	if (!match) {
		return false;
	}
	block.input.match = config_copy_text(match);
	bool ok = config_read_keys(parser, &d->children, "input", input_keys, &block);
	bool has_keymap = block.keymap.layout || block.keymap.variant || block.keymap.options ||
			  block.keymap.model;
	if (ok && has_keymap && !keyboard) {
		ok = config_fail(parser, d->lineno,
		    "input: all keyboards have one keymap: layout, variant, options and model belong "
		    "to input keyboard");
	} else if (ok && block.keymap.variant && !block.keymap.layout) {
		ok = config_fail(parser, d->lineno, "input: a variant needs a layout");
	} else if (ok && has_keymap && config->keymap.line) {
		ok = config_fail(parser, d->lineno, "input: the keymap is given twice");
	}
	if (!ok) {
		config_finish_input(&block.input);
		config_finish_keymap(&block.keymap);
		return false;
	}
	if (has_keymap) {
		config->keymap = block.keymap;
		config->keymap.line = d->lineno;
	}
	config->inputs =
	    config_append(config->inputs, &config->input_count, sizeof(*config->inputs));
	config->inputs[config->input_count - 1] = block.input;
	return true;
}
