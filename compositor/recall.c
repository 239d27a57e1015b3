// SPDX-License-Identifier: MIT
#include "recall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "placement_file.h"
#include "session.h"

/* Makes the directories above path, those of the XDG specification being 0700. */
static bool make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool done = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!done) {
			return false;
		}
	}
	return true;
}

static char *locate(const struct ph_session *session)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;
	int length;

	if (state && state[0] == '/') {
		length = asprintf(&path, "%s/phyllome/placement", state);
	} else if (home && home[0] == '/') {
		length = asprintf(&path, "%s/.local/state/phyllome/placement", home);
	} else {
		length = asprintf(&path, "%s/placement", session->runtime);
	}
	if (length < 0) {
		abort();
	}
	return path;
}

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
	recall->path = locate(session);
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

/* All of it or nothing: a full disk leaves what was there. */
static bool write_file(const char *path, const char *text)
{
	char new_path[4096];
	size_t length = strlen(text);

	snprintf(new_path, sizeof(new_path), "%s.new", path);
	FILE *file = fopen(new_path, "we");
	if (!file) {
		return false;
	}
	bool done = fwrite(text, 1, length, file) == length;
	done = fclose(file) == 0 && done && rename(new_path, path) == 0;
	if (!done) {
		int error = errno;
		unlink(new_path);
		errno = error;
	}
	return done;
}

static void save(struct ph_session *session)
{
	struct ph_recall *recall = &session->recall;
	char *text = to_text(session);

	if (recall->written && strcmp(recall->written, text) == 0) {
		free(text);
		return;
	}
	if (make_parents(recall->path) && write_file(recall->path, text)) {
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
