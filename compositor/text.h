// SPDX-License-Identifier: MIT
#ifndef PH_TEXT_H
#define PH_TEXT_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Host text in any script: the one file that knows pango. Strings may come
 * from guests: what is not UTF-8 is replaced, control characters become
 * spaces, and what is longer than PH_TEXT_LIMIT bytes is cut.
 */

#define PH_TEXT_LIMIT 4096

enum ph_text_align {
	PH_TEXT_LEFT,
	PH_TEXT_CENTRE,
	PH_TEXT_RIGHT,
};

/* How a piece of text is set. */
struct ph_text {
	const char *font; /* a family to be tried before ours; NULL: none; not with mono */
	double size;     /* of the font (em), device pixels */
	int weight;      /* 400 regular, 600 half bold, 700 bold; 0 means 400 */
	bool mono;       /* fixed width; line breaks in the string are kept */
	uint32_t colour; /* 0xAARRGGBB, not premultiplied */
	double width; /* device pixels to wrap or ellipsise at; 0 or less: one line, as wide as it
			 is */
	int lines;    /* with a width: at most so many, the last one ellipsised; 0 means 1 */
	enum ph_text_align align; /* inside width */
	double spacing;           /* from line to line, as a factor; 0 means 1 */
};

/* What a text takes, device pixels. */
struct ph_text_size {
	double width, height;
	double baseline; /* of the first line, from the top */
};

/* Measures without drawing. NULL for the string is the empty string. */
struct ph_text_size text_measure(const struct ph_text *style, const char *string);

/* Draws with the top left corner of the text's box at x, y; returns what text_measure() would. */
struct ph_text_size text_draw(
    cairo_t *cr, const struct ph_text *style, double x, double y, const char *string);

/* Lets go of pango's fonts at exit; text can be drawn again afterwards. */
void text_finish(void);

#endif
