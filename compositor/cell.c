// SPDX-License-Identifier: MIT
#include "cell.h"

#include <math.h>
#include <wlr/types/wlr_output_layout.h>

#include "guest_head.h"
#include "layer_shell.h"
#include "session.h"

/* The pixels that the scene makes of a box: it rounds edges, not sizes. */
static struct ph_box to_pixels(const struct ph_box *box, const struct ph_box *output, double scale)
{
	double left = box->x - output->x, top = box->y - output->y;
	struct ph_box pixels = {
	    .x = (int)round(left * scale),
	    .y = (int)round(top * scale),
	};

	pixels.width = (int)round((left + box->width) * scale) - pixels.x;
	pixels.height = (int)round((top + box->height) * scale) - pixels.y;
	return pixels;
}

bool cells_measure(
    const struct ph_output *output, bool split, struct ph_box boxes[2], struct ph_box pixels[2])
{
	struct wlr_box place, usable;
	int width, height;

	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &place);
	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	struct ph_box whole = {place.x, place.y, place.width, place.height};
	struct ph_box room = whole;
	layer_shell_usable(output->session, output, &usable);
	if (usable.width > 0 && usable.height > 0) {
		room = (struct ph_box){usable.x, usable.y, usable.width, usable.height};
	}
	layout_split(&room, split, boxes);
	for (int i = 0; pixels && i < 2; i++) {
		pixels[i] = to_pixels(&boxes[i], &whole, (double)output->wlr_output->scale);
		/* A whole output is a whole output, whatever its scale rounds to. */
		if (boxes[i].x + boxes[i].width == whole.x + whole.width) {
			pixels[i].width = width - pixels[i].x;
		}
		if (boxes[i].y + boxes[i].height == whole.y + whole.height) {
			pixels[i].height = height - pixels[i].y;
		}
	}
	return place.width > 0 && place.height > 0;
}

struct ph_cell *cells_at(struct ph_session *session, double lx, double ly)
{
	struct ph_output *output = outputs_at(session, lx, ly);

	for (size_t i = 0; output && i < output->cell_count; i++) {
		const struct ph_box *box = &output->cells[i].box;
		if (lx >= box->x && ly >= box->y && lx < box->x + box->width && ly < box->y + box->height) {
			return &output->cells[i];
		}
	}
	return output ? &output->cells[0] : NULL;
}

void cell_to_pixels(const struct ph_cell *cell, double lx, double ly, double *x, double *y)
{
	double scale = (double)cell->output->wlr_output->scale;

	*x = (lx - cell->box.x) * scale;
	*y = (ly - cell->box.y) * scale;
}

bool cell_has_picture(const struct ph_cell *cell)
{
	return cell->head && guest_head_has_picture(cell->head);
}

void cell_finish(struct ph_cell *cell)
{
	if (cell->head) {
		cell->head->cell = NULL;
		cell->head = NULL;
	}
	if (cell->home) {
		wlr_scene_node_destroy(&cell->home->node);
		cell->home = NULL;
	}
	cell->home_width = 0;
}
