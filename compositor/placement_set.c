// SPDX-License-Identifier: MIT
#include "placement_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void clear(struct ph_placed *placed)
{
	memset(placed, 0, sizeof(*placed));
}

struct ph_placement_set *placement_set_create(void)
{
	struct ph_placement_set *set = calloc(1, sizeof(*set));

	if (!set) {
		abort();
	}
	return set;
}

void placement_set_destroy(struct ph_placement_set *set)
{
	free(set->spots);
	free(set);
}

size_t placement_set_cells(const struct ph_placement_output *output)
{
	return output->split ? 2 : 1;
}

struct ph_placement_output *placement_set_find_output(struct ph_placement_set *set, const char *identity)
{
	for (size_t i = 0; i < set->output_count; i++) {
		if (strcmp(set->outputs[i].identity, identity) == 0) {
			return &set->outputs[i];
		}
	}
	return NULL;
}

struct ph_spot *placement_set_find_spot(struct ph_placement_set *set, const char *guest, unsigned console)
{
	for (size_t i = 0; i < set->spot_count; i++) {
		if (placed_is(&set->spots[i].head, guest) && set->spots[i].head.console == console) {
			return &set->spots[i];
		}
	}
	return NULL;
}

/* Notes where a head belongs from now on. */
struct ph_spot *placement_set_note_spot(
    struct ph_placement_set *set, const struct ph_placed *head, const struct ph_placement_output *output)
{
	struct ph_spot *spot = placement_set_find_spot(set, head->guest, head->console);

	if (!head->guest[0]) {
		return NULL;
	}
	if (!spot) {
		struct ph_spot *spots =
		    realloc(set->spots, (set->spot_count + 1) * sizeof(set->spots[0]));
		if (!spots) {
			abort();
		}
		set->spots = spots;
		spot = &spots[set->spot_count++];
		memset(spot, 0, sizeof(*spot));
		spot->head = *head;
	}
	text_copy(spot->identity, sizeof(spot->identity), output->identity);
	spot->half = output->split;
	return spot;
}

void placement_set_remove_spots(struct ph_placement_set *set, const char *guest)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->spot_count; i++) {
		if (!placed_is(&set->spots[i].head, guest)) {
			set->spots[kept++] = set->spots[i];
		}
	}
	set->spot_count = kept;
}

/* Brings the spots of all that is shown in line with where it is shown. */
void placement_set_note_shown(struct ph_placement_set *set)
{
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			placement_set_note_spot(set, &set->outputs[i].cells[c], &set->outputs[i]);
		}
	}
}

struct ph_placed *placement_set_find_cell(struct ph_placement_set *set, const char *guest, unsigned console,
    size_t *output, size_t *cell)
{
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			struct ph_placed *placed = &set->outputs[i].cells[c];
			if (placed_is(placed, guest) && placed->console == console) {
				*output = i;
				*cell = c;
				return placed;
			}
		}
	}
	return NULL;
}

/* Puts a head into a cell; wherever else it was there is the home screen now. */
void placement_set_put(struct ph_placement_set *set, size_t output, size_t cell, const struct ph_placed *head)
{
	struct ph_placed copy = *head;
	size_t old_output, old_cell;
	struct ph_placed *old = placement_set_find_cell(set, copy.guest, copy.console, &old_output, &old_cell);

	if (old && copy.guest[0]) {
		clear(old);
	}
	set->outputs[output].cells[cell] = copy;
	placement_set_note_spot(set, &copy, &set->outputs[output]);
}

static bool has_free_cell(const struct ph_placement_output *output)
{
	return !output->cells[0].guest[0] || (output->split && !output->cells[1].guest[0]);
}

/* The monitor for a head that has none: from the focused one on, one that the guest is not on yet. */
size_t placement_set_choose_output(struct ph_placement_set *set, const char *guest, bool free_only)
{
	for (size_t step = 0; step < set->output_count; step++) {
		size_t at = (set->focus_output + step) % set->output_count;
		bool taken = free_only && !has_free_cell(&set->outputs[at]);
		for (size_t i = 0; i < set->spot_count; i++) {
			taken = taken || (placed_is(&set->spots[i].head, guest) &&
					     strcmp(set->spots[i].identity, set->outputs[at].identity) == 0);
		}
		if (!taken) {
			return at;
		}
	}
	return SIZE_MAX;
}

/* The monitor where a head belongs, SIZE_MAX when it is not here. */
size_t placement_set_spot_output(struct ph_placement_set *set, const struct ph_spot *spot)
{
	struct ph_placement_output *output = spot ? placement_set_find_output(set, spot->identity) : NULL;
	return output ? (size_t)(output - set->outputs) : SIZE_MAX;
}

/* Cell of an output that a guest newly shown there takes. */
size_t placement_set_choose_cell(struct ph_placement_set *set, size_t output, const char *guest)
{
	struct ph_placement_output *at = &set->outputs[output];

	if (!at->split) {
		return 0;
	}
	/* Two heads of one guest on one monitor: not one over the other. */
	size_t cell = output == set->focus_output ? set->focus_cell : 0;
	return placed_is(&at->cells[cell], guest) ? 1 - cell : cell;
}

void placement_set_hide_guest(struct ph_placement_set *set, const char *guest)
{
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < PH_PLACEMENT_CELLS_MAX; c++) {
			if (placed_is(&set->outputs[i].cells[c], guest)) {
				clear(&set->outputs[i].cells[c]);
			}
		}
	}
}

/* lx/ly of a cell. */
static struct ph_box cell_box(const struct ph_placement_output *output, size_t cell)
{
	struct ph_box boxes[PH_PLACEMENT_CELLS_MAX];

	layout_split(&output->box, output->split, boxes);
	return boxes[cell];
}

/* How far `to` is from `from` in that direction, by their centres; negative: it is not there. */
static long long distance(const struct ph_box *from, const struct ph_box *to, enum ph_direction direction)
{
	long long dx = (2LL * to->x + to->width) - (2LL * from->x + from->width);
	long long dy = (2LL * to->y + to->height) - (2LL * from->y + from->height);
	bool sideways = direction == PH_DIRECTION_LEFT || direction == PH_DIRECTION_RIGHT;
	bool back = direction == PH_DIRECTION_LEFT || direction == PH_DIRECTION_UP;
	long long along = sideways ? dx : dy, across = sideways ? dy : dx;

	along = back ? -along : along;
	across = across < 0 ? -across : across;
	/* What is more beside than ahead lies in another direction. */
	return along <= 0 || across > along ? -1 : along + across;
}

bool placement_set_find_neighbour(
    struct ph_placement_set *set, enum ph_direction direction, size_t *output, size_t *cell)
{
	long long best = -1;

	if (set->output_count == 0) {
		return false;
	}
	struct ph_box from = cell_box(&set->outputs[set->focus_output], set->focus_cell);
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			struct ph_box to = cell_box(&set->outputs[i], c);
			long long far = distance(&from, &to, direction);
			if (far >= 0 && (best < 0 || far < best)) {
				best = far;
				*output = i;
				*cell = c;
			}
		}
	}
	return best >= 0;
}

bool placement_set_is(struct ph_placement_set *set, const struct ph_placement_monitor *monitors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!placement_set_find_output(set, monitors[i].identity)) {
			return false;
		}
	}
	return set->output_count == count;
}

/* Makes the set's monitors be in the caller's order, with their boxes. */
void placement_set_order(
    struct ph_placement_set *set, const struct ph_placement_monitor *monitors, size_t count)
{
	struct ph_placement_output ordered[PH_PLACEMENT_OUTPUTS_MAX];
	size_t focus = 0;

	memset(ordered, 0, sizeof(ordered));
	for (size_t i = 0; i < count; i++) {
		struct ph_placement_output *known = placement_set_find_output(set, monitors[i].identity);
		if (known) {
			ordered[i] = *known;
			focus = known == &set->outputs[set->focus_output] ? i : focus;
		}
		text_copy(ordered[i].identity, sizeof(ordered[i].identity), monitors[i].identity);
		ordered[i].box = monitors[i].box;
	}
	bool known = set->output_count > 0 && count > 0 &&
		     strcmp(set->outputs[set->focus_output].identity, ordered[focus].identity) == 0;
	memcpy(set->outputs, ordered, sizeof(ordered));
	set->output_count = count;
	set->focus_output = focus;
	set->focus_cell = known ? set->focus_cell : 0;
}

/* A set that was never here: each monitor keeps what it showed. */
struct ph_placement_set *placement_set_derive(const struct ph_placement_set *from,
    const struct ph_placement_monitor *monitors, size_t count)
{
	struct ph_placement_set *set = placement_set_create();

	*set = *from;
	set->spots = NULL;
	set->spot_count = 0;
	set->declared = set->touched = false;
	placement_set_order(set, monitors, count);
	for (size_t i = 0; i < from->spot_count; i++) {
		struct ph_placement_output *output = placement_set_find_output(set, from->spots[i].identity);
		if (output) {
			struct ph_spot *spot =
			    placement_set_note_spot(set, &from->spots[i].head, output);
			if (spot) {
				spot->half = from->spots[i].half;
			}
		}
	}
	return set;
}
