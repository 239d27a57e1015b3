// SPDX-License-Identifier: MIT
#ifndef PH_CONFIG_FILE_H
#define PH_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <xkbcommon/xkbcommon.h>

struct ph_session;

/* Where ph_session.config comes from. */
struct ph_config_file {
	char *error;               /* why the file that is there is not used, NULL: it is */
	char *warning;             /* what else is wrong, NULL: nothing */
	struct xkb_keymap *keymap; /* of this computer's keyboards, never NULL once started */
	struct wl_event_source *hangup; /* SIGHUP */
	struct wl_event_source *idle;   /* a reload is due, NULL: none */
};

/*
 * Reads session.scfg: that of --config, else of the person, else of the system;
 * without any of them everything has its default. A file with an error is not
 * used, which is logged and kept in ph_config_file.error. False (logged): the file
 * of --config is not there, or not even a default keymap is.
 */
bool config_file_init(struct ph_session *session);
void config_file_finish(struct ph_session *session);

/* Shows what was wrong at the start, now that there is something to show it on. */
void config_file_tell(struct ph_session *session);

/*
 * Reads it again as soon as what happens now is over, and applies it; if it has an
 * error everything stays as it is.
 */
void config_file_reload(struct ph_session *session);

/*
 * A file of that syntax, whole, to be freed; of one that is larger than
 * PH_SESSION_CONFIG_SIZE_MAX one byte more than that. NULL: errno says why.
 */
char *config_file_read(const char *path, size_t *size);

#endif
