// SPDX-License-Identifier: MIT
#ifndef PH_HOME_H
#define PH_HOME_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "host_check.h"
#include "theme.h"

/* The first screen: which guests there are, what is wrong, which keys there are. */

struct ph_home_layout;

struct ph_home_guest {
	unsigned number;    /* 1 to 10: its key is shown (10 is the key 0); more: no key */
	const char *name;   /* any UTF-8; long names are ellipsised */
	const char *state;  /* one or two words, as "Running", and where it is shown */
	const char *reason; /* why it is in that state; NULL or empty: nothing to say */
	bool selected;      /* the row that Enter acts on */
	enum ph_theme_tone tone;
	uint32_t colour; /* 0xRRGGBB of its badge, see theme_guest_colour() */
};

/* A chord and what it does. Parts joined by '+' are drawn as a key each. */
struct ph_home_key {
	const char *keys; /* as "Super+Escape" */
	const char *text; /* as "this screen" */
};

/* The guest.scfg that the first steps propose. */
#define PH_HOME_FIRST_GUEST                                                                        \
	"name Debian\n"                                                                            \
	"memory 2G\n"                                                                              \
	"# made with: qemu-img create -f qcow2 debian.qcow2 20G\n"                                 \
	"disk debian.qcow2\n"                                                                      \
	"iso debian-netinst.iso"

/* What is asked before something is done that cannot be undone. */
struct ph_home_question {
	const char *title;  /* as "Reset Debian?" */
	const char *detail; /* what it means */
	const char *answer; /* what "yes" does, as "Reset" */
};

/* All that the screen shows. Everything pointed at belongs to the caller. */
struct ph_home {
	const struct ph_home_guest *guests;
	size_t guest_count;
	const struct ph_problem *problems;
	size_t problem_count;
	const struct ph_home_key *keys;
	size_t key_count;
	const struct ph_home_question *question; /* NULL: none is asked */
	size_t first;           /* the first guest that was visible, if not all fit; it stays if it can */
	const char *guests_dir; /* where guests live; NULL: unknown, HOME is not set */
	const struct ph_theme *theme;
	/* Of the picture that is on the screen: nothing is measured again. NULL: all is arranged anew. */
	const struct ph_home_layout *drawn;
};

/*
 * Draws the whole screen, which covers what was there. width and height are
 * device pixels, scale is the output's: device pixels for one logical pixel.
 * Where all is comes back in *layout (home_layout.h), if that is not NULL.
 */
void home_draw(cairo_t *cr, const struct ph_home *home, int width, int height, double scale,
    struct ph_home_layout *layout);

/* Index of the key hint at x, y (device pixels), which can be clicked; SIZE_MAX for none. */
size_t home_hit_key(
    const struct ph_home *home, int width, int height, double scale, double x, double y);

/* Index of the guest whose row is at x, y (device pixels), SIZE_MAX for none. */
size_t home_hit(
    const struct ph_home *home, int width, int height, double scale, double x, double y);

/*
 * The guest to select when the line about guests above or below the visible ones is clicked at x, y:
 * a page of them further. SIZE_MAX: it is not there.
 */
size_t home_hit_more(
    const struct ph_home *home, int width, int height, double scale, double x, double y);

/*
 * Index of the guest that a key leads to from the selected one, in the grid that
 * the screen shows; up and down go on in the next column. SIZE_MAX: there is none.
 */
size_t home_step(const struct ph_home *home, int width, int height, double scale,
    enum ph_direction direction);

enum ph_home_answer {
	PH_HOME_NO_ANSWER,
	PH_HOME_YES,
	PH_HOME_NO,
};

/* The answer that is at x, y, while something is asked. */
enum ph_home_answer home_hit_answer(
    const struct ph_home *home, int width, int height, double scale, double x, double y);

#endif
