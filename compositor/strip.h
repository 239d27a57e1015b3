// SPDX-License-Identifier: MIT
#ifndef PH_STRIP_H
#define PH_STRIP_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paint.h"
#include "theme.h"

/*
 * The strip: what is shown over the guests while Super is held. Which guests
 * there are and how they are, who has the keyboard, and what can be asked for.
 * Pure: it is told everything and draws; strip_screen.c shows it.
 */

/* How a guest's state is coloured. */
struct ph_strip_guest {
	unsigned number;  /* from 1; the first ten have a key */
	const char *name; /* any UTF-8; long names are ellipsised */
	const char *state;
	const char *reason; /* why it is in that state; NULL or empty: nothing to say */
	const char *where;  /* where its picture is, as "here" or "DP-1, DP-2"; NULL: nowhere */
	enum ph_theme_tone tone;
	bool focused;    /* it has keyboard and pointer; one of them at most */
	uint32_t colour; /* 0xRRGGBB; 0: by its number */
};

/* Buttons of the first line are sent to the guest, those of the second are for the session. */
enum ph_strip_line {
	PH_STRIP_SEND,
	PH_STRIP_COMMAND,
	PH_STRIP_LINES
};

struct ph_strip_button {
	enum ph_strip_line line;
	const char *key;  /* that does the same with Super held, as "H"; NULL: none */
	const char *text; /* as "Home", or a chord, as "Ctrl+Alt+Del" */
	bool active;      /* what it switches is on */
	bool useless;     /* now: it is left out */
};

enum ph_strip_target {
	PH_STRIP_NOTHING,
	PH_STRIP_GUEST,  /* index of the guest */
	PH_STRIP_BUTTON, /* index of the button */
	PH_STRIP_BEFORE, /* earlier guests, which there is no room for; index 0 */
	PH_STRIP_AFTER,  /* later ones */
	PH_STRIP_PANEL,  /* the strip itself, between all these */
};

struct ph_strip_hit {
	enum ph_strip_target target;
	size_t index;
};

/* Everything pointed at belongs to the caller. */
struct ph_strip {
	const struct ph_theme *theme;
	const struct ph_strip_guest *guests;
	size_t guest_count;
	size_t first; /* guest that the visible ones begin with; SIZE_MAX: around the focused one */
	const struct ph_strip_button *buttons; /* in the order of their importance */
	size_t button_count;
	const char *clock, *date; /* as "14:32", "Sat 21 Nov" */
	bool grabbed;             /* every key goes to the focused guest */
	bool captured;            /* so does all that the pointer does */
	/* Held to have them back, and for how long; NULL: only what is shown frees the pointer. */
	const char *out_keys, *out_after;
	struct ph_strip_hit hover; /* what the pointer is on */
};

#define PH_STRIP_BUTTONS_MAX 24

/* Where everything is. Areas are pixels of the strip's picture, width 0: not shown. */
struct ph_strip_layout {
	struct ph_paint paint; /* theme and unit; no cairo context */
	int x, y, width, height;        /* on the output, logical pixels */
	int pixel_width, pixel_height;  /* of the picture */
	struct ph_area header, notice;
	struct ph_area before, after; /* of the row of guests */
	struct ph_area cards;         /* all that are visible */
	struct ph_area labels[PH_STRIP_LINES];
	size_t line_rows[PH_STRIP_LINES];  /* that the buttons of a line may take */
	double line_rooms[PH_STRIP_LINES]; /* width of such rows with the label, pixels */
	double label_width, button_widths[PH_STRIP_BUTTONS_MAX]; /* shown or not */
	struct ph_area buttons[PH_STRIP_BUTTONS_MAX];
	size_t button_count;
	bool compact; /* cards without where and why */
	size_t columns, rows, first, shown, guest_count;
	double card_width, card_height, gap;
};

/* Arranges the strip for an output of so many device pixels (as it is turned) at that scale. */
void strip_arrange(struct ph_strip_layout *layout, const struct ph_strip *strip, int width,
    int height, double scale);

/* The area of a guest's card; width 0 when it is not visible. */
struct ph_area strip_card(const struct ph_strip_layout *layout, size_t guest);

/* What is at x, y: pixels of the picture. PH_STRIP_NOTHING is outside of it. */
struct ph_strip_hit strip_hit(const struct ph_strip_layout *layout, double x, double y);

/* Draws all of it over a transparent picture of the layout's size. */
void strip_draw(
    cairo_t *cr, const struct ph_strip *strip, const struct ph_strip_layout *layout);

/*
 * The strip is made of parts, so that only those are drawn again that have
 * changed: their sums tell. Part 0 to strip_part_count() - 1.
 */
size_t strip_part_count(const struct ph_strip_layout *layout);
struct ph_area strip_part_area(const struct ph_strip_layout *layout, size_t part);
uint64_t strip_part_sum(
    const struct ph_strip *strip, const struct ph_strip_layout *layout, size_t part);
/* Draws one part over whatever was there. */
void strip_draw_part(cairo_t *cr, const struct ph_strip *strip,
    const struct ph_strip_layout *layout, size_t part);

/* For sums of other things: FNV-1a, beginning with what strip_part_sum() begins with. */
uint64_t strip_add_number(uint64_t sum, uint64_t number);
uint64_t strip_add_guest(uint64_t sum, const struct ph_strip_guest *guest);

/* Whether both are the same arrangement, in which only parts can differ. */
bool strip_same_layout(const struct ph_strip_layout *one, const struct ph_strip_layout *other);

#endif
