// SPDX-License-Identifier: MIT
#ifndef PH_PLACEMENT_SET_H
#define PH_PLACEMENT_SET_H

#include <stdio.h>
#include <string.h>

#include "placement.h"

/* One set of monitors: what placement.c is made of. Pure. */

static inline void text_copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

static inline bool placed_is(const struct ph_placed *placed, const char *guest)
{
	return strcmp(placed->guest, guest) == 0;
}

static inline void placed_set(struct ph_placed *placed, const char *guest, unsigned console)
{
	memset(placed, 0, sizeof(*placed));
	text_copy(placed->guest, sizeof(placed->guest), guest);
	placed->console = console;
}

/* Without monitors. */
struct ph_placement_set *placement_set_create(void);
void placement_set_destroy(struct ph_placement_set *set);

/* How many cells a monitor has. */
size_t placement_set_cells(const struct ph_placement_output *output);
/* NULL: no such monitor. */
struct ph_placement_output *placement_set_find_output(struct ph_placement_set *set, const char *identity);
/* NULL: the head has none. */
struct ph_spot *placement_set_find_spot(struct ph_placement_set *set, const char *guest, unsigned console);
/* Index of the monitor of a spot (may be NULL), SIZE_MAX when it is not in the set. */
size_t placement_set_spot_output(struct ph_placement_set *set, const struct ph_spot *spot);
/* Notes where a head belongs from now on. NULL: it is no head of a guest. */
struct ph_spot *placement_set_note_spot(
    struct ph_placement_set *set, const struct ph_placed *head, const struct ph_placement_output *output);
/* Brings the spots of all that is shown in line with where it is shown. */
void placement_set_note_shown(struct ph_placement_set *set);
void placement_set_remove_spots(struct ph_placement_set *set, const char *guest);

/* The cell that shows a head, NULL: none. */
struct ph_placed *placement_set_find_cell(struct ph_placement_set *set, const char *guest, unsigned console,
    size_t *output, size_t *cell);
/* The cell next to the focused one in that direction; false: there is none. */
bool placement_set_find_neighbour(
    struct ph_placement_set *set, enum ph_direction direction, size_t *output, size_t *cell);
/* Puts a head into a cell; wherever else it was there is the home screen now. */
void placement_set_put(struct ph_placement_set *set, size_t output, size_t cell, const struct ph_placed *head);
/* The home screen wherever the guest is. */
void placement_set_hide_guest(struct ph_placement_set *set, const char *guest);
/*
 * A monitor for a head without a spot, on which the guest is not yet, free_only: one
 * that shows the home screen; SIZE_MAX when there is none.
 */
size_t placement_set_choose_output(struct ph_placement_set *set, const char *guest, bool free_only);
/* The cell of a monitor that a guest newly shown there takes. */
size_t placement_set_choose_cell(struct ph_placement_set *set, size_t output, const char *guest);

/* Whether it is the set of these monitors. */
bool placement_set_is(struct ph_placement_set *set, const struct ph_placement_monitor *monitors, size_t count);
/* Makes its monitors be these, in this order; those that were there keep what they show. */
void placement_set_order(
    struct ph_placement_set *set, const struct ph_placement_monitor *monitors, size_t count);
/* A set of these monitors, each with what it showed and what belongs to it in `from`. */
struct ph_placement_set *placement_set_derive(const struct ph_placement_set *from,
    const struct ph_placement_monitor *monitors, size_t count);

#endif
