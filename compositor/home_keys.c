// SPDX-License-Identifier: MIT
#include <linux/input-event-codes.h>

#include "cell.h"
#include "chord.h"
#include "commands.h"
#include "guest_protocol.h"
#include "guests.h"
#include "home_screen.h"
#include "home_view.h"
#include "keymap.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "session.h"

/* What a person does on the first screen: keys, pointer, fingers. */

static void select_guest(struct ph_session *session, struct ph_guest *guest)
{
	if (guest && session->guests.selected != guest) {
		session->guests.selected = guest;
		guests_redraw_home(session);
	}
}

static struct ph_guest *nth_guest(struct ph_session *session, size_t index)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (index-- == 0) {
			return guest;
		}
	}
	return NULL;
}

static void step(struct ph_session *session, enum ph_direction direction)
{
	const struct ph_cell *cell = session->outputs.focus;
	struct ph_home_view view;

	if (!cell || cell->home_width == 0) {
		return;
	}
	home_view_init(&view, session, cell);
	size_t index = home_step(&view.home, cell->home_width, cell->home_height,
	    (double)cell->output->wlr_output->scale, direction);
	home_view_finish(&view);
	select_guest(session, nth_guest(session, index));
}

static void show(struct ph_session *session, struct ph_guest *guest)
{
	if (guest) {
		if (guest->state == PH_GUEST_LOST) {
			guest_start(guest); /* its reason has been read */
		}
		command_run(
		    session, &(struct ph_command){.kind = PH_COMMAND_SHOW, .number = guest->number});
	}
}

static void ask(struct ph_session *session, struct ph_guest *guest, uint32_t action)
{
	session->home.asked_guest = guest;
	session->home.asked = action;
	guests_redraw_home(session);
}

static void answer(struct ph_session *session, bool yes)
{
	struct ph_guest *guest = session->home.asked_guest;

	session->home.asked_guest = NULL;
	if (yes && guest->control) {
		guest_send_action(guest, session->home.asked);
	}
	guests_redraw_home(session);
}

/*
 * The letter of that key, 'a' to 'z', as keys are bound by letters: of whichever layout
 * has it, and else by its place on a US keyboard; 0: there is none.
 */
static char find_letter(struct ph_session *session, uint32_t code)
{
	uint32_t codes[26];

	keymap_find_letters(session->config_file.keymap, codes);
	for (int i = 0; i < 26; i++) {
		char letter = (char)('a' + i);
		if (code == (codes[i] ? codes[i] : chord_key_code(&letter, 1))) {
			return letter;
		}
	}
	return 0;
}

/* What is done to the machine of the selected guest. */
static void act(struct ph_session *session, char letter)
{
	struct ph_guest *guest = session->guests.selected;

	if (!guest || !guest->control ||
	    (guest->state != PH_GUEST_RUNNING && guest->state != PH_GUEST_PAUSED)) {
		return;
	}
	switch (letter) {
	case 's':
		guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_POWERDOWN);
		break;
	case 'p':
		guest_send_action(guest, guest->state == PH_GUEST_PAUSED
					     ? PHYLLOME_GUEST_V1_ACTION_RESUME
					     : PHYLLOME_GUEST_V1_ACTION_PAUSE);
		break;
	case 'r':
		ask(session, guest, PHYLLOME_GUEST_V1_ACTION_RESET);
		break;
	case 'k':
		ask(session, guest, PHYLLOME_GUEST_V1_ACTION_KILL);
		break;
	default:
		break;
	}
}

static void answer_by_key(struct ph_session *session, uint32_t code)
{
	if (code == KEY_ENTER || code == KEY_KPENTER || find_letter(session, code) == 'y') {
		answer(session, true);
	} else if (code == KEY_ESC || find_letter(session, code) == 'n') {
		answer(session, false);
	}
}

void home_screen_key(struct ph_session *session, uint32_t code)
{
	if (session->home.asked_guest) {
		answer_by_key(session, code);
		return;
	}
	switch (code) {
	case KEY_UP:
		step(session, PH_DIRECTION_UP);
		break;
	case KEY_DOWN:
	case KEY_TAB:
		step(session, PH_DIRECTION_DOWN);
		break;
	case KEY_LEFT:
		step(session, PH_DIRECTION_LEFT);
		break;
	case KEY_RIGHT:
		step(session, PH_DIRECTION_RIGHT);
		break;
	case KEY_ENTER:
	case KEY_KPENTER:
		show(session, session->guests.selected);
		break;
	case KEY_ESC:
		command_run(session, &(struct ph_command){.kind = PH_COMMAND_LAST});
		break;
	default:
		if (code >= KEY_1 && code <= KEY_0) {
			show(session, guests_by_number(session, code - KEY_1 + 1));
		} else {
			act(session, find_letter(session, code));
		}
		break;
	}
}

/* The guest whose row is there; NULL: none. */
static struct ph_guest *find_row(struct ph_session *session, const struct ph_home_view *view,
    const struct ph_cell *cell, double x, double y)
{
	return nth_guest(session, home_hit(&view->home, cell->home_width, cell->home_height,
				      (double)cell->output->wlr_output->scale, x, y));
}

void home_screen_hover(struct ph_session *session, struct ph_cell *cell, double x, double y)
{
	struct ph_home_view view;

	if (session->home.asked_guest || cell->home_width == 0) {
		return;
	}
	home_view_init(&view, session, cell);
	struct ph_guest *guest = find_row(session, &view, cell, x, y);
	home_view_finish(&view);
	select_guest(session, guest);
}

static void do_deed(struct ph_session *session, const struct ph_home_deed *deed)
{
	if (deed->letter == '\n') {
		show(session, session->guests.selected);
	} else if (deed->letter) {
		act(session, deed->letter);
	} else if (deed->kind != PH_COMMAND_NONE) {
		command_run(session, &(struct ph_command){.kind = deed->kind});
	}
}

void home_screen_click(struct ph_session *session, struct ph_cell *cell, double x, double y)
{
	double scale = (double)cell->output->wlr_output->scale;
	int width = cell->home_width, height = cell->home_height;
	enum ph_home_answer given = PH_HOME_NO_ANSWER;
	struct ph_home_deed deed = {0};
	struct ph_guest *guest = NULL;
	struct ph_home_view view;

	home_view_init(&view, session, cell);
	if (session->home.asked_guest) {
		given = home_hit_answer(&view.home, width, height, scale, x, y);
	} else {
		size_t key = home_hit_key(&view.home, width, height, scale, x, y);
		size_t more = home_hit_more(&view.home, width, height, scale, x, y);
		guest = find_row(session, &view, cell, x, y);
		if (!guest && more != SIZE_MAX && key == SIZE_MAX) {
			select_guest(session, nth_guest(session, more));
		}
		deed = key < view.home.key_count ? view.deeds[key] : deed;
	}
	home_view_finish(&view);
	if (given != PH_HOME_NO_ANSWER) {
		answer(session, given == PH_HOME_YES);
	}
	show(session, guest);
	do_deed(session, &deed);
}

void home_screen_scroll(struct ph_session *session, int detents)
{
	for (; detents > 0 && !session->home.asked_guest; detents--) {
		step(session, PH_DIRECTION_DOWN);
	}
	for (; detents < 0 && !session->home.asked_guest; detents++) {
		step(session, PH_DIRECTION_UP);
	}
}
