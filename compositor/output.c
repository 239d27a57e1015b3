// SPDX-License-Identifier: MIT
#include "output.h"

#include <stdlib.h>
#include <time.h>
#include <wlr/backend.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "guest_head.h"
#include "layout.h"
#include "lid.h"
#include "listener.h"
#include "lock.h"
#include "output_manager.h"
#include "output_settings.h"
#include "screens.h"
#include "session.h"

/* Why this frame needed a render pass; NULL when the guest's (or home's) buffer itself went out. */
static const char *composite_reason(const struct ph_output *output, const struct wlr_output_state *state)
{
	const struct ph_cell *cell = &output->cells[0];
	const struct ph_guest_head *head = cell->head;

	if (lock_is_locked(output->session)) {
		return "the session is locked";
	}
	if (output->cell_count > 1) {
		return "the monitor is split";
	}
	if (!cell_has_picture(cell)) {
		return cell->home && state->buffer == cell->home->buffer ? NULL : "the home screen is shown";
	}
	if (!wlr_box_equal(&output->usable, &output->usable_of)) {
		return "a bar takes a part of the monitor";
	}
	if (head->scaled.swapchain) {
		return "the guest's picture is scaled";
	}
	if (guest_head_owns_buffer(head, state->buffer)) {
		return NULL;
	}
	if (!guest_head_is_dmabuf(head)) {
		return "the guest's picture is in shared memory";
	}
	if (head->surface->current.transform != WL_OUTPUT_TRANSFORM_NORMAL) {
		return "the guest's picture is upside down";
	}
	if (output->wlr_output->attach_render_locks > 0) {
		return "the screen is being captured";
	}
	if (!wlr_output_is_direct_scanout_allowed(output->wlr_output)) {
		return "the pointer is drawn in software";
	}
	return "no plane takes the guest's buffer";
}

/* What guests have committed since the last frame, which is shown by this one. */
static void count_pictures(struct ph_output *output)
{
	for (size_t i = 0; i < output->cell_count; i++) {
		struct ph_cell *cell = &output->cells[i];
		const struct wlr_surface *surface = cell->head ? cell->head->surface : NULL;
		if (surface && surface->current.seq != cell->shown) {
			cell->shown = surface->current.seq;
			output->pictures++;
		}
	}
}

/* reason: why it was composited, NULL: it was not. */
static void count_frame(struct ph_output *output, const char *reason, size_t planes)
{
	output->frames++;
	count_pictures(output);
	output->reason = reason;
	if (output->reason) {
		output->composited++;
	} else {
		output->scanouts++;
	}
	enum ph_path path = output->reason ? PH_PATH_COMPOSITED : PH_PATH_SCANOUT;
	if (path != output->path) {
		wlr_log(WLR_INFO, "output %s: %s%s", output->wlr_output->name,
		    path == PH_PATH_SCANOUT ? "a buffer is on the plane as it is" : "composited: ",
		    output->reason ? output->reason : "");
	}
	output->path = path;
	output->planes_used = planes;
}

/* As the scene makes it: a whole buffer as it is, or composited; objection: why the planes did not get it. */
static void show_scene(struct ph_output *output, const char *objection)
{
	const struct ph_guest_head *head = output->cells[0].head;
	struct wlr_output_state state;

	wlr_output_state_init(&state);
	bool done = wlr_scene_output_build_state(output->scene_output, &state, NULL);
	if (done && state.committed & WLR_OUTPUT_STATE_BUFFER) {
		output_sync_prepare(output, &state,
		    head && guest_head_owns_buffer(head, state.buffer) && output->planes.shown.count == 0);
	}
	done = done && planes_commit_scene(output, &state);
	if (!done && output_sync_calm(output, &state)) {
		done = planes_commit_scene(output, &state);
	}
	if (done && state.committed & WLR_OUTPUT_STATE_BUFFER) {
		const char *reason = composite_reason(output, &state);
		count_frame(output, reason && objection ? objection : reason, 1);
		planes_note_scene(output, !reason && head && guest_head_owns_buffer(head, state.buffer));
	}
	wlr_output_state_finish(&state);
}

/* Whether a frame on planes has a picture that our shader has scaled. */
static bool has_scaled(const struct ph_output *output)
{
	bool scaled = false;

	for (size_t i = 0; i < output->cell_count; i++) {
		scaled = scaled || (output->cells[i].head && output->cells[i].head->scaled.swapchain);
	}
	return scaled;
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct ph_output *output = wl_container_of(listener, output, frame);

	if (wlr_scene_output_needs_frame(output->scene_output)) {
		const char *objection;
		size_t planes = planes_commit(output, &objection);
		if (planes > 0) {
			count_frame(output, has_scaled(output) ? "the guest's picture is scaled" : NULL, planes);
		} else {
			show_scene(output, objection);
		}
	}
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_output_send_frame_done(output->scene_output, &now);
}

static void handle_present(struct wl_listener *listener, void *data)
{
	struct ph_output *output = wl_container_of(listener, output, present);
	const struct wlr_output_event_present *event = data;

	planes_presented(output);
	if (event->presented) {
		output->presented++;
	}
}

/* A window of a nested session was resized, or closed (enabled false). */
static void handle_request_state(struct wl_listener *listener, void *data)
{
	struct ph_output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;

	if (wlr_output_commit_state(output->wlr_output, event->state)) {
		guests_redraw_home(output->session);
		arrange_later(output->session);
	}
}

/* Detaches from the wlr_output and frees what is ours. */
static void forget(struct ph_output *output)
{
	planes_reset(output);
	screens_forget_output(output->session, output);
	listener_disconnect(&output->frame);
	listener_disconnect(&output->request_state);
	listener_disconnect(&output->present);
	listener_disconnect(&output->destroy);
	wl_list_remove(&output->link);
	for (size_t i = 0; i < 2; i++) {
		if (output->session->outputs.focus == &output->cells[i]) {
			output->session->outputs.focus = NULL;
		}
		cell_finish(&output->cells[i]);
	}
	output->wlr_output->data = NULL;
	free(output);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_output *output = wl_container_of(listener, output, destroy);
	struct ph_session *session = output->session;

	bool window = wlr_output_is_wl(output->wlr_output) || wlr_output_is_x11(output->wlr_output);

	wlr_log(WLR_INFO, "output %s: gone", output->wlr_output->name);
	forget(output);
	session->outputs.freed = true;
	if (session->stopping) {
		return;
	}
	/* A nested session whose last window was closed; a real one waits for a monitor. */
	if (window && wl_list_empty(&session->outputs.list)) {
		wlr_log(WLR_INFO, "session: ended by closing its window");
		wl_display_terminate(session->display);
	}
	arrange_later(session);
}

/* plan NULL: what suits it best. */
static bool commit_plan(struct ph_output *output, const struct ph_plan *plan)
{
	const struct ph_config_output *settings =
	    plan && plan->source != PH_PLAN_NONE ? &plan->settings : NULL;
	struct wlr_output_state state;

	wlr_output_state_init(&state);
	output_settings_fill(settings, output->wlr_output, &state);
	planes_reset(output);
	output_sync_reset(output, settings && settings->adaptive_sync >= 0
				       ? (enum ph_adaptive_sync)settings->adaptive_sync
				       : PH_ADAPTIVE_SYNC_OFF);
	bool done = wlr_output_commit_state(output->wlr_output, &state);
	wlr_output_state_finish(&state);
	if (!done && settings) {
		wlr_log(WLR_ERROR,
		    "output %s: the monitor or its driver refuses the settings of output '%s' in %s",
		    output->wlr_output->name, settings->name,
		    plan->source == PH_PLAN_FILE ? output->session->config.path
						 : output->session->output_plans.path);
	}
	return done;
}

/* Puts it where its plan wants it, or beside the others; takes it away if it is off. */
static void put(struct ph_output *output)
{
	const struct ph_config_output *settings = &output->plan.settings;
	struct ph_outputs *outputs = &output->session->outputs;
	bool placed = wlr_output_layout_get(outputs->layout, output->wlr_output) != NULL;
	struct wlr_output_layout_output *spot;

	if (!output_is_on(output)) {
		wlr_output_layout_remove(outputs->layout, output->wlr_output);
		outputs->freed = true;
		return;
	}
	spot = output->plan.source != PH_PLAN_NONE && settings->positioned
		   ? wlr_output_layout_add(outputs->layout, output->wlr_output, settings->x, settings->y)
		   : wlr_output_layout_add_auto(outputs->layout, output->wlr_output);
	if (!spot) {
		abort();
	}
	if (!placed) {
		wlr_scene_output_layout_add_output(outputs->scene_layout, spot, output->scene_output);
	}
}

/* As it is to be among those that are here, else with the mode that the monitor prefers. */
static bool enable(struct ph_output *output)
{
	struct wlr_output *wlr_output = output->wlr_output;
	struct wlr_output_state state;

	output_plan_choose(output, &output->plan);
	bool done = output->plan.source != PH_PLAN_NONE && commit_plan(output, &output->plan);
	bool due = done;
	if (!done) {
		done = commit_plan(output, NULL);
		due = done && output->plan.source == PH_PLAN_NONE;
	}
	output->refused = !due;

	/* A driver may refuse the preferred mode (bandwidth): any picture beats none. */
	struct wlr_output_mode *other;
	wl_list_for_each(other, &wlr_output->modes, link) {
		if (done) {
			break;
		}
		wlr_output_state_init(&state);
		wlr_output_state_set_enabled(&state, true);
		wlr_output_state_set_mode(&state, other);
		done = wlr_output_commit_state(wlr_output, &state);
		wlr_output_state_finish(&state);
	}
	return done;
}

static void handle_new_output(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, outputs.new_output);
	struct wlr_output *wlr_output = data;

	if (wlr_output->non_desktop) {
		return; /* a headset: offered for lease, not for the session */
	}
	if (wlr_output_is_wl(wlr_output)) {
		wlr_wl_output_set_title(wlr_output, "Phyllome session");
		wlr_wl_output_set_app_id(wlr_output, "org.phyllome.Session");
	} else if (wlr_output_is_x11(wlr_output)) {
		wlr_x11_output_set_title(wlr_output, "Phyllome session");
	}
	if (!wlr_output_init_render(wlr_output, session->allocator, session->renderer)) {
		wlr_log(WLR_ERROR, "output %s: cannot be drawn to; it stays dark", wlr_output->name);
		return;
	}
	struct ph_output *output = calloc(1, sizeof(*output));
	if (!output) {
		abort();
	}
	output->session = session;
	output->wlr_output = wlr_output;
	wlr_output->data = output;
	output->cell_count = 1;
	output->cells[0].output = output->cells[1].output = output;
	planes_clean(session);
	wl_list_insert(session->outputs.list.prev, &output->link);
	bool lit = enable(output);
	output->scene_output = wlr_scene_output_create(session->scene, wlr_output);
	if (!output->scene_output) {
		abort();
	}
	put(output);
	listener_connect(&wlr_output->events.frame, &output->frame, handle_frame);
	listener_connect(&wlr_output->events.present, &output->present, handle_present);
	listener_connect(
	    &wlr_output->events.request_state, &output->request_state, handle_request_state);
	listener_connect(&wlr_output->events.destroy, &output->destroy, handle_destroy);
	if (!lit) {
		wlr_log(WLR_ERROR,
		    "output %s: no mode works; it stays off until another monitor goes or a tool as "
		    "wlr-randr switches it on",
		    wlr_output->name);
	}
	wlr_log(WLR_INFO, "output %s: %s %s %s, %d x %d at %.3f Hz, scale %.2f", wlr_output->name,
	    wlr_output->make ? wlr_output->make : "?", wlr_output->model ? wlr_output->model : "?",
	    wlr_output->serial ? wlr_output->serial : "?", wlr_output->width, wlr_output->height,
	    wlr_output->refresh / 1000.0, (double)wlr_output->scale);
	input_map_outputs(session);
	output_manager_publish(session);
	arrange_later(session);
}

static void handle_layout_change(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, outputs.layout_change);

	output_manager_publish(session);
	arrange_later(session);
}

void output_switch(struct ph_output *output, bool on)
{
	struct wlr_output *wlr_output = output->wlr_output;
	struct wlr_output_state state;
	bool was_dark = output->dark;

	/* One that is not part of the desktop has no picture to come back with. */
	if (!wlr_output->enabled && !output->dark) {
		return;
	}
	/* Before the commit: its event publishes what the output is now. */
	output->dark = !on;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, on);
	planes_reset(output);
	if (!wlr_output_commit_state(wlr_output, &state)) {
		wlr_log(WLR_ERROR, "output %s: cannot be switched %s", wlr_output->name,
		    on ? "on" : "off");
		output->dark = was_dark;
		output->refused = output->refused || on; /* it is tried again when something is given up */
	}
	wlr_output_state_finish(&state);
	arrange(output->session);
}

/* Returns whether that has changed anything. */
static bool set_lidded(struct ph_output *output, bool lidded)
{
	struct ph_session *session = output->session;
	struct wlr_output_state state;

	output->lidded = lidded;
	output->dark = false;
	wlr_log(WLR_INFO, "output %s: %s", output->wlr_output->name,
	    lidded ? "off, as the lid is closed" : "on again, as far as the lid goes");
	if (!lidded) {
		output_plan_choose(output, &output->plan);
		output->refused = !commit_plan(output, &output->plan);
		if (!output->refused || commit_plan(output, NULL)) {
			put(output);
		}
		return true;
	}
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, false);
	planes_reset(output);
	bool done = wlr_output_commit_state(output->wlr_output, &state);
	wlr_output_state_finish(&state);
	if (done) {
		wlr_output_layout_remove(session->outputs.layout, output->wlr_output);
		session->outputs.freed = true;
	} else {
		wlr_log(WLR_ERROR, "output %s: it cannot be switched off", output->wlr_output->name);
		output->lidded = false;
	}
	return done;
}

/* Returns whether anything has changed. */
static bool follow_lid(struct ph_session *session)
{
	struct ph_lid_monitor monitors[PH_PLACEMENT_OUTPUTS_MAX];
	struct ph_output *list[PH_PLACEMENT_OUTPUTS_MAX], *output;
	const char *name = session->config.lid;
	bool changed = false;
	size_t count = 0;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (count == PH_PLACEMENT_OUTPUTS_MAX) {
			break;
		}
		monitors[count] = (struct ph_lid_monitor){
		    .connector = output->wlr_output->name,
		    .named = name && output_settings_match(name, output->wlr_output),
		    .on = output_is_on(output) || output->lidded,
		};
		list[count++] = output;
	}
	for (size_t i = 0; i < count; i++) {
		bool takes =
		    monitors[i].on && lid_takes(session->outputs.lid.closed, name, monitors, count, i);
		if (takes != list[i]->lidded) {
			changed = set_lidded(list[i], takes) || changed;
		}
	}
	return changed;
}

/*
 * Sets a monitor as it is to be now, if that is something else than before. What a tool
 * had set stays where nobody has said anything about these monitors, but for one that
 * was off: it may be the only one now.
 */
static bool follow_plan(struct ph_output *output, bool again, bool freed)
{
	struct ph_plan plan, old = output->plan;

	bool retry = output->refused && freed;

	output_plan_choose(output, &plan);
	output->plan = plan;
	if (monitor_plan_equal(&plan, &old) && !(again && plan.source == PH_PLAN_FILE) && !retry) {
		return false;
	}
	if (plan.source == PH_PLAN_NONE && old.source == PH_PLAN_MEMORY && !old.settings.off && !retry) {
		return false;
	}
	output->refused = !commit_plan(output, &plan);
	if (output->refused && (output_is_on(output) || !commit_plan(output, NULL))) {
		return false; /* it stays as it is */
	}
	output->dark = false;
	put(output);
	return true;
}

static bool follow_plans(struct ph_session *session, bool again)
{
	struct ph_output *output;
	bool changed = false;
	bool freed = session->outputs.freed;

	/* One try for each thing that is given up; what is given up now is for the next time. */
	session->outputs.freed = false;
	wl_list_for_each(output, &session->outputs.list, link) {
		changed = (!output->lidded && follow_plan(output, again, freed)) || changed;
	}
	return changed;
}

static void tell_change(struct ph_session *session)
{
	guests_redraw_home(session);
	output_manager_publish(session);
	arrange_later(session);
}

void outputs_settle(struct ph_session *session)
{
	bool lid = follow_lid(session);

	if (follow_plans(session, false) || lid) {
		tell_change(session);
	}
	idle_policy_keep_dark(session);
}

void outputs_apply_config(struct ph_session *session)
{
	struct ph_output *output;

	follow_plans(session, true);
	wl_list_for_each(output, &session->outputs.list, link) {
		/* What is said of planes holds from the next frame on. */
		wlr_output_update_needs_frame(output->wlr_output);
	}
	tell_change(session);
}

bool outputs_init(struct ph_session *session)
{
	struct ph_outputs *outputs = &session->outputs;

	wl_list_init(&outputs->list);
	outputs->layout = wlr_output_layout_create(session->display);
	if (!outputs->layout) {
		wlr_log(WLR_ERROR, "start: out of memory for the output layout");
		return false;
	}
	outputs->scene_layout = wlr_scene_attach_output_layout(session->scene, outputs->layout);
	if (!outputs->scene_layout) {
		wlr_log(WLR_ERROR, "start: out of memory for the output layout");
		return false;
	}
	listener_connect(&session->backend->events.new_output, &outputs->new_output, handle_new_output);
	listener_connect(&outputs->layout->events.change, &outputs->layout_change, handle_layout_change);
	return output_manager_init(session);
}

void outputs_finish(struct ph_session *session)
{
	struct ph_output *output, *next;

	if (session->outputs.list.next) {
		wl_list_for_each_safe(output, next, &session->outputs.list, link) {
			forget(output);
		}
	}
	if (session->outputs.pending) {
		wl_event_source_remove(session->outputs.pending);
		session->outputs.pending = NULL;
	}
	listener_disconnect(&session->outputs.new_output);
	listener_disconnect(&session->outputs.layout_change);
	output_manager_finish(session);
}

bool output_is_on(const struct ph_output *output)
{
	return output->wlr_output->enabled || output->dark;
}

struct ph_output *outputs_nth(struct ph_session *session, size_t index)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (output_is_on(output) && index-- == 0) {
			return output;
		}
	}
	return NULL;
}

size_t outputs_index(const struct ph_output *output)
{
	struct ph_output *other;
	size_t index = 0;

	wl_list_for_each(other, &output->session->outputs.list, link) {
		if (other == output) {
			break;
		}
		index += output_is_on(other);
	}
	return index;
}

struct ph_output *outputs_at(struct ph_session *session, double lx, double ly)
{
	struct wlr_output *wlr_output = wlr_output_layout_output_at(session->outputs.layout, lx, ly);
	return wlr_output ? wlr_output->data : NULL;
}
