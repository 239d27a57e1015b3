// SPDX-License-Identifier: MIT
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "lists.h"
#include "table.h"

static const char usage[] =
    "Usage: phyllomectl [OPTIONS] COMMAND [ARGUMENT]\n"
    "Says and does in a Phyllome session what its keys do.\n"
    "\n"
    "  guests, outputs    list what there is\n"
    "  show GUEST, home   put a guest, by name or number, or the home screen on the monitors\n"
    "  start, shutdown, reset, kill, pause, resume GUEST\n"
    "                     ask something of a guest's machine\n"
    "  focus left|right|up|down|OUTPUT, move left|right|up|down, split, last\n"
    "                     go to another monitor, change what is where\n"
    "  watch              tell what changes\n"
    "  commands           list all commands\n"
    "\n"
    "  --json             print JSON\n"
    "  --names            print names only, each with a tab and what it is\n"
    "  --socket PATH      the control socket of another session\n"
    "  -V, --version      print the version\n"
    "  -h, --help         print this\n"
    "\n"
    "See phyllomectl(1).\n";

static sd_json_variant *must(sd_json_variant *variant, int status)
{
	if (status < 0) {
		client_complain("cannot write JSON: %s", strerror(-status));
		exit(PH_STATUS_USAGE);
	}
	return variant;
}

static void print_json(sd_json_variant *variant)
{
	sd_json_variant_dump(variant, SD_JSON_FORMAT_NEWLINE | SD_JSON_FORMAT_FLUSH, stdout, NULL);
}

static void print_commands(const struct ph_request *request)
{
	static const char *const headings[] = {"COMMAND", ""};
	sd_json_variant *list = NULL;
	struct ph_table table;
	struct ph_verb verb;

	table_init(&table, headings, 2);
	for (size_t i = 0; arguments_verb(i, &verb); i++) {
		if (request->names) {
			printf("%s\t%s\n", verb.name, verb.help);
		}
		table_addf(&table, "%s%s%s", verb.name, verb.argument[0] ? " " : "", verb.argument);
		table_add(&table, verb.help);
		must(list, sd_json_variant_append_arraybo(&list, SD_JSON_BUILD_PAIR_STRING("name", verb.name),
			       SD_JSON_BUILD_PAIR_STRING("argument", verb.argument),
			       SD_JSON_BUILD_PAIR_STRING("help", verb.help)));
	}
	if (request->json) {
		print_json(list);
	} else if (!request->names) {
		table_print(&table, stdout);
	}
	sd_json_variant_unref(list);
	table_finish(&table);
}

static enum ph_status print_list(struct ph_client *client, const struct ph_request *request)
{
	bool guests = request->kind == PH_REQUEST_GUESTS;
	sd_json_variant *reply = NULL;
	enum ph_status status = client_call(client, guests ? "ListGuests" : "ListOutputs", NULL, &reply);

	if (status != PH_STATUS_DONE) {
		return status;
	}
	sd_json_variant *list = sd_json_variant_by_key(reply, guests ? "guests" : "outputs");
	if (request->json) {
		print_json(list);
	} else if (request->names) {
		lists_print_names(list, stdout);
	} else if (guests) {
		lists_print_guests(list, stdout);
	} else {
		lists_print_outputs(list, stdout);
	}
	return PH_STATUS_DONE;
}

static enum ph_status run(struct ph_client *client, const struct ph_request *request)
{
	sd_json_variant *parameters = NULL;

	must(NULL, sd_json_buildo(&parameters,
		       SD_JSON_BUILD_PAIR_STRV("command", (char **)request->words)));
	return client_call(client, "Run", parameters, NULL);
}

/* A number becomes the name of the guest that has it; *name is owned by the caller. */
static enum ph_status find_name(struct ph_client *client, const char *word, char **name)
{
	sd_json_variant *reply = NULL;
	bool number = word[strspn(word, "0123456789")] == '\0';

	*name = strdup(word);
	if (!*name) {
		abort();
	}
	if (!number) {
		return PH_STATUS_DONE;
	}
	enum ph_status status = client_call(client, "ListGuests", NULL, &reply);
	if (status != PH_STATUS_DONE) {
		return status;
	}
	sd_json_variant *list = sd_json_variant_by_key(reply, "guests");
	for (size_t i = 0; list && i < sd_json_variant_elements(list); i++) {
		sd_json_variant *guest = sd_json_variant_by_index(list, i);
		char text[32];
		snprintf(text, sizeof(text), "%lld", (long long)lists_number(guest, "number"));
		if (strcmp(text, word) == 0) {
			free(*name);
			*name = strdup(lists_text(guest, "name"));
			return PH_STATUS_DONE;
		}
	}
	client_complain("there is no guest with the number %s; phyllomectl guests lists them", word);
	return PH_STATUS_REFUSED;
}

static enum ph_status act(struct ph_client *client, const struct ph_request *request)
{
	sd_json_variant *parameters = NULL;
	char *name = NULL;
	enum ph_status status = find_name(client, request->words[1], &name);

	if (status == PH_STATUS_DONE) {
		must(NULL, sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", name),
			       SD_JSON_BUILD_PAIR_STRING("action", request->action)));
		status = client_call(client, "ActOnGuest", parameters, NULL);
	}
	free(name);
	return status;
}

static enum ph_status focus(struct ph_client *client, const struct ph_request *request)
{
	sd_json_variant *parameters = NULL;

	must(NULL, sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("output", request->words[1])));
	return client_call(client, "FocusOutput", parameters, NULL);
}

struct watched {
	bool json;
	sd_json_variant *before;
};

static enum ph_status handle_state(void *data, sd_json_variant *state)
{
	struct watched *watched = data;

	if (watched->json) {
		print_json(state);
	} else {
		lists_print_changes(watched->before, state, stdout);
		fflush(stdout);
	}
	sd_json_variant_unref(watched->before);
	watched->before = sd_json_variant_ref(state);
	return ferror(stdout) ? PH_STATUS_REFUSED : PH_STATUS_DONE;
}

static enum ph_status ask(struct ph_client *client, const struct ph_request *request)
{
	struct watched watched = {.json = request->json};
	enum ph_status status;

	switch (request->kind) {
	case PH_REQUEST_GUESTS:
	case PH_REQUEST_OUTPUTS:
		return print_list(client, request);
	case PH_REQUEST_WATCH:
		status = client_watch(client, handle_state, &watched);
		sd_json_variant_unref(watched.before);
		return status;
	case PH_REQUEST_RUN:
		return run(client, request);
	case PH_REQUEST_ACT:
		return act(client, request);
	case PH_REQUEST_FOCUS:
		return focus(client, request);
	case PH_REQUEST_RELOAD:
		return client_call(client, "Reload", NULL, NULL);
	default:
		return PH_STATUS_USAGE;
	}
}

/* Serves the request, of which some need no session. */
static enum ph_status serve(const struct ph_request *request)
{
	struct ph_client client;
	enum ph_status status;

	switch (request->kind) {
	case PH_REQUEST_HELP:
		fputs(usage, stdout);
		return PH_STATUS_DONE;
	case PH_REQUEST_VERSION:
		puts("phyllomectl " PH_VERSION);
		return PH_STATUS_DONE;
	case PH_REQUEST_COMMANDS:
		print_commands(request);
		return PH_STATUS_DONE;
	default:
		status = client_init(&client, request->socket);
		if (status == PH_STATUS_DONE) {
			status = ask(&client, request);
		}
		client_finish(&client);
		return status;
	}
}

int main(int argc, char **argv)
{
	struct ph_request request;
	char error[768];

	/* Names are UTF-8, whatever else the locale says; it tells how wide they are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	enum ph_status status = PH_STATUS_USAGE;
	if (arguments_parse(argc - 1, (const char *const *)argv + 1, &request, error, sizeof(error))) {
		status = serve(&request);
	} else {
		client_complain("%s", error);
	}
	arguments_finish(&request);
	if (fflush(stdout) != 0 && status == PH_STATUS_DONE) {
		client_complain("cannot write what was asked for");
		status = PH_STATUS_REFUSED;
	}
	return (int)status;
}
