// SPDX-License-Identifier: MIT
#ifndef PH_WL_INPUT_H
#define PH_WL_INPUT_H

#include <stdbool.h>

#include "display.h"
#include "input.h"
#include "phyllome-guest-v1-client-protocol.h"

/*
 * Where the pointer went, not sent yet. Motion that was read together with later
 * motion is late already: only where it ends is of use, and one message to the
 * machine does. The kind is NONE if there is none.
 */
struct ph_pending_motion {
	enum ph_pointer_mode kind;
	uint32_t console;
	double x, y; /* console pixels; relative: the sum */
};

/* Events of the guest's control object on their way to the display. Zeroed memory is a ready one. */
struct ph_wl_input {
	struct ph_input state;
	struct ph_display *display; /* NULL: events go nowhere */
	void (*action)(void *data, uint32_t action);
	void (*monitor)(void *data, uint32_t console, const char *name);
	void *data;
	struct ph_pending_motion motion;
};

/* Sends what is held back. To be called when all events that were read have been handled. */
void wl_input_flush(struct ph_wl_input *input);

/* Releases in the display all that it holds. */
void wl_input_release_all(struct ph_wl_input *input);

/* The display may be NULL. What the old one holds is forgotten, not released: it may be gone. */
void wl_input_set_display(struct ph_wl_input *input, struct ph_display *display);

/* To be added to the control object, with the struct as its data. */
extern const struct phyllome_guest_v1_listener wl_input_listener;

#endif
