// SPDX-License-Identifier: MIT
#include "output_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "monitor_memory.h"
#include "output_settings.h"
#include "session.h"
#include "state_file.h"

/* Those that are plugged in and not under the lid. */
struct present {
	struct ph_output *outputs[PH_PLACEMENT_OUTPUTS_MAX];
	struct ph_plugged monitors[PH_PLACEMENT_OUTPUTS_MAX];
	char identities[PH_PLACEMENT_OUTPUTS_MAX][PH_PLACEMENT_IDENTITY_SIZE];
	size_t count;
};

static void look(struct ph_session *session, struct present *present)
{
	struct ph_output *output;

	present->count = 0;
	wl_list_for_each(output, &session->outputs.list, link) {
		const struct wlr_output *wlr_output = output->wlr_output;
		size_t at = present->count;

		if (output->lidded || at == PH_PLACEMENT_OUTPUTS_MAX) {
			continue;
		}
		placement_identify(wlr_output->make, wlr_output->model, wlr_output->serial,
		    wlr_output->name, false, present->identities[at]);
		present->monitors[at] = (struct ph_plugged){wlr_output->name, present->identities[at]};
		present->outputs[at] = output;
		present->count++;
	}
}

void output_plan_choose(const struct ph_output *output, struct ph_plan *plan)
{
	struct ph_session *session = output->session;
	struct present present;

	look(session, &present);
	for (size_t i = 0; i < present.count; i++) {
		if (present.outputs[i] == output) {
			monitor_plan_choose(&session->config, &session->output_plans.memory, present.monitors,
			    present.count, i, plan);
			return;
		}
	}
	*plan = (struct ph_plan){.source = PH_PLAN_NONE};
}

/* How it is now. */
static struct ph_config_output describe(const struct ph_output *output, const char *name)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	struct ph_config_output now = {.name = (char *)name, .transform = -1, .adaptive_sync = -1};
	struct wlr_box box;

	if (!output_is_on(output)) {
		now.off = true;
		return now;
	}
	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &box);
	now.width = wlr_output->width;
	now.height = wlr_output->height;
	now.refresh = wlr_output->refresh;
	now.scale = (double)wlr_output->scale;
	now.positioned = true;
	now.x = box.x;
	now.y = box.y;
	now.transform = (int)wlr_output->transform;
	now.adaptive_sync = (int)output->sync.adaptive;
	return now;
}

/* By what it is, but of twins by the connector. */
static const char *choose_name(const struct present *present, size_t which)
{
	for (size_t i = 0; i < present->count; i++) {
		if (i != which && strcmp(present->identities[i], present->identities[which]) == 0) {
			return present->monitors[which].connector;
		}
	}
	return present->identities[which];
}

static void save(struct ph_output_plans *plans)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file || !monitor_memory_write(&plans->memory, file) || fclose(file) != 0) {
		abort();
	}
	bool done = state_file_write(plans->path, text, false);
	if (!done && !plans->failed) {
		wlr_log_errno(WLR_ERROR,
		    "monitors: cannot write %s; how monitors are set is forgotten at the end", plans->path);
	}
	plans->failed = !done;
	free(text);
}

void output_plans_note(struct ph_session *session)
{
	struct ph_config_output outputs[PH_PLACEMENT_OUTPUTS_MAX];
	struct present present;
	size_t count = 0;
	bool any = false;

	look(session, &present);
	for (size_t i = 0; i < present.count; i++) {
		struct ph_output *output = present.outputs[i];
		const struct wlr_output *wlr_output = output->wlr_output;
		const struct ph_config_output *block =
		    output_settings_find(&session->config, wlr_output);

		if (wlr_output_is_wl(output->wlr_output) || wlr_output_is_x11(output->wlr_output)) {
			return; /* the size of a window is its window manager's */
		}
		if (!(block && block->off)) {
			outputs[count] = describe(output, choose_name(&present, i));
			any = any || !outputs[count].off;
			count++;
		}
	}
	/* Nobody wants to log in to a screen that is off. */
	if (any) {
		monitor_memory_note(&session->output_plans.memory, outputs, count);
		save(&session->output_plans);
	}
	for (size_t i = 0; i < present.count; i++) {
		output_plan_choose(present.outputs[i], &present.outputs[i]->plan);
	}
}

bool output_plans_init(struct ph_session *session)
{
	struct ph_output_plans *plans = &session->output_plans;
	char error[PH_SESSION_CONFIG_ERROR_MAX], aside[4096];
	size_t size;

	plans->path = state_file_locate("monitors", session->runtime);
	char *text = config_file_read(plans->path, &size);
	if (!text) {
		if (errno != ENOENT) {
			wlr_log_errno(WLR_ERROR, "monitors: cannot read %s; monitors are set anew", plans->path);
		}
		return true;
	}
	if (!config_parse(&plans->memory, plans->path, text, size, error)) {
		snprintf(aside, sizeof(aside), "%s.broken", plans->path);
		rename(plans->path, aside);
		wlr_log(WLR_ERROR, "monitors: %s; monitors are set anew, the file is now %s", error, aside);
	}
	free(text);
	return true;
}

void output_plans_finish(struct ph_session *session)
{
	struct ph_output_plans *plans = &session->output_plans;

	config_finish(&plans->memory);
	free(plans->path);
	*plans = (struct ph_output_plans){0};
}
