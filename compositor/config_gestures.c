// SPDX-License-Identifier: MIT
#include "config_blocks.h"

#include <string.h>

/* What fingers can do without any file. */
static const struct ph_gesture_binding defaults[] = {
    {{PH_GESTURE_SWIPE_LEFT, 3}, {.kind = PH_COMMAND_NEXT}},
    {{PH_GESTURE_SWIPE_RIGHT, 3}, {.kind = PH_COMMAND_PREVIOUS}},
    {{PH_GESTURE_SWIPE_UP, 3}, {.kind = PH_COMMAND_OVERVIEW}},
    {{PH_GESTURE_HOLD, 3}, {.kind = PH_COMMAND_STRIP}},
    {{PH_GESTURE_EDGE_BOTTOM, 0}, {.kind = PH_COMMAND_STRIP}},
};

static bool is_said(const struct ph_config *config, const struct ph_gesture *gesture)
{
	for (size_t i = 0; i < config->gesture_count; i++) {
		if (config->gestures[i].gesture.kind == gesture->kind &&
		    config->gestures[i].gesture.fingers == gesture->fingers) {
			return true;
		}
	}
	return false;
}

static void add(struct ph_config *config, const struct ph_gesture_binding *binding)
{
	config->gestures =
	    config_append(config->gestures, &config->gesture_count, sizeof(*config->gestures));
	config->gestures[config->gesture_count - 1] = *binding;
}

void config_add_gestures(struct ph_config *config)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (!is_said(config, &defaults[i].gesture)) {
			add(config, &defaults[i]);
		}
	}
}

bool config_read_gesture(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	struct ph_config *config = target;
	const char *const *words = (const char *const *)d->params;
	struct ph_gesture_binding binding = {0};
	char error[PH_SESSION_CONFIG_ERROR_MAX / 2];
	size_t used = 0;

	if (!gesture_parse(words, d->params_len, &binding.gesture, &used, error, sizeof(error))) {
		return config_fail(parser, d->lineno, "gesture: %s", error);
	}
	if (is_said(config, &binding.gesture)) {
		return config_fail(
		    parser, d->lineno, "gesture: %s was given already; remove one of the lines", words[0]);
	}
	if (!config_refuse_block(parser, d)) {
		return false;
	}
	if ((d->params_len != used + 1 || strcmp(words[used], "off") != 0) &&
	    !command_parse(words + used, d->params_len - used, &binding.command, error, sizeof(error))) {
		return config_fail(parser, d->lineno, "gesture: %s", error);
	}
	add(config, &binding);
	return true;
}
