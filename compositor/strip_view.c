// SPDX-License-Identifier: MIT
#include "strip_view.h"

#include <assert.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"
#include "guest_head.h"
#include "phyllome-guest-v1-protocol.h"
#include "session.h"

/* The buttons, and what they do; those of each line in the order of their importance. */
static const struct {
	enum ph_strip_line line;
	const char *text;
	struct ph_command command;
} choices[] = {
    {PH_STRIP_SEND, "Ctrl+Alt+Del",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, KEY_DELETE}, .chord_count = 3}},
    {PH_STRIP_SEND, "Super",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTMETA}, .chord_count = 1}},
    {PH_STRIP_SEND, "Ctrl+Alt+F1",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, KEY_F1}, .chord_count = 3}},
    {PH_STRIP_SEND, "Ctrl+Alt+F2",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTALT, KEY_F2}, .chord_count = 3}},
    {PH_STRIP_SEND, "Ctrl+Shift+Esc",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_ESC}, .chord_count = 3}},
    {PH_STRIP_SEND, "Alt+F4",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_LEFTALT, KEY_F4}, .chord_count = 2}},
    {PH_STRIP_SEND, "Print",
	{.kind = PH_COMMAND_SEND, .chord = {KEY_SYSRQ}, .chord_count = 1}},
    {PH_STRIP_COMMAND, "Home", {.kind = PH_COMMAND_HOME}},
    {PH_STRIP_COMMAND, "Overview", {.kind = PH_COMMAND_OVERVIEW}},
    {PH_STRIP_COMMAND, "Next", {.kind = PH_COMMAND_RECENT}},
    {PH_STRIP_COMMAND, "Every key to the guest", {.kind = PH_COMMAND_GRAB}},
    {PH_STRIP_COMMAND, "Split", {.kind = PH_COMMAND_SPLIT}},
    {PH_STRIP_COMMAND, "Lock", {.kind = PH_COMMAND_LOCK}},
    {PH_STRIP_COMMAND, "Pause", {.kind = PH_COMMAND_PAUSE}},
};
static_assert(sizeof(choices) / sizeof(choices[0]) == PH_STRIP_VIEW_BUTTONS, "a button for each");

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory) {
		abort();
	}
	return memory;
}

enum ph_theme_tone strip_view_tone(enum ph_guest_state state)
{
	switch (state) {
	case PH_GUEST_RUNNING:
		return PH_THEME_GOOD;
	case PH_GUEST_STARTING:
	case PH_GUEST_PAUSED:
		return PH_THEME_BUSY;
	case PH_GUEST_LOST:
		return PH_THEME_BAD;
	case PH_GUEST_LOCKED:
		return PH_THEME_LOCKED;
	case PH_GUEST_OFF:
		break;
	}
	return PH_THEME_IDLE;
}

void strip_view_describe_guest(const struct ph_guest *guest, struct ph_strip_guest *out)
{
	*out = (struct ph_strip_guest){
	    .number = guest->number,
	    .name = guest->title,
	    .state = guest_state_name(guest->state),
	    .reason = guest->reason,
	    .tone = strip_view_tone(guest->state),
	    .colour = guest->colour,
	};
}

static void tell_time(struct ph_strip_view *view)
{
	time_t now = time(NULL);
	struct tm local;

	char day[12], month[12];

	if (localtime_r(&now, &local)) {
		strftime(view->clock, sizeof(view->clock), "%H:%M", &local);
		strftime(day, sizeof(day), "%a", &local);
		strftime(month, sizeof(month), "%b", &local);
		snprintf(view->date, sizeof(view->date), "%s %d %s", day, local.tm_mday, month);
	}
}

/* What is pressed with Super, which is held, for the same; false: it has no such chord. */
static bool find_key(
    struct ph_session *session, enum ph_command_kind kind, char text[PH_CHORD_TEXT_MAX])
{
	if (kind == PH_COMMAND_SEND) {
		return false;
	}
	for (size_t i = 0; i < session->config.binding_count; i++) {
		const struct ph_binding *binding = &session->config.bindings[i];
		struct ph_chord chord = binding->chord;
		if (binding->command.kind == kind && chord.modifiers & PH_MODIFIER_SUPER) {
			chord.modifiers &= ~(uint32_t)PH_MODIFIER_SUPER;
			chord_format(&chord, text);
			return true;
		}
	}
	return false;
}

/* Whether it is asked of the guest that has the keyboard. */
static bool is_for_guest(enum ph_command_kind kind)
{
	return kind == PH_COMMAND_SEND || kind == PH_COMMAND_GRAB || kind == PH_COMMAND_PAUSE;
}

void strip_view_init(struct ph_strip_view *view, struct ph_session *session)
{
	struct ph_strip_screen *screen = &session->strip;
	const struct ph_guest *focus = session->seat.focus;
	const struct ph_cell *cell = session->outputs.focus;
	size_t count = (size_t)wl_list_length(&session->guests.list);
	struct ph_guest *guest;

	if (screen->pinned && cell) {
		focus = cell->guest; /* it has the input again afterwards */
	}
	memset(view, 0, sizeof(*view));
	view->guests = allocate(count, sizeof(*view->guests));
	view->places = allocate(count, sizeof(*view->places));
	tell_time(view);
	for (size_t i = 0; i < PH_STRIP_VIEW_BUTTONS; i++) {
		enum ph_command_kind kind = choices[i].command.kind;
		view->buttons[i] = (struct ph_strip_button){
		    .line = choices[i].line,
		    .text = choices[i].text,
		    .key = find_key(session, kind, view->keys[i]) ? view->keys[i] : NULL,
		    .active = kind == PH_COMMAND_GRAB && keyboards_grabbed(session),
		    .useless = !focus && is_for_guest(kind),
		};
	}
	capture_way_out(&session->config.release, keyboards_grabbed(session), &view->way_out);
	bool way_out = keyboards_grabbed(session) || session->config.release.code;
	view->strip = (struct ph_strip){
	    .theme = &session->home.theme,
	    .guests = view->guests,
	    .first = screen->first,
	    .buttons = view->buttons,
	    .button_count = PH_STRIP_VIEW_BUTTONS,
	    .clock = view->clock,
	    .date = view->date,
	    .grabbed = keyboards_grabbed(session),
	    .captured = focus && focus->pointer_mode == PHYLLOME_GUEST_V1_POINTER_MODE_RELATIVE &&
		!session->seat.pointer_free,
	    .out_keys = way_out ? view->way_out.keys : NULL,
	    .out_after = way_out ? view->way_out.after : NULL,
	    .hover = screen->hover,
	};
	wl_list_for_each(guest, &session->guests.list, link) {
		size_t i = view->strip.guest_count++;
		strip_view_describe_guest(guest, &view->guests[i]);
		view->guests[i].focused = guest == focus;
		view->guests[i].where =
		    guest_head_describe_places(guest, screen->output, view->places[i]);
	}
}

void strip_view_finish(struct ph_strip_view *view)
{
	free(view->guests);
	free(view->places);
}

const struct ph_command *strip_view_command(size_t button)
{
	return &choices[button].command;
}
