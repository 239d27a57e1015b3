// SPDX-License-Identifier: MIT
#include "home.h"

#include <math.h>
#include <stdio.h>

#include "home_layout.h"
#include "paint.h"
#include "text.h"

/* What all drawing functions need. */
struct ph_home_canvas {
	cairo_t *cr;
	const struct ph_home *home;
	const struct ph_theme *theme;
	struct ph_home_layout layout; /* its paint has the cairo context */
};

static void draw_header(const struct ph_home_canvas *canvas)
{
	const struct ph_home *home = canvas->home;
	const struct ph_area *box = &canvas->layout.header;
	double unit = canvas->layout.unit, middle = box->y + box->height / 2;
	struct ph_text title = {.size = 20 * unit, .weight = 600, .colour = canvas->theme->text};
	struct ph_text count = home_text_small(&canvas->layout);
	size_t running = 0;
	char text[96];

	paint_leaf(
	    &canvas->layout.paint, box->x, middle - 11 * unit, 22 * unit, canvas->theme->ground);
	paint_middle(&canvas->layout.paint, &title, box->x + 34 * unit, middle, "Phyllome");
	if (home->guest_count == 0)
		return;
	for (size_t i = 0; i < home->guest_count; i++)
		running += home->guests[i].tone == PH_THEME_GOOD;
	snprintf(text, sizeof(text), "%zu guest%s, %zu running", home->guest_count,
	    home->guest_count == 1 ? "" : "s", running);
	count.colour = canvas->theme->muted;
	paint_middle(&canvas->layout.paint, &count, box->x + box->width - text_measure(&count, text).width, middle, text);
}

/* The state with its reason, as a sentence begins. */
static void write_state(const struct ph_home_guest *guest, bool reason, char text[PH_TEXT_LIMIT])
{
	reason = reason && guest->reason && *guest->reason;
	snprintf(text, PH_TEXT_LIMIT, "%s%s%s", guest->state ? guest->state : "",
	    reason ? " \302\267 " : "", reason ? guest->reason : "");
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
}

/* A dot and the state with its reason: filled while the guest runs, a padlock if it is locked, else a ring. */
static void draw_state(const struct ph_home_canvas *canvas, const struct ph_home_guest *guest,
    double x, double middle, double width, bool reason)
{
	double unit = canvas->layout.unit, indent = 15 * unit;
	struct ph_text style = home_text_small(&canvas->layout);
	char text[PH_TEXT_LIMIT];

	write_state(guest, reason, text);
	style.colour = canvas->theme->muted;
	style.width = fmax(width - indent, 1);
	paint_tone(&canvas->layout.paint, x + 4 * unit, middle, guest->tone);
	paint_middle(&canvas->layout.paint, &style, x + indent, middle, text);
}

/* "Enter" and what it does, at the right edge of the selected row; returns the room it takes. */
static double draw_enter(const struct ph_home_canvas *canvas, const struct ph_home_guest *guest,
    const struct ph_area *row)
{
	double unit = canvas->layout.unit, middle = row->y + row->height / 2;
	bool there = guest->tone == PH_THEME_GOOD || guest->tone == PH_THEME_BUSY;
	struct ph_home_key hint = {"Enter", there ? "show" : guest->tone == PH_THEME_LOCKED ? "look again" : "start"};
	double width = home_layout_key_width(&canvas->layout, &hint);
	double x = row->x + row->width - width - 18 * unit;
	struct ph_text style = home_text_small(&canvas->layout);

	/* In a narrow row the name is worth more. */
	if (width > row->width * 0.3)
		return 0;
	x += paint_chord(&canvas->layout.paint, x, middle, hint.keys) + 9 * unit;
	style.colour = canvas->theme->muted;
	paint_middle(&canvas->layout.paint, &style, x, middle, hint.text);
	return width + 34 * unit;
}

static void draw_guest(const struct ph_home_canvas *canvas, size_t index)
{
	const struct ph_home_guest *guest = &canvas->home->guests[index];
	struct ph_area row = home_layout_row(&canvas->layout, index);
	double unit = canvas->layout.unit, middle = row.y + row.height / 2;
	double side = (canvas->layout.compact ? 30 : 44) * unit;
	double pad = (row.height - side) / 2, x, width;
	struct ph_area badge = {row.x + pad, row.y + pad, side, side};
	struct ph_text name = home_text_name(&canvas->layout);

	if (row.width == 0)
		return;
	paint_fill(&canvas->layout.paint, &row, 14,
	    guest->selected ? canvas->theme->card_selected : canvas->theme->card);
	if (guest->selected)
		paint_line(&canvas->layout.paint, &row, 14, canvas->theme->contrast ? 3 : 1.5, canvas->theme->accent);
	else if (canvas->theme->contrast)
		paint_line(&canvas->layout.paint, &row, 14, 2, canvas->theme->line);
	paint_badge(&canvas->layout.paint, &badge, guest->number,
	    theme_guest_colour(guest->number, guest->colour));
	x = badge.x + badge.width + (canvas->layout.compact ? 12 : 16) * unit;
	width = row.x + row.width - x - 18 * unit;
	if (guest->selected && canvas->layout.columns == 1)
		width -= draw_enter(canvas, guest, &row);
	name.colour = canvas->theme->text;
	if (canvas->layout.compact) {
		struct ph_text small = home_text_small(&canvas->layout);
		char text[PH_TEXT_LIMIT];
		double state;

		write_state(guest, false, text);
		state = text_measure(&small, text).width + 16 * unit;
		/* The reason of the selected one stands below the list. */
		name.width = fmax(width - state - 12 * unit, width * 0.4);
		paint_middle(&canvas->layout.paint, &name, x, middle, guest->name);
		state = fmin(state, width * 0.6 - 12 * unit);
		draw_state(canvas, guest, x + width - state, middle, state, false);
		return;
	}
	name.width = fmax(width, 1);
	paint_middle(&canvas->layout.paint, &name, x, middle - 12 * unit, guest->name);
	draw_state(canvas, guest, x, middle + 13 * unit, width, true);
}

/* How the list goes on beyond its edges; false when all of it is there. */
static bool explain_more(const struct ph_home_canvas *canvas, char *text, size_t size)
{
	const struct ph_home_layout *layout = &canvas->layout;
	size_t after = canvas->home->guest_count - layout->first - layout->shown;

	if (layout->first == 0 && after == 0)
		return false;
	if (layout->first == 0)
		snprintf(text, size, "%zu more below", after);
	else if (after == 0)
		snprintf(text, size, "%zu more above", layout->first);
	else
		snprintf(text, size, "%zu more above, %zu below", layout->first, after);
	return true;
}

/* Below the list: what its rows have no room for. */
static void draw_detail(const struct ph_home_canvas *canvas)
{
	const struct ph_home_layout *layout = &canvas->layout;
	double unit = layout->unit, x = layout->list.x, width = layout->list.width;
	double y = layout->list.y + layout->list.height + 14 * unit;
	struct ph_text style = home_text_small(layout);
	char text[96];

	style.size = 13 * unit;
	style.colour = canvas->theme->muted;
	if (explain_more(canvas, text, sizeof(text))) {
		double taken = text_measure(&style, text).width;

		paint_middle(&canvas->layout.paint, &style, x + width - taken, y, text);
		width -= taken + 24 * unit;
	}
	for (size_t i = 0; layout->compact && i < canvas->home->guest_count; i++) {
		const struct ph_home_guest *guest = &canvas->home->guests[i];

		if (!guest->selected || !guest->reason || !*guest->reason)
			continue;
		style.colour = theme_tone_colour(canvas->theme, guest->tone);
		style.width = fmax(width - 4 * unit, 1);
		paint_middle(&canvas->layout.paint, &style, x + 4 * unit, y, guest->reason);
	}
}

static const char first_steps[] =
    "A guest is a directory with its disks and a file guest.scfg that says what machine it is. "
    "For a first one, make this file:";
static const char first_hint[] =
    "Disks and images are looked for beside that file; man 5 phyllome-guest has all settings. "
    "Super+H looks for guests again.";

/* What to do when there is no guest: where it goes and the least that makes one. */
static void draw_first_steps(const struct ph_home_canvas *canvas)
{
	const struct ph_area *list = &canvas->layout.list;
	double unit = canvas->layout.unit, y = list->y;
	const char *dir = canvas->home->guests_dir;
	bool brief = canvas->layout.compact;
	struct ph_text title = {.size = (brief ? 20 : 26) * unit, .weight = 600};
	struct ph_text body = home_text_small(&canvas->layout);
	struct ph_text code = home_text_code(&canvas->layout);
	struct ph_area box;
	char text[1024];

	title.width = body.width = list->width;
	body.colour = canvas->theme->muted;
	body.lines = 3;
	title.colour = canvas->theme->text;
	y += text_draw(canvas->cr, &title, list->x, y, "No guests yet").height + 8 * unit;
	if (!brief)
		y += text_draw(canvas->cr, &body, list->x, y, first_steps).height + 14 * unit;
	snprintf(text, sizeof(text), "%s/debian/guest.scfg",
	    dir ? dir : "~/.local/share/phyllome/guests");
	code.width = list->width - 36 * unit;
	code.colour = canvas->theme->accent;
	code.lines = 2;
	box = (struct ph_area){list->x, y, list->width, 0};
	box.height = text_measure(&code, text).height;
	code.lines = 8;
	box.height += text_measure(&code, PH_HOME_FIRST_GUEST).height + 44 * unit;
	paint_fill(&canvas->layout.paint, &box, 14, canvas->theme->sunken);
	paint_line(&canvas->layout.paint, &box, 14, 2, canvas->theme->line);
	y += 16 * unit;
	code.lines = 2;
	y += text_draw(canvas->cr, &code, list->x + 18 * unit, y, text).height + 12 * unit;
	code.colour = canvas->theme->text;
	code.lines = 8;
	text_draw(canvas->cr, &code, list->x + 18 * unit, y, PH_HOME_FIRST_GUEST);
	y = box.y + box.height + 14 * unit;
	if (!brief)
		text_draw(canvas->cr, &body, list->x, y, first_hint);
}

static void draw_command(
    const struct ph_home_canvas *canvas, const char *command, double x, double y, double width)
{
	double pad = PH_HOME_COMMAND_PAD * canvas->layout.unit;
	struct ph_text code = home_text_code(&canvas->layout);
	struct ph_area box = {x, y, width, 0};

	code.colour = canvas->theme->text;
	code.width = fmax(width - 2 * pad, 1);
	code.lines = 3;
	box.height = text_measure(&code, command).height + 2 * pad;
	paint_fill(&canvas->layout.paint, &box, 8, canvas->theme->sunken);
	text_draw(canvas->cr, &code, x + pad, y + pad, command);
}

static void draw_problem(const struct ph_home_canvas *canvas, const struct ph_problem *problem,
    const struct ph_area *box)
{
	double unit = canvas->layout.unit, pad = PH_HOME_PROBLEM_PAD * unit;
	double x = box->x + pad + PH_HOME_PROBLEM_ICON * unit, y = box->y + pad;
	uint32_t colour = problem->fatal ? canvas->theme->bad : canvas->theme->warning;
	struct ph_text strong = home_text_strong(&canvas->layout);
	struct ph_text small = home_text_small(&canvas->layout);
	struct ph_text mark = {.size = 14 * unit, .weight = 700, .colour = canvas->theme->ground};

	paint_fill(&canvas->layout.paint, box, 14, canvas->theme->card);
	if (canvas->theme->contrast)
		paint_line(&canvas->layout.paint, box, 14, 2, canvas->theme->line);
	cairo_new_path(canvas->cr);
	cairo_arc(canvas->cr, box->x + pad + 10 * unit, y + 10 * unit, 10 * unit, 0, 2 * M_PI);
	paint_colour(canvas->cr, colour);
	cairo_fill(canvas->cr);
	mark.width = 20 * unit;
	mark.align = PH_TEXT_CENTRE;
	paint_middle(&canvas->layout.paint, &mark, box->x + pad, y + 10 * unit, "!");
	strong.width = small.width = fmax(box->x + box->width - pad - x, 1);
	strong.colour = canvas->theme->text;
	strong.lines = 3;
	small.colour = canvas->theme->muted;
	small.lines = canvas->layout.advice_lines;
	y += text_draw(canvas->cr, &strong, x, y, problem->text).height + 5 * unit;
	y += text_draw(canvas->cr, &small, x, y, problem->advice).height + 10 * unit;
	if (problem->command)
		draw_command(canvas, problem->command, x, y, strong.width);
}

static void draw_problems(const struct ph_home_canvas *canvas)
{
	const struct ph_home *home = canvas->home;
	const struct ph_home_layout *layout = &canvas->layout;
	struct ph_text style = home_text_key(layout);
	struct ph_area box = layout->panel;
	char text[64];

	for (size_t i = 0; i < layout->problems_shown; i++) {
		box.height = home_layout_problem_height(layout, &home->problems[i], box.width);
		draw_problem(canvas, &home->problems[i], &box);
		box.y += box.height + PH_HOME_PROBLEM_GAP * layout->unit;
	}
	if (layout->problems_shown == home->problem_count)
		return;
	snprintf(text, sizeof(text), "and %zu more", home->problem_count - layout->problems_shown);
	style.colour = canvas->theme->faint;
	text_draw(canvas->cr, &style, box.x + PH_HOME_PROBLEM_PAD * layout->unit,
	    box.y - 8 * layout->unit, text);
}

static void draw_footer(const struct ph_home_canvas *canvas)
{
	const struct ph_home *home = canvas->home;
	const struct ph_home_layout *layout = &canvas->layout;
	struct ph_text style = home_text_small(layout);

	style.colour = canvas->theme->muted;
	for (size_t i = 0; i < home->key_count; i++) {
		struct ph_area area = home_layout_key(layout, home, i);
		double middle = area.y + area.height / 2, x = area.x;

		if (area.width == 0)
			break;
		x += paint_chord(&layout->paint, x, middle, home->keys[i].keys) + 9 * layout->unit;
		paint_middle(&layout->paint, &style, x, middle, home->keys[i].text);
	}
}

void home_draw(cairo_t *cr, const struct ph_home *home, int width, int height, double scale,
    struct ph_home_layout *layout)
{
	struct ph_home_canvas canvas = {
	    .cr = cr,
	    .home = home,
	    .theme = home->theme,
	};

	home_layout_arrange(&canvas.layout, home, width, height, scale);
	canvas.layout.paint.cr = cr;
	cairo_save(cr);
	paint_colour(cr, canvas.theme->ground);
	cairo_paint(cr);
	draw_header(&canvas);
	for (size_t i = 0; i < home->guest_count; i++)
		draw_guest(&canvas, i);
	if (home->guest_count > 0)
		draw_detail(&canvas);
	else
		draw_first_steps(&canvas);
	draw_problems(&canvas);
	draw_footer(&canvas);
	if (home->question)
		home_question_draw(&canvas.layout, home->question);
	cairo_restore(cr);
	canvas.layout.paint.cr = NULL;
	if (layout)
		*layout = canvas.layout;
}

static struct ph_home_layout find_layout(const struct ph_home *home, int width, int height, double scale)
{
	struct ph_home_layout layout;

	if (home->drawn)
		return *home->drawn;
	home_layout_arrange(&layout, home, width, height, scale);
	return layout;
}

size_t home_step(const struct ph_home *home, int width, int height, double scale,
    enum ph_direction direction)
{
	struct ph_home_layout layout;
	size_t count = home->guest_count, at = 0;

	while (at < count && !home->guests[at].selected)
		at++;
	if (at >= count)
		return count > 0 ? 0 : SIZE_MAX;
	if (direction == PH_DIRECTION_UP)
		return at > 0 ? at - 1 : count - 1;
	if (direction == PH_DIRECTION_DOWN)
		return at + 1 < count ? at + 1 : 0;
	/* Columns are filled one after the other. */
	layout = find_layout(home, width, height, scale);
	if (direction == PH_DIRECTION_LEFT)
		return at >= layout.rows ? at - layout.rows : at;
	if (at + layout.rows < count)
		return at + layout.rows;
	/* Beside a column that is not full: its last guest is the nearest. */
	return layout.rows > 0 && at / layout.rows < (count - 1) / layout.rows ? count - 1 : at;
}

size_t home_hit(const struct ph_home *home, int width, int height, double scale, double x, double y)
{
	struct ph_home_layout layout = find_layout(home, width, height, scale);

	for (size_t i = 0; i < home->guest_count; i++) {
		struct ph_area row = home_layout_row(&layout, i);

		if (row.width > 0 && x >= row.x && x < row.x + row.width && y >= row.y &&
		    y < row.y + row.height)
			return i;
	}
	return SIZE_MAX;
}

size_t home_hit_more(
    const struct ph_home *home, int width, int height, double scale, double x, double y)
{
	struct ph_home_layout layout = find_layout(home, width, height, scale);
	size_t count = home->guest_count, end = layout.first + layout.shown;
	double unit = layout.unit, bottom = layout.list.y + layout.list.height;
	double right = layout.list.x + layout.list.width, wide = fmin(200 * unit, layout.list.width);
	struct ph_area area = {right - wide, bottom, wide, 34 * unit};

	if (count == 0 || !area_contains(&area, x, y))
		return SIZE_MAX;
	/* Where the line says both, above is on the left. */
	if (end < count && (layout.first == 0 || x >= right - wide / 2))
		return end + layout.shown <= count ? end + layout.shown - 1 : count - 1;
	if (layout.first > 0)
		return layout.first > layout.shown ? layout.first - layout.shown : 0;
	return SIZE_MAX;
}

size_t home_hit_key(
    const struct ph_home *home, int width, int height, double scale, double x, double y)
{
	struct ph_home_layout layout = find_layout(home, width, height, scale);

	for (size_t i = 0; i < home->key_count; i++) {
		struct ph_area area = home_layout_key(&layout, home, i);

		if (area_contains(&area, x, y))
			return i;
	}
	return SIZE_MAX;
}
