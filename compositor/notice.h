// SPDX-License-Identifier: MIT
#ifndef PH_NOTICE_H
#define PH_NOTICE_H

#include <cairo.h>

#include "paint.h"
#include "theme.h"

/* A line that is shown for a moment at the upper edge of a screen. Pure; notice_screen.c shows it. */
struct ph_notice {
	const struct ph_theme *theme;
	const char *text;
	const char *keys;  /* a chord behind the text; NULL: none */
	const char *after; /* what follows the chord; NULL: nothing */
};

struct ph_notice_layout {
	struct ph_paint paint;         /* no cairo context */
	int x, y, width, height;       /* on the output, logical pixels */
	int pixel_width, pixel_height; /* of the picture */
	double text_width;             /* device pixels */
	int lines;                     /* of the text */
	bool stacked;                  /* the chord and what follows it are in a row of their own */
};

/* Arranges it for an output of so many device pixels (as it is turned) at that scale. */
void notice_arrange(struct ph_notice_layout *layout, const struct ph_notice *notice, int width,
    int height, double scale);

/* Draws it over a transparent picture of the layout's size. */
void notice_draw(
    cairo_t *cr, const struct ph_notice *notice, const struct ph_notice_layout *layout);

#endif
