// SPDX-License-Identifier: MIT
#include "config.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>

#include "config_blocks.h"

#define CONFIG(member) offsetof(struct ph_config, member)
#define GUEST(member) offsetof(struct ph_config_guest, member)

static void set_defaults(struct ph_config *config)
{
	*config = (struct ph_config){0};
	config->release = (struct ph_key_release){.code = KEY_RIGHTCTRL, .hold_ms = 2000};
	config->theme.text_scale = 1;
	config->strip.delay_ms = 300;
	config->planes = true;
	config->lock.on_sleep = true;
	config->lock.on_lid = true;
}

void config_init(struct ph_config *config)
{
	struct config_reading reading = {0};

	set_defaults(&reading.config);
	config_add_defaults(&reading);
	config_add_gestures(&reading.config);
	*config = reading.config;
}

/* Guests */

static const struct config_word scales[] = {{"follow", PH_SCALE_FOLLOW}, {"fit", PH_SCALE_FIT},
    {"integer", PH_SCALE_INTEGER}, {"sharp", PH_SCALE_SHARP}, {NULL}};

static bool read_scale(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	((struct ph_config_guest *)target)->has_scale = true;
	return config_read_word(parser, d, key, target);
}

static const struct config_key guest_keys[] = {
    {"number", config_read_number, GUEST(number), .min = 1, .max = 999},
    {"colour", config_read_colour, GUEST(colour)},
    {"edge", config_read_setting, GUEST(edge)},
    {"tearing", config_read_setting, GUEST(tearing)},
    {"scale", read_scale, GUEST(scale), scales},
    {"host-keys", config_read_guest_keys, 0},
    {NULL},
};

static bool read_guest(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config *config = target;
	const char *id = config_take_value(parser, d);

	if (!id) {
		return false;
	}
	if (config_guest(config, id)) {
		return config_fail(parser, d->lineno, "guest: '%.128s' has a block already", id);
	}
	config->guests =
	    config_append(config->guests, &config->guest_count, sizeof(*config->guests));
	struct ph_config_guest *guest = &config->guests[config->guest_count - 1];
	guest->id = config_copy_text(id);
	if (!config_read_keys(parser, &d->children, "guest", guest_keys, guest)) {
		return false;
	}
	for (size_t i = 0; i + 1 < config->guest_count; i++) {
		if (guest->number && config->guests[i].number == guest->number) {
			return config_fail(parser, d->lineno, "guest: number %u is that of '%.64s' already",
			    guest->number, config->guests[i].id);
		}
	}
	return true;
}

/* The file */

static const struct config_word schemes[] = {
    {"dark", PH_SCHEME_DARK}, {"light", PH_SCHEME_LIGHT}, {"auto", PH_SCHEME_AUTO}, {NULL}};
static const struct config_word policies[] = {
    {"click", PH_FOCUS_CLICK}, {"follow", PH_FOCUS_FOLLOW}, {NULL}};

static const struct config_key theme_keys[] = {
    {"scheme", config_read_word, CONFIG(theme.scheme), schemes},
    {"accent", config_read_colour, CONFIG(theme.accent)},
    {"font", config_read_text, CONFIG(theme.font)},
    {"text-scale", config_read_real, CONFIG(theme.text_scale), .min = 0.5, .max = 4},
    {"high-contrast", config_read_bool, CONFIG(theme.high_contrast)},
    {"cursor", config_read_text, CONFIG(theme.cursor)},
    {"cursor-size", config_read_number, CONFIG(theme.cursor_size), .min = PH_POINTER_SIZE_MIN, .max = PH_POINTER_SIZE_MAX},
    {NULL},
};
static const struct config_key strip_keys[] = {
    {"delay", config_read_number, CONFIG(strip.delay_ms), .min = 0, .max = 10000},
    {"edge", config_read_bool, CONFIG(strip.edge)},
    {NULL},
};
static const struct config_key lock_keys[] = {
    {"command", config_read_program, CONFIG(lock.command)},
    {"on-sleep", config_read_bool, CONFIG(lock.on_sleep)},
    {"on-lid", config_read_bool, CONFIG(lock.on_lid)},
    {NULL},
};
static const struct config_key idle_keys[] = {
    {"lock", config_read_number, CONFIG(idle.lock_s), .min = 0, .max = 86400},
    {"screen-off", config_read_number, CONFIG(idle.screen_off_s), .min = 0, .max = 86400},
    {NULL},
};
static const struct config_key file_keys[] = {
    {"bind", config_read_bind, .repeatable = true},
    {"unbind", config_read_unbind, .repeatable = true},
    {"release", config_read_release, 0},
    {"gesture", config_read_gesture, .repeatable = true},
    {"output", config_read_output, .repeatable = true},
    {"layout", config_read_layout, .repeatable = true},
    {"theme", config_read_block, 0, .keys = theme_keys},
    {"input", config_read_input, .repeatable = true},
    {"strip", config_read_block, 0, .keys = strip_keys},
    {"focus", config_read_word, CONFIG(focus), policies},
    {"planes", config_read_bool, CONFIG(planes)},
    {"lid", config_read_text, CONFIG(lid)},
    {"lock", config_read_block, 0, .keys = lock_keys},
    {"idle", config_read_block, 0, .keys = idle_keys},
    {"host-keys", config_read_host_keys, 0},
    {"guest", read_guest, .repeatable = true},
    {NULL},
};

bool config_parse(struct ph_config *config, const char *file, const char *text, size_t size,
    char error[PH_SESSION_CONFIG_ERROR_MAX])
{
	struct config_parser parser = {.file = file, .error = error};
	struct config_reading reading = {0};
	struct scfg_block block = {0};
	bool ok = true;

	error[0] = '\0';
	set_defaults(&reading.config);
	if (size > PH_SESSION_CONFIG_SIZE_MAX) {
		ok = config_fail(&parser, 1,
		    "the file has %zu bytes, at most %d are read; is it a session.scfg?", size,
		    PH_SESSION_CONFIG_SIZE_MAX);
	} else if (memchr(text, '\0', size)) {
		ok = config_fail(&parser, 1, "the file contains a NUL byte; it must be a text file");
	} else if (size > 0) { /* an empty file is one with all defaults */
		ok = config_read_text_block(&parser, &block, text, size);
		if (ok) {
			ok = config_read_keys(&parser, &block, "", file_keys, &reading);
			scfg_block_finish(&block);
		}
	}
	if (ok) {
		config_add_defaults(&reading);
		config_add_gestures(&reading.config);
		reading.config.path = config_copy_text(file);
	} else {
		config_finish(&reading.config);
	}
	free(reading.binding_lines);
	free(reading.unbound);
	*config = reading.config;
	return ok;
}

void config_finish(struct ph_config *config)
{
	for (size_t i = 0; i < config->binding_count; i++) {
		command_finish(&config->bindings[i].command);
	}
	for (size_t i = 0; i < config->gesture_count; i++) {
		command_finish(&config->gestures[i].command);
	}
	for (size_t i = 0; i < config->output_count; i++) {
		free(config->outputs[i].name);
	}
	for (size_t i = 0; i < config->layout_count; i++) {
		config_finish_layout(&config->layouts[i]);
	}
	for (size_t i = 0; i < config->input_count; i++) {
		config_finish_input(&config->inputs[i]);
	}
	for (size_t i = 0; i < config->guest_count; i++) {
		free(config->guests[i].id);
	}
	for (char **word = config->lock.command; word && *word; word++) {
		free(*word);
	}
	free(config->lock.command);
	free(config->theme.font);
	free(config->theme.cursor);
	config_finish_keymap(&config->keymap);
	free(config->lid);
	free(config->bindings);
	free(config->gestures);
	free(config->outputs);
	free(config->layouts);
	free(config->inputs);
	free(config->guests);
	free(config->path);
	*config = (struct ph_config){0};
}

void config_place_letters(struct ph_config *config, const uint32_t codes[26])
{
	for (size_t i = 0; i < config->binding_count; i++) {
		struct ph_chord *chord = &config->bindings[i].chord;
		if (chord->letter && codes[chord->letter - 'a']) {
			chord->code = codes[chord->letter - 'a'];
		}
	}
}

const struct ph_config_guest *config_guest(const struct ph_config *config, const char *id)
{
	for (size_t i = 0; i < config->guest_count; i++) {
		if (strcmp(config->guests[i].id, id) == 0) {
			return &config->guests[i];
		}
	}
	return NULL;
}

uint32_t config_guest_keys(const struct ph_config *config, const char *id)
{
	const struct ph_config_guest *guest = config_guest(config, id);

	if (!guest) {
		return config->guest_keys;
	}
	return (config->guest_keys & ~guest->guest_keys_set) | guest->guest_keys;
}
