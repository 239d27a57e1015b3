// SPDX-License-Identifier: MIT
#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lists.h"
#include "near.h"
#include "table.h"

#define INTERFACE "org.phyllome.Session"
#define TIMEOUT_US (10 * 1000 * 1000)

void client_complain(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0) {
		abort();
	}
	va_end(arguments);
	char *clean = table_clean(text);
	fprintf(stderr, "phyllomectl: %s\n", clean);
	free(clean);
	free(text);
}

/* An absolute path; NULL: complained. */
static char *locate(const char *path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *found = NULL, *here = NULL;
	int size;

	if (path && path[0] == '/') {
		size = asprintf(&found, "%s", path);
	} else if (path) {
		here = getcwd(NULL, 0);
		size = asprintf(&found, "%s/%s", here ? here : "", path);
	} else if (runtime && runtime[0] == '/') {
		size = asprintf(&found, "%s/phyllome/control", runtime);
	} else {
		client_complain("no session runs in this login: XDG_RUNTIME_DIR is %s; --socket PATH says where "
				"one is",
		    runtime ? "not an absolute path" : "not set");
		return NULL;
	}
	free(here);
	if (size < 0) {
		abort();
	}
	return found;
}

enum ph_status client_init(struct ph_client *client, const char *path)
{
	int status;

	*client = (struct ph_client){.path = locate(path)};
	if (!client->path) {
		return PH_STATUS_NO_SESSION;
	}
	status = sd_varlink_connect_address(&client->link, client->path);
	if (status == -ENOENT || status == -ECONNREFUSED || status == -ENOTDIR) {
		client_complain("no session runs: %s %s", client->path,
		    status == -ECONNREFUSED ? "is left from one that is gone" : "is not there");
		return PH_STATUS_NO_SESSION;
	}
	if (status < 0) {
		client_complain("cannot connect to the session at %s: %s", client->path, strerror(-status));
		return PH_STATUS_NO_SESSION;
	}
	sd_varlink_set_relative_timeout(client->link, TIMEOUT_US);
	return PH_STATUS_DONE;
}

void client_finish(struct ph_client *client)
{
	sd_varlink_close_unref(client->link);
	free(client->path);
	*client = (struct ph_client){0};
}

/* "there is no guest 'debain'; did you mean debian?", with what the session has. */
static enum ph_status complain_name(
    struct ph_client *client, const char *what, const char *method, const char *field, const char *name)
{
	sd_json_variant *reply = NULL, *list = NULL;
	const char *error = NULL;
	struct ph_near near;
	char names[256];

	near_init(&near, name);
	if (sd_varlink_call(client->link, method, NULL, &reply, &error) >= 0 && !error && reply) {
		list = sd_json_variant_by_key(reply, field);
	}
	size_t count = list && sd_json_variant_is_array(list) ? sd_json_variant_elements(list) : 0;
	for (size_t i = 0; i < count; i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);
		near_offer(&near, lists_text(one, "name"), lists_text(one, "name"));
		near_offer(&near, lists_text(one, "name"), lists_text(one, "title"));
	}
	near_format(&near, names, sizeof(names));
	if (names[0]) {
		client_complain("there is no %s '%s'; did you mean %s?", what, name, names);
	} else {
		client_complain("there is no %s '%s'; phyllomectl %s lists them", what, name, field);
	}
	return PH_STATUS_REFUSED;
}

/* Our connection is closed. That is not the session's end where another one is answered. */
static void complain_closed(const struct ph_client *client)
{
	sd_varlink *link = NULL;

	if (sd_varlink_connect_address(&link, client->path) >= 0 &&
	    sd_varlink_set_relative_timeout(link, TIMEOUT_US) >= 0 &&
	    sd_varlink_call(link, "org.varlink.service.GetInfo", NULL, NULL, NULL) >= 0) {
		client_complain("the session at %s has closed the connection: what it said was not read for "
				"too long, or it was started again; try once more",
		    client->path);
	} else {
		client_complain("the session at %s has ended", client->path);
	}
	sd_varlink_close_unref(link);
}

static enum ph_status complain_error(struct ph_client *client, const char *error, sd_json_variant *reply)
{
	static const char prefix[] = INTERFACE ".";
	const char *name = strncmp(error, prefix, sizeof(prefix) - 1) == 0 ? error + sizeof(prefix) - 1 : "";

	if (strcmp(name, "NoSuchGuest") == 0 || strcmp(name, "NoSuchOutput") == 0) {
		bool guest = strcmp(name, "NoSuchGuest") == 0;
		char *wanted = strdup(lists_text(reply, "name")); /* the reply goes with the next call */
		if (!wanted) {
			abort();
		}
		enum ph_status status = complain_name(client, guest ? "guest" : "output",
		    guest ? INTERFACE ".ListGuests" : INTERFACE ".ListOutputs", guest ? "guests" : "outputs",
		    wanted);
		free(wanted);
		return status;
	}
	if (strcmp(name, "WrongCommand") == 0) {
		client_complain("%s", lists_text(reply, "message"));
		return PH_STATUS_USAGE;
	}
	if (strcmp(name, "WrongConfiguration") == 0) {
		client_complain("everything stays as it was: %s", lists_text(reply, "message"));
	} else if (strcmp(name, "NotNow") == 0) {
		client_complain("%s", lists_text(reply, "message"));
	} else if (strcmp(name, "Locked") == 0) {
		client_complain("the session is locked; unlock it first");
	} else if (strcmp(error, SD_VARLINK_ERROR_DISCONNECTED) == 0) {
		complain_closed(client);
		return PH_STATUS_NO_SESSION;
	} else if (strcmp(error, SD_VARLINK_ERROR_TIMEOUT) == 0) {
		client_complain("the session at %s does not answer", client->path);
		return PH_STATUS_NO_SESSION;
	} else {
		client_complain("the session refuses: %s", error);
	}
	return PH_STATUS_REFUSED;
}

static enum ph_status complain_link(struct ph_client *client, int status)
{
	if (status == -ETIME || status == -ETIMEDOUT) {
		client_complain("the session at %s does not answer", client->path);
	} else if (status == -ECONNRESET || status == -ENOTCONN || status == -EPIPE) {
		complain_closed(client);
	} else {
		client_complain("the session at %s has ended: %s", client->path, strerror(-status));
	}
	return PH_STATUS_NO_SESSION;
}

enum ph_status client_call(
    struct ph_client *client, const char *method, sd_json_variant *parameters, sd_json_variant **reply)
{
	sd_json_variant *answer = NULL;
	const char *error = NULL;
	char name[80];

	snprintf(name, sizeof(name), INTERFACE ".%s", method);
	int status = sd_varlink_call(client->link, name, parameters, &answer, &error);
	sd_json_variant_unref(parameters);
	if (status < 0) {
		return complain_link(client, status);
	}
	if (error) {
		return complain_error(client, error, answer);
	}
	if (reply) {
		*reply = answer;
	}
	return PH_STATUS_DONE;
}

/* What client_watch() hands to handle_reply(). */
struct watch {
	struct ph_client *client;
	ph_client_told told;
	void *data;
	enum ph_status status;
	bool ended;
};

static int handle_reply(sd_varlink *link, sd_json_variant *parameters, const char *error,
    sd_varlink_reply_flags_t flags, void *data)
{
	struct watch *watch = data;

	if (watch->ended) {
		return 0; /* this is only our own farewell */
	}
	watch->status =
	    error ? complain_error(watch->client, error, parameters) : watch->told(watch->data, parameters);
	watch->ended = watch->status != PH_STATUS_DONE || !(flags & SD_VARLINK_REPLY_CONTINUES);
	return 0;
}

enum ph_status client_watch(struct ph_client *client, ph_client_told told, void *data)
{
	struct watch watch = {client, told, data, PH_STATUS_DONE, false};
	int status;

	sd_varlink_set_userdata(client->link, &watch);
	/* It may be quiet for days. */
	if ((status = sd_varlink_set_relative_timeout(client->link, UINT64_MAX)) >= 0 &&
	    (status = sd_varlink_bind_reply(client->link, handle_reply)) >= 0) {
		status = sd_varlink_observe(client->link, INTERFACE ".Subscribe", NULL);
	}
	while (status >= 0 && !watch.ended) {
		status = sd_varlink_process(client->link);
		if (status == 0) {
			status = sd_varlink_wait(client->link, UINT64_MAX);
		}
	}
	if (!watch.ended) {
		return complain_link(client, status);
	}
	return watch.status;
}
