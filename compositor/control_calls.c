// SPDX-License-Identifier: MIT
#include "control_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "arrange.h"
#include "commands.h"
#include "config_file.h"
#include "control_idl.h"
#include "guests.h"
#include "host_input.h"
#include "layer_shell.h"
#include "lock.h"
#include "output.h"
#include "overview_screen.h"
#include "pointer.h"
#include "strip_screen.h"
#include "session.h"
#include "view.h"

/* More words than any command has. */
#define WORDS_MAX 256

/* A caller of Reload that waits for its result. */
struct ph_reload {
	struct wl_list link; /* ph_control.reloads */
	struct ph_session *session;
	sd_varlink *peer; /* referenced */
	struct wl_event_source *idle;
};

static int refuse_guest(sd_varlink *link, const char *name)
{
	return sd_varlink_errorbo(
	    link, PH_CONTROL_INTERFACE ".NoSuchGuest", SD_JSON_BUILD_PAIR_STRING("name", name));
}

static int refuse_command(sd_varlink *link, const char *message)
{
	return sd_varlink_errorbo(
	    link, PH_CONTROL_INTERFACE ".WrongCommand", SD_JSON_BUILD_PAIR_STRING("message", message));
}

/* It makes no sense now. */
static int refuse_now(sd_varlink *link, const char *message)
{
	return sd_varlink_errorbo(
	    link, PH_CONTROL_INTERFACE ".NotNow", SD_JSON_BUILD_PAIR_STRING("message", message));
}

static int refuse_output(sd_varlink *link, const char *name)
{
	return sd_varlink_errorbo(
	    link, PH_CONTROL_INTERFACE ".NoSuchOutput", SD_JSON_BUILD_PAIR_STRING("name", name));
}

static int refuse_locked(sd_varlink *link)
{
	return sd_varlink_error(link, PH_CONTROL_INTERFACE ".Locked", NULL);
}

/* The text of that parameter; NULL: the error was sent, *status is its result. */
static const char *find_text(
    sd_varlink *link, sd_json_variant *parameters, const char *name, int *status)
{
	sd_json_variant *text = sd_json_variant_by_key(parameters, name);

	if (!text || !sd_json_variant_is_string(text)) {
		*status = sd_varlink_error_invalid_parameter_name(link, name);
		return NULL;
	}
	return sd_json_variant_string(text);
}

/* The guest that the parameter "name" names; NULL: the error was sent, *status is its result. */
static struct ph_guest *find_guest(
    struct ph_session *session, sd_varlink *link, sd_json_variant *parameters, int *status)
{
	const char *name = find_text(link, parameters, "name", status);
	struct ph_guest *guest = name ? guests_by_id(session, name) : NULL;

	if (name && !guest) {
		*status = refuse_guest(link, name);
	}
	return guest;
}

static int run_command(struct ph_session *session, sd_varlink *link, const struct ph_command *command)
{
	char error[PH_COMMAND_ERROR_SIZE];

	if (lock_is_locked(session) && !command_works_locked(command->kind)) {
		return refuse_locked(link);
	}
	bool done = command_try(session, command, error);
	/* There is no key to be let go of: whoever asks has arrived. */
	command_settle(session);
	return done ? sd_varlink_reply(link, NULL) : refuse_now(link, error);
}

static int handle_show_guest(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	int status = 0;
	struct ph_guest *guest = find_guest(data, link, parameters, &status);

	if (!guest) {
		return status;
	}
	return run_command(data, link, &(struct ph_command){.kind = PH_COMMAND_SHOW, .number = guest->number});
}

static int handle_show_home(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	return run_command(data, link, &(struct ph_command){.kind = PH_COMMAND_HOME});
}

static int handle_act(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	int status = 0;
	struct ph_guest *guest = find_guest(data, link, parameters, &status);
	const char *wanted = guest ? find_text(link, parameters, "action", &status) : NULL;
	char error[PH_COMMAND_ERROR_SIZE];

	if (!wanted) {
		return status;
	}
	if (!guest_state_knows(wanted)) {
		return sd_varlink_error_invalid_parameter_name(link, "action");
	}
	if (!command_act(guest, wanted, error)) {
		return refuse_now(link, error);
	}
	return sd_varlink_reply(link, NULL);
}

static int handle_focus_output(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	struct ph_session *session = data;
	sd_json_variant *number = sd_json_variant_by_key(parameters, "cell");
	int status = 0;
	const char *name = find_text(link, parameters, "output", &status);
	struct ph_output *output = name ? command_find_output(session, name) : NULL;
	int64_t cell = number && sd_json_variant_is_integer(number) ? sd_json_variant_integer(number) : 0;

	if (!name) {
		return status;
	}
	if (!output) {
		return refuse_output(link, name);
	}
	if (cell < 0 || cell >= (int64_t)output->cell_count) {
		return sd_varlink_error_invalid_parameter_name(link, "cell");
	}
	if (lock_is_locked(session)) {
		return refuse_locked(link);
	}
	if (session->outputs.pending) {
		arrange_settle(session); /* placement does not know yet which monitors there are */
	}
	strip_unpin(session);
	overview_hide(session);
	if (!output_is_on(output) ||
	    !placement_focus(&session->placement, outputs_index(output), (size_t)cell)) {
		return refuse_output(link, name);
	}
	arrange(session);
	views_follow_focus(session);
	layer_shell_note_click(session, NULL);
	host_input_close_menus(session);
	pointer_follow_focus(session);
	return sd_varlink_reply(link, NULL);
}

/*
 * "show NAME" becomes "show NUMBER", which is all that commands know; *number
 * keeps it. A word of digits is a number already. False: there is no such guest.
 */
static bool resolve_guest(struct ph_session *session, const char **words, size_t count, char number[16])
{
	if (count != 2 || (strcmp(words[0], "show") != 0 && strcmp(words[0], "show-here") != 0)) {
		return true;
	}
	const struct ph_guest *guest = command_find_guest(session, words[1]);
	if (guest) {
		snprintf(number, 16, "%u", guest->number);
		words[1] = number;
	}
	return guest != NULL;
}

static int run_words(struct ph_session *session, sd_varlink *link, const char **words, size_t count)
{
	struct ph_command command;
	char number[16], error[768];
	int status;

	if (!resolve_guest(session, words, count, number)) {
		return refuse_guest(link, words[1]);
	}
	if (!command_parse(words, count, &command, error, sizeof(error))) {
		return refuse_command(link, error);
	}
	if (lock_is_locked(session) && !command_works_locked(command.kind)) {
		command_finish(&command);
		return refuse_locked(link);
	}
	if (command.kind == PH_COMMAND_PLACE && !command_find_guest(session, command.program[0])) {
		command_finish(&command);
		return refuse_guest(link, words[1]);
	}
	if (command.kind == PH_COMMAND_PLACE && !command_find_output(session, command.program[1])) {
		command_finish(&command);
		return refuse_output(link, words[2]);
	}
	status = run_command(session, link, &command);
	command_finish(&command);
	return status;
}

static int handle_run(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	sd_json_variant *list = sd_json_variant_by_key(parameters, "command");
	size_t count = list && sd_json_variant_is_array(list) ? sd_json_variant_elements(list) : 0;
	const char *words[WORDS_MAX];

	if (!list || !sd_json_variant_is_array(list) || count > WORDS_MAX) {
		return sd_varlink_error_invalid_parameter_name(link, "command");
	}
	for (size_t i = 0; i < count; i++) {
		sd_json_variant *word = sd_json_variant_by_index(list, i);
		if (!sd_json_variant_is_string(word)) {
			return sd_varlink_error_invalid_parameter_name(link, "command");
		}
		words[i] = sd_json_variant_string(word);
	}
	return run_words(data, link, words, count);
}

static void drop_reload(struct ph_reload *reload)
{
	wl_event_source_remove(reload->idle);
	wl_list_remove(&reload->link);
	reload->session->control.reload_count--;
	sd_varlink_unref(reload->peer);
	free(reload);
}

/* Runs behind the idle source that reads the file. */
static void handle_reloaded(void *data)
{
	struct ph_reload *reload = data;
	struct ph_session *session = reload->session;
	const char *error = session->config_file.error;

	if (error) {
		/* Never without an answer, whatever the error has in it. */
		if (sd_varlink_errorbo(reload->peer, PH_CONTROL_INTERFACE ".WrongConfiguration",
			SD_JSON_BUILD_PAIR_STRING("message", error)) < 0) {
			sd_varlink_errorbo(reload->peer, PH_CONTROL_INTERFACE ".WrongConfiguration",
			    SD_JSON_BUILD_PAIR_STRING("message", "the session's log says why"));
		}
	} else {
		sd_varlink_reply(reload->peer, NULL);
	}
	drop_reload(reload);
	control_dispatch_soon(session);
}

static int handle_reload(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	struct ph_session *session = data;
	struct ph_control *control = &session->control;
	struct ph_reload *reload = calloc(1, sizeof(*reload));

	if (!reload) {
		abort();
	}
	config_file_reload(session);
	if (control->reload_count++ == 0) {
		wl_list_init(&control->reloads);
	}
	reload->session = session;
	reload->peer = sd_varlink_ref(link);
	reload->idle = wl_event_loop_add_idle(session->loop, handle_reloaded, reload);
	wl_list_insert(&control->reloads, &reload->link);
	return 0;
}

int control_bind_calls(sd_varlink_server *server)
{
	return sd_varlink_server_bind_method_many(server, PH_CONTROL_INTERFACE ".ShowGuest",
	    handle_show_guest, PH_CONTROL_INTERFACE ".ShowHome", handle_show_home,
	    PH_CONTROL_INTERFACE ".ActOnGuest", handle_act, PH_CONTROL_INTERFACE ".FocusOutput",
	    handle_focus_output, PH_CONTROL_INTERFACE ".Run", handle_run,
	    PH_CONTROL_INTERFACE ".Reload", handle_reload);
}

void control_finish_calls(struct ph_session *session)
{
	while (session->control.reload_count > 0) {
		struct ph_reload *reload =
		    wl_container_of(session->control.reloads.next, reload, link);
		drop_reload(reload);
	}
}
