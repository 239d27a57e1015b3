// SPDX-License-Identifier: MIT
#include "control_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output_layout.h>

#include "guest.h"
#include "guest_head.h"
#include "guest_store.h"
#include "lock.h"
#include "output.h"
#include "session.h"
#include "theme.h"

static const char *path_name(enum ph_path path)
{
	switch (path) {
	case PH_PATH_NONE:
		return "none";
	case PH_PATH_SCANOUT:
		return "scanout";
	case PH_PATH_COMPOSITED:
		return "composited";
	}
	return "none";
}

/* As wlr-randr and session.scfg call them. */
static const char *transform_name(enum wl_output_transform transform)
{
	static const char *const names[] = {
	    "normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"};

	return names[transform & 7];
}

/* A text of the world's (NULL: empty): JSON takes nothing but UTF-8. */
static int make_text(const char *text, sd_json_variant **variant)
{
	char *line = strdup(text ? text : "");

	if (!line) {
		abort();
	}
	guest_store_clean_line(line);
	int status = sd_json_variant_new_string(variant, line);
	free(line);
	return status;
}

/* Adds fields to an object: what SD_JSON_BUILD_PAIR_* say. */
#define ADD(object, ...) sd_json_variant_merge_objectbo(object, __VA_ARGS__)

static int add_text(sd_json_variant **object, const char *name, const char *text)
{
	sd_json_variant *variant = NULL;
	int status = make_text(text, &variant);

	if (status >= 0) {
		status = sd_json_variant_set_field(object, name, variant);
	}
	sd_json_variant_unref(variant);
	return status;
}

/* Adds a list under that name, an empty one for NULL, and drops it. */
static int add_list(sd_json_variant **object, const char *name, sd_json_variant *list, int status)
{
	if (status >= 0) {
		status = list ? sd_json_variant_set_field(object, name, list)
			      : ADD(object, SD_JSON_BUILD_PAIR_EMPTY_ARRAY(name));
	}
	sd_json_variant_unref(list);
	return status;
}

/* Appends the object to the list if it could be made, and drops it. */
static int append(sd_json_variant **list, sd_json_variant *object, int status)
{
	if (status >= 0) {
		status = sd_json_variant_append_array(list, object);
	}
	sd_json_variant_unref(object);
	return status;
}

static int append_cell(sd_json_variant **list, const struct ph_cell *cell)
{
	const struct ph_guest_head *head = cell->head;
	const struct ph_box *pixels = &cell->pixels;

	return sd_json_variant_append_arraybo(list,
	    SD_JSON_BUILD_PAIR_STRING("guest", cell->guest ? cell->guest->id : ""),
	    SD_JSON_BUILD_PAIR_INTEGER("console", head ? (int64_t)head->console : -1),
	    SD_JSON_BUILD_PAIR_INTEGER("pictureWidth", head ? head->picture_width : 0),
	    SD_JSON_BUILD_PAIR_INTEGER("pictureHeight", head ? head->picture_height : 0),
	    SD_JSON_BUILD_PAIR_INTEGER("x", pixels->x), SD_JSON_BUILD_PAIR_INTEGER("y", pixels->y),
	    SD_JSON_BUILD_PAIR_INTEGER("width", pixels->width),
	    SD_JSON_BUILD_PAIR_INTEGER("height", pixels->height),
	    SD_JSON_BUILD_PAIR_BOOLEAN("focused", cell->output->session->outputs.focus == cell));
}

static int add_cells(sd_json_variant **object, const struct ph_output *output)
{
	sd_json_variant *list = NULL;
	int status = 0;

	for (size_t i = 0; output->wlr_output->enabled && i < output->cell_count && status >= 0; i++) {
		status = append_cell(&list, &output->cells[i]);
	}
	return add_list(object, "cells", list, status);
}

/* What placement calls the monitor; of one that is off, what it would without twins. */
static int add_identity(sd_json_variant **object, const struct ph_output *output)
{
	const struct ph_placement_set *set = output->session->placement.sets[0];
	const struct wlr_output *wlr = output->wlr_output;
	char identity[PH_PLACEMENT_IDENTITY_SIZE];
	size_t index = outputs_index(output);

	if (wlr->enabled && index < set->output_count) {
		return add_text(object, "identity", set->outputs[index].identity);
	}
	placement_identify(wlr->make, wlr->model, wlr->serial, wlr->name, false, identity);
	return add_text(object, "identity", identity);
}

static int add_counters(sd_json_variant **object, const struct ph_output *output)
{
	return ADD(object, SD_JSON_BUILD_PAIR_STRING("path", path_name(output->path)),
	    SD_JSON_BUILD_PAIR_STRING("reason", output->reason ? output->reason : ""),
	    SD_JSON_BUILD_PAIR_UNSIGNED("frames", output->frames),
	    SD_JSON_BUILD_PAIR_UNSIGNED("scanouts", output->scanouts),
	    SD_JSON_BUILD_PAIR_UNSIGNED("composited", output->composited),
	    SD_JSON_BUILD_PAIR_UNSIGNED("pictures", output->pictures),
	    SD_JSON_BUILD_PAIR_UNSIGNED("planes", output->planes_used),
	    SD_JSON_BUILD_PAIR_BOOLEAN(
		"adaptiveSync", output->wlr_output->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED),
	    SD_JSON_BUILD_PAIR_BOOLEAN("tearing", output->sync.torn),
	    SD_JSON_BUILD_PAIR_STRING("noAdaptiveSync", output->sync.no_adapt ? output->sync.no_adapt : ""),
	    SD_JSON_BUILD_PAIR_STRING("noTearing", output->sync.no_tear ? output->sync.no_tear : ""),
	    SD_JSON_BUILD_PAIR_UNSIGNED("presented", output->presented));
}

/* Where it is, and how its pixels are. */
static int add_mode(sd_json_variant **object, const struct ph_output *output)
{
	const struct wlr_output *wlr = output->wlr_output;
	struct wlr_box box = {0};

	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &box);
	return ADD(object, SD_JSON_BUILD_PAIR_BOOLEAN("enabled", wlr->enabled),
	    SD_JSON_BUILD_PAIR_INTEGER("x", box.x), SD_JSON_BUILD_PAIR_INTEGER("y", box.y),
	    SD_JSON_BUILD_PAIR_INTEGER("width", wlr->width),
	    SD_JSON_BUILD_PAIR_INTEGER("height", wlr->height),
	    SD_JSON_BUILD_PAIR_INTEGER("refresh", wlr->refresh),
	    SD_JSON_BUILD_PAIR_REAL("scale", (double)wlr->scale),
	    SD_JSON_BUILD_PAIR_STRING("transform", transform_name(wlr->transform)));
}

static int append_output(sd_json_variant **list, const struct ph_output *output, bool counters)
{
	const struct wlr_output *wlr = output->wlr_output;
	/* Of a split monitor, the half with the focus, or the first one. */
	const struct ph_cell *focus = output->session->outputs.focus;
	bool focused = focus && focus->output == output;
	const struct ph_guest_head *head = (focused ? focus : &output->cells[0])->head;
	sd_json_variant *object = NULL;
	int status;

	if ((status = add_text(&object, "name", wlr->name)) >= 0 &&
	    (status = add_identity(&object, output)) >= 0 &&
	    (status = add_text(&object, "make", wlr->make)) >= 0 &&
	    (status = add_text(&object, "model", wlr->model)) >= 0 &&
	    (status = add_text(&object, "serial", wlr->serial)) >= 0 &&
	    (status = add_mode(&object, output)) >= 0 &&
	    (status = ADD(&object, SD_JSON_BUILD_PAIR_BOOLEAN("focused", focused),
		 SD_JSON_BUILD_PAIR_STRING("guest", head ? head->guest->id : ""),
		 SD_JSON_BUILD_PAIR_INTEGER("console", head ? (int64_t)head->console : -1),
		 SD_JSON_BUILD_PAIR_INTEGER("pictureWidth", head ? head->picture_width : 0),
		 SD_JSON_BUILD_PAIR_INTEGER("pictureHeight", head ? head->picture_height : 0))) >= 0 &&
	    (status = add_cells(&object, output)) >= 0 && counters) {
		status = add_counters(&object, output);
	}
	return append(list, object, status);
}

int control_list_outputs(struct ph_session *session, bool counters, sd_json_variant **list)
{
	struct ph_output *output;
	int status = sd_json_variant_new_array(list, NULL, 0);

	wl_list_for_each(output, &session->outputs.list, link) {
		if (status >= 0) {
			status = append_output(list, output, counters);
		}
	}
	return status;
}

static const char *output_name(struct ph_session *session, size_t index)
{
	const struct ph_output *output = outputs_nth(session, index);

	return output ? output->wlr_output->name : "";
}

/* A head that the guest has, or for which a monitor is kept; others are left out. */
static int append_head(sd_json_variant **list, const struct ph_guest *guest, unsigned console)
{
	struct ph_session *session = guest->session;
	const struct ph_guest_head *head = guest->heads[console];
	const char *shown = "", *belongs = "";
	size_t output, cell;
	bool half;

	if (placement_find(&session->placement, guest->id, console, &output, &cell)) {
		shown = belongs = output_name(session, output);
	} else if (placement_find_spot(&session->placement, guest->id, console, &output, &half)) {
		belongs = output_name(session, output);
	}
	if (!head && !belongs[0]) {
		return 0;
	}
	return sd_json_variant_append_arraybo(list, SD_JSON_BUILD_PAIR_UNSIGNED("console", console),
	    SD_JSON_BUILD_PAIR_STRING("output", shown), SD_JSON_BUILD_PAIR_STRING("belongs", belongs),
	    SD_JSON_BUILD_PAIR_UNSIGNED("width", head ? head->config.width : 0),
	    SD_JSON_BUILD_PAIR_UNSIGNED("height", head ? head->config.height : 0),
	    SD_JSON_BUILD_PAIR_BOOLEAN("visible", head && head->config.visible));
}

static int add_heads(sd_json_variant **object, const struct ph_guest *guest)
{
	sd_json_variant *list = NULL;
	int status = 0;

	for (unsigned console = 0; console < PH_GUEST_MAX_HEADS && status >= 0; console++) {
		status = append_head(&list, guest, console);
	}
	return add_list(object, "heads", list, status);
}

/* 0: the guest that was used last, and so on; -1: it was not used yet. */
static int64_t recent_index(const struct ph_placement *placement, const char *id)
{
	for (size_t i = 0; i < placement->recent_count; i++) {
		if (strcmp(placement->recent[i], id) == 0) {
			return (int64_t)i;
		}
	}
	return -1;
}

static int append_guest(sd_json_variant **list, const struct ph_guest *guest)
{
	struct ph_session *session = guest->session;
	sd_json_variant *object = NULL;
	char colour[8];
	int status;

	snprintf(colour, sizeof(colour), "#%06x",
	    theme_guest_colour(guest->number, guest->colour) & 0xffffff);
	if ((status = ADD(&object, SD_JSON_BUILD_PAIR_STRING("name", guest->id),
		 SD_JSON_BUILD_PAIR_UNSIGNED("number", guest->number),
		 SD_JSON_BUILD_PAIR_STRING("state", guest_state_name(guest->state)),
		 SD_JSON_BUILD_PAIR_STRING("reason", guest->reason),
		 SD_JSON_BUILD_PAIR_BOOLEAN("bridge", guest->control != NULL),
		 SD_JSON_BUILD_PAIR_BOOLEAN(
		     "shown", placement_is_shown(&session->placement, guest->id)),
		 SD_JSON_BUILD_PAIR_BOOLEAN("focused", guest == session->seat.focus),
		 SD_JSON_BUILD_PAIR_STRING("colour", colour),
		 SD_JSON_BUILD_PAIR_INTEGER(
		     "recent", recent_index(&session->placement, guest->id)))) >= 0 &&
	    (status = add_text(&object, "title", guest->title)) >= 0 &&
	    (status = add_text(&object, "directory", guest->dir)) >= 0) {
		status = add_heads(&object, guest);
	}
	return append(list, object, status);
}

int control_list_guests(struct ph_session *session, sd_json_variant **list)
{
	struct ph_guest *guest;
	int status = sd_json_variant_new_array(list, NULL, 0);

	wl_list_for_each(guest, &session->guests.list, link) {
		if (status >= 0) {
			status = append_guest(list, guest);
		}
	}
	return status;
}

/* Where the person is; nothing is added when there is no monitor. */
static int add_focus(sd_json_variant **object, struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;

	if (!cell) {
		return 0;
	}
	return ADD(object,
	    SD_JSON_BUILD_PAIR("focused",
		SD_JSON_BUILD_OBJECT(
		    SD_JSON_BUILD_PAIR_STRING("output", cell->output->wlr_output->name),
		    SD_JSON_BUILD_PAIR_INTEGER("cell", cell - cell->output->cells),
		    SD_JSON_BUILD_PAIR_STRING("guest", cell->guest ? cell->guest->id : ""))));
}

int control_list_state(struct ph_session *session, sd_json_variant **state)
{
	sd_json_variant *guests = NULL, *outputs = NULL;
	int status;

	if ((status = control_list_guests(session, &guests)) >= 0 &&
	    (status = control_list_outputs(session, false, &outputs)) >= 0 &&
	    (status = ADD(state, SD_JSON_BUILD_PAIR_VARIANT("guests", guests),
		 SD_JSON_BUILD_PAIR_VARIANT("outputs", outputs),
		 SD_JSON_BUILD_PAIR_BOOLEAN("locked", lock_is_locked(session)))) >= 0) {
		status = add_focus(state, session);
	}
	sd_json_variant_unref(guests);
	sd_json_variant_unref(outputs);
	return status;
}
