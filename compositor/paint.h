// SPDX-License-Identifier: MIT
#ifndef PH_PAINT_H
#define PH_PAINT_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#include "text.h"
#include "theme.h"

/* The shapes that everything of ours on the screen is drawn with. */

struct ph_area {
	double x, y, width, height; /* device pixels */
};

/* Whether the point is in it; an area without width has no points. */
bool area_contains(const struct ph_area *area, double x, double y);

/* What all drawing functions need. */
struct ph_paint {
	cairo_t *cr;
	const struct ph_theme *theme;
	double unit; /* device pixels, see theme_unit() */
};

/* All positions are device pixels; radius and thickness are units. */

/* Sets the source colour, 0xAARRGGBB. */
void paint_colour(cairo_t *cr, uint32_t colour);

/* A filled box with round corners. */
void paint_fill(
    const struct ph_paint *paint, const struct ph_area *area, double radius, uint32_t colour);

/* The outline of one, drawn inside the box. */
void paint_line(const struct ph_paint *paint, const struct ph_area *area, double radius,
    double thickness, uint32_t colour);

/* Text with its middle at y; returns what it takes. */
struct ph_text_size paint_middle(const struct ph_paint *paint, const struct ph_text *style,
    double x, double y, const char *string);

/* A dot with its middle at x, y, 4 units around it; a ring if it is not full. */
void paint_dot(const struct ph_paint *paint, double x, double y, bool full, uint32_t colour);

/* A padlock in the place of such a dot. */
void paint_padlock(const struct ph_paint *paint, double x, double y, uint32_t colour);

/* What tells how a guest is: a dot, a ring or a padlock. */
void paint_tone(const struct ph_paint *paint, double x, double y, enum ph_theme_tone tone);

/*
 * The badge of a guest: its number in its colour (0xRRGGBB), or for numbers that
 * no key shows (0, and above 10) just a dot of the colour.
 */
void paint_badge(const struct ph_paint *paint, const struct ph_area *area, unsigned number,
    uint32_t colour);

/*
 * A chord, as "Super+H", drawn as a key each with the left edge at x and the
 * middle at y; returns its width.
 */
double paint_chord(const struct ph_paint *paint, double x, double y, const char *keys);

/* Its width, device pixels; paint needs no cairo context for this. */
double paint_chord_width(const struct ph_paint *paint, const char *keys);

#define PH_PAINT_KEY_HEIGHT 24 /* units */

/* The session's mark: a leaf with its rib, on a ground of that colour. */
void paint_leaf(const struct ph_paint *paint, double x, double y, double size, uint32_t ground);

#endif
