// SPDX-License-Identifier: MIT
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chord.h"

#define GUEST_NUMBER_MAX 999
#define BRIGHTNESS_STEP 5
#define GUEST_HEAD_MAX 16

static const struct ph_command_info commands[] = {
    {"show", PH_COMMAND_SHOW, PH_ARGUMENT_NUMBER, GUEST_NUMBER_MAX,
	"Show the guest with that number, and start it if it is off"},
    {"show-here", PH_COMMAND_SHOW_HERE, PH_ARGUMENT_NUMBER, GUEST_NUMBER_MAX,
	"Show that guest on this monitor only"},
    {"recent", PH_COMMAND_RECENT, PH_ARGUMENT_NONE, 0,
	"Go on to the guest that was used before this one; again, further back"},
    {"recent-back", PH_COMMAND_RECENT_BACK, PH_ARGUMENT_NONE, 0, "The other way round"},
    {"last", PH_COMMAND_LAST, PH_ARGUMENT_NONE, 0,
	"Change between this guest and the one before it"},
    {"next", PH_COMMAND_NEXT, PH_ARGUMENT_NONE, 0,
	"Show the running guest with the next number, and after the last the first"},
    {"previous", PH_COMMAND_PREVIOUS, PH_ARGUMENT_NONE, 0, "The other way round"},
    {"focus", PH_COMMAND_FOCUS, PH_ARGUMENT_DIRECTION, 0, "Use the guest on the monitor there"},
    {"move", PH_COMMAND_MOVE, PH_ARGUMENT_DIRECTION, 0,
	"Move this picture to the monitor there"},
    {"place", PH_COMMAND_PLACE, PH_ARGUMENT_PLACE, GUEST_HEAD_MAX,
	"Put a guest on that monitor, or the one of its monitors with that number"},
    {"home", PH_COMMAND_HOME, PH_ARGUMENT_NONE, 0,
	"Show the home screen: all guests, to be started and stopped"},
    {"overview", PH_COMMAND_OVERVIEW, PH_ARGUMENT_NONE, 0, "Show all guests with live pictures"},
    {"strip", PH_COMMAND_STRIP, PH_ARGUMENT_NONE, 0,
	"Show the strip until something on it is chosen; again, hide it"},
    {"split", PH_COMMAND_SPLIT, PH_ARGUMENT_NONE, 0,
	"Divide this monitor between two guests; again, back"},
    {"scale", PH_COMMAND_SCALE, PH_ARGUMENT_NONE, 0,
	"Change how the guest's picture is scaled: follow, fit, integer, sharp"},
    {"grab", PH_COMMAND_GRAB, PH_ARGUMENT_NONE, 0,
	"Give the guest every key, until Super+Escape is held for a second"},
    {"send", PH_COMMAND_SEND, PH_ARGUMENT_CHORD, 0, "Press and release these keys in the guest"},
    {"pause", PH_COMMAND_PAUSE, PH_ARGUMENT_NONE, 0, "Pause the guest; again, let it go on"},
    {"lock", PH_COMMAND_LOCK, PH_ARGUMENT_NONE, 0, "Lock the session"},
    {"logout", PH_COMMAND_LOGOUT, PH_ARGUMENT_NONE, 0, "End the session"},
    {"reload", PH_COMMAND_RELOAD, PH_ARGUMENT_NONE, 0, "Read session.scfg again"},
    {"vt", PH_COMMAND_VT, PH_ARGUMENT_NUMBER, 63, "Switch to that virtual terminal"},
    {"run", PH_COMMAND_RUN, PH_ARGUMENT_PROGRAM, 0, "Start a program of this computer"},
    {"brightness", PH_COMMAND_BRIGHTNESS, PH_ARGUMENT_STEP, 100,
	"Make this computer's own screen brighter or darker"},
    {"suspend", PH_COMMAND_SUSPEND, PH_ARGUMENT_NONE, 0, "Put the computer to sleep"},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const char *const directions[] = {
    [PH_DIRECTION_LEFT] = "left",
    [PH_DIRECTION_RIGHT] = "right",
    [PH_DIRECTION_UP] = "up",
    [PH_DIRECTION_DOWN] = "down",
};

const struct ph_command_info *command_info(size_t index)
{
	return index < COMMAND_COUNT ? &commands[index] : NULL;
}

const char *command_argument_text(enum ph_argument argument)
{
	switch (argument) {
	case PH_ARGUMENT_NONE:
		return "";
	case PH_ARGUMENT_NUMBER:
		return "N";
	case PH_ARGUMENT_DIRECTION:
		return "left|right|up|down";
	case PH_ARGUMENT_CHORD:
		return "CHORD";
	case PH_ARGUMENT_PROGRAM:
		return "PROGRAM [ARGUMENT…]";
	case PH_ARGUMENT_STEP:
		return "up|down [PERCENT]";
	case PH_ARGUMENT_PLACE:
		return "GUEST OUTPUT [HEAD]";
	}
	return "";
}

static void *must(void *memory)
{
	if (!memory) {
		abort();
	}
	return memory;
}

static char **copy_program(const char *const *words, size_t count)
{
	char **program = must(calloc(count + 1, sizeof(*program)));

	for (size_t i = 0; i < count; i++) {
		program[i] = must(strdup(words[i]));
	}
	return program;
}

/* A whole number from 1 to max, without sign and spaces. */
static bool parse_number(const char *text, unsigned max, unsigned *number)
{
	unsigned value = 0;

	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || value > max) {
			return false;
		}
		value = value * 10 + (unsigned)(*c - '0');
	}
	*number = value;
	return value >= 1 && value <= max;
}

static bool parse_direction(const char *text, enum ph_direction first, enum ph_direction *direction)
{
	for (size_t i = first; i < sizeof(directions) / sizeof(directions[0]); i++) {
		if (strcmp(directions[i], text) == 0) {
			*direction = (enum ph_direction)i;
			return true;
		}
	}
	return false;
}

/* Reads the words behind the name. False: *error may say more than "expected ...". */
static bool parse_argument(const struct ph_command_info *info, const char *const *words, size_t count,
    struct ph_command *command, char *error, size_t size)
{
	switch (info->argument) {
	case PH_ARGUMENT_NONE:
		return count == 0;
	case PH_ARGUMENT_NUMBER:
		return count == 1 && parse_number(words[0], info->max, &command->number);
	case PH_ARGUMENT_DIRECTION:
		return count == 1 && parse_direction(words[0], PH_DIRECTION_LEFT, &command->direction);
	case PH_ARGUMENT_CHORD:
		return count == 1 && chord_parse_keys(words[0], command->chord, PH_COMMAND_CHORD_MAX,
					 &command->chord_count, error, size);
	case PH_ARGUMENT_PROGRAM:
		if (count > 0 && words[0][0]) {
			command->program = copy_program(words, count);
		}
		return command->program != NULL;
	case PH_ARGUMENT_STEP:
		command->number = BRIGHTNESS_STEP;
		return count >= 1 && count <= 2 &&
		       parse_direction(words[0], PH_DIRECTION_UP, &command->direction) &&
		       (count == 1 || parse_number(words[1], info->max, &command->number));
	case PH_ARGUMENT_PLACE:
		command->number = 1;
		if (count < 2 || count > 3 || !words[0][0] || !words[1][0] ||
		    (count == 3 && !parse_number(words[2], info->max, &command->number))) {
			return false;
		}
		command->program = copy_program(words, 2);
		return true;
	}
	return false;
}

static bool refuse(const struct ph_command_info *info, const char *said, char *error, size_t size)
{
	if (said[0]) {
		snprintf(error, size, "%s: %s", info->name, said);
	} else if (info->argument == PH_ARGUMENT_NONE) {
		snprintf(error, size, "%s: takes nothing behind it", info->name);
	} else if (info->argument == PH_ARGUMENT_NUMBER) {
		snprintf(error, size, "%s: expected a whole number from 1 to %u", info->name, info->max);
	} else {
		snprintf(error, size, "%s: expected %s %s", info->name, info->name,
		    command_argument_text(info->argument));
	}
	return false;
}

bool command_parse(
    const char *const *words, size_t count, struct ph_command *command, char *error, size_t size)
{
	size_t used = 0;

	*command = (struct ph_command){0};
	for (size_t i = 0; i < COMMAND_COUNT && count > 0; i++) {
		if (strcmp(commands[i].name, words[0]) == 0) {
			char said[192] = "";
			command->kind = commands[i].kind;
			if (parse_argument(
				&commands[i], words + 1, count - 1, command, said, sizeof(said))) {
				return true;
			}
			command_finish(command);
			return refuse(&commands[i], said, error, size);
		}
	}
	if (count == 0) {
		snprintf(error, size, "a command is missing, as show 3 or home");
		return false;
	}
	used = (size_t)snprintf(error, size, "'%.40s' is no command, expected one of: ", words[0]);
	for (size_t i = 0; i < COMMAND_COUNT && used < size; i++) {
		used += (size_t)snprintf(
		    error + used, size - used, "%s%s", i > 0 ? ", " : "", commands[i].name);
	}
	return false;
}

/* Appends as much of a word as fits; the text stays terminated. */
static void append(char *text, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", separator, word);
}

void command_format(const struct ph_command *command, char *text, size_t size)
{
	const struct ph_command_info *info = commands;

	if (size == 0) {
		return;
	}
	text[0] = '\0';
	while (info < commands + COMMAND_COUNT && info->kind != command->kind) {
		info++;
	}
	if (info == commands + COMMAND_COUNT) {
		return;
	}
	append(text, size, "", info->name);
	if (info->argument == PH_ARGUMENT_DIRECTION || info->argument == PH_ARGUMENT_STEP) {
		append(text, size, " ", directions[command->direction]);
	}
	if (info->argument == PH_ARGUMENT_NUMBER || info->argument == PH_ARGUMENT_STEP) {
		char number[16];
		snprintf(number, sizeof(number), "%u", command->number);
		append(text, size, " ", number);
	}
	if (command->chord_count > 0) {
		char keys[PH_COMMAND_CHORD_MAX * 20];
		chord_format_keys(command->chord, command->chord_count, keys, sizeof(keys));
		append(text, size, " ", keys);
	}
	for (char **word = command->program; word && *word; word++) {
		append(text, size, " ", *word);
	}
	if (info->argument == PH_ARGUMENT_PLACE && command->number > 1) {
		char head[16];
		snprintf(head, sizeof(head), "%u", command->number);
		append(text, size, " ", head);
	}
}

void command_copy(struct ph_command *to, const struct ph_command *from)
{
	size_t count = 0;

	*to = *from;
	if (from->program) {
		while (from->program[count]) {
			count++;
		}
		to->program = copy_program((const char *const *)from->program, count);
	}
}

void command_finish(struct ph_command *command)
{
	for (char **word = command->program; word && *word; word++) {
		free(*word);
	}
	free(command->program);
	*command = (struct ph_command){0};
}

bool command_works_locked(enum ph_command_kind kind)
{
	switch (kind) {
	case PH_COMMAND_PAUSE:
	case PH_COMMAND_LOCK:
	case PH_COMMAND_LOGOUT:
	case PH_COMMAND_RELOAD:
	case PH_COMMAND_VT:
	case PH_COMMAND_BRIGHTNESS:
	case PH_COMMAND_SUSPEND:
		return true;
	default:
		return false;
	}
}
