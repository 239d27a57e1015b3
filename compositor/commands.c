// SPDX-License-Identifier: MIT
#include "commands.h"

#include <stdio.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "config_file.h"
#include "guest.h"
#include "guest_protocol.h"
#include "lock.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "seat.h"
#include "session.h"

static void show(struct ph_session *session, const struct ph_command *command)
{
	struct ph_guest *guest = guests_by_number(session, command->number);

	if (!guest) {
		char text[64];
		snprintf(text, sizeof(text), "There is no guest %u.", command->number);
		notice_show(session, text, NULL, NULL);
	} else if (command->kind == PH_COMMAND_SHOW) {
		guests_show(session, guest);
	} else {
		guests_show_here(session, guest);
	}
}

/* Shows a guest that placement named, if it is still there. */
static void show_id(struct ph_session *session, const char *id)
{
	struct ph_guest *guest = id ? guests_by_id(session, id) : NULL;

	if (guest) {
		guests_show(session, guest);
	} else if (id) {
		placement_forget_guest(&session->placement, id);
	}
}

static void pause(struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;
	struct ph_guest *guest = cell ? cell->guest : NULL;

	if (!guest || !guest->control) {
		return;
	}
	if (guest->state == PH_GUEST_RUNNING) {
		guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_PAUSE);
	} else if (guest->state == PH_GUEST_PAUSED) {
		guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_RESUME);
	}
}

static void next_scale(struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;

	if (cell && cell->guest) {
		cell->guest->scale = (cell->guest->scale + 1) % PH_SCALE_COUNT;
		wlr_log(WLR_INFO, "guest %s: its picture is scaled: %s", cell->guest->id,
		    layout_scale_name(cell->guest->scale));
		arrange(session);
	}
}

static void switch_vt(struct ph_session *session, unsigned number)
{
	if (session->wlr_session) {
		wlr_session_change_vt(session->wlr_session, number);
	}
}

/* False: the command is no business of this function. */
static bool run_placement(struct ph_session *session, const struct ph_command *command)
{
	struct ph_placement *placement = &session->placement;

	switch (command->kind) {
	case PH_COMMAND_SHOW:
	case PH_COMMAND_SHOW_HERE:
		show(session, command);
		return true;
	case PH_COMMAND_RECENT:
	case PH_COMMAND_RECENT_BACK:
		if (views_step(session)) {
			return true;
		}
		show_id(session,
		    placement_recent_step(placement, command->kind == PH_COMMAND_RECENT ? 1 : -1));
		return true;
	case PH_COMMAND_LAST:
		if (!views_toggle(session)) {
			show_id(session, placement_last(placement));
		}
		return true;
	case PH_COMMAND_HOME:
		guests_show(session, NULL);
		return true;
	case PH_COMMAND_FOCUS:
		placement_focus_direction(placement, command->direction);
		arrange(session);
		views_follow_focus(session);
		return true;
	case PH_COMMAND_MOVE:
		placement_move(placement, command->direction);
		arrange(session);
		return true;
	case PH_COMMAND_SPLIT:
		placement_split(placement);
		arrange(session);
		return true;
	default:
		return false;
	}
}

void command_run(struct ph_session *session, const struct ph_command *command)
{
	/* Whoever asks has looked already; nobody who forgets it opens the session. */
	if (lock_is_locked(session) && !command_works_locked(command->kind)) {
		return;
	}
	if (run_placement(session, command)) {
		overview_hide(session);
		pointer_follow_focus(session);
		return;
	}
	switch (command->kind) {
	case PH_COMMAND_OVERVIEW:
		overview_toggle(session);
		break;
	case PH_COMMAND_SEND:
		keyboards_send_chord(session, command->chord, command->chord_count);
		break;
	case PH_COMMAND_GRAB:
		keyboards_grab(session);
		break;
	case PH_COMMAND_RELOAD:
		config_file_reload(session);
		break;
	case PH_COMMAND_SCALE:
		next_scale(session);
		break;
	case PH_COMMAND_PAUSE:
		pause(session);
		break;
	case PH_COMMAND_LOCK:
		lock_run(session);
		break;
	case PH_COMMAND_RUN:
		host_program_run(session, (const char *const *)command->program);
		break;
	case PH_COMMAND_BRIGHTNESS:
		logind_brightness(
		    session, command->number, command->direction == PH_DIRECTION_UP);
		break;
	case PH_COMMAND_SUSPEND:
		logind_suspend(session);
		break;
	case PH_COMMAND_LOGOUT:
		wlr_log(WLR_INFO, "session: ended by its key");
		wl_display_terminate(session->display);
		break;
	case PH_COMMAND_VT:
		switch_vt(session, command->number);
		break;
	default:
		break;
	}
}

void command_settle(struct ph_session *session)
{
	placement_recent_done(&session->placement);
	views_settle(session);
	recall_note(session);
}
