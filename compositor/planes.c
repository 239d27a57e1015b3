// SPDX-License-Identifier: MIT
#include "planes.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "dumb.h"
#include "guest_head.h"
#include "lock.h"
#include "output.h"
#include "plane_items.h"
#include "plane_kms.h"
#include "session.h"

/* A frame on its way to the planes. */
struct frame {
	struct ph_plane_items items;
	struct ph_plane_plan plan;
	struct ph_plane_part parts[PH_PLANE_LAYERS_MAX + 1]; /* the primary plane's first */
	size_t count;
	struct ph_plane_key key;
};

/* Away from our console the card is somebody else's. */
static bool is_active(const struct ph_output *output)
{
	return output->session->wlr_session && output->session->wlr_session->active;
}

/* Whether what is shown may be thought of as pictures on planes. */
static bool is_possible(const struct ph_output *output)
{
	const struct ph_session *session = output->session;
	struct wlr_output *wlr_output = output->wlr_output;

	return wlr_output->backend == session->hardware.primary && is_active(output) && wlr_output->enabled &&
	       !lock_is_locked(session) && wlr_output->transform == WL_OUTPUT_TRANSFORM_NORMAL &&
	       wlr_output_is_direct_scanout_allowed(wlr_output);
}

static bool may_have_overlays(const struct ph_session *session)
{
	return session->config.planes && session->hardware.layers;
}

static bool has_cursor(const struct wlr_output *output)
{
	const struct wlr_output_cursor *cursor = output->hardware_cursor;

	return cursor && cursor->enabled && cursor->visible;
}

static struct wlr_buffer *get_black(struct ph_output *output, int drm_fd)
{
	struct ph_planes *planes = &output->planes;
	const struct wlr_output *wlr_output = output->wlr_output;

	if (!planes->black) {
		planes->black =
		    dumb_create(drm_fd, wlr_output->width, wlr_output->height, DRM_FORMAT_XRGB8888);
	}
	return planes->black ? &planes->black->base : NULL;
}

static struct wlr_buffer *draw_own(struct ph_output *output, const struct frame *frame, int drm_fd)
{
	struct ph_own_piece pieces[PH_PLANE_ITEMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < frame->items.count; i++) {
		if (frame->plan.drawn[i]) {
			pieces[count++] = frame->items.behind[i].piece;
		}
	}
	return own_layer_draw(&output->planes.own, drm_fd, pieces, count, &frame->plan.own_box);
}

/* buffer: NULL if it is one of ours, which is there only when the card may take it. */
static void add_part(
    struct frame *frame, struct wlr_buffer *buffer, const struct wlr_fbox *source, const struct ph_box *box)
{
	frame->parts[frame->count++] = (struct ph_plane_part){
	    .buffer = buffer,
	    .source = source ? *source : (struct wlr_fbox){.width = box->width, .height = box->height},
	    .box = {box->x, box->y, box->width, box->height},
	};
}

static void add_item(struct frame *frame, size_t at)
{
	add_part(frame, frame->items.behind[at].buffer, &frame->items.behind[at].source,
	    &frame->items.items[at].box);
}

/* Makes parts and key of the plan. */
static void describe(const struct ph_output *output, struct frame *frame)
{
	const struct ph_plane_plan *plan = &frame->plan;
	const struct ph_box whole = {0, 0, output->wlr_output->width, output->wlr_output->height};
	bool black = plan->primary < 0 && !plan->own_primary;
	uint32_t own_formats[PH_PLANE_LAYERS_MAX + 1];

	frame->count = 0;
	if (plan->primary >= 0) {
		add_item(frame, (size_t)plan->primary);
	} else if (black) {
		add_part(frame, NULL, NULL, &whole);
	}
	for (size_t i = 0; i < plan->layer_count; i++) {
		add_item(frame, plan->layers[i]);
	}
	if (plan->own) {
		add_part(frame, NULL, NULL, &plan->own_box);
	}
	for (size_t i = 0; i < frame->count; i++) {
		own_formats[i] = i == 0 && black ? DRM_FORMAT_XRGB8888 : DRM_FORMAT_ARGB8888;
	}
	plane_answers_describe(&frame->key, frame->parts, frame->count, own_formats, has_cursor(output->wlr_output));
}

/* Draws what is ours; false: no memory. */
static bool fill(struct ph_output *output, struct frame *frame)
{
	const struct ph_plane_plan *plan = &frame->plan;
	int drm_fd = wlr_backend_get_drm_fd(output->wlr_output->backend);

	if (!frame->parts[0].buffer && !plan->own_primary) {
		frame->parts[0].buffer = get_black(output, drm_fd);
	}
	if (plan->own) {
		frame->parts[frame->count - 1].buffer = draw_own(output, frame, drm_fd);
	}
	return frame->parts[0].buffer && frame->parts[frame->count - 1].buffer;
}

static void refuse(struct ph_output *output, const struct frame *frame, const char *reason)
{
	wlr_log(WLR_INFO, "output %s: no frame on %zu planes: %s", output->wlr_output->name, frame->count, reason);
	plane_answers_refuse(&output->planes.answers, &frame->key, reason);
}

/* Whether another monitor has one of these planes now: cards may have some that any monitor can use. */
static bool is_elsewhere(const struct ph_output *output, const struct ph_kms_frame *frame)
{
	const struct ph_output *other;

	wl_list_for_each(other, &output->session->outputs.list, link) {
		const struct ph_kms_frame *shown = &other->planes.shown;
		for (size_t i = 0; other != output && i < shown->count; i++) {
			for (size_t k = 0; k < frame->count; k++) {
				if (frame->planes[k].id == shown->planes[i].id) {
					return true;
				}
			}
		}
	}
	return false;
}

/* NULL: the card takes it, with buffers in all parts; otherwise why not. */
static const char *ask(struct ph_output *output, struct frame *frame)
{
	struct ph_plane_answers *answers = &output->planes.answers;
	const char *reason = plane_answers_refusal(answers, &frame->key);

	if (reason) {
		return reason;
	}
	if (!fill(output, frame)) {
		return "there is no memory for a plane's buffer";
	}
	if (plane_answers_accepted(answers, &frame->key) && !is_elsewhere(output, &answers->taken)) {
		return NULL;
	}
	reason = plane_kms_test(output->wlr_output, frame->parts, frame->count, &answers->taken);
	answers->known = false;
	if (reason) {
		refuse(output, frame, reason);
	} else {
		plane_answers_accept(answers, &frame->key);
	}
	return reason;
}

static void tell_heads(struct ph_output *output, const struct frame *frame)
{
	for (size_t i = 0; i < frame->items.count; i++) {
		bool shown = (int)i == frame->plan.primary;
		for (size_t k = 0; k < frame->plan.layer_count; k++) {
			shown = shown || frame->plan.layers[k] == i;
		}
		struct ph_guest_head *head = frame->items.behind[i].head;
		if (shown && head) {
			guest_head_note_sample(head, output->wlr_output, !head->scaled.swapchain);
		}
	}
}

static void unlock(struct wlr_buffer *buffers[PH_PLANE_LAYERS_MAX])
{
	for (size_t i = 0; i < PH_PLANE_LAYERS_MAX; i++) {
		wlr_buffer_unlock(buffers[i]);
		buffers[i] = NULL;
	}
}

void planes_presented(struct ph_output *output)
{
	struct ph_planes *planes = &output->planes;

	unlock(planes->current);
	memcpy(planes->current, planes->queued, sizeof(planes->current));
	for (size_t i = 0; i < PH_PLANE_LAYERS_MAX && planes->queued[i]; i++) {
		/* Both until the next commit, which may be presented without another one. */
		wlr_buffer_lock(planes->queued[i]);
	}
}

/* Planes that the output has no more may be of use to the others. */
static void tell_others(const struct ph_output *output)
{
	struct ph_output *other;

	wl_list_for_each(other, &output->session->outputs.list, link) {
		if (other != output) {
			plane_answers_forget_refusals(&other->planes.answers);
		}
	}
}

/* With what is on the overlay planes, which are locked for as long as the card may read them. */
static enum ph_kms_answer commit_state(struct ph_output *output, const struct wlr_output_state *state,
    const struct ph_plane_part *parts, struct ph_kms_frame *next)
{
	struct ph_planes *planes = &output->planes;

	memcpy(next->old, planes->shown.planes, sizeof(next->old));
	next->old_count = planes->shown.count;
	for (size_t i = 0; i < next->count; i++) {
		next->parts[i] = parts[i];
	}
	enum ph_kms_answer answer = plane_kms_commit(output->wlr_output, state, next);
	if (answer != PH_KMS_DONE) {
		return answer;
	}
	unlock(planes->queued);
	for (size_t i = 0; i < next->count; i++) {
		planes->queued[i] = wlr_buffer_lock(next->parts[i].buffer);
	}
	bool fewer = next->count < planes->shown.count;
	planes->shown = *next;
	if (fewer) {
		tell_others(output);
	}
	return PH_KMS_DONE;
}

/* Such as colours: what the scene would have set with its frame is still to be set. */
static void leave_rest(struct ph_output *output)
{
	output->planes.left_to_scene = wlr_scene_output_needs_frame(output->scene_output);
	if (output->planes.left_to_scene) {
		wlr_output_schedule_frame(output->wlr_output);
	}
}

/* The frame's first part on the primary plane; damage: what has changed, NULL: all of it may have. */
static void init_state(struct ph_output *output, const struct frame *frame, bool alone,
    const pixman_region32_t *damage, struct wlr_output_state *state)
{
	wlr_output_state_init(state);
	wlr_output_state_set_buffer(state, frame->parts[0].buffer);
	if (damage) {
		wlr_output_state_set_damage(state, damage);
	}
	state->buffer_src_box = frame->parts[0].source;
	state->buffer_dst_box = frame->parts[0].box;
	output_sync_prepare(output, state, alone);
	tell_heads(output, frame);
}

static bool commit(struct ph_output *output, const struct frame *frame)
{
	struct ph_planes *planes = &output->planes;
	struct ph_kms_frame next = planes->answers.taken;
	struct wlr_output_state state;

	init_state(output, frame, false, NULL, &state);
	enum ph_kms_answer answer = commit_state(output, &state, &frame->parts[1], &next);
	wlr_output_state_finish(&state);
	if (answer != PH_KMS_DONE) {
		/* Too early once is a matter of time: another monitor's plane may still be on its way to us. */
		planes->answers.known = false;
		if (answer == PH_KMS_REFUSED || planes->busy) {
			refuse(output, frame, "the graphics card has tested its planes well, and then refused them");
		}
		planes->busy = !planes->busy && answer == PH_KMS_BUSY;
		return false;
	}
	planes->busy = false;
	leave_rest(output);
	return true;
}

static void drop_black(struct ph_planes *planes)
{
	if (planes->black) {
		wlr_buffer_drop(&planes->black->base);
	}
	planes->black = NULL;
}

static void drop_buffers(struct ph_planes *planes)
{
	own_layer_release(&planes->own);
	drop_black(planes);
}

/* Whether the frame is one guest's own buffer and nothing else; makes its only part, and its key. */
static bool find_single(const struct ph_output *output, struct frame *frame)
{
	const struct wlr_output *wlr_output = output->wlr_output;

	if (plane_plan_make(&frame->plan, frame->items.items, frame->items.count, wlr_output->width,
		wlr_output->height, false) != PH_PLANES_NEEDLESS || frame->plan.primary < 0) {
		return false;
	}
	describe(output, frame);
	return true;
}

void planes_note_scene(struct ph_output *output, bool scanout)
{
	struct ph_planes *planes = &output->planes;
	struct frame frame;

	planes->single_known = false;
	if (!scanout || !is_possible(output) || planes->shown.count > 0) {
		return;
	}
	plane_items_collect(&frame.items, output);
	if (find_single(output, &frame)) {
		planes->single_known = true;
		planes->single = frame.key;
	}
}

/*
 * The scene's last frame again, with another buffer of the same kind: the card took that, so it is
 * not asked whether it takes this. Should it not, the scene asks.
 */
static bool repeat(struct ph_output *output, struct frame *frame)
{
	struct ph_planes *planes = &output->planes;
	struct wlr_output_state state;

	if (!planes->single_known || !find_single(output, frame) ||
	    memcmp(&frame->key, &planes->single, sizeof(frame->key)) != 0) {
		return false;
	}
	/* Panels that refresh themselves take only what has changed; wlroots has no other way to it. */
	init_state(output, frame, true, &output->scene_output->WLR_PRIVATE.pending_commit_damage, &state);
	bool done = wlr_output_commit_state(output->wlr_output, &state);
	if (!done && output_sync_calm(output, &state)) {
		done = wlr_output_commit_state(output->wlr_output, &state);
	}
	wlr_output_state_finish(&state);
	planes->single_known = done;
	if (done) {
		leave_rest(output);
	}
	return done;
}

/* A plan that the card takes; otherwise why there is none. */
static const char *find_plan(struct ph_output *output, struct frame *frame, bool *wanted)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	const char *reason = NULL;

	for (int black = 0; black < 2; black++) {
		enum ph_plane_answer answer = plane_plan_make(&frame->plan, frame->items.items,
		    frame->items.count, wlr_output->width, wlr_output->height, black);
		*wanted = answer == PH_PLANES_WANTED;
		if (answer != PH_PLANES_WANTED) {
			return black ? reason : frame->plan.reason;
		}
		describe(output, frame);
		const char *refused = ask(output, frame);
		if (!refused) {
			return NULL;
		}
		reason = reason ? reason : refused;
		if (frame->plan.primary < 0) {
			break;
		}
	}
	return reason;
}

size_t planes_commit(struct ph_output *output, const char **reason)
{
	struct ph_planes *planes = &output->planes;
	struct frame frame;
	bool wanted = false;

	*reason = NULL;
	if (!is_possible(output) || planes->left_to_scene) {
		planes->left_to_scene = false;
		return 0;
	}
	if (!planes->single_known && !may_have_overlays(output->session)) {
		return 0;
	}
	plane_items_collect(&frame.items, output);
	if (repeat(output, &frame)) {
		return 1;
	}
	planes->single_known = false;
	if (may_have_overlays(output->session)) {
		*reason = find_plan(output, &frame, &wanted);
	}
	if (*reason || !wanted) {
		/* Otherwise the scene's commit frees them. */
		if (planes->shown.count == 0) {
			drop_buffers(planes);
		}
		return 0;
	}
	if (!frame.plan.own) {
		own_layer_release(&planes->own);
	}
	if (frame.plan.primary >= 0 || frame.plan.own_primary) {
		drop_black(planes);
	}
	if (!commit(output, &frame)) {
		*reason = "the graphics card's planes do not take it";
		return 0;
	}
	return plane_plan_count(&frame.plan);
}

static void clear(struct ph_output *output)
{
	plane_kms_clear(output->wlr_output, &output->planes.shown);
	output->planes.shown = (struct ph_kms_frame){0};
	tell_others(output);
}

bool planes_commit_scene(struct ph_output *output, const struct wlr_output_state *state)
{
	struct ph_planes *planes = &output->planes;
	struct ph_kms_frame none = {0};

	if (planes->shown.count == 0) {
		return wlr_output_commit_state(output->wlr_output, state);
	}
	bool done = commit_state(output, state, NULL, &none) == PH_KMS_DONE;
	if (!done && is_active(output)) {
		/* A card that cannot change both at once gets one after the other. */
		clear(output);
		done = wlr_output_commit_state(output->wlr_output, state);
	}
	drop_buffers(planes);
	return done;
}

void planes_clean(struct ph_session *session)
{
	const struct ph_kms_frame *frames[PH_PLACEMENT_OUTPUTS_MAX];
	const struct ph_output *output;
	size_t count = 0;

	if (!session->hardware.layers || !session->wlr_session->active) {
		return;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		if (count < PH_PLACEMENT_OUTPUTS_MAX) {
			frames[count++] = &output->planes.shown;
		}
	}
	plane_kms_clean(wlr_backend_get_drm_fd(session->hardware.primary), frames, count);
}

void planes_reset(struct ph_output *output)
{
	struct ph_planes *planes = &output->planes;

	if (planes->shown.count > 0 && is_active(output)) {
		clear(output);
		wlr_output_schedule_frame(output->wlr_output);
	}
	unlock(planes->queued);
	unlock(planes->current);
	drop_buffers(planes);
	*planes = (struct ph_planes){0};
}
