// SPDX-License-Identifier: MIT
#include "pointer_theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>

#include "config_values.h"
#include "pointer.h"
#include "session.h"

#define SIZE_DEFAULT 24

static char *copy_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? config_copy_text(value) : NULL;
}

/* What was there before the session set it. */
static unsigned read_size(void)
{
	const char *value = getenv("XCURSOR_SIZE");
	unsigned size;

	if (!value || !*value) {
		return SIZE_DEFAULT;
	}
	if (!config_parse_number(value, PH_POINTER_SIZE_MIN, PH_POINTER_SIZE_MAX, &size)) {
		wlr_log(WLR_ERROR, "start: XCURSOR_SIZE is '%.32s', expected %d to %d; it is taken as %d", value,
		    PH_POINTER_SIZE_MIN, PH_POINTER_SIZE_MAX, SIZE_DEFAULT);
		return SIZE_DEFAULT;
	}
	return size;
}

static void tell_programs(const char *name, unsigned size)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", size);
	setenv("XCURSOR_SIZE", text, true);
	if (name) {
		setenv("XCURSOR_THEME", name, true);
	} else {
		unsetenv("XCURSOR_THEME");
	}
}

static const char *choose_name(const struct ph_session *session)
{
	const char *name = session->config.theme.cursor;

	return name ? name : session->seat.theme.name;
}

static unsigned choose_size(const struct ph_session *session)
{
	unsigned size = session->config.theme.cursor_size;

	return size ? size : session->seat.theme.size;
}

static struct wlr_xcursor_manager *make(struct ph_session *session)
{
	tell_programs(choose_name(session), choose_size(session));
	return wlr_xcursor_manager_create(choose_name(session), choose_size(session));
}

bool pointer_theme_init(struct ph_session *session)
{
	struct ph_pointer_theme *theme = &session->seat.theme;

	theme->name = copy_variable("XCURSOR_THEME");
	theme->size = read_size();
	session->seat.xcursor = make(session);
	return session->seat.xcursor != NULL;
}

void pointer_theme_apply_config(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;
	struct wlr_xcursor_manager *old = seat->xcursor, *now;
	const char *name = choose_name(session);
	bool same = name && old->name ? strcmp(name, old->name) == 0 : name == old->name;

	if ((same && choose_size(session) == old->size) || !(now = make(session))) {
		return;
	}
	seat->xcursor = now;
	/* The cursor keeps what it was given, for monitors that come. */
	wlr_cursor_unset_image(seat->cursor);
	wlr_xcursor_manager_destroy(old);
	seat->cursor_shown = NULL;
	if (host_input_has_pointer(session)) {
		wlr_cursor_set_xcursor(seat->cursor, seat->xcursor, "default");
	}
	pointer_refresh_image(session);
}

void pointer_theme_finish(struct ph_session *session)
{
	struct ph_seat *seat = &session->seat;

	if (seat->xcursor) {
		wlr_xcursor_manager_destroy(seat->xcursor);
		seat->xcursor = NULL;
	}
	free(seat->theme.name);
	seat->theme.name = NULL;
}
