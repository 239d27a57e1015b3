// SPDX-License-Identifier: MIT
#include "placement.h"

#include <stdlib.h>
#include <string.h>

#include "placement_set.h"

static struct ph_placement_set *present(const struct ph_placement *placement)
{
	return placement->sets[0];
}

void placement_init(struct ph_placement *placement)
{
	memset(placement, 0, sizeof(*placement));
	placement->sets[0] = placement_set_create();
	placement->set_count = 1;
}

void placement_finish(struct ph_placement *placement)
{
	for (size_t i = 0; i < placement->set_count; i++) {
		placement_set_destroy(placement->sets[i]);
	}
	placement->set_count = 0;
}

void placement_identify(const char *make, const char *model, const char *serial,
    const char *connector, bool twin, char identity[PH_PLACEMENT_IDENTITY_SIZE])
{
	const char *parts[] = {make, model, serial};
	size_t length = 0;

	identity[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		if (parts[i] && parts[i][0]) {
			/* Room is left for the connector of a twin. */
			snprintf(identity + length, PH_PLACEMENT_IDENTITY_SIZE - 48 - length, "%s%s",
			    length ? " " : "", parts[i]);
			length = strlen(identity);
		}
	}
	if (length == 0 || twin) {
		snprintf(identity + length, PH_PLACEMENT_IDENTITY_SIZE - length, "%s%s",
		    length ? " " : "", connector);
	}
}

/* A guest has the focus: it is the latest, unless a person goes through them. */
static void note_recent(struct ph_placement *placement, const char *guest)
{
	size_t at = 0;

	if (placement->cycle > 0 || !guest[0]) {
		return;
	}
	while (at < placement->recent_count && strcmp(placement->recent[at], guest) != 0) {
		at++;
	}
	if (at == placement->recent_count) {
		if (at == PH_PLACEMENT_RECENT_MAX) {
			at--; /* the oldest one is forgotten */
		} else {
			placement->recent_count++;
		}
	}
	char id[PH_PLACEMENT_ID_SIZE];
	text_copy(id, sizeof(id), guest);
	memmove(placement->recent[1], placement->recent[0], at * sizeof(placement->recent[0]));
	text_copy(placement->recent[0], sizeof(placement->recent[0]), id);
}

bool placement_focus(struct ph_placement *placement, size_t output, size_t cell)
{
	struct ph_placement_set *set = present(placement);

	if (output >= set->output_count || cell >= placement_set_cells(&set->outputs[output])) {
		return false;
	}
	set->touched = true;
	set->focus_output = output;
	set->focus_cell = cell;
	note_recent(placement, set->outputs[output].cells[cell].guest);
	return true;
}

void placement_show(struct ph_placement *placement, const char *guest, unsigned heads)
{
	struct ph_placement_set *set = present(placement);
	size_t output, cell, first_output = SIZE_MAX, first_cell = 0;

	set->touched = true;
	if (set->output_count == 0) {
		note_recent(placement, guest);
		return;
	}
	/* Already where the person looks: the focus stays in that cell. */
	bool here = placed_is(&set->outputs[set->focus_output].cells[set->focus_cell], guest);
	for (unsigned console = 0; console < heads; console++) {
		if (!placement_set_find_cell(set, guest, console, &output, &cell)) {
			output = placement_set_spot_output(set, placement_set_find_spot(set, guest, console));
			if (output == SIZE_MAX) {
				output = placement_set_choose_output(set, guest, false);
			}
			if (output == SIZE_MAX) {
				continue;
			}
			struct ph_placed head;
			placed_set(&head, guest, console);
			cell = placement_set_choose_cell(set, output, guest);
			placement_set_put(set, output, cell, &head);
		}
		if (first_output == SIZE_MAX) {
			first_output = output;
			first_cell = cell;
		}
	}
	if (!here && first_output != SIZE_MAX) {
		set->focus_output = first_output;
		set->focus_cell = first_cell;
	}
	note_recent(placement, guest);
}

void placement_show_here(struct ph_placement *placement, const char *guest)
{
	struct ph_placement_set *set = present(placement);
	struct ph_placed head;

	set->touched = true;
	if (set->output_count > 0) {
		placement_set_hide_guest(set, guest);
		placement_set_remove_spots(set, guest);
		placed_set(&head, guest, 0);
		placement_set_put(set, set->focus_output, set->focus_cell, &head);
	}
	note_recent(placement, guest);
}

bool placement_place(
    struct ph_placement *placement, const char *guest, unsigned console, size_t output)
{
	struct ph_placement_set *set = present(placement);
	size_t cell = output == set->focus_output ? set->focus_cell : 0;
	size_t from_output, from_cell;
	struct ph_placed head;

	if (output >= set->output_count) {
		return false;
	}
	bool focused = placement_set_find_cell(set, guest, console, &from_output, &from_cell) &&
		       from_output == set->focus_output && from_cell == set->focus_cell;
	set->touched = true;
	placed_set(&head, guest, console);
	placement_set_put(set, output, cell, &head);
	if (focused) {
		set->focus_output = output;
		set->focus_cell = cell;
	}
	return true;
}

void placement_add_heads(struct ph_placement *placement, const char *guest, unsigned heads)
{
	struct ph_placement_set *set = present(placement);
	size_t output, cell;

	if (!placement_is_shown(placement, guest)) {
		return;
	}
	for (unsigned console = 0; console < heads; console++) {
		if (placement_set_find_cell(set, guest, console, &output, &cell)) {
			continue;
		}
		output = placement_set_spot_output(set, placement_set_find_spot(set, guest, console));
		if (output == SIZE_MAX) {
			output = placement_set_choose_output(set, guest, true);
		}
		cell = output == SIZE_MAX ? 0 : placement_set_choose_cell(set, output, guest);
		if (output != SIZE_MAX && !set->outputs[output].cells[cell].guest[0]) {
			struct ph_placed head;
			placed_set(&head, guest, console);
			placement_set_put(set, output, cell, &head);
		}
	}
}

void placement_show_home(struct ph_placement *placement)
{
	struct ph_placement_set *set = present(placement);

	set->touched = true;
	if (set->output_count > 0) {
		placed_set(&set->outputs[set->focus_output].cells[set->focus_cell], "", 0);
	}
}

bool placement_focus_direction(struct ph_placement *placement, enum ph_direction direction)
{
	size_t output, cell;

	if (!placement_set_find_neighbour(present(placement), direction, &output, &cell)) {
		return false;
	}
	return placement_focus(placement, output, cell);
}

bool placement_move(struct ph_placement *placement, enum ph_direction direction)
{
	struct ph_placement_set *set = present(placement);
	size_t output, cell;

	set->touched = true;
	if (!placement_set_find_neighbour(set, direction, &output, &cell)) {
		return false;
	}
	struct ph_placed *from = &set->outputs[set->focus_output].cells[set->focus_cell];
	struct ph_placed *to = &set->outputs[output].cells[cell];
	struct ph_placed moved = *from;
	*from = *to;
	*to = moved;
	placement_set_note_shown(set);
	set->focus_output = output;
	set->focus_cell = cell;
	return true;
}

/* As placement_focused(); NULL, too, when its guest is not there: the home screen stands in for it. */
static const struct ph_placed *find_focused(
    const struct ph_placement *placement, ph_placement_heads heads, void *data)
{
	const struct ph_placed *focused = placement_focused(placement);

	return focused && heads(data, focused->guest) > 0 ? focused : NULL;
}

/* What comes beside the focused cell when its monitor is split. */
static void choose_beside(const struct ph_placement *placement, ph_placement_heads heads, void *data,
    struct ph_placed *beside)
{
	const struct ph_placed *focused = find_focused(placement, heads, data);
	unsigned count = focused ? heads(data, focused->guest) : 0;
	size_t output, cell;

	for (unsigned console = 0; console < count; console++) {
		if (!placement_find(placement, focused->guest, console, &output, &cell)) {
			placed_set(beside, focused->guest, console);
			return;
		}
	}
	for (size_t i = 0; i < placement->recent_count; i++) {
		if (heads(data, placement->recent[i]) > 0 &&
		    !placement_is_shown(placement, placement->recent[i])) {
			placed_set(beside, placement->recent[i], 0);
			return;
		}
	}
	placed_set(beside, "", 0);
}

void placement_split(struct ph_placement *placement, ph_placement_heads heads, void *data)
{
	struct ph_placement_set *set = present(placement);

	set->touched = true;
	if (set->output_count == 0) {
		return;
	}
	struct ph_placement_output *output = &set->outputs[set->focus_output];
	if (output->split) {
		output->cells[0] = output->cells[set->focus_cell];
		placed_set(&output->cells[1], "", 0);
		output->split = false;
		set->focus_cell = 0;
	} else {
		choose_beside(placement, heads, data, &output->cells[1]);
		output->split = true;
	}
	placement_set_note_shown(set);
}

const char *placement_recent_step(
    struct ph_placement *placement, bool back, ph_placement_heads heads, void *data)
{
	const struct ph_placed *focused = find_focused(placement, heads, data);
	size_t count = placement->recent_count, at = placement->cycle;

	for (size_t i = 0; i < count; i++) {
		/* From the home screen the latest guest is the next one. */
		if (i > 0 || focused || at > 0 || back) {
			at = (at + (back ? count - 1 : 1)) % count;
		}
		const char *guest = placement->recent[at];
		if (heads(data, guest) > 0 && !(focused && placed_is(focused, guest))) {
			placement->cycle = at;
			return guest;
		}
	}
	return NULL;
}

void placement_recent_done(struct ph_placement *placement)
{
	const struct ph_placed *focused = placement_focused(placement);

	placement->cycle = 0;
	if (focused) {
		note_recent(placement, focused->guest);
	}
}

const char *placement_last(const struct ph_placement *placement, ph_placement_heads heads, void *data)
{
	const struct ph_placed *focused = find_focused(placement, heads, data);
	size_t at = focused && placement->recent_count > 0 && placed_is(focused, placement->recent[0]);

	while (at < placement->recent_count && heads(data, placement->recent[at]) == 0) {
		at++;
	}
	return at < placement->recent_count ? placement->recent[at] : NULL;
}

void placement_declare(
    struct ph_placement *placement, const struct ph_placement_wish *wishes, size_t count)
{
	struct ph_placement_set *set = present(placement);
	bool focused = false;
	size_t output, cell;

	set->declared = set->touched = true;
	for (size_t i = 0; i < set->output_count; i++) {
		set->outputs[i].split = false;
		placed_set(&set->outputs[i].cells[0], "", 0);
		placed_set(&set->outputs[i].cells[1], "", 0);
	}
	set->focus_output = set->focus_cell = 0;
	for (size_t i = 0; i < count; i++) {
		set->outputs[wishes[i].output].split |= wishes[i].half;
	}
	for (size_t i = 0; i < count; i++) {
		const struct ph_placement_wish *wish = &wishes[i];
		struct ph_placed head;
		if (!wish->guest || placement_set_find_cell(set, wish->guest, wish->console, &output, &cell)) {
			continue;
		}
		placed_set(&head, wish->guest, wish->console);
		placement_set_put(set, wish->output, wish->cell, &head);
		if (!focused) {
			focused = true;
			placement_focus(placement, wish->output, wish->cell);
		}
	}
}

bool placement_is_declared(const struct ph_placement *placement)
{
	return present(placement)->declared;
}

void placement_renew(struct ph_placement *placement)
{
	for (size_t i = 0; i < placement->set_count; i++) {
		placement->sets[i]->declared = false;
	}
}

const struct ph_placed *placement_focused(const struct ph_placement *placement)
{
	const struct ph_placement_set *set = present(placement);

	if (set->output_count == 0) {
		return NULL;
	}
	const struct ph_placed *placed = &set->outputs[set->focus_output].cells[set->focus_cell];
	return placed->guest[0] ? placed : NULL;
}

bool placement_find(const struct ph_placement *placement, const char *guest, unsigned console,
    size_t *output, size_t *cell)
{
	return placement_set_find_cell(present(placement), guest, console, output, cell) != NULL;
}

bool placement_is_shown(const struct ph_placement *placement, const char *guest)
{
	const struct ph_placement_set *set = present(placement);

	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			if (placed_is(&set->outputs[i].cells[c], guest)) {
				return true;
			}
		}
	}
	return false;
}

bool placement_find_spot(const struct ph_placement *placement, const char *guest, unsigned console,
    size_t *output, bool *half)
{
	struct ph_placement_set *set = present(placement);
	struct ph_spot *spot = placement_set_find_spot(set, guest, console);

	*output = placement_set_spot_output(set, spot);
	*half = spot && spot->half;
	return *output != SIZE_MAX;
}

/* In a new set: heads that wait for a monitor get those that show nothing. */
static void fill_new(struct ph_placement *placement, const struct ph_placed *focused,
    ph_placement_heads heads, void *data)
{
	struct ph_placement_set *set = present(placement);
	char shown[PH_PLACEMENT_OUTPUTS_MAX * PH_PLACEMENT_CELLS_MAX][PH_PLACEMENT_ID_SIZE];
	size_t count = 0;

	/* Somebody works in the guest whose monitor is gone: it follows, if there is room. */
	if (focused && set->output_count > 0 && !placement_is_shown(placement, focused->guest)) {
		for (size_t i = 0; i < set->output_count; i++) {
			size_t at = (set->focus_output + i) % set->output_count;
			if (!set->outputs[at].split && !set->outputs[at].cells[0].guest[0]) {
				placement_set_put(set, at, 0, focused);
				set->focus_output = at;
				set->focus_cell = 0;
				break;
			}
		}
	}
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			text_copy(shown[count++], PH_PLACEMENT_ID_SIZE, set->outputs[i].cells[c].guest);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (shown[i][0]) {
			placement_add_heads(placement, shown[i], heads(data, shown[i]));
		}
	}
}

static void forget_untouched(struct ph_placement *placement)
{
	size_t kept = 1;

	for (size_t i = 1; i < placement->set_count; i++) {
		if (placement->sets[i]->touched) {
			placement->sets[kept++] = placement->sets[i];
		} else {
			placement_set_destroy(placement->sets[i]);
		}
	}
	placement->set_count = kept;
}

bool placement_update_monitors(struct ph_placement *placement, const struct ph_placement_monitor *monitors,
    size_t count, ph_placement_heads heads, void *data)
{
	struct ph_placement_set *set = NULL;
	size_t at = 0;

	count = count > PH_PLACEMENT_OUTPUTS_MAX ? PH_PLACEMENT_OUTPUTS_MAX : count;
	while (at < placement->set_count && !placement_set_is(placement->sets[at], monitors, count)) {
		at++;
	}
	if (at == 0) {
		placement_set_order(present(placement), monitors, count);
		return false;
	}
	/* Who was at work; after a time without any monitor, the latest guest. */
	struct ph_placed focused = {0};
	const struct ph_placed *worked = find_focused(placement, heads, data);
	if (worked) {
		focused = *worked;
	} else if (present(placement)->output_count == 0 && placement_last(placement, heads, data)) {
		placed_set(&focused, placement_last(placement, heads, data), 0);
	}
	bool known = at < placement->set_count;
	if (known) {
		set = placement->sets[at];
		placement_set_order(set, monitors, count);
	} else {
		/* After a moment without monitors, from those before. */
		size_t from = present(placement)->output_count == 0 && placement->set_count > 1;
		set = placement_set_derive(placement->sets[from], monitors, count);
		if (placement->set_count == PH_PLACEMENT_SETS_MAX) {
			placement_set_destroy(placement->sets[--placement->set_count]);
		}
		at = placement->set_count++;
	}
	memmove(&placement->sets[1], &placement->sets[0], at * sizeof(placement->sets[0]));
	placement->sets[0] = set;
	if (!known) {
		fill_new(placement, focused.guest[0] ? &focused : NULL, heads, data);
	}
	if (count > 0) {
		forget_untouched(placement);
	}
	return true;
}
