// SPDX-License-Identifier: MIT
#ifndef PH_THEME_H
#define PH_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/*
 * How everything of ours on the screen looks: a few colours, a font, and how
 * large. Pure: the colours are computed from what a person has chosen.
 */

/* What a person may choose. Zeroed: the dark theme with its own accent and fonts. */
struct ph_theme_choice {
	bool light;        /* dark on light */
	bool contrast;     /* nothing faint: for eyes that need it, and for sunlight */
	uint32_t accent;   /* 0xRRGGBB of what is selected; 0: the theme's own */
	const char *font;  /* a family name; NULL or empty: the first good one that is installed */
	double text_scale; /* 0.5 to 4, how much larger than usual; 0: 1 */
};

struct ph_theme {
	/* 0xAARRGGBB, not premultiplied */
	uint32_t ground;            /* of a whole screen */
	uint32_t panel;             /* of what lies over a guest's picture; opaque */
	uint32_t shade;             /* laid over a guest's picture beside such a panel */
	uint32_t text, muted, faint;
	uint32_t card, card_selected, line, sunken; /* laid over ground or panel */
	uint32_t accent, good, warning, bad;
	uint32_t on_badge; /* text on a badge of a bright colour */
	bool light, contrast;
	const char *font;  /* belongs to whoever made the choice; NULL: ours */
	double text_scale; /* a number from 0.5 to 4 */
};

/* choice NULL: the dark theme. */
void theme_make(struct ph_theme *theme, const struct ph_theme_choice *choice);

/* How a guest is, as its dot tells. */
enum ph_theme_tone {
	PH_THEME_IDLE, /* off */
	PH_THEME_GOOD, /* running */
	PH_THEME_BUSY, /* starting, paused: neither */
	PH_THEME_BAD,  /* lost */
	PH_THEME_LOCKED, /* a padlock instead of a dot */
};

/* 0xAARRGGBB, as of the theme. */
uint32_t theme_tone_colour(const struct ph_theme *theme, enum ph_theme_tone tone);

/*
 * The colour that a guest is known by, 0xRRGGBB: the one that it chose (0:
 * none), else one by its number, of ten that are easy to tell apart.
 */
uint32_t theme_guest_colour(unsigned number, uint32_t chosen);

/*
 * Device pixels of a unit, which all our distances are in: about a logical
 * pixel, larger on large screens and with large text. width and height are
 * device pixels, scale is the output's. At least least_width by least_height
 * units fit on the screen, whatever it and the text's scale are.
 */
double theme_unit(const struct ph_theme *theme, int width, int height, double scale,
    double least_width, double least_height);

/* Kinds of text; the colour and the width are for the caller to fill in. */
enum ph_theme_text {
	PH_THEME_TITLE,
	PH_THEME_NAME,   /* of a guest */
	PH_THEME_STRONG, /* the first line of a message */
	PH_THEME_SMALL,  /* everything that explains */
	PH_THEME_TINY,
	PH_THEME_KEY,
	PH_THEME_CODE,
};

struct ph_text theme_text(const struct ph_theme *theme, double unit, enum ph_theme_text kind);

#endif
