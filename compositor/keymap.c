// SPDX-License-Identifier: MIT
#include "keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xkb's keycodes are those of evdev and this. */
#define XKB_OFFSET 8

/* What a file of shell assignments says, as XKBLAYOUT="de". */
struct system_keymap {
	char layout[128], variant[128], options[256], model[64];
};

static void take_assignment(const char *line, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || line[length] != '=') {
		return;
	}
	const char *text = line + length + 1;
	text += *text == '"' || *text == '\'';
	snprintf(value, size, "%.*s", (int)strcspn(text, "\"'\n"), text);
}

static void read_system(const char *path, struct system_keymap *keymap)
{
	char line[512];
	FILE *file = fopen(path, "re");

	if (!file) {
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		take_assignment(line, "XKBLAYOUT", keymap->layout, sizeof(keymap->layout));
		take_assignment(line, "XKBVARIANT", keymap->variant, sizeof(keymap->variant));
		take_assignment(line, "XKBOPTIONS", keymap->options, sizeof(keymap->options));
		take_assignment(line, "XKBMODEL", keymap->model, sizeof(keymap->model));
	}
	fclose(file);
}

/* An unknown keymap is told by the caller, in one line. */
static void ignore_log(struct xkb_context *context, enum xkb_log_level level, const char *format,
    va_list arguments)
{
}

static struct xkb_keymap *compile(const struct xkb_rule_names *names, enum xkb_context_flags flags)
{
	struct xkb_context *context = xkb_context_new(flags);

	if (!context) {
		abort();
	}
	xkb_context_set_log_fn(context, ignore_log);
	struct xkb_keymap *keymap =
	    xkb_keymap_new_from_names(context, names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	xkb_context_unref(context);
	return keymap;
}

/* What is left when the system names what does not exist, its environment included. */
static struct xkb_keymap *compile_us(const struct ph_config_keymap *wanted)
{
	const struct xkb_rule_names names = {
	    .layout = "us", .options = wanted->options, .model = wanted->model};

	return compile(&names, XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
}

struct xkb_keymap *keymap_create(const struct ph_config_keymap *wanted, const char *const *system_files,
    char wrong[PH_KEYMAP_WRONG_MAX])
{
	const char *environment = getenv("XKB_DEFAULT_LAYOUT"), *source = "XKB_DEFAULT_LAYOUT";
	struct system_keymap system = {0};
	/* What is NULL, xkbcommon takes from the environment, else its own default. */
	struct xkb_rule_names names = {
	    .layout = wanted->layout,
	    .variant = wanted->variant,
	    .options = wanted->options,
	    .model = wanted->model,
	};

	wrong[0] = '\0';
	if (!names.layout && !environment) {
		for (size_t i = 0; system_files && system_files[i] && !system.layout[0]; i++) {
			source = system_files[i];
			read_system(source, &system);
		}
		if (system.layout[0]) {
			names.layout = system.layout;
			names.variant = system.variant;
			names.options = names.options ? names.options : system.options;
			names.model = names.model ? names.model
				      : system.model[0] ? system.model : NULL;
		}
	}
	struct xkb_keymap *keymap = compile(&names, XKB_CONTEXT_NO_FLAGS);
	if (!keymap && !wanted->layout) {
		const char *layout = environment ? environment : system.layout;
		snprintf(wrong, PH_KEYMAP_WRONG_MAX,
		    "%s: there is no keymap with layout '%.64s'%s%.64s; us is used. The names are in "
		    "xkeyboard-config(7)",
		    source, layout, system.variant[0] ? " and variant " : "", system.variant);
		keymap = compile_us(wanted);
	}
	return keymap;
}

void keymap_find_letters(struct xkb_keymap *keymap, uint32_t codes[26])
{
	xkb_keycode_t first = xkb_keymap_min_keycode(keymap), last = xkb_keymap_max_keycode(keymap);

	memset(codes, 0, 26 * sizeof(codes[0]));
	for (xkb_layout_index_t group = 0; group < xkb_keymap_num_layouts(keymap); group++) {
		for (xkb_keycode_t code = first; code <= last; code++) {
			const xkb_keysym_t *symbols;
			if (code < XKB_OFFSET || group >= xkb_keymap_num_layouts_for_key(keymap, code) ||
			    xkb_keymap_key_get_syms_by_level(keymap, code, group, 0, &symbols) != 1 ||
			    symbols[0] < XKB_KEY_a || symbols[0] > XKB_KEY_z) {
				continue;
			}
			uint32_t *place = &codes[symbols[0] - XKB_KEY_a];
			if (*place == 0) {
				*place = code - XKB_OFFSET;
			}
		}
	}
}
