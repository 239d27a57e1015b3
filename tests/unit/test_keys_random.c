// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "keys_oracle.h"
#include "test.h"

/*
 * The key grammar against a million random events and the oracle. Around the
 * grammar there is a small session: guests that come and go, several keyboards, a
 * lock, virtual terminals.
 */

static const struct ph_binding bindings[] = {
    {{PH_MODIFIER_SUPER, KEY_1, 0}, {.kind = PH_COMMAND_SHOW, .number = 1}},
    {{PH_MODIFIER_SUPER, KEY_2, 0}, {.kind = PH_COMMAND_SHOW, .number = 2}},
    {{PH_MODIFIER_SUPER, KEY_3, 0}, {.kind = PH_COMMAND_SHOW, .number = 3}},
    {{PH_MODIFIER_SUPER | PH_MODIFIER_CTRL, KEY_4, 0}, {.kind = PH_COMMAND_SHOW, .number = 4}},
    {{PH_MODIFIER_SUPER, KEY_TAB, 0}, {.kind = PH_COMMAND_RECENT}},
    {{PH_MODIFIER_SUPER | PH_MODIFIER_SHIFT, KEY_TAB, 0}, {.kind = PH_COMMAND_RECENT_BACK}},
    {{PH_MODIFIER_SUPER, KEY_GRAVE, 0}, {.kind = PH_COMMAND_LAST}},
    {{PH_MODIFIER_SUPER, KEY_H, 'h'}, {.kind = PH_COMMAND_HOME}},
    {{PH_MODIFIER_SUPER, KEY_L, 'l'}, {.kind = PH_COMMAND_LOCK}},
    {{PH_MODIFIER_SUPER, KEY_ESC, 0}, {.kind = PH_COMMAND_GRAB}},
    {{PH_MODIFIER_SUPER, KEY_DELETE, 0},
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, KEY_DELETE}, .chord_count = 3}},
    {{PH_MODIFIER_CTRL | PH_MODIFIER_ALT, KEY_C, 'c'}, {.kind = PH_COMMAND_RUN}},
    {{0, KEY_VOLUMEUP, 0}, {.kind = PH_COMMAND_PAUSE}},
    {{0, KEY_BRIGHTNESSUP, 0}, {.kind = PH_COMMAND_BRIGHTNESS}},
};

static uint32_t random_below(uint32_t limit)
{
	game.random ^= game.random << 13;
	game.random ^= game.random >> 17;
	game.random ^= game.random << 5;
	return game.random % limit;
}

/* --- the small session */

/* As after everything that may have an influence on the LEDs, or not. */
static void refresh_leds(const struct event *event)
{
	uint32_t guest = game.focus == NOBODY ? 0 : game.asked[game.focus];

	if (!keys_set_leds(&game.keys, guest, game.own_leds)) {
		return;
	}
	game.lights++;
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		if (game.plugged[keyboard]) {
			demand(game.lit[keyboard] != game.keys.leds, event,
			    "keyboard %d is told what it shows", keyboard);
			game.lit[keyboard] = game.keys.leds;
		}
	}
}

static void plug_in(int keyboard)
{
	struct event event = {.what = PLUG, .code = (uint32_t)keyboard};

	game.order++;
	oracle_note(&event);
	game.plugged[keyboard] = true;
	game.lit[keyboard] = game.keys.leds;
	oracle_check(&event);
}

/* A guest, whoever has the focus, or the host's keymap asks for others. */
static void ask_for_leds(int guest, uint32_t leds)
{
	struct event event = {.what = LEDS, .code = leds};
	uint64_t lights = game.lights;

	game.order++;
	oracle_note(&event);
	*(guest == NOBODY ? &game.own_leds : &game.asked[guest]) = leds;
	refresh_leds(&event);
	demand(guest == oracle_target() || game.lights == lights, &event,
	    "LEDs of guest %d, which has no focus, are shown", guest);
	oracle_check(&event);
}

static void perform(const struct ph_command *command);

static void finish(const struct event *event, int guest)
{
	const struct ph_command *command = oracle_take_actions(event, guest);

	oracle_check(event);
	oracle_check_deadline(event);
	if (command) {
		perform(command);
	}
}

static void set_focus(int guest)
{
	struct event event = {.what = FOCUS};
	int before = oracle_target();

	if (guest == game.focus) {
		return;
	}
	game.order++;
	game.guest_keys = guest == 2 ? PH_KEYS_VOLUME : 0;
	keys_set_focus(&game.keys, guest != NOBODY, game.guest_keys, &actions);
	const struct ph_command *command = oracle_take_actions(&event, before);
	demand(!command, &event, "a command without a key");
	game.focus = guest;
	oracle_begin_epoch();
	game.switches++;
	refresh_leds(&event);
	oracle_check(&event);
}

static void set_locked(bool locked)
{
	struct event event = {.what = LOCK};
	int before = oracle_target();

	game.order++;
	keys_set_locked(&game.keys, locked, &actions);
	oracle_take_actions(&event, before);
	game.locked = locked;
	oracle_begin_epoch();
	refresh_leds(&event);
	oracle_check(&event);
}

static void grab(void)
{
	struct event event = {.what = GRAB};

	game.order++;
	bool possible = oracle_target() != NOBODY && !game.grabbed;
	keys_grab(&game.keys, &actions);
	if (possible) {
		game.grabbed = true;
		game.grab_order = game.order;
		game.tap = false;
		game.alone_order = 0;
		oracle_give_up_modifiers();
	}
	finish(&event, oracle_target());
}

static void send_chord(const struct ph_command *command)
{
	struct event event = {.what = CHORD};
	const int guest = oracle_target();

	game.order++;
	keys_send_chord(&game.keys, command->chord, command->chord_count, &actions);
	demand(guest != NOBODY || actions.count == 0, &event, "a chord for nobody");
	if (guest != NOBODY) {
		/* After whatever had to be let go: all keys down, then up in reverse. */
		size_t first = 0, count = command->chord_count;
		while (first < actions.count && !actions.list[first].pressed) {
			first++;
		}
		demand(actions.count >= first + 2 * count, &event, "the chord is not whole");
		for (size_t i = 0; i < count; i++) {
			demand(actions.list[first + i].code == command->chord[i] &&
				   actions.list[first + i].pressed &&
				   actions.list[first + 2 * count - 1 - i].code == command->chord[i] &&
				   !actions.list[first + 2 * count - 1 - i].pressed,
			    &event, "the chord is in disorder");
		}
		/* A Super that the guest had is ours now. */
		if (oracle_super() && (game.guest_has[guest][KEY_LEFTMETA] || game.guest_has[guest][KEY_RIGHTMETA]) &&
		    !game.grabbed) {
			game.super_is_ours = true;
		}
		game.alone_order = 0;
		for (size_t i = 0; i < ORACLE_MODIFIERS; i++) {
			game.presses[modifier_codes[i]].sent_away |= game.guest_has[guest][modifier_codes[i]];
		}
	}
	finish(&event, guest);
	for (size_t i = 0; guest != NOBODY && i < ALL; i++) {
		uint32_t code = all_codes[i];
		demand(!game.guest_has[guest][code], &event, "code %u is held after a sent chord", code);
	}
}

static void key(int keyboard, uint32_t code, enum what what);

static void unplug(int keyboard)
{
	for (size_t i = 0; i < ALL; i++) {
		uint32_t code = all_codes[i];
		if (game.on_board[keyboard][code]) {
			key(keyboard, code, GONE);
		}
	}
	game.plugged[keyboard] = false;
	game.lit[keyboard] = 0;
}

static void leave_terminal(void)
{
	game.away = true;
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		unplug(keyboard);
	}
}

static void come_back(void)
{
	game.away = false;
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		plug_in(keyboard);
	}
}

static void perform(const struct ph_command *command)
{
	switch (command->kind) {
	case PH_COMMAND_SHOW:
		set_focus((int)command->number - 1);
		break;
	case PH_COMMAND_RECENT:
	case PH_COMMAND_RECENT_BACK:
	case PH_COMMAND_LAST:
		set_focus((int)random_below(GUESTS));
		break;
	case PH_COMMAND_HOME:
		set_focus(NOBODY);
		break;
	case PH_COMMAND_LOCK:
		set_locked(true);
		break;
	case PH_COMMAND_GRAB:
		grab();
		break;
	case PH_COMMAND_SEND:
		send_chord(command);
		break;
	case PH_COMMAND_VT:
		leave_terminal();
		break;
	default:
		break;
	}
}

/* --- keys */

/* A key that is not ours went down: who is to have it has it, with what was held back. */
static void judge_press(const struct event *event, bool ours, bool before_had_super)
{
	uint32_t code = event->code;
	bool modifier = oracle_is_modifier(code);
	uint32_t group = keys_group(code);

	if (game.locked || game.grabbed) {
		demand(oracle_has(code), event, "the key was not passed on");
	} else if (group && oracle_target() != NOBODY && !(game.guest_keys & group)) {
		demand(!oracle_has(code), event, "a key of the host's went to the guest");
		game.looked = oracle_super() && !ours && !before_had_super;
	} else if (!oracle_super() || before_had_super) {
		demand(oracle_has(code), event, "a key without Super was not passed on");
	} else if (ours) {
		demand(oracle_has(code) == (oracle_target() == NOBODY && !modifier), event,
		    "a key behind our chord went to the guest");
		game.presses[code].was_ours = modifier;
	} else if (modifier) {
		demand(!oracle_has(code), event, "a modifier leaked before it was known whose it is");
	} else {
		demand(oracle_has(code), event, "a chord that is not ours was kept from the guest");
		for (size_t i = 0; i < ORACLE_MODIFIERS; i++) {
			const struct press *press = &game.presses[modifier_codes[i]];
			demand(press->count == 0 || press->epoch != game.epoch || press->was_ours ||
				   press->sent_away || oracle_has(modifier_codes[i]),
			    event, "the guest got a key without modifier %u", modifier_codes[i]);
		}
	}
}

static void press_key(struct event *event)
{
	uint32_t code = event->code;
	struct press *press = &game.presses[code];
	bool others = false, expired;
	bool had_another = oracle_super();

	/* The same press ends a grab whose time is over, before it counts itself. */
	uint64_t due = keys_deadline(&game.keys);
	for (size_t i = 0; i < ALL; i++) {
		others = others || (all_codes[i] != code && oracle_down(all_codes[i]));
	}
	bool ours = game.super_is_ours;
	bool had_super = oracle_has(KEY_LEFTMETA) || oracle_has(KEY_RIGHTMETA);
	*press = (struct press){.count = 1, .epoch = game.epoch, .time_us = game.now, .order = game.order};
	expired = due && game.now >= due;
	if (expired) {
		press->epoch++; /* that of after the grab */
		ours = oracle_super();
		had_super = false;
	}
	bool grabbed = game.grabbed, captured = game.captured;
	game.grabbed = grabbed && !expired;
	bool command = oracle_expects_command(code);
	game.grabbed = grabbed;
	game.alone_order = 0;
	game.tap = oracle_is_super(code) && !had_another && !game.locked && !game.grabbed;
	if (code == KEY_RIGHTCTRL && !others && !expired && (grabbed || captured) && oracle_target() != NOBODY) {
		game.alone_order = game.order;
	}
	press->was_ours = command;
	keys_key(&game.keys, game.now, code, true, &actions);
	const struct ph_command *got = oracle_take_actions(event, oracle_target());
	demand(!expired || (!game.grabbed && !game.captured), event, "the grab outlived its time");
	demand((got != NULL) == command, event, "a command %s", command ? "is missing" : "comes unasked");
	if (got) {
		demand(!oracle_has(code), event, "a key of a command of ours was sent");
		if (oracle_super() && !game.grabbed && !game.locked) {
			demand(!oracle_has(KEY_LEFTMETA) && !oracle_has(KEY_RIGHTMETA), event,
			    "the guest holds Super in a chord of ours");
			demand(game.told, event, "Super is not told in a chord of ours");
			game.super_is_ours = true;
		}
		oracle_give_up_modifiers();
	} else {
		judge_press(event, ours, had_super && oracle_super());
	}
	oracle_check(event);
	oracle_check_deadline(event);
	if (got) {
		perform(got);
	}
}

static void release_key(struct event *event)
{
	uint32_t code = event->code;
	bool had = oracle_has(code), had_super = oracle_has(KEY_LEFTMETA) || oracle_has(KEY_RIGHTMETA);
	bool tap = game.tap && oracle_is_super(code) && event->what == LET_GO;
	uint64_t due = keys_deadline(&game.keys), sends = game.sends;
	const int guest = oracle_target();

	game.presses[code].count = 0;
	game.alone_order = 0;
	if (event->what == LET_GO) {
		keys_key(&game.keys, game.now, code, false, &actions);
	} else {
		keys_key_gone(&game.keys, game.now, code, &actions);
	}
	const struct ph_command *got = oracle_take_actions(event, guest);
	demand(!got, event, "a command by letting go");
	demand(!oracle_has(code), event, "a key that was let go is still held");
	if (tap && !(due && game.now >= due)) {
		demand(game.sends == sends + 2, event, "a tap of Super is not one for the guest");
		game.taps++;
	} else if ((event->what == GONE || (game.looked && !had_super)) && !(due && game.now >= due)) {
		demand(game.sends == sends + (had ? 1 : 0), event, "an unplugged key, or Super after a look at the strip, does more than end");
	}
	game.tap = false;
	if (!oracle_super()) {
		game.super_is_ours = game.looked = false;
	}
	if (oracle_is_super(code) && !oracle_super() && game.sends == sends) {
		oracle_give_up_modifiers(); /* it was looked at, or unplugged */
	}
	oracle_check(event);
	oracle_check_deadline(event);
}

static void key(int keyboard, uint32_t code, enum what what)
{
	struct event event = {.what = what, .code = code};
	struct press *press = &game.presses[code];

	game.on_board[keyboard][code] = what == PRESS;
	game.order++;
	if (what == PRESS) {
		event.first = press->count == 0;
		if (event.first) {
			press_key(&event);
			return;
		}
		press->count++;
	} else {
		event.last = press->count == 1;
		if (event.last) {
			release_key(&event);
			return;
		}
		press->count--;
	}
	/* Another keyboard holds it as well: nothing is to happen, but what is due. */
	if (what == GONE) {
		keys_key_gone(&game.keys, game.now, code, &actions);
	} else {
		keys_key(&game.keys, game.now, code, what == PRESS, &actions);
	}
	finish(&event, oracle_target());
}

static uint32_t random_code(void)
{
	if (random_below(100) < 45) {
		/* Super more often than the rest */
		return random_below(3) == 0 ? KEY_LEFTMETA
					    : modifier_codes[random_below(ORACLE_MODIFIERS)];
	}
	return all_codes[random_below(ORACLE_PLAIN)];
}

static void random_key(void)
{
	int keyboard = (int)random_below(KEYBOARDS);
	uint32_t code = random_code(), held = NONE;
	unsigned count = 0;

	if (!game.plugged[keyboard]) {
		if (!game.away && random_below(8) == 0) {
			plug_in(keyboard);
		}
		return;
	}
	for (size_t i = 0; i < ALL; i++) {
		if (game.on_board[keyboard][all_codes[i]] && random_below(++count) == 0) {
			held = all_codes[i];
		}
	}
	/* Nobody has more than a few fingers. */
	if (held != NONE && random_below(6) < count + 1) {
		key(keyboard, held, LET_GO);
	} else if (!game.on_board[keyboard][code]) {
		key(keyboard, code, PRESS);
	}
}

static void use_pointer(void)
{
	struct event event = {.what = POINTER};

	game.order++;
	game.tap = false;
	game.alone_order = 0;
	keys_pointer_used(&game.keys, &actions);
	finish(&event, oracle_target());
}

static void pass_time(void)
{
	struct event event = {.what = TICK};
	uint64_t due = keys_deadline(&game.keys);

	game.order++;
	/* Half of the time the timer comes exactly, else late or early. */
	game.now += due > game.now && random_below(2) == 0 ? due - game.now : random_below(3000000);
	keys_tick(&game.keys, game.now, &actions);
	bool had = due && game.now >= due;
	oracle_take_actions(&event, oracle_target());
	demand(!had || (!game.grabbed && !game.captured), &event, "the grab did not end in time");
	oracle_check(&event);
	demand(keys_deadline(&game.keys) == 0 || keys_deadline(&game.keys) > game.now, &event,
	    "a deadline has passed and stays");
}

static void look_at_strip(void)
{
	if (game.told) {
		struct event event = {.what = LOOK};
		game.order++;
		oracle_note(&event);
		keys_consume_super(&game.keys);
		game.tap = false;
		game.looked = !game.super_is_ours;
	}
}

static void ungrab(void)
{
	struct event event = {.what = UNGRAB};

	game.order++;
	keys_ungrab(&game.keys, &actions);
	game.tap = game.tap && !game.grabbed;
	finish(&event, oracle_target());
	demand(!game.grabbed, &event, "the grab goes on");
}

static void step(void)
{
	uint32_t what = random_below(1000);

	game.now += random_below(40000);
	if (what < 880) {
		random_key();
	} else if (what < 895) {
		ask_for_leds((int)random_below(GUESTS + 1) - 1, random_below(8));
	} else if (what < 900) {
		ask_for_leds(game.focus, random_below(8));
	} else if (what < 915) {
		set_focus((int)random_below(GUESTS + 1) - 1); /* a click, a script, a guest that starts */
	} else if (what < 922) {
		if (game.focus != NOBODY) {
			int guest = game.focus;
			set_focus(NOBODY); /* it has died */
			ask_for_leds(guest, 0); /* and begins anew */
		}
	} else if (what < 932) {
		set_locked(!game.locked);
	} else if (what < 937) {
		grab();
	} else if (what < 940) {
		ungrab();
	} else if (what < 950) {
		use_pointer();
	} else if (what < 970) {
		look_at_strip();
	} else if (what < 976) {
		unplug((int)random_below(KEYBOARDS));
	} else if (what < 980) {
		send_chord(&bindings[10].command);
	} else if (what < 984) {
		keys_set_captured(&game.keys, !game.captured);
		game.captured = !game.captured;
		game.alone_order = game.captured || game.grabbed ? game.alone_order : 0;
	} else {
		pass_time();
	}
	if (game.away && random_below(4) == 0) {
		come_back();
	}
	if (game.locked && random_below(30) == 0) {
		set_locked(false);
	}
}

static void let_go_of_everything(void)
{
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		for (size_t i = 0; i < ALL; i++) {
			uint32_t code = all_codes[i];
			if (game.on_board[keyboard][code]) {
				key(keyboard, code, LET_GO);
			}
		}
	}
	struct event event = {.what = TICK};
	demand(!game.told, &event, "Super is told although nothing is pressed");
	demand(game.keys.super == PH_SUPER_UP && game.keys.held_count == 0, &event, "something is kept");
}

static void play(uint32_t with_seed, unsigned events)
{
	seed = with_seed;
	memset(&game, 0, sizeof(game));
	game.random = with_seed;
	game.now = 1000000;
	game.epoch = 1;
	game.focus = NOBODY;
	keys_init(&game.keys);
	keys_set_bindings(
	    &game.keys, bindings, COUNT(bindings), (struct ph_key_release){KEY_RIGHTCTRL, 2000});
	come_back();
	for (unsigned i = 0; i < events; i++) {
		step();
		if (i % 1000 == 999) {
			let_go_of_everything();
		}
	}
}

TEST_TIMEOUT(million_events, 60)
{
	for (uint32_t i = 0; i < 10; i++) {
		play(20260101 + i, 100000);
		/* Everything that it is about did happen. */
		check_op(game.sends, >, 20000);
		check_op(game.commands, >, 1000);
		check_op(game.switches, >, 1000);
		check_op(game.releases, >, 100);
		check_op(game.taps, >, 20);
		check_op(game.lights, >, 1000);
		printf("seed %u: %llu keys sent, %llu commands, %llu switches, %llu grabs ended, %llu taps, "
		       "%llu changes of LEDs\n",
		    seed, (unsigned long long)game.sends, (unsigned long long)game.commands,
		    (unsigned long long)game.switches, (unsigned long long)game.releases,
		    (unsigned long long)game.taps, (unsigned long long)game.lights);
	}
}
