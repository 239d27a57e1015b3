// SPDX-License-Identifier: MIT
#include "strip.h"

#include <math.h>
#include <string.h>

#include "text.h"

/* All distances are units. */
#define LEAST_WIDTH 560.0
#define LEAST_HEIGHT 400.0
#define MARGIN 24.0 /* around the strip, where there is room for it */
#define PAD 18.0
#define GAP 10.0
#define HEADER 38.0
#define NOTICE 40.0
#define BUTTON 34.0
#define LEAST_PANEL 520.0
#define MOST_PANEL 1400.0
#define MORE 46.0 /* width of the arrows beside the guests */
#define LABEL 14.0 /* between the name of a line and its buttons */
#define MOST_STRETCH 1.45
#define MOST_CARDS 0.86 /* of the output's height, where cards are large or in several rows */
#define MOST_HEIGHT 0.94 /* of the output's height, for buttons and a row of small cards */

struct plan {
	bool compact;
	size_t rows;
	double width, height; /* of a card */
};

static const struct plan plans[] = {
    {false, 1, 192, 98},
    {false, 2, 192, 98},
    {true, 1, 172, 54},
    {true, 2, 172, 54},
    {true, 3, 172, 54},
    {true, 4, 172, 54},
    {true, 5, 172, 54},
};
#define LEAST_PLAN 2 /* takes the least height */

static size_t find_focused(const struct ph_strip *strip)
{
	for (size_t i = 0; i < strip->guest_count; i++)
		if (strip->guests[i].focused)
			return i;
	return 0;
}

static double button_width(const struct ph_paint *paint, const struct ph_strip_button *button)
{
	struct ph_text text = theme_text(paint->theme, paint->unit, PH_THEME_SMALL);
	double width = 24 * paint->unit + text_measure(&text, button->text).width;

	if (button->key)
		width += paint_chord_width(paint, button->key) + 8 * paint->unit;
	return ceil(width);
}

/* Measuring text takes long: once for each arrangement. */
static void measure_line_parts(struct ph_strip_layout *layout, const struct ph_strip *strip)
{
	struct ph_text text = theme_text(layout->paint.theme, layout->paint.unit, PH_THEME_TINY);

	layout->label_width = text_measure(&text, "Session").width + LABEL * layout->paint.unit;
	for (size_t i = 0; i < layout->button_count; i++)
		layout->button_widths[i] = button_width(&layout->paint, &strip->buttons[i]);
}

static bool is_in_line(const struct ph_strip *strip, size_t button, enum ph_strip_line line)
{
	return strip->buttons[button].line == line && !strip->buttons[button].useless;
}

/* Width of a line with all its buttons, pixels. */
static double line_width(const struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line)
{
	double width = layout->label_width;

	for (size_t i = 0; i < layout->button_count; i++)
		if (is_in_line(strip, i, line))
			width += layout->button_widths[i] + layout->gap;
	return width - layout->gap;
}

static size_t columns_in(double room, double width, double gap)
{
	double count = floor((room + gap) / (width + gap));

	return count < 1 ? 1 : (size_t)count;
}

/* Chooses the first plan that has all guests, or the last one that the height allows. */
static void plan_cards(struct ph_strip_layout *layout, const struct ph_strip *strip, double room,
    double most_height)
{
	double unit = layout->paint.unit, gap = layout->gap;
	size_t chosen = LEAST_PLAN, fit;

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		double height = ((plans[i].height + GAP) * (double)plans[i].rows - GAP) * unit;

		if (height > most_height)
			continue;
		chosen = i;
		fit = plans[i].rows * columns_in(room, plans[i].width * unit, gap);
		if (fit >= strip->guest_count)
			break;
	}
	layout->compact = plans[chosen].compact;
	layout->card_height = plans[chosen].height * unit;
	layout->card_width = plans[chosen].width * unit;
	layout->columns = columns_in(room, layout->card_width, gap);
	if (plans[chosen].rows * layout->columns < strip->guest_count)
		layout->columns =
		    columns_in(room - 2 * (MORE + GAP) * unit, layout->card_width, gap);
	layout->rows = (strip->guest_count + layout->columns - 1) / layout->columns;
	if (layout->rows > plans[chosen].rows)
		layout->rows = plans[chosen].rows;
	layout->shown = layout->rows * layout->columns;
	if (layout->shown >= strip->guest_count) {
		layout->shown = strip->guest_count;
		/* As many in each row: no full row with a single card below it. */
		if (layout->rows > 0)
			layout->columns = (strip->guest_count + layout->rows - 1) / layout->rows;
	}
}

/* The first visible guest: as asked for, or so that the focused one is in the middle. */
static size_t choose_first(const struct ph_strip_layout *layout, const struct ph_strip *strip)
{
	size_t last = strip->guest_count - layout->shown;
	size_t first = strip->first, focused = find_focused(strip);

	if (first == SIZE_MAX) {
		first = focused > layout->shown / 2 ? focused - layout->shown / 2 : 0;
		/* Whole columns of numbers stay where they are. */
		first -= layout->columns > 0 && layout->rows > 1 ? first % layout->columns : 0;
		if (focused >= first + layout->shown)
			first = focused - layout->shown + 1;
	}
	return first < last ? first : last;
}

static double cards_width(const struct ph_strip_layout *layout)
{
	if (layout->columns == 0)
		return 0;
	return (double)layout->columns * (layout->card_width + layout->gap) - layout->gap;
}

static double cards_height(const struct ph_strip_layout *layout)
{
	if (layout->rows == 0)
		return 0;
	return (double)layout->rows * (layout->card_height + layout->gap) - layout->gap;
}

static bool any_in_line(const struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line)
{
	for (size_t i = 0; i < layout->button_count; i++)
		if (is_in_line(strip, i, line))
			return true;
	return false;
}

/* Rows that all buttons of a line need in so much room. */
static size_t count_rows(const struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line, double room)
{
	double left = layout->label_width, x = left;
	size_t rows = 1;

	for (size_t i = 0; i < layout->button_count; i++) {
		if (!is_in_line(strip, i, line))
			continue;
		if (x + layout->button_widths[i] > room && x > left) {
			rows++;
			x = left;
		}
		x += layout->button_widths[i] + layout->gap;
	}
	return rows;
}

/* The least room in which a line has no more rows: no full row with a single button below it. */
static double balance_rows(const struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line, double room, size_t rows)
{
	double least = layout->label_width, middle;

	for (size_t i = 0; i < layout->button_count; i++)
		if (is_in_line(strip, i, line))
			least = fmax(least, layout->label_width + layout->button_widths[i]);
	while (room - least > 1) {
		middle = (least + room) / 2;
		if (count_rows(layout, strip, line, middle) > rows)
			least = middle;
		else
			room = middle;
	}
	return room;
}

/* Breaks a line while what is added fits into spare_height, pixels; returns what is added. */
static double break_line(struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line, double room, double spare_height)
{
	double row = BUTTON * layout->paint.unit + layout->gap, height = 0;
	/* Edges are rounded later. */
	size_t rows = count_rows(layout, strip, line, room - 2);

	if (!any_in_line(layout, strip, line))
		return 0;
	layout->line_rows[line] = 1;
	for (; layout->line_rows[line] < rows && height + row <= spare_height; height += row)
		layout->line_rows[line]++;
	layout->line_rooms[line] = room;
	if (rows > 1 && layout->line_rows[line] == rows)
		layout->line_rooms[line] = balance_rows(layout, strip, line, room - 2, rows);
	return height;
}

/* Places the buttons of a line from y on; what has no room any more is left out. */
static double place_line(struct ph_strip_layout *layout, const struct ph_strip *strip,
    enum ph_strip_line line, double y, double left, double right)
{
	double unit = layout->paint.unit, begin = left + layout->label_width, x = begin;
	size_t row = 1;

	if (!any_in_line(layout, strip, line))
		return y;
	if (layout->line_rows[line] > 1)
		right = fmin(right, left + layout->line_rooms[line]);
	layout->labels[line] = (struct ph_area){left, y, layout->label_width, BUTTON * unit};
	for (size_t i = 0; i < layout->button_count; i++) {
		double width = layout->button_widths[i];

		if (!is_in_line(strip, i, line))
			continue;
		if (x + width > right && row < layout->line_rows[line]) {
			row++;
			x = begin;
			y += BUTTON * unit + layout->gap;
		}
		if (x + width > right)
			continue;
		layout->buttons[i] = (struct ph_area){x, y, width, BUTTON * unit};
		x += width + layout->gap;
	}
	return y + BUTTON * unit + layout->gap;
}

/* The cards take all of the width, but are not stretched out of shape. */
static void place_cards(
    struct ph_strip_layout *layout, const struct ph_strip *strip, double y, double left, double right)
{
	double more = (MORE + GAP) * layout->paint.unit, height = cards_height(layout);
	bool scrolls = layout->shown < strip->guest_count;
	double room = right - left - (scrolls ? 2 * more : 0) + layout->gap, width;

	width = floor(room / (double)layout->columns - layout->gap);
	layout->card_width = fmax(fmin(width, layout->card_width * MOST_STRETCH), 1);
	layout->cards =
	    (struct ph_area){left + (scrolls ? more : 0), y, cards_width(layout), height};
	if (!scrolls)
		return;
	layout->before = (struct ph_area){left, y, more - layout->gap, height};
	layout->after = layout->before;
	layout->after.x = layout->cards.x + layout->cards.width + layout->gap;
}

static double choose_width(
    const struct ph_strip_layout *layout, const struct ph_strip *strip, double room)
{
	double unit = layout->paint.unit;
	double width = fmax(cards_width(layout), LEAST_PANEL * unit);

	if (layout->shown < strip->guest_count)
		width += 2 * (MORE + GAP) * unit;
	for (int line = 0; line < PH_STRIP_LINES; line++)
		width = fmax(width, line_width(layout, strip, (enum ph_strip_line)line));
	return fmin(width, room);
}

/*
 * Edges on whole logical pixels, and as many pixels as the output has between
 * them: the picture is shown as it is, whatever the scale.
 */
static void place_panel(struct ph_strip_layout *layout, double width, double height, int out_width,
    int out_height, double scale)
{
	double margin = MARGIN * layout->paint.unit / scale;
	int lwidth = (int)round(out_width / scale), lheight = (int)round(out_height / scale);

	layout->width = (int)ceil(width / scale);
	layout->height = (int)ceil(height / scale);
	if (layout->width > lwidth)
		layout->width = lwidth;
	if (layout->height > lheight)
		layout->height = lheight;
	margin = fmin(margin, (lheight - layout->height) / 2.0);
	layout->x = (lwidth - layout->width) / 2;
	layout->y = lheight - layout->height - (int)margin;
	layout->pixel_width =
	    (int)(round((layout->x + layout->width) * scale) - round(layout->x * scale));
	layout->pixel_height =
	    (int)(round((layout->y + layout->height) * scale) - round(layout->y * scale));
	if (layout->pixel_width < 1)
		layout->pixel_width = 1;
	if (layout->pixel_height < 1)
		layout->pixel_height = 1;
}

void strip_arrange(struct ph_strip_layout *layout, const struct ph_strip *strip, int width,
    int height, double scale)
{
	double unit, room, rest, cards, most, y, left, right;
	bool notice = strip->grabbed || strip->captured;

	if (!(scale >= 0.5) || scale > 100)
		scale = 1;
	unit = theme_unit(strip->theme, width, height, scale, LEAST_WIDTH, LEAST_HEIGHT);
	*layout = (struct ph_strip_layout){.paint = {.theme = strip->theme, .unit = unit}};
	layout->gap = GAP * unit;
	layout->guest_count = strip->guest_count;
	layout->button_count = strip->button_count < PH_STRIP_BUTTONS_MAX ? strip->button_count
									  : PH_STRIP_BUTTONS_MAX;
	measure_line_parts(layout, strip);
	room = fmin(width - (width / unit > 700 ? 2 * MARGIN * unit : 16 * unit),
		   MOST_PANEL * unit) -
	       2 * PAD * unit;
	rest = (2 * PAD + HEADER + (notice ? NOTICE + GAP : 0)) * unit;
	for (int line = 0; line < PH_STRIP_LINES; line++)
		if (any_in_line(layout, strip, (enum ph_strip_line)line))
			rest += (BUTTON + GAP) * unit;
	/*
	 * What is for the session counts most: who has only a pointer locks with it.
	 * What is sent to the guest comes next: there is no other way to it. Cards
	 * become smaller for both, but there is always a row of them.
	 */
	cards = strip->guest_count > 0 ? (plans[LEAST_PLAN].height + 2 * GAP) * unit : 0;
	most = height * MOST_HEIGHT - cards;
	rest += break_line(layout, strip, PH_STRIP_COMMAND, room, most - rest);
	rest += break_line(layout, strip, PH_STRIP_SEND, room, most - rest);
	plan_cards(layout, strip, room, height * MOST_CARDS - rest - 2 * layout->gap);
	if (strip->guest_count > 0) {
		layout->first = choose_first(layout, strip);
		rest += cards_height(layout) + 2 * layout->gap;
	}
	left = round(PAD * unit);
	/* A pixel more, which its edges may lose: a line's last button would fall off for it. */
	place_panel(layout, choose_width(layout, strip, room) + 2 * left + 1, rest, width, height, scale);
	right = layout->pixel_width - left;
	y = round(PAD * unit);
	layout->header = (struct ph_area){left, y, right - left, HEADER * unit};
	y += HEADER * unit + GAP * unit;
	if (notice) {
		layout->notice = (struct ph_area){left, y, right - left, NOTICE * unit};
		y += (NOTICE + GAP) * unit;
	}
	if (strip->guest_count > 0) {
		place_cards(layout, strip, round(y), left, right);
		y += cards_height(layout) + GAP * unit;
	}
	y = place_line(layout, strip, PH_STRIP_SEND, round(y + GAP * unit / 2), left, right);
	place_line(layout, strip, PH_STRIP_COMMAND, round(y), left, right);
}

struct ph_area strip_card(const struct ph_strip_layout *layout, size_t guest)
{
	size_t at = guest - layout->first;

	if (guest < layout->first || at >= layout->shown || layout->columns == 0)
		return (struct ph_area){0};
	return (struct ph_area){
	    .x = layout->cards.x +
		 (double)(at % layout->columns) * (layout->card_width + layout->gap),
	    .y = layout->cards.y +
		 (double)(at / layout->columns) * (layout->card_height + layout->gap),
	    .width = layout->card_width,
	    .height = layout->card_height,
	};
}

struct ph_strip_hit strip_hit(const struct ph_strip_layout *layout, double x, double y)
{
	if (!(x >= 0 && y >= 0 && x < layout->pixel_width && y < layout->pixel_height))
		return (struct ph_strip_hit){PH_STRIP_NOTHING, 0};
	for (size_t i = layout->first; i < layout->first + layout->shown; i++) {
		struct ph_area card = strip_card(layout, i);

		if (area_contains(&card, x, y))
			return (struct ph_strip_hit){PH_STRIP_GUEST, i};
	}
	for (size_t i = 0; i < layout->button_count; i++)
		if (area_contains(&layout->buttons[i], x, y))
			return (struct ph_strip_hit){PH_STRIP_BUTTON, i};
	if (layout->first > 0 && area_contains(&layout->before, x, y))
		return (struct ph_strip_hit){PH_STRIP_BEFORE, 0};
	if (layout->first + layout->shown < layout->guest_count &&
	    area_contains(&layout->after, x, y))
		return (struct ph_strip_hit){PH_STRIP_AFTER, 0};
	return (struct ph_strip_hit){PH_STRIP_PANEL, 0};
}

static bool same_area(const struct ph_area *one, const struct ph_area *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

bool strip_same_layout(const struct ph_strip_layout *one, const struct ph_strip_layout *other)
{
	return one->paint.theme == other->paint.theme && one->x == other->x &&
	       one->y == other->y && one->width == other->width && one->height == other->height &&
	       one->pixel_width == other->pixel_width &&
	       one->pixel_height == other->pixel_height &&
	       one->button_count == other->button_count && one->compact == other->compact &&
	       one->columns == other->columns && one->rows == other->rows &&
	       one->first == other->first && one->shown == other->shown &&
	       one->guest_count == other->guest_count &&
	       same_area(&one->header, &other->header) && same_area(&one->notice, &other->notice) &&
	       same_area(&one->before, &other->before) && same_area(&one->after, &other->after) &&
	       same_area(&one->cards, &other->cards) &&
	       memcmp(one->labels, other->labels, sizeof(one->labels)) == 0 &&
	       memcmp(one->buttons, other->buttons, sizeof(one->buttons)) == 0;
}
