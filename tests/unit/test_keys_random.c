// SPDX-License-Identifier: MIT
#include "keys.h"

#include <linux/input-event-codes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

/*
 * The key grammar against a million random events, and an oracle that knows
 * nothing of its states: it sees what is physically pressed and what comes out,
 * and judges by the promises of keys.h alone. Around the grammar there is a small
 * session: guests that come and go, several keyboards, a lock, virtual terminals.
 */

#define KEYBOARDS 4
#define GUESTS 4
#define NOBODY (-1)
#define NONE 0xffffffffu

static const uint32_t plain_codes[] = {KEY_A, KEY_L, KEY_C, KEY_1, KEY_2, KEY_3, KEY_4, KEY_TAB,
    KEY_ESC, KEY_DELETE, KEY_F1, KEY_F2, KEY_F12, KEY_VOLUMEUP, KEY_BRIGHTNESSUP, KEY_H, KEY_GRAVE,
    KEY_CAPSLOCK, BTN_TRIGGER_HAPPY};
static const uint32_t modifier_codes[] = {KEY_LEFTMETA, KEY_RIGHTMETA, KEY_LEFTCTRL, KEY_RIGHTCTRL,
    KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTSHIFT, KEY_RIGHTSHIFT};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All of these: no other code ever occurs. */
static uint32_t all_codes[COUNT(plain_codes) + COUNT(modifier_codes)];
#define ALL COUNT(all_codes)

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

/* What is physically so. */
struct press {
	unsigned count;   /* keyboards that hold it */
	uint64_t epoch;   /* in which it was pressed */
	uint64_t time_us; /* when */
	uint64_t order;   /* number of the event */
	bool was_ours;    /* it completed a chord of ours */
	bool sent;        /* the guest or our screen got its press */
	bool sent_away;   /* a sent chord has let it go in the guest */
};

enum what {
	PRESS,
	LET_GO,
	GONE,
	POINTER,
	FOCUS,
	LOCK,
	GRAB,
	UNGRAB,
	CHORD,
	TICK,
	LOOK,
};

static const char *const what_names[] = {"press", "let go", "gone", "pointer", "focus", "lock", "grab",
    "ungrab", "chord", "tick", "look at strip"};

/* The event that is being judged. */
struct event {
	enum what what;
	uint32_t code;
	bool first, last; /* PRESS: on no keyboard before; LET_GO, GONE: on none any more */
};

static struct {
	struct ph_keys keys;
	uint32_t random;
	uint64_t now, order;
	struct press presses[PH_KEY_COUNT];
	bool on_board[KEYBOARDS][PH_KEY_COUNT];
	bool away; /* another virtual terminal is in front */

	int focus; /* a guest or NOBODY */
	uint32_t guest_keys;
	bool locked, grabbed, captured;
	uint64_t epoch;        /* changes with whoever gets the keys */
	uint64_t grab_order;   /* event that began the grab */
	bool super_is_ours;    /* held, it is of a chord of ours or of another's time */
	uint64_t alone_order;  /* press of the release key alone, 0: no more */
	bool two_supers;       /* both were held, and one of them still is */
	bool tap;              /* Super is down, and nothing has happened since */
	bool looked;           /* somebody saw the strip while Super was held back */
	bool told;             /* PH_KEY_SUPER */

	bool guest_has[GUESTS][PH_KEY_COUNT];
	bool own_has[PH_KEY_COUNT];
	uint64_t sends, commands, switches, releases, taps;
} t;

static struct ph_key_actions actions;

static uint32_t random_below(uint32_t limit)
{
	t.random ^= t.random << 13;
	t.random ^= t.random >> 17;
	t.random ^= t.random << 5;
	return t.random % limit;
}

static uint32_t seed;

/* The latest events, to be told when one is wrong. */
static struct {
	struct event event;
	uint64_t order, time_us;
} trace[32];

static void note_event(const struct event *event)
{
	trace[t.order % COUNT(trace)].event = *event;
	trace[t.order % COUNT(trace)].order = t.order;
	trace[t.order % COUNT(trace)].time_us = t.now;
}

__attribute__((format(printf, 2, 3))) _Noreturn static void complain(
    const struct event *event, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (uint64_t i = t.order + 1; i <= t.order + COUNT(trace); i++) {
		const struct event *past = &trace[i % COUNT(trace)].event;
		fprintf(stderr, "%llu at %llu: %s %u\n", (unsigned long long)trace[i % COUNT(trace)].order,
		    (unsigned long long)trace[i % COUNT(trace)].time_us, what_names[past->what],
		    past->code);
	}
	test_fail(__FILE__, __LINE__, "seed %u, event %llu (kind %d, code %u): %s", seed,
	    (unsigned long long)t.order, (int)event->what, event->code, text);
}

/* The text behind event is as for printf(). */
#define demand(so, event, ...)                                                                     \
	do {                                                                                       \
		if (!(so)) {                                                                       \
			complain((event), __VA_ARGS__);                                            \
		}                                                                                  \
	} while (0)

static bool down(uint32_t code)
{
	return t.presses[code].count > 0;
}

static bool super(void)
{
	return down(KEY_LEFTMETA) || down(KEY_RIGHTMETA);
}

static bool is_modifier(uint32_t code)
{
	for (size_t i = 0; i < COUNT(modifier_codes); i++) {
		if (modifier_codes[i] == code) {
			return true;
		}
	}
	return false;
}

static bool is_super_code(uint32_t code)
{
	return code == KEY_LEFTMETA || code == KEY_RIGHTMETA;
}

/* The guest that gets keys now. */
static int target(void)
{
	return t.locked ? NOBODY : t.focus;
}

static bool target_has(uint32_t code)
{
	return target() == NOBODY ? t.own_has[code] : t.guest_has[target()][code];
}

/* --- what the event ought to be */

static bool function_key(uint32_t code)
{
	return code == KEY_F1 || code == KEY_F2 || code == KEY_F12;
}

/* Whether pressing code now completes a chord of ours; asked when it is down already. */
static bool expects_command(uint32_t code)
{
	bool ctrl = down(KEY_LEFTCTRL) || down(KEY_RIGHTCTRL);
	bool alt = down(KEY_LEFTALT) || down(KEY_RIGHTALT);
	bool shift = down(KEY_LEFTSHIFT) || down(KEY_RIGHTSHIFT);

	if (function_key(code) && ctrl && alt) {
		return !super() || !t.locked;
	}
	if (t.locked || t.grabbed) {
		return false;
	}
	if (code == KEY_VOLUMEUP || code == KEY_BRIGHTNESSUP) {
		uint32_t group = code == KEY_VOLUMEUP ? PH_KEYS_VOLUME : PH_KEYS_BRIGHTNESS;
		return !super() && !ctrl && !alt && !shift &&
		       (target() == NOBODY || !(t.guest_keys & group));
	}
	if (code == KEY_C) {
		return ctrl && alt && !shift && !super();
	}
	if (!super() || alt) {
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
static void begin_epoch(void)
{
	t.epoch++;
	t.super_is_ours = super();
	t.looked = false;
	t.tap = false;
	t.alone_order = 0;
	t.captured = false;
}

/* Modifiers that nobody has got until here will never be sent. */
static void give_up_modifiers(void)
{
	for (size_t i = 0; i < COUNT(modifier_codes); i++) {
		struct press *press = &t.presses[modifier_codes[i]];
		press->was_ours = press->was_ours || !target_has(modifier_codes[i]);
	}
}

/* --- what came out */

/* ends: a grab ends with this event. */
static void take_key(
    const struct event *event, const struct ph_key_action *action, int guest, bool ends)
{
	bool *has = guest == NOBODY ? t.own_has : t.guest_has[guest];
	struct press *press = &t.presses[action->code];

	demand(action->code < PH_KEY_COUNT, event, "a code out of range");
	demand(has[action->code] != action->pressed, event, "code %u is sent %s twice", action->code,
	    action->pressed ? "down" : "up");
	has[action->code] = action->pressed;
	t.sends++;
	if (!action->pressed) {
		demand(ends || action->code == event->code || event->what == FOCUS || event->what == LOCK ||
			   event->what == CHORD || (event->what == PRESS && is_super_code(action->code)),
		    event, "code %u goes up for no reason", action->code);
	}
	if (!action->pressed || event->what == CHORD) {
		return;
	}
	demand(event->what == PRESS || event->what == LET_GO || event->what == POINTER, event,
	    "code %u goes down without a person's doing", action->code);
	demand(press->count > 0 || (event->last && event->code == action->code), event,
	    "code %u goes down but is not pressed", action->code);
	demand(press->epoch == t.epoch, event, "code %u was pressed in another's time", action->code);
	demand(!press->was_ours, event, "code %u was part of a chord of ours", action->code);
	demand(!press->sent, event, "code %u is sent twice for one press", action->code);
	press->sent = true;
}

/* Checks and notes all actions; guest: who has the keys, as before the event. Returns the command. */
static const struct ph_command *take_actions(const struct event *event, int guest)
{
	const struct ph_command *command = NULL;
	note_event(event);
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
			t.commands++;
			break;
		case PH_KEY_SUPER:
			demand(action->pressed != t.told, event, "PH_KEY_SUPER is not in pairs");
			t.told = action->pressed;
			behind = true;
			break;
		case PH_KEY_RELEASE:
			demand(t.grabbed || t.captured, event, "a release without a grab");
			for (size_t c = 0; c < ALL; c++) {
				uint32_t code = all_codes[c];
				demand(guest == NOBODY || !t.guest_has[guest][code], event,
				    "code %u is held after the grab", code);
			}
			t.grabbed = false;
			begin_epoch();
			t.releases++;
			break;
		}
	}
	return command;
}

/* What holds after each event. */
static void check_invariants(const struct event *event)
{
	bool any_down = false, any_held = false;

	for (size_t i = 0; i < ALL; i++) {
		uint32_t code = all_codes[i];
		any_down = any_down || down(code);
		any_held = any_held || t.own_has[code];
		for (int guest = 0; guest < GUESTS; guest++) {
			demand(!t.guest_has[guest][code] || guest == target(), event,
			    "guest %d holds code %u without the focus", guest, code);
			any_held = any_held || t.guest_has[guest][code];
		}
		demand(!target_has(code) || down(code), event, "code %u is held, but not pressed", code);
	}
	demand(any_down || !any_held, event, "something is held, but nothing is pressed");
	demand(t.told ? super() : true, event, "PH_KEY_SUPER holds, but Super is not pressed");
	demand(t.keys.grabbed == t.grabbed, event, "the grab is not what it ought to be");
	demand(!t.locked || !t.told, event, "PH_KEY_SUPER holds while locked");
	if (!t.grabbed && !t.captured) {
		demand(keys_deadline(&t.keys) == 0, event, "a deadline without a grab");
	}
	if (!any_down) {
		demand(keys_deadline(&t.keys) == 0, event, "a deadline although nothing is pressed");
	}
}

/* When the ways out of a grab are due, by what is physically held; 0: they are not. */
static uint64_t expected_deadline(void)
{
	uint64_t due = 0;

	if (t.grabbed && super() && down(KEY_ESC) && target() != NOBODY) {
		/* Since the last of the presses that made it whole, if that was in the grab. */
		const struct press *left = &t.presses[KEY_LEFTMETA], *right = &t.presses[KEY_RIGHTMETA];
		const struct press *first = left;
		if (left->count == 0 || (right->count > 0 && right->order < left->order)) {
			first = right;
		}
		const struct press *last = first->order > t.presses[KEY_ESC].order ? first
									 : &t.presses[KEY_ESC];
		if (last->order > t.grab_order) {
			due = last->time_us + PH_KEY_RELEASE_US;
		}
	}
	if (t.alone_order && target() != NOBODY) {
		uint64_t alone = t.presses[KEY_RIGHTCTRL].time_us + 2000000;
		due = due == 0 || alone < due ? alone : due;
	}
	return due;
}

static void judge_deadline(const struct event *event)
{
	uint64_t is = keys_deadline(&t.keys), want = expected_deadline();

	t.two_supers = (t.two_supers && super()) || (down(KEY_LEFTMETA) && down(KEY_RIGHTMETA));
	if (t.two_supers) {
		/* Either of them counts, so that it may have begun with the other one. */
		demand(is == 0 || t.alone_order || (super() && down(KEY_ESC)), event, "a deadline for nothing");
		return;
	}
	demand(is == want, event, "the deadline is %llu, want %llu", (unsigned long long)is,
	    (unsigned long long)want);
}

/* --- the small session */

static void perform(const struct ph_command *command);

static void finish(const struct event *event, int guest)
{
	const struct ph_command *command = take_actions(event, guest);

	check_invariants(event);
	judge_deadline(event);
	if (command) {
		perform(command);
	}
}

static void set_focus(int guest)
{
	struct event event = {.what = FOCUS};
	int before = target();

	if (guest == t.focus) {
		return;
	}
	t.order++;
	t.guest_keys = guest == 2 ? PH_KEYS_VOLUME : 0;
	keys_set_focus(&t.keys, guest != NOBODY, t.guest_keys, &actions);
	const struct ph_command *command = take_actions(&event, before);
	demand(!command, &event, "a command without a key");
	t.focus = guest;
	begin_epoch();
	t.switches++;
	check_invariants(&event);
}

static void set_locked(bool locked)
{
	struct event event = {.what = LOCK};
	int before = target();

	t.order++;
	keys_set_locked(&t.keys, locked, &actions);
	take_actions(&event, before);
	t.locked = locked;
	begin_epoch();
	check_invariants(&event);
}

static void grab(void)
{
	struct event event = {.what = GRAB};

	t.order++;
	bool possible = target() != NOBODY && !t.grabbed;
	keys_grab(&t.keys, &actions);
	if (possible) {
		t.grabbed = true;
		t.grab_order = t.order;
		t.tap = false;
		t.alone_order = 0;
		give_up_modifiers();
	}
	finish(&event, target());
}

static void send_chord(const struct ph_command *command)
{
	struct event event = {.what = CHORD};
	const int guest = target();

	t.order++;
	keys_send_chord(&t.keys, command->chord, command->chord_count, &actions);
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
		if (super() && (t.guest_has[guest][KEY_LEFTMETA] || t.guest_has[guest][KEY_RIGHTMETA]) &&
		    !t.grabbed) {
			t.super_is_ours = true;
		}
		t.alone_order = 0;
		for (size_t i = 0; i < COUNT(modifier_codes); i++) {
			t.presses[modifier_codes[i]].sent_away |= t.guest_has[guest][modifier_codes[i]];
		}
	}
	finish(&event, guest);
	for (size_t i = 0; guest != NOBODY && i < ALL; i++) {
		uint32_t code = all_codes[i];
		demand(!t.guest_has[guest][code], &event, "code %u is held after a sent chord", code);
	}
}

static void key(int keyboard, uint32_t code, enum what what);

static void leave_terminal(void)
{
	t.away = true;
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		for (size_t i = 0; i < ALL; i++) {
			uint32_t code = all_codes[i];
			if (t.on_board[keyboard][code]) {
				key(keyboard, code, GONE);
			}
		}
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
	bool modifier = is_modifier(code);

	if (t.locked || t.grabbed) {
		demand(target_has(code), event, "the key was not passed on");
	} else if (!super() || before_had_super) {
		demand(target_has(code), event, "a key without Super was not passed on");
	} else if (ours) {
		demand(target_has(code) == (target() == NOBODY && !modifier), event,
		    "a key behind our chord went to the guest");
		t.presses[code].was_ours = modifier;
	} else if (modifier) {
		demand(!target_has(code), event, "a modifier leaked before it was known whose it is");
	} else {
		demand(target_has(code), event, "a chord that is not ours was kept from the guest");
		for (size_t i = 0; i < COUNT(modifier_codes); i++) {
			const struct press *press = &t.presses[modifier_codes[i]];
			demand(press->count == 0 || press->epoch != t.epoch || press->was_ours ||
				   press->sent_away || target_has(modifier_codes[i]),
			    event, "the guest got a key without modifier %u", modifier_codes[i]);
		}
	}
}

static void press_key(struct event *event)
{
	uint32_t code = event->code;
	struct press *press = &t.presses[code];
	bool others = false, expired;
	bool had_another = super();

	/* The same press ends a grab whose time is over, before it counts itself. */
	uint64_t due = keys_deadline(&t.keys);
	for (size_t i = 0; i < ALL; i++) {
		others = others || (all_codes[i] != code && down(all_codes[i]));
	}
	bool ours = t.super_is_ours;
	bool had_super = target_has(KEY_LEFTMETA) || target_has(KEY_RIGHTMETA);
	*press = (struct press){.count = 1, .epoch = t.epoch, .time_us = t.now, .order = t.order};
	expired = due && t.now >= due;
	if (expired) {
		press->epoch++; /* that of after the grab */
		ours = super();
		had_super = false;
	}
	bool grabbed = t.grabbed, captured = t.captured;
	t.grabbed = grabbed && !expired;
	bool command = expects_command(code);
	t.grabbed = grabbed;
	t.alone_order = 0;
	t.tap = is_super_code(code) && !had_another && !t.locked && !t.grabbed;
	if (code == KEY_RIGHTCTRL && !others && !expired && (grabbed || captured) && target() != NOBODY) {
		t.alone_order = t.order;
	}
	press->was_ours = command;
	keys_key(&t.keys, t.now, code, true, &actions);
	const struct ph_command *got = take_actions(event, target());
	demand(!expired || (!t.grabbed && !t.captured), event, "the grab outlived its time");
	demand((got != NULL) == command, event, "a command %s", command ? "is missing" : "comes unasked");
	if (got) {
		demand(!target_has(code), event, "a key of a command of ours was sent");
		if (super() && !t.grabbed && !t.locked) {
			demand(!target_has(KEY_LEFTMETA) && !target_has(KEY_RIGHTMETA), event,
			    "the guest holds Super in a chord of ours");
			demand(t.told, event, "Super is not told in a chord of ours");
			t.super_is_ours = true;
		}
		give_up_modifiers();
	} else {
		judge_press(event, ours, had_super && super());
	}
	check_invariants(event);
	judge_deadline(event);
	if (got) {
		perform(got);
	}
}

static void release_key(struct event *event)
{
	uint32_t code = event->code;
	bool had = target_has(code), had_super = target_has(KEY_LEFTMETA) || target_has(KEY_RIGHTMETA);
	bool tap = t.tap && is_super_code(code) && event->what == LET_GO;
	uint64_t due = keys_deadline(&t.keys), sends = t.sends;
	const int guest = target();

	t.presses[code].count = 0;
	t.alone_order = 0;
	if (event->what == LET_GO) {
		keys_key(&t.keys, t.now, code, false, &actions);
	} else {
		keys_key_gone(&t.keys, t.now, code, &actions);
	}
	const struct ph_command *got = take_actions(event, guest);
	demand(!got, event, "a command by letting go");
	demand(!target_has(code), event, "a key that was let go is still held");
	if (tap && !(due && t.now >= due)) {
		demand(t.sends == sends + 2, event, "a tap of Super is not one for the guest");
		t.taps++;
	} else if ((event->what == GONE || (t.looked && !had_super)) && !(due && t.now >= due)) {
		demand(t.sends == sends + (had ? 1 : 0), event, "an unplugged key, or Super after a look at the strip, does more than end");
	}
	t.tap = false;
	if (!super()) {
		t.super_is_ours = t.looked = false;
	}
	if (is_super_code(code) && !super() && t.sends == sends) {
		give_up_modifiers(); /* it was looked at, or unplugged */
	}
	check_invariants(event);
	judge_deadline(event);
}

static void key(int keyboard, uint32_t code, enum what what)
{
	struct event event = {.what = what, .code = code};
	struct press *press = &t.presses[code];

	t.on_board[keyboard][code] = what == PRESS;
	t.order++;
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
		keys_key_gone(&t.keys, t.now, code, &actions);
	} else {
		keys_key(&t.keys, t.now, code, what == PRESS, &actions);
	}
	finish(&event, target());
}

static uint32_t random_code(void)
{
	if (random_below(100) < 45) {
		/* Super more often than the rest */
		return random_below(3) == 0 ? KEY_LEFTMETA
					    : modifier_codes[random_below(COUNT(modifier_codes))];
	}
	return plain_codes[random_below(COUNT(plain_codes))];
}

static void random_key(void)
{
	int keyboard = (int)random_below(KEYBOARDS);
	uint32_t code = random_code(), held = NONE;
	unsigned count = 0;

	for (size_t i = 0; i < ALL; i++) {
		if (t.on_board[keyboard][all_codes[i]] && random_below(++count) == 0) {
			held = all_codes[i];
		}
	}
	/* Nobody has more than a few fingers. */
	if (held != NONE && random_below(6) < count + 1) {
		key(keyboard, held, LET_GO);
	} else if (!t.on_board[keyboard][code] && !t.away) {
		key(keyboard, code, PRESS);
	}
}

static void unplug(int keyboard)
{
	for (size_t i = 0; i < ALL; i++) {
		uint32_t code = all_codes[i];
		if (t.on_board[keyboard][code]) {
			key(keyboard, code, GONE);
		}
	}
}

static void use_pointer(void)
{
	struct event event = {.what = POINTER};

	t.order++;
	t.tap = false;
	t.alone_order = 0;
	keys_pointer_used(&t.keys, &actions);
	finish(&event, target());
}

static void pass_time(void)
{
	struct event event = {.what = TICK};
	uint64_t due = keys_deadline(&t.keys);

	t.order++;
	/* Half of the time the timer comes exactly, else late or early. */
	t.now += due > t.now && random_below(2) == 0 ? due - t.now : random_below(3000000);
	keys_tick(&t.keys, t.now, &actions);
	bool had = due && t.now >= due;
	take_actions(&event, target());
	demand(!had || (!t.grabbed && !t.captured), &event, "the grab did not end in time");
	check_invariants(&event);
	demand(keys_deadline(&t.keys) == 0 || keys_deadline(&t.keys) > t.now, &event,
	    "a deadline has passed and stays");
}

static void look_at_strip(void)
{
	if (t.told) {
		struct event event = {.what = LOOK};
		t.order++;
		note_event(&event);
		keys_consume_super(&t.keys);
		t.tap = false;
		t.looked = !t.super_is_ours;
	}
}

static void ungrab(void)
{
	struct event event = {.what = UNGRAB};

	t.order++;
	keys_ungrab(&t.keys, &actions);
	t.tap = t.tap && !t.grabbed;
	finish(&event, target());
	demand(!t.grabbed, &event, "the grab goes on");
}

static void step(void)
{
	uint32_t what = random_below(1000);

	t.now += random_below(40000);
	if (what < 900) {
		random_key();
	} else if (what < 915) {
		set_focus((int)random_below(GUESTS + 1) - 1); /* a click, a script, a guest that starts */
	} else if (what < 922) {
		if (t.focus != NOBODY) {
			set_focus(NOBODY); /* it has died */
		}
	} else if (what < 932) {
		set_locked(!t.locked);
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
		keys_set_captured(&t.keys, !t.captured);
		t.captured = !t.captured;
		t.alone_order = t.captured || t.grabbed ? t.alone_order : 0;
	} else {
		pass_time();
	}
	if (t.away && random_below(4) == 0) {
		t.away = false;
	}
	if (t.locked && random_below(30) == 0) {
		set_locked(false);
	}
}

static void let_go_of_everything(void)
{
	for (int keyboard = 0; keyboard < KEYBOARDS; keyboard++) {
		for (size_t i = 0; i < ALL; i++) {
			uint32_t code = all_codes[i];
			if (t.on_board[keyboard][code]) {
				key(keyboard, code, LET_GO);
			}
		}
	}
	struct event event = {.what = TICK};
	demand(!t.told, &event, "Super is told although nothing is pressed");
	demand(t.keys.super == PH_SUPER_UP && t.keys.held_count == 0, &event, "something is kept");
}

static void play(uint32_t with_seed, unsigned events)
{
	seed = with_seed;
	memcpy(all_codes, plain_codes, sizeof(plain_codes));
	memcpy(all_codes + COUNT(plain_codes), modifier_codes, sizeof(modifier_codes));
	memset(&t, 0, sizeof(t));
	t.random = with_seed;
	t.now = 1000000;
	t.epoch = 1;
	t.focus = NOBODY;
	keys_init(&t.keys);
	keys_set_bindings(
	    &t.keys, bindings, COUNT(bindings), (struct ph_key_release){KEY_RIGHTCTRL, 2000});
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
		check_op(t.sends, >, 20000);
		check_op(t.commands, >, 1000);
		check_op(t.switches, >, 1000);
		check_op(t.releases, >, 100);
		check_op(t.taps, >, 20);
		printf("seed %u: %llu keys sent, %llu commands, %llu switches, %llu grabs ended, %llu taps\n",
		    seed, (unsigned long long)t.sends, (unsigned long long)t.commands,
		    (unsigned long long)t.switches, (unsigned long long)t.releases,
		    (unsigned long long)t.taps);
	}
}
