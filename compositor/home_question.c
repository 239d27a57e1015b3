// SPDX-License-Identifier: MIT
#include <math.h>

#include "home_layout.h"
#include "paint.h"
#include "text.h"

/* All distances are units. */
#define WIDTH 440.0
#define PAD 24.0
#define BUTTON 40.0
#define BUTTON_GAP 12.0

struct places {
	struct ph_area panel, yes, no;
	struct ph_text title, detail;
};

static void find_places(const struct ph_home_layout *layout,
    const struct ph_home_question *question, struct places *places)
{
	double unit = layout->unit, inside, y;
	double width = fmin(WIDTH * unit, layout->screen.width - 24 * unit);

	places->title = theme_text(layout->paint.theme, unit, PH_THEME_TITLE);
	places->detail = theme_text(layout->paint.theme, unit, PH_THEME_SMALL);
	inside = fmax(width - 2 * PAD * unit, 1);
	places->title.width = places->detail.width = inside;
	places->title.lines = 2;
	places->detail.lines = 4;
	places->panel = (struct ph_area){.width = width};
	places->panel.height = (2 * PAD + 10 + 20 + BUTTON) * unit +
			       text_measure(&places->title, question->title).height +
			       text_measure(&places->detail, question->detail).height;
	places->panel.x = round((layout->screen.width - width) / 2);
	places->panel.y = round((layout->screen.height - places->panel.height) * 0.42);
	y = places->panel.y + places->panel.height - (PAD + BUTTON) * unit;
	width = (inside - BUTTON_GAP * unit) / 2;
	places->no = (struct ph_area){places->panel.x + PAD * unit, y, width, BUTTON * unit};
	places->yes = places->no;
	places->yes.x += width + BUTTON_GAP * unit;
}

static void draw_button(const struct ph_paint *paint, const struct ph_area *area, const char *key,
    const char *text, uint32_t line)
{
	double unit = paint->unit, middle = area->y + area->height / 2;
	double keys = paint_chord_width(paint, key) + 9 * unit, x;
	struct ph_text style = theme_text(paint->theme, unit, PH_THEME_STRONG);

	style.colour = paint->theme->text;
	x = area->x + fmax((area->width - keys - text_measure(&style, text).width) / 2, 8 * unit);
	paint_fill(paint, area, 10, paint->theme->card);
	paint_line(paint, area, 10, 1.5, line);
	x += paint_chord(paint, x, middle, key) + 9 * unit;
	style.width = fmax(area->x + area->width - 6 * unit - x, 1);
	paint_middle(paint, &style, x, middle, text);
}

void home_question_draw(
    const struct ph_home_layout *layout, const struct ph_home_question *question)
{
	const struct ph_paint *paint = &layout->paint;
	const struct ph_theme *theme = paint->theme;
	struct places places;
	double x, y;

	find_places(layout, question, &places);
	paint_colour(paint->cr, theme->shade);
	cairo_paint(paint->cr);
	paint_fill(paint, &places.panel, 18, theme->panel);
	paint_line(paint, &places.panel, 18, theme->contrast ? 2 : 1, theme->line);
	x = places.panel.x + PAD * layout->unit;
	y = places.panel.y + PAD * layout->unit;
	places.title.colour = theme->text;
	places.detail.colour = theme->muted;
	y += text_draw(paint->cr, &places.title, x, y, question->title).height + 10 * layout->unit;
	text_draw(paint->cr, &places.detail, x, y, question->detail);
	draw_button(paint, &places.no, "Esc", "Cancel", theme->line);
	draw_button(paint, &places.yes, "Enter", question->answer, theme->bad);
}

enum ph_home_answer home_hit_answer(
    const struct ph_home *home, int width, int height, double scale, double x, double y)
{
	struct ph_home_layout layout;
	struct places places;

	if (!home->question)
		return PH_HOME_NO_ANSWER;
	home_layout_arrange(&layout, home, width, height, scale);
	find_places(&layout, home->question, &places);
	if (area_contains(&places.yes, x, y))
		return PH_HOME_YES;
	return area_contains(&places.no, x, y) ? PH_HOME_NO : PH_HOME_NO_ANSWER;
}
