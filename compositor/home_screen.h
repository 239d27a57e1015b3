// SPDX-License-Identifier: MIT
#ifndef PH_HOME_SCREEN_H
#define PH_HOME_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#include "host_check.h"
#include "theme.h"

struct ph_session;
struct ph_cell;
struct ph_guest;

/* What the home screen knows besides the guests. */
struct ph_home_screen {
	struct ph_theme theme;
	struct ph_problem *problems; /* of this computer; owned */
	size_t problem_count;
	struct ph_host_check check; /* QEMU may not have answered yet */
	struct wl_event_source *answer, *deadline; /* of the check; NULL: it is over */
	uint64_t places; /* a sum of where guests were shown when it was drawn last */
	struct ph_guest *asked_guest; /* what is asked about; NULL: nothing */
	uint32_t asked;               /* enum phyllome_guest_v1_action */
};

/*
 * Begins to look what is wrong with this computer: nothing waits for it, the
 * screen says it when it is known. False: logged.
 */
bool home_screen_init(struct ph_session *session);
void home_screen_finish(struct ph_session *session);

/* The theme is another one: draws everything of ours again. */
void home_screen_renew_theme(struct ph_session *session);
/* Colours, font or a guest's colour are other ones now: draws everything of ours again. */
void home_screen_apply_config(struct ph_session *session);

/* Draws it for that cell, if the cell shows it and what it shows is not the latest. */
void home_screen_draw(struct ph_session *session, struct ph_cell *cell);

/* The pointer is over it; x and y as for a click. */
void home_screen_hover(struct ph_session *session, struct ph_cell *cell, double x, double y);

/* A key (evdev code) was pressed while no guest has the input. */
void home_screen_key(struct ph_session *session, uint32_t code);
/* The wheel was turned while no guest has the input, down or (less than 0) up. */
void home_screen_scroll(struct ph_session *session, int detents);
/* A click or tap; pixels inside the cell. Rows, answers, the line "more below" and the keys at the lower edge can be clicked. */
void home_screen_click(struct ph_session *session, struct ph_cell *cell, double x, double y);

#endif
