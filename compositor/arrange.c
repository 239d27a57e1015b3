// SPDX-License-Identifier: MIT
#include "arrange.h"

#include <string.h>
#include <wlr/types/wlr_output_layout.h>

#include "control.h"
#include "declared.h"
#include "guest.h"
#include "guests.h"
#include "guest_head.h"
#include "host_input.h"
#include "idle.h"
#include "lock.h"
#include "lock_output.h"
#include "output.h"
#include "pointer.h"
#include "screens.h"
#include "seat.h"
#include "session.h"

static bool equal(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Whether another monitor says the same of itself. */
static bool has_twin(struct ph_session *session, const struct wlr_output *wlr_output)
{
	struct ph_output *other;

	wl_list_for_each(other, &session->outputs.list, link) {
		const struct wlr_output *twin = other->wlr_output;
		if (twin != wlr_output && output_is_on(other) && equal(twin->make, wlr_output->make) &&
		    equal(twin->model, wlr_output->model) && equal(twin->serial, wlr_output->serial)) {
			return true;
		}
	}
	return false;
}

unsigned arrange_count_heads(void *session, const char *id)
{
	struct ph_guest *guest = guests_by_id(session, id);

	return guest ? guest_head_count(guest) : 0;
}

/* Tells placement which monitors are here, and where. */
static void note_monitors(struct ph_session *session)
{
	struct ph_placement_monitor monitors[PH_PLACEMENT_OUTPUTS_MAX];
	char identities[PH_PLACEMENT_OUTPUTS_MAX][PH_PLACEMENT_IDENTITY_SIZE];
	struct ph_output *output;
	size_t count = 0;

	while (count < PH_PLACEMENT_OUTPUTS_MAX && (output = outputs_nth(session, count))) {
		const struct wlr_output *wlr_output = output->wlr_output;
		struct wlr_box box;
		wlr_output_layout_get_box(session->outputs.layout, output->wlr_output, &box);
		placement_identify(wlr_output->make, wlr_output->model, wlr_output->serial,
		    wlr_output->name, has_twin(session, wlr_output), identities[count]);
		monitors[count].identity = identities[count];
		monitors[count].box = (struct ph_box){box.x, box.y, box.width, box.height};
		count++;
	}
	placement_update_monitors(&session->placement, monitors, count, arrange_count_heads, session);
	declared_apply(session);
}

/* Makes an output's cells be those of its monitor. */
static void measure_cells(
    struct ph_session *session, struct ph_output *output, const struct ph_placement_output *monitor)
{
	struct ph_box boxes[2], pixels[2];

	cells_measure(output, monitor->split, boxes, pixels);
	output->cell_count = monitor->split ? 2 : 1;
	if (!monitor->split) {
		cell_finish(&output->cells[1]);
	}
	for (size_t i = 0; i < output->cell_count; i++) {
		struct ph_cell *cell = &output->cells[i];
		const char *id = monitor->cells[i].guest;
		cell->box = boxes[i];
		cell->pixels = pixels[i];
		cell->guest = id[0] ? guests_by_id(session, id) : NULL;
		cell->head = NULL;
	}
}

/* Of a monitor without a place: where it was is another one now. */
static void clear_cells(struct ph_output *output)
{
	for (size_t i = 0; i < 2; i++) {
		struct ph_cell *cell = &output->cells[i];
		cell_finish(cell);
		cell->box = cell->pixels = (struct ph_box){0};
		cell->guest = NULL;
	}
	output->cell_count = 1;
}

static void measure_all(struct ph_session *session)
{
	const struct ph_placement_set *set = session->placement.sets[0];
	struct ph_output *output;

	session->outputs.focus = NULL;
	wl_list_for_each(output, &session->outputs.list, link) {
		output->cells[0].head = output->cells[1].head = NULL;
		if (!output_is_on(output)) {
			clear_cells(output);
		}
	}
	for (size_t i = 0; i < set->output_count; i++) {
		output = outputs_nth(session, i);
		measure_cells(session, output, &set->outputs[i]);
		if (i == set->focus_output) {
			session->outputs.focus = &output->cells[set->focus_cell];
		}
	}
}

static struct ph_cell *find_cell(struct ph_session *session, const struct ph_guest_head *head)
{
	size_t output, cell;

	if (!placement_find(&session->placement, head->guest->id, head->console, &output, &cell)) {
		return NULL;
	}
	return &outputs_nth(session, output)->cells[cell];
}

/* The size of a monitor, or of half of it, for a head. */
static void describe_cell(
    const struct ph_output *output, const struct ph_box *pixels, struct ph_head_config *config)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	int width, height;

	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	bool turned = width != wlr_output->width;
	int mm_width = turned ? wlr_output->phys_height : wlr_output->phys_width;
	int mm_height = turned ? wlr_output->phys_width : wlr_output->phys_height;
	config->width = (uint32_t)pixels->width;
	config->height = (uint32_t)pixels->height;
	config->mm_width = (uint32_t)(mm_width * pixels->width / width);
	config->mm_height = (uint32_t)(mm_height * pixels->height / height);
	config->refresh = (uint32_t)wlr_output->refresh;
	config->scale = (uint32_t)(wlr_output->scale * 120 + 0.5f);
}

/* By a window of a program of this computer. */
static bool is_covered(struct ph_session *session, const struct ph_cell *cell)
{
	const struct wlr_box box = {cell->box.x, cell->box.y, cell->box.width, cell->box.height};

	return views_hide_box(session, &box);
}

static void configure_head(struct ph_session *session, struct ph_guest_head *head)
{
	const struct ph_placement_set *set = session->placement.sets[0];
	struct ph_head_config config = head->config;
	struct ph_box boxes[2], pixels[2];
	size_t at;
	bool half = false;

	bool dark = head->cell && head->cell->output->dark;
	bool follows = head->guest->scale == PH_SCALE_FOLLOW || config.width == 0;

	/* As on another virtual terminal: that is not a monitor pulled out of the guest. */
	bool nowhere = set->output_count == 0 && head->configured;

	if (dark || nowhere || (!follows && (head->cell || head->console == 0))) {
		/* Nobody sees it, or its size is its own: nothing else changes. */
	} else if (head->cell) {
		describe_cell(head->cell->output, &head->cell->pixels, &config);
	} else if (placement_find_spot(&session->placement, head->guest->id, head->console, &at, &half)) {
		/* Hidden: as it will be shown, so that a switch changes no mode. */
		struct ph_output *output = outputs_nth(session, at);
		cells_measure(output, half, boxes, pixels);
		describe_cell(output, &pixels[0], &config);
	} else if (head->console > 0) {
		/* Console 0 keeps its size: a guest without any monitor moves its windows. */
		config = (struct ph_head_config){0};
	} else if (!head->was_shown && set->output_count > 0) {
		struct ph_output *output = outputs_nth(session, 0);
		cells_measure(output, false, boxes, pixels);
		describe_cell(output, &pixels[0], &config);
	} else if (!head->configured) {
		config = (struct ph_head_config){.width = 1280, .height = 800, .scale = 120};
	}
	config.visible =
	    head->cell && !dark && !lock_is_locked(session) && !is_covered(session, head->cell);
	head->was_shown = head->was_shown || head->cell;
	guest_head_configure(head, &config);
}

/* The guest in the focused cell gets the input if it can be seen and somebody takes the input. */
static struct ph_guest *find_focus(struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;

	if (session->sleep.begun || host_input_active(session) || screens_have_keys(session)) {
		return NULL;
	}
	return cell && cell_has_picture(cell) && cell->guest->control ? cell->guest : NULL;
}

static void handle_idle(void *data)
{
	struct ph_session *session = data;

	session->outputs.pending = NULL;
	outputs_settle(session);
	layer_shell_settle(session);
	arrange(session);
	pointer_follow_focus(session);
}

void arrange_later(struct ph_session *session)
{
	if (!session->outputs.pending && !session->stopping) {
		session->outputs.pending = wl_event_loop_add_idle(session->loop, handle_idle, session);
	}
}

void arrange_settle(struct ph_session *session)
{
	outputs_settle(session);
	layer_shell_settle(session);
	if (session->outputs.pending) {
		wl_event_source_remove(session->outputs.pending);
		session->outputs.pending = NULL;
	}
	arrange(session);
}

void arrange(struct ph_session *session)
{
	struct ph_guest *guest;

	/* Guests are not read yet, or placement does not know yet which outputs there are. */
	if (!session->guests.list.next || session->outputs.pending) {
		return;
	}
	note_monitors(session);
	wl_list_for_each(guest, &session->guests.list, link) {
		unsigned heads = guest_head_count(guest);
		if (heads > guest->heads_known) {
			guest->heads_known = heads;
			placement_add_heads(&session->placement, guest->id, heads);
		}
	}
	layer_shell_arrange(session);
	measure_all(session);
	wl_list_for_each(guest, &session->guests.list, link) {
		for (unsigned console = 0; console < PH_GUEST_MAX_HEADS; console++) {
			struct ph_guest_head *head = guest->heads[console];
			if (!head) {
				continue;
			}
			struct ph_cell *cell = find_cell(session, head);
			if (cell) {
				cell->head = head;
			}
			guest_head_place(head, cell);
			configure_head(session, head);
		}
	}
	outputs_update_home(session);
	views_arrange(session);
	toplevels_arrange(session);
	lock_outputs_arrange(session);
	sleep_arrange(session);
	seat_set_focus(session, find_focus(session));
	host_input_refresh(session);
	idle_refresh(session);
	seat_refresh(session);
	screens_update(session);
	recall_note(session);
	control_notify(session);
}
