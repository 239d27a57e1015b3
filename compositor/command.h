// SPDX-License-Identifier: MIT
#ifndef PH_COMMAND_H
#define PH_COMMAND_H

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
	PH_COMMAND_FOCUS,       /* focus DIRECTION */
	PH_COMMAND_MOVE,        /* move DIRECTION: the focused head to the output there */
	PH_COMMAND_HOME,        /* home: all guests */
	PH_COMMAND_OVERVIEW,    /* overview: live pictures of all guests */
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
	unsigned number;             /* SHOW, SHOW_HERE, VT: from 1 */
	enum ph_direction direction; /* FOCUS, MOVE */
	uint32_t chord[PH_COMMAND_CHORD_MAX]; /* SEND: evdev codes, in the order of pressing */
	size_t chord_count;
	char **program; /* RUN: argv ending with NULL, owned; NULL otherwise */
};

#endif
