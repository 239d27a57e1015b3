// SPDX-License-Identifier: MIT
#ifndef PH_RECALL_H
#define PH_RECALL_H

#include <stdbool.h>
#include <stddef.h>

struct ph_session;
struct wl_event_source;

/* The placement's memory: a file in the user's state directory. */
struct ph_recall {
	char *path;    /* absolute */
	char *written; /* what the file holds, NULL: unknown */
	struct wl_event_source *pending; /* idle source: it is to be written, NULL: not */
	bool failed;   /* it could not be written, which was logged */
};

/*
 * Reads $XDG_STATE_HOME/phyllome/placement (or below ~/.local/state, or the
 * run-time directory when there is no home). A file that is not right is said,
 * put aside as placement.broken, and the session starts with nothing remembered. True.
 */
bool recall_init(struct ph_session *session);
/* Writes what is still to be written. */
void recall_finish(struct ph_session *session);

/* The placement may have changed: it is written once everything else is done. */
void recall_note(struct ph_session *session);

#endif
