// SPDX-License-Identifier: MIT
#include "recall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/util/log.h>

#include "placement_file.h"
#include "session.h"
#include "state_file.h"

static char *to_text(const struct ph_session *session)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file || !placement_write(&session->placement, file) || fclose(file) != 0) {
		abort();
	}
	return text;
}

bool recall_init(struct ph_session *session)
{
	struct ph_recall *recall = &session->recall;
	char error[256], aside[4096];

	placement_init(&session->placement);
	recall->path = state_file_locate("placement", session->runtime);
	FILE *file = fopen(recall->path, "re");
	if (!file) {
		if (errno != ENOENT) {
			wlr_log_errno(WLR_ERROR, "placement: cannot read %s; guests are placed anew", recall->path);
		}
		return true;
	}
	if (!placement_read(&session->placement, file, error, sizeof(error))) {
		snprintf(aside, sizeof(aside), "%s.broken", recall->path);
		rename(recall->path, aside);
		wlr_log(WLR_ERROR, "placement: %s:%s; guests are placed anew, the file is now %s",
		    recall->path, error, aside);
	}
	fclose(file);
	return true;
}

static void save(struct ph_session *session)
{
	struct ph_recall *recall = &session->recall;
	char *text = to_text(session);

	if (recall->written && strcmp(recall->written, text) == 0) {
		free(text);
		return;
	}
	if (state_file_write(recall->path, text, false)) {
		free(recall->written);
		recall->written = text;
		recall->failed = false;
		return;
	}
	if (!recall->failed) {
		wlr_log_errno(WLR_ERROR, "placement: cannot write %s; where guests are is forgotten at the end",
		    recall->path);
	}
	recall->failed = true;
	free(text);
}

static void handle_idle(void *data)
{
	struct ph_session *session = data;

	session->recall.pending = NULL;
	save(session);
}

void recall_note(struct ph_session *session)
{
	struct ph_recall *recall = &session->recall;

	/* Nothing is worth remembering while there is no monitor. */
	if (!recall->pending && session->placement.sets[0]->output_count > 0) {
		recall->pending = wl_event_loop_add_idle(session->loop, handle_idle, session);
	}
}

void recall_finish(struct ph_session *session)
{
	struct ph_recall *recall = &session->recall;

	if (recall->pending) {
		wl_event_source_remove(recall->pending);
		save(session);
	}
	free(recall->path);
	free(recall->written);
	placement_finish(&session->placement);
}
