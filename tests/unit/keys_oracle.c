// SPDX-License-Identifier: MIT
#include "keys_oracle.h"

#include <stdarg.h>
#include <stdio.h>

#include "test.h"

const uint32_t all_codes[ALL] = {KEY_A, KEY_L, KEY_C, KEY_1, KEY_2, KEY_3, KEY_4, KEY_TAB,
    KEY_ESC, KEY_DELETE, KEY_F1, KEY_F2, KEY_F12, KEY_VOLUMEUP, KEY_BRIGHTNESSUP, KEY_H, KEY_GRAVE,
    KEY_CAPSLOCK, BTN_TRIGGER_HAPPY,
    /* the modifiers */
    KEY_LEFTMETA, KEY_RIGHTMETA, KEY_LEFTCTRL, KEY_RIGHTCTRL,
    KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTSHIFT, KEY_RIGHTSHIFT};

struct keys_game game;
struct ph_key_actions actions;
uint32_t seed;

static const char *const what_names[] = {"press", "let go", "gone", "pointer", "focus", "lock", "grab",
    "ungrab", "chord", "tick", "look at strip", "LEDs",
    "plug in"};

/* The latest events, to be told when one is wrong. */
static struct {
	struct event event;
	uint64_t order, time_us;
} trace[32];

void oracle_note(const struct event *event)
{
	trace[game.order % COUNT(trace)].event = *event;
	trace[game.order % COUNT(trace)].order = game.order;
	trace[game.order % COUNT(trace)].time_us = game.now;
}

void oracle_complain(const struct event *event, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (uint64_t i = game.order + 1; i <= game.order + COUNT(trace); i++) {
		const struct event *past = &trace[i % COUNT(trace)].event;
		fprintf(stderr, "%llu at %llu: %s %u\n", (unsigned long long)trace[i % COUNT(trace)].order,
		    (unsigned long long)trace[i % COUNT(trace)].time_us, what_names[past->what],
		    past->code);
	}
	test_fail(__FILE__, __LINE__, "seed %u, event %llu (kind %d, code %u): %s", seed,
	    (unsigned long long)game.order, (int)event->what, event->code, text);
}


bool oracle_down(uint32_t code)
{
	return game.presses[code].count > 0;
}

bool oracle_super(void)
{
	return oracle_down(KEY_LEFTMETA) || oracle_down(KEY_RIGHTMETA);
}

bool oracle_is_modifier(uint32_t code)
{
	for (size_t i = 0; i < ORACLE_MODIFIERS; i++) {
		if (modifier_codes[i] == code) {
			return true;
		}
	}
	return false;
}

bool oracle_is_super(uint32_t code)
{
	return code == KEY_LEFTMETA || code == KEY_RIGHTMETA;
}

/* The guest that gets keys now. */
int oracle_target(void)
{
	return game.locked ? NOBODY : game.focus;
}

bool oracle_has(uint32_t code)
{
	return oracle_target() == NOBODY ? game.own_has[code] : game.guest_has[oracle_target()][code];
}

/* --- what the event ought to be */

static bool function_key(uint32_t code)
{
	return code == KEY_F1 || code == KEY_F2 || code == KEY_F12;
}

/* Whether pressing code now completes a chord of ours; asked when it is down already. */
bool oracle_expects_command(uint32_t code)
{
	bool ctrl = oracle_down(KEY_LEFTCTRL) || oracle_down(KEY_RIGHTCTRL);
	bool alt = oracle_down(KEY_LEFTALT) || oracle_down(KEY_RIGHTALT);
	bool shift = oracle_down(KEY_LEFTSHIFT) || oracle_down(KEY_RIGHTSHIFT);

	if (function_key(code) && ctrl && alt) {
		return !oracle_super() || !game.locked;
	}
	if (game.grabbed) {
		return false;
	}
	if (code == KEY_VOLUMEUP || code == KEY_BRIGHTNESSUP) {
		uint32_t group = code == KEY_VOLUMEUP ? PH_KEYS_VOLUME : PH_KEYS_BRIGHTNESS;
		return !oracle_super() && !ctrl && !alt && !shift &&
		       (oracle_target() == NOBODY || !(game.guest_keys & group));
	}
	if (game.locked) {
		return false;
	}
	if (code == KEY_C) {
		return ctrl && alt && !shift && !oracle_super();
	}
	if (!oracle_super() || alt) {
		return false;
	}
	switch (code) {
	case KEY_4:
		return ctrl && !shift;
	case KEY_TAB:
		return !ctrl;
	case KEY_1:
	case KEY_2:
	case KEY_3:
	case KEY_GRAVE:
	case KEY_H:
	case KEY_L:
	case KEY_ESC:
	case KEY_DELETE:
		return !ctrl && !shift;
	default:
		return false;
	}
}

/* Whoever gets the keys is another one from here on. */
void oracle_begin_epoch(void)
{
	game.epoch++;
	game.super_is_ours = oracle_super();
	game.looked = false;
	game.tap = false;
	game.alone_order = 0;
	game.captured = false;
}

/* Modifiers that nobody has got until here will never be sent. */
void oracle_give_up_modifiers(void)
{
	for (size_t i = 0; i < ORACLE_MODIFIERS; i++) {
		struct press *press = &game.presses[modifier_codes[i]];
		press->was_ours = press->was_ours || !oracle_has(modifier_codes[i]);
	}
}

/* --- what came out */

/* ends: a grab ends with this event. */
static void take_key(
    const struct event *event, const struct ph_key_action *action, int guest, bool ends)
{
	bool *has = guest == NOBODY ? game.own_has : game.guest_has[guest];
	struct press *press = &game.presses[action->code];

	demand(action->code < PH_KEY_COUNT, event, "a code out of range");
	demand(has[action->code] != action->pressed, event, "code %u is sent %s twice", action->code,
	    action->pressed ? "down" : "up");
	has[action->code] = action->pressed;
	game.sends++;
	if (!action->pressed) {
		demand(ends || action->code == event->code || event->what == FOCUS || event->what == LOCK ||
			   event->what == CHORD || (event->what == PRESS && oracle_is_super(action->code)),
		    event, "code %u goes up for no reason", action->code);
	}
	if (!action->pressed || event->what == CHORD) {
		return;
	}
	demand(event->what == PRESS || event->what == LET_GO || event->what == POINTER, event,
	    "code %u goes down without a person's doing", action->code);
	demand(press->count > 0 || (event->last && event->code == action->code), event,
	    "code %u goes down but is not pressed", action->code);
	demand(press->epoch == game.epoch, event, "code %u was pressed in another's time", action->code);
	demand(!press->was_ours, event, "code %u was part of a chord of ours", action->code);
	demand(!press->sent, event, "code %u is sent twice for one press", action->code);
	press->sent = true;
}

/* Checks and notes all actions; guest: who has the keys, as before the event. Returns the command. */
const struct ph_command *oracle_take_actions(const struct event *event, int guest)
{
	const struct ph_command *command = NULL;
	oracle_note(event);
	bool behind = false; /* a SUPER was seen: nothing more may be sent */
	bool ends = false;

	for (size_t i = 0; i < actions.count; i++) {
		ends = ends || actions.list[i].kind == PH_KEY_RELEASE;
	}
	for (size_t i = 0; i < actions.count; i++) {
		const struct ph_key_action *action = &actions.list[i];
		demand(!command, event, "something follows a command");
		switch (action->kind) {
		case PH_KEY_SEND:
		case PH_KEY_OWN:
			demand((action->kind == PH_KEY_OWN) == (guest == NOBODY), event,
			    "code %u goes to the wrong one", action->code);
			demand(!behind, event, "code %u is sent behind PH_KEY_SUPER", action->code);
			take_key(event, action, guest, ends);
			break;
		case PH_KEY_COMMAND:
			command = action->command;
			game.commands++;
			break;
		case PH_KEY_SUPER:
			demand(action->pressed != game.told, event, "PH_KEY_SUPER is not in pairs");
			game.told = action->pressed;
			behind = true;
			break;
		case PH_KEY_RELEASE:
			demand(game.grabbed || game.captured, event, "a release without a grab");
			demand(action->pressed == game.grabbed, event, "what has ended is taken for something else");
			for (size_t c = 0; c < ALL; c++) {
				uint32_t code = all_codes[c];
				demand(guest == NOBODY || !game.guest_has[guest][code], event,
				    "code %u is held after the grab", code);
			}
			game.grabbed = false;
			oracle_begin_epoch();
			game.releases++;
			break;
		}
	}
	return command;
}

/* Those of the one who gets the keys, whoever else has asked for something since. */
uint32_t oracle_leds(void)
{
	return oracle_target() == NOBODY ? game.own_leds : game.asked[oracle_target()];
}

/* What holds after each event. */
void oracle_check(const struct event *event)
{
	bool any_down = false, any_held = false;

	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		demand(!game.plugged[keyboard] || game.lit[keyboard] == oracle_leds(), event,
		    "keyboard %d shows LEDs %x, want %x", keyboard, game.lit[keyboard], oracle_leds());
	}

	for (size_t i = 0; i < ALL; i++) {
		uint32_t code = all_codes[i];
		any_down = any_down || oracle_down(code);
		any_held = any_held || game.own_has[code];
		for (int guest = 0; guest < GUESTS; guest++) {
			demand(!game.guest_has[guest][code] || guest == oracle_target(), event,
			    "guest %d holds code %u without the focus", guest, code);
			any_held = any_held || game.guest_has[guest][code];
		}
		demand(!oracle_has(code) || oracle_down(code), event, "code %u is held, but not pressed", code);
	}
	demand(any_down || !any_held, event, "something is held, but nothing is pressed");
	demand(game.told ? oracle_super() : true, event, "PH_KEY_SUPER holds, but Super is not pressed");
	demand(game.keys.grabbed == game.grabbed, event, "the grab is not what it ought to be");
	demand(!game.locked || !game.told, event, "PH_KEY_SUPER holds while locked");
	if (!game.grabbed && !game.captured) {
		demand(keys_deadline(&game.keys) == 0, event, "a deadline without a grab");
	}
	if (!any_down) {
		demand(keys_deadline(&game.keys) == 0, event, "a deadline although nothing is pressed");
	}
}

/* When the ways out of a grab are due, by what is physically held; 0: they are not. */
static uint64_t expected_deadline(void)
{
	uint64_t due = 0;

	if (game.grabbed && oracle_super() && oracle_down(KEY_ESC) && oracle_target() != NOBODY) {
		/* Since the last of the presses that made it whole, if that was in the grab. */
		const struct press *left = &game.presses[KEY_LEFTMETA], *right = &game.presses[KEY_RIGHTMETA];
		const struct press *first = left;
		if (left->count == 0 || (right->count > 0 && right->order < left->order)) {
			first = right;
		}
		const struct press *last = first->order > game.presses[KEY_ESC].order ? first
									 : &game.presses[KEY_ESC];
		if (last->order > game.grab_order) {
			due = last->time_us + PH_KEY_RELEASE_US;
		}
	}
	if (game.alone_order && oracle_target() != NOBODY) {
		uint64_t alone = game.presses[KEY_RIGHTCTRL].time_us + 2000000;
		due = due == 0 || alone < due ? alone : due;
	}
	return due;
}

void oracle_check_deadline(const struct event *event)
{
	uint64_t is = keys_deadline(&game.keys), want = expected_deadline();

	game.two_supers = (game.two_supers && oracle_super()) || (oracle_down(KEY_LEFTMETA) && oracle_down(KEY_RIGHTMETA));
	if (game.two_supers) {
		/* Either of them counts, so that it may have begun with the other one. */
		demand(is == 0 || game.alone_order || (oracle_super() && oracle_down(KEY_ESC)), event, "a deadline for nothing");
		return;
	}
	demand(is == want, event, "the deadline is %llu, want %llu", (unsigned long long)is,
	    (unsigned long long)want);
}
