// SPDX-License-Identifier: MIT
#include "lock_picture.h"

#include <math.h>

#include "paint.h"
#include "text.h"

/* All distances are units. */
#define LEAST_WIDTH 420.0
#define LEAST_HEIGHT 300.0
#define MARGIN 24.0
#define MOST_WIDTH 640.0 /* of text: longer lines are hard to read */
#define LEAF 40.0
#define GAP 16.0
#define SPACE 10.0

static const char title_text[] = "This session is locked.";
static const char key_text[] = "to be asked for the password";

static void draw_key(
    const struct ph_paint *paint, struct ph_text style, double width, double middle)
{
	double space = SPACE * paint->unit, key = paint_chord_width(paint, "Enter");
	double x;

	style.width = 0;
	x = (width - key - space - text_measure(&style, key_text).width) / 2;
	x += paint_chord(paint, x, middle, "Enter") + space;
	paint_middle(paint, &style, x, middle, key_text);
}

void lock_picture_draw(cairo_t *cr, const struct ph_theme *theme, const char *problem, int width,
    int height, double scale)
{
	double unit = theme_unit(theme, width, height, scale, LEAST_WIDTH, LEAST_HEIGHT);
	struct ph_paint paint = {.cr = cr, .theme = theme, .unit = unit};
	struct ph_text title = theme_text(theme, unit, PH_THEME_TITLE);
	struct ph_text small = theme_text(theme, unit, PH_THEME_SMALL);
	double room = fmax(fmin(width - 2 * MARGIN * unit, MOST_WIDTH * unit), 1);
	double x = (width - room) / 2, y, total;

	title.width = small.width = room;
	title.align = small.align = PH_TEXT_CENTRE;
	title.colour = theme->text;
	small.colour = theme->muted;
	title.lines = 2;
	small.lines = 5;
	total =
	    (LEAF + 2 * GAP + PH_PAINT_KEY_HEIGHT) * unit + text_measure(&title, title_text).height;
	if (problem && problem[0])
		total += GAP * unit / 2 + text_measure(&small, problem).height;

	paint_colour(cr, theme->ground);
	cairo_paint(cr);
	y = fmax(round((height - total) / 2), 0);
	paint_leaf(&paint, (width - LEAF * unit) / 2, y, LEAF * unit, theme->ground);
	y += (LEAF + GAP) * unit;
	y += text_draw(cr, &title, x, y, title_text).height;
	if (problem && problem[0])
		y += GAP * unit / 2 + text_draw(cr, &small, x, y + GAP * unit / 2, problem).height;
	y += (GAP + PH_PAINT_KEY_HEIGHT / 2.0) * unit;
	draw_key(&paint, small, width, y);
}
