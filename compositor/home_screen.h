// SPDX-License-Identifier: MIT
#ifndef PH_HOME_SCREEN_H
#define PH_HOME_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "host_check.h"

struct ph_session;
struct ph_output;

/* What the home screen knows besides the guests. */
struct ph_home_screen {
	struct ph_problem *problems; /* of this computer; owned */
	size_t problem_count;
};

/* Looks what is wrong with this computer. Always true. */
bool home_screen_init(struct ph_session *session);
void home_screen_finish(struct ph_session *session);

/* Draws it for that output, if the output shows it and what it shows is not the latest. */
void home_screen_draw(struct ph_output *output);

/* A key (evdev code) was pressed while no guest has the input. */
void home_screen_key(struct ph_session *session, uint32_t code);
/* A click or tap; output pixels. */
void home_screen_click(struct ph_output *output, double ox, double oy);

#endif
