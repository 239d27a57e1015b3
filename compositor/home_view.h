// SPDX-License-Identifier: MIT
#ifndef PH_HOME_VIEW_H
#define PH_HOME_VIEW_H

#include "chord.h"
#include "guest_head.h"
#include "home.h"

struct ph_cell;
struct ph_session;

#define PH_HOME_KEYS_MAX 12

/* What a key of the first screen does. */
struct ph_home_deed {
	char letter;               /* 's', 'p', 'r' or 'k': to the selected machine; '\n': shows the guest; 0: a command */
	enum ph_command_kind kind; /* unused with a letter; PH_COMMAND_NONE: nothing that could be clicked */
};

/* What the first screen shows now, and the memory that it is in; of home_screen.c. */
struct ph_home_view {
	struct ph_home home;
	struct ph_home_guest *rows;
	char (*states)[PH_GUEST_PLACES_SIZE + 16];
	struct ph_problem *problems; /* a card for the selected guest, and the computer's */
	char *lost, *command;        /* text of that card, and what helps */
	struct ph_home_key keys[PH_HOME_KEYS_MAX];
	char chords[PH_HOME_KEYS_MAX][PH_CHORD_TEXT_MAX];
	struct ph_home_deed deeds[PH_HOME_KEYS_MAX]; /* what each of keys does */
	struct ph_home_question question;
	char *title; /* of the question */
};

/* For that cell. */
void home_view_init(struct ph_home_view *view, struct ph_session *session, const struct ph_cell *cell);
void home_view_finish(struct ph_home_view *view);

#endif
