// SPDX-License-Identifier: MIT
#include "output_manager.h"

#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_output_management_v1.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "layout.h"
#include "listener.h"
#include "session.h"

void output_manager_publish(struct ph_session *session)
{
	struct ph_outputs *outputs = &session->outputs;
	struct wlr_output_configuration_v1 *config = wlr_output_configuration_v1_create();
	struct ph_output *output;

	wl_list_for_each(output, &outputs->list, link) {
		struct wlr_output_configuration_head_v1 *head =
		    wlr_output_configuration_head_v1_create(config, output->wlr_output);
		struct wlr_box box;
		wlr_output_layout_get_box(outputs->layout, output->wlr_output, &box);
		head->state.enabled = head->state.enabled || output->dark;
		head->state.x = box.x;
		head->state.y = box.y;
	}
	wlr_output_manager_v1_set_configuration(outputs->manager, config);
}

/* An output that is off has no place: the pointer must not get lost there. */
static void place(struct ph_output *output, bool enabled, int lx, int ly)
{
	struct ph_outputs *outputs = &output->session->outputs;
	bool placed = wlr_output_layout_get(outputs->layout, output->wlr_output) != NULL;

	guests_redraw_home(output->session);
	output->dark = output->lidded = output->refused = false;
	if (!enabled) {
		wlr_output_layout_remove(outputs->layout, output->wlr_output);
		outputs->freed = true;
		return;
	}
	if (placed && output->stays) {
		return; /* and gives way when the one beside it grows */
	}
	/* Tools that only switch an output on say 0,0, where another one is. */
	bool somewhere = !placed && lx == 0 && ly == 0;
	struct wlr_output_layout_output *spot =
	    somewhere ? wlr_output_layout_add_auto(outputs->layout, output->wlr_output)
		      : wlr_output_layout_add(outputs->layout, output->wlr_output, lx, ly);
	if (spot && !placed) {
		wlr_scene_output_layout_add_output(outputs->scene_layout, spot, output->scene_output);
	}
}

/* Tools that change something else of an output say where it was. Before that changes what is beside it. */
static void note_who_stays(struct ph_session *session, const struct wlr_output_configuration_v1 *config)
{
	const struct wlr_output_configuration_head_v1 *head;

	wl_list_for_each(head, &config->heads, link) {
		struct ph_output *output = head->state.output->data;
		const struct wlr_output_layout_output *spot =
		    wlr_output_layout_get(session->outputs.layout, head->state.output);
		if (output) {
			output->stays = spot && spot->x == head->state.x && spot->y == head->state.y;
		}
	}
}

/* With any other scale there would be nothing left to be read, not even how to take it back. */
static bool has_sane_scale(const struct wlr_output_configuration_head_v1 *head)
{
	double scale = (double)head->state.scale;

	return !head->state.enabled || (scale >= PH_OUTPUT_SCALE_MIN && scale <= PH_OUTPUT_SCALE_MAX);
}

/* What was done for a head, and how to undo it. */
struct step {
	struct ph_output *output;
	struct wlr_output_state before;
	enum ph_adaptive_sync adaptive;
};

static void note_before(struct step *step, struct ph_output *output)
{
	struct wlr_output *wlr_output = output->wlr_output;
	struct wlr_output_state *before = &step->before;

	step->output = output;
	step->adaptive = output->sync.adaptive;
	wlr_output_state_init(before);
	wlr_output_state_set_enabled(before, wlr_output->enabled);
	if (!wlr_output->enabled) {
		return;
	}
	if (wlr_output->current_mode) {
		wlr_output_state_set_mode(before, wlr_output->current_mode);
	} else {
		wlr_output_state_set_custom_mode(
		    before, wlr_output->width, wlr_output->height, wlr_output->refresh);
	}
	wlr_output_state_set_scale(before, wlr_output->scale);
	wlr_output_state_set_transform(before, wlr_output->transform);
}

static void undo(struct step *step)
{
	planes_reset(step->output);
	output_sync_reset(step->output, step->adaptive);
	if (!wlr_output_commit_state(step->output->wlr_output, &step->before)) {
		wlr_log(WLR_ERROR, "output %s: it refuses to be as it was before a tool changed it",
		    step->output->wlr_output->name);
	}
}

static bool try_head(const struct wlr_output_configuration_head_v1 *head, bool apply)
{
	struct wlr_output *wlr_output = head->state.output;
	struct wlr_output_head_v1_state wanted = head->state;
	struct wlr_output_state state;

	/* Of one that was never on, tools that only switch it on know no mode. */
	if (!wanted.mode && wanted.custom_mode.width == 0) {
		wanted.mode = wlr_output_preferred_mode(wlr_output);
	}
	wlr_output_state_init(&state);
	wlr_output_head_v1_state_apply(&wanted, &state);
	if (apply) {
		planes_reset(wlr_output->data);
		output_sync_follow(wlr_output->data, head->state.adaptive_sync_enabled);
	}
	bool ok = apply ? wlr_output_commit_state(wlr_output, &state)
			: wlr_output_test_state(wlr_output, &state);
	wlr_output_state_finish(&state);
	return ok;
}

/* One by one, first those that go off: what they had may be what the others need. All or nothing. */
static bool apply_heads(struct wlr_output_configuration_v1 *config)
{
	struct step *steps = calloc((size_t)wl_list_length(&config->heads) + 1, sizeof(*steps));
	struct wlr_output_configuration_head_v1 *head;
	size_t count = 0;
	bool ok = true;

	if (!steps) {
		abort();
	}
	for (int on = 0; on <= 1; on++) {
		wl_list_for_each(head, &config->heads, link) {
			if (ok && head->state.enabled == on) {
				note_before(&steps[count++], head->state.output->data);
				ok = try_head(head, true);
			}
		}
	}
	for (size_t i = count; i-- > 0;) {
		if (!ok) {
			undo(&steps[i]);
		}
		wlr_output_state_finish(&steps[i].before);
	}
	free(steps);
	return ok;
}

/* wlr-randr, kanshi: all heads of a configuration, tested one by one or applied. */
static void configure(struct ph_session *session, struct wlr_output_configuration_v1 *config, bool apply)
{
	struct wlr_output_configuration_head_v1 *head;
	bool ok = true;

	note_who_stays(session, config);
	wl_list_for_each(head, &config->heads, link) {
		ok = ok && head->state.output->data && has_sane_scale(head);
	}
	wl_list_for_each(head, &config->heads, link) {
		ok = ok && (apply || try_head(head, false));
	}
	ok = ok && (!apply || apply_heads(config));
	if (!ok) {
		wlr_output_configuration_v1_send_failed(config);
		wlr_output_configuration_v1_destroy(config);
		return;
	}
	wlr_output_configuration_v1_send_succeeded(config);
	if (apply) {
		wl_list_for_each(head, &config->heads, link) {
			place(head->state.output->data, head->state.enabled, head->state.x, head->state.y);
		}
		output_plans_note(session);
		output_manager_publish(session);
		arrange_later(session);
		idle_policy_keep_dark(session); /* kanshi sets what has come by itself, too */
	}
	wlr_output_configuration_v1_destroy(config);
}

static void handle_manager_apply(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, outputs.manager_apply);
	configure(session, data, true);
}

static void handle_manager_test(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, outputs.manager_test);
	configure(session, data, false);
}

bool output_manager_init(struct ph_session *session)
{
	struct ph_outputs *outputs = &session->outputs;

	outputs->manager = wlr_output_manager_v1_create(session->display);
	if (!outputs->manager) {
		wlr_log(WLR_ERROR, "start: out of memory for the output manager");
		return false;
	}
	listener_connect(&outputs->manager->events.apply, &outputs->manager_apply, handle_manager_apply);
	listener_connect(&outputs->manager->events.test, &outputs->manager_test, handle_manager_test);
	return true;
}

void output_manager_finish(struct ph_session *session)
{
	listener_disconnect(&session->outputs.manager_apply);
	listener_disconnect(&session->outputs.manager_test);
}
