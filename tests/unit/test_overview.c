// SPDX-License-Identifier: MIT
#include "overview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "text.h"

#define GUESTS_MAX 40

static const struct size {
	int width, height;
	double scale;
} sizes[] = {
    {640, 480, 1},
    {640, 480, 3},
    {1280, 800, 1},
    {1920, 1080, 1},
    {1920, 1080, 1.5},
    {1080, 1920, 1},
    {3840, 2160, 2},
};

static struct ph_theme theme;

static void give_back(void)
{
	text_finish();
}

static struct ph_overview make_overview(
    struct ph_strip_guest *guests, struct ph_overview_size *pictures, size_t count)
{
	theme_make(&theme, NULL);
	for (size_t i = 0; i < count; i++) {
		guests[i] = (struct ph_strip_guest){
		    .number = (unsigned)i + 1,
		    .name = i % 2 ? "Debian" : "A name that is much longer than there is room for",
		    .state = i % 3 ? "running" : "off",
		    .tone = i % 3 ? PH_THEME_GOOD : PH_THEME_IDLE,
		    .focused = i == 1,
		};
		pictures[i] = (struct ph_overview_size){0, 0};
		if (i % 3)
			pictures[i] = i % 2 ? (struct ph_overview_size){1920, 1080}
					    : (struct ph_overview_size){720, 1280};
	}
	return (struct ph_overview){&theme, guests, count, pictures};
}

static bool inside(const struct ph_area *inner, const struct ph_area *outer)
{
	return inner->x >= outer->x && inner->y >= outer->y &&
	       inner->x + inner->width <= outer->x + outer->width + 0.5 &&
	       inner->y + inner->height <= outer->y + outer->height + 0.5;
}

TEST_TIMEOUT(every_guest_has_its_place, 60)
{
	static const size_t counts[] = {0, 1, 2, 3, 4, 7, 12, 13, 40};
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_overview_size pictures[GUESTS_MAX];
	struct ph_overview_layout layout;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
			struct ph_overview overview = make_overview(guests, pictures, counts[j]);
			struct ph_area screen = {0, 0, sizes[i].width, sizes[i].height};

			overview_arrange(&layout, &overview, sizes[i].width, sizes[i].height,
			    sizes[i].scale);
			for (size_t k = 0; k < counts[j]; k++) {
				struct ph_area cell = overview_cell(&layout, k);
				struct ph_area picture = overview_picture(&layout, &overview, k);

				if (!inside(&cell, &screen) || !inside(&picture, &cell))
					test_fail(__FILE__, __LINE__, "guest %zu of %zu leaves %dx%d at %g",
					    k, counts[j], sizes[i].width, sizes[i].height,
					    sizes[i].scale);
				check_op(picture.y + picture.height, <=,
				    cell.y + cell.height - layout.caption + 1.5);
				check_uint(overview_hit(&layout, cell.x + 1, cell.y + 1), k);
				check_uint(overview_hit(&layout, cell.x + cell.width - 1,
					       cell.y + cell.height - 1),
				    k);
			}
			check_uint(overview_hit(&layout, 1, 1), SIZE_MAX);
			check_uint(overview_hit(&layout, NAN, 100), SIZE_MAX);
		}
	give_back();
}

TEST(pictures_keep_their_aspect)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_overview_size pictures[GUESTS_MAX];
	struct ph_overview overview = make_overview(guests, pictures, 6);
	struct ph_overview_layout layout;

	pictures[0] = (struct ph_overview_size){20, 10}; /* smaller than its place */
	overview_arrange(&layout, &overview, 1920, 1080, 1);
	check_int((int)overview_picture(&layout, &overview, 0).width, 20);
	check_int((int)overview_picture(&layout, &overview, 0).height, 10);
	for (size_t i = 1; i < 6; i++) {
		struct ph_area area = overview_picture(&layout, &overview, i);

		if (pictures[i].width > 0)
			check(fabs(area.width / area.height -
				   (double)pictures[i].width / pictures[i].height) < 0.02);
	}
	give_back();
}

/* Seven guests in three columns: 0 1 2, 3 4 5, 6. */
TEST(keys_lead_through_the_grid)
{
	static const struct {
		size_t from;
		enum ph_direction direction;
		size_t to;
	} steps[] = {
	    {0, PH_DIRECTION_RIGHT, 1}, {2, PH_DIRECTION_RIGHT, 3}, {6, PH_DIRECTION_RIGHT, 0},
	    {0, PH_DIRECTION_LEFT, 6}, {3, PH_DIRECTION_LEFT, 2}, {0, PH_DIRECTION_DOWN, 3},
	    {3, PH_DIRECTION_DOWN, 6}, {4, PH_DIRECTION_DOWN, 6}, {5, PH_DIRECTION_DOWN, 6},
	    {6, PH_DIRECTION_DOWN, 6}, {6, PH_DIRECTION_UP, 3}, {1, PH_DIRECTION_UP, 1},
	    {SIZE_MAX, PH_DIRECTION_DOWN, 0}, {SIZE_MAX, PH_DIRECTION_LEFT, 0},
	};
	struct ph_overview_layout layout = {.count = 7, .columns = 3, .rows = 3};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (overview_step(&layout, steps[i].from, steps[i].direction) != steps[i].to)
			test_fail(__FILE__, __LINE__, "step %zu leads to %zu", i,
			    overview_step(&layout, steps[i].from, steps[i].direction));
	layout = (struct ph_overview_layout){0};
	check_uint(overview_step(&layout, 0, PH_DIRECTION_UP), SIZE_MAX);
}

static cairo_surface_t *draw(const struct ph_overview *overview, int width, int height)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	struct ph_overview_layout layout;
	cairo_t *cr = cairo_create(surface);

	overview_arrange(&layout, overview, width, height, 1);
	overview_draw(cr, overview, &layout);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	return surface;
}

/* How many rows of pixels differ from the one to the other, in two pictures of the same size. */
static size_t differing_rows(cairo_surface_t *one, cairo_surface_t *other, int from, int to)
{
	size_t stride = (size_t)cairo_image_surface_get_stride(one), rows = 0;

	for (int y = from; y < to; y++)
		rows += memcmp(cairo_image_surface_get_data(one) + (size_t)y * stride,
			    cairo_image_surface_get_data(other) + (size_t)y * stride, stride) != 0;
	return rows;
}

/* However small its picture is; of the others there is no beginning of a name beyond their cells. */
TEST(name_of_the_selected_guest_is_in_the_header)
{
	struct ph_strip_guest guests[64], others[64];
	struct ph_overview_size pictures[64];
	struct ph_overview overview = make_overview(guests, pictures, 64);
	cairo_surface_t *before = draw(&overview, 480, 800), *after;
	size_t header;

	memcpy(others, guests, sizeof(others));
	others[1].name = "Windows at work";
	overview.guests = others;
	after = draw(&overview, 480, 800);
	header = differing_rows(before, after, 0, 80);
	check_op(header, >, 6);
	check_uint(differing_rows(before, after, 80, 800), 0);
	cairo_surface_destroy(after);
	others[1].name = guests[1].name;
	others[2].name = "Unseen";
	after = draw(&overview, 480, 800);
	check_uint(differing_rows(before, after, 0, 800), 0);
	cairo_surface_destroy(after);
	cairo_surface_destroy(before);
	give_back();
}

TEST_TIMEOUT(whole_screen_is_drawn, 60)
{
	struct ph_strip_guest guests[GUESTS_MAX];
	struct ph_overview_size pictures[GUESTS_MAX];
	struct ph_overview_layout layout;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t count = 0; count <= 40; count += 8) {
			struct ph_overview overview = make_overview(guests, pictures, count);
			cairo_surface_t *surface = cairo_image_surface_create(
			    CAIRO_FORMAT_ARGB32, sizes[i].width, sizes[i].height);
			cairo_t *cr = cairo_create(surface);
			const unsigned char *data;
			int stride;

			overview_arrange(&layout, &overview, sizes[i].width, sizes[i].height,
			    sizes[i].scale);
			overview_draw(cr, &overview, &layout);
			check_int(cairo_status(cr), CAIRO_STATUS_SUCCESS);
			cairo_destroy(cr);
			cairo_surface_flush(surface);
			data = cairo_image_surface_get_data(surface);
			stride = cairo_image_surface_get_stride(surface);
			for (int y = 0; y < sizes[i].height; y += 7)
				for (int x = 0; x < sizes[i].width; x += 7)
					check_int(data[y * stride + x * 4 + 3], 0xff);
			cairo_surface_destroy(surface);
		}
	give_back();
}
