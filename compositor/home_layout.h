// SPDX-License-Identifier: MIT
#ifndef PH_HOME_LAYOUT_H
#define PH_HOME_LAYOUT_H

#include "home.h"
#include "paint.h"
#include "text.h"

/*
 * Where things are on the first screen. Distances in comments are in units: a
 * unit is about a logical pixel, larger on large screens and smaller where
 * the screen would otherwise not hold the least that must be on it.
 */

struct ph_home_layout {
	double unit;           /* device pixels */
	struct ph_paint paint; /* theme and unit; no cairo context */
	struct ph_area screen;
	struct ph_area header; /* name of the session, number of guests */
	struct ph_area list;   /* rows of guests, or the first steps */
	struct ph_area panel;  /* problems; width 0: there are none */
	struct ph_area footer; /* keys */
	double footer_line;        /* the width that its lines are filled up to */
	size_t footer_lines;       /* as many as there is room for; the last keys may be left out */
	size_t problems_shown;     /* the first ones; of the others the panel says how many */
	int advice_lines;          /* of each problem, at most */
	bool compact;              /* rows of one line; first steps without explanations */
	size_t columns, rows;      /* of the grid, filled column by column */
	size_t first, shown;       /* guests that are visible */
	double row_height, row_gap, column_width, column_gap;
};

/* How each kind of text is set; colour and width are for the caller to fill in. */
struct ph_text home_text_name(const struct ph_home_layout *layout);
struct ph_text home_text_small(const struct ph_home_layout *layout);
struct ph_text home_text_strong(const struct ph_home_layout *layout);
struct ph_text home_text_key(const struct ph_home_layout *layout);
struct ph_text home_text_code(const struct ph_home_layout *layout);

/* Arranges the screen; needs no cairo context. */
void home_layout_arrange(
    struct ph_home_layout *layout, const struct ph_home *home, int width, int height, double scale);

/* The box of a guest's row; width 0 when it is not among the visible ones. */
struct ph_area home_layout_row(const struct ph_home_layout *layout, size_t guest);

/* Height of a problem's card of that width, device pixels. */
double home_layout_problem_height(
    const struct ph_home_layout *layout, const struct ph_problem *problem, double width);

/* Size of one key hint (chord and text), device pixels. */
double home_layout_key_width(const struct ph_home_layout *layout, const struct ph_home_key *key);

/* How many of the keys from `from` on fit in one line of the footer (at least one); their width in
 * *width. */
size_t home_layout_key_line(
    const struct ph_home_layout *layout, const struct ph_home *home, size_t from, double *width);

/* The box of a key hint, a finger high; width 0 when there is no room for it. */
struct ph_area home_layout_key(
    const struct ph_home_layout *layout, const struct ph_home *home, size_t key);

/* Draws the question over the rest; the layout's paint has the cairo context. */
void home_question_draw(
    const struct ph_home_layout *layout, const struct ph_home_question *question);

#define PH_HOME_KEY_LINE 36     /* units from one line of keys to the next */
#define PH_HOME_KEY_SPACE 26    /* units between two key hints */
#define PH_HOME_PROBLEM_GAP 12  /* units between two problems */
#define PH_HOME_PROBLEM_PAD 18  /* units inside a problem's card */
#define PH_HOME_PROBLEM_ICON 34 /* units from the card's content edge to its text */
#define PH_HOME_PROBLEM_MORE 20 /* units of the line "and N more" */
#define PH_HOME_COMMAND_PAD 8   /* units around a problem's command */

#endif
