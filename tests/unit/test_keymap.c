// SPDX-License-Identifier: MIT
#include "keymap.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static char wrong[PH_KEYMAP_WRONG_MAX];

static void no_environment(void)
{
	unsetenv("XKB_DEFAULT_LAYOUT");
	unsetenv("XKB_DEFAULT_VARIANT");
	unsetenv("XKB_DEFAULT_OPTIONS");
	unsetenv("XKB_DEFAULT_MODEL");
	unsetenv("XKB_DEFAULT_RULES");
}

static struct xkb_keymap *of_layout(char *layout, char *variant)
{
	const struct ph_config_keymap wanted = {.layout = layout, .variant = variant};
	struct xkb_keymap *keymap;

	no_environment();
	keymap = keymap_create(&wanted, NULL, wrong);
	check(keymap != NULL);
	return keymap;
}

TEST(letters_are_where_the_layout_has_them)
{
	static const struct {
		const char *layout, *variant;
		uint32_t z, h, l, q; /* codes by their names on a US keyboard */
	} cases[] = {
	    {"us", "", KEY_Z, KEY_H, KEY_L, KEY_Q},
	    {"de", "", KEY_Y, KEY_H, KEY_L, KEY_Q},
	    {"fr", "", KEY_W, KEY_H, KEY_L, KEY_A},
	    {"us", "dvorak", KEY_SLASH, KEY_J, KEY_P, KEY_X},
	    {"tr", "f", KEY_N, KEY_O, KEY_L, KEY_LEFTBRACE},
	    {"us,ru", ",", KEY_Z, KEY_H, KEY_L, KEY_Q},
	    {"ru,us", ",", KEY_Z, KEY_H, KEY_L, KEY_Q},
	    {"ru", "", 0, 0, 0, 0}, /* no such letters: they stay at their places */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xkb_keymap *keymap =
		    of_layout((char *)cases[i].layout, (char *)cases[i].variant);
		uint32_t codes[26];
		char is[64], want[64];

		keymap_find_letters(keymap, codes);
		xkb_keymap_unref(keymap);
		snprintf(is, sizeof(is), "%s: %u %u %u %u", cases[i].layout, codes['z' - 'a'],
		    codes['h' - 'a'], codes['l' - 'a'], codes['q' - 'a']);
		snprintf(want, sizeof(want), "%s: %u %u %u %u", cases[i].layout, cases[i].z, cases[i].h,
		    cases[i].l, cases[i].q);
		check_str(is, want);
	}
}

TEST(bindings_follow_the_letters)
{
	char error[PH_SESSION_CONFIG_ERROR_MAX];
	const char text[] = "bind Super+Q home\nbind Super+1 home\n";
	struct xkb_keymap *keymap = of_layout((char *)"fr", NULL);
	struct ph_config config;
	uint32_t codes[26];

	check(config_parse(&config, "f", text, strlen(text), error));
	check_uint(config.bindings[0].chord.code, KEY_Q);
	keymap_find_letters(keymap, codes);
	config_place_letters(&config, codes);
	check_uint(config.bindings[0].chord.code, KEY_A);
	check_uint(config.bindings[1].chord.code, KEY_1); /* without Shift, also where & is on it */
	config_finish(&config);
	xkb_keymap_unref(keymap);
}

TEST(unknown_layout_is_refused)
{
	const struct ph_config_keymap wanted = {.layout = (char *)"atlantis"};

	no_environment();
	check(keymap_create(&wanted, NULL, wrong) == NULL);
}

TEST(wrong_layout_of_the_system_is_us)
{
	static const char text[] = "XKBLAYOUT=uk\nXKBVARIANT=\"x\"\n";
	const struct ph_config_keymap unset = {0}, set = {.layout = (char *)"atlantis"};
	char path[512];
	const char *files[] = {path, NULL};
	uint32_t codes[26];

	no_environment();
	snprintf(path, sizeof(path), "%s/keyboard", test_dir());
	test_write_file(path, text, strlen(text));
	for (int i = 0; i < 2; i++) {
		struct xkb_keymap *keymap = keymap_create(&unset, files, wrong);
		check(keymap != NULL);
		keymap_find_letters(keymap, codes);
		check_uint(codes[0], KEY_A);
		xkb_keymap_unref(keymap);
		check_contains(wrong, i ? "XKB_DEFAULT_LAYOUT: there is no keymap with layout 'nowhere'; us is used"
					: "/keyboard: there is no keymap with layout 'uk' and variant x; us is used");
		/* What a person has asked for is an error of its own. */
		check(keymap_create(&set, files, wrong) == NULL);
		check_str(wrong, "");
		setenv("XKB_DEFAULT_LAYOUT", "nowhere", 1);
	}
	setenv("XKB_DEFAULT_RULES", "none", 1);
	xkb_keymap_unref(keymap_create(&unset, files, wrong));
	check_contains(wrong, "us is used");
}

TEST(layout_of_the_system)
{
	static const char text[] = "# comment\nKEYMAP=fr\nXKBLAYOUT=\"fr\"\nXKBVARIANTS=x\nXKBOPTIONS=''\n";
	const struct ph_config_keymap unset = {0}, set = {.layout = (char *)"us"};
	char path[512], missing[512];
	const char *files[] = {missing, path, NULL};
	uint32_t codes[26];

	no_environment();
	snprintf(path, sizeof(path), "%s/vconsole.conf", test_dir());
	snprintf(missing, sizeof(missing), "%s/none", test_dir());
	test_write_file(path, text, strlen(text));
	struct xkb_keymap *keymap = keymap_create(&unset, files, wrong);
	keymap_find_letters(keymap, codes);
	check_uint(codes[0], KEY_Q);
	xkb_keymap_unref(keymap);
	/* What is configured wins, and so does the environment. */
	keymap = keymap_create(&set, files, wrong);
	keymap_find_letters(keymap, codes);
	check_uint(codes[0], KEY_A);
	xkb_keymap_unref(keymap);
	setenv("XKB_DEFAULT_LAYOUT", "us", 1);
	keymap = keymap_create(&unset, files, wrong);
	keymap_find_letters(keymap, codes);
	check_uint(codes[0], KEY_A);
	xkb_keymap_unref(keymap);
}
