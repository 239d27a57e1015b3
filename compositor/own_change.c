// SPDX-License-Identifier: MIT
#include "own_change.h"

#include <stdbool.h>
#include <string.h>

static bool same_piece(const struct ph_own_piece *a, const struct ph_own_piece *b)
{
	return a->box.x == b->box.x && a->box.y == b->box.y && a->box.width == b->box.width &&
	       a->box.height == b->box.height && a->serial == b->serial &&
	       memcmp(a->colour, b->colour, sizeof(a->colour)) == 0;
}

static int lesser(int a, int b)
{
	return a < b ? a : b;
}

static int greater(int a, int b)
{
	return a > b ? a : b;
}

/* Without width: none. */
static void add(struct ph_box *sum, const struct ph_box *box, const struct ph_box *clip)
{
	int left = greater(box->x, clip->x), top = greater(box->y, clip->y);
	int right = lesser(box->x + box->width, clip->x + clip->width);
	int bottom = lesser(box->y + box->height, clip->y + clip->height);

	if (left >= right || top >= bottom) {
		return;
	}
	if (sum->width > 0) {
		right = greater(right, sum->x + sum->width);
		bottom = greater(bottom, sum->y + sum->height);
		left = lesser(left, sum->x);
		top = lesser(top, sum->y);
	}
	*sum = (struct ph_box){left, top, right - left, bottom - top};
}

struct ph_box own_change_find(const struct ph_own_piece *is, size_t is_count,
    const struct ph_own_piece *wanted, size_t wanted_count, const struct ph_box *box)
{
	struct ph_box sum = {0};

	for (size_t i = 0; i < is_count || i < wanted_count; i++) {
		if (i < is_count && i < wanted_count && same_piece(&is[i], &wanted[i])) {
			continue;
		}
		if (i < is_count) {
			add(&sum, &is[i].box, box);
		}
		if (i < wanted_count) {
			add(&sum, &wanted[i].box, box);
		}
	}
	return sum;
}
