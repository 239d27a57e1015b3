// SPDX-License-Identifier: MIT
#ifndef PH_PLACEMENT_H
#define PH_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "layout.h"

/*
 * Which head of which guest is on which monitor, for each set of monitors that
 * has ever been there. Pure: it knows names and boxes, no outputs and guests.
 *
 * A monitor has one cell, or two when it is split; a cell shows one head of a
 * guest, or the home screen. One cell has the focus. Each head of a guest has at
 * most one spot, the monitor where it belongs: that is the guest's layout, which
 * holds while the guest is hidden too. All of it is kept for each set of
 * monitors, so that a set that comes back is as it was left.
 */

#define PH_PLACEMENT_OUTPUTS_MAX 16
#define PH_PLACEMENT_CELLS_MAX 2
#define PH_PLACEMENT_ID_SIZE 65         /* a guest's id and its end */
#define PH_PLACEMENT_IDENTITY_SIZE 192  /* a monitor's identity and its end */
#define PH_PLACEMENT_RECENT_MAX 64      /* guests whose order of use is known */
#define PH_PLACEMENT_SETS_MAX 32        /* sets of monitors that are remembered */

/* What a cell shows. */
struct ph_placed {
	char guest[PH_PLACEMENT_ID_SIZE]; /* id; empty: the home screen */
	unsigned console;                 /* of that guest */
};

struct ph_placement_output {
	char identity[PH_PLACEMENT_IDENTITY_SIZE];
	struct ph_box box; /* lx/ly; of a set that is not here now: not known */
	bool split;        /* two cells, side by side or (portrait) one below the other */
	struct ph_placed cells[PH_PLACEMENT_CELLS_MAX];
};

/* Where a head belongs. */
struct ph_spot {
	struct ph_placed head;
	char identity[PH_PLACEMENT_IDENTITY_SIZE]; /* of the monitor */
	bool half;                                 /* it was in a cell of a split one */
};

/* One set of monitors and everything on it. */
struct ph_placement_set {
	size_t output_count;
	struct ph_placement_output outputs[PH_PLACEMENT_OUTPUTS_MAX];
	size_t focus_output, focus_cell; /* valid while output_count > 0 */
	struct ph_spot *spots;
	size_t spot_count;
	bool declared; /* what session.scfg says of it has been done */
	bool touched; /* a person has placed something here: worth remembering */
};

struct ph_placement {
	/* sets[0] is the one that is here now; then those that were here, latest first. */
	struct ph_placement_set *sets[PH_PLACEMENT_SETS_MAX];
	size_t set_count; /* at least 1 */
	char recent[PH_PLACEMENT_RECENT_MAX][PH_PLACEMENT_ID_SIZE]; /* latest first */
	size_t recent_count;
	size_t cycle; /* how far a person has gone through recent; 0: at its head */
};

/* A monitor that is here, in the order in which the caller counts them. */
struct ph_placement_monitor {
	const char *identity;
	struct ph_box box; /* lx/ly */
};

/* Where a head is to be, as a person has written down. */
struct ph_placement_wish {
	size_t output;      /* index into the present ones */
	bool half;          /* in half of it */
	size_t cell;        /* which half; 0 when it is not split */
	const char *guest;  /* id, NULL: the home screen */
	unsigned console;
};

/*
 * How many heads a guest has. 0: it is not there now; it was deleted, or the disk that it is on
 * is missing, and keeps its places in case that it comes back.
 */
typedef unsigned (*ph_placement_heads)(void *data, const char *guest);

/* No monitors, nothing remembered. */
void placement_init(struct ph_placement *placement);
void placement_finish(struct ph_placement *placement);

/*
 * A monitor's identity, by which it is known again: make, model and serial as
 * far as they are known (NULL or empty: not), else the connector. taken: the
 * identities of the other monitors here; of two equal ones the connector tells.
 */
void placement_identify(const char *make, const char *model, const char *serial,
    const char *connector, bool twin, char identity[PH_PLACEMENT_IDENTITY_SIZE]);

/*
 * These monitors are here now (none is a set too). A set that was here before
 * comes back as it was; in a new one each monitor keeps what it showed, and one
 * without a past shows the next head of a guest that is shown, or the home screen.
 * Sets that nobody has touched are forgotten when others follow: monitors that are
 * plugged in one after the other, or a moment without the rest.
 * Returns whether the set is another one than before.
 */
bool placement_update_monitors(struct ph_placement *placement, const struct ph_placement_monitor *monitors,
    size_t count, ph_placement_heads heads, void *data);

/*
 * Shows a guest on the monitors of its layout and gives it the focus. Heads
 * without a spot get one: the first one the focused monitor, the others those
 * that follow it.
 */
void placement_show(struct ph_placement *placement, const char *guest, unsigned heads);

/* Shows the guest's first head in the focused cell, and the guest nowhere else. */
void placement_show_here(struct ph_placement *placement, const char *guest);

/*
 * Puts that head on that monitor (an index into the present ones): into the focused
 * cell if that is there, else into its first one. The focus goes with the head if it
 * was there, and stays otherwise. False: that monitor is not there, as above.
 */
bool placement_place(
    struct ph_placement *placement, const char *guest, unsigned console, size_t output);

/* A shown guest has more heads now: they go to monitors that show the home screen. */
void placement_add_heads(struct ph_placement *placement, const char *guest, unsigned heads);

/* The home screen in the focused cell. */
void placement_show_home(struct ph_placement *placement);

/*
 * Gives the focus to a cell. False: it is not there; a monitor that has just come is not,
 * until placement_update_monitors().
 */
bool placement_focus(struct ph_placement *placement, size_t output, size_t cell);

/* Moves the focus to the nearest cell in that direction; false: there is none. */
bool placement_focus_direction(struct ph_placement *placement, enum ph_direction direction);

/*
 * The focused head and what the nearest cell in that direction shows change
 * places; the focus goes with the head. False: there is no cell there.
 */
bool placement_move(struct ph_placement *placement, enum ph_direction direction);

/*
 * Splits the focused monitor. The other half shows the first of the focused guest's
 * heads that is not shown, else the most recent guest that is not (or the home screen).
 * Of a split one the focused cell takes all.
 */
void placement_split(struct ph_placement *placement, ph_placement_heads heads, void *data);

/*
 * The guest that a step through the recently used ones leads to, past those that are
 * not there; NULL when there is no other. The order stays while a person goes through it.
 */
const char *placement_recent_step(
    struct ph_placement *placement, bool back, ph_placement_heads heads, void *data);
/* The person has arrived: the focused guest is the latest. */
void placement_recent_done(struct ph_placement *placement);
/* The guest before the present one that is still there, NULL when there is none. */
const char *placement_last(const struct ph_placement *placement, ph_placement_heads heads, void *data);

/*
 * Makes the present monitors show exactly this, and notes where the heads belong;
 * cells that are not named show the home screen. The focus is in the first cell
 * with a guest. A wish for a head that an earlier one has is left out.
 */
void placement_declare(
    struct ph_placement *placement, const struct ph_placement_wish *wishes, size_t count);

/* Whether that was done for the present set; placement_renew() forgets it for all. */
bool placement_is_declared(const struct ph_placement *placement);
void placement_renew(struct ph_placement *placement);

/* What the focused cell shows; NULL: the home screen, or no monitor. */
const struct ph_placed *placement_focused(const struct ph_placement *placement);

/* Which cell shows a head; false: none. */
bool placement_find(const struct ph_placement *placement, const char *guest, unsigned console,
    size_t *output, size_t *cell);
/* Whether any of its heads is in a cell. */
bool placement_is_shown(const struct ph_placement *placement, const char *guest);

/*
 * The monitor where a head belongs (index into the present ones) and whether in
 * half of it; false: nowhere now.
 */
bool placement_find_spot(const struct ph_placement *placement, const char *guest, unsigned console,
    size_t *output, bool *half);

#endif
