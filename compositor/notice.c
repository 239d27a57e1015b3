// SPDX-License-Identifier: MIT
#include "notice.h"

#include <math.h>

#include "text.h"

/* All distances are units. */
#define LEAST_WIDTH 480.0
#define LEAST_HEIGHT 300.0
#define PAD 16.0
#define DOT 20.0
#define SPACE 10.0
#define MARGIN 20.0
#define MOST_LINES 3
#define LEAST_TEXT 220.0 /* beside a chord; with less the chord goes below */

static struct ph_text make_text(const struct ph_notice_layout *layout)
{
	return theme_text(layout->paint.theme, layout->paint.unit, PH_THEME_SMALL);
}

/* Width of the chord and what follows it, with the space before it. */
static double measure_rest(
    const struct ph_notice_layout *layout, const struct ph_notice *notice)
{
	struct ph_text text = make_text(layout);
	double unit = layout->paint.unit, width = 0;

	if (notice->keys)
		width += SPACE * unit + paint_chord_width(&layout->paint, notice->keys);
	if (notice->after)
		width += SPACE * unit + text_measure(&text, notice->after).width;
	return width;
}

void notice_arrange(struct ph_notice_layout *layout, const struct ph_notice *notice, int width,
    int height, double scale)
{
	double unit, rest, room, wanted, tall;
	struct ph_text text;
	int lwidth;

	if (!(scale >= 0.5) || scale > 100)
		scale = 1;
	unit = theme_unit(notice->theme, width, height, scale, LEAST_WIDTH, LEAST_HEIGHT);
	*layout = (struct ph_notice_layout){.paint = {.theme = notice->theme, .unit = unit}};
	text = make_text(layout);
	rest = measure_rest(layout, notice);
	room = fmax(width - 2 * MARGIN * unit - (2 * PAD + DOT) * unit, 1);
	wanted = ceil(text_measure(&text, notice->text).width) + 1;
	layout->stacked = rest > 0 && room - rest < fmin(wanted, LEAST_TEXT * unit);
	if (!layout->stacked)
		room = fmax(room - rest, 1);
	text.width = layout->text_width = fmin(wanted, fmin(room, 900 * unit));
	text.lines = layout->lines = wanted > layout->text_width ? MOST_LINES : 1;
	/* Broken into lines it takes less. */
	text.width = layout->text_width =
	    fmin(text.width, ceil(text_measure(&text, notice->text).width) + 1);
	lwidth = (int)round(width / scale);
	tall = fmax(text_measure(&text, notice->text).height, PH_PAINT_KEY_HEIGHT * unit);
	if (layout->stacked) {
		/* Two rows; the space before the chord is that of the row above. */
		tall += (PH_PAINT_KEY_HEIGHT + SPACE) * unit;
		rest = fmin(fmax(rest - SPACE * unit - layout->text_width, 0), room - layout->text_width);
	}
	layout->width = (int)ceil((layout->text_width + rest + (2 * PAD + DOT) * unit) / scale);
	if (layout->width > lwidth)
		layout->width = lwidth;
	layout->height = (int)ceil((tall + 2 * SPACE * unit) / scale);
	layout->x = (lwidth - layout->width) / 2;
	layout->y = (int)(MARGIN * unit / scale);
	/* As many pixels as the output has there: it is shown as it is, whatever the scale. */
	layout->pixel_width =
	    (int)(round((layout->x + layout->width) * scale) - round(layout->x * scale));
	layout->pixel_height =
	    (int)(round((layout->y + layout->height) * scale) - round(layout->y * scale));
}

void notice_draw(
    cairo_t *cr, const struct ph_notice *notice, const struct ph_notice_layout *layout)
{
	const struct ph_theme *theme = notice->theme;
	struct ph_paint paint = layout->paint;
	struct ph_area area = {0, 0, layout->pixel_width, layout->pixel_height};
	double unit = paint.unit, middle, x = (PAD + DOT) * unit;
	double below = layout->stacked ? (PH_PAINT_KEY_HEIGHT + SPACE) * unit : 0;
	struct ph_text text = make_text(layout);

	middle = (area.height - below) / 2;
	paint.cr = cr;
	paint_fill(&paint, &area, 14, theme->panel);
	paint_line(&paint, &area, 14, theme->contrast ? 2 : 1, theme->line);
	paint_dot(&paint, PAD * unit + 4 * unit, middle, true, theme->warning);
	text.colour = theme->text;
	text.width = layout->text_width;
	text.lines = layout->lines;
	paint_middle(&paint, &text, x, middle, notice->text);
	x += layout->text_width + SPACE * unit;
	if (layout->stacked) {
		x = (PAD + DOT) * unit;
		middle = area.height - (SPACE + PH_PAINT_KEY_HEIGHT / 2.0) * unit;
	}
	if (notice->keys)
		x += paint_chord(&paint, x, middle, notice->keys) + SPACE * unit;
	text.width = layout->stacked ? fmax(area.width - x - PAD * unit, 1) : 0;
	if (notice->after)
		paint_middle(&paint, &text, x, middle, notice->after);
}
