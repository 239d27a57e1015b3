// SPDX-License-Identifier: MIT
#include "output_power.h"

#include <wlr/types/wlr_output_power_management_v1.h>
#include <wlr/util/log.h>

#include "listener.h"
#include "output.h"
#include "session.h"

static void handle_set_mode(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, output_power.set_mode);
	const struct wlr_output_power_v1_set_mode_event *event = data;
	struct ph_output *output = event->output->data;

	if (output) {
		output_switch(output, event->mode == ZWLR_OUTPUT_POWER_V1_MODE_ON);
	}
}

bool output_power_init(struct ph_session *session)
{
	struct ph_output_power *power = &session->output_power;

	power->manager = wlr_output_power_manager_v1_create(session->display);
	if (!power->manager) {
		wlr_log(WLR_ERROR, "start: out of memory for the power of outputs");
		return false;
	}
	listener_connect(&power->manager->events.set_mode, &power->set_mode, handle_set_mode);
	return true;
}

void output_power_finish(struct ph_session *session)
{
	listener_disconnect(&session->output_power.set_mode);
}
