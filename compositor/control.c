// SPDX-License-Identifier: MIT
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>
#include <systemd/sd-varlink-idl.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "control_idl.h"
#include "guest.h"
#include "guest_head.h"
#include "guest_protocol.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "session.h"

static const char *path_name(enum ph_path path)
{
	switch (path) {
	case PH_PATH_NONE:
		return "none";
	case PH_PATH_SCANOUT:
		return "scanout";
	case PH_PATH_COMPOSITED:
		return "composited";
	}
	return "none";
}

static int append_output(sd_json_variant **list, const struct ph_output *output)
{
	const struct wlr_output *wlr = output->wlr_output;
	/* Of a split monitor, the half with the focus, or the first one. */
	const struct ph_cell *cell = output->session->outputs.focus;
	cell = cell && cell->output == output ? cell : &output->cells[0];
	const struct ph_guest_head *head = cell->head;

	return sd_json_variant_append_arraybo(list, SD_JSON_BUILD_PAIR_STRING("name", wlr->name),
	    SD_JSON_BUILD_PAIR_STRING("make", wlr->make ? wlr->make : ""),
	    SD_JSON_BUILD_PAIR_STRING("model", wlr->model ? wlr->model : ""),
	    SD_JSON_BUILD_PAIR_STRING("serial", wlr->serial ? wlr->serial : ""),
	    SD_JSON_BUILD_PAIR_INTEGER("width", wlr->width),
	    SD_JSON_BUILD_PAIR_INTEGER("height", wlr->height),
	    SD_JSON_BUILD_PAIR_INTEGER("refresh", wlr->refresh),
	    SD_JSON_BUILD_PAIR_REAL("scale", (double)wlr->scale),
	    SD_JSON_BUILD_PAIR_STRING("guest", head ? head->guest->id : ""),
	    SD_JSON_BUILD_PAIR_INTEGER("console", head ? (int64_t)head->console : -1),
	    SD_JSON_BUILD_PAIR_INTEGER("pictureWidth", head ? head->picture_width : 0),
	    SD_JSON_BUILD_PAIR_INTEGER("pictureHeight", head ? head->picture_height : 0),
	    SD_JSON_BUILD_PAIR_STRING("path", path_name(output->path)),
	    SD_JSON_BUILD_PAIR_STRING("reason", output->reason ? output->reason : ""),
	    SD_JSON_BUILD_PAIR_UNSIGNED("frames", output->frames),
	    SD_JSON_BUILD_PAIR_UNSIGNED("scanouts", output->scanouts),
	    SD_JSON_BUILD_PAIR_UNSIGNED("composited", output->composited),
	    SD_JSON_BUILD_PAIR_UNSIGNED("presented", output->presented));
}

/* Answers with the list, and drops it. */
static int reply_list(sd_varlink *link, const char *name, sd_json_variant *list, int status)
{
	if (status >= 0) {
		status = list ? sd_varlink_replybo(link, SD_JSON_BUILD_PAIR_VARIANT(name, list))
			      : sd_varlink_replybo(link, SD_JSON_BUILD_PAIR_EMPTY_ARRAY(name));
	}
	sd_json_variant_unref(list);
	return status;
}

static int handle_list_outputs(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	struct ph_session *session = data;
	struct ph_output *output;
	sd_json_variant *list = NULL;
	int status = 0;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (status >= 0) {
			status = append_output(&list, output);
		}
	}
	return reply_list(link, "outputs", list, status);
}

static int handle_list_guests(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	struct ph_session *session = data;
	struct ph_guest *guest;
	sd_json_variant *list = NULL;
	int status = 0;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (status < 0) {
			break;
		}
		status = sd_json_variant_append_arraybo(&list,
		    SD_JSON_BUILD_PAIR_STRING("name", guest->id),
		    SD_JSON_BUILD_PAIR_STRING("title", guest->title),
		    SD_JSON_BUILD_PAIR_STRING("directory", guest->dir),
		    SD_JSON_BUILD_PAIR_UNSIGNED("number", guest->number),
		    SD_JSON_BUILD_PAIR_STRING("state", guest_state_name(guest->state)),
		    SD_JSON_BUILD_PAIR_STRING("reason", guest->reason),
		    SD_JSON_BUILD_PAIR_BOOLEAN("bridge", guest->control != NULL),
		    SD_JSON_BUILD_PAIR_BOOLEAN("shown", placement_is_shown(&session->placement, guest->id)),
		    SD_JSON_BUILD_PAIR_BOOLEAN("focused", guest == session->seat.focus));
	}
	return reply_list(link, "guests", list, status);
}

/* The guest that the parameter "name" names; NULL: the error was sent, *status is its result. */
static struct ph_guest *find_guest(
    struct ph_session *session, sd_varlink *link, sd_json_variant *parameters, int *status)
{
	sd_json_variant *name = sd_json_variant_by_key(parameters, "name");

	if (!name || !sd_json_variant_is_string(name)) {
		*status = sd_varlink_error_invalid_parameter_name(link, "name");
		return NULL;
	}
	struct ph_guest *guest = guests_by_id(session, sd_json_variant_string(name));
	if (!guest) {
		*status = sd_varlink_errorbo(link, PH_CONTROL_INTERFACE ".NoSuchGuest",
		    SD_JSON_BUILD_PAIR_STRING("name", sd_json_variant_string(name)));
	}
	return guest;
}

static int handle_show_guest(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	int status = 0;
	struct ph_guest *guest = find_guest(data, link, parameters, &status);

	if (!guest) {
		return status;
	}
	guests_show(data, guest);
	return sd_varlink_reply(link, NULL);
}

static int handle_show_home(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	guests_show(data, NULL);
	return sd_varlink_reply(link, NULL);
}

/* The order is that of phyllome_guest_v1.action. */
static const char *const actions[] = {"start", "powerdown", "reset", "kill", "pause", "resume"};

static int handle_act(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	sd_json_variant *wanted = sd_json_variant_by_key(parameters, "action");
	int status = 0;
	struct ph_guest *guest = find_guest(data, link, parameters, &status);

	if (!guest) {
		return status;
	}
	for (uint32_t i = 0; wanted && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!sd_json_variant_is_string(wanted) ||
		    strcmp(sd_json_variant_string(wanted), actions[i]) != 0) {
			continue;
		}
		if (i == PHYLLOME_GUEST_V1_ACTION_START) {
			guest_start(guest);
		} else {
			guest_send_action(guest, i);
		}
		return sd_varlink_reply(link, NULL);
	}
	return sd_varlink_error_invalid_parameter_name(link, "action");
}

/* sd-event inside of the Wayland loop: whatever is ready, without waiting. */
static int handle_event(int fd, uint32_t mask, void *data)
{
	struct ph_session *session = data;
	int status;

	do {
		status = sd_event_run(session->control.event, 0);
	} while (status > 0);
	if (status < 0) {
		wlr_log(WLR_ERROR, "control: %s", strerror(-status));
	}
	return 0;
}

static int bind_methods(sd_varlink_server *server)
{
	return sd_varlink_server_bind_method_many(server, PH_CONTROL_INTERFACE ".ListOutputs",
	    handle_list_outputs, PH_CONTROL_INTERFACE ".ListGuests", handle_list_guests,
	    PH_CONTROL_INTERFACE ".ShowGuest", handle_show_guest, PH_CONTROL_INTERFACE ".ShowHome",
	    handle_show_home, PH_CONTROL_INTERFACE ".ActOnGuest", handle_act);
}

bool control_init(struct ph_session *session)
{
	struct ph_control *control = &session->control;
	char path[4096];
	int status;

	snprintf(path, sizeof(path), "%s/control", session->runtime);
	if ((status = sd_event_new(&control->event)) < 0 ||
	    (status = sd_varlink_server_new(&control->server, SD_VARLINK_SERVER_INHERIT_USERDATA)) < 0 ||
	    (status = sd_varlink_server_set_info(control->server, "Phyllome OS", "Phyllome session",
		 PH_VERSION, "https://phyllo.me")) < 0 ||
	    (status = sd_varlink_server_add_interface(control->server, &control_interface)) < 0 ||
	    (status = bind_methods(control->server)) < 0 ||
	    (status = sd_varlink_server_listen_address(control->server, path, 0600)) < 0 ||
	    (status = sd_varlink_server_attach_event(control->server, control->event, 0)) < 0) {
		wlr_log(WLR_ERROR, "start: cannot open the control socket %s: %s", path, strerror(-status));
		return false;
	}
	sd_varlink_server_set_userdata(control->server, session);
	control->source = wl_event_loop_add_fd(session->loop, sd_event_get_fd(control->event),
	    WL_EVENT_READABLE, handle_event, session);
	return control->source != NULL;
}

void control_finish(struct ph_session *session)
{
	struct ph_control *control = &session->control;

	if (control->source) {
		wl_event_source_remove(control->source);
	}
	if (control->source) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/control", session->runtime);
		unlink(path);
	}
	if (control->server) {
		sd_varlink_server_shutdown(control->server);
		sd_varlink_server_unref(control->server);
	}
	sd_event_unref(control->event);
}
