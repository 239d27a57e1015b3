// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "near.h"

/* What is not simply a command of the session. */
struct own_verb {
	const char *name;
	enum ph_request_kind kind;
	const char *action; /* of a guest's machine; NULL: it is none */
	const char *argument;
	const char *help;
};

static const struct own_verb own_verbs[] = {
    {"guests", PH_REQUEST_GUESTS, NULL, "", "List the guests"},
    {"outputs", PH_REQUEST_OUTPUTS, NULL, "", "List the monitors and what they show"},
    {"watch", PH_REQUEST_WATCH, NULL, "", "Tell what changes, until it is ended"},
    {"commands", PH_REQUEST_COMMANDS, NULL, "", "List what can be asked for"},
    {"start", PH_REQUEST_ACT, "start", "GUEST", "Start a guest's machine, without showing it"},
    {"shutdown", PH_REQUEST_ACT, "powerdown", "GUEST", "Press a guest's power button"},
    {"reset", PH_REQUEST_ACT, "reset", "GUEST", "Press a guest's reset button"},
    {"kill", PH_REQUEST_ACT, "kill", "GUEST", "Pull a guest's plug: what it has not saved is lost"},
    {"pause", PH_REQUEST_ACT, "pause", "[GUEST]", "Pause a guest; without a name the focused one, or let that go on"},
    {"resume", PH_REQUEST_ACT, "resume", "GUEST", "Let a paused guest go on"},
    {"show", PH_REQUEST_RUN, NULL, "GUEST", "Show a guest on the monitors of its layout, and start it if it is off"},
    {"show-here", PH_REQUEST_RUN, NULL, "GUEST", "Show a guest on the focused monitor only"},
    {"focus", PH_REQUEST_RUN, NULL, "left|right|up|down|OUTPUT", "Go to another monitor"},
    {"reload", PH_REQUEST_RELOAD, NULL, "", "Read session.scfg again, and say what is wrong with it"},
};
#define OWN_COUNT (sizeof(own_verbs) / sizeof(own_verbs[0]))

static const struct own_verb *find_own(const char *name)
{
	for (size_t i = 0; i < OWN_COUNT; i++) {
		if (strcmp(own_verbs[i].name, name) == 0) {
			return &own_verbs[i];
		}
	}
	return NULL;
}

bool arguments_verb(size_t index, struct ph_verb *verb)
{
	const struct ph_command_info *info;

	if (index < OWN_COUNT) {
		*verb = (struct ph_verb){
		    own_verbs[index].name, own_verbs[index].argument, own_verbs[index].help};
		return true;
	}
	index -= OWN_COUNT;
	for (size_t i = 0; (info = command_info(i)); i++) {
		if (find_own(info->name)) {
			continue;
		}
		if (index-- == 0) {
			*verb = (struct ph_verb){
			    info->name, command_argument_text(info->argument), info->help};
			return true;
		}
	}
	return false;
}

static bool refuse_verb(const char *name, char *error, size_t size)
{
	struct ph_near near;
	struct ph_verb verb;
	char names[128];

	near_init(&near, name);
	for (size_t i = 0; arguments_verb(i, &verb); i++) {
		near_offer(&near, verb.name, verb.name);
	}
	near_format(&near, names, sizeof(names));
	if (names[0]) {
		snprintf(error, size, "there is no command '%.60s'; did you mean %s?", name, names);
	} else {
		snprintf(error, size, "there is no command '%.60s'; phyllomectl commands lists them", name);
	}
	return false;
}

/* Whether the words of a command of the session can be sent; names are for the session to judge. */
static bool check_command(const struct ph_request *request, char *error, size_t size)
{
	struct ph_command command;

	if (!command_parse(request->words, request->word_count, &command, error, size)) {
		return false;
	}
	command_finish(&command);
	return true;
}

static bool is_direction(const char *word)
{
	return strcmp(word, "left") == 0 || strcmp(word, "right") == 0 || strcmp(word, "up") == 0 ||
	       strcmp(word, "down") == 0;
}

static bool take_own(struct ph_request *request, const struct own_verb *verb, char *error, size_t size)
{
	size_t wanted = verb->argument[0] ? 2 : 1;

	request->kind = verb->kind;
	request->action = verb->action;
	if (request->word_count == 1 && verb->argument[0] == '[') {
		request->kind = PH_REQUEST_RUN;
		request->action = NULL;
		return true;
	}
	if (request->word_count != wanted || (wanted == 2 && !request->words[1][0])) {
		snprintf(error, size, "%s: expected %s%s%s", verb->name, verb->name, wanted == 2 ? " " : "",
		    verb->argument);
		return false;
	}
	if (strcmp(verb->name, "focus") == 0 && !is_direction(request->words[1])) {
		request->kind = PH_REQUEST_FOCUS;
	}
	return true;
}

static bool take_words(struct ph_request *request, char *error, size_t size)
{
	struct ph_verb verb;

	if (request->word_count == 0) {
		snprintf(error, size, "a command is missing; phyllomectl commands lists them");
		return false;
	}
	const struct own_verb *own = find_own(request->words[0]);
	if (own) {
		return take_own(request, own, error, size);
	}
	for (size_t i = 0; arguments_verb(i, &verb); i++) {
		if (strcmp(verb.name, request->words[0]) == 0) {
			request->kind = PH_REQUEST_RUN;
			return check_command(request, error, size);
		}
	}
	return refuse_verb(request->words[0], error, size);
}

/* Reads one option; *used is how many arguments it took. */
static bool take_option(int count, const char *const *arguments, struct ph_request *request, int *used,
    enum ph_request_kind *asked, char *error, size_t size)
{
	const char *option = arguments[0];

	*used = 1;
	if (strcmp(option, "--json") == 0) {
		request->json = true;
	} else if (strcmp(option, "--names") == 0) {
		request->names = true;
	} else if (strncmp(option, "--socket=", 9) == 0 && option[9]) {
		request->socket = option + 9;
	} else if (strcmp(option, "--socket") == 0 && count > 1 && arguments[1][0]) {
		request->socket = arguments[1];
		*used = 2;
	} else if (strcmp(option, "--socket") == 0 || strcmp(option, "--socket=") == 0) {
		snprintf(error, size, "--socket: expected the path of a session's control socket");
		return false;
	} else if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
		*asked = PH_REQUEST_HELP;
	} else if (strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0) {
		*asked = PH_REQUEST_VERSION;
	} else {
		snprintf(error, size, "there is no option '%.60s'; try phyllomectl --help", option);
		return false;
	}
	return true;
}

static bool check_options(const struct ph_request *request, char *error, size_t size)
{
	bool list = request->kind == PH_REQUEST_GUESTS || request->kind == PH_REQUEST_OUTPUTS ||
		    request->kind == PH_REQUEST_COMMANDS;

	if (request->names && (!list || request->json)) {
		snprintf(error, size, "--names goes with guests, outputs and commands, without --json");
		return false;
	}
	return true;
}

bool arguments_parse(
    int count, const char *const *arguments, struct ph_request *request, char *error, size_t size)
{
	enum ph_request_kind asked = PH_REQUEST_GUESTS;
	bool options = true;
	int used;

	*request = (struct ph_request){0};
	request->words = calloc((size_t)count + 1, sizeof(*request->words));
	if (!request->words) {
		abort();
	}
	for (int i = 0; i < count; i += used) {
		used = 1;
		/* What stands behind a program's name is the program's. */
		bool program = request->word_count > 1 && strcmp(request->words[0], "run") == 0;
		if (options && !program && strcmp(arguments[i], "--") == 0) {
			options = false;
		} else if (options && !program && arguments[i][0] == '-' && arguments[i][1]) {
			if (!take_option(count - i, arguments + i, request, &used, &asked, error, size)) {
				return false;
			}
		} else {
			request->words[request->word_count++] = arguments[i];
		}
	}
	if (asked == PH_REQUEST_HELP || asked == PH_REQUEST_VERSION) {
		request->kind = asked;
		return true;
	}
	return take_words(request, error, size) && check_options(request, error, size);
}

void arguments_finish(struct ph_request *request)
{
	free(request->words);
	*request = (struct ph_request){0};
}
