// SPDX-License-Identifier: MIT
#include "overview.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "text.h"

/* All distances are units. */
#define LEAST_WIDTH 560.0
#define LEAST_HEIGHT 400.0
#define HEADER 54.0
#define FOOTER 46.0
#define GAP 22.0
#define CAPTION 46.0
#define SMALL_NAME 110.0 /* beside the badge; with less it is in small letters */
#define LEAST_NAME 40.0 /* beside the badge; with less there is none */
#define FRAME 8.0 /* between a picture and the line around it */

/* With few guests they stay pictures of guests, and do not become guests again. */
#define MOST_WIDTH 0.46

/* Width of the pictures in a grid of so many columns. */
static double try_columns(const struct ph_overview_layout *layout, size_t columns, double width,
    double height)
{
	size_t rows = (layout->count + columns - 1) / columns;
	double cell_width = (width - (double)(columns - 1) * layout->gap) / (double)columns;
	double cell_height = (height - (double)(rows - 1) * layout->gap) / (double)rows;

	return fmin(cell_width, (cell_height - layout->caption) * layout->aspect);
}

void overview_arrange(struct ph_overview_layout *layout, const struct ph_overview *overview,
    int width, int height, double scale)
{
	double unit = theme_unit(overview->theme, width, height, scale, LEAST_WIDTH, LEAST_HEIGHT);
	double margin = fmin(fmax(width * 0.04, 20 * unit), 80 * unit), best = -1;
	double room_width = width - 2 * margin;
	double room_height = height - (HEADER + FOOTER) * unit - 16 * unit, grid_width, grid_height;

	*layout = (struct ph_overview_layout){
	    .paint = {.theme = overview->theme, .unit = unit},
	    .width = width,
	    .height = height,
	    .count = overview->count,
	    /* Most pictures are of the size of a screen like this one. */
	    .aspect = fmin(fmax((double)width / fmax(height, 1), 0.6), 2.4),
	    .gap = GAP * unit,
	    .caption = CAPTION * unit,
	};
	if (overview->count > 12) {
		layout->gap = 12 * unit;
		layout->caption = 34 * unit;
	}
	layout->columns = 1;
	for (size_t columns = 1; columns <= overview->count; columns++) {
		double size = try_columns(layout, columns, room_width, room_height);

		if (size > best) {
			best = size;
			layout->columns = columns;
		}
	}
	layout->rows = (overview->count + layout->columns - 1) / layout->columns;
	best = fmax(fmin(best, width * MOST_WIDTH), 1);
	layout->cell_width = floor(best);
	layout->cell_height = floor(best / layout->aspect + layout->caption);
	grid_width = (double)layout->columns * (layout->cell_width + layout->gap) - layout->gap;
	grid_height = (double)layout->rows * (layout->cell_height + layout->gap) - layout->gap;
	layout->left = round((width - grid_width) / 2);
	layout->top = round(HEADER * unit + 8 * unit + fmax(room_height - grid_height, 0) * 0.45);
}

struct ph_area overview_cell(const struct ph_overview_layout *layout, size_t index)
{
	if (index >= layout->count)
		return (struct ph_area){0};
	return (struct ph_area){
	    .x = layout->left +
		 (double)(index % layout->columns) * (layout->cell_width + layout->gap),
	    .y = layout->top +
		 (double)(index / layout->columns) * (layout->cell_height + layout->gap),
	    .width = layout->cell_width,
	    .height = layout->cell_height,
	};
}

struct ph_area overview_picture(const struct ph_overview_layout *layout,
    const struct ph_overview *overview, size_t index)
{
	struct ph_area area = overview_cell(layout, index);
	double frame = fmin(FRAME * layout->paint.unit, area.width * 0.06), factor;

	area.x += frame;
	area.y += frame;
	area.width = fmax(area.width - 2 * frame, 1);
	area.height = fmax(area.height - layout->caption - frame, 1);
	if (index < overview->count && overview->sizes[index].width > 0 &&
	    overview->sizes[index].height > 0) {
		double width = overview->sizes[index].width;
		double height = overview->sizes[index].height;

		factor = fmin(fmin(area.width / width, area.height / height), 1);
		area.x = round(area.x + (area.width - width * factor) / 2);
		area.y = round(area.y + (area.height - height * factor) / 2);
		area.width = fmax(round(width * factor), 1);
		area.height = fmax(round(height * factor), 1);
	}
	return area;
}

size_t overview_hit(const struct ph_overview_layout *layout, double x, double y)
{
	for (size_t i = 0; i < layout->count; i++) {
		struct ph_area area = overview_cell(layout, i);

		if (area_contains(&area, x, y))
			return i;
	}
	return SIZE_MAX;
}

size_t overview_step(
    const struct ph_overview_layout *layout, size_t index, enum ph_direction direction)
{
	size_t count = layout->count;

	if (index >= count)
		return count > 0 ? 0 : SIZE_MAX;
	switch (direction) {
	case PH_DIRECTION_LEFT:
		return index > 0 ? index - 1 : count - 1;
	case PH_DIRECTION_RIGHT:
		return index + 1 < count ? index + 1 : 0;
	case PH_DIRECTION_UP:
		return index >= layout->columns ? index - layout->columns : index;
	case PH_DIRECTION_DOWN:
		if (index + layout->columns < count)
			return index + layout->columns;
		/* Above an incomplete last row: its last guest is the nearest. */
		if (index / layout->columns + 1 < layout->rows)
			return count - 1;
		return index;
	}
	return index;
}

/* Begins with a capital letter. */
static void say(const char *words, char *text, size_t size)
{
	snprintf(text, size, "%s", words ? words : "");
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
}

static void draw_caption(const struct ph_paint *paint, const struct ph_overview_layout *layout,
    const struct ph_strip_guest *guest, const struct ph_area *cell)
{
	const struct ph_theme *theme = paint->theme;
	double unit = paint->unit, side = layout->caption - 18 * unit;
	double middle = cell->y + cell->height - layout->caption / 2;
	struct ph_area badge = {cell->x + 8 * unit, middle - side / 2, side, side};
	double x = badge.x + side + 10 * unit, right = cell->x + cell->width - 10 * unit, taken;
	struct ph_text name = theme_text(theme, unit, PH_THEME_STRONG);
	struct ph_text state = theme_text(theme, unit, PH_THEME_TINY);
	char text[64];

	paint_badge(paint, &badge, guest->number, theme_guest_colour(guest->number, guest->colour));
	if (right - x < SMALL_NAME * unit)
		name = state;
	name.colour = theme->text;
	state.colour = guest->tone == PH_THEME_BAD ? theme->bad : theme->muted;
	/* A letter and a half of a name say nothing; the selected one's stands in the header. */
	if (right - x < LEAST_NAME * unit)
		return;
	say(guest->state, text, sizeof(text));
	taken = text_measure(&state, text).width + 14 * unit;
	/* In a narrow cell the dot has to do. */
	if (taken > (right - x) * 0.5)
		taken = 10 * unit;
	else
		paint_middle(paint, &state, right - taken + 14 * unit, middle, text);
	paint_tone(paint, right - taken + 4 * unit, middle, guest->tone);
	name.width = fmax(right - taken - 10 * unit - x, 1);
	paint_middle(paint, &name, x, middle, guest->name);
}

/* In the place of a picture that is not there. */
static void draw_card(const struct ph_paint *paint, const struct ph_strip_guest *guest,
    const struct ph_area *area)
{
	const struct ph_theme *theme = paint->theme;
	double unit = paint->unit;
	struct ph_text text = theme_text(theme, unit, PH_THEME_SMALL);
	const char *why = guest->reason && *guest->reason ? guest->reason : guest->state;
	char line[256];
	double height;

	paint_fill(paint, area, 8, theme->sunken);
	text.colour = guest->tone == PH_THEME_BAD ? theme->bad : theme->muted;
	text.width = fmax(area->width - 24 * unit, 1);
	text.lines = 4;
	text.align = PH_TEXT_CENTRE;
	say(why, line, sizeof(line));
	if (guest->tone == PH_THEME_IDLE && guest->focused)
		snprintf(line, sizeof(line), "Off. Enter starts it.");
	height = text_measure(&text, line).height;
	if (height < area->height - 8 * unit)
		text_draw(paint->cr, &text, area->x + 12 * unit,
		    area->y + (area->height - height) / 2, line);
}

static void draw_footer(const struct ph_paint *paint, const struct ph_overview_layout *layout)
{
	static const struct {
		const char *keys, *text;
	} hints[] = {{"Arrows", "choose"}, {"Enter", "show"}, {"Esc", "back"}};
	double unit = paint->unit, width = -28 * unit, x;
	double y = layout->height - FOOTER * unit / 2 - 4 * unit;
	struct ph_text text = theme_text(paint->theme, unit, PH_THEME_SMALL);

	text.colour = paint->theme->muted;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		width += paint_chord_width(paint, hints[i].keys) + 9 * unit +
			 text_measure(&text, hints[i].text).width + 28 * unit;
	x = (layout->width - width) / 2;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		x += paint_chord(paint, x, y, hints[i].keys) + 9 * unit;
		x += paint_middle(paint, &text, x, y, hints[i].text).width + 28 * unit;
	}
}

static const struct ph_strip_guest *find_selected(const struct ph_overview *overview)
{
	for (size_t i = 0; i < overview->count; i++)
		if (overview->guests[i].focused)
			return &overview->guests[i];
	return NULL;
}

/* The selected guest's whole name, for which there may be no room below its picture. */
static void draw_header(const struct ph_paint *paint, const struct ph_overview_layout *layout,
    const struct ph_overview *overview)
{
	const struct ph_strip_guest *selected = find_selected(overview);
	double unit = paint->unit, middle = HEADER * unit / 2 + 6 * unit;
	struct ph_text title = theme_text(paint->theme, unit, PH_THEME_TITLE);
	double left = fmin(fmax(layout->width * 0.04, 20 * unit), 80 * unit);

	paint_leaf(paint, left, middle - 11 * unit, 22 * unit, paint->theme->ground);
	title.colour = paint->theme->text;
	double x = left + 34 * unit, room = layout->width - left - x;
	if (!selected) {
		paint_middle(paint, &title, x, middle, layout->count > 0 ? "All guests" : "No guests yet");
		return;
	}
	struct ph_text state = theme_text(paint->theme, unit, PH_THEME_SMALL);
	char text[64];
	say(selected->state, text, sizeof(text));
	double taken = text_measure(&state, text).width + 18 * unit;
	title.width = fmax(room - taken, 1);
	x += paint_middle(paint, &title, x, middle, selected->name).width + 18 * unit;
	state.colour = selected->tone == PH_THEME_BAD ? paint->theme->bad : paint->theme->muted;
	paint_middle(paint, &state, x, middle, text);
}

void overview_draw(
    cairo_t *cr, const struct ph_overview *overview, const struct ph_overview_layout *layout)
{
	const struct ph_theme *theme = overview->theme;
	struct ph_paint paint = layout->paint;

	paint.cr = cr;
	cairo_save(cr);
	paint_colour(cr, theme->ground);
	cairo_paint(cr);
	draw_header(&paint, layout, overview);
	for (size_t i = 0; i < overview->count; i++) {
		const struct ph_strip_guest *guest = &overview->guests[i];
		struct ph_area cell = overview_cell(layout, i);
		struct ph_area picture = overview_picture(layout, overview, i);

		paint_fill(&paint, &cell, 14, guest->focused ? theme->card_selected : theme->card);
		if (guest->focused)
			paint_line(&paint, &cell, 14, theme->contrast ? 4 : 2.5, theme->accent);
		else if (theme->contrast)
			paint_line(&paint, &cell, 14, 1, theme->line);
		draw_caption(&paint, layout, guest, &cell);
		if (overview->sizes[i].width == 0)
			draw_card(&paint, guest, &picture);
	}
	draw_footer(&paint, layout);
	cairo_restore(cr);
}
