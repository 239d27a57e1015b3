// SPDX-License-Identifier: MIT
#ifndef PH_COMMAND_H
#define PH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a person can ask of the session, whichever way: by a key, from the strip,
 * in session.scfg, through the control socket. Each has a name and at most one
 * argument, as "show 3", "focus left", "send Ctrl+Alt+Delete".
 */

enum ph_command_kind {
	PH_COMMAND_NONE,
	PH_COMMAND_SHOW,        /* show N: guest number, on the outputs of its layout */
	PH_COMMAND_SHOW_HERE,   /* show-here N: on this output only */
	PH_COMMAND_RECENT,      /* recent: the next one of the most recently used */
	PH_COMMAND_RECENT_BACK, /* recent-back */
	PH_COMMAND_LAST,        /* last: the guest that had the focus before */
	PH_COMMAND_NEXT,        /* next: the running guest with the next number */
	PH_COMMAND_PREVIOUS,    /* previous */
	PH_COMMAND_FOCUS,       /* focus DIRECTION */
	PH_COMMAND_MOVE,        /* move DIRECTION: the focused head to the output there */
	PH_COMMAND_PLACE,       /* place GUEST OUTPUT [HEAD]: a head on that output */
	PH_COMMAND_HOME,        /* home: all guests */
	PH_COMMAND_OVERVIEW,    /* overview: live pictures of all guests */
	PH_COMMAND_STRIP,       /* strip: it stays until something is chosen */
	PH_COMMAND_SPLIT,       /* split: an output between two guests, and back */
	PH_COMMAND_SCALE,       /* scale: the next scale mode of the focused guest */
	PH_COMMAND_GRAB,        /* grab: every key to the guest, until it is let go */
	PH_COMMAND_SEND,        /* send CHORD: press and release these keys in the guest */
	PH_COMMAND_PAUSE,       /* pause: the focused guest, or let it go on */
	PH_COMMAND_LOCK,        /* lock */
	PH_COMMAND_LOGOUT,      /* logout */
	PH_COMMAND_RELOAD,      /* reload: read session.scfg again */
	PH_COMMAND_VT,          /* vt N */
	PH_COMMAND_RUN,         /* run PROGRAM ARGUMENT…: a host program, no shell */
	PH_COMMAND_BRIGHTNESS,  /* brightness up|down [PERCENT]: of the computer's own screen */
	PH_COMMAND_SUSPEND,     /* suspend: the whole computer */
};

enum ph_direction {
	PH_DIRECTION_LEFT,
	PH_DIRECTION_RIGHT,
	PH_DIRECTION_UP,
	PH_DIRECTION_DOWN,
};

/* Keys of a chord that SEND presses. */
#define PH_COMMAND_CHORD_MAX 8

struct ph_command {
	enum ph_command_kind kind;
	/* SHOW, SHOW_HERE, VT, the head of PLACE: from 1; BRIGHTNESS: percent of a step */
	unsigned number;
	enum ph_direction direction; /* FOCUS, MOVE; BRIGHTNESS: up or down */
	uint32_t chord[PH_COMMAND_CHORD_MAX]; /* SEND: evdev codes, in the order of pressing */
	size_t chord_count;
	/* RUN: argv; PLACE: guest (name or number) and output; ends with NULL, owned; else NULL */
	char **program;
};

/* What stands behind a command's name. */
enum ph_argument {
	PH_ARGUMENT_NONE,
	PH_ARGUMENT_NUMBER,    /* a whole number from 1 */
	PH_ARGUMENT_DIRECTION, /* left, right, up or down */
	PH_ARGUMENT_CHORD,     /* keys, as Ctrl+Alt+Delete */
	PH_ARGUMENT_PROGRAM,   /* a program and its arguments */
	PH_ARGUMENT_STEP,      /* up or down, perhaps a percentage */
	PH_ARGUMENT_PLACE,     /* a guest, an output, perhaps which of the guest's monitors */
};

struct ph_command_info {
	const char *name;
	enum ph_command_kind kind;
	enum ph_argument argument;
	unsigned max;     /* PH_ARGUMENT_NUMBER, _STEP, _PLACE: the largest number */
	const char *help; /* one line, without a full stop */
};

/* The commands in the order of help texts; NULL behind the last. Static. */
const struct ph_command_info *command_info(size_t index);

/* How the argument is written in a synopsis, as "N"; "" for none. Static. */
const char *command_argument_text(enum ph_argument argument);

/*
 * Reads a command from its words, as a line of session.scfg or a control call
 * gives them. On failure false, command is empty, and error (of size bytes) says
 * in one line what was expected. Otherwise command owns what it points at.
 */
bool command_parse(
    const char *const *words, size_t count, struct ph_command *command, char *error, size_t size);

/*
 * Whether a command may be done while the session is locked: it neither shows a
 * guest nor reaches one that nobody may see, and starts no program.
 */
bool command_works_locked(enum ph_command_kind kind);

/* Writes a command as command_parse() reads it; cut off at size bytes. */
void command_format(const struct ph_command *command, char *text, size_t size);

/* A copy that owns its own memory. */
void command_copy(struct ph_command *to, const struct ph_command *from);

/* Frees what it owns and empties it; safe on zeroed memory. */
void command_finish(struct ph_command *command);

#endif
