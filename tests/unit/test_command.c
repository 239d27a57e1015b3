// SPDX-License-Identifier: MIT
#include "command.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "chord.h"
#include "test.h"

/* Cuts text at spaces; static. */
static const char *const *split(const char *text, size_t *count)
{
	static char line[256];
	static const char *words[16];
	char *rest = NULL;

	check(strlen(text) < sizeof(line));
	memcpy(line, text, strlen(text) + 1);
	*count = 0;
	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		words[(*count)++] = word;
	}
	return words;
}

TEST(good_commands)
{
	static const struct {
		const char *text, *written; /* NULL: as it was read */
		enum ph_command_kind kind;
		unsigned number;
		enum ph_direction direction;
	} cases[] = {
	    {"show 1", NULL, PH_COMMAND_SHOW, 1, 0},
	    {"show 999", NULL, PH_COMMAND_SHOW, 999, 0},
	    {"show-here 10", NULL, PH_COMMAND_SHOW_HERE, 10, 0},
	    {"recent", NULL, PH_COMMAND_RECENT, 0, 0},
	    {"recent-back", NULL, PH_COMMAND_RECENT_BACK, 0, 0},
	    {"last", NULL, PH_COMMAND_LAST, 0, 0},
	    {"focus left", NULL, PH_COMMAND_FOCUS, 0, PH_DIRECTION_LEFT},
	    {"focus down", NULL, PH_COMMAND_FOCUS, 0, PH_DIRECTION_DOWN},
	    {"move up", NULL, PH_COMMAND_MOVE, 0, PH_DIRECTION_UP},
	    {"next", NULL, PH_COMMAND_NEXT, 0, 0},
	    {"previous", NULL, PH_COMMAND_PREVIOUS, 0, 0},
	    {"strip", NULL, PH_COMMAND_STRIP, 0, 0},
	    {"place work DP-1", NULL, PH_COMMAND_PLACE, 1, 0},
	    {"place 3 DP-1 2", NULL, PH_COMMAND_PLACE, 2, 0},
	    {"place work DP-1 1", "place work DP-1", PH_COMMAND_PLACE, 1, 0},
	    {"home", NULL, PH_COMMAND_HOME, 0, 0},
	    {"vt 63", NULL, PH_COMMAND_VT, 63, 0},
	    {"brightness up", "brightness up 5", PH_COMMAND_BRIGHTNESS, 5, PH_DIRECTION_UP},
	    {"brightness down 20", NULL, PH_COMMAND_BRIGHTNESS, 20, PH_DIRECTION_DOWN},
	    {"send Ctrl+Alt+Delete", NULL, PH_COMMAND_SEND, 0, 0},
	    {"send rightalt+f4", "send RightAlt+F4", PH_COMMAND_SEND, 0, 0},
	    {"run foot -e top", NULL, PH_COMMAND_RUN, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_command command, copy;
		char error[256] = "", text[128];
		size_t count;
		const char *const *words = split(cases[i].text, &count);

		if (!command_parse(words, count, &command, error, sizeof(error))) {
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, error);
		}
		check_int(command.kind, cases[i].kind);
		check_uint(command.number, cases[i].number);
		check_int(command.direction, cases[i].direction);
		command_copy(&copy, &command);
		command_finish(&command);
		command_format(&copy, text, sizeof(text));
		check_str(text, cases[i].written ? cases[i].written : cases[i].text);
		command_finish(&copy);
		check_int(copy.kind, PH_COMMAND_NONE);
	}
}

TEST(bad_commands)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
	    {"", "a command is missing"},
	    {"shown 1", "'shown' is no command, expected one of: show, show-here, "},
	    {"show", "show: expected a whole number from 1 to 999"},
	    {"place", "place: expected place GUEST OUTPUT [HEAD]"},
	    {"place work", "place: expected place GUEST OUTPUT [HEAD]"},
	    {"place work DP-1 0", "place: expected place GUEST OUTPUT [HEAD]"},
	    {"place work DP-1 17", "place: expected place GUEST OUTPUT [HEAD]"},
	    {"place work DP-1 1 2", "place: expected place GUEST OUTPUT [HEAD]"},
	    {"show 0", "from 1 to 999"},
	    {"show 1000", "from 1 to 999"},
	    {"show 4294967297", "from 1 to 999"},
	    {"show -1", "from 1 to 999"},
	    {"show 1 2", "from 1 to 999"},
	    {"home 1", "home: takes nothing behind it"},
	    {"focus", "focus: expected focus left|right|up|down"},
	    {"focus Left", "focus: expected"},
	    {"brightness left", "brightness: expected brightness up|down [PERCENT]"},
	    {"brightness up 0", "brightness: expected"},
	    {"send", "send: expected send CHORD"},
	    {"send Ctrl+", "send: a key is missing"},
	    {"send Ctrl+Foo", "send: 'Foo' is no key"},
	    {"send A+B+A", "names a key twice"},
	    {"send A+B+C+D+E+F+G+H+I", "more than 8 keys"},
	    {"run", "run: expected run PROGRAM"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_command command = {.kind = PH_COMMAND_HOME};
		char error[512] = "";
		size_t count;
		const char *const *words = split(cases[i].text, &count);

		check(!command_parse(words, count, &command, error, sizeof(error)));
		check_contains(error, cases[i].part);
		check_int(command.kind, PH_COMMAND_NONE);
		/* However little room there is. */
		char small[8];
		check(!command_parse(words, count, &command, small, sizeof(small)));
		check_op(strlen(small), <, 8);
	}
}

TEST(every_command_has_a_name_and_help)
{
	bool seen[64] = {false};
	size_t count = 0;

	for (const struct ph_command_info *info; (info = command_info(count)); count++) {
		check(info->name[0] && info->help[0]);
		check(info->help[strlen(info->help) - 1] != '.');
		check(!seen[info->kind]);
		seen[info->kind] = true;
		check((info->argument == PH_ARGUMENT_NUMBER || info->argument == PH_ARGUMENT_STEP ||
			  info->argument == PH_ARGUMENT_PLACE) == (info->max > 0));
	}
	check_uint(count, PH_COMMAND_SUSPEND); /* the last one; 0 is none */
}

TEST(text_is_cut_off)
{
	struct ph_command command;
	char error[64], text[12];
	const char *const words[] = {"run", "a-long-program", "argument"};

	check(command_parse(words, 3, &command, error, sizeof(error)));
	command_format(&command, text, sizeof(text));
	check_str(text, "run a-long-");
	command_finish(&command);
}

TEST(good_chords)
{
	static const struct {
		const char *text, *written;
		uint32_t modifiers, code;
		char letter;
	} cases[] = {
	    {"Super+Shift+Left", NULL, PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_LEFT, 0},
	    {"super+shift+left", "Super+Shift+Left", PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_LEFT, 0},
	    {"Shift+Super+Left", "Super+Shift+Left", PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_LEFT, 0},
	    {"Ctrl+Alt+Delete", NULL, PH_MODIFIER_CTRL | PH_MODIFIER_ALT, KEY_DELETE, 0},
	    {"Super+H", NULL, PH_MODIFIER_SUPER, KEY_H, 'h'},
	    {"Super+z", "Super+Z", PH_MODIFIER_SUPER, KEY_Z, 'z'},
	    {"Super+1", NULL, PH_MODIFIER_SUPER, KEY_1, 0},
	    {"Super+0", NULL, PH_MODIFIER_SUPER, KEY_0, 0},
	    {"Super+9", NULL, PH_MODIFIER_SUPER, KEY_9, 0},
	    {"Super+Grave", NULL, PH_MODIFIER_SUPER, KEY_GRAVE, 0},
	    {"VolumeUp", NULL, 0, KEY_VOLUMEUP, 0},
	    {"F12", NULL, 0, KEY_F12, 0},
	    {"Super+Kp5", NULL, PH_MODIFIER_SUPER, KEY_KP5, 0},
	    {"Super+Esc", "Super+Escape", PH_MODIFIER_SUPER, KEY_ESC, 0},
	    {"Super+102nd", NULL, PH_MODIFIER_SUPER, KEY_102ND, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_chord chord;
		char error[256] = "", text[PH_CHORD_TEXT_MAX];

		if (!chord_parse(cases[i].text, &chord, error, sizeof(error))) {
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, error);
		}
		check_uint(chord.modifiers, cases[i].modifiers);
		check_uint(chord.code, cases[i].code);
		check_int(chord.letter, cases[i].letter);
		chord_format(&chord, text);
		check_str(text, cases[i].written ? cases[i].written : cases[i].text);
	}
}

TEST(bad_chords)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
	    {"", "a key is missing"},
	    {"+", "a key is missing"},
	    {"Super+", "a key is missing"},
	    {"+A", "a key is missing"},
	    {"Super", "modifiers only"},
	    {"Super+Shift", "modifiers only"},
	    {"A+B", "is no chord"},
	    {"A+Super", "is no chord"},
	    {"Super+LeftCtrl", "is no chord"},
	    {"Super+Hyper+A", "'Hyper' is no key"},
	    {"Super+Aé", "is no key"},
	    {"Super + A", "is no key"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_chord chord;
		char error[256] = "";

		check(!chord_parse(cases[i].text, &chord, error, sizeof(error)));
		check_contains(error, cases[i].part);
	}
}

/* Each key that has a name is found by it, and none is longer than a chord has room for. */
TEST(names_of_keys)
{
	size_t named = 0;

	for (uint32_t code = 0; code < KEY_CNT; code++) {
		const char *name = chord_key_name(code);
		if (name) {
			check_uint(chord_key_code(name, strlen(name)), code);
			check_op(strlen(name) + sizeof("Super+Ctrl+Alt+Shift+"), <=, PH_CHORD_TEXT_MAX);
			named++;
		}
	}
	check_op(named, >, 150);
	for (char letter = 'a'; letter <= 'z'; letter++) {
		check(chord_key_code(&letter, 1) != 0);
	}
}

TEST(chords_that_are_the_same)
{
	const struct ph_chord us = {PH_MODIFIER_SUPER, KEY_Z, 'z'};
	const struct ph_chord german = {PH_MODIFIER_SUPER, KEY_Y, 'z'};
	const struct ph_chord place = {PH_MODIFIER_SUPER, KEY_Z, 0};
	const struct ph_chord other = {PH_MODIFIER_CTRL, KEY_Z, 'z'};

	check(chord_equal(&us, &german)); /* by its letter, wherever that is */
	check(!chord_equal(&us, &place));
	check(!chord_equal(&us, &other));
}
