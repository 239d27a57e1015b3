// SPDX-License-Identifier: MIT
#ifndef PH_GESTURE_H
#define PH_GESTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "layout.h"

/*
 * What fingers can say to the session: several of them on a touchpad, or one that
 * comes in over the edge of a touch screen. Pure: what moved goes in, what was
 * meant comes out.
 */

enum ph_gesture_kind {
	PH_GESTURE_SWIPE_LEFT,
	PH_GESTURE_SWIPE_RIGHT,
	PH_GESTURE_SWIPE_UP,
	PH_GESTURE_SWIPE_DOWN,
	PH_GESTURE_HOLD, /* the fingers rest on the touchpad */
	PH_GESTURE_EDGE_LEFT, /* of a touch screen */
	PH_GESTURE_EDGE_RIGHT,
	PH_GESTURE_EDGE_TOP,
	PH_GESTURE_EDGE_BOTTOM,
};

/* With two a person scrolls and zooms: those are the guest's. */
#define PH_GESTURE_FINGERS_MIN 3
#define PH_GESTURE_FINGERS_MAX 5

/* How long fingers rest on a touchpad until that is a hold, ms. */
#define PH_GESTURE_HOLD_MS 400

struct ph_gesture {
	enum ph_gesture_kind kind;
	unsigned fingers; /* on a touchpad; 0 of an edge */
};

struct ph_gesture_binding {
	struct ph_gesture gesture;
	struct ph_command command; /* PH_COMMAND_NONE: it means nothing */
};

/*
 * Reads "swipe-left 3" or "edge-bottom" from the first of these words; *used is
 * how many these are. On failure false, and error (of size bytes) says in one line
 * what was expected.
 */
bool gesture_parse(const char *const *words, size_t count, struct ph_gesture *gesture, size_t *used,
    char *error, size_t size);

/* What is bound to it, NULL: nothing. */
const struct ph_command *gesture_find(
    const struct ph_gesture_binding *bindings, size_t count, const struct ph_gesture *gesture);

/* Fingers that move over a touchpad together. Zeroed: there are none. */
struct ph_swipe {
	unsigned fingers; /* 0: none */
	double dx, dy;    /* how far they have come, units of 1/1000 inch */
	bool told;
};

void swipe_begin(struct ph_swipe *swipe, unsigned fingers);

/* They went so far. True, once: they went far enough in that direction. */
bool swipe_update(struct ph_swipe *swipe, double dx, double dy, enum ph_gesture_kind *kind);

/*
 * A finger that came down at the edge of a touch screen: it is kept from guests
 * until it is known what it wants. Zeroed: there is none. Positions and lengths
 * are layout coordinates.
 */
struct ph_edge_touch {
	bool active;
	int32_t id; /* the device's touch id */
	enum ph_gesture_kind edge;
	double x, y;     /* where it came down */
	double now_x, now_y;
	double mm; /* a millimetre there */
};

/* How long such a finger is kept when it stays where it is, ms. */
#define PH_EDGE_TOUCH_MS 400

enum ph_edge_verdict {
	PH_EDGE_WAIT,
	PH_EDGE_GIVE,  /* it is the guest's after all */
	PH_EDGE_SWIPE, /* it came in over the edge: touch.edge */
};

/*
 * A millimetre in layout coordinates, of a screen of that width there and in
 * millimetres (0: it does not tell; then as on most screens).
 */
double edge_touch_mm(double width, double width_mm);

/*
 * Whether a finger that comes down at x, y in that screen may be one: within 4 mm
 * of an edge that something is bound to. Then it is active.
 */
bool edge_touch_begin(struct ph_edge_touch *touch, int32_t id, double x, double y, const struct ph_box *screen,
    double mm, const struct ph_gesture_binding *bindings, size_t count);

/* It moved. Anything but PH_EDGE_WAIT ends it. */
enum ph_edge_verdict edge_touch_motion(struct ph_edge_touch *touch, double x, double y);

#endif
