// SPDX-License-Identifier: MIT
#ifndef PH_HOME_PAINT_H
#define PH_HOME_PAINT_H

#include <cairo.h>
#include <stdint.h>

#include "home.h"
#include "home_layout.h"
#include "text.h"

/* The shapes and colours that the first screen is drawn with. */

struct ph_home_palette {
	uint32_t ground, text, muted, faint;        /* 0xAARRGGBB */
	uint32_t card, card_selected, line, sunken; /* laid over the ground */
	uint32_t good, warning, bad;
};

extern const struct ph_home_palette home_paint_dark, home_paint_light;

/* Everything that the drawing functions need. */
struct ph_home_canvas {
	cairo_t *cr;
	const struct ph_home *home;
	const struct ph_home_palette *palette;
	struct ph_home_layout layout;
};

/* All positions are device pixels; radius and thickness are units of the layout. */

/* Sets the source colour, 0xAARRGGBB. */
void home_paint_colour(cairo_t *cr, uint32_t colour);

/* A filled box with round corners. */
void home_paint_fill(const struct ph_home_canvas *canvas, const struct ph_home_box *box,
    double radius, uint32_t colour);

/* The outline of one, drawn inside the box. */
void home_paint_line(const struct ph_home_canvas *canvas, const struct ph_home_box *box,
    double radius, double thickness, uint32_t colour);

/* Text with its middle at y; returns what it takes. */
struct ph_text_size home_paint_middle(const struct ph_home_canvas *canvas,
    const struct ph_text *style, double x, double y, const char *string);

/* A chord's keys with their left edge at x and their middle at y; returns their width. */
double home_paint_chord(const struct ph_home_canvas *canvas, double x, double y, const char *keys);

/* The session's mark: a leaf with its rib. */
void home_paint_leaf(const struct ph_home_canvas *canvas, double x, double y, double size);

#endif
