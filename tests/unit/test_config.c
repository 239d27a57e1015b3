// SPDX-License-Identifier: MIT
#include "config.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static char error[PH_SESSION_CONFIG_ERROR_MAX];

static struct ph_config parse(const char *text)
{
	struct ph_config config;

	if (!config_parse(&config, "session.scfg", text, strlen(text), error)) {
		test_fail(__FILE__, __LINE__, "%s", error);
	}
	return config;
}

/* NULL: nothing is bound to that gesture. */
static const struct ph_command *gestured(
    const struct ph_config *config, enum ph_gesture_kind kind, unsigned fingers)
{
	return gesture_find(
	    config->gestures, config->gesture_count, &(struct ph_gesture){kind, fingers});
}

static const struct ph_command *bound(const struct ph_config *config, const char *text)
{
	struct ph_chord chord;

	check(chord_parse(text, &chord, error, sizeof(error)));
	for (size_t i = 0; i < config->binding_count; i++) {
		if (chord_equal(&config->bindings[i].chord, &chord)) {
			return &config->bindings[i].command;
		}
	}
	return NULL;
}

TEST(gestures)
{
	struct ph_config config = parse("gesture swipe-left 3 off\n"
					"gesture hold 4 home\n"
					"gesture edge-top run foot -e top\n");

	check(!gestured(&config, PH_GESTURE_SWIPE_LEFT, 3));
	check_int(gestured(&config, PH_GESTURE_SWIPE_RIGHT, 3)->kind, PH_COMMAND_PREVIOUS);
	check_int(gestured(&config, PH_GESTURE_SWIPE_UP, 3)->kind, PH_COMMAND_OVERVIEW);
	check_int(gestured(&config, PH_GESTURE_HOLD, 3)->kind, PH_COMMAND_STRIP);
	check_int(gestured(&config, PH_GESTURE_HOLD, 4)->kind, PH_COMMAND_HOME);
	check_int(gestured(&config, PH_GESTURE_EDGE_BOTTOM, 0)->kind, PH_COMMAND_STRIP);
	check_str(gestured(&config, PH_GESTURE_EDGE_TOP, 0)->program[2], "top");
	check(!gestured(&config, PH_GESTURE_SWIPE_DOWN, 3));
	config_finish(&config);
}

TEST(defaults)
{
	struct ph_config config, empty = parse("");

	config_init(&config);
	check(config.path == NULL);
	check_str(empty.path, "session.scfg");
	check_uint(config.binding_count, empty.binding_count);
	check_op(config.binding_count, ==, 55);
	check_int(bound(&config, "Super+0")->kind, PH_COMMAND_SHOW);
	check_uint(bound(&config, "Super+0")->number, 10);
	check_uint(bound(&config, "Super+Ctrl+9")->number, 9);
	check_int(bound(&config, "Super+Shift+Tab")->kind, PH_COMMAND_RECENT_BACK);
	check_int(bound(&config, "Super+Escape")->kind, PH_COMMAND_GRAB);
	check_uint(bound(&config, "Super+Delete")->chord[2], KEY_DELETE);
	check_str(bound(&config, "Mute")->program[0], "wpctl");
	check_str(bound(&config, "VolumeUp")->program[4], "@DEFAULT_AUDIO_SINK@");
	check_uint(config.release.code, KEY_RIGHTCTRL);
	check_uint(config.release.hold_ms, 2000);
	check_double(config.theme.text_scale, 1);
	check_uint(config.strip.delay_ms, 300);
	check(config.lock.on_sleep && config.lock.on_lid && !config.lock.command);
	check(config.planes);
	check_uint(config.idle.lock_s, 0);
	check_int(config.focus, PH_FOCUS_FOLLOW);
	check_uint(config_guest_keys(&config, "any"), 0);
	config_finish(&config);
	config_finish(&empty);
	config_finish(&empty);
}

/* No chord is bound twice: one of them would never be reached. */
TEST(default_chords_are_different)
{
	struct ph_config config;

	config_init(&config);
	for (size_t i = 0; i < config.binding_count; i++) {
		for (size_t j = 0; j < i; j++) {
			check(!chord_equal(&config.bindings[i].chord, &config.bindings[j].chord));
		}
	}
	config_finish(&config);
}

TEST(bindings)
{
	struct ph_config config = parse("bind Super+T run foot -e top\n"
					"bind Super+1 home\n"
					"# a comment\n"
					"unbind Super+L\n"
					"bind Ctrl+Alt+T run foot\n"
					"bind F13 show 3\n"
					"release LeftCtrl 1500\n");

	check_str(bound(&config, "Super+T")->program[2], "top");
	check(bound(&config, "Super+T")->program[3] == NULL);
	check_int(bound(&config, "Super+1")->kind, PH_COMMAND_HOME);
	check_int(bound(&config, "Super+2")->kind, PH_COMMAND_SHOW);
	check(bound(&config, "Super+L") == NULL);
	check_uint(bound(&config, "F13")->number, 3);
	check_uint(config.release.code, KEY_LEFTCTRL);
	check_uint(config.release.hold_ms, 1500);
	/* What the file says comes first: letters may end up on a key of the defaults. */
	check_str(config.bindings[0].command.program[0], "foot");
	config_finish(&config);
	config = parse("release off\n");
	check_uint(config.release.code, 0);
	config_finish(&config);
	config = parse("release F12\n");
	check_uint(config.release.hold_ms, 2000);
	config_finish(&config);
}

TEST(outputs)
{
	struct ph_config config = parse("output DP-1 {\n"
					"	mode 2560x1440@59.95Hz\n"
					"	scale 1.5\n"
					"	position -1920 0\n"
					"	transform flipped-90\n"
					"	adaptive-sync fullscreen\n"
					"}\n"
					"output \"Dell Inc. U2720Q 4K7P2\" {\n"
					"	off\n"
					"}\n"
					"output DP-2 {\n"
					"	mode 640x480\n"
					"}\n"
					"output DP-3\n");

	check_uint(config.output_count, 4);
	check_str(config.outputs[0].name, "DP-1");
	check_int(config.outputs[0].width, 2560);
	check_int(config.outputs[0].height, 1440);
	check_int(config.outputs[0].refresh, 59950);
	check_double(config.outputs[0].scale, 1.5);
	check(config.outputs[0].positioned);
	check_int(config.outputs[0].x, -1920);
	check_int(config.outputs[0].transform, 5);
	check_int(config.outputs[0].adaptive_sync, PH_ADAPTIVE_SYNC_FULLSCREEN);
	check_str(config.outputs[1].name, "Dell Inc. U2720Q 4K7P2");
	check(config.outputs[1].off);
	check_int(config.outputs[2].refresh, 0);
	check_int(config.outputs[2].transform, -1);
	check_int(config.outputs[2].adaptive_sync, -1);
	check_int(config.outputs[3].width, 0);
	config_finish(&config);
}

TEST(layouts)
{
	struct ph_config config = parse("layout {\n"
					"	show work on DP-1\n"
					"	show work head 2 on DP-2 left\n"
					"	home DP-2 right\n"
					"}\n"
					"layout {\n"
					"	show work on eDP-1\n"
					"}\n"
					"layout {\n"
					"	output DP-1 {\n"
					"		mode 1920x1080@50Hz\n"
					"		scale 1.5\n"
					"	}\n"
					"	output eDP-1 {\n"
					"		off\n"
					"	}\n"
					"}\n");

	check_uint(config.layout_count, 3);
	check_uint(config.layouts[2].count, 0);
	check_uint(config.layouts[2].output_count, 2);
	check_str(config.layouts[2].outputs[0].name, "DP-1");
	check_int(config.layouts[2].outputs[0].refresh, 50000);
	check(config.layouts[2].outputs[1].off);
	check_uint(config.layouts[0].count, 3);
	check_str(config.layouts[0].places[0].guest, "work");
	check_uint(config.layouts[0].places[0].head, 1);
	check_int(config.layouts[0].places[0].part, PH_PART_FULL);
	check_uint(config.layouts[0].places[1].head, 2);
	check_str(config.layouts[0].places[1].output, "DP-2");
	check_int(config.layouts[0].places[1].part, PH_PART_LEFT);
	check(config.layouts[0].places[2].guest == NULL);
	check_int(config.layouts[0].places[2].part, PH_PART_RIGHT);
	check_str(config.layouts[1].places[0].output, "eDP-1");
	config_finish(&config);
}

TEST(inputs)
{
	struct ph_config config = parse("input keyboard {\n"
					"	layout fr\n"
					"	options caps:escape\n"
					"}\n"
					"input touchpad {\n"
					"	tap off\n"
					"	natural-scroll on\n"
					"	speed -0.25\n"
					"	scroll-method two-finger\n"
					"	click-method clickfinger\n"
					"	dwt on\n"
					"}\n"
					"input \"Logitech M720\" {\n"
					"	left-handed on\n"
					"	accel-profile flat\n"
					"	events off\n"
					"}\n"
					"input touch {\n"
					"	output DP-2\n"
					"}\n");

	check_str(config.keymap.layout, "fr");
	check_str(config.keymap.options, "caps:escape");
	check_int(config.keymap.line, 1);
	check_uint(config.input_count, 4);
	check_int(config.inputs[1].tap, PH_SET_OFF);
	check_int(config.inputs[1].natural_scroll, PH_SET_ON);
	check_int(config.inputs[1].left_handed, PH_UNSET);
	check(config.inputs[1].has_speed);
	check_double(config.inputs[1].speed, -0.25);
	check_int(config.inputs[1].scroll_method, PH_SCROLL_TWO_FINGER);
	check_int(config.inputs[1].click_method, PH_CLICK_FINGERS);
	check_str(config.inputs[2].match, "Logitech M720");
	check_int(config.inputs[2].events, PH_SET_OFF);
	check(!config.inputs[2].has_speed);
	check_int(config.inputs[2].accel_profile, PH_ACCEL_FLAT);
	check_str(config.inputs[3].output, "DP-2");
	config_finish(&config);
}

TEST(the_rest)
{
	struct ph_config config = parse("theme {\n"
					"	scheme light\n"
					"	accent \"#Ff8000\"\n"
					"	font \"Noto Sans\"\n"
					"	text-scale 1.25\n"
					"	high-contrast on\n"
					"	cursor \"Big Arrows\"\n"
					"	cursor-size 48\n"
					"}\n"
					"strip {\n"
					"	delay 0\n"
					"	edge on\n"
					"}\n"
					"focus click\n"
					"planes off\n"
					"lock {\n"
					"	command swaylock -f -c 000000\n"
					"	on-sleep off\n"
					"	on-lid off\n"
					"}\n"
					"idle {\n"
					"	lock 300\n"
					"	screen-off 600\n"
					"}\n"
					"host-keys {\n"
					"	media guest\n"
					"	volume guest\n"
					"}\n"
					"guest games {\n"
					"	number 2\n"
					"	colour \"#000001\"\n"
					"	edge off\n"
					"	scale integer\n"
					"	tearing on\n"
					"	host-keys {\n"
					"		volume host\n"
					"		brightness guest\n"
					"	}\n"
					"}\n"
					"guest work {\n"
					"	number 1\n"
					"}\n");

	check_int(config.theme.scheme, PH_SCHEME_LIGHT);
	check_uint(config.theme.accent, 0xff8000);
	check_str(config.theme.font, "Noto Sans");
	check_double(config.theme.text_scale, 1.25);
	check(config.theme.high_contrast);
	check_str(config.theme.cursor, "Big Arrows");
	check_uint(config.theme.cursor_size, 48);
	check_uint(config.strip.delay_ms, 0);
	check(config.strip.edge);
	check_int(config.focus, PH_FOCUS_CLICK);
	check(!config.planes);
	check_str(config.lock.command[3], "000000");
	check(!config.lock.on_sleep && !config.lock.on_lid);
	check_uint(config.idle.screen_off_s, 600);
	const struct ph_config_guest *guest = config_guest(&config, "games");
	check_uint(guest->number, 2);
	check_uint(guest->colour, 1);
	check_int(guest->edge, PH_SET_OFF);
	check_int(guest->tearing, PH_SET_ON);
	check(guest->has_scale);
	check_int(guest->scale, PH_SCALE_INTEGER);
	check_uint(config_guest_keys(&config, "games"), PH_KEYS_MEDIA | PH_KEYS_BRIGHTNESS);
	check_uint(config_guest_keys(&config, "work"), PH_KEYS_MEDIA | PH_KEYS_VOLUME);
	check(!config_guest(&config, "work")->has_scale);
	check(config_guest(&config, "other") == NULL);
	config_finish(&config);
}

/* A text that is wrong, and what is said of it. */
struct refusal {
	const char *text, *said;
};

static void check_refusals(const struct refusal *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ph_config config;
		memset(&config, 0xff, sizeof(config));
		if (config_parse(&config, "f", cases[i].text, strlen(cases[i].text), error)) {
			test_fail(__FILE__, __LINE__, "accepted: %s", cases[i].text);
		}
		check_contains(error, cases[i].said);
		check(!strchr(error, '\n'));
		check(config.bindings == NULL && config.path == NULL);
	}
}

TEST(errors_name_the_line)
{
	static const struct refusal cases[] = {
	    {"foo bar\n", "f:1: foo: unknown key, expected one of: bind, unbind, release, gesture, output,"},
	    {"\nbind\n", "f:2: bind: expected a chord"},
	    {"bind Super+Foo home\n", "f:1: bind: 'Foo' is no key"},
	    {"bind Super+T\n", "f:1: bind: a command is missing"},
	    {"bind Super+T fly\n", "f:1: bind: 'fly' is no command"},
	    {"bind Super+T show 0\n", "f:1: bind: show: expected a whole number from 1 to 999"},
	    {"bind A home\n", "f:1: bind: A: no guest could type this key"},
	    {"bind Shift+Enter home\n", "no guest could type this key"},
	    {"bind Kp0 home\n", "no guest could type this key"},
	    {"bind KpDot home\n", "no guest could type this key"},
	    {"bind KpEnter home\n", "no guest could type this key"},
	    {"bind KpComma home\n", "no guest could type this key"},
	    {"bind Shift+Ro home\n", "no guest could type this key"},
	    {"bind Yen home\n", "no guest could type this key"},
	    {"bind Ctrl+Alt+F12 home\n", "f:1: bind: Ctrl+Alt+F12 always switches to a virtual terminal"},
	    {"bind Super+T home\nbind Super+t last\n", "f:2: bind: Super+t is bound on line 1 already"},
	    {"bind Super+T home {\n}\nbind Super+T home {\nx\n}\n", "f:3: bind: takes no block"},
	    {"unbind Super+T\n", "f:1: unbind: nothing is bound to Super+T by default"},
	    {"unbind Super+L lock\n", "f:1: unbind: expected a chord and nothing else"},
	    {"gesture\n", "f:1: gesture: expected swipe-left"},
	    {"gesture swipe-left 2 home\n", "f:1: gesture: swipe-left: expected how many fingers, 3 to 5"},
	    {"gesture edge-top\n", "f:1: gesture: a command is missing"},
	    {"gesture hold 3 home\ngesture hold 3 off\n", "f:2: gesture: hold was given already"},
	    {"release\n", "f:1: release: expected off, or a key"},
	    {"release Foo\n", "f:1: release: 'Foo' is no key"},
	    {"release F12 100\n", "from 500 to 10000"},
	    {"release F12\nrelease off\n", "f:2: release: given twice"},
	    {"output\n", "f:1: output: 0 values given, expected one"},
	    {"output A {\n}\noutput A {\n}\n", "f:3: output: 'A' has a block already"},
	    {"output A {\nmode 1x\n}\n", "f:2: mode: '1x' is no mode"},
	    {"output A {\nmode 800x600@\n}\n", "f:2: mode: '800x600@' is no mode"},
	    {"output A {\nmode 800x600@0\n}\n", "is no mode"},
	    {"output A {\nmode 800*600\n}\n", "is no mode"},
	    {"output A {\nscale 0.1\n}\n", "f:2: scale: '0.1' is not a number from 0.25 to 8"},
	    {"output A {\nscale 1,5\n}\n", "f:2: scale: '1,5' is not a number"},
	    {"output A {\nposition 1.5 0\n}\n", "f:2: position: expected two whole numbers"},
	    {"output A {\noff yes\n}\n", "f:2: off: takes no value"},
	    {"output A {\ntransform 45\n}\n", "f:2: transform: unknown value '45', expected one of: normal,"},
	    {"input\n", "f:1: input: 0 values given"},
	    {"input pointer {\nlayout fr\n}\n", "f:1: input: all keyboards have one keymap"},
	    {"input keyboard {\nvariant nodeadkeys\n}\n", "f:1: input: a variant needs a layout"},
	    {"input keyboard {\nlayout fr\n}\ninput keyboard {\nlayout de\n}\n",
		"f:4: input: the keymap is given twice"},
	    {"input touchpad {\ntap yes\n}\n", "f:2: tap: unknown value 'yes', expected one of: on, off"},
	    {"input touchpad {\nspeed 2\n}\n", "f:2: speed: '2' is not a number from -1 to 1"},
	    {"theme dark\n", "f:1: theme: takes no value 'dark', expected a block"},
	    {"theme {\ncursor-size 7\n}\n", "f:2: cursor-size: '7' is not a whole number from 8 to 256"},
	    {"theme {\naccent blue\n}\n", "f:2: accent: 'blue' is no colour"},
	    {"theme {\naccent \"#12345g\"\n}\n", "is no colour"},
	    {"strip {\ndelay 0.5\n}\n", "f:2: delay: '0.5' is not a whole number from 0 to 10000"},
	    {"strip {\ndealy 5\n}\n", "f:2: dealy: unknown key in strip, expected one of: delay, edge"},
	    {"focus hover\n", "f:1: focus: unknown value 'hover'"},
	    {"lock {\ncommand\n}\n", "f:2: command: expected a program"},
	    {"idle {\nlock -1\n}\n", "f:2: lock: '-1' is not a whole number"},
	    {"host-keys {\nfoo host\n}\n", "f:2: host-keys: unknown value 'foo', expected one of: brightness,"},
	    {"host-keys {\nvolume me\n}\n", "f:2: volume: unknown value 'me', expected one of: host, guest"},
	    {"host-keys {\nvolume host\nvolume host\n}\n", "f:3: volume: given twice"},
	    {"guest a {\nnumber 0\n}\n", "f:2: number: '0' is not a whole number from 1 to 999"},
	    {"guest a {\nnumber 1\n}\nguest b {\nnumber 1\n}\n", "f:4: guest: number 1 is that of 'a' already"},
	    {"guest a {\n}\nguest a {\n}\n", "f:3: guest: 'a' has a block already"},
	    {"theme {\n", "syntax: "},
	    {"}\n", "f:1: syntax: "},
	};

	check_refusals(cases, sizeof(cases) / sizeof(cases[0]));
}

TEST(errors_in_layouts)
{
	static const struct refusal cases[] = {
	    {"layout a {\n}\n", "f:1: layout: takes no value"},
	    {"layout {\n}\n", "f:1: layout: is empty"},
	    {"layout {\noutput A {\nscale 99\n}\n}\n", "f:3: scale: '99' is not a number from 0.25 to 8"},
	    {"layout {\noutput A {\n}\noutput A {\n}\n}\n", "f:4: output: 'A' has a block already"},
	    {"layout {\noutput A {\noff\n}\nhome A\n}\n", "f:1: layout: 'A' is off in it and shows something"},
	    {"layout {\nshow a\n}\n", "f:2: show: expected GUEST [head N] on OUTPUT"},
	    {"layout {\nshow a on\n}\n", "f:2: show: expected GUEST [head N] on OUTPUT"},
	    {"layout {\nshow a on b up\n}\n", "f:2: show: unknown value 'up', expected one of: left, right"},
	    {"layout {\nshow a head 0 on b\n}\n", "f:2: show: head '0' is not"},
	    {"layout {\nshow a on b\nshow c on b left\n}\n", "f:3: show: 'b' shows something already"},
	    {"layout {\nshow a on b\nshow a on c\n}\n", "f:3: show: head 1 of 'a' has a place already"},
	};

	check_refusals(cases, sizeof(cases) / sizeof(cases[0]));
}

TEST(files_that_are_no_text)
{
	struct ph_config config;
	char *large = calloc(1, PH_SESSION_CONFIG_SIZE_MAX + 1);

	check(large != NULL);
	check(!config_parse(&config, "f", "focus\0click", 11, error));
	check_contains(error, "NUL byte");
	check(!config_parse(&config, "f", large, PH_SESSION_CONFIG_SIZE_MAX + 1, error));
	check_contains(error, "at most 262144 are read");
	free(large);
}

/* libscfg takes some of the stack for each block that is open. */
TEST(files_with_too_many_blocks)
{
	char *text = malloc(PH_SESSION_CONFIG_SIZE_MAX);
	struct ph_config config;

	check(text != NULL);
	for (int i = 0; i + 3 <= PH_SESSION_CONFIG_SIZE_MAX; i += 3) {
		memcpy(text + i, "a {", 3);
	}
	check(!config_parse(&config, "f", text, PH_SESSION_CONFIG_SIZE_MAX - 1, error));
	check_contains(error, "f:1: the file has 87381 opening braces, at most 1000 are read");
	check(!config_parse(&config, "f", text, 3003, error));
	check_contains(error, "f:1: the file has 1001 opening braces");
	check(!config_parse(&config, "f", text, 3000, error));
	check_contains(error, "syntax: expected '}'");
	free(text);
}

/* Whatever is in them: an error or a configuration, and nothing lost. */
TEST_TIMEOUT(damaged_files, 60)
{
	static const char good[] = "bind Super+T run foot\noutput DP-1 {\n	mode 1x1@60\n	scale 2\n}\n"
				   "layout {\n	show a head 2 on b left\n}\ninput keyboard {\n	layout de\n}\n"
				   "theme {\n	accent \"#123456\"\n}\nlock {\n	command x y\n}\n"
				   "guest a {\n	host-keys {\n		volume guest\n	}\n}\n";
	static const char bytes[] = "+-.x@0A {}\"'\\\n\x7f\x80\xff";
	unsigned seed = 1, accepted = 0;

	for (int round = 0; round < 20000; round++) {
		struct ph_config config;
		char text[sizeof(good)];
		size_t size = sizeof(good) - 1;

		memcpy(text, good, sizeof(good));
		for (int change = rand_r(&seed) % 3; change >= 0; change--) {
			size_t at = (size_t)rand_r(&seed) % size;
			if (rand_r(&seed) % 3 == 0) {
				memmove(text + at, text + at + 1, size - at - 1);
				size--;
			} else {
				text[at] = bytes[(size_t)rand_r(&seed) % (sizeof(bytes) - 1)];
			}
		}
		if (config_parse(&config, "f", text, size, error)) {
			accepted++;
			config_finish(&config);
		} else {
			check(strncmp(error, "f:", 2) == 0);
		}
	}
	check_op(accepted, >, 100);
}
