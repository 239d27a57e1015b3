// SPDX-License-Identifier: MIT
#ifndef PH_CELL_H
#define PH_CELL_H

#include <wlr/types/wlr_scene.h>

#include "home_layout.h"
#include "layout.h"

struct ph_session;
struct ph_output;
struct ph_guest;
struct ph_guest_head;

/*
 * A part of a monitor that shows one head of a guest, or the home screen: what bars
 * leave of the monitor, or a half of it when it is split.
 */
struct ph_cell {
	struct ph_output *output;
	struct ph_box box;    /* lx/ly */
	struct ph_box pixels; /* ox/oy; exactly what box covers on the output */

	struct ph_guest *guest;     /* who is to be seen here, NULL: the home screen */
	struct ph_guest_head *head; /* its picture; NULL: there is none yet, or home */

	uint32_t shown; /* wlr_surface's number of the commit that the last frame had here */

	struct wlr_scene_buffer *home; /* the home screen's node, NULL: never needed yet */
	int home_width, home_height;   /* pixels of what home was drawn for; 0: stale */
	struct ph_home_layout home_layout; /* of what was drawn last */
};

/*
 * Where a part of a cell goes: pixels is that part, from the cell's corner; place: lx/ly. False: these
 * pixels lie between those of the layout, and the scene will make others of the place, by one at most.
 */
bool cell_place(const struct ph_cell *cell, const struct ph_box *pixels, struct ph_box *place);

/*
 * Where the cells of an output are, split or not; false: the output has no place.
 * boxes: lx/ly. pixels: ox/oy, may be NULL.
 */
bool cells_measure(const struct ph_output *output, bool split, struct ph_box boxes[2],
    struct ph_box pixels[2]);

/* The cell at a layout position, NULL: there is no monitor. */
struct ph_cell *cells_at(struct ph_session *session, double lx, double ly);

/* Position inside the cell, output pixels, of a layout position. */
void cell_to_pixels(const struct ph_cell *cell, double lx, double ly, double *x, double *y);

/* Whether the cell shows a guest's picture. */
bool cell_has_picture(const struct ph_cell *cell);

/* Frees what the cell has in the scene. */
void cell_finish(struct ph_cell *cell);

#endif
