// SPDX-License-Identifier: MIT
#ifndef PH_INPUT_H
#define PH_INPUT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Input on its way to a guest: what it holds, and evdev's numbers and units to
 * QEMU's. Events in, decisions out; nothing here sends anything.
 */

/* Keys and buttons held, and fingers down. */
#define PH_INPUT_MAX_HELD 64
#define PH_INPUT_MAX_SLOTS 10

enum ph_held_kind {
	PH_HELD_NONE,
	PH_HELD_KEY,
	PH_HELD_BUTTON,
	PH_HELD_TOUCH,
};

struct ph_held {
	enum ph_held_kind kind;
	uint32_t console; /* where it was pressed, and is to be released */
	uint32_t code;    /* evdev code, or the slot of a finger */
};

/* Zeroed memory: no focus, nothing held. */
struct ph_input {
	bool focused;
	uint32_t focus; /* console that gets keys and buttons */
	struct ph_held held[PH_INPUT_MAX_HELD];
	int num_held;
	struct {
		bool down;
		int32_t id; /* the compositor's name for the finger */
		uint32_t console;
	} slots[PH_INPUT_MAX_SLOTS];
};

void input_focus_in(struct ph_input *input, uint32_t console);

/*
 * Ends the focus. Afterwards input_release_next() gives each thing that is
 * still held, until it is false.
 */
void input_focus_out(struct ph_input *input);
bool input_release_next(struct ph_input *input, struct ph_held *out);

/*
 * A key or a button (PH_HELD_KEY, PH_HELD_BUTTON). True if it is to be sent,
 * to *console. False for a press without focus, a second press, a release of
 * what is not held, and a press beyond what can be remembered: what could not
 * be released later must not be pressed.
 */
bool input_press(struct ph_input *input, enum ph_held_kind kind, uint32_t code, bool pressed,
    uint32_t *console);

/* A finger lands; true with the slot (0 to 9) if one is free and the finger is new. */
bool input_touch_down(struct ph_input *input, uint32_t console, int32_t id, int32_t *slot);
/* Where a finger is held; false if it is not. */
bool input_touch_find(
    const struct ph_input *input, int32_t id, uint32_t *console, int32_t *slot);
bool input_touch_up(struct ph_input *input, int32_t id, uint32_t *console, int32_t *slot);
/* Forgets all fingers on one console and says which; false when none is left on any. */
bool input_touch_cancel(struct ph_input *input, uint32_t *console);

/* QEMU's number of an evdev key (KEY_*); 0 if it has none. */
uint32_t input_qnum(uint32_t code);

/* QEMU's mouse buttons. */
enum {
	PH_QEMU_WHEEL_UP = 3,
	PH_QEMU_WHEEL_DOWN = 4,
	PH_QEMU_WHEEL_LEFT = 7,
	PH_QEMU_WHEEL_RIGHT = 8,
};

/* QEMU's number of an evdev button (BTN_*); -1 if it has none. */
int input_button(uint32_t code);

/*
 * Parts of a wheel's detent add up to whole clicks; a turn the other way
 * starts anew. Zeroed memory is a fresh one.
 */
struct ph_wheel {
	int32_t rest[2]; /* vertical, horizontal; 120ths */
};
/* Clicks to send, positive down or right, at most PH_WHEEL_MAX_CLICKS either way. */
#define PH_WHEEL_MAX_CLICKS 32
int wheel_add(struct ph_wheel *wheel, bool horizontal, int32_t value120);

/* Parts of a pixel add up to whole ones. */
struct ph_motion {
	double x, y;
};
/* False if there is nothing to send yet; what is no number counts for nothing. */
bool motion_add(struct ph_motion *motion, double dx, double dy, int32_t *out_x, int32_t *out_y);

/* A position inside 0 to size - 1. size 0, or not a number: 0. */
uint32_t input_clamp(double position, uint32_t size);

#endif
