// SPDX-License-Identifier: MIT
#include "plane_plan.h"

static bool intersects(const struct ph_box *a, const struct ph_box *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
	       b->y < a->y + a->height;
}

static bool contains(const struct ph_box *outer, const struct ph_box *inner)
{
	return outer->x <= inner->x && outer->y <= inner->y &&
	       outer->x + outer->width >= inner->x + inner->width &&
	       outer->y + outer->height >= inner->y + inner->height;
}

static struct ph_box clip(const struct ph_box *box, const struct ph_box *to)
{
	int right = box->x + box->width, bottom = box->y + box->height;
	struct ph_box out = {.x = box->x > to->x ? box->x : to->x, .y = box->y > to->y ? box->y : to->y};

	right = right < to->x + to->width ? right : to->x + to->width;
	bottom = bottom < to->y + to->height ? bottom : to->y + to->height;
	out.width = right > out.x ? right - out.x : 0;
	out.height = bottom > out.y ? bottom - out.y : 0;
	return out;
}

static struct ph_box unite(const struct ph_box *a, const struct ph_box *b)
{
	int right = a->x + a->width > b->x + b->width ? a->x + a->width : b->x + b->width;
	int bottom = a->y + a->height > b->y + b->height ? a->y + a->height : b->y + b->height;
	struct ph_box out = {.x = a->x < b->x ? a->x : b->x, .y = a->y < b->y ? a->y : b->y};

	out.width = right - out.x;
	out.height = bottom - out.y;
	return out;
}

static bool is_hidden(
    const struct ph_plane_item *items, size_t count, size_t at, const struct ph_box *output)
{
	struct ph_box seen = clip(&items[at].box, output);

	if (seen.width == 0 || seen.height == 0) {
		return true;
	}
	for (size_t i = at + 1; i < count; i++) {
		if (items[i].opaque && contains(&items[i].box, &seen)) {
			return true;
		}
	}
	return false;
}

static bool is_scaled(const struct ph_plane_item *item)
{
	return item->src_width != item->box.width || item->src_height != item->box.height;
}

/* Why the item can be on no plane at all, NULL: it could be. */
static const char *find_objection(const struct ph_plane_item *item)
{
	if (item->kind == PH_PLANE_FOREIGN || item->reason) {
		return item->reason ? item->reason : "something lies there that is on no plane";
	}
	if (item->kind == PH_PLANE_PICTURE && !item->opaque) {
		return "a picture can be seen through";
	}
	if (item->kind == PH_PLANE_PICTURE && is_scaled(item) && !item->may_scale) {
		return "the guest's picture is scaled";
	}
	return NULL;
}

/* What is drawn comes to lie above all pictures: it must be there already. */
static bool is_under_picture(const struct ph_plane_item *items, const bool *hidden, size_t count, size_t at)
{
	for (size_t i = at + 1; i < count; i++) {
		if (!hidden[i] && items[i].kind == PH_PLANE_PICTURE && intersects(&items[i].box, &items[at].box)) {
			return true;
		}
	}
	return false;
}

static enum ph_plane_answer refuse(struct ph_plane_plan *plan, const char *reason)
{
	*plan = (struct ph_plane_plan){.primary = -1, .reason = reason};
	return PH_PLANES_IMPOSSIBLE;
}

static void add_own(
    struct ph_plane_plan *plan, const struct ph_plane_item *items, size_t at, const struct ph_box *output)
{
	struct ph_box box = clip(&items[at].box, output);

	plan->own_box = plan->own ? unite(&plan->own_box, &box) : box;
	plan->own = true;
	plan->drawn[at] = true;
}

enum ph_plane_answer plane_plan_make(struct ph_plane_plan *plan, const struct ph_plane_item *items,
    size_t count, int width, int height, bool black)
{
	const struct ph_box output = {0, 0, width, height};
	bool hidden[PH_PLANE_ITEMS_MAX];
	size_t pictures = 0;

	if (count > PH_PLANE_ITEMS_MAX) {
		return refuse(plan, "too much lies on the monitor");
	}
	*plan = (struct ph_plane_plan){.primary = -1};
	for (size_t i = 0; i < count; i++) {
		hidden[i] = is_hidden(items, count, i, &output);
	}
	for (size_t i = 0; i < count; i++) {
		const struct ph_plane_item *item = &items[i];
		const char *objection = hidden[i] ? NULL : find_objection(item);
		if (hidden[i]) {
			continue;
		}
		if (objection) {
			return refuse(plan, objection);
		}
		if (item->kind == PH_PLANE_OWN) {
			if (is_under_picture(items, hidden, count, i)) {
				return refuse(plan, "a guest's picture lies over the session's own");
			}
			add_own(plan, items, i, &output);
			continue;
		}
		if (pictures++ == 0 && (!black || contains(&item->box, &output))) {
			plan->primary = (int)i;
		} else if (plan->layer_count < PH_PLANE_LAYERS_MAX) {
			plan->layers[plan->layer_count++] = i;
		} else {
			return refuse(plan, "there are more pictures than planes");
		}
	}
	if (pictures < 2 && !plan->own) {
		return PH_PLANES_NEEDLESS;
	}
	if (pictures == 0) {
		plan->own_primary = true;
		plan->own_box = output;
		return PH_PLANES_WANTED;
	}
	if (plan->layer_count + plan->own > PH_PLANE_LAYERS_MAX) {
		return refuse(plan, "there are more pictures than planes");
	}
	return PH_PLANES_WANTED;
}

size_t plane_plan_count(const struct ph_plane_plan *plan)
{
	return 1 + plan->layer_count + (plan->own && !plan->own_primary);
}
