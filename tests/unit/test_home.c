// SPDX-License-Identifier: MIT
#include "home.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "home_layout.h"
#include "test.h"
#include "text.h"

#define GUESTS_MAX 40
#define LIST_MAX 120

static const struct ph_home_key keys[] = {
    {"Super+1\342\200\2460", "show that guest; starts it if it is off"},
    {"Super+H", "this screen"},
    {"Up+Down", "choose, Enter starts and shows"},
    {"Super+Shift+E", "log out; guests are shut down"},
};

static char qemu[] = "QEMU is not installed (no qemu-system-x86_64).";
static char install[] = "It is what runs the guests. Install QEMU with its D-Bus display.";
static char command[] = "sudo apt install qemu-system-x86 qemu-system-modules-opengl";
static char firmware[] = "Hardware virtualisation is switched off in the firmware.";
static char restart[] = "Restart, enter the firmware setup (often F2 or Del) and switch on \"SVM "
			"Mode\" (AMD-V), usually under CPU or Advanced. Until then guests run, but "
			"many times slower.";

static const struct ph_problem problems[] = {
    {.id = "a", .text = qemu, .advice = install, .command = command, .fatal = true},
    {.id = "b", .text = firmware, .advice = restart},
};

static const struct size {
	int width, height;
	double scale;
} sizes[] = {
    {640, 480, 1},
    {640, 480, 2},
    {800, 600, 1},
    {1024, 768, 1},
    {1280, 800, 1},
    {1366, 768, 1},
    {1920, 1080, 1},
    {1920, 1080, 1.5},
    {1080, 1920, 1},
    {2560, 1080, 1},
    {3840, 2160, 1},
    {3840, 2160, 2},
};

static struct ph_theme theme;

/* What the runner looks for at the end is a process that has given everything back. */
static void give_back(void)
{
	text_finish();
}

static struct ph_home make_home(struct ph_home_guest *guests, size_t count, size_t problem_count)
{
	theme_make(&theme, NULL);
	for (size_t i = 0; i < count; i++)
		guests[i] = (struct ph_home_guest){
		    .number = (unsigned)i + 1,
		    .name = i % 2 ? "Debian"
				  : "a machine with a name that is much longer than it "
				    "should be, and then some",
		    .state = i % 3 ? "off" : "running",
		    .reason = i % 5 ? NULL : "the bridge ended with status 3: no such disk",
		    .tone = i % 3 == 0 ? PH_THEME_GOOD : PH_THEME_IDLE,
		    .selected = i + 2 == count,
		};
	return (struct ph_home){
	    .guests = guests,
	    .guest_count = count,
	    .problems = problems,
	    .problem_count = problem_count,
	    .keys = keys,
	    .key_count = sizeof(keys) / sizeof(keys[0]),
	    .guests_dir = "/home/ada/.local/share/phyllome/guests",
	    .theme = &theme,
	};
}

static bool overlap(const struct ph_area *a, const struct ph_area *b)
{
	return a->width > 0 && b->width > 0 && a->x + a->width > b->x + 0.5 &&
	       b->x + b->width > a->x + 0.5 && a->y + a->height > b->y + 0.5 &&
	       b->y + b->height > a->y + 0.5;
}

static bool inside(const struct ph_area *inner, const struct ph_area *outer)
{
	return inner->x >= outer->x && inner->y >= outer->y &&
	       inner->x + inner->width <= outer->x + outer->width &&
	       inner->y + inner->height <= outer->y + outer->height;
}

static void check_arrangement(const struct ph_home *home, const struct size *size)
{
	struct ph_home_layout layout;
	const struct ph_area *parts[4];

	home_layout_arrange(&layout, home, size->width, size->height, size->scale);
	parts[0] = &layout.header;
	parts[1] = &layout.list;
	parts[2] = &layout.panel;
	parts[3] = &layout.footer;
	for (size_t i = 0; i < 4; i++) {
		if (!inside(parts[i], &layout.screen))
			test_fail(__FILE__, __LINE__, "part %zu leaves %dx%d at %g (%zu, %zu)", i,
			    size->width, size->height, size->scale, home->guest_count,
			    home->problem_count);
		for (size_t j = i + 1; j < 4; j++)
			if (overlap(parts[i], parts[j]))
				test_fail(__FILE__, __LINE__,
				    "parts %zu and %zu overlap on %dx%d at %g (%zu, %zu)", i, j,
				    size->width, size->height, size->scale, home->guest_count,
				    home->problem_count);
	}
	check_int(layout.panel.width > 0, home->problem_count > 0);
	for (size_t i = 0; i < home->guest_count; i++) {
		struct ph_area row = home_layout_row(&layout, i);

		if (home->guests[i].selected)
			check(row.width > 0);
		if (row.width == 0)
			continue;
		check_op((int)row.width, >=, (int)(200 * layout.unit));
		check(inside(&row, &layout.screen));
		check(!overlap(&row, &layout.footer));
		check(!overlap(&row, &layout.panel));
		/* Arranging takes milliseconds: not for every row. */
		if (i > 0 && !home->guests[i].selected)
			continue;
		check_uint(home_hit(home, size->width, size->height, size->scale,
			       row.x + row.width / 2, row.y + row.height / 2),
		    i);
		check(home_hit(
			  home, size->width, size->height, size->scale, row.x + 1, row.y - 1) != i);
	}
}

TEST_TIMEOUT(parts_keep_apart_at_every_size, 300)
{
	static const size_t counts[] = {0, 1, 2, 3, 5, 10, 17, 40};
	struct ph_home_guest guests[GUESTS_MAX];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			for (size_t k = 0; k <= 2; k++) {
				struct ph_home home = make_home(guests, counts[j], k);

				check_arrangement(&home, &sizes[i]);
			}
	give_back();
}

/* Each key that is drawn can be clicked in its middle, and is not the neighbour's. */
TEST_TIMEOUT(keys_are_hit_where_they_are, 60)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 3, 1);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct size *size = &sizes[i];
		struct ph_home_layout layout;
		size_t drawn = 0;

		home_layout_arrange(&layout, &home, size->width, size->height, size->scale);
		for (size_t key = 0; key < home.key_count; key++) {
			struct ph_area area = home_layout_key(&layout, &home, key);
			if (area.width == 0)
				continue;
			drawn++;
			check(inside(&area, &layout.footer));
			check_uint(home_hit_key(&home, size->width, size->height, size->scale,
				       area.x + area.width / 2, area.y + area.height / 2),
			    key);
			check_op(home_hit_key(&home, size->width, size->height, size->scale,
				     area.x + area.width + 2, area.y + area.height / 2),
			    !=, key);
		}
		check_op(drawn, >, 0);
		check_uint(home_hit_key(&home, size->width, size->height, size->scale, 1, 1), SIZE_MAX);
	}
	give_back();
}

TEST(outside_of_the_rows_is_no_guest)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 3, 0);

	check_uint(home_hit(&home, 1280, 800, 1, 0, 0), SIZE_MAX);
	check_uint(home_hit(&home, 1280, 800, 1, -5, 1e9), SIZE_MAX);
	check_uint(home_hit(&home, 1280, 800, 1, NAN, 300), SIZE_MAX);
	home.guest_count = 0;
	check_uint(home_hit(&home, 1280, 800, 1, 640, 400), SIZE_MAX);
	give_back();
}

static cairo_surface_t *draw(const struct ph_home *home, int width, int height, double scale)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	cairo_t *cr = cairo_create(surface);

	/* What was there before must not shine through. */
	cairo_set_source_rgb(cr, 1, 0, 1);
	cairo_paint(cr);
	home_draw(cr, home, width, height, scale, NULL);
	check_int(cairo_status(cr), CAIRO_STATUS_SUCCESS);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	return surface;
}

static uint32_t pixel(cairo_surface_t *surface, int x, int y)
{
	uint32_t value;

	memcpy(&value,
	    cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface) +
		x * 4,
	    sizeof(value));
	return value & 0xffffff;
}

/* Pixels that are not as those of the other picture, in a box. */
static size_t differences(cairo_surface_t *a, cairo_surface_t *b, const struct ph_area *box)
{
	size_t count = 0;

	for (int y = (int)box->y; y < (int)(box->y + box->height); y++)
		for (int x = (int)box->x; x < (int)(box->x + box->width); x++)
			count += pixel(a, x, y) != pixel(b, x, y);
	return count;
}

TEST(state_has_room_as_it_is_written)
{
	struct ph_home_guest guests[3];
	struct ph_home home = make_home(guests, 3, 1);
	struct ph_home_layout layout;
	cairo_surface_t *small, *capital;

	theme_make(&theme, &(struct ph_theme_choice){.text_scale = 2});
	for (size_t i = 0; i < 3; i++)
		guests[i] = (struct ph_home_guest){.number = 1, .name = "one", .state = "running", .tone = PH_THEME_GOOD};
	home_layout_arrange(&layout, &home, 1280, 800, 1);
	check(layout.compact);
	small = draw(&home, 1280, 800, 1);
	for (size_t i = 0; i < 3; i++)
		guests[i].state = "Running";
	capital = draw(&home, 1280, 800, 1);
	check_uint(differences(small, capital, &layout.screen), 0);
	cairo_surface_destroy(small);
	cairo_surface_destroy(capital);
	give_back();
}

TEST(picture_covers_the_screen)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 3, 2);

	for (size_t i = 0; i < 6; i++) {
		int width = sizes[i].width, height = sizes[i].height;
		cairo_surface_t *picture = draw(&home, width, height, sizes[i].scale);
		uint32_t ground = pixel(picture, 0, 0);

		check_op(ground, !=, 0xff00ff);
		/* The outermost pixels are free all around. */
		for (int x = 0; x < width; x++) {
			check_uint(pixel(picture, x, 0), ground);
			check_uint(pixel(picture, x, height - 1), ground);
		}
		for (int y = 0; y < height; y++) {
			check_uint(pixel(picture, 0, y), ground);
			check_uint(pixel(picture, width - 1, y), ground);
		}
		cairo_surface_destroy(picture);
	}
	give_back();
}

static size_t first_shown(struct ph_home *home, struct ph_home_guest *guests, size_t selected)
{
	struct ph_home_layout layout;

	for (size_t i = 0; i < home->guest_count; i++)
		guests[i].selected = i == selected;
	home_layout_arrange(&layout, home, 1280, 800, 1);
	check_op(layout.shown, <, home->guest_count);
	home->first = layout.first;
	return layout.first;
}

/* The list stays where it is as long as what is selected is to be seen. */
TEST(list_scrolls_as_far_as_needed)
{
	struct ph_home_guest guests[LIST_MAX] = {0};
	struct ph_home home = make_home(guests, GUESTS_MAX, 0);
	struct ph_home_layout layout;
	size_t shown, x, y;

	for (size_t i = 0; i < LIST_MAX; i++)
		guests[i] = guests[i % GUESTS_MAX];
	home.guest_count = 64;
	check_uint(first_shown(&home, guests, 0), 0);
	home_layout_arrange(&layout, &home, 1280, 800, 1);
	shown = layout.shown;
	check_uint(first_shown(&home, guests, shown - 1), 0);
	check_uint(first_shown(&home, guests, shown + 4), 5);
	check_uint(first_shown(&home, guests, 5), 5);
	check_uint(first_shown(&home, guests, shown - 1), 5);
	check_uint(first_shown(&home, guests, 4), 4);
	check_uint(first_shown(&home, guests, 63), 64 - shown);
	check_uint(first_shown(&home, guests, 64 - shown), 64 - shown);
	home.first = 1000; /* there were more */
	check_uint(first_shown(&home, guests, 63), 64 - shown);
	/* A click on "more" goes on by a page, and is nothing elsewhere. */
	home.first = 0;
	check_uint(first_shown(&home, guests, 3), 0);
	x = (size_t)(layout.list.x + layout.list.width - 10);
	y = (size_t)(layout.list.y + layout.list.height + 14 * layout.unit);
	home.guest_count = 2 * shown + 5;
	check_op(home.guest_count, <=, LIST_MAX);
	check_uint(home_hit_more(&home, 1280, 800, 1, (double)x, (double)y), 2 * shown - 1);
	check_uint(first_shown(&home, guests, 2 * shown - 1), shown);
	check_uint(home_hit_more(&home, 1280, 800, 1, (double)x, (double)y), home.guest_count - 1);
	check_uint(home_hit_more(&home, 1280, 800, 1, (double)x - 190, (double)y), 0);
	check_uint(home_hit_more(&home, 1280, 800, 1, (double)x - 300, (double)y), SIZE_MAX);
	check_uint(home_hit_more(&home, 1280, 800, 1, (double)x, 10), SIZE_MAX);
	give_back();
}

TEST(what_changes_is_seen_where_it_is)
{
	struct ph_home_guest guests[GUESTS_MAX], others[GUESTS_MAX];
	struct ph_home home = make_home(guests, 3, 0), other = make_home(others, 3, 0);
	cairo_surface_t *before = draw(&home, 1280, 800, 1), *after;
	struct ph_home_layout layout;
	struct ph_area row;

	home_layout_arrange(&layout, &home, 1280, 800, 1);
	for (size_t i = 0; i < 3; i++) {
		size_t inside_row;

		make_home(others, 3, 0);
		others[i].name = "Changed";
		others[i].state = "lost";
		after = draw(&other, 1280, 800, 1);
		row = home_layout_row(&layout, i);
		inside_row = differences(before, after, &row);
		check_op(inside_row, >, 100);
		check_uint(differences(before, after, &layout.screen), inside_row);
		cairo_surface_destroy(after);
	}
	cairo_surface_destroy(before);
	give_back();
}

TEST(light_and_dark_differ)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 1, 0);
	cairo_surface_t *dark = draw(&home, 640, 480, 1), *light;

	theme_make(&theme, &(struct ph_theme_choice){.light = true});
	light = draw(&home, 640, 480, 1);
	check_op(pixel(dark, 0, 0) & 0xff, <, 0x40);
	check_op(pixel(light, 0, 0) & 0xff, >, 0xc0);
	cairo_surface_destroy(dark);
	cairo_surface_destroy(light);
	give_back();
}

/* A card that differs from the ground by nothing but its colour is not to be seen by everybody. */
TEST(high_contrast_draws_a_line_around_each_card)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 2, 1);

	for (int light = 0; light < 2; light++) {
		struct ph_home_layout layout;
		struct ph_area row;
		cairo_surface_t *surface;

		theme_make(&theme, &(struct ph_theme_choice){.light = light, .contrast = true});
		surface = draw(&home, 1280, 800, 1);
		home_layout_arrange(&layout, &home, 1280, 800, 1);
		row = home_layout_row(&layout, 1);
		check_int(guests[1].selected, 0);
		/* Wherever its edge is: one row of pixels is all of the line's colour. */
		check_uint(pixel(surface, (int)(row.x + row.width / 2), (int)ceil(row.y)), theme.line & 0xffffff);
		check_uint(pixel(surface, (int)(layout.panel.x + layout.panel.width / 2),
			       (int)ceil(layout.panel.y)),
		    theme.line & 0xffffff);
		cairo_surface_destroy(surface);
	}
	give_back();
}

TEST_TIMEOUT(strange_strings_are_drawn, 30)
{
	static char huge[100001];
	static const char *const names[] = {
	    "",
	    NULL,
	    "\377\376 not UTF-8 \303",
	    "line\nbreak\ttab\033[31m",
	    "\331\205\331\210\330\263\331\212\331\202\331\211 "
	    "\330\243\331\201\331\204\330\247\331\205",
	    "\342\200\256turned around",
	    "\360\237\220\247\360\237\220\247\360\237\220\247",
	    huge,
	};
	size_t count = sizeof(names) / sizeof(names[0]);
	struct ph_home_guest guests[GUESTS_MAX];

	memset(huge, 'W', sizeof(huge) - 1);
	for (size_t i = 0; i < count; i++) {
		struct ph_home home = make_home(guests, 4, 1);

		guests[1].name = guests[2].state = guests[3].reason = names[i];
		home.guests_dir = names[i];
		cairo_surface_destroy(draw(&home, 640, 480, 1));
		cairo_surface_destroy(draw(&home, 1280, 800, 1));
		home.guest_count = 0;
		cairo_surface_destroy(draw(&home, 1280, 800, 1));
	}
	give_back();
}

TEST(strange_sizes_are_survived)
{
	static const struct size strange[] = {
	    {1, 1, 1},
	    {1, 2000, 1},
	    {2000, 1, 1},
	    {320, 200, 3},
	    {640, 480, 0},
	    {640, 480, NAN},
	    {640, 480, -1},
	    {100, 100, 1000},
	};
	struct ph_home_guest guests[GUESTS_MAX];

	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		for (size_t count = 0; count < 4; count += 3) {
			struct ph_home home = make_home(guests, count, 2);

			cairo_surface_destroy(
			    draw(&home, strange[i].width, strange[i].height, strange[i].scale));
		}
	give_back();
}

TEST(text_is_measured_as_it_is_drawn)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 400, 200);
	cairo_t *cr = cairo_create(surface);
	struct ph_text style = {.size = 20, .colour = 0xffffffff};
	struct ph_text_size one = text_measure(&style, "one line"), two, drawn;

	style.width = one.width / 2;
	check(text_measure(&style, "one line").width <= style.width);
	check_double(text_measure(&style, "one line").height, one.height);
	style.lines = 3;
	two = text_measure(&style, "one line");
	check(two.height > 1.8 * one.height);
	drawn = text_draw(cr, &style, 5, 5, "one line");
	check_double(drawn.width, two.width);
	check_double(drawn.height, two.height);
	check_double(text_measure(&style, NULL).width, 0);
	cairo_surface_flush(surface);
	check_uint(pixel(surface, 399, 199), 0);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	give_back();
}

TEST_TIMEOUT(arrows_lead_through_the_columns, 30)
{
	struct ph_home_guest guests[GUESTS_MAX];
	struct ph_home home = make_home(guests, 7, 0);
	struct ph_home_layout layout;
	size_t rows;

	home_layout_arrange(&layout, &home, 1280, 420, 1);
	rows = layout.rows;
	check_op(layout.columns, >, 1);
	for (size_t from = 0; from < 7; from++) {
		size_t column = from / rows;

		for (size_t i = 0; i < 7; i++)
			guests[i].selected = i == from;
		check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_DOWN), (from + 1) % 7);
		check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_UP), (from + 6) % 7);
		check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_LEFT),
		    column > 0 ? from - rows : from);
		check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_RIGHT),
		    from + rows < 7 ? from + rows : column < 6 / rows ? 6 : from);
	}
	for (size_t i = 0; i < 7; i++)
		guests[i].selected = false;
	check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_LEFT), 0);
	home.guest_count = 0;
	check_uint(home_step(&home, 1280, 420, 1, PH_DIRECTION_DOWN), SIZE_MAX);
	give_back();
}

TEST_TIMEOUT(question_has_two_answers, 60)
{
	static const struct ph_home_question question = {
	    "Cut the power of a guest with a long name?", "It is not asked.", "Cut power"};
	struct ph_home_guest guests[GUESTS_MAX];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 4) {
		int width = sizes[i].width, height = sizes[i].height;
		struct ph_home home = make_home(guests, 3, 1);
		cairo_surface_t *without = draw(&home, width, height, sizes[i].scale), *with;
		size_t yes = 0, no = 0;

		check_int(home_hit_answer(&home, width, height, sizes[i].scale, width / 2.0,
			      height / 2.0),
		    PH_HOME_NO_ANSWER);
		home.question = &question;
		with = draw(&home, width, height, sizes[i].scale);
		check_op(pixel(with, width / 2, height / 2), !=, pixel(without, width / 2, height / 2));
		/* Left and right of the middle, where the buttons are beside each other. */
		for (int y = height / 3; y < height * 3 / 4; y += height / 60)
			for (int x = width * 47 / 100; x < width * 54 / 100; x += width / 20) {
				enum ph_home_answer answer =
				    home_hit_answer(&home, width, height, sizes[i].scale, x, y);

				yes += answer == PH_HOME_YES;
				no += answer == PH_HOME_NO;
			}
		check_op(yes, >, 0);
		check_op(no, >, 0);
		cairo_surface_destroy(with);
		cairo_surface_destroy(without);
	}
	give_back();
}

/* The right half of the selected row, where it says what Enter does. */
static cairo_surface_t *draw_selected(enum ph_theme_tone tone, struct ph_area *hint)
{
	struct ph_home_guest guest;
	struct ph_home home = make_home(&guest, 1, 0);
	struct ph_home_layout layout;

	guest = (struct ph_home_guest){.number = 1, .name = "one", .state = "there", .selected = true, .tone = tone};
	home_layout_arrange(&layout, &home, 1280, 800, 1);
	*hint = home_layout_row(&layout, 0);
	hint->x += hint->width / 2;
	hint->width = hint->width / 2 - 4;
	return draw(&home, 1280, 800, 1);
}

TEST(enter_shows_a_machine_that_is_there)
{
	struct ph_area hint;
	cairo_surface_t *running = draw_selected(PH_THEME_GOOD, &hint), *paused = draw_selected(PH_THEME_BUSY, &hint),
			*off = draw_selected(PH_THEME_IDLE, &hint);

	check_uint(differences(running, paused, &hint), 0);
	check(differences(running, off, &hint) > 0);
	cairo_surface_destroy(running);
	cairo_surface_destroy(paused);
	cairo_surface_destroy(off);
	give_back();
}
