// SPDX-License-Identifier: MIT
#include "own_change.h"

#include "test.h"

#define PIECES 4

static const struct ph_box all = {100, 0, 1000, 500};

#define SHADE {.box = {0, 0, 2000, 2000}, .colour = {0, 0, 0, 0.5f}}
#define EDGE(grey_) {.box = {100, 0, 4, 500}, .colour = {grey_, grey_, grey_, 1}}
#define CARD(x_, serial_) {.box = {x_, 50, 200, 100}, .serial = (serial_)}

struct expected {
	const char *name;
	struct ph_own_piece is[PIECES];
	size_t is_count;
	struct ph_own_piece wanted[PIECES];
	size_t wanted_count;
	struct ph_box change;
};

static const struct expected cases[] = {
    {"nothing stays nothing", .change = {0}},
    {"the same", {SHADE, CARD(200, 1)}, 2, {SHADE, CARD(200, 1)}, 2, {0}},
    {"the first drawing", {{{0}}}, 0, {SHADE}, 1, {100, 0, 1000, 500}},
    {"all goes", {CARD(200, 1)}, 1, {{{0}}}, 0, {200, 50, 200, 100}},
    {"one is drawn anew", {SHADE, CARD(200, 1), CARD(500, 2)}, 3, {SHADE, CARD(200, 1), CARD(500, 3)}, 3, {500, 50, 200, 100}},
    {"one moves", {SHADE, CARD(200, 1)}, 2, {SHADE, CARD(700, 1)}, 2, {200, 50, 700, 100}},
    {"another colour", {SHADE, EDGE(0.5f)}, 2, {SHADE, EDGE(0.75f)}, 2, {100, 0, 4, 500}},
    {"one more on top", {SHADE}, 1, {SHADE, CARD(200, 1)}, 2, {200, 50, 200, 100}},
    {"one less below", {SHADE, CARD(200, 1)}, 2, {CARD(200, 1)}, 1, {100, 0, 1000, 500}},
    {"the order changes", {CARD(200, 1), CARD(300, 2)}, 2, {CARD(300, 2), CARD(200, 1)}, 2, {200, 50, 300, 100}},
    {"over the edges", {{{0}}}, 0, {CARD(1000, 1), CARD(0, 2)}, 2, {100, 50, 1000, 100}},
    {"outside", {{{0}}}, 0, {CARD(1200, 1)}, 1, {0}},
};

TEST(what_changes)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct expected *e = &cases[i];
		struct ph_box box =
		    own_change_find(e->is, e->is_count, e->wanted, e->wanted_count, &all);
		if (box.x != e->change.x || box.y != e->change.y || box.width != e->change.width ||
		    box.height != e->change.height) {
			test_fail(__FILE__, __LINE__, "%s: %d,%d %dx%d", e->name, box.x, box.y,
			    box.width, box.height);
		}
	}
}
