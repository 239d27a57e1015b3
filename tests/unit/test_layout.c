// SPDX-License-Identifier: MIT
#include "layout.h"

#include "test.h"

static void check_fit(int pw, int ph, int ow, int oh, int x, int y, int w, int h, bool smooth)
{
	struct ph_fit fit = layout_fit(PH_SCALE_FOLLOW, pw, ph, ow, oh);

	check_int(fit.box.x, x);
	check_int(fit.box.y, y);
	check_int(fit.box.width, w);
	check_int(fit.box.height, h);
	check_int(fit.filter == PH_FIT_SMOOTH, smooth);
}

TEST(same_size_is_the_whole_output)
{
	check_fit(1920, 1080, 1920, 1080, 0, 0, 1920, 1080, false);
}

TEST(small_pictures_stay_sharp)
{
	check_fit(720, 400, 1920, 1080, 240, 140, 1440, 800, false);
	check_fit(640, 480, 1920, 1080, 320, 60, 1280, 960, false);
	check_fit(1280, 800, 1920, 1080, 320, 140, 1280, 800, false);
	check_fit(320, 200, 3840, 2160, 320, 80, 3200, 2000, false);
	check_fit(1, 1, 640, 480, 80, 0, 480, 480, false);
}

TEST(large_pictures_shrink_at_their_aspect)
{
	check_fit(3840, 2160, 1920, 1080, 0, 0, 1920, 1080, true);
	check_fit(1920, 1080, 1280, 1024, 0, 152, 1280, 720, true);
	check_fit(1280, 1024, 1920, 800, 460, 0, 1000, 800, true);
	check_fit(16384, 1, 640, 480, 0, 239, 640, 1, true);
	check_fit(16384, 16384, 16383, 16383, 0, 0, 16383, 16383, true);
}

TEST(scale_modes)
{
	static const struct {
		enum ph_guest_scale scale;
		int width, height; /* of the picture, on 1920 x 1080 */
		struct ph_box box;
		enum ph_fit_filter filter;
	} cases[] = {
	    {PH_SCALE_FIT, 1280, 800, {96, 0, 1728, 1080}, PH_FIT_SMOOTH},
	    {PH_SCALE_SHARP, 1280, 800, {96, 0, 1728, 1080}, PH_FIT_SHARP},
	    {PH_SCALE_INTEGER, 1280, 800, {320, 140, 1280, 800}, PH_FIT_BLOCKS},
	    {PH_SCALE_FIT, 1920, 1080, {0, 0, 1920, 1080}, PH_FIT_BLOCKS},
	    {PH_SCALE_SHARP, 640, 360, {0, 0, 1920, 1080}, PH_FIT_BLOCKS},
	    {PH_SCALE_FIT, 640, 360, {0, 0, 1920, 1080}, PH_FIT_SMOOTH},
	    {PH_SCALE_SHARP, 3840, 2160, {0, 0, 1920, 1080}, PH_FIT_SMOOTH},
	    {PH_SCALE_INTEGER, 2560, 1600, {96, 0, 1728, 1080}, PH_FIT_SMOOTH},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_fit fit = layout_fit(cases[i].scale, cases[i].width, cases[i].height, 1920, 1080);
		check_int(fit.box.x, cases[i].box.x);
		check_int(fit.box.y, cases[i].box.y);
		check_int(fit.box.width, cases[i].box.width);
		check_int(fit.box.height, cases[i].box.height);
		check_int(fit.filter, cases[i].filter);
	}
}

TEST(corners_reach_the_corner_pixels)
{
	struct ph_fit fit = layout_fit(PH_SCALE_FOLLOW, 720, 400, 1920, 1080);
	double x, y;

	layout_to_picture(&fit, 720, 400, 240, 140, &x, &y);
	check_int((int)x, 0);
	check_int((int)y, 0);
	layout_to_picture(&fit, 720, 400, 240 + 1439, 140 + 799, &x, &y);
	check_int((int)x, 719);
	check_int((int)y, 399);
	/* Outside: the nearest pixel, and never the one behind the last. */
	layout_to_picture(&fit, 720, 400, 0, 0, &x, &y);
	check_int((int)x, 0);
	check_int((int)y, 0);
	layout_to_picture(&fit, 720, 400, 1920, 1080, &x, &y);
	check(x < 720 && (int)x == 719);
	check(y < 400 && (int)y == 399);
}

TEST(scale_follows_the_physical_size)
{
	check_double(layout_scale(1920, 1080, 309, 174), 1);    /* 14 inch, too few lines for more */
	check_double(layout_scale(1920, 1080, 527, 296), 1);    /* 24 inch */
	check_double(layout_scale(3840, 2160, 597, 336), 1.5);  /* 27 inch 4K, 163 dpi */
	check_double(layout_scale(2880, 1800, 302, 188), 2);    /* 14 inch, 242 dpi */
	check_double(layout_scale(1366, 768, 256, 144), 1);     /* small and coarse */
	check_double(layout_scale(1920, 1080, 160, 90), 1);     /* a television's nonsense */
	check_double(layout_scale(1920, 1080, 0, 0), 1);
	check_double(layout_scale(1920, 1080, 600, 100), 1);
	check_double(layout_scale(0, 0, 600, 340), 1);
}
