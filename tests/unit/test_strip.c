// SPDX-License-Identifier: MIT
#include "notice.h"
#include "strip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "text.h"

#define GUESTS_MAX 40

static const struct ph_strip_button buttons[] = {
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+Del", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+Backspace", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+F1", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+F2", false, false},
    {PH_STRIP_SEND, NULL, "Alt+F4", false, false},
    {PH_STRIP_SEND, NULL, "Print", false, false},
    {PH_STRIP_COMMAND, "H", "Home", false, false},
    {PH_STRIP_COMMAND, "O", "Overview", false, false},
    {PH_STRIP_COMMAND, "Tab", "Next guest", false, false},
    {PH_STRIP_COMMAND, "S", "Split", false, false},
    {PH_STRIP_COMMAND, "L", "Lock", false, false},
    {PH_STRIP_COMMAND, "Esc", "All keys to the guest", true, false},
};

static const struct size {
	int width, height;
	double scale;
} sizes[] = {
    {640, 480, 1},
    {640, 480, 2},
    {800, 600, 1},
    {1024, 768, 1.25},
    {1280, 800, 1},
    {1366, 768, 1},
    {1920, 1080, 1},
    {1920, 1080, 1.5},
    {1080, 1920, 1},
    {2560, 1080, 1.25},
    {3840, 2160, 1},
    {3840, 2160, 2},
    {3840, 2160, 3},
};
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static struct ph_theme theme;

static void give_back(void)
{
	text_finish();
}

static struct ph_strip make_strip(struct ph_strip_guest *guests, size_t count)
{
	static const char arabic[] = "\331\205\331\210\330\263\331\212\331\202\331\211 "
				     "\330\243\331\201\331\204\330\247\331\205";
	static const char *const names[] = {
	    "Debian", "Windows 11 for the tax office and other things", arabic, "OpenBSD", "FreeDOS"};
	static const char *const states[] = {"running", "off", "lost", "paused", "running"};
	static const enum ph_theme_tone tones[] = {
	    PH_THEME_GOOD, PH_THEME_IDLE, PH_THEME_BAD, PH_THEME_BUSY, PH_THEME_GOOD};

	theme_make(&theme, NULL);
	for (size_t i = 0; i < count; i++)
		guests[i] = (struct ph_strip_guest){
		    .number = (unsigned)i + 1,
		    .name = names[i % 5],
		    .state = states[i % 5],
		    .tone = tones[i % 5],
		    .reason = i % 5 == 2 ? "QEMU ended with status 1: cannot open the disk "
					   "debian.qcow2: no such file"
					 : NULL,
		    .where = i == 0 ? "here" : i == 4 ? "HDMI-A-1, DP-2" : NULL,
		    .focused = i == 0,
		};
	return (struct ph_strip){
	    .theme = &theme,
	    .guests = guests,
	    .guest_count = count,
	    .first = SIZE_MAX,
	    .buttons = buttons,
	    .button_count = sizeof(buttons) / sizeof(buttons[0]),
	    .clock = "14:32",
	    .date = "Sat 21 Nov",
	};
}

static bool overlap(const struct ph_area *a, const struct ph_area *b)
{
	return a->width > 0 && b->width > 0 && a->x + a->width > b->x + 0.01 &&
	       b->x + b->width > a->x + 0.01 && a->y + a->height > b->y + 0.01 &&
	       b->y + b->height > a->y + 0.01;
}

static void check_arrangement(const struct ph_strip *strip, const struct size *size)
{
	struct ph_strip_layout layout;
	struct ph_area area, other;
	size_t count;

	strip_arrange(&layout, strip, size->width, size->height, size->scale);
	check_op(layout.x, >=, 0);
	check_op(layout.y, >=, 0);
	check_op(layout.x + layout.width, <=, (int)round(size->width / size->scale));
	check_op(layout.y + layout.height, <=, (int)round(size->height / size->scale));
	/* It is to be seen beside it that there is a guest below. */
	check_op(layout.pixel_height, <, (int)(size->height * 0.97));
	count = strip_part_count(&layout);
	for (size_t i = 0; i < count; i++) {
		area = strip_part_area(&layout, i);
		if (area.width == 0)
			continue;
		if (area.x < 0 || area.y < 0 || area.x + area.width > layout.pixel_width ||
		    area.y + area.height > layout.pixel_height)
			test_fail(__FILE__, __LINE__, "part %zu leaves the strip on %dx%d at %g (%zu)", i,
			    size->width, size->height, size->scale, strip->guest_count);
		for (size_t j = i + 1; j < count; j++) {
			other = strip_part_area(&layout, j);
			if (overlap(&area, &other))
				test_fail(__FILE__, __LINE__,
				    "parts %zu and %zu overlap on %dx%d at %g (%zu)", i, j,
				    size->width, size->height, size->scale, strip->guest_count);
		}
	}
	/* The focused guest is always there, and so is the most important button of each line. */
	for (size_t i = 0; i < strip->guest_count; i++)
		if (strip->guests[i].focused)
			check(strip_card(&layout, i).width > 0);
	for (int line = 0; line < PH_STRIP_LINES; line++)
		for (size_t i = 0; i < strip->button_count; i++)
			if ((int)strip->buttons[i].line == line) {
				check(layout.buttons[i].width > 0);
				break;
			}
}

TEST_TIMEOUT(parts_keep_apart_at_every_size, 300)
{
	static const size_t counts[] = {0, 1, 2, 3, 5, 8, 12, 17, 40};
	struct ph_strip_guest guests[GUESTS_MAX];

	for (size_t i = 0; i < SIZE_COUNT; i++)
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
			struct ph_strip strip = make_strip(guests, counts[j]);

			strip.grabbed = j % 2;
			check_arrangement(&strip, &sizes[i]);
			if (counts[j] > 1) {
				guests[0].focused = false;
				guests[counts[j] - 1].focused = true;
				check_arrangement(&strip, &sizes[i]);
			}
		}
	give_back();
}

TEST(every_card_and_button_is_hit)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 40);
	struct ph_strip_layout layout;
	struct ph_strip_hit hit;

	guests[0].focused = false;
	guests[20].focused = true;
	strip_arrange(&layout, &strip, 1024, 600, 1);
	check_op(layout.first, >, 0);
	for (size_t i = 0; i < 40; i++) {
		struct ph_area card = strip_card(&layout, i);

		check_int(card.width > 0, i >= layout.first && i < layout.first + layout.shown);
		if (card.width == 0)
			continue;
		hit = strip_hit(&layout, card.x + 1, card.y + card.height - 1);
		check_int(hit.target, PH_STRIP_GUEST);
		check_uint(hit.index, i);
		hit = strip_hit(&layout, card.x + 1, card.y - 1);
		check(hit.target != PH_STRIP_GUEST || hit.index != i);
	}
	for (size_t i = 0; i < layout.button_count; i++) {
		const struct ph_area *area = &layout.buttons[i];

		if (area->width == 0)
			continue;
		hit = strip_hit(&layout, area->x + area->width / 2, area->y + area->height / 2);
		check_int(hit.target, PH_STRIP_BUTTON);
		check_uint(hit.index, i);
	}
	hit = strip_hit(&layout, layout.before.x + 2, layout.before.y + 2);
	check_int(hit.target, PH_STRIP_BEFORE);
	hit = strip_hit(&layout, layout.after.x + 2, layout.after.y + 2);
	check_int(hit.target, PH_STRIP_AFTER);
	check_int(strip_hit(&layout, 1, 1).target, PH_STRIP_PANEL);
	check_int(strip_hit(&layout, -1, 1).target, PH_STRIP_NOTHING);
	check_int(strip_hit(&layout, 1, layout.pixel_height).target, PH_STRIP_NOTHING);
	check_int(strip_hit(&layout, NAN, 1).target, PH_STRIP_NOTHING);
	give_back();
}

TEST(large_text_breaks_lines_rather_than_leave_buttons_out)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 3);
	struct ph_strip_layout layout;

	theme_make(&theme, &(struct ph_theme_choice){.text_scale = 2});
	strip_arrange(&layout, &strip, 1280, 800, 1);
	for (size_t i = 6; i < layout.button_count; i++)
		check(layout.buttons[i].width > 0);
	check_op(layout.buttons[11].y, >, layout.buttons[6].y);
	check_op(layout.pixel_height, <, 800 * 7 / 8);
	/* Where there is room for one line each, that is how it is. */
	theme_make(&theme, NULL);
	strip_arrange(&layout, &strip, 1280, 800, 1);
	check(layout.buttons[11].y == layout.buttons[6].y);
	give_back();
}

/* Whoever has only a pointer locks with it, however large the text is and however many guests there are. */
TEST_TIMEOUT(what_is_for_the_session_is_always_there, 300)
{
	static const double scales[] = {1, 1.25, 1.6, 2, 4};
	static const size_t counts[] = {0, 1, 5, 12, 40};
	struct ph_strip_guest guests[GUESTS_MAX];

	for (size_t i = 0; i < SIZE_COUNT; i++)
		for (size_t j = 0; j < 25; j++) {
			struct ph_strip strip = make_strip(guests, counts[j / 5]);
			struct ph_strip_layout layout;

			theme_make(&theme, &(struct ph_theme_choice){.text_scale = scales[j % 5]});
			strip.grabbed = i % 2;
			check_arrangement(&strip, &sizes[i]);
			strip_arrange(&layout, &strip, sizes[i].width, sizes[i].height, sizes[i].scale);
			for (size_t k = 6; k < layout.button_count; k++)
				if (layout.buttons[k].width == 0)
					test_fail(__FILE__, __LINE__,
					    "no button %s on %dx%d at %g, text %g (%zu)",
					    strip.buttons[k].text, sizes[i].width, sizes[i].height,
					    sizes[i].scale, scales[j % 5], strip.guest_count);
		}
	give_back();
}

/* Those of the session itself, with their keys. */
static const struct ph_strip_button real_buttons[] = {
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+Del", false, false},
    {PH_STRIP_SEND, NULL, "Super", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+F1", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Alt+F2", false, false},
    {PH_STRIP_SEND, NULL, "Ctrl+Shift+Esc", false, false},
    {PH_STRIP_SEND, NULL, "Alt+F4", false, false},
    {PH_STRIP_SEND, NULL, "Print", false, false},
    {PH_STRIP_COMMAND, "H", "Home", false, false},
    {PH_STRIP_COMMAND, "O", "Overview", false, false},
    {PH_STRIP_COMMAND, "Tab", "Next", false, false},
    {PH_STRIP_COMMAND, "Esc", "Every key to the guest", false, false},
    {PH_STRIP_COMMAND, "S", "Split", false, false},
    {PH_STRIP_COMMAND, "L", "Lock", false, false},
    {PH_STRIP_COMMAND, "P", "Pause", false, false},
};
#define REAL_BUTTON_COUNT (sizeof(real_buttons) / sizeof(real_buttons[0]))

/* How many of a line are left out. */
static size_t count_missing(const struct ph_strip *strip, const struct ph_strip_layout *layout,
    enum ph_strip_line line)
{
	size_t count = 0;

	for (size_t i = 0; i < strip->button_count; i++)
		count += strip->buttons[i].line == line && layout->buttons[i].width == 0;
	return count;
}

TEST_TIMEOUT(no_button_is_left_out_where_there_is_height_for_it, 300)
{
	static const struct size places[] = {{1024, 768, 0}, {1280, 720, 0}, {800, 600, 0}};
	static const double scales[] = {1, 1.25, 1.5, 1.75, 2}, texts[] = {1, 1.25, 1.6, 2};
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip_layout layout;

	for (size_t i = 0; i < 3 * 5 * 4 * 12 * 2; i++) {
		size_t count = i % 12 + 1;
		struct size size = places[i / 24 % 3];
		double text = texts[i / 360 % 4], row;
		struct ph_strip strip = make_strip(guests, count);

		size.scale = scales[i / 72 % 5];
		theme_make(&theme, &(struct ph_theme_choice){.text_scale = text});
		strip.buttons = real_buttons;
		strip.button_count = REAL_BUTTON_COUNT;
		strip.grabbed = i / 12 % 2;
		check_arrangement(&strip, &size);
		strip_arrange(&layout, &strip, size.width, size.height, size.scale);
		row = 44 * layout.paint.unit;
		if (count_missing(&strip, &layout, PH_STRIP_COMMAND) > 0 ||
		    (count_missing(&strip, &layout, PH_STRIP_SEND) > 0 &&
			layout.pixel_height + row < size.height * 0.94))
			test_fail(__FILE__, __LINE__,
			    "buttons left out on %dx%d at %g, text %g, %zu guests", size.width,
			    size.height, size.scale, text, count);
		/* They are not bought with the guests' cards. */
		check_op(layout.shown, >=, count < 2 ? count : 2);
	}
	give_back();
}

TEST(rows_of_buttons_are_about_as_wide)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 3);
	struct ph_strip_layout layout;
	size_t upper = 0, lower = 0;

	strip.buttons = real_buttons;
	strip.button_count = REAL_BUTTON_COUNT;
	strip_arrange(&layout, &strip, 1024, 768, 1);
	check_uint(layout.line_rows[PH_STRIP_COMMAND], 2);
	for (size_t i = 7; i < REAL_BUTTON_COUNT; i++) {
		upper += layout.buttons[i].y == layout.buttons[7].y;
		lower += layout.buttons[i].y > layout.buttons[7].y;
	}
	check_uint(upper, 3);
	check_uint(lower, 4);
	give_back();
}

TEST(buttons_that_are_of_no_use_are_not_there)
{
	struct ph_strip_button some[sizeof(buttons) / sizeof(buttons[0])];
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 3);
	struct ph_strip_layout with, without;

	strip_arrange(&with, &strip, 1280, 800, 1);
	memcpy(some, buttons, sizeof(some));
	strip.buttons = some;
	for (size_t i = 0; i < 6; i++)
		some[i].useless = true;
	some[9].useless = true;
	strip_arrange(&without, &strip, 1280, 800, 1);
	for (size_t i = 0; i < without.button_count; i++)
		check_int(without.buttons[i].width > 0, i >= 6 && i != 9);
	check(without.labels[PH_STRIP_SEND].width == 0);
	check_op(without.height, <, with.height);
	check(without.buttons[10].x == with.buttons[9].x);
	give_back();
}

TEST(scrolling_ends_at_the_ends)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 40);
	struct ph_strip_layout layout;

	strip.first = 0;
	strip_arrange(&layout, &strip, 1280, 800, 1);
	check_uint(layout.first, 0);
	check_int(strip_hit(&layout, layout.before.x + 2, layout.before.y + 2).target, PH_STRIP_PANEL);
	check_int(strip_hit(&layout, layout.after.x + 2, layout.after.y + 2).target, PH_STRIP_AFTER);
	strip.first = 39;
	strip_arrange(&layout, &strip, 1280, 800, 1);
	check_uint(layout.first + layout.shown, 40);
	check_int(strip_hit(&layout, layout.before.x + 2, layout.before.y + 2).target, PH_STRIP_BEFORE);
	check_int(strip_hit(&layout, layout.after.x + 2, layout.after.y + 2).target, PH_STRIP_PANEL);
	give_back();
}

/* What the picture's pixels and the output's are to each other is the same everywhere. */
TEST(picture_has_the_pixels_that_it_takes)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	static const double scales[] = {1, 1.25, 1.5, 1.75, 2, 2.5, 3};
	struct ph_strip strip = make_strip(guests, 5);

	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		for (int width = 1900; width < 1910; width++) {
			struct ph_strip_layout layout;
			double scale = scales[i];

			strip_arrange(&layout, &strip, width, 1080, scale);
			check_int(layout.pixel_width,
			    (int)(round((layout.x + layout.width) * scale) -
				  round(layout.x * scale)));
			check_int(layout.pixel_height,
			    (int)(round((layout.y + layout.height) * scale) -
				  round(layout.y * scale)));
		}
	give_back();
}

static cairo_surface_t *draw(const struct ph_strip *strip, const struct ph_strip_layout *layout)
{
	cairo_surface_t *surface = cairo_image_surface_create(
	    CAIRO_FORMAT_ARGB32, layout->pixel_width, layout->pixel_height);
	cairo_t *cr = cairo_create(surface);

	strip_draw(cr, strip, layout);
	check_int(cairo_status(cr), CAIRO_STATUS_SUCCESS);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	return surface;
}

static uint32_t pixel(cairo_surface_t *surface, double x, double y)
{
	uint32_t value;

	memcpy(&value,
	    cairo_image_surface_get_data(surface) +
		(int)y * cairo_image_surface_get_stride(surface) + (int)x * 4,
	    sizeof(value));
	return value;
}

static size_t differences(cairo_surface_t *a, cairo_surface_t *b, const struct ph_area *area)
{
	size_t count = 0;

	for (int y = (int)floor(area->y); y < (int)ceil(area->y + area->height); y++)
		for (int x = (int)floor(area->x); x < (int)ceil(area->x + area->width); x++)
			count += pixel(a, x, y) != pixel(b, x, y);
	return count;
}

TEST(panel_is_round_and_opaque)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 3);
	struct ph_strip_layout layout;
	cairo_surface_t *surface;

	strip_arrange(&layout, &strip, 1280, 800, 1);
	surface = draw(&strip, &layout);
	check_uint(pixel(surface, 0, 0), 0);
	check_uint(pixel(surface, layout.pixel_width - 1, layout.pixel_height - 1), 0);
	for (int x = 30; x < layout.pixel_width - 30; x++)
		check_op(pixel(surface, x, 8) >> 24, ==, 0xff);
	cairo_surface_destroy(surface);
	give_back();
}

TEST(badges_have_the_guests_colours)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 3);
	struct ph_strip_layout layout;
	cairo_surface_t *surface;

	theme_make(&theme, &(struct ph_theme_choice){.light = true});
	guests[1].colour = 0x123456;
	strip_arrange(&layout, &strip, 1280, 800, 1);
	surface = draw(&strip, &layout);
	for (size_t i = 0; i < 3; i++) {
		struct ph_area card = strip_card(&layout, i);
		double unit = layout.paint.unit;

		check_uint(pixel(surface, card.x + 18 * unit, card.y + 18 * unit) & 0xffffff,
		    i == 1 ? 0x123456 : theme_guest_colour((unsigned)i + 1, 0));
	}
	cairo_surface_destroy(surface);
	give_back();
}

/* Draws only the parts whose sums differ, and compares with a new picture of all. */
static size_t check_update(const struct ph_strip *before, const struct ph_strip *after, int line)
{
	struct ph_strip_layout layout, same;
	cairo_surface_t *updated, *whole;
	struct ph_area all;
	cairo_t *cr;
	size_t parts = 0;

	strip_arrange(&layout, before, 1280, 800, 1.5);
	strip_arrange(&same, after, 1280, 800, 1.5);
	if (!strip_same_layout(&layout, &same))
		test_fail(__FILE__, line, "the arrangement changes");
	updated = draw(before, &layout);
	cr = cairo_create(updated);
	for (size_t part = 0; part < strip_part_count(&layout); part++)
		if (strip_part_sum(before, &layout, part) != strip_part_sum(after, &layout, part)) {
			strip_draw_part(cr, after, &layout, part);
			parts++;
		}
	cairo_destroy(cr);
	cairo_surface_flush(updated);
	whole = draw(after, &layout);
	all = (struct ph_area){0, 0, layout.pixel_width, layout.pixel_height};
	if (differences(updated, whole, &all) != 0)
		test_fail(__FILE__, line, "an updated picture is not as a new one");
	cairo_surface_destroy(updated);
	cairo_surface_destroy(whole);
	return parts;
}

TEST_TIMEOUT(only_what_changed_is_drawn_again, 60)
{
	struct ph_strip_guest guests[GUESTS_MAX], others[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 5), other = make_strip(others, 5);

	check_uint(check_update(&strip, &other, __LINE__), 0);
	other.clock = "14:33";
	check_uint(check_update(&strip, &other, __LINE__), 1);
	others[3].state = "running";
	others[3].tone = PH_THEME_GOOD;
	check_uint(check_update(&strip, &other, __LINE__), 2);
	other.hover = (struct ph_strip_hit){PH_STRIP_BUTTON, 2};
	check_uint(check_update(&strip, &other, __LINE__), 3);
	/* Two cards, and who has the keyboard. */
	other = make_strip(others, 5);
	others[0].focused = false;
	others[4].focused = true;
	check_uint(check_update(&strip, &other, __LINE__), 3);
	other = make_strip(others, 5);
	others[2].reason = "something else";
	check_uint(check_update(&strip, &other, __LINE__), 1);
	/* The way out of a capture. */
	strip = other = make_strip(guests, 5);
	strip.captured = other.captured = true;
	check_uint(check_update(&strip, &other, __LINE__), 0);
	other.out_keys = "RightCtrl";
	check_uint(check_update(&strip, &other, __LINE__), 1);
	strip.out_keys = "RightCtrl";
	other.out_after = "for 2 seconds";
	check_uint(check_update(&strip, &other, __LINE__), 1);
	give_back();
}

/* The same guest, off and locked: another sign, and nothing else of its card. */
TEST(locked_guest_has_a_padlock)
{
	struct ph_strip_guest guests[GUESTS_MAX], others[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 5), other = make_strip(others, 5);
	struct ph_strip_layout layout;

	others[1].tone = PH_THEME_LOCKED;
	check_uint(check_update(&strip, &other, __LINE__), 1);
	strip_arrange(&layout, &strip, 1280, 800, 1);
	cairo_surface_t *one = draw(&strip, &layout), *two = draw(&other, &layout);
	struct ph_area card = strip_card(&layout, 1);
	size_t changed = differences(one, two, &card);
	check_op(changed, >, 20);
	check_op(changed, <, 200);
	cairo_surface_destroy(one);
	cairo_surface_destroy(two);
	give_back();
}

TEST(another_arrangement_is_noticed)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip strip = make_strip(guests, 5);
	struct ph_strip_layout one, other;

	strip_arrange(&one, &strip, 1280, 800, 1);
	strip_arrange(&other, &strip, 1280, 800, 1.25);
	check(!strip_same_layout(&one, &other));
	strip.captured = true;
	strip_arrange(&other, &strip, 1280, 800, 1);
	check(!strip_same_layout(&one, &other));
	strip = make_strip(guests, 6);
	strip_arrange(&other, &strip, 1280, 800, 1);
	check(!strip_same_layout(&one, &other));
	give_back();
}

TEST_TIMEOUT(strange_strings_and_sizes_are_survived, 60)
{
	static char huge[100001];
	const char *const strings[] = {"", NULL, "\377\376 not UTF-8 \303", "line\nbreak", huge};
	static const struct size strange[] = {
	    {1, 1, 1}, {1, 2000, 1}, {2000, 1, 1}, {320, 200, 3}, {640, 480, 0}, {640, 480, NAN},
	    {640, 480, -1}, {100, 100, 1000}};
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_strip_layout layout;

	memset(huge, 'W', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct ph_strip strip = make_strip(guests, 4);

		guests[0].name = guests[1].state = guests[2].reason = guests[3].where = strings[i];
		strip.clock = strip.date = strings[i];
		strip.grabbed = true;
		strip_arrange(&layout, &strip, 1280, 800, 1);
		cairo_surface_destroy(draw(&strip, &layout));
	}
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		for (size_t count = 0; count <= 40; count += 20) {
			struct ph_strip strip = make_strip(guests, count);

			strip_arrange(&layout, &strip, strange[i].width, strange[i].height,
			    strange[i].scale);
			cairo_surface_destroy(draw(&strip, &layout));
		}
	give_back();
}

TEST(notice_is_as_wide_as_its_longest_line)
{
	static const char text[] = "/home/ada/.config/phyllome/session.scfg:2: schema: unknown key in theme, "
				   "expected one of: scheme, accent, font, text-scale, high-contrast";
	struct ph_notice notice = {.theme = &theme, .text = text};
	struct ph_notice_layout layout;
	cairo_surface_t *surface;
	size_t lit = 0;
	cairo_t *cr;

	theme_make(&theme, NULL);
	notice_arrange(&layout, &notice, 1920, 1080, 1);
	check_op(layout.lines, >, 1);
	surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, layout.pixel_width, layout.pixel_height);
	cr = cairo_create(surface);
	notice_draw(cr, &notice, &layout);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	/* Right of it there is as much space as the design says, and no more. */
	for (int y = 4; y < layout.pixel_height - 4; y++)
		for (int x = layout.pixel_width - 32; x < layout.pixel_width - 6; x++)
			lit += pixel(surface, x, y) != theme.panel;
	check_op(lit, >, 0);
	cairo_surface_destroy(surface);
	give_back();
}

/* How to leave a grab: on a narrow screen, or with large text, the chord is below the text. */
TEST(notice_leaves_room_for_its_text)
{
	static const struct {
		int width, height;
		double text_scale;
		bool stacked;
	} cases[] = {{1920, 1080, 1, false}, {480, 800, 1, true}, {1920, 1080, 4, true}, {360, 640, 1, true}};
	struct ph_notice notice = {&theme, "Every key goes to Debian. To have them back, hold", "Super+Esc",
	    "for a second, or RightCtrl for 2 seconds"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_notice_layout layout;

		theme_make(&theme, &(struct ph_theme_choice){.text_scale = cases[i].text_scale});
		notice_arrange(&layout, &notice, cases[i].width, cases[i].height, 1);
		check_int(layout.stacked, cases[i].stacked);
		struct ph_text text = theme_text(&theme, layout.paint.unit, PH_THEME_SMALL);
		double whole = text_measure(&text, notice.text).width;
		check_op((int)layout.text_width * layout.lines, >=, (int)whole);
		check_op((int)layout.text_width, >=, (int)fmin(whole, 200 * layout.paint.unit));
	}
	give_back();
}

TEST_TIMEOUT(notice_fits_its_screen, 30)
{
	static const char error[] =
	    "/home/ada/.config/phyllome/session.scfg:12: strip: delay: 'soon' is not a whole number of "
	    "milliseconds from 0 to 5000; write one, or remove the line, and reload once more";
	static const char *const texts[] = {"", "There is no guest 7.", error};

	theme_make(&theme, NULL);
	for (size_t i = 0; i < SIZE_COUNT; i++)
		for (size_t j = 0; j < 6; j++) {
			struct ph_notice notice = {&theme, texts[j / 2], j % 2 ? "Super+Esc" : NULL,
			    j % 2 ? "for a second" : NULL};
			struct ph_notice_layout layout;
			cairo_surface_t *surface;
			size_t lit = 0;
			cairo_t *cr;

			notice_arrange(
			    &layout, &notice, sizes[i].width, sizes[i].height, sizes[i].scale);
			check_op(layout.x, >=, 0);
			check_op(layout.x + layout.width, <=,
			    (int)round(sizes[i].width / sizes[i].scale));
			check_op(layout.pixel_height, <, sizes[i].height / 2);
			surface = cairo_image_surface_create(
			    CAIRO_FORMAT_ARGB32, layout.pixel_width, layout.pixel_height);
			cr = cairo_create(surface);
			notice_draw(cr, &notice, &layout);
			cairo_destroy(cr);
			cairo_surface_flush(surface);
			check_uint(pixel(surface, 0, 0), 0);
			/* What is written ends before the panel does. */
			for (int y = layout.pixel_height / 2 - 4; y < layout.pixel_height / 2 + 4; y++)
				lit += pixel(surface, layout.pixel_width - 5, y) != theme.panel;
			check_uint(lit, 0);
			cairo_surface_destroy(surface);
		}
	give_back();
}
