// SPDX-License-Identifier: MIT
#include "keys.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* What came out, as text: "+30 -30" for the guest, "show2", "home", "vt3", "own+28". */
static char seen[65536];

static void note(const struct ph_key_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		const struct ph_key_action *action = &actions->list[i];
		char word[64];
		switch (action->kind) {
		case PH_KEY_SEND:
			snprintf(word, sizeof(word), "%c%u", action->pressed ? '+' : '-', action->code);
			break;
		case PH_KEY_OWN:
			snprintf(word, sizeof(word), "own%c%u", action->pressed ? '+' : '-', action->code);
			break;
		case PH_KEY_SHOW:
			snprintf(word, sizeof(word), "show%u", action->number);
			break;
		case PH_KEY_HOME:
			snprintf(word, sizeof(word), "home");
			break;
		case PH_KEY_LOGOUT:
			snprintf(word, sizeof(word), "logout");
			break;
		case PH_KEY_VT:
			snprintf(word, sizeof(word), "vt%u", action->number);
			break;
		}
		const size_t fill = strlen(seen);
		check(fill + strlen(word) + 2 < sizeof(seen));
		snprintf(seen + fill, sizeof(seen) - fill, "%s%s", fill ? " " : "", word);
	}
}

/* Runs codes (negative: released) through a machine with a focused guest. */
static const char *type(struct ph_keys *keys, const int *codes, size_t count)
{
	static struct ph_key_actions actions;

	seen[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		keys_key(keys, (uint32_t)abs(codes[i]), codes[i] > 0, &actions);
		note(&actions);
	}
	return seen;
}

#define TYPE(...) type(&keys, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static struct ph_keys with_focus(void)
{
	static struct ph_key_actions actions;
	struct ph_keys keys;

	keys_init(&keys);
	keys_set_focus(&keys, true, &actions);
	check_uint(actions.count, 0);
	return keys;
}

TEST(key_reaches_guest)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_A, -KEY_A), "+30 -30");
}

TEST(reserved_key_tapped_is_a_tap)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA), "");
	check_str(TYPE(-KEY_LEFTMETA), "+125 -125");
}

TEST(chord_of_ours_sends_nothing)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_2, -KEY_2, -KEY_LEFTMETA), "show2");
	check_str(TYPE(KEY_LEFTMETA, KEY_0, -KEY_LEFTMETA, -KEY_0), "show10");
	check_str(TYPE(KEY_RIGHTMETA, KEY_H, -KEY_H, -KEY_RIGHTMETA), "home");
}

TEST(two_chords_in_one_hold)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_1, -KEY_1, KEY_3, -KEY_3, -KEY_LEFTMETA), "show1 show3");
}

TEST(other_chord_is_the_guests)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_L, -KEY_L, -KEY_LEFTMETA), "+125 +38 -38 -125");
}

TEST(reserved_key_with_pointer_is_the_guests)
{
	static struct ph_key_actions actions;
	struct ph_keys keys = with_focus();

	check_str(TYPE(KEY_LEFTMETA), "");
	keys_pointer_used(&keys, &actions);
	seen[0] = '\0';
	note(&actions);
	check_str(seen, "+125");
	check_str(TYPE(-KEY_LEFTMETA), "-125");
}

TEST(logout_needs_shift)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTSHIFT, KEY_E), "+42 logout");
	check_str(TYPE(-KEY_E, -KEY_LEFTSHIFT, -KEY_LEFTMETA), "-42");
	check_str(TYPE(KEY_LEFTMETA, KEY_E, -KEY_E, -KEY_LEFTMETA), "+125 +18 -18 -125");
}

TEST(console_switch)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTCTRL, KEY_LEFTALT, KEY_F2, -KEY_F2, -KEY_LEFTALT, -KEY_LEFTCTRL),
	    "+29 +56 vt2 -56 -29");
	check_str(TYPE(KEY_RIGHTCTRL, KEY_RIGHTALT, KEY_F12, -KEY_F12, -KEY_RIGHTALT, -KEY_RIGHTCTRL),
	    "+97 +100 vt12 -100 -97");
	check_str(TYPE(KEY_LEFTCTRL, KEY_F2, -KEY_F2, -KEY_LEFTCTRL), "+29 +60 -60 -29");
}

TEST(two_keyboards_are_one)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_A, KEY_A, -KEY_A), "+30");
	check_str(TYPE(-KEY_A), "-30");
}

TEST(without_focus_keys_are_ours)
{
	struct ph_keys keys;
	keys_init(&keys);
	check_str(TYPE(KEY_ENTER, -KEY_ENTER), "own+28 own-28");
	check_str(TYPE(KEY_LEFTMETA, KEY_1), "show1");
}

TEST(losing_focus_releases_all)
{
	static struct ph_key_actions actions;
	struct ph_keys keys = with_focus();

	check_str(TYPE(KEY_LEFTCTRL, KEY_C), "+29 +46");
	keys_set_focus(&keys, true, &actions);
	seen[0] = '\0';
	note(&actions);
	check_str(seen, "-29 -46");
	/* The next guest never hears of them. */
	check_str(TYPE(-KEY_C, -KEY_LEFTCTRL), "");
	check_str(TYPE(KEY_C, -KEY_C), "+46 -46");
}

TEST(codes_out_of_range_are_ignored)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(PH_KEY_COUNT, -PH_KEY_COUNT, 65535), "");
	check_str(TYPE(-KEY_A), "");
}

/* Every invariant that a guest may rely on, over a million random events. */
TEST_TIMEOUT(random_events, 120)
{
	static const int choice[] = {KEY_LEFTMETA, KEY_RIGHTMETA, KEY_LEFTCTRL, KEY_LEFTALT,
	    KEY_LEFTSHIFT, KEY_1, KEY_2, KEY_H, KEY_E, KEY_F1, KEY_A, KEY_B, BTN_LEFT};
	static struct ph_key_actions actions;
	static bool held[PH_KEY_COUNT];
	static unsigned down[PH_KEY_COUNT];
	struct ph_keys keys;
	bool focus = false;
	unsigned seed = 20260101;

	keys_init(&keys);
	for (int event = 0; event < 1000000; event++) {
		uint32_t code = (uint32_t)choice[(unsigned)rand_r(&seed) % (sizeof(choice) / sizeof(int))];
		int what = rand_r(&seed) % 100;
		bool changes_focus = what < 2;

		if (changes_focus) {
			bool next = rand_r(&seed) % 4 != 0;
			keys_set_focus(&keys, next, &actions);
			focus = next;
		} else if (what < 5) {
			keys_pointer_used(&keys, &actions);
		} else if (what < 50 && down[code] < 3) {
			down[code]++;
			keys_key(&keys, code, true, &actions);
		} else if (down[code] > 0) {
			down[code]--;
			keys_key(&keys, code, false, &actions);
		} else {
			continue;
		}
		bool super = down[KEY_LEFTMETA] || down[KEY_RIGHTMETA];
		for (size_t i = 0; i < actions.count; i++) {
			const struct ph_key_action *action = &actions.list[i];
			if (action->kind == PH_KEY_SEND) {
				check(held[action->code] != action->pressed);
				held[action->code] = action->pressed;
				check(focus || changes_focus);
				/* A number with the reserved key is ours, whatever came before. */
				check(!(action->pressed && action->code == KEY_1 && super &&
					!down[KEY_LEFTCTRL] && !down[KEY_LEFTALT] &&
					!down[KEY_LEFTSHIFT]));
			}
		}
		bool any_down = false, any_held = false;
		for (int i = 0; i < PH_KEY_COUNT; i++) {
			any_down = any_down || down[i] > 0;
			any_held = any_held || held[i];
		}
		check(!changes_focus || !any_held);
		check(any_down || !any_held);
	}
}
