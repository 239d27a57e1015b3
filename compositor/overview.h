// SPDX-License-Identifier: MIT
#ifndef PH_OVERVIEW_H
#define PH_OVERVIEW_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "paint.h"
#include "strip.h"
#include "theme.h"

/*
 * The overview: all guests side by side with their pictures. Pure: it places the
 * pictures and draws what is around them; overview_screen.c shows both.
 */

/* Everything pointed at belongs to the caller. */
struct ph_overview {
	const struct ph_theme *theme;
	/* As on the strip; focused is the one that is selected. */
	const struct ph_strip_guest *guests;
	size_t count;
	/* Pixels of each guest's picture, 0: it has none and is a card. */
	const struct ph_overview_size {
		int width, height;
	} *sizes;
};

struct ph_overview_layout {
	struct ph_paint paint; /* no cairo context */
	int width, height;     /* of the screen, device pixels */
	size_t count, columns, rows;
	double aspect; /* of the places for pictures */
	double left, top;                /* of the grid, device pixels */
	double cell_width, cell_height;  /* with the caption */
	double gap, caption;             /* height of the line below each picture */
};

/* Chooses the grid in which the pictures are largest. Sizes are device pixels. */
void overview_arrange(struct ph_overview_layout *layout, const struct ph_overview *overview,
    int width, int height, double scale);

/* The area of a guest: picture and caption. */
struct ph_area overview_cell(const struct ph_overview_layout *layout, size_t index);

/*
 * The area of its picture, which keeps its aspect and is not made larger than it
 * is; of one without a picture the whole area for one.
 */
struct ph_area overview_picture(const struct ph_overview_layout *layout,
    const struct ph_overview *overview, size_t index);

/* Index of the guest at x, y (device pixels), SIZE_MAX for none. */
size_t overview_hit(const struct ph_overview_layout *layout, double x, double y);

/* Where a key leads from a guest: around the ends of its row, and not off the grid. */
size_t overview_step(
    const struct ph_overview_layout *layout, size_t index, enum ph_direction direction);

/* Draws everything but the pictures, for which it leaves their areas. */
void overview_draw(cairo_t *cr, const struct ph_overview *overview,
    const struct ph_overview_layout *layout);

#endif
