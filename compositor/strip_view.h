// SPDX-License-Identifier: MIT
#ifndef PH_STRIP_VIEW_H
#define PH_STRIP_VIEW_H

#include <stddef.h>

#include "capture.h"
#include "chord.h"
#include "guest_head.h"
#include "guest_state.h"
#include "strip.h"

struct ph_command;
struct ph_guest;
struct ph_session;

#define PH_STRIP_VIEW_BUTTONS 14

/* What the strip is to show now, and the memory that it is in. Not to be moved: strip points into it. */
struct ph_strip_view {
	struct ph_strip strip;
	struct ph_strip_guest *guests;
	char (*places)[PH_GUEST_PLACES_SIZE];
	char keys[PH_STRIP_VIEW_BUTTONS][PH_CHORD_TEXT_MAX];
	struct ph_strip_button buttons[PH_STRIP_VIEW_BUTTONS];
	char clock[16], date[32];
	struct ph_way_out way_out;
};

/* For the strip's output. To be finished before a guest or the theme changes, which it points to. */
void strip_view_init(struct ph_strip_view *view, struct ph_session *session);
void strip_view_finish(struct ph_strip_view *view);

/* The colour and form of a state's dot, wherever guests are listed. */
enum ph_theme_tone strip_view_tone(enum ph_guest_state state);

/* Fills in what is known of a guest but where it is shown and whether it has the focus. */
void strip_view_describe_guest(const struct ph_guest *guest, struct ph_strip_guest *out);

/* What that button of a view does. */
const struct ph_command *strip_view_command(size_t button);

#endif
