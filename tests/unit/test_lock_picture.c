// SPDX-License-Identifier: MIT
#include "lock_picture.h"

#include <stdbool.h>
#include <stddef.h>

#include "test.h"
#include "text.h"

/* The longest that there is. */
static const char problem[] = "Cannot start /usr/local/lib/screen-lockers/swaylock: No such file "
			      "or directory; install it, or check "
			      "its path (or the path of its log).";

static struct ph_theme theme;

static cairo_surface_t *draw(const char *why, int width, int height, double scale)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
	cairo_t *cr = cairo_create(surface);

	lock_picture_draw(cr, &theme, why, width, height, scale);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	return surface;
}

static uint32_t pixel(cairo_surface_t *surface, int x, int y)
{
	const unsigned char *data = cairo_image_surface_get_data(surface);

	return *(const uint32_t *)(const void *)(data +
						 y * cairo_image_surface_get_stride(surface) +
						 4 * x);
}

/* The part of the picture that is not plain ground. */
static struct bounds {
	int left, top, right, bottom;
} find_bounds(cairo_surface_t *surface)
{
	int width = cairo_image_surface_get_width(surface),
	    height = cairo_image_surface_get_height(surface);
	struct bounds bounds = {width, height, 0, 0};

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			if (pixel(surface, x, y) == theme.ground)
				continue;
			bounds.left = x < bounds.left ? x : bounds.left;
			bounds.top = y < bounds.top ? y : bounds.top;
			bounds.right = x > bounds.right ? x : bounds.right;
			bounds.bottom = y;
		}
	return bounds;
}

TEST_TIMEOUT(everything_is_in_the_middle_of_every_screen, 300)
{
	static const struct {
		int width, height;
		double scale;
	} sizes[] = {{320, 240, 1}, {640, 480, 2}, {1280, 720, 1}, {1920, 1080, 1.5},
	    {1080, 1920, 1}, {2560, 1440, 2}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < 12; j++) {
			theme_make(&theme, &(struct ph_theme_choice){
					       .light = j & 1,
					       .contrast = j & 2,
					       .text_scale = j < 4   ? 1
							     : j < 8 ? 2
								     : 4,
					   });
			cairo_surface_t *surface =
			    draw(problem, sizes[i].width, sizes[i].height, sizes[i].scale);
			struct bounds bounds = find_bounds(surface);

			check_op(bounds.left, >, 0);
			check_op(bounds.top, >, 0);
			check_op(bounds.right, <, sizes[i].width - 1);
			check_op(bounds.bottom, <, sizes[i].height - 1);
			check_op(bounds.top + bounds.bottom, >, sizes[i].height * 9 / 10);
			check_op(bounds.top + bounds.bottom, <, sizes[i].height * 11 / 10);
			cairo_surface_destroy(surface);
		}
	text_finish();
}

TEST(large_text_is_larger_and_a_problem_is_said)
{
	struct bounds usual, large, silent;
	cairo_surface_t *surface;

	theme_make(&theme, NULL);
	surface = draw("", 1280, 800, 1);
	silent = find_bounds(surface);
	cairo_surface_destroy(surface);
	surface = draw(problem, 1280, 800, 1);
	usual = find_bounds(surface);
	cairo_surface_destroy(surface);
	check_op(usual.bottom - usual.top, >, silent.bottom - silent.top + 12);
	theme_make(&theme, &(struct ph_theme_choice){.text_scale = 2});
	surface = draw("", 1280, 800, 1);
	large = find_bounds(surface);
	cairo_surface_destroy(surface);
	check_op(large.bottom - large.top, >, (silent.bottom - silent.top) * 18 / 10);
	text_finish();
}
