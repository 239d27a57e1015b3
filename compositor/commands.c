// SPDX-License-Identifier: MIT
#include "commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "config_file.h"
#include "guest.h"
#include "guests.h"
#include "guest_protocol.h"
#include "lock.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "seat.h"
#include "session.h"

/* Why something is not done; false. */
static bool refuse(char error[PH_COMMAND_ERROR_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(char error[PH_COMMAND_ERROR_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, PH_COMMAND_ERROR_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

struct ph_guest *command_find_guest(struct ph_session *session, const char *text)
{
	char *end;

	if (!text[0] || text[strspn(text, "0123456789")]) {
		return guests_by_id(session, text);
	}
	unsigned long number = strtoul(text, &end, 10);
	return number <= UINT32_MAX ? guests_by_number(session, (unsigned)number) : NULL;
}

struct ph_output *command_find_output(struct ph_session *session, const char *name)
{
	const struct ph_placement_set *set = session->placement.sets[0];
	struct ph_output *output;

	for (size_t i = 0; i < set->output_count && (output = outputs_nth(session, i)); i++) {
		if (strcmp(output->wlr_output->name, name) == 0 ||
		    strcmp(set->outputs[i].identity, name) == 0) {
			return output;
		}
	}
	return NULL;
}

static bool show(struct ph_session *session, const struct ph_command *command, char *error)
{
	struct ph_guest *guest = guests_by_number(session, command->number);

	if (!guest) {
		return refuse(error, "There is no guest %u.", command->number);
	}
	guest_want(guest);
	if (command->kind == PH_COMMAND_SHOW) {
		guests_show(session, guest);
	} else {
		guests_show_here(session, guest);
	}
	return true;
}

/* The running guest whose number follows; the last one's first. */
static bool step(struct ph_session *session, bool back, char *error)
{
	const struct ph_cell *cell = session->outputs.focus;
	const struct ph_guest *from = cell ? cell->guest : NULL;
	struct ph_guest *guest, *first = NULL, *last = NULL, *before = NULL, *after = NULL;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest == from || !guest_state_has_machine(guest->state)) {
			continue;
		}
		first = first ? first : guest;
		last = guest;
		if (from && guest->number < from->number) {
			before = guest;
		} else if (!after) {
			after = guest;
		}
	}
	guest = back ? (before ? before : last) : (after ? after : first);
	if (!guest) {
		return refuse(error, "No other guest runs.");
	}
	guests_show(session, guest);
	return true;
}

/* Shows a guest that placement named; who only goes past it starts nothing. */
static bool show_id(struct ph_session *session, const char *id, char *error)
{
	struct ph_guest *guest = id ? guests_by_id(session, id) : NULL;

	if (guest) {
		guests_show(session, guest);
		return true;
	}
	return refuse(error, "No other guest was shown before.");
}

/* Puts a head on a monitor from outside. */
static bool place(struct ph_session *session, const struct ph_command *command, char *error)
{
	struct ph_guest *guest = command_find_guest(session, command->program[0]);
	struct ph_output *output = command_find_output(session, command->program[1]);
	unsigned head = command->number, heads;

	if (!guest) {
		return refuse(error, "There is no guest %.64s.", command->program[0]);
	}
	if (!output) {
		return refuse(error, "There is no monitor %.128s, or it is off.", command->program[1]);
	}
	heads = guest_head_count(guest);
	if (guest->state == PH_GUEST_RUNNING && head > heads) {
		return refuse(error, "%.64s has %u monitor%s, and no %uth.", guest->title, heads,
		    heads > 1 ? "s" : "", head);
	}
	guest_want(guest);
	guests_place(session, guest, output, head - 1);
	return true;
}

static bool go(struct ph_session *session, const struct ph_command *command, char *error)
{
	static const char *const where[] = {
	    [PH_DIRECTION_LEFT] = "on the left",
	    [PH_DIRECTION_RIGHT] = "on the right",
	    [PH_DIRECTION_UP] = "above",
	    [PH_DIRECTION_DOWN] = "below",
	};
	bool moves = command->kind == PH_COMMAND_MOVE;

	if (!(moves ? placement_move : placement_focus_direction)(
		&session->placement, command->direction)) {
		return refuse(error, "There is no monitor %s.", where[command->direction]);
	}
	arrange(session);
	if (!moves) {
		views_follow_focus(session);
	}
	return true;
}

static const struct {
	const char *name;
	uint32_t action;
} machine_actions[] = {
    {"powerdown", PHYLLOME_GUEST_V1_ACTION_POWERDOWN},
    {"reset", PHYLLOME_GUEST_V1_ACTION_RESET},
    {"kill", PHYLLOME_GUEST_V1_ACTION_KILL},
    {"pause", PHYLLOME_GUEST_V1_ACTION_PAUSE},
    {"resume", PHYLLOME_GUEST_V1_ACTION_RESUME},
};

bool command_act(struct ph_guest *guest, const char *action, char error[PH_COMMAND_ERROR_SIZE])
{
	guest_check_lock(guest);
	const char *why = guest_state_refuses(guest->state, action);

	if (why) {
		return refuse(error, "%.64s %s.", guest->title, why);
	}
	if (strcmp(action, "start") == 0) {
		guest_start(guest);
		return true;
	}
	if (!guest->control) {
		return refuse(error, "%.64s is lost: nothing serves it.", guest->title);
	}
	for (size_t i = 0; i < sizeof(machine_actions) / sizeof(machine_actions[0]); i++) {
		if (strcmp(machine_actions[i].name, action) == 0) {
			guest_send_action(guest, machine_actions[i].action);
		}
	}
	return true;
}

static bool pause(struct ph_session *session, char *error)
{
	const struct ph_cell *cell = session->outputs.focus;
	struct ph_guest *guest = cell ? cell->guest : NULL;

	if (!guest) {
		return refuse(error, "No guest is shown here that could be paused.");
	}
	return command_act(guest, guest->state == PH_GUEST_PAUSED ? "resume" : "pause", error);
}

static bool next_scale(struct ph_session *session, char *error)
{
	const struct ph_cell *cell = session->outputs.focus;

	if (!cell || !cell->guest) {
		return refuse(error, "No guest is shown here whose picture could be scaled.");
	}
	cell->guest->scale = (cell->guest->scale + 1) % PH_SCALE_COUNT;
	wlr_log(WLR_INFO, "guest %s: its picture is scaled: %s", cell->guest->id,
	    layout_scale_name(cell->guest->scale));
	arrange(session);
	return true;
}

static bool switch_vt(struct ph_session *session, unsigned number, char *error)
{
	if (!session->wlr_session) {
		return refuse(error, "This session has no virtual terminals.");
	}
	wlr_session_change_vt(session->wlr_session, number);
	return true;
}

static bool split(struct ph_session *session, char *error)
{
	if (!session->outputs.focus) {
		return refuse(error, "There is no monitor to be divided.");
	}
	placement_split(&session->placement, arrange_count_heads, session);
	arrange(session);
	return true;
}

/* What is about who is shown where; *done: what became of it. False: no business of this function. */
static bool try_placement(
    struct ph_session *session, const struct ph_command *command, bool *done, char *error)
{
	struct ph_placement *placement = &session->placement;
	bool back = command->kind == PH_COMMAND_RECENT_BACK || command->kind == PH_COMMAND_PREVIOUS;

	*done = true;
	switch (command->kind) {
	case PH_COMMAND_SHOW:
	case PH_COMMAND_SHOW_HERE:
		*done = show(session, command, error);
		break;
	case PH_COMMAND_RECENT:
	case PH_COMMAND_RECENT_BACK:
		*done =
		    views_step(session) ||
		    show_id(session, placement_recent_step(placement, back, arrange_count_heads, session),
			error);
		break;
	case PH_COMMAND_LAST:
		*done = views_toggle(session) ||
			show_id(session, placement_last(placement, arrange_count_heads, session), error);
		break;
	case PH_COMMAND_NEXT:
	case PH_COMMAND_PREVIOUS:
		*done = step(session, back, error);
		break;
	case PH_COMMAND_PLACE:
		*done = place(session, command, error);
		break;
	case PH_COMMAND_HOME:
		guests_show(session, NULL);
		break;
	case PH_COMMAND_FOCUS:
	case PH_COMMAND_MOVE:
		*done = go(session, command, error);
		break;
	case PH_COMMAND_SPLIT:
		*done = split(session, error);
		break;
	default:
		return false;
	}
	return true;
}

/* Of the guest that has the input, or had it until something of ours came. */
static bool try_keys(struct ph_session *session, const struct ph_command *command, char *error)
{
	if (!session->seat.focus) {
		return refuse(error, "No guest has the keys now.");
	}
	if (command->kind == PH_COMMAND_GRAB) {
		keyboards_grab(session);
	} else {
		keyboards_send_chord(session, command->chord, command->chord_count);
	}
	return true;
}

static bool try_computer(struct ph_session *session, const struct ph_command *command, char *error)
{
	switch (command->kind) {
	case PH_COMMAND_RUN:
		return host_program_run(session, (const char *const *)command->program) ||
		       refuse(error, "%.128s cannot be started; the log says why.", command->program[0]);
	case PH_COMMAND_BRIGHTNESS:
		return logind_brightness(session, command->number, command->direction == PH_DIRECTION_UP) ||
		       refuse(error, "This computer has no backlight that can be changed.");
	case PH_COMMAND_SUSPEND:
		return logind_suspend(session) ||
		       refuse(error, "The computer cannot be put to sleep: systemd-logind is not here.");
	case PH_COMMAND_VT:
		return switch_vt(session, command->number, error);
	case PH_COMMAND_LOCK:
		lock_run(session);
		return true;
	case PH_COMMAND_RELOAD:
		config_file_reload(session);
		return true;
	case PH_COMMAND_LOGOUT:
		wlr_log(WLR_INFO, "session: ended by its key");
		wl_display_terminate(session->display);
		return true;
	default:
		return true;
	}
}

bool command_try(
    struct ph_session *session, const struct ph_command *command, char error[PH_COMMAND_ERROR_SIZE])
{
	bool done;

	error[0] = '\0';
	/* Whoever asks has looked already; nobody who forgets it opens the session. */
	if (lock_is_locked(session) && !command_works_locked(command->kind)) {
		return refuse(error, "The session is locked.");
	}
	if (command->kind != PH_COMMAND_STRIP) {
		strip_unpin(session);
	}
	if (try_placement(session, command, &done, error)) {
		if (done) {
			overview_hide(session);
			layer_shell_note_click(session, NULL);
			host_input_close_menus(session);
			pointer_follow_focus(session);
		}
		return done;
	}
	switch (command->kind) {
	case PH_COMMAND_OVERVIEW:
		if (!session->outputs.focus) {
			return refuse(error, "There is no monitor.");
		}
		overview_toggle(session);
		return true;
	case PH_COMMAND_STRIP:
		strip_toggle(session);
		return true;
	case PH_COMMAND_SEND:
	case PH_COMMAND_GRAB:
		return try_keys(session, command, error);
	case PH_COMMAND_SCALE:
		return next_scale(session, error);
	case PH_COMMAND_PAUSE:
		return pause(session, error);
	default:
		return try_computer(session, command, error);
	}
}

void command_run(struct ph_session *session, const struct ph_command *command)
{
	char error[PH_COMMAND_ERROR_SIZE];

	if (!command_try(session, command, error)) {
		notice_show(session, error, NULL, NULL);
	}
}

void command_settle(struct ph_session *session)
{
	placement_recent_done(&session->placement);
	views_settle(session);
	recall_note(session);
}
