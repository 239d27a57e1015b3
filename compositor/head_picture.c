// SPDX-License-Identifier: MIT
#include "head_picture.h"

#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_scene.h>

#include "guest.h"
#include "guest_head.h"
#include "output.h"
#include "session.h"

static struct wlr_linux_drm_syncobj_surface_v1_state *find_sync(struct wlr_surface *surface)
{
	struct wlr_linux_drm_syncobj_surface_v1_state *sync =
	    wlr_linux_drm_syncobj_v1_get_surface_state(surface);

	return sync && sync->acquire_timeline ? sync : NULL;
}

bool head_picture_has_fence(const struct ph_guest_head *head)
{
	return head->surface && find_sync(head->surface) != NULL;
}

/* The guest's own buffer is what is shown. */
static void show_buffer(struct ph_guest_head *head, const pixman_region32_t *damage)
{
	struct wlr_surface *surface = head->surface;
	struct wlr_scene_buffer_set_buffer_options options = {.damage = damage};
	struct wlr_linux_drm_syncobj_surface_v1_state *sync = find_sync(surface);
	struct wlr_fbox box;

	if (sync) {
		options.wait_timeline = sync->acquire_timeline;
		options.wait_point = sync->acquire_point;
		wlr_linux_drm_syncobj_v1_state_signal_release_with_buffer(sync, &surface->buffer->base);
	}
	wlr_surface_get_buffer_source_box(surface, &box);
	wlr_scene_buffer_set_buffer_with_options(head->node, &surface->buffer->base, &options);
	wlr_scene_buffer_set_source_box(head->node, &box);
	wlr_scene_buffer_set_transform(head->node, surface->current.transform);
}

static void set_place(struct ph_guest_head *head, const struct ph_box *place)
{
	pixman_region32_t opaque;

	wlr_scene_node_set_position(&head->node->node, place->x, place->y);
	wlr_scene_buffer_set_dest_size(head->node, place->width, place->height);
	/* Opaque whatever the format says: what is below must not be drawn. */
	pixman_region32_init_rect(&opaque, 0, 0, (unsigned)place->width, (unsigned)place->height);
	wlr_scene_buffer_set_opaque_region(head->node, &opaque);
	pixman_region32_fini(&opaque);
}

/* What the scaler is to do for this head; false: nothing. */
static bool plan_scaling(struct ph_guest_head *head, struct ph_scaler_job *job)
{
	struct wlr_client_buffer *buffer = head->surface->buffer;
	enum wl_output_transform transform = head->surface->current.transform;
	struct wlr_fbox box;
	struct ph_box place;

	/* Whole blocks are exact without it, on a scale that has a place for them. It cannot wait for a timeline. */
	if ((head->fit.filter == PH_FIT_BLOCKS && cell_place(head->cell, &head->fit.box, &place)) || !buffer ||
	    !buffer->texture || find_sync(head->surface) ||
	    (transform != WL_OUTPUT_TRANSFORM_NORMAL && transform != WL_OUTPUT_TRANSFORM_FLIPPED_180)) {
		return false;
	}
	wlr_surface_get_buffer_source_box(head->surface, &box);
	*job = (struct ph_scaler_job){
	    .output = head->cell->output->wlr_output,
	    .texture = buffer->texture,
	    .picture = head->surface->current.seq,
	    .source = box,
	    .flipped = transform == WL_OUTPUT_TRANSFORM_FLIPPED_180,
	    .fit = head->fit,
	    .width = head->cell->pixels.width,
	    .height = head->cell->pixels.height,
	};
	return true;
}

/* Shows the picture scaled, the cell's borders being part of it; false: it is not to be, or cannot be. */
static bool show_scaled(struct ph_guest_head *head)
{
	struct ph_session *session = head->guest->session;
	struct ph_scaler_job job;
	struct wlr_buffer *buffer = NULL;

	bool due = plan_scaling(head, &job);
	if (due && head->node->buffer && scaler_has_drawn(&head->scaled, &job)) {
		set_place(head, &head->cell->box); /* another place is no other picture */
		return true;
	}
	if (due) {
		buffer = scaler_draw(session, &head->scaled, &job);
	}
	if (!buffer) {
		scaler_release(&head->scaled);
		return false;
	}
	wlr_scene_buffer_set_buffer(head->node, buffer);
	wlr_scene_buffer_set_source_box(head->node, NULL);
	wlr_scene_buffer_set_transform(head->node, WL_OUTPUT_TRANSFORM_NORMAL);
	wlr_buffer_unlock(buffer);
	set_place(head, &head->cell->box);
	return true;
}

/* Where the picture goes when it is not scaled by us; false: it is smaller than a layout pixel. */
static bool place_unscaled(struct ph_guest_head *head)
{
	struct ph_box place;
	bool linear = head->fit.filter == PH_FIT_SMOOTH ||
		      (head->fit.filter == PH_FIT_SHARP && head->fit.box.width < 2 * head->picture_width);

	cell_place(head->cell, &head->fit.box, &place);
	if (place.width < 1 || place.height < 1) {
		return false;
	}
	wlr_scene_buffer_set_filter_mode(
	    head->node, linear ? WLR_SCALE_FILTER_BILINEAR : WLR_SCALE_FILTER_NEAREST);
	set_place(head, &place);
	return true;
}

/* damage: of the guest's buffer, NULL: all of it. */
static void show(struct ph_guest_head *head, const pixman_region32_t *damage)
{
	const struct ph_cell *cell = head->cell;

	if (!guest_head_has_picture(head)) {
		wlr_scene_buffer_set_buffer(head->node, NULL);
		wlr_scene_node_set_enabled(&head->node->node, false);
		return;
	}
	if (!cell) {
		scaler_release(&head->scaled);
		show_buffer(head, damage);
		wlr_scene_node_set_enabled(&head->node->node, false);
		return;
	}
	head->fit = layout_fit(head->guest->scale, head->picture_width, head->picture_height,
	    cell->pixels.width, cell->pixels.height);
	bool shown = show_scaled(head);
	if (!shown) {
		show_buffer(head, damage);
		shown = place_unscaled(head);
	}
	wlr_scene_node_set_enabled(&head->node->node, shown);
}

void head_picture_update(struct ph_guest_head *head)
{
	struct wlr_fbox box;

	if (!head->surface->buffer) {
		head->picture_width = head->picture_height = 0;
	} else {
		wlr_surface_get_buffer_source_box(head->surface, &box);
		bool turned = head->surface->current.transform & WL_OUTPUT_TRANSFORM_90;
		head->picture_width = (int)(turned ? box.height : box.width);
		head->picture_height = (int)(turned ? box.width : box.height);
	}
	show(head, &head->surface->buffer_damage);
}

void head_picture_place(struct ph_guest_head *head)
{
	static const pixman_region32_t nothing = {.extents = {0, 0, 0, 0}, .data = NULL};
	bool own = head->node->buffer && head->surface && head->surface->buffer &&
		   head->node->buffer == &head->surface->buffer->base;

	/* The same buffer as before has no damage: a place changes all by itself. */
	show(head, own ? &nothing : NULL);
}
