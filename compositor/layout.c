// SPDX-License-Identifier: MIT
#include "layout.h"

const char *layout_scale_name(enum ph_guest_scale scale)
{
	static const char *const names[PH_SCALE_COUNT] = {"follow", "fit", "integer", "sharp"};
	return names[scale];
}

struct ph_fit layout_fit(enum ph_guest_scale scale, int picture_width, int picture_height,
    int output_width, int output_height)
{
	struct ph_fit fit = {0};
	int factor_x = output_width / picture_width;
	int factor_y = output_height / picture_height;
	int factor = factor_x < factor_y ? factor_x : factor_y;
	bool whole = scale == PH_SCALE_FOLLOW || scale == PH_SCALE_INTEGER;
	/* Compare the aspects in 64 bits: 16384 x 16384 squared does not fit 31. */
	long long wide = (long long)picture_width * output_height;
	long long high = (long long)picture_height * output_width;

	if (factor >= 1 && whole) {
		fit.box.width = picture_width * factor;
		fit.box.height = picture_height * factor;
	} else if (wide > high) {
		fit.box.width = output_width;
		fit.box.height = (int)(high / picture_width);
	} else {
		fit.box.height = output_height;
		fit.box.width = (int)(wide / picture_height);
	}
	fit.box.width = fit.box.width < 1 ? 1 : fit.box.width;
	fit.box.height = fit.box.height < 1 ? 1 : fit.box.height;
	fit.box.x = (output_width - fit.box.width) / 2;
	fit.box.y = (output_height - fit.box.height) / 2;
	if (factor < 1) {
		fit.filter = PH_FIT_SMOOTH;
	} else if (fit.box.width % picture_width != 0 || fit.box.height % picture_height != 0) {
		fit.filter = scale == PH_SCALE_SHARP ? PH_FIT_SHARP : PH_FIT_SMOOTH;
	} else if (scale == PH_SCALE_FIT && fit.box.width != picture_width) {
		fit.filter = PH_FIT_SMOOTH;
	}
	return fit;
}

void layout_split(const struct ph_box *output, bool split, struct ph_box cells[2])
{
	cells[0] = cells[1] = *output;
	if (!split) {
		return;
	}
	if (output->width >= output->height) {
		cells[0].width = output->width / 2;
		cells[1].x += cells[0].width;
		cells[1].width -= cells[0].width;
	} else {
		cells[0].height = output->height / 2;
		cells[1].y += cells[0].height;
		cells[1].height -= cells[0].height;
	}
}

static double clamp(double value, int size)
{
	/* The wire carries 24.8 fixed point: the last position is 1/256 before the edge. */
	double last = size - 1.0 / 256;
	if (value < 0) {
		return 0;
	}
	return value > last ? last : value;
}

void layout_to_picture(const struct ph_fit *fit, int picture_width, int picture_height, double ox,
    double oy, double *px, double *py)
{
	*px = clamp((ox - fit->box.x) * picture_width / fit->box.width, picture_width);
	*py = clamp((oy - fit->box.y) * picture_height / fit->box.height, picture_height);
}

double layout_scale(int width, int height, int mm_width, int mm_height)
{
	if (width <= 0 || height <= 0 || mm_width <= 0 || mm_height <= 0) {
		return 1;
	}
	/* 160 x 90 mm and 16 x 9 are what televisions put where the size should be. */
	if (mm_width < 100 || mm_height < 60 || (mm_width == 160 && mm_height == 90)) {
		return 1;
	}
	double dpi_x = width * 25.4 / mm_width, dpi_y = height * 25.4 / mm_height;
	if (dpi_x / dpi_y > 1.5 || dpi_y / dpi_x > 1.5) {
		return 1;
	}
	if (dpi_y >= 184 && height >= 1200) {
		return 2;
	}
	return dpi_y >= 140 && height >= 1200 ? 1.5 : 1;
}
