// SPDX-License-Identifier: MIT
#include "keys.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* Bindings of this test, as of a configuration. */
static const struct ph_binding bindings[] = {
    {{PH_MODIFIER_SUPER, KEY_1, 0}, {.kind = PH_COMMAND_SHOW, .number = 1}},
    {{PH_MODIFIER_SUPER, KEY_2, 0}, {.kind = PH_COMMAND_SHOW, .number = 2}},
    {{PH_MODIFIER_SUPER, KEY_H, 'h'}, {.kind = PH_COMMAND_HOME}},
    {{PH_MODIFIER_SUPER, KEY_TAB, 0}, {.kind = PH_COMMAND_RECENT}},
    {{PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_TAB, 0}, {.kind = PH_COMMAND_RECENT_BACK}},
    {{PH_MODIFIER_SUPER | PH_MODIFIER_CTRL, KEY_1, 0}, {.kind = PH_COMMAND_SHOW_HERE, .number = 1}},
    {{PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_E, 'e'}, {.kind = PH_COMMAND_LOGOUT}},
    {{PH_MODIFIER_SUPER, KEY_ESC, 0}, {.kind = PH_COMMAND_GRAB}},
    {{PH_MODIFIER_SUPER, KEY_DELETE, 0},
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, KEY_DELETE}, .chord_count = 3}},
    {{0, KEY_BRIGHTNESSUP, 0}, {.kind = PH_COMMAND_BRIGHTNESS, .direction = PH_DIRECTION_UP}},
    {{0, KEY_VOLUMEUP, 0}, {.kind = PH_COMMAND_PAUSE}},
};

/* What came out: "+30 -30" for the guest, "own+28", "show1", "super+", "super-", "release", "free". */
static char seen[65536];
static struct ph_key_actions actions;
static uint64_t now;

static void note_word(const char *word)
{
	const size_t fill = strlen(seen);

	check(fill + strlen(word) + 2 < sizeof(seen));
	snprintf(seen + fill, sizeof(seen) - fill, "%s%s", fill ? " " : "", word);
}

static const char *command_word(const struct ph_command *command)
{
	static char word[64];

	command_format(command, word, sizeof(word));
	for (char *c = word; *c; c++) {
		*c = *c == ' ' ? ':' : *c;
	}
	return word;
}

/* Also does what the session would do. */
static void note(struct ph_keys *keys)
{
	const struct ph_command *command = NULL;

	for (size_t i = 0; i < actions.count; i++) {
		const struct ph_key_action *action = &actions.list[i];
		char word[64], sign = action->pressed ? '+' : '-';
		switch (action->kind) {
		case PH_KEY_SEND:
			snprintf(word, sizeof(word), "%c%u", sign, action->code);
			break;
		case PH_KEY_OWN:
			snprintf(word, sizeof(word), "own%c%u", sign, action->code);
			break;
		case PH_KEY_COMMAND:
			snprintf(word, sizeof(word), "%s", command_word(action->command));
			command = action->command;
			check_uint(i + 1, actions.count);
			break;
		case PH_KEY_SUPER:
			snprintf(word, sizeof(word), "super%c", sign);
			break;
		case PH_KEY_RELEASE:
			snprintf(word, sizeof(word), "%s", action->pressed ? "release" : "free");
			break;
		}
		note_word(word);
	}
	if (command && command->kind == PH_COMMAND_GRAB) {
		keys_grab(keys, &actions);
		note(keys);
	} else if (command && command->kind == PH_COMMAND_SEND) {
		keys_send_chord(keys, command->chord, command->chord_count, &actions);
		note(keys);
	}
}

/* Runs codes (negative: released) through the machine, a millisecond each. */
static const char *type(struct ph_keys *keys, const int *codes, size_t count)
{
	seen[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		now += 1000;
		keys_key(keys, now, (uint32_t)abs(codes[i]), codes[i] > 0, &actions);
		note(keys);
	}
	return seen;
}

#define TYPE(...) type(&keys, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))
/* The actions of a call that leaves them in actions. */
#define DO(call) ((seen[0] = '\0'), (call), note(&keys), seen)

static struct ph_keys with_focus(void)
{
	struct ph_keys keys;

	now = 5000000;
	keys_init(&keys);
	keys_set_bindings(&keys, bindings, sizeof(bindings) / sizeof(bindings[0]),
	    (struct ph_key_release){KEY_RIGHTCTRL, 2000});
	keys_set_focus(&keys, true, 0, &actions);
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
	check_str(TYPE(KEY_LEFTMETA), "super+");
	check_str(TYPE(-KEY_LEFTMETA), "+125 -125 super-");
	check_str(TYPE(KEY_RIGHTMETA, -KEY_RIGHTMETA), "super+ +126 -126 super-");
}

TEST(chord_of_ours_sends_nothing)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_2, -KEY_2, -KEY_LEFTMETA), "super+ show:2 super-");
	check_str(TYPE(KEY_LEFTMETA, KEY_1, -KEY_LEFTMETA, -KEY_1), "super+ show:1 super-");
	check_str(TYPE(KEY_RIGHTMETA, KEY_H, -KEY_H, -KEY_RIGHTMETA), "super+ home super-");
}

TEST(modifiers_of_our_chords_do_not_leak)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL, KEY_1, -KEY_1, -KEY_LEFTCTRL, -KEY_LEFTMETA),
	    "super+ show-here:1 super-");
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTSHIFT, KEY_E, -KEY_LEFTMETA, -KEY_E, -KEY_LEFTSHIFT),
	    "super+ logout super-");
	/* In the other order the guest has had it, and gets it back. */
	check_str(TYPE(KEY_LEFTSHIFT, KEY_LEFTMETA, KEY_E, -KEY_E, -KEY_LEFTMETA, -KEY_LEFTSHIFT),
	    "+42 super+ logout super- -42");
}

TEST(modifiers_alone_with_reserved_key_are_the_guests)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTSHIFT, -KEY_LEFTSHIFT, -KEY_LEFTMETA),
	    "super+ +125 +42 -42 super- -125");
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL, -KEY_LEFTMETA, -KEY_LEFTCTRL),
	    "super+ +125 +29 -125 super- -29");
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL, KEY_K, -KEY_K, -KEY_LEFTCTRL, -KEY_LEFTMETA),
	    "super+ +125 +29 +37 super- -37 -29 -125");
}

TEST(modifiers_without_reserved_key_pass_at_once)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTCTRL), "+29");
	check_str(TYPE(KEY_RIGHTALT), "+100");
	check_str(TYPE(-KEY_RIGHTALT, -KEY_LEFTCTRL), "-100 -29");
	/* Sticky keys: Shift five times. */
	for (int i = 0; i < 5; i++) {
		check_str(TYPE(KEY_LEFTSHIFT, -KEY_LEFTSHIFT), "+42 -42");
	}
}

TEST(two_chords_in_one_hold)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_TAB, -KEY_TAB, KEY_TAB, -KEY_TAB, KEY_LEFTSHIFT, KEY_TAB),
	    "super+ recent recent recent-back");
	check_str(TYPE(-KEY_TAB, -KEY_LEFTSHIFT, -KEY_LEFTMETA), "super-");
}

TEST(other_chord_is_the_guests)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_L, -KEY_L, -KEY_LEFTMETA), "super+ +125 +38 super- -38 -125");
	check_str(TYPE(KEY_LEFTMETA, KEY_E, -KEY_E, -KEY_LEFTMETA), "super+ +125 +18 super- -18 -125");
}

TEST(reserved_key_is_taken_back_for_our_chord)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_L, -KEY_L), "super+ +125 +38 super- -38");
	check_str(TYPE(KEY_2), "-125 super+ show:2");
	/* From here on all keys are ours until it is let go. */
	check_str(TYPE(-KEY_2, KEY_L, -KEY_L, KEY_LEFTSHIFT, -KEY_LEFTSHIFT), "");
	check_str(TYPE(-KEY_LEFTMETA), "super-");
	check_str(TYPE(KEY_L, -KEY_L), "+38 -38");
}

TEST(reserved_key_with_pointer_is_the_guests)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA), "super+");
	check_str(DO(keys_pointer_used(&keys, &actions)), "+125 super-");
	check_str(TYPE(-KEY_LEFTMETA), "-125");
}

TEST(looked_at_strip_is_no_tap)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA), "super+");
	keys_consume_super(&keys);
	check_str(TYPE(-KEY_LEFTMETA), "super-");
	/* Modifiers that were tried meanwhile are nobody's either. */
	check_str(TYPE(KEY_LEFTMETA), "super+");
	keys_consume_super(&keys);
	check_str(TYPE(KEY_LEFTCTRL, -KEY_LEFTCTRL, KEY_LEFTSHIFT, -KEY_LEFTMETA, -KEY_LEFTSHIFT), "super-");
	/* But who takes a second for a chord of the guest gets it. */
	check_str(TYPE(KEY_LEFTMETA), "super+");
	keys_consume_super(&keys);
	check_str(TYPE(KEY_L, -KEY_L, -KEY_LEFTMETA), "+125 +38 super- -38 -125");
	/* The next tap is one again. */
	check_str(TYPE(KEY_LEFTMETA, -KEY_LEFTMETA), "super+ +125 -125 super-");
	keys_consume_super(&keys);
	check_str(TYPE(KEY_LEFTMETA, -KEY_LEFTMETA), "super+ +125 -125 super-");
}

TEST(unplugged_keyboard_does_not_tap)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL), "super+");
	check_str(DO(keys_key_gone(&keys, now, KEY_LEFTCTRL, &actions)), "");
	check_str(DO(keys_key_gone(&keys, now, KEY_LEFTMETA, &actions)), "super-");
	check_str(TYPE(KEY_A), "+30");
	check_str(DO(keys_key_gone(&keys, now, KEY_A, &actions)), "-30");
}

TEST(console_switch)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTCTRL, KEY_LEFTALT, KEY_F2, -KEY_F2, -KEY_LEFTALT, -KEY_LEFTCTRL),
	    "+29 +56 vt:2 -56 -29");
	check_str(TYPE(KEY_RIGHTCTRL, KEY_RIGHTALT, KEY_F12, -KEY_F12, -KEY_RIGHTALT, -KEY_RIGHTCTRL),
	    "+97 +100 vt:12 -100 -97");
	check_str(TYPE(KEY_LEFTCTRL, KEY_F2, -KEY_F2, -KEY_LEFTCTRL), "+29 +60 -60 -29");
	/* With the reserved key the guest gets the chord, and nothing else. */
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL, KEY_LEFTALT, KEY_F3),
	    "super+ send:Ctrl+Alt+F3 +29 +56 +61 -61 -56 -29");
	check_str(TYPE(-KEY_F3, -KEY_LEFTALT, -KEY_LEFTCTRL, -KEY_LEFTMETA), "super-");
}

TEST(sent_chord_is_exact)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_DELETE, -KEY_DELETE, -KEY_LEFTMETA),
	    "super+ send:Ctrl+Alt+Delete +29 +56 +111 -111 -56 -29 super-");
	/* What is held is let go before, and not pressed again. */
	check_str(TYPE(KEY_LEFTSHIFT, KEY_LEFTALT), "+42 +56");
	const uint32_t chord[] = {KEY_LEFTALT, KEY_F4};
	check_str(DO(keys_send_chord(&keys, chord, 2, &actions)), "-42 -56 +56 +62 -62 -56");
	check_str(TYPE(-KEY_LEFTALT, -KEY_LEFTSHIFT), "");
	keys_set_focus(&keys, false, 0, &actions);
	check_str(DO(keys_send_chord(&keys, chord, 2, &actions)), "");
}

TEST(host_keys)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP), "brightness:up:0");
	keys_set_guest_keys(&keys, PH_KEYS_BRIGHTNESS);
	check_str(TYPE(KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP), "+225 -225");
	check_str(TYPE(KEY_VOLUMEUP, -KEY_VOLUMEUP), "pause");
	/* With modifiers, and unbound, they are the host's as well. */
	check_str(TYPE(KEY_LEFTSHIFT, KEY_VOLUMEUP, -KEY_VOLUMEUP, -KEY_LEFTSHIFT), "+42 -42");
	check_str(TYPE(KEY_LEFTMETA, KEY_POWER, -KEY_POWER, -KEY_LEFTMETA), "super+ super-");
	check_str(TYPE(KEY_LEFTMETA, KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP, -KEY_LEFTMETA),
	    "super+ +125 +225 super- -225 -125");
	/* Without a guest they are the host's again. */
	keys_set_focus(&keys, false, PH_KEYS_BRIGHTNESS, &actions);
	check_str(TYPE(KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP), "brightness:up:0");
	check_uint(keys_group(KEY_MICMUTE), PH_KEYS_VOLUME);
	check_uint(keys_group(KEY_A), 0);
}

TEST(grab_gives_everything)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_ESC, -KEY_ESC, -KEY_LEFTMETA), "super+ grab super-");
	check(keys.grabbed);
	check_str(TYPE(KEY_LEFTMETA, KEY_2, -KEY_2, -KEY_LEFTMETA), "+125 +3 -3 -125");
	check_str(TYPE(KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP), "+225 -225");
	check_str(TYPE(KEY_LEFTMETA, KEY_ESC, -KEY_ESC, -KEY_LEFTMETA), "+125 +1 -1 -125");
	check_uint(keys_deadline(&keys), 0);
	/* The ways to a virtual terminal stay. */
	check_str(TYPE(KEY_LEFTCTRL, KEY_LEFTALT, KEY_F2, -KEY_F2, -KEY_LEFTALT, -KEY_LEFTCTRL),
	    "+29 +56 vt:2 -56 -29");
	check_str(TYPE(KEY_LEFTMETA, KEY_LEFTCTRL, KEY_LEFTALT, KEY_F3),
	    "+125 +29 +56 send:Ctrl+Alt+F3 -29 -56 -125 +29 +56 +61 -61 -56 -29");
	check_str(TYPE(-KEY_F3, -KEY_LEFTALT, -KEY_LEFTCTRL, -KEY_LEFTMETA), "");
}

TEST(grab_ends_after_a_second)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_ESC), "super+ grab super-");
	/* Holding on does not end it at once. */
	check_uint(keys_deadline(&keys), 0);
	check_str(DO(keys_tick(&keys, now + 3000000, &actions)), "");
	check_str(TYPE(-KEY_ESC, -KEY_LEFTMETA), "");
	check_str(TYPE(KEY_LEFTSHIFT, KEY_LEFTMETA, KEY_ESC), "+42 +125 +1");
	check_uint(keys_deadline(&keys), now + 1000000);
	check_str(DO(keys_tick(&keys, now + 999999, &actions)), "");
	check_str(DO(keys_tick(&keys, now + 1000000, &actions)), "-1 -42 -125 release");
	check_uint(keys_deadline(&keys), 0);
	check(!keys.grabbed);
	check_str(TYPE(-KEY_ESC, -KEY_LEFTMETA, -KEY_LEFTSHIFT), "");
	check_str(TYPE(KEY_LEFTMETA, KEY_2, -KEY_2, -KEY_LEFTMETA), "super+ show:2 super-");
}

/* The timer may be late: a key that comes after the second finds the grab over. */
TEST(grab_ends_by_the_clock_of_events)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_ESC, -KEY_ESC, KEY_ESC), "super+ grab super- +1");
	now += 1500000;
	check_str(TYPE(-KEY_ESC), "-1 release");
	check_str(TYPE(-KEY_LEFTMETA), "");
}

TEST(grab_ends_with_one_hand)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_RIGHTCTRL), "+97");
	check_uint(keys_deadline(&keys), 0); /* there is no grab to end */
	check_str(TYPE(-KEY_RIGHTCTRL, KEY_LEFTMETA, KEY_ESC, -KEY_ESC, -KEY_LEFTMETA),
	    "-97 super+ grab super-");
	check_str(TYPE(KEY_RIGHTCTRL), "+97");
	check_uint(keys_deadline(&keys), now + 2000000);
	check_str(TYPE(KEY_C), "+46"); /* it was for this */
	check_uint(keys_deadline(&keys), 0);
	check_str(TYPE(-KEY_C, -KEY_RIGHTCTRL, KEY_A, KEY_RIGHTCTRL), "-46 -97 +30 +97");
	check_uint(keys_deadline(&keys), 0); /* not alone */
	check_str(TYPE(-KEY_A, -KEY_RIGHTCTRL, KEY_RIGHTCTRL), "-30 -97 +97");
	check_str(DO(keys_pointer_used(&keys, &actions)), "");
	check_uint(keys_deadline(&keys), 0);
	check_str(TYPE(-KEY_RIGHTCTRL, KEY_RIGHTCTRL), "-97 +97");
	check_str(DO(keys_tick(&keys, now + 2000000, &actions)), "-97 release");
	check_str(TYPE(-KEY_RIGHTCTRL), "");
}

TEST(captured_pointer_is_let_go_with_one_hand)
{
	struct ph_keys keys = with_focus();
	keys_set_captured(&keys, true);
	check_str(TYPE(KEY_RIGHTCTRL), "+97");
	check_str(DO(keys_tick(&keys, now + 2000000, &actions)), "-97 free");
	check_uint(keys_deadline(&keys), 0);
}

TEST(grab_ends_with_the_focus)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_ESC, -KEY_ESC, -KEY_LEFTMETA, KEY_A), "super+ grab super- +30");
	check_str(DO(keys_set_focus(&keys, true, 0, &actions)), "-30 release");
	check_str(TYPE(-KEY_A, KEY_LEFTMETA, KEY_2), "super+ show:2");
	/* Nothing to give anything to. */
	keys_set_focus(&keys, false, 0, &actions);
	keys_grab(&keys, &actions);
	check(!keys.grabbed);
}

TEST(locked_nothing_is_the_guests)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_A, KEY_LEFTMETA), "+30 super+");
	check_str(DO(keys_set_locked(&keys, true, &actions)), "-30 super-");
	check_str(TYPE(-KEY_LEFTMETA, -KEY_A), "");
	check_str(TYPE(KEY_LEFTMETA, KEY_1, -KEY_1, -KEY_LEFTMETA), "own+125 own+2 own-2 own-125");
	check_str(TYPE(KEY_LEFTCTRL, KEY_LEFTALT, KEY_F2), "own+29 own+56 vt:2");
	check_str(TYPE(-KEY_F2, -KEY_LEFTALT, -KEY_LEFTCTRL), "own-56 own-29");
	/* But what is dark or loud can be changed, by keys that are for nothing else. */
	check_str(TYPE(KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP), "brightness:up:0");
	check_str(TYPE(KEY_LEFTCTRL, KEY_BRIGHTNESSUP, -KEY_BRIGHTNESSUP, -KEY_LEFTCTRL), "own+29 own+225 own-225 own-29");
	keys_set_focus(&keys, true, 0, &actions);
	check_str(TYPE(KEY_B), "own+48");
	keys_grab(&keys, &actions);
	check(!keys.grabbed);
	check_str(DO(keys_set_locked(&keys, false, &actions)), "own-48");
	check_str(TYPE(-KEY_B, KEY_B, -KEY_B), "+48 -48");
}

TEST(two_keyboards_are_one)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_A, KEY_A, -KEY_A), "+30");
	check_str(TYPE(-KEY_A), "-30");
}

TEST(without_focus_keys_are_ours)
{
	struct ph_keys keys = with_focus();
	keys_set_focus(&keys, false, 0, &actions);
	check_str(TYPE(KEY_ENTER, -KEY_ENTER), "own+28 own-28");
	check_str(TYPE(KEY_LEFTMETA, KEY_1, -KEY_1, KEY_ENTER), "super+ show:1 own+28");
	check_str(TYPE(-KEY_ENTER, -KEY_LEFTMETA), "own-28 super-");
}

TEST(losing_focus_releases_all)
{
	struct ph_keys keys = with_focus();

	check_str(TYPE(KEY_LEFTCTRL, KEY_C), "+29 +46");
	check_str(DO(keys_set_focus(&keys, true, 0, &actions)), "-29 -46");
	/* The next guest never hears of them. */
	check_str(TYPE(-KEY_C, -KEY_LEFTCTRL), "");
	check_str(TYPE(KEY_C, -KEY_C), "+46 -46");
}

TEST(reserved_key_of_another_time_is_nobodys)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(KEY_LEFTMETA, KEY_L), "super+ +125 +38 super-");
	check_str(DO(keys_set_focus(&keys, true, 0, &actions)), "-38 -125");
	check_str(TYPE(KEY_K, -KEY_K, -KEY_L), "");
	check_str(TYPE(KEY_2), "super+ show:2");
	check_str(TYPE(-KEY_2, -KEY_LEFTMETA), "super-");
	check_str(TYPE(KEY_LEFTMETA), "super+");
	check_str(DO(keys_set_focus(&keys, true, 0, &actions)), "");
	check_str(TYPE(-KEY_LEFTMETA), "super-");
}

TEST(codes_out_of_range_are_ignored)
{
	struct ph_keys keys = with_focus();
	check_str(TYPE(PH_KEY_COUNT, -PH_KEY_COUNT, 65535), "");
	check_str(TYPE(-KEY_A), "");
}
