// SPDX-License-Identifier: MIT
#include "config_blocks.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a person can do without any file: a chord, and a command as in the file. */
static const char *const default_bindings[] = {
    "Super+1 show 1", "Super+2 show 2", "Super+3 show 3", "Super+4 show 4", "Super+5 show 5",
    "Super+6 show 6", "Super+7 show 7", "Super+8 show 8", "Super+9 show 9", "Super+0 show 10",
    "Super+Ctrl+1 show-here 1", "Super+Ctrl+2 show-here 2", "Super+Ctrl+3 show-here 3",
    "Super+Ctrl+4 show-here 4", "Super+Ctrl+5 show-here 5", "Super+Ctrl+6 show-here 6",
    "Super+Ctrl+7 show-here 7", "Super+Ctrl+8 show-here 8", "Super+Ctrl+9 show-here 9",
    "Super+Ctrl+0 show-here 10", "Super+Tab recent", "Super+Shift+Tab recent-back",
    "Super+Grave last", "Super+Left focus left", "Super+Right focus right", "Super+Up focus up",
    "Super+Down focus down", "Super+Shift+Left move left", "Super+Shift+Right move right",
    "Super+Shift+Up move up", "Super+Shift+Down move down", "Super+H home", "Super+O overview", "Super+Space strip",
    "Super+S split", "Super+Z scale", "Super+Escape grab", "Super+Delete send Ctrl+Alt+Delete",
    "Super+P pause", "Super+L lock", "Super+Shift+E logout", "Super+Shift+R reload",
    "BrightnessUp brightness up", "BrightnessDown brightness down",
    "VolumeUp run wpctl set-volume -l 1.0 @DEFAULT_AUDIO_SINK@ 5%+",
    "VolumeDown run wpctl set-volume @DEFAULT_AUDIO_SINK@ 5%-",
    "Mute run wpctl set-mute @DEFAULT_AUDIO_SINK@ toggle",
    "MicMute run wpctl set-mute @DEFAULT_AUDIO_SOURCE@ toggle",
    "PlayPause run playerctl play-pause", "NextSong run playerctl next",
    "PreviousSong run playerctl previous", "StopMedia run playerctl stop", "Sleep suspend",
    "Suspend suspend", "ScreenLock lock"};
#define DEFAULT_COUNT (sizeof(default_bindings) / sizeof(default_bindings[0]))
#define DEFAULT_WORDS 8

static bool add_binding(struct ph_config *config, const struct ph_chord *chord,
    const char *const *words, size_t count, char *error, size_t size)
{
	struct ph_command command;

	if (!command_parse(words, count, &command, error, size)) {
		return false;
	}
	config->bindings =
	    config_append(config->bindings, &config->binding_count, sizeof(*config->bindings));
	config->bindings[config->binding_count - 1] =
	    (struct ph_binding){.chord = *chord, .command = command};
	return true;
}

/* NULL: nothing is bound to it. */
static const struct ph_binding *find_binding(
    const struct ph_config *config, const struct ph_chord *chord)
{
	for (size_t i = 0; i < config->binding_count; i++) {
		if (chord_equal(&config->bindings[i].chord, chord)) {
			return &config->bindings[i];
		}
	}
	return NULL;
}

static bool parse_default(const char *text, struct ph_chord *chord, struct ph_config *config)
{
	char line[128], error[256];
	const char *words[DEFAULT_WORDS];
	size_t count = 0;
	char *rest = NULL;

	snprintf(line, sizeof(line), "%s", text);
	for (char *word = strtok_r(line, " ", &rest); word && count < DEFAULT_WORDS;
	    word = strtok_r(NULL, " ", &rest)) {
		words[count++] = word;
	}
	return chord_parse(words[0], chord, error, sizeof(error)) &&
	       (!config || add_binding(config, chord, words + 1, count - 1, error, sizeof(error)));
}

static bool is_unbound(const struct config_reading *reading, const struct ph_chord *chord)
{
	for (size_t i = 0; i < reading->unbound_count; i++) {
		if (chord_equal(&reading->unbound[i], chord)) {
			return true;
		}
	}
	return false;
}

/* The defaults come last: what the file binds or unbinds is not among them. */
void config_add_defaults(struct config_reading *reading)
{
	for (size_t i = 0; i < DEFAULT_COUNT; i++) {
		struct ph_chord chord;
		if (!parse_default(default_bindings[i], &chord, NULL)) {
			abort(); /* the table above is wrong */
		}
		if (!find_binding(&reading->config, &chord) && !is_unbound(reading, &chord) &&
		    !parse_default(default_bindings[i], &chord, &reading->config)) {
			abort();
		}
	}
}

static bool is_default(const struct ph_chord *chord)
{
	struct ph_chord other;

	for (size_t i = 0; i < DEFAULT_COUNT; i++) {
		if (parse_default(default_bindings[i], &other, NULL) && chord_equal(&other, chord)) {
			return true;
		}
	}
	return false;
}

/* Whether it types a character by itself, or moves one on: the numbers' block has such keys, too. */
static bool is_typing(uint32_t code)
{
	return code <= KEY_SPACE || (code >= KEY_KP7 && code <= KEY_KPDOT) || code == KEY_102ND ||
	       code == KEY_RO || code == KEY_KPENTER || code == KEY_KPSLASH || code == KEY_KPEQUAL ||
	       code == KEY_KPCOMMA || code == KEY_YEN;
}

/* Reads the chord of bind and unbind. */
static bool take_chord(
    struct config_parser *parser, const struct scfg_directive *d, struct ph_chord *chord)
{
	char error[256];
	uint32_t without_shift;

	if (d->params_len == 0) {
		return config_fail(
		    parser, d->lineno, "%s: expected a chord, as Super+Shift+Left", d->name);
	}
	if (!chord_parse(d->params[0], chord, error, sizeof(error))) {
		return config_fail(parser, d->lineno, "%s: %s", d->name, error);
	}
	without_shift = chord->modifiers & ~(uint32_t)PH_MODIFIER_SHIFT;
	if (without_shift == 0 && is_typing(chord->code)) {
		return config_fail(parser, d->lineno,
		    "%s: %s: no guest could type this key any more, expected a chord with Super, Ctrl "
		    "or Alt",
		    d->name, d->params[0]);
	}
	if (without_shift == (PH_MODIFIER_CTRL | PH_MODIFIER_ALT) &&
	    ((chord->code >= KEY_F1 && chord->code <= KEY_F10) || chord->code == KEY_F11 ||
		chord->code == KEY_F12)) {
		return config_fail(parser, d->lineno,
		    "%s: %s always switches to a virtual terminal; choose another chord", d->name,
		    d->params[0]);
	}
	return config_refuse_block(parser, d);
}

bool config_read_bind(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct config_reading *reading = target;
	struct ph_chord chord;
	char error[PH_SESSION_CONFIG_ERROR_MAX / 2];

	if (!take_chord(parser, d, &chord)) {
		return false;
	}
	const struct ph_binding *other = find_binding(&reading->config, &chord);
	if (other) {
		return config_fail(parser, d->lineno, "bind: %s is bound on line %d already",
		    d->params[0], reading->binding_lines[other - reading->config.bindings]);
	}
	if (!add_binding(&reading->config, &chord, (const char *const *)d->params + 1,
		d->params_len - 1, error, sizeof(error))) {
		return config_fail(parser, d->lineno, "bind: %s", error);
	}
	reading->binding_lines = config_append(
	    reading->binding_lines, &reading->line_count, sizeof(*reading->binding_lines));
	reading->binding_lines[reading->line_count - 1] = d->lineno;
	return true;
}

bool config_read_unbind(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct config_reading *reading = target;
	struct ph_chord chord;

	if (!take_chord(parser, d, &chord)) {
		return false;
	}
	if (d->params_len > 1) {
		return config_fail(parser, d->lineno, "unbind: expected a chord and nothing else");
	}
	if (!is_default(&chord)) {
		return config_fail(parser, d->lineno,
		    "unbind: nothing is bound to %s by default; remove this line", d->params[0]);
	}
	reading->unbound =
	    config_append(reading->unbound, &reading->unbound_count, sizeof(*reading->unbound));
	reading->unbound[reading->unbound_count - 1] = chord;
	return true;
}

bool config_read_release(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_key_release *release = &((struct config_reading *)target)->config.release;

	if (d->params_len == 1 && strcmp(d->params[0], "off") == 0) {
		*release = (struct ph_key_release){0};
		return config_refuse_block(parser, d);
	}
	if (d->params_len < 1 || d->params_len > 2) {
		return config_fail(parser, d->lineno,
		    "release: expected off, or a key and perhaps milliseconds, as RightCtrl 2000");
	}
	release->code = chord_key_code(d->params[0], strlen(d->params[0]));
	if (!release->code) {
		return config_fail(parser, d->lineno, "release: '%.64s' is no key, as RightCtrl is",
		    d->params[0]);
	}
	if (d->params_len == 2 &&
	    !config_parse_number(d->params[1], 500, 10000, &release->hold_ms)) {
		return config_fail(parser, d->lineno,
		    "release: '%.64s' is not a whole number of milliseconds from 500 to 10000",
		    d->params[1]);
	}
	return config_refuse_block(parser, d);
}

static const struct config_word owners[] = {{"host", 0}, {"guest", 1}, {NULL}};
static const struct config_word key_groups[] = {{"brightness", PH_KEYS_BRIGHTNESS},
    {"volume", PH_KEYS_VOLUME}, {"media", PH_KEYS_MEDIA}, {"sleep", PH_KEYS_SLEEP}, {NULL}};

/* Lines of GROUP host|guest, in any order; set gets the groups that are named. */
static bool read_groups(struct config_parser *parser, const struct scfg_directive *d,
    uint32_t *groups, uint32_t *set)
{
	if (d->params_len > 0) {
		return config_fail(parser, d->lineno, "%s: takes no value, expected a block", d->name);
	}
	for (size_t i = 0; i < d->children.directives_len; i++) {
		const struct scfg_directive *line = &d->children.directives[i];
		const char *value = config_take_value(parser, line);
		struct scfg_directive here = *d;
		int group, owner;
		here.lineno = line->lineno;
		if (!value || !config_find_word(parser, &here, line->name, key_groups, &group) ||
		    !config_find_word(parser, line, value, owners, &owner) ||
		    !config_refuse_block(parser, line)) {
			return false;
		}
		if (*set & (uint32_t)group) {
			return config_fail(
			    parser, line->lineno, "%s: given twice; remove one of them", line->name);
		}
		*set |= (uint32_t)group;
		*groups |= owner ? (uint32_t)group : 0;
	}
	return true;
}

bool config_read_host_keys(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	uint32_t set = 0;

	return read_groups(parser, d, &((struct ph_config *)target)->guest_keys, &set);
}

bool config_read_guest_keys(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config_guest *guest = target;

	return read_groups(parser, d, &guest->guest_keys, &guest->guest_keys_set);
}
