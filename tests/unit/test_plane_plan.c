// SPDX-License-Identifier: MIT
#include "plane_plan.h"

#include <string.h>

#include "test.h"

#define WIDTH 1000
#define HEIGHT 500
#define ITEMS 4

/* Of pictures without a size of their own, it is that of their box. */
#define PICTURE(...) {.kind = PH_PLANE_PICTURE, .box = {__VA_ARGS__}, .opaque = true}
#define SCALED(may_) \
	{.kind = PH_PLANE_PICTURE, .box = {0, 0, 1000, 500}, .src_width = 500, .src_height = 250, .opaque = true, .may_scale = (may_)}
#define OWN(...) {.kind = PH_PLANE_OWN, .box = {__VA_ARGS__}}
#define HOME(...) {.kind = PH_PLANE_OWN, .box = {__VA_ARGS__}, .opaque = true}
#define FOREIGN(...) {.kind = PH_PLANE_FOREIGN, .box = {__VA_ARGS__}, .reason = "a window"}
#define WHOLE 0, 0, WIDTH, HEIGHT
#define LEFT 0, 0, 500, 500
#define RIGHT 500, 0, 500, 500

struct expected {
	const char *name;
	struct ph_plane_item items[ITEMS];
	size_t count;
	bool black;
	enum ph_plane_answer answer;
	const char *reason;
	int primary;
	const char *layers; /* items as digits */
	struct ph_box own;
	size_t planes;
};

static const struct expected cases[] = {
    {"nothing", .count = 0, .answer = PH_PLANES_NEEDLESS, .primary = -1},
    {"one guest", {PICTURE(WHOLE)}, 1, .answer = PH_PLANES_NEEDLESS},
    {"one guest with black around", {PICTURE(100, 100, 800, 300)}, 1, .answer = PH_PLANES_NEEDLESS},
    {"a guest over the home screen", {HOME(WHOLE), PICTURE(WHOLE)}, 2, .answer = PH_PLANES_NEEDLESS},
    {"home alone", {HOME(WHOLE)}, 1, false, PH_PLANES_WANTED, NULL, -1, "", {WHOLE}, 1},
    {"home and the strip", {HOME(WHOLE), OWN(100, 100, 200, 50)}, 2, false, PH_PLANES_WANTED, NULL, -1, "", {WHOLE}, 1},
    {"a small hint alone", {OWN(100, 100, 200, 50)}, 1, false, PH_PLANES_WANTED, NULL, -1, "", {WHOLE}, 1},
    {"two guests", {PICTURE(LEFT), PICTURE(RIGHT)}, 2, false, PH_PLANES_WANTED, NULL, 0, "1", {0}, 2},
    {"two guests on black", {PICTURE(LEFT), PICTURE(RIGHT)}, 2, true, PH_PLANES_WANTED, NULL, -1, "01", {0}, 3},
    {"a guest and home", {HOME(RIGHT), PICTURE(LEFT)}, 2, false, PH_PLANES_WANTED, NULL, 1, "", {RIGHT}, 2},
    {"strip", {PICTURE(WHOLE), OWN(WHOLE), OWN(0, 0, 1000, 60)}, 3, false, PH_PLANES_WANTED, NULL, 0, "", {WHOLE}, 2},
    {"strip, where the primary plane must cover", {PICTURE(WHOLE), OWN(0, 0, 1000, 60)}, 2, true,
	PH_PLANES_WANTED, NULL, 0, "", {0, 0, 1000, 60}, 2},
    {"two hints are one box", {PICTURE(WHOLE), OWN(10, 20, 30, 40), OWN(100, 200, 50, 60)}, 3, false,
	PH_PLANES_WANTED, NULL, 0, "", {10, 20, 140, 240}, 2},
    {"a hint over the edge", {PICTURE(WHOLE), OWN(-10, 480, 30, 40)}, 2, false, PH_PLANES_WANTED, NULL, 0, "",
	{0, 480, 20, 20}, 2},
    {"a hint beside the output", {PICTURE(WHOLE), OWN(-10, 500, 30, 40)}, 2, .answer = PH_PLANES_NEEDLESS},
    {"strip over two guests", {PICTURE(LEFT), PICTURE(RIGHT), OWN(WHOLE)}, 3, false, PH_PLANES_WANTED, NULL, 0, "1",
	{WHOLE}, 3},
    {"strip over two guests on black", {PICTURE(LEFT), PICTURE(RIGHT), OWN(WHOLE)}, 3, true, PH_PLANES_WANTED, NULL, -1,
	"01", {WHOLE}, 4},
    {"a picture over a hint", {PICTURE(WHOLE), OWN(0, 0, 10, 10), PICTURE(5, 5, 10, 10)}, 3, false,
	PH_PLANES_IMPOSSIBLE, "a guest's picture lies over the session's own", -1, ""},
    {"a picture that hides a hint", {PICTURE(WHOLE), OWN(0, 0, 10, 10), PICTURE(0, 0, 10, 10)}, 3, false,
	PH_PLANES_WANTED, NULL, 0, "2", {0}, 2},
    {"a picture that hides a window", {FOREIGN(0, 0, 10, 10), PICTURE(LEFT), PICTURE(RIGHT)}, 3, false,
	PH_PLANES_WANTED, NULL, 1, "2", {0}, 2},
    {"a window", {PICTURE(WHOLE), FOREIGN(0, 0, 10, 10)}, 2, false, PH_PLANES_IMPOSSIBLE, "a window", -1, ""},
    {"a window elsewhere", {PICTURE(WHOLE), FOREIGN(2000, 0, 10, 10), OWN(0, 0, 9, 9)}, 3, false, PH_PLANES_WANTED, NULL,
	0, "", {0, 0, 9, 9}, 2},
    {"shared memory", {PICTURE(LEFT), {.kind = PH_PLANE_PICTURE, .box = {RIGHT}, .src_width = 500, .src_height = 500,
	.opaque = true, .reason = "memory"}}, 2, false, PH_PLANES_IMPOSSIBLE, "memory", -1, ""},
    {"a picture with holes", {PICTURE(WHOLE), {.kind = PH_PLANE_PICTURE, .box = {LEFT}, .src_width = 500, .src_height = 500}},
	2, false, PH_PLANES_IMPOSSIBLE, "a picture can be seen through", -1, ""},
    {"scaled by the card", {SCALED(true), OWN(0, 0, 9, 9)}, 2, false, PH_PLANES_WANTED, NULL, 0, "", {0, 0, 9, 9}, 2},
    {"scaled by nobody else", {SCALED(false), OWN(0, 0, 9, 9)}, 2, false, PH_PLANES_IMPOSSIBLE,
	"the guest's picture is scaled", -1, ""},
};

static enum ph_plane_answer make(struct ph_plane_plan *plan, const struct ph_plane_item *from, size_t count, bool black)
{
	struct ph_plane_item items[PH_PLANE_ITEMS_MAX + 1];

	for (size_t i = 0; i < count; i++) {
		items[i] = from[i];
		if (items[i].src_width <= 0) {
			items[i].src_width = items[i].box.width;
			items[i].src_height = items[i].box.height;
		}
	}
	return plane_plan_make(plan, items, count, WIDTH, HEIGHT, black);
}

TEST(arrangements)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct expected *want = &cases[i];
		struct ph_plane_plan plan;
		enum ph_plane_answer answer = make(&plan, want->items, want->count, want->black);
		if (answer != want->answer) {
			test_fail(__FILE__, __LINE__, "%s: %d", want->name, (int)answer);
		}
		if (answer == PH_PLANES_IMPOSSIBLE) {
			check_str(plan.reason, want->reason);
		}
		if (answer != PH_PLANES_WANTED) {
			continue;
		}
		char layers[PH_PLANE_LAYERS_MAX + 1] = "";
		for (size_t k = 0; k < plan.layer_count; k++) {
			layers[k] = (char)('0' + plan.layers[k]);
		}
		bool same = plan.primary == want->primary && strcmp(layers, want->layers) == 0 &&
			    plan.own == (want->own.width > 0) && plane_plan_count(&plan) == want->planes &&
			    (!plan.own || memcmp(&plan.own_box, &want->own, sizeof(want->own)) == 0);
		if (!same) {
			test_fail(__FILE__, __LINE__, "%s: primary %d, layers %s, own %d in %d,%d %dx%d, %zu planes",
			    want->name, plan.primary, layers, plan.own, plan.own_box.x, plan.own_box.y,
			    plan.own_box.width, plan.own_box.height, plane_plan_count(&plan));
		}
	}
}

TEST(drawn_are_the_visible_ones_of_the_session)
{
	const struct ph_plane_item items[] = {HOME(LEFT), PICTURE(WHOLE), OWN(0, 0, 9, 9), OWN(2000, 0, 9, 9)};
	struct ph_plane_plan plan;

	check_int(make(&plan, items, 4, false), PH_PLANES_WANTED);
	check_int(plan.drawn[0], false);
	check_int(plan.drawn[1], false);
	check_int(plan.drawn[2], true);
	check_int(plan.drawn[3], false);
}

TEST(no_more_layers_than_there_are)
{
	struct ph_plane_item items[PH_PLANE_ITEMS_MAX + 1] = {0};
	struct ph_plane_plan plan;

	for (size_t i = 0; i <= PH_PLANE_ITEMS_MAX; i++) {
		items[i] = (struct ph_plane_item)PICTURE((int)i * 10, 0, 10, 10);
	}
	check_int(make(&plan, items, PH_PLANE_LAYERS_MAX + 1, false), PH_PLANES_WANTED);
	check_int(make(&plan, items, PH_PLANE_LAYERS_MAX + 1, true), PH_PLANES_IMPOSSIBLE);
	check_str(plan.reason, "there are more pictures than planes");
	items[PH_PLANE_LAYERS_MAX + 1] = (struct ph_plane_item)OWN(0, 100, 10, 10);
	check_int(make(&plan, items, PH_PLANE_LAYERS_MAX + 2, false), PH_PLANES_IMPOSSIBLE);
	check_int(make(&plan, items, PH_PLANE_ITEMS_MAX + 1, false), PH_PLANES_IMPOSSIBLE);
	check_str(plan.reason, "too much lies on the monitor");
}
