// SPDX-License-Identifier: MIT
#include "strip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* What all drawing functions need. */
struct canvas {
	struct ph_paint paint;
	const struct ph_strip *strip;
	const struct ph_strip_layout *layout;
};

/* Parts of the strip that there is one of; the cards and then the buttons follow. */
enum part {
	PART_HEADER,
	PART_NOTICE,
	PART_BEFORE,
	PART_AFTER,
	PART_LABELS,
	PART_CARDS = PART_LABELS + PH_STRIP_LINES,
};

static const struct ph_strip_guest *find_focused(const struct ph_strip *strip)
{
	for (size_t i = 0; i < strip->guest_count; i++)
		if (strip->guests[i].focused)
			return &strip->guests[i];
	return NULL;
}

static bool is_hovered(const struct ph_strip *strip, enum ph_strip_target target, size_t index)
{
	return strip->hover.target == target && strip->hover.index == index;
}

static struct ph_text make_text(
    const struct canvas *canvas, enum ph_theme_text kind, uint32_t colour)
{
	struct ph_text text = theme_text(canvas->paint.theme, canvas->paint.unit, kind);

	text.colour = colour;
	return text;
}

/* Width of the clock and the date, which is drawn if draw is true. */
static double draw_clock(const struct canvas *canvas, const struct ph_area *area)
{
	const struct ph_theme *theme = canvas->paint.theme;
	double unit = canvas->paint.unit, middle = area->y + area->height / 2;
	struct ph_text clock = make_text(canvas, PH_THEME_TITLE, theme->text);
	struct ph_text date = make_text(canvas, PH_THEME_SMALL, theme->muted);
	double right = area->x + area->width, x;

	x = right - text_measure(&clock, canvas->strip->clock).width;
	paint_middle(&canvas->paint, &clock, x, middle, canvas->strip->clock);
	if (!canvas->strip->date || area->width < 400 * unit)
		return right - x;
	x -= text_measure(&date, canvas->strip->date).width + 12 * unit;
	paint_middle(&canvas->paint, &date, x, middle, canvas->strip->date);
	return right - x;
}

/* Who has keyboard and pointer, and what time it is. */
static void draw_header(const struct canvas *canvas)
{
	const struct ph_theme *theme = canvas->paint.theme;
	const struct ph_strip_guest *guest = find_focused(canvas->strip);
	const struct ph_area *area = &canvas->layout->header;
	double unit = canvas->paint.unit, middle = area->y + area->height / 2, x = area->x;
	double room = area->width - draw_clock(canvas, area) - 20 * unit, taken;
	struct ph_text name = make_text(canvas, PH_THEME_TITLE, theme->text);
	struct ph_text rest = make_text(canvas, PH_THEME_SMALL, theme->muted);

	paint_leaf(&canvas->paint, x, middle - 10 * unit, 20 * unit,
	    0xff000000 | theme->panel);
	x += 32 * unit;
	room -= 32 * unit;
	if (!guest) {
		rest.width = fmax(room, 1);
		paint_middle(&canvas->paint, &rest, x, middle, "No guest has the keyboard");
		return;
	}
	name.width = fmax(room, 1);
	taken = fmin(text_measure(&name, guest->name).width, room);
	paint_middle(&canvas->paint, &name, x, middle, guest->name);
	rest.width = room - taken - 10 * unit;
	/* Beside a long name these words say the least. */
	if (rest.width > 60 * unit)
		paint_middle(&canvas->paint, &rest, x + taken + 10 * unit, middle + unit,
		    "has keyboard and pointer");
}

/* Keys or pointer that would otherwise be missed, and how to have them back. */
static void draw_notice(const struct canvas *canvas)
{
	const struct ph_theme *theme = canvas->paint.theme;
	const struct ph_strip *strip = canvas->strip;
	const struct ph_strip_guest *guest = find_focused(strip);
	const struct ph_area *area = &canvas->layout->notice;
	double unit = canvas->paint.unit, middle = area->y + area->height / 2;
	double x = area->x + 30 * unit, right = area->x + area->width - 12 * unit;
	struct ph_text text = make_text(canvas, PH_THEME_SMALL, theme->text);
	const char *name = guest ? guest->name : "the guest";
	double rest = 0;
	char line[256], after[96];

	if (!strip->grabbed && !strip->captured)
		return;
	paint_fill(&canvas->paint, area, 10, (theme->warning & 0xffffff) | 0x26000000);
	paint_dot(&canvas->paint, area->x + 16 * unit, middle, true, theme->warning);
	if (strip->grabbed)
		snprintf(line, sizeof(line), "%s to %.64s.%s",
		    strip->captured ? "Every key and the pointer go" : "Every key goes", name,
		    strip->out_keys ? " To have them back, hold" : "");
	else
		snprintf(line, sizeof(line), "The pointer is in %.64s, and free while this is shown.%s",
		    name, strip->out_keys ? " To have it back, hold" : "");
	snprintf(after, sizeof(after), "%s.", strip->out_after ? strip->out_after : "");
	if (strip->out_keys)
		rest = paint_chord_width(&canvas->paint, strip->out_keys) +
		       text_measure(&text, after).width + 20 * unit;
	text.width = fmax(right - x - rest, 1);
	x += fmin(paint_middle(&canvas->paint, &text, x, middle, line).width, text.width) + 10 * unit;
	if (!strip->out_keys)
		return;
	x += paint_chord(&canvas->paint, x, middle, strip->out_keys) + 10 * unit;
	text.width = right - x;
	if (text.width > 30 * unit)
		paint_middle(&canvas->paint, &text, x, middle, after);
}

static void draw_more(const struct canvas *canvas, enum ph_strip_target target)
{
	const struct ph_theme *theme = canvas->paint.theme;
	const struct ph_strip_layout *layout = canvas->layout;
	bool before = target == PH_STRIP_BEFORE;
	const struct ph_area *area = before ? &layout->before : &layout->after;
	bool hovered = is_hovered(canvas->strip, target, 0);
	double unit = canvas->paint.unit, middle = area->y + area->height / 2;
	size_t count = before ? layout->first
			      : canvas->strip->guest_count - layout->first - layout->shown;
	double x = area->x + area->width / 2, reach = (before ? -4.5 : 4.5) * unit;
	struct ph_text text = make_text(canvas, PH_THEME_TINY, theme->muted);
	char number[24];

	if (area->width == 0)
		return;
	if (count > 0) {
		paint_fill(
		    &canvas->paint, area, 12, hovered ? theme->card_selected : theme->card);
		snprintf(number, sizeof(number), "%zu", count);
		text.width = area->width;
		text.align = PH_TEXT_CENTRE;
		paint_middle(&canvas->paint, &text, area->x, middle + 11 * unit, number);
	}
	cairo_new_path(canvas->paint.cr);
	cairo_move_to(canvas->paint.cr, x - reach / 2, middle - 16 * unit);
	cairo_line_to(canvas->paint.cr, x + reach / 2, middle - 9 * unit);
	cairo_line_to(canvas->paint.cr, x - reach / 2, middle - 2 * unit);
	cairo_set_line_width(canvas->paint.cr, 2 * unit);
	cairo_set_line_cap(canvas->paint.cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(canvas->paint.cr, CAIRO_LINE_JOIN_ROUND);
	paint_colour(canvas->paint.cr, count > 0 ? theme->text : theme->line);
	cairo_stroke(canvas->paint.cr);
}

/* In a compact card with what other cards have a line of its own for. */
static void draw_state(const struct canvas *canvas, const struct ph_strip_guest *guest, double x,
    double middle, double width)
{
	double unit = canvas->paint.unit;
	bool bad = guest->tone == PH_THEME_BAD;
	const char *more = bad ? guest->reason : guest->where;
	struct ph_text text = make_text(canvas, PH_THEME_TINY,
	    bad ? canvas->paint.theme->bad : canvas->paint.theme->muted);
	char state[256];

	if (!canvas->layout->compact || !more)
		more = "";
	snprintf(state, sizeof(state), "%s%s%s", guest->state ? guest->state : "",
	    *more ? ", " : "", more);
	if (state[0] >= 'a' && state[0] <= 'z')
		state[0] = (char)(state[0] - 'a' + 'A');
	paint_tone(&canvas->paint, x + 4 * unit, middle, guest->tone);
	text.width = fmax(width - 14 * unit, 1);
	paint_middle(&canvas->paint, &text, x + 14 * unit, middle, state);
}

/* The last line of a card that is not compact: why it is lost, or where it is shown. */
static void draw_where(const struct canvas *canvas, const struct ph_strip_guest *guest, double x,
    double top, double bottom, double width)
{
	const struct ph_theme *theme = canvas->paint.theme;
	struct ph_text text = make_text(canvas, PH_THEME_TINY, theme->muted);

	text.width = fmax(width, 1);
	if (guest->tone == PH_THEME_BAD && guest->reason && *guest->reason) {
		text.lines = 2;
		text.size = 11.5 * canvas->paint.unit;
		text_draw(canvas->paint.cr, &text, x, top, guest->reason);
		return;
	}
	if (guest->where) {
		if (guest->focused)
			text.colour = theme->accent;
	} else if (guest->tone == PH_THEME_IDLE || guest->tone == PH_THEME_BAD ||
		   guest->tone == PH_THEME_LOCKED) {
		return;
	} else {
		text.colour = theme->faint;
	}
	paint_middle(&canvas->paint, &text, x, bottom - 19 * canvas->paint.unit,
	    guest->where ? guest->where : "not shown");
}

static void draw_card(const struct canvas *canvas, size_t index)
{
	const struct ph_theme *theme = canvas->paint.theme;
	const struct ph_strip_guest *guest = &canvas->strip->guests[index];
	struct ph_area area = strip_card(canvas->layout, index);
	bool compact = canvas->layout->compact;
	bool lit = guest->focused || is_hovered(canvas->strip, PH_STRIP_GUEST, index);
	double unit = canvas->paint.unit, pad = (compact ? 10 : 13) * unit;
	double side = (compact ? 34 : 38) * unit;
	struct ph_area badge = {area.x + pad, area.y + pad, side, side};
	double x = badge.x + side + (compact ? 10 : 12) * unit;
	double width = area.x + area.width - x - 10 * unit;
	struct ph_text name = make_text(canvas, PH_THEME_STRONG, theme->text);

	paint_fill(&canvas->paint, &area, 12, lit ? theme->card_selected : theme->card);
	if (guest->focused)
		paint_line(&canvas->paint, &area, 12, theme->contrast ? 3 : 2, theme->accent);
	else if (theme->contrast)
		paint_line(&canvas->paint, &area, 12, 1, theme->line);
	paint_badge(&canvas->paint, &badge, guest->number,
	    theme_guest_colour(guest->number, guest->colour));
	name.width = fmax(width, 1);
	paint_middle(&canvas->paint, &name, x, badge.y + side / 2 - 9.5 * unit, guest->name);
	draw_state(canvas, guest, x, badge.y + side / 2 + 10 * unit, width);
	if (!compact)
		draw_where(canvas, guest, badge.x, badge.y + side + 4 * unit, area.y + area.height,
		    area.width - 2 * pad);
}

static void draw_label(const struct canvas *canvas, enum ph_strip_line line)
{
	static const char *const names[] = {
	    [PH_STRIP_SEND] = "Send",
	    [PH_STRIP_COMMAND] = "Session",
	};
	const struct ph_area *area = &canvas->layout->labels[line];
	struct ph_text text = make_text(canvas, PH_THEME_TINY, canvas->paint.theme->muted);

	if (area->width > 0)
		paint_middle(
		    &canvas->paint, &text, area->x, area->y + area->height / 2, names[line]);
}

static void draw_button(const struct canvas *canvas, size_t index)
{
	const struct ph_theme *theme = canvas->paint.theme;
	const struct ph_strip_button *button = &canvas->strip->buttons[index];
	const struct ph_area *area = &canvas->layout->buttons[index];
	bool hovered = is_hovered(canvas->strip, PH_STRIP_BUTTON, index);
	double unit = canvas->paint.unit, middle = area->y + area->height / 2;
	double x = area->x + 12 * unit;
	struct ph_text text = make_text(canvas, PH_THEME_SMALL, theme->text);

	if (area->width == 0)
		return;
	paint_fill(&canvas->paint, area, 9, hovered ? theme->card_selected : theme->card);
	paint_line(&canvas->paint, area, 9, button->active ? 2 : 1,
	    button->active ? theme->accent : theme->line);
	if (button->key)
		x += paint_chord(&canvas->paint, x, middle, button->key) + 8 * unit;
	paint_middle(&canvas->paint, &text, x, middle, button->text);
}

size_t strip_part_count(const struct ph_strip_layout *layout)
{
	return PART_CARDS + layout->shown + layout->button_count;
}

struct ph_area strip_part_area(const struct ph_strip_layout *layout, size_t part)
{
	switch (part) {
	case PART_HEADER:
		return layout->header;
	case PART_NOTICE:
		return layout->notice;
	case PART_BEFORE:
		return layout->before;
	case PART_AFTER:
		return layout->after;
	default:
		break;
	}
	if (part < PART_CARDS)
		return layout->labels[part - PART_LABELS];
	part -= PART_CARDS;
	if (part < layout->shown)
		return strip_card(layout, layout->first + part);
	part -= layout->shown;
	return part < layout->button_count ? layout->buttons[part] : (struct ph_area){0};
}

static uint64_t add_bytes(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3; /* FNV-1a */
	return sum;
}

uint64_t strip_add_number(uint64_t sum, uint64_t number)
{
	return add_bytes(sum, &number, sizeof(number));
}

/* With its end, so that "a", "b" is not "ab", ""; none is not the empty one. */
static uint64_t add_text(uint64_t sum, const char *text)
{
	return text ? add_bytes(sum, text, strlen(text) + 1) : strip_add_number(sum, 1);
}

uint64_t strip_add_guest(uint64_t sum, const struct ph_strip_guest *guest)
{
	sum = strip_add_number(sum, guest->number);
	sum = add_text(sum, guest->name);
	sum = add_text(sum, guest->state);
	sum = add_text(sum, guest->reason);
	sum = add_text(sum, guest->where);
	sum = strip_add_number(sum, guest->tone);
	sum = strip_add_number(sum, guest->focused);
	return strip_add_number(sum, guest->colour);
}

uint64_t strip_part_sum(
    const struct ph_strip *strip, const struct ph_strip_layout *layout, size_t part)
{
	const struct ph_strip_guest *focused = find_focused(strip);
	uint64_t sum = 0xcbf29ce484222325;
	size_t index;

	switch (part) {
	case PART_HEADER:
		sum = add_text(sum, focused ? focused->name : NULL);
		sum = add_text(sum, strip->clock);
		return add_text(sum, strip->date);
	case PART_NOTICE:
		if (!strip->grabbed && !strip->captured)
			return sum;
		sum = add_text(sum, focused ? focused->name : NULL);
		sum = add_text(add_text(sum, strip->out_keys), strip->out_after);
		return strip_add_number(sum, strip->grabbed + 2U * strip->captured);
	case PART_BEFORE:
		return strip_add_number(sum, layout->first + (is_hovered(strip, PH_STRIP_BEFORE, 0) ? 1U << 31 : 0));
	case PART_AFTER:
		sum = strip_add_number(sum, strip->guest_count - layout->first - layout->shown);
		return strip_add_number(sum, is_hovered(strip, PH_STRIP_AFTER, 0));
	default:
		break;
	}
	if (part < PART_CARDS)
		return sum;
	index = part - PART_CARDS;
	if (index < layout->shown) {
		index += layout->first;
		sum = strip_add_guest(sum, &strip->guests[index]);
		return strip_add_number(sum, is_hovered(strip, PH_STRIP_GUEST, index));
	}
	index -= layout->shown;
	if (index >= layout->button_count)
		return sum;
	sum = add_text(sum, strip->buttons[index].key);
	sum = add_text(sum, strip->buttons[index].text);
	sum = strip_add_number(sum, strip->buttons[index].active);
	return strip_add_number(sum, is_hovered(strip, PH_STRIP_BUTTON, index));
}

static void draw_content(const struct canvas *canvas, size_t part)
{
	switch (part) {
	case PART_HEADER:
		draw_header(canvas);
		return;
	case PART_NOTICE:
		draw_notice(canvas);
		return;
	case PART_BEFORE:
		draw_more(canvas, PH_STRIP_BEFORE);
		return;
	case PART_AFTER:
		draw_more(canvas, PH_STRIP_AFTER);
		return;
	default:
		break;
	}
	if (part < PART_CARDS) {
		draw_label(canvas, (enum ph_strip_line)(part - PART_LABELS));
		return;
	}
	part -= PART_CARDS;
	if (part < canvas->layout->shown)
		draw_card(canvas, canvas->layout->first + part);
	else if (part - canvas->layout->shown < canvas->layout->button_count)
		draw_button(canvas, part - canvas->layout->shown);
}

static struct canvas make_canvas(
    cairo_t *cr, const struct ph_strip *strip, const struct ph_strip_layout *layout)
{
	struct canvas canvas = {layout->paint, strip, layout};

	canvas.paint.cr = cr;
	return canvas;
}

/* Only whole pixels inside its area change: what is beside it was drawn before. */
void strip_draw_part(cairo_t *cr, const struct ph_strip *strip,
    const struct ph_strip_layout *layout, size_t part)
{
	struct canvas canvas = make_canvas(cr, strip, layout);
	struct ph_area area = strip_part_area(layout, part);
	double right = ceil(area.x + area.width), bottom = ceil(area.y + area.height);

	if (area.width == 0)
		return;
	cairo_save(cr);
	cairo_rectangle(cr, floor(area.x), floor(area.y), right - floor(area.x),
	    bottom - floor(area.y));
	cairo_clip(cr);
	cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
	paint_colour(cr, strip->theme->panel);
	cairo_paint(cr);
	cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
	draw_content(&canvas, part);
	cairo_restore(cr);
}

void strip_draw(cairo_t *cr, const struct ph_strip *strip, const struct ph_strip_layout *layout)
{
	struct canvas canvas = make_canvas(cr, strip, layout);
	struct ph_area panel = {0, 0, layout->pixel_width, layout->pixel_height};

	cairo_save(cr);
	paint_fill(&canvas.paint, &panel, 20, strip->theme->panel);
	paint_line(&canvas.paint, &panel, 20, strip->theme->contrast ? 2 : 1, strip->theme->line);
	cairo_restore(cr);
	for (size_t part = 0; part < strip_part_count(layout); part++)
		strip_draw_part(cr, strip, layout, part);
}
