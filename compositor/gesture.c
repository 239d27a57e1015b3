// SPDX-License-Identifier: MIT
#include "gesture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* 1/1000 inch; libinput has seen some way already before it speaks of a swipe. */
#define SWIPE_LENGTH 80
/* The one direction has to be so much longer than the other. */
#define SWIPE_CLEAR 1.5

#define EDGE_ZONE_MM 4
#define EDGE_TRAVEL_MM 12 /* inwards: it was meant for us */
#define EDGE_ASIDE_MM 6   /* along the edge: it was not */
#define MM_OF_MOST 3.78   /* 96 dots per inch */

static const char *const names[] = {
    [PH_GESTURE_SWIPE_LEFT] = "swipe-left",
    [PH_GESTURE_SWIPE_RIGHT] = "swipe-right",
    [PH_GESTURE_SWIPE_UP] = "swipe-up",
    [PH_GESTURE_SWIPE_DOWN] = "swipe-down",
    [PH_GESTURE_HOLD] = "hold",
    [PH_GESTURE_EDGE_LEFT] = "edge-left",
    [PH_GESTURE_EDGE_RIGHT] = "edge-right",
    [PH_GESTURE_EDGE_TOP] = "edge-top",
    [PH_GESTURE_EDGE_BOTTOM] = "edge-bottom",
};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static bool parse_fingers(const char *text, unsigned *fingers)
{
	if (strlen(text) != 1 || *text < '0' + PH_GESTURE_FINGERS_MIN ||
	    *text > '0' + PH_GESTURE_FINGERS_MAX) {
		return false;
	}
	*fingers = (unsigned)(*text - '0');
	return true;
}

bool gesture_parse(const char *const *words, size_t count, struct ph_gesture *gesture, size_t *used,
    char *error, size_t size)
{
	size_t kind = 0;

	*gesture = (struct ph_gesture){0};
	while (count > 0 && kind < NAME_COUNT && strcmp(names[kind], words[0]) != 0) {
		kind++;
	}
	if (count == 0 || kind == NAME_COUNT) {
		snprintf(error, size,
		    "expected swipe-left, swipe-right, swipe-up, swipe-down or hold and how many "
		    "fingers, or edge-left, edge-right, edge-top or edge-bottom");
		return false;
	}
	gesture->kind = (enum ph_gesture_kind)kind;
	*used = 1;
	if (gesture->kind >= PH_GESTURE_EDGE_LEFT) {
		return true;
	}
	*used = 2;
	if (count < 2 || !parse_fingers(words[1], &gesture->fingers)) {
		snprintf(error, size, "%s: expected how many fingers, %d to %d, as %s 3 next", words[0],
		    PH_GESTURE_FINGERS_MIN, PH_GESTURE_FINGERS_MAX, words[0]);
		return false;
	}
	return true;
}

const struct ph_command *gesture_find(
    const struct ph_gesture_binding *bindings, size_t count, const struct ph_gesture *gesture)
{
	for (size_t i = 0; i < count; i++) {
		if (bindings[i].gesture.kind == gesture->kind &&
		    bindings[i].gesture.fingers == gesture->fingers) {
			return bindings[i].command.kind == PH_COMMAND_NONE ? NULL : &bindings[i].command;
		}
	}
	return NULL;
}

void swipe_begin(struct ph_swipe *swipe, unsigned fingers)
{
	*swipe = (struct ph_swipe){.fingers = fingers};
}

bool swipe_update(struct ph_swipe *swipe, double dx, double dy, enum ph_gesture_kind *kind)
{
	swipe->dx += dx;
	swipe->dy += dy;
	double across = fabs(swipe->dx), along = fabs(swipe->dy);

	if (swipe->fingers == 0 || swipe->told) {
		return false;
	}
	if (across >= SWIPE_LENGTH && across >= SWIPE_CLEAR * along) {
		*kind = swipe->dx < 0 ? PH_GESTURE_SWIPE_LEFT : PH_GESTURE_SWIPE_RIGHT;
	} else if (along >= SWIPE_LENGTH && along >= SWIPE_CLEAR * across) {
		*kind = swipe->dy < 0 ? PH_GESTURE_SWIPE_UP : PH_GESTURE_SWIPE_DOWN;
	} else {
		return false;
	}
	swipe->told = true;
	return true;
}

double edge_touch_mm(double width, double width_mm)
{
	return width_mm > 0 ? width / width_mm : MM_OF_MOST;
}

/* How far a point is from that edge, inwards. */
static double distance(const struct ph_box *screen, enum ph_gesture_kind edge, double x, double y)
{
	switch (edge) {
	case PH_GESTURE_EDGE_LEFT:
		return x - screen->x;
	case PH_GESTURE_EDGE_RIGHT:
		return screen->x + screen->width - x;
	case PH_GESTURE_EDGE_TOP:
		return y - screen->y;
	case PH_GESTURE_EDGE_BOTTOM:
		return screen->y + screen->height - y;
	default:
		return HUGE_VAL;
	}
}

bool edge_touch_begin(struct ph_edge_touch *touch, int32_t id, double x, double y, const struct ph_box *screen,
    double mm, const struct ph_gesture_binding *bindings, size_t count)
{
	double nearest = EDGE_ZONE_MM * mm;

	*touch = (struct ph_edge_touch){.id = id, .x = x, .y = y, .now_x = x, .now_y = y, .mm = mm};
	for (enum ph_gesture_kind edge = PH_GESTURE_EDGE_LEFT; edge <= PH_GESTURE_EDGE_BOTTOM; edge++) {
		double far = distance(screen, edge, x, y);
		if (far <= nearest &&
		    gesture_find(bindings, count, &(struct ph_gesture){.kind = edge})) {
			nearest = far;
			touch->edge = edge;
			touch->active = true;
		}
	}
	return touch->active;
}

enum ph_edge_verdict edge_touch_motion(struct ph_edge_touch *touch, double x, double y)
{
	double right = x - touch->x, down = y - touch->y, inwards, aside;

	touch->now_x = x;
	touch->now_y = y;
	if (touch->edge == PH_GESTURE_EDGE_LEFT || touch->edge == PH_GESTURE_EDGE_RIGHT) {
		inwards = touch->edge == PH_GESTURE_EDGE_LEFT ? right : -right;
		aside = fabs(down);
	} else {
		inwards = touch->edge == PH_GESTURE_EDGE_TOP ? down : -down;
		aside = fabs(right);
	}
	if (inwards >= EDGE_TRAVEL_MM * touch->mm && inwards > aside) {
		touch->active = false;
		return PH_EDGE_SWIPE;
	}
	if (aside >= EDGE_ASIDE_MM * touch->mm && aside >= inwards) {
		touch->active = false;
		return PH_EDGE_GIVE;
	}
	return PH_EDGE_WAIT;
}
