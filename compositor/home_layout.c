// SPDX-License-Identifier: MIT
#include "home_layout.h"

#include <math.h>

#include "text.h"

/* The least that the screen is designed for, units. */
#define LEAST_WIDTH 600.0
#define LEAST_HEIGHT 440.0
/* From here on problems stand beside the list and not above it, units. */
#define WIDE 980.0

#define HEADER_HEIGHT 32.0
#define PANEL_WIDTH 380.0
#define PANEL_SPACE 48.0
#define FIRST_STEPS_HEIGHT 330.0
#define LEAST_STEPS_HEIGHT 226.0 /* without explanations; and the space above */
#define DETAIL_HEIGHT 26.0       /* below the list: what did not fit into it */

struct ph_text home_text_name(const struct ph_home_layout *layout)
{
	struct ph_text text = theme_text(layout->paint.theme, layout->unit, PH_THEME_NAME);

	if (layout->compact)
		text.size = 15 * layout->unit;
	return text;
}

struct ph_text home_text_small(const struct ph_home_layout *layout)
{
	return theme_text(layout->paint.theme, layout->unit, PH_THEME_SMALL);
}

struct ph_text home_text_strong(const struct ph_home_layout *layout)
{
	return theme_text(layout->paint.theme, layout->unit, PH_THEME_STRONG);
}

struct ph_text home_text_key(const struct ph_home_layout *layout)
{
	return theme_text(layout->paint.theme, layout->unit, PH_THEME_KEY);
}

struct ph_text home_text_code(const struct ph_home_layout *layout)
{
	return theme_text(layout->paint.theme, layout->unit, PH_THEME_CODE);
}

static double clamp(double value, double low, double high)
{
	return fmin(fmax(value, low), high);
}

double home_layout_key_width(const struct ph_home_layout *layout, const struct ph_home_key *key)
{
	struct ph_text style = home_text_small(layout);

	return paint_chord_width(&layout->paint, key->keys) + 9 * layout->unit +
	       text_measure(&style, key->text).width;
}

size_t home_layout_key_line(
    const struct ph_home_layout *layout, const struct ph_home *home, size_t from, double *width)
{
	double space = PH_HOME_KEY_SPACE * layout->unit;
	size_t count = 0;

	*width = 0;
	for (size_t i = from; i < home->key_count; i++) {
		double more = home_layout_key_width(layout, &home->keys[i]) + (count ? space : 0);

		if (count && *width + more > layout->footer_line)
			break;
		*width += more;
		count++;
	}
	return count;
}

struct ph_area home_layout_key(
    const struct ph_home_layout *layout, const struct ph_home *home, size_t key)
{
	double space = PH_HOME_KEY_SPACE * layout->unit, width;
	size_t from = 0, count;

	for (size_t line = 0; line < layout->footer_lines; line++, from += count) {
		count = home_layout_key_line(layout, home, from, &width);
		if (key >= from + count)
			continue;
		struct ph_area area = {
		    .x = layout->footer.x + (layout->footer.width - width) / 2,
		    .y = layout->footer.y + (double)line * PH_HOME_KEY_LINE * layout->unit,
		    .height = PH_HOME_KEY_LINE * layout->unit,
		};
		for (size_t i = from; i < key; i++)
			area.x += home_layout_key_width(layout, &home->keys[i]) + space;
		area.width = home_layout_key_width(layout, &home->keys[key]);
		return area;
	}
	return (struct ph_area){0};
}

static size_t count_key_lines(const struct ph_home_layout *layout, const struct ph_home *home)
{
	double width;
	size_t lines = 0;

	for (size_t i = 0; i < home->key_count; lines++)
		i += home_layout_key_line(layout, home, i, &width);
	return lines;
}

static void place_footer(struct ph_home_layout *layout, const struct ph_home *home, double bottom)
{
	double step = layout->footer.width / 40;
	size_t lines, most = home->guest_count > 0 ? 2 : 1;

	layout->footer_line = layout->footer.width;
	lines = count_key_lines(layout, home);
	if (lines > most && layout->screen.height < 600 * layout->unit) {
		/* The keys come in the order of their importance. */
		layout->footer_lines = most;
		layout->footer.height = (double)most * PH_HOME_KEY_LINE * layout->unit;
		layout->footer.y = bottom - layout->footer.height;
		return;
	}
	layout->footer_lines = lines;
	/* As narrow as the same number of lines allows: no full line with a single key under it. */
	while (lines > 1 && layout->footer_line > 2 * step) {
		layout->footer_line -= step;
		if (count_key_lines(layout, home) > lines) {
			layout->footer_line += step;
			break;
		}
	}
	layout->footer.height = (double)lines * PH_HOME_KEY_LINE * layout->unit;
	layout->footer.y = bottom - layout->footer.height;
}

double home_layout_problem_height(
    const struct ph_home_layout *layout, const struct ph_problem *problem, double width)
{
	double inside = width - (2 * PH_HOME_PROBLEM_PAD + PH_HOME_PROBLEM_ICON) * layout->unit;
	struct ph_text strong = home_text_strong(layout), small = home_text_small(layout);
	struct ph_text code = home_text_code(layout);
	double height = (2 * PH_HOME_PROBLEM_PAD + 5) * layout->unit;

	strong.width = small.width = fmax(inside, 1);
	strong.lines = 3;
	small.lines = layout->advice_lines;
	code.width = fmax(inside - 2 * PH_HOME_COMMAND_PAD * layout->unit, 1);
	code.lines = 3;
	height += text_measure(&strong, problem->text).height;
	height += text_measure(&small, problem->advice).height;
	if (problem->command)
		height += text_measure(&code, problem->command).height +
			  (2 * PH_HOME_COMMAND_PAD + 10) * layout->unit;
	return height;
}

static double measure_problems(const struct ph_home_layout *layout, const struct ph_home *home)
{
	double gaps = (double)(layout->problems_shown - 1) * PH_HOME_PROBLEM_GAP;
	double height =
	    (gaps + (layout->problems_shown < home->problem_count ? PH_HOME_PROBLEM_MORE : 0)) *
	    layout->unit;

	for (size_t i = 0; i < layout->problems_shown; i++)
		height +=
		    home_layout_problem_height(layout, &home->problems[i], layout->panel.width);
	return height;
}

/* Shows as many problems as fit, with as much of their advice as fits, and at least the first. */
static void fit_panel(struct ph_home_layout *layout, const struct ph_home *home, double room)
{
	layout->problems_shown = home->problem_count;
	for (;; layout->problems_shown--) {
		/* Advice of which only the first line is left helps nobody; better fewer problems.
		 */
		int least = layout->problems_shown > 1 ? 2 : 1;

		for (layout->advice_lines = 8; layout->advice_lines >= least;
		    layout->advice_lines--) {
			layout->panel.height = measure_problems(layout, home);
			if (layout->panel.height <= room)
				return;
		}
		layout->advice_lines = least;
		if (layout->problems_shown == 1)
			return;
	}
}

/* Height that the list has to have at least, units. */
static double least_list(const struct ph_home *home)
{
	size_t rows = home->guest_count < 3 ? home->guest_count : (home->guest_count + 1) / 2;

	if (home->guest_count == 0)
		return LEAST_STEPS_HEIGHT;
	return (double)(rows < 3 ? rows : 3) * 52 + 40;
}

/* Takes the problems' part off the area in which the list is to be. */
static void place_panel(struct ph_home_layout *layout, const struct ph_home *home)
{
	double unit = layout->unit;
	struct ph_area *list = &layout->list, *panel = &layout->panel;

	if (home->problem_count == 0)
		return;
	if (layout->screen.width / unit >= WIDE) {
		panel->width = fmin(PANEL_WIDTH * unit, list->width * 0.42);
		panel->x = list->x + list->width - panel->width;
		panel->y = list->y;
		fit_panel(layout, home, list->height);
		list->width -= panel->width + PANEL_SPACE * unit;
		return;
	}
	*panel = *list;
	fit_panel(layout, home, list->height - least_list(home) * unit);
	list->y += panel->height + 20 * unit;
	list->height -= panel->height + 20 * unit;
}

static size_t find_selected(const struct ph_home *home)
{
	for (size_t i = 0; i < home->guest_count; i++)
		if (home->guests[i].selected)
			return i;
	return 0;
}

struct row_plan {
	bool compact;
	size_t columns;
	double height, gap; /* units */
};

static size_t rows_that_fit(const struct ph_home_layout *layout, const struct row_plan *plan)
{
	double room = layout->list.height / layout->unit + plan->gap;
	double rows = floor(room / (plan->height + plan->gap));

	return rows < 1 ? 1 : (size_t)rows;
}

/*
 * Gives the list its real height. What is short stands a little above the
 * middle, which looks more like the middle.
 */
static void centre(struct ph_home_layout *layout, double content)
{
	struct ph_area *list = &layout->list, *panel = &layout->panel;
	bool beside = panel->width > 0 && panel->y == list->y;
	double tallest = beside ? fmax(content, panel->height) : content;
	double shift = fmax(list->height - tallest, 0) * 0.36;

	list->y += shift;
	if (beside)
		panel->y += shift;
	list->height = content;
}

static void use_plan(
    struct ph_home_layout *layout, const struct ph_home *home, const struct row_plan *plan)
{
	size_t fit = rows_that_fit(layout, plan), needed;
	double unit = layout->unit, most, content;
	struct ph_area *list = &layout->list;

	needed = (home->guest_count + plan->columns - 1) / plan->columns;
	layout->compact = plan->compact;
	layout->columns = plan->columns;
	layout->rows = needed < fit ? needed : fit;
	layout->shown = layout->rows * layout->columns;
	if (layout->shown > home->guest_count)
		layout->shown = home->guest_count;
	layout->row_height = plan->height * unit;
	layout->row_gap = plan->gap * unit;
	layout->column_gap = 14 * unit;
	most = (plan->columns == 1 ? 720 : 420.0 * (double)plan->columns) * unit;
	if (layout->panel.width == 0 && list->width > most) {
		list->x += (list->width - most) / 2;
		list->width = most;
	}
	layout->column_width = (list->width - (double)(plan->columns - 1) * layout->column_gap) /
			       (double)plan->columns;
	content = (double)layout->rows * (layout->row_height + layout->row_gap) - layout->row_gap;
	centre(layout, content);
}

static void place_rows(struct ph_home_layout *layout, const struct ph_home *home)
{
	static const struct row_plan plans[] = {
	    {false, 1, 72, 10},
	    {false, 2, 72, 10},
	    {true, 1, 46, 6},
	    {false, 3, 72, 10},
	    {true, 2, 46, 6},
	    {true, 3, 46, 6},
	    {true, 4, 46, 6},
	};
	const struct row_plan *chosen = NULL;
	double width = layout->list.width / layout->unit;
	size_t selected = find_selected(home);

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		const struct row_plan *plan = &plans[i];

		/* Columns narrower than this ellipsise ordinary names. */
		if (plan->columns > 1 && width < (double)plan->columns * 270)
			continue;
		chosen = plan;
		if (rows_that_fit(layout, plan) * plan->columns >= home->guest_count)
			break;
	}
	use_plan(layout, home, chosen);
	/* Only as far as needed: what is under a pointer stays there. */
	layout->first = home->first;
	if (layout->first > home->guest_count - layout->shown)
		layout->first = home->guest_count - layout->shown;
	if (selected < layout->first)
		layout->first = selected;
	else if (selected >= layout->first + layout->shown && layout->shown > 0)
		layout->first = selected - layout->shown + 1;
}

/* The first steps, where there is no guest. */
static void place_first_steps(struct ph_home_layout *layout)
{
	struct ph_area *list = &layout->list;
	double unit = layout->unit, most = 640 * unit;
	double height = fmin(FIRST_STEPS_HEIGHT * unit, list->height);

	layout->compact = list->height < FIRST_STEPS_HEIGHT * unit;
	if (layout->panel.width == 0 && list->width > most) {
		list->x += (list->width - most) / 2;
		list->width = most;
	}
	centre(layout, height);
}

void home_layout_arrange(
    struct ph_home_layout *layout, const struct ph_home *home, int width, int height, double scale)
{
	double unit = theme_unit(home->theme, width, height, scale, LEAST_WIDTH, LEAST_HEIGHT);
	double margin = clamp(width / unit * 0.05, 24, 80) * unit;
	double top = clamp(height / unit * 0.05, 18, 56) * unit;
	double most = 1280 * unit, content = width - 2 * margin;

	*layout = (struct ph_home_layout){
	    .unit = unit,
	    .paint = {.theme = home->theme, .unit = unit},
	};
	layout->screen = (struct ph_area){0, 0, width, height};
	layout->header = (struct ph_area){margin, top, content, HEADER_HEIGHT * unit};
	layout->footer = (struct ph_area){.x = margin, .width = content};
	place_footer(layout, home, height - top * 0.75);
	layout->list = layout->header;
	layout->list.y += layout->header.height + clamp(height / unit * 0.05, 18, 64) * unit;
	layout->list.height = layout->footer.y - layout->list.y - DETAIL_HEIGHT * unit;
	if (content > most) {
		layout->list.x += (content - most) / 2;
		layout->list.width = most;
	}
	place_panel(layout, home);
	if (home->guest_count > 0)
		place_rows(layout, home);
	else
		place_first_steps(layout);
}

struct ph_area home_layout_row(const struct ph_home_layout *layout, size_t guest)
{
	size_t at = guest - layout->first, column, row;

	if (guest < layout->first || at >= layout->shown || layout->rows == 0)
		return (struct ph_area){0};
	column = at / layout->rows;
	row = at % layout->rows;
	return (struct ph_area){
	    .x = layout->list.x + (double)column * (layout->column_width + layout->column_gap),
	    .y = layout->list.y + (double)row * (layout->row_height + layout->row_gap),
	    .width = layout->column_width,
	    .height = layout->row_height,
	};
}
