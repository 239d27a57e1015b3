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

static bool box_equal(const struct ph_box *one, const struct ph_box *other)
{
	return one->x == other->x && one->y == other->y && one->width == other->width &&
	       one->height == other->height;
}

bool cell_place(const struct ph_cell *cell, const struct ph_box *pixels, struct ph_box *place)
{
	const struct ph_output *output = cell->output;
	double scale = (double)output->wlr_output->scale;
	struct wlr_box box;

	*place = cell->box;
	/* A whole cell is a whole cell, whatever its scale rounds to. */
	if (pixels->width == cell->pixels.width && pixels->height == cell->pixels.height) {
		return true;
	}
	place->x += (int)round(pixels->x / scale);
	place->y += (int)round(pixels->y / scale);
	place->width = cell->box.x + (int)round((pixels->x + pixels->width) / scale) - place->x;
	place->height = cell->box.y + (int)round((pixels->y + pixels->height) / scale) - place->y;
	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &box);
	struct ph_box whole = {box.x, box.y, box.width, box.height};
	struct ph_box drawn = to_pixels(place, &whole, scale);
	drawn.x -= cell->pixels.x;
	drawn.y -= cell->pixels.y;
	return box_equal(&drawn, pixels);
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
