// SPDX-License-Identifier: MIT
#ifndef PH_KEYS_ORACLE_H
#define PH_KEYS_ORACLE_H

#include <linux/input-event-codes.h>

#include "keys.h"

/*
 * Judges what comes out of the key grammar. It knows nothing of the grammar's
 * states: it sees what is physically pressed and what comes out, and goes by the
 * promises of keys.h alone.
 */

#define KEYBOARDS 4
#define GUESTS 4
#define NOBODY (-1)
#define NONE 0xffffffffu

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))



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
	LEDS,
	PLUG,
};


/* The event that is being judged. */
struct event {
	enum what what;
	uint32_t code;
	bool first, last; /* PRESS: on no keyboard before; LET_GO, GONE: on none any more */
};

struct keys_game {
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

	bool plugged[KEYBOARDS];
	uint32_t lit[KEYBOARDS];   /* its LEDs, a new one has none */
	uint32_t asked[GUESTS];    /* LEDs that the guest last asked for */
	uint32_t own_leds;         /* those of the host's keymap */

	bool guest_has[GUESTS][PH_KEY_COUNT];
	bool own_has[PH_KEY_COUNT];
	uint64_t sends, commands, switches, releases, taps, lights;
};

/* The codes that occur: ORACLE_PLAIN others, then the modifiers. */
#define ORACLE_PLAIN 19
#define ORACLE_MODIFIERS 8
#define ALL (ORACLE_PLAIN + ORACLE_MODIFIERS)
extern const uint32_t all_codes[ALL];
#define modifier_codes (all_codes + ORACLE_PLAIN)

extern struct keys_game game;
extern struct ph_key_actions actions; /* of the latest event */
extern uint32_t seed;                 /* told when something is wrong */

/* The text behind event is as for printf(). */
#define demand(so, event, ...)                                                                     \
	do {                                                                                       \
		if (!(so)) {                                                                       \
			oracle_complain((event), __VA_ARGS__);                                            \
		}                                                                                  \
	} while (0)

/* Ends the test: says what is wrong, and the latest events. */
_Noreturn void oracle_complain(const struct event *event, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Keeps the event for that. */
void oracle_note(const struct event *event);

/* Whether the key, or a Super key, is physically pressed. */
bool oracle_down(uint32_t code);
bool oracle_super(void);
bool oracle_is_modifier(uint32_t code);
bool oracle_is_super(uint32_t code);
/* The guest that gets keys now, or NOBODY; whether it, or our screen, holds the key. */
int oracle_target(void);
bool oracle_has(uint32_t code);
/* Whether pressing code now completes a chord of ours; asked when it is down already. */
bool oracle_expects_command(uint32_t code);
/* Whoever gets the keys is another one from here on. */
void oracle_begin_epoch(void);
/* Modifiers that nobody has got until here will never be sent. */
void oracle_give_up_modifiers(void);
/* Checks and notes all actions; guest: who has the keys, as before the event. Returns the command. */
const struct ph_command *oracle_take_actions(const struct event *event, int guest);
/* The LEDs that each keyboard ought to show. */
uint32_t oracle_leds(void);
/* What holds after each event. */
void oracle_check(const struct event *event);
void oracle_check_deadline(const struct event *event);

#endif
