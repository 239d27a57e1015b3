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

#include "control_calls.h"
#include "control_idl.h"
#include "control_list.h"
#include "control_watch.h"
#include "renderer.h"
#include "session.h"

/*
 * Steps of sd-event in one turn of the Wayland loop; a call takes a few. A client
 * that sends calls without an end must not keep frames and keys waiting.
 */
#define ROUNDS_MAX 16

static int reply_list(sd_varlink *link, const char *name, sd_json_variant *list, int status)
{
	if (status >= 0) {
		status = sd_varlink_replybo(link, SD_JSON_BUILD_PAIR_VARIANT(name, list));
	}
	sd_json_variant_unref(list);
	return status;
}

static int handle_list_outputs(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	const struct ph_session *session = data;
	sd_json_variant *list = NULL;
	int status = control_list_outputs(data, true, &list);

	if (status >= 0) {
		status = sd_varlink_replybo(link, SD_JSON_BUILD_PAIR_VARIANT("outputs", list),
		    SD_JSON_BUILD_PAIR_UNSIGNED("copied", session->render->copied));
	}
	sd_json_variant_unref(list);
	return status;
}

static int handle_list_guests(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	sd_json_variant *list = NULL;
	int status;

	guests_check_locks(data);
	status = control_list_guests(data, &list);

	return reply_list(link, "guests", list, status);
}

void control_dispatch(struct ph_session *session)
{
	struct ph_control *control = &session->control;

	for (int i = 0; i < ROUNDS_MAX; i++) {
		int status = sd_event_run(control->event, 0);
		if (status < 0) {
			wlr_log(WLR_ERROR, "control: %s", strerror(-status));
			return;
		}
		if (status == 0 && !control_watch_tell(session)) {
			return;
		}
	}
	control_dispatch_soon(session);
}

void control_dispatch_soon(struct ph_session *session)
{
	/* Neither an idle, which keeps the loop as long as there is another one, nor the
	 * descriptor alone: what sd-event deferred does not make it readable. */
	wl_event_source_timer_update(session->control.soon, 1);
}

static int handle_soon(void *data)
{
	control_dispatch(data);
	return 0;
}

/* sd-event inside of the Wayland loop. */
static int handle_event(int fd, uint32_t mask, void *data)
{
	control_dispatch(data);
	return 0;
}

static int handle_connect(sd_varlink_server *server, sd_varlink *link, void *data)
{
	struct ph_control *control = &((struct ph_session *)data)->control;

	if (control->connection_count == PH_CONTROL_CONNECTIONS_MAX) {
		return -EBUSY;
	}
	control->connections[control->connection_count++] = link;
	return 0;
}

static void handle_disconnect(sd_varlink_server *server, sd_varlink *link, void *data)
{
	struct ph_control *control = &((struct ph_session *)data)->control;

	for (size_t i = 0; i < control->connection_count; i++) {
		if (control->connections[i] == link) {
			control->connections[i] = control->connections[--control->connection_count];
			break;
		}
	}
	control_watch_forget(data, link);
}

static int bind_methods(sd_varlink_server *server)
{
	int status = sd_varlink_server_bind_method_many(server, PH_CONTROL_INTERFACE ".ListOutputs",
	    handle_list_outputs, PH_CONTROL_INTERFACE ".ListGuests", handle_list_guests);

	if (status >= 0 && (status = control_bind_calls(server)) >= 0 &&
	    (status = control_bind_watch(server)) >= 0 &&
	    (status = sd_varlink_server_bind_connect(server, handle_connect)) >= 0) {
		status = sd_varlink_server_bind_disconnect(server, handle_disconnect);
	}
	return status;
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
	    (status = sd_varlink_server_set_connections_max(
		 control->server, PH_CONTROL_CONNECTIONS_MAX)) < 0 ||
	    (status = sd_varlink_server_add_interface(control->server, &control_interface)) < 0 ||
	    (status = bind_methods(control->server)) < 0 ||
	    (status = sd_varlink_server_listen_address(control->server, path, 0600)) < 0 ||
	    (status = sd_varlink_server_attach_event(control->server, control->event, 0)) < 0) {
		wlr_log(WLR_ERROR, "start: cannot open the control socket %s: %s", path, strerror(-status));
		return false;
	}
	sd_varlink_server_set_userdata(control->server, session);
	control->soon = wl_event_loop_add_timer(session->loop, handle_soon, session);
	control->source = wl_event_loop_add_fd(session->loop, sd_event_get_fd(control->event),
	    WL_EVENT_READABLE, handle_event, session);
	return control->source && control->soon;
}

void control_finish(struct ph_session *session)
{
	struct ph_control *control = &session->control;

	if (control->source) {
		wl_event_source_remove(control->source);
	}
	if (control->soon) {
		wl_event_source_remove(control->soon);
	}
	control_finish_calls(session);
	control_finish_watch(session);
	while (control->connection_count > 0) {
		sd_varlink_close(control->connections[--control->connection_count]);
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
