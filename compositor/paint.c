// SPDX-License-Identifier: MIT
#include "paint.h"

#include <math.h>
#include <string.h>

bool area_contains(const struct ph_area *area, double x, double y)
{
	return x >= area->x && x < area->x + area->width && y >= area->y &&
	       y < area->y + area->height;
}

void paint_colour(cairo_t *cr, uint32_t colour)
{
	cairo_set_source_rgba(cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
	    (colour & 0xff) / 255.0, (colour >> 24) / 255.0);
}

static void trace_round(cairo_t *cr, const struct ph_area *area, double radius)
{
	double right = area->x + area->width - radius, bottom = area->y + area->height - radius;

	cairo_new_sub_path(cr);
	cairo_arc(cr, right, area->y + radius, radius, -M_PI_2, 0);
	cairo_arc(cr, right, bottom, radius, 0, M_PI_2);
	cairo_arc(cr, area->x + radius, bottom, radius, M_PI_2, M_PI);
	cairo_arc(cr, area->x + radius, area->y + radius, radius, M_PI, 1.5 * M_PI);
	cairo_close_path(cr);
}

void paint_fill(
    const struct ph_paint *paint, const struct ph_area *area, double radius, uint32_t colour)
{
	trace_round(paint->cr, area, radius * paint->unit);
	paint_colour(paint->cr, colour);
	cairo_fill(paint->cr);
}

void paint_line(const struct ph_paint *paint, const struct ph_area *area, double radius,
    double thickness, uint32_t colour)
{
	double width = thickness * paint->unit;
	struct ph_area inner = {
	    area->x + width / 2, area->y + width / 2, area->width - width, area->height - width};

	trace_round(paint->cr, &inner, radius * paint->unit - width / 2);
	paint_colour(paint->cr, colour);
	cairo_set_line_width(paint->cr, width);
	cairo_stroke(paint->cr);
}

struct ph_text_size paint_middle(const struct ph_paint *paint, const struct ph_text *style,
    double x, double y, const char *string)
{
	double height = text_measure(style, string).height;

	return text_draw(paint->cr, style, x, y - height / 2, string);
}

void paint_dot(const struct ph_paint *paint, double x, double y, bool full, uint32_t colour)
{
	cairo_new_path(paint->cr);
	cairo_arc(paint->cr, x, y, (full ? 4 : 3.25) * paint->unit, 0, 2 * M_PI);
	paint_colour(paint->cr, colour);
	if (full) {
		cairo_fill(paint->cr);
	} else {
		cairo_set_line_width(paint->cr, 1.5 * paint->unit);
		cairo_stroke(paint->cr);
	}
}

void paint_padlock(const struct ph_paint *paint, double x, double y, uint32_t colour)
{
	double unit = paint->unit;
	struct ph_area body = {x - 4.5 * unit, y - 0.5 * unit, 9 * unit, 6.5 * unit};

	paint_fill(paint, &body, 1.5, colour);
	cairo_new_path(paint->cr);
	cairo_move_to(paint->cr, x - 2.75 * unit, y);
	cairo_arc(paint->cr, x, y - 2.75 * unit, 2.75 * unit, M_PI, 2 * M_PI);
	cairo_line_to(paint->cr, x + 2.75 * unit, y);
	cairo_set_line_width(paint->cr, 1.5 * unit);
	paint_colour(paint->cr, colour);
	cairo_stroke(paint->cr);
}

void paint_tone(const struct ph_paint *paint, double x, double y, enum ph_theme_tone tone)
{
	uint32_t colour = theme_tone_colour(paint->theme, tone);

	if (tone == PH_THEME_LOCKED) {
		paint_padlock(paint, x, y, colour);
	} else {
		paint_dot(paint, x, y, tone == PH_THEME_GOOD, colour);
	}
}

/* 0 to 1, as an eye sees it. */
static double brightness(uint32_t colour)
{
	return (0.299 * (colour >> 16 & 0xff) + 0.587 * (colour >> 8 & 0xff) +
		   0.114 * (colour & 0xff)) /
	       255;
}

void paint_badge(
    const struct ph_paint *paint, const struct ph_area *area, unsigned number, uint32_t colour)
{
	bool bright = brightness(colour) > 0.45;
	/* A dark colour would not be seen on our dark ground. */
	bool quiet = !paint->theme->light && !paint->theme->contrast && bright;
	struct ph_text style = {
	    .font = paint->theme->font,
	    .size = area->height * 0.46,
	    .weight = 600,
	    .width = area->width,
	    .align = PH_TEXT_CENTRE,
	};
	char digit[2] = {(char)('0' + number % 10), '\0'};

	colour &= 0xffffff;
	if (number < 1 || number > 10) {
		/* No key: just its colour. */
		cairo_new_path(paint->cr);
		cairo_arc(paint->cr, area->x + area->width / 2, area->y + area->height / 2,
		    area->height * 0.14, 0, 2 * M_PI);
		paint_colour(paint->cr, 0xff000000 | colour);
		cairo_fill(paint->cr);
		return;
	}
	paint_fill(paint, area, 10 * area->height / (44 * paint->unit),
	    (quiet ? 0x2e000000 : 0xff000000) | colour);
	style.colour = quiet ? 0xff000000 | colour : bright ? paint->theme->on_badge : 0xffffffff;
	paint_middle(paint, &style, area->x, area->y + area->height / 2, digit);
}

static void draw_key(
    const struct ph_paint *paint, const char *key, double x, double y, double width)
{
	double height = PH_PAINT_KEY_HEIGHT * paint->unit;
	struct ph_area area = {x, y - height / 2, width, height};
	struct ph_text style = theme_text(paint->theme, paint->unit, PH_THEME_KEY);

	paint_fill(paint, &area, 6, paint->theme->card);
	paint_line(paint, &area, 6, 1, paint->theme->line);
	style.colour = paint->theme->text;
	style.width = width;
	style.align = PH_TEXT_CENTRE;
	paint_middle(paint, &style, area.x, y, key);
}

/* Goes through the keys of a chord; draws them if y is a number. */
static double walk_chord(const struct ph_paint *paint, double left, double y, const char *keys)
{
	struct ph_text style = theme_text(paint->theme, paint->unit, PH_THEME_KEY);
	double x = 0;

	while (*keys) {
		char key[32];
		/* A '+' at the very start is the key itself. */
		size_t length = strcspn(keys + 1, "+") + 1;
		size_t part = length < sizeof(key) ? length : sizeof(key) - 1;
		double width;

		memcpy(key, keys, part);
		key[part] = '\0';
		width = fmax(text_measure(&style, key).width + 14 * paint->unit,
		    PH_PAINT_KEY_HEIGHT * paint->unit);
		if (!isnan(y))
			draw_key(paint, key, left + x, y, width);
		x += width;
		keys += length;
		if (*keys == '+' && keys[1]) {
			keys++;
			x += 4 * paint->unit;
		}
	}
	return x;
}

double paint_chord(const struct ph_paint *paint, double x, double y, const char *keys)
{
	return walk_chord(paint, x, y, keys);
}

double paint_chord_width(const struct ph_paint *paint, const char *keys)
{
	return walk_chord(paint, 0, NAN, keys);
}

void paint_leaf(const struct ph_paint *paint, double x, double y, double size, uint32_t ground)
{
	cairo_t *cr = paint->cr;

	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, size, size);
	cairo_move_to(cr, 0.08, 0.92);
	cairo_curve_to(cr, -0.10, 0.30, 0.30, 0.02, 0.96, 0.04);
	cairo_curve_to(cr, 1.00, 0.70, 0.70, 1.08, 0.08, 0.92);
	cairo_close_path(cr);
	paint_colour(cr, paint->theme->accent);
	cairo_fill(cr);
	cairo_move_to(cr, 0.02, 0.98);
	cairo_curve_to(cr, 0.22, 0.66, 0.42, 0.46, 0.70, 0.32);
	paint_colour(cr, ground);
	cairo_set_line_width(cr, 0.075);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_stroke(cr);
	cairo_restore(cr);
}
