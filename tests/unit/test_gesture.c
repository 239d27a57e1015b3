// SPDX-License-Identifier: MIT
#include "gesture.h"

#include <string.h>

#include "test.h"

static const struct ph_gesture_binding bindings[] = {
    {{PH_GESTURE_SWIPE_LEFT, 3}, {.kind = PH_COMMAND_NEXT}},
    {{PH_GESTURE_SWIPE_LEFT, 4}, {.kind = PH_COMMAND_NONE}},
    {{PH_GESTURE_EDGE_BOTTOM, 0}, {.kind = PH_COMMAND_STRIP}},
    {{PH_GESTURE_EDGE_LEFT, 0}, {.kind = PH_COMMAND_HOME}},
    {{PH_GESTURE_EDGE_TOP, 0}, {.kind = PH_COMMAND_NONE}},
};
#define COUNT (sizeof(bindings) / sizeof(bindings[0]))

TEST(names)
{
	static const struct {
		const char *words[3];
		enum ph_gesture_kind kind;
		unsigned fingers;
		size_t used; /* 0: it is wrong */
	} cases[] = {
	    {{"swipe-left", "3", "next"}, PH_GESTURE_SWIPE_LEFT, 3, 2},
	    {{"swipe-down", "5", NULL}, PH_GESTURE_SWIPE_DOWN, 5, 2},
	    {{"hold", "4", "strip"}, PH_GESTURE_HOLD, 4, 2},
	    {{"edge-top", "home", NULL}, PH_GESTURE_EDGE_TOP, 0, 1},
	    {{"swipe-left", "2", "next"}, 0, 0, 0},
	    {{"swipe-left", "6", "next"}, 0, 0, 0},
	    {{"swipe-left", "33", "next"}, 0, 0, 0},
	    {{"swipe-left", NULL, NULL}, 0, 0, 0},
	    {{"swipe", "3", "next"}, 0, 0, 0},
	    {{NULL, NULL, NULL}, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_gesture gesture;
		char error[256] = "";
		size_t count = 0, used = 0;
		while (count < 3 && cases[i].words[count]) {
			count++;
		}
		bool ok = gesture_parse(cases[i].words, count, &gesture, &used, error, sizeof(error));
		check_int(ok, cases[i].used > 0);
		check_int(error[0] != '\0', !ok);
		if (ok) {
			check_int(gesture.kind, cases[i].kind);
			check_uint(gesture.fingers, cases[i].fingers);
			check_uint(used, cases[i].used);
		}
	}
}

TEST(bindings)
{
	check_int(gesture_find(bindings, COUNT, &(struct ph_gesture){PH_GESTURE_SWIPE_LEFT, 3})->kind,
	    PH_COMMAND_NEXT);
	check(!gesture_find(bindings, COUNT, &(struct ph_gesture){PH_GESTURE_SWIPE_LEFT, 4}));
	check(!gesture_find(bindings, COUNT, &(struct ph_gesture){PH_GESTURE_SWIPE_LEFT, 5}));
	check(!gesture_find(bindings, COUNT, &(struct ph_gesture){PH_GESTURE_EDGE_TOP, 0}));
}

TEST(swipes)
{
	static const struct {
		double steps[4][2];
		int told; /* after which step, 0: never */
		enum ph_gesture_kind kind;
	} cases[] = {
	    {{{-50, 0}, {-50, 0}, {-50, 0}, {500, 0}}, 2, PH_GESTURE_SWIPE_LEFT},
	    {{{50, 5}, {50, 5}, {0, 0}, {0, 0}}, 2, PH_GESTURE_SWIPE_RIGHT},
	    {{{0, -90}, {0, 0}, {0, 0}, {0, 0}}, 1, PH_GESTURE_SWIPE_UP},
	    {{{0, 30}, {0, 30}, {0, 30}, {0, 0}}, 3, PH_GESTURE_SWIPE_DOWN},
	    /* Back and forth, and askew until it is clear. */
	    {{{-70, 0}, {70, 0}, {-70, 0}, {70, 0}}, 0, 0},
	    {{{90, 90}, {0, 0}, {60, 0}, {0, 0}}, 3, PH_GESTURE_SWIPE_RIGHT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_swipe swipe;
		int told = 0;
		swipe_begin(&swipe, 3);
		for (int step = 0; step < 4; step++) {
			enum ph_gesture_kind kind;
			if (swipe_update(
				&swipe, cases[i].steps[step][0], cases[i].steps[step][1], &kind)) {
				check_int(told, 0);
				told = step + 1;
				check_int(kind, cases[i].kind);
			}
		}
		check_int(told, cases[i].told);
	}
}

TEST(no_fingers_no_swipe)
{
	struct ph_swipe swipe = {0};
	enum ph_gesture_kind kind;

	check(!swipe_update(&swipe, 1000, 0, &kind));
}

TEST(edges)
{
	static const struct ph_box screen = {100, 0, 1920, 1080};
	static const struct {
		double x, y;  /* down */
		double tx, ty; /* and to */
		bool begins;
		enum ph_edge_verdict verdict;
		enum ph_gesture_kind edge;
	} cases[] = {
	    /* 4 mm are 20 here, 12 are 60, 6 are 30. */
	    {600, 1079, 600, 1019, true, PH_EDGE_SWIPE, PH_GESTURE_EDGE_BOTTOM},
	    {600, 1060, 600, 1000, true, PH_EDGE_SWIPE, PH_GESTURE_EDGE_BOTTOM},
	    {600, 1059, 600, 900, false, PH_EDGE_WAIT, 0},
	    {600, 1079, 600, 1021, true, PH_EDGE_WAIT, PH_GESTURE_EDGE_BOTTOM},
	    {600, 1079, 640, 1060, true, PH_EDGE_GIVE, PH_GESTURE_EDGE_BOTTOM},
	    {600, 1079, 690, 1010, true, PH_EDGE_GIVE, PH_GESTURE_EDGE_BOTTOM},
	    {101, 500, 170, 510, true, PH_EDGE_SWIPE, PH_GESTURE_EDGE_LEFT},
	    {101, 500, 101, 600, true, PH_EDGE_GIVE, PH_GESTURE_EDGE_LEFT},
	    {101, 1078, 180, 1078, true, PH_EDGE_SWIPE, PH_GESTURE_EDGE_LEFT},
	    /* Nothing is bound to the upper and the right one. */
	    {600, 0, 600, 100, false, PH_EDGE_WAIT, 0},
	    {2019, 500, 1900, 500, false, PH_EDGE_WAIT, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_edge_touch touch;
		check_int(
		    edge_touch_begin(&touch, 7, cases[i].x, cases[i].y, &screen, 5, bindings, COUNT),
		    cases[i].begins);
		if (!cases[i].begins) {
			continue;
		}
		check_int(touch.id, 7);
		check_int(touch.edge, cases[i].edge);
		check_int(edge_touch_motion(&touch, cases[i].tx, cases[i].ty), cases[i].verdict);
		check_int(touch.active, cases[i].verdict == PH_EDGE_WAIT);
	}
}

TEST(millimetres)
{
	check_double(edge_touch_mm(1920, 480), 4);
	check_double(edge_touch_mm(1920, 0), 3.78);
}
