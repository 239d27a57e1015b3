// SPDX-License-Identifier: MIT
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "appearance.h"
#include "declared.h"
#include "guest_store.h"
#include "keymap.h"
#include "pointer_theme.h"
#include "session.h"

#define SYSTEM_FILE "/etc/xdg/phyllome/session.scfg"

static const char *const keymap_files[] = {"/etc/vconsole.conf", "/etc/default/keyboard", NULL};

char *config_file_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *text = NULL;

	*size = 0;
	if (fd < 0) {
		return NULL;
	}
	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
	} else if ((text = malloc(PH_SESSION_CONFIG_SIZE_MAX + 1))) {
		/* One byte more than is allowed: too large a file is refused as such. */
		ssize_t got = 1;
		while (got > 0 && *size <= PH_SESSION_CONFIG_SIZE_MAX) {
			got = read(fd, text + *size, PH_SESSION_CONFIG_SIZE_MAX + 1 - *size);
			*size += got > 0 ? (size_t)got : 0;
		}
		if (got < 0) {
			free(text);
			text = NULL;
		}
	}
	int error = errno;
	close(fd);
	errno = error;
	return text;
}

/* The first file that exists, to be freed; NULL: none. */
static char *find_file(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;

	if (base && base[0] == '/') {
		if (asprintf(&path, "%s/phyllome/session.scfg", base) < 0) {
			abort();
		}
	} else if (home && home[0] == '/' &&
		   asprintf(&path, "%s/.config/phyllome/session.scfg", home) < 0) {
		abort();
	}
	if (path && access(path, F_OK) == 0) {
		return path;
	}
	free(path);
	if (access(SYSTEM_FILE, F_OK) < 0) {
		return NULL;
	}
	path = strdup(SYSTEM_FILE);
	if (!path) {
		abort();
	}
	return path;
}

/*
 * Reads and checks everything there is to read. False: error says what is wrong,
 * config and keymap are left alone. True: so it does, or it is "".
 */
static bool load(const char *path, struct ph_config *config, struct xkb_keymap **keymap,
    char error[PH_SESSION_CONFIG_ERROR_MAX])
{
	struct ph_config new_config;
	uint32_t letters[26];

	if (path) {
		size_t size;
		char *text = config_file_read(path, &size);
		if (!text) {
			snprintf(error, PH_SESSION_CONFIG_ERROR_MAX,
			    "%s: cannot be read (%s); make it readable, or remove it", path,
			    strerror(errno));
			return false;
		}
		bool ok = config_parse(&new_config, path, text, size, error);
		free(text);
		if (!ok) {
			return false;
		}
	} else {
		config_init(&new_config);
	}
	char wrong[PH_KEYMAP_WRONG_MAX];
	struct xkb_keymap *new_keymap = keymap_create(&new_config.keymap, keymap_files, wrong);
	if (!new_keymap) {
		snprintf(error, PH_SESSION_CONFIG_ERROR_MAX,
		    "%s:%d: input keyboard: there is no keymap with layout '%s'%s%s; the names are in "
		    "xkeyboard-config(7)",
		    path ? path : "the defaults", new_config.keymap.line,
		    new_config.keymap.layout ? new_config.keymap.layout : "of the system",
		    new_config.keymap.variant ? " and variant " : "",
		    new_config.keymap.variant ? new_config.keymap.variant : "");
		config_finish(&new_config);
		return false;
	}
	keymap_find_letters(new_keymap, letters);
	config_place_letters(&new_config, letters);
	snprintf(error, PH_SESSION_CONFIG_ERROR_MAX, "%s", wrong);
	*config = new_config;
	*keymap = new_keymap;
	return true;
}

/*
 * Logs the line, if it is one, and keeps it in *place. It quotes the file, which may
 * have anything in it, and cuts what it quotes: JSON takes whole characters only.
 */
static void keep_line(char **place, char *line)
{
	guest_store_clean_line(line);
	free(*place);
	*place = line[0] ? strdup(line) : NULL;
	if (*place) {
		wlr_log(WLR_ERROR, "config: %s", line);
	}
}

/* Loads the file that counts now. */
static bool load_current(
    struct ph_session *session, struct ph_config *config, struct xkb_keymap **keymap)
{
	struct ph_config_file *file = &session->config_file;
	char *path = session->options.config ? strdup(session->options.config) : find_file();
	char line[PH_SESSION_CONFIG_ERROR_MAX];
	bool ok = load(path, config, keymap, line);

	free(path);
	char none[] = "";
	keep_line(&file->error, ok ? none : line);
	keep_line(&file->warning, ok ? line : none);
	return ok;
}

/* Everything that follows the configuration while it runs. */
static void apply(struct ph_session *session)
{
	seat_apply_config(session);
	pointer_theme_apply_config(session);
	input_apply_config(session);
	outputs_apply_config(session);
	idle_policy_apply_config(session);
	host_input_apply_config(session);
	appearance_apply_config(session);
	home_screen_apply_config(session);
	guests_apply_config(session);
	declared_renew(session);
}

static void handle_idle(void *data)
{
	struct ph_session *session = data;
	struct ph_config config, old = session->config;
	struct xkb_keymap *keymap;

	session->config_file.idle = NULL;
	if (!load_current(session, &config, &keymap)) {
		wlr_log(WLR_ERROR, "config: everything stays as it was");
		notice_show(session, session->config_file.error, NULL, NULL);
		return;
	}
	session->config = config;
	xkb_keymap_unref(session->config_file.keymap);
	session->config_file.keymap = keymap;
	wlr_log(WLR_INFO, "config: %s", config.path ? config.path : "no file, all defaults");
	apply(session);
	config_finish(&old); /* only now does nobody use it any more */
	config_file_tell(session);
}

void config_file_reload(struct ph_session *session)
{
	/* The command that asks for it belongs to the configuration. */
	if (!session->config_file.idle) {
		session->config_file.idle =
		    wl_event_loop_add_idle(session->loop, handle_idle, session);
	}
}

static int handle_hangup(int signal_number, void *data)
{
	config_file_reload(data);
	return 0;
}

bool config_file_init(struct ph_session *session)
{
	struct ph_config_file *file = &session->config_file;
	char line[PH_SESSION_CONFIG_ERROR_MAX];

	if (session->options.config && access(session->options.config, R_OK) < 0) {
		wlr_log_errno(WLR_ERROR, "start: --config %s", session->options.config);
		return false;
	}
	if (!load_current(session, &session->config, &file->keymap)) {
		if (!load(NULL, &session->config, &file->keymap, line)) {
			wlr_log(WLR_ERROR, "start: %s; is xkeyboard-config (xkb-data) installed?", line);
			return false;
		}
		keep_line(&file->warning, line);
	}
	file->hangup = wl_event_loop_add_signal(session->loop, SIGHUP, handle_hangup, session);
	if (!file->hangup) {
		wlr_log_errno(WLR_ERROR, "start: cannot watch for SIGHUP");
	}
	return file->hangup != NULL;
}

void config_file_tell(struct ph_session *session)
{
	const struct ph_config_file *file = &session->config_file;

	if (file->error || file->warning) {
		notice_show(session, file->error ? file->error : file->warning, NULL, NULL);
	}
}

void config_file_finish(struct ph_session *session)
{
	struct ph_config_file *file = &session->config_file;

	if (file->hangup) {
		wl_event_source_remove(file->hangup);
	}
	if (file->idle) {
		wl_event_source_remove(file->idle);
	}
	xkb_keymap_unref(file->keymap);
	free(file->error);
	free(file->warning);
	*file = (struct ph_config_file){0};
	config_finish(&session->config);
}
