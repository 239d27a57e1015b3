// SPDX-License-Identifier: MIT
#ifndef PH_LAYOUT_H
#define PH_LAYOUT_H

#include <stdbool.h>

/* A rectangle in pixels; which pixels is said by each user. */
struct ph_box {
	int x, y, width, height;
};

/* How a guest's picture that is not as large as its cell is shown. */
enum ph_guest_scale {
	PH_SCALE_FOLLOW, /* default: the guest is told the size of the cell; as integer until it has it */
	PH_SCALE_FIT,    /* as large as it fits, smooth */
	PH_SCALE_INTEGER, /* by the largest whole factor */
	PH_SCALE_SHARP,  /* as large as it fits, without blur */
};
#define PH_SCALE_COUNT 4

enum ph_fit_filter {
	PH_FIT_BLOCKS, /* each pixel is a whole block */
	PH_FIT_SHARP,  /* blocks that do not fit the pixels of the screen */
	PH_FIT_SMOOTH, /* interpolated */
};

/* Where a picture goes inside a cell, and how its pixels are multiplied. */
struct ph_fit {
	struct ph_box box; /* pixels inside the cell */
	enum ph_fit_filter filter;
};

/*
 * Places a picture of picture_width x picture_height pixels in a cell of
 * output_width x output_height pixels: unscaled if it is as large, enlarged as
 * `scale` says if it is smaller (firmware and DOS stay sharp), and shrunk to fit
 * if it is larger; always at its aspect. Centred. All sizes > 0.
 */
struct ph_fit layout_fit(enum ph_guest_scale scale, int picture_width, int picture_height,
    int output_width, int output_height);

/* Its name in session.scfg. Static. */
const char *layout_scale_name(enum ph_guest_scale scale);

/*
 * The cells of an output: all of it, or two halves when it is split, side by side
 * or (where it is higher than wide) one below the other. Any pixels.
 */
void layout_split(const struct ph_box *output, bool split, struct ph_box cells[2]);

/*
 * The output position in picture pixels: 0 <= *px < picture_width and likewise
 * for y, the nearest pixel inside when the position is outside of the box.
 * ox, oy: output pixels.
 */
void layout_to_picture(const struct ph_fit *fit, int picture_width, int picture_height, double ox,
    double oy, double *px, double *py);

/*
 * The scale of a monitor of that many pixels and millimetres: 1, 1.5 or 2.
 * Sizes that cannot be right (0, or aspect ratios that some TVs claim) give 1.
 */
double layout_scale(int width, int height, int mm_width, int mm_height);

#endif
