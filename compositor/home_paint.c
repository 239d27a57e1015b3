// SPDX-License-Identifier: MIT
#include "home_paint.h"

#include <math.h>

const struct ph_home_palette home_paint_dark = {
    .ground = 0xff14161a,
    .text = 0xffeceef1,
    .muted = 0xffa3a9b4,
    .faint = 0xff747b87,
    .card = 0x0dffffff,
    .card_selected = 0x1cffffff,
    .line = 0x24ffffff,
    .sunken = 0x40000000,
    .good = 0xff7fcf9f,
    .warning = 0xffe8b968,
    .bad = 0xfff08a80,
};

const struct ph_home_palette home_paint_light = {
    .ground = 0xfff5f6f4,
    .text = 0xff1b1e23,
    .muted = 0xff565d68,
    .faint = 0xff838a95,
    .card = 0x0a000000,
    .card_selected = 0xffffffff,
    .line = 0x20000000,
    .sunken = 0x0d000000,
    .good = 0xff1f8a56,
    .warning = 0xffa86a00,
    .bad = 0xffc03a30,
};

void home_paint_colour(cairo_t *cr, uint32_t colour)
{
	cairo_set_source_rgba(cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
	    (colour & 0xff) / 255.0, (colour >> 24) / 255.0);
}

static void trace_round(cairo_t *cr, const struct ph_home_box *box, double radius)
{
	double right = box->x + box->width - radius, bottom = box->y + box->height - radius;

	cairo_new_sub_path(cr);
	cairo_arc(cr, right, box->y + radius, radius, -M_PI_2, 0);
	cairo_arc(cr, right, bottom, radius, 0, M_PI_2);
	cairo_arc(cr, box->x + radius, bottom, radius, M_PI_2, M_PI);
	cairo_arc(cr, box->x + radius, box->y + radius, radius, M_PI, 1.5 * M_PI);
	cairo_close_path(cr);
}

void home_paint_fill(const struct ph_home_canvas *canvas, const struct ph_home_box *box,
    double radius, uint32_t colour)
{
	trace_round(canvas->cr, box, radius * canvas->layout.unit);
	home_paint_colour(canvas->cr, colour);
	cairo_fill(canvas->cr);
}

void home_paint_line(const struct ph_home_canvas *canvas, const struct ph_home_box *box,
    double radius, double thickness, uint32_t colour)
{
	double width = thickness * canvas->layout.unit;
	struct ph_home_box inner = {
	    box->x + width / 2, box->y + width / 2, box->width - width, box->height - width};

	trace_round(canvas->cr, &inner, radius * canvas->layout.unit - width / 2);
	home_paint_colour(canvas->cr, colour);
	cairo_set_line_width(canvas->cr, width);
	cairo_stroke(canvas->cr);
}

struct ph_text_size home_paint_middle(const struct ph_home_canvas *canvas,
    const struct ph_text *style, double x, double y, const char *string)
{
	double height = text_measure(style, string).height;

	return text_draw(canvas->cr, style, x, y - height / 2, string);
}

struct chord_place {
	const struct ph_home_canvas *canvas;
	double x, y; /* left edge and middle of the chord */
};

static void draw_key(void *data, const char *key, double x, double width)
{
	const struct chord_place *place = data;
	const struct ph_home_canvas *canvas = place->canvas;
	double unit = canvas->layout.unit, height = PH_HOME_KEY_HEIGHT * unit;
	struct ph_home_box box = {place->x + x, place->y - height / 2, width, height};
	struct ph_text style = home_text_key(&canvas->layout);

	home_paint_fill(canvas, &box, 6, canvas->palette->card);
	home_paint_line(canvas, &box, 6, 1, canvas->palette->line);
	style.colour = canvas->palette->text;
	style.width = width;
	style.align = PH_TEXT_CENTRE;
	home_paint_middle(canvas, &style, box.x, place->y, key);
}

double home_paint_chord(const struct ph_home_canvas *canvas, double x, double y, const char *keys)
{
	struct chord_place place = {canvas, x, y};

	return home_layout_chord(&canvas->layout, keys, draw_key, &place);
}

void home_paint_leaf(const struct ph_home_canvas *canvas, double x, double y, double size)
{
	cairo_t *cr = canvas->cr;

	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, size, size);
	cairo_move_to(cr, 0.08, 0.92);
	cairo_curve_to(cr, -0.10, 0.30, 0.30, 0.02, 0.96, 0.04);
	cairo_curve_to(cr, 1.00, 0.70, 0.70, 1.08, 0.08, 0.92);
	cairo_close_path(cr);
	home_paint_colour(cr, canvas->palette->good);
	cairo_fill(cr);
	cairo_move_to(cr, 0.02, 0.98);
	cairo_curve_to(cr, 0.22, 0.66, 0.42, 0.46, 0.70, 0.32);
	home_paint_colour(cr, canvas->palette->ground);
	cairo_set_line_width(cr, 0.075);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_stroke(cr);
	cairo_restore(cr);
}
