// SPDX-License-Identifier: MIT
#include "arrange.h"

#include <wlr/types/wlr_output_layout.h>

#include "guest.h"
#include "guest_head.h"
#include "host_input.h"
#include "lock.h"
#include "output.h"
#include "seat.h"
#include "session.h"

/* Among those that are on; NULL when there are not so many. */
static struct ph_output *nth_output(struct ph_session *session, unsigned index)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (output->wlr_output->enabled && index-- == 0) {
			return output;
		}
	}
	return NULL;
}

static void configure_head(struct ph_session *session, struct ph_guest_head *head)
{
	struct ph_head_config config = head->config;
	struct ph_output *output = nth_output(session, head->console);

	if (output) {
		struct wlr_output *wlr_output = output->wlr_output;
		config.width = (uint32_t)wlr_output->width;
		config.height = (uint32_t)wlr_output->height;
		config.mm_width = (uint32_t)wlr_output->phys_width;
		config.mm_height = (uint32_t)wlr_output->phys_height;
		config.refresh = (uint32_t)wlr_output->refresh;
		config.scale = (uint32_t)(wlr_output->scale * 120 + 0.5f);
	} else if (head->console > 0) {
		/* Console 0 keeps its size: a guest without any monitor moves its windows. */
		config = (struct ph_head_config){0};
	} else if (!head->configured) {
		config = (struct ph_head_config){.width = 1280, .height = 800, .scale = 120};
	}
	config.visible = output && session->guests.shown == head->guest && !lock_is_locked(session);
	guest_head_configure(head, &config);
}

/* The shown guest gets the input if it can be seen and somebody takes the input. */
static struct ph_guest *find_focus(struct ph_session *session)
{
	struct ph_guest *guest = session->guests.shown;
	struct ph_output *output;

	if (host_input_active(session)) {
		return NULL;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		if (guest && guest->control && output->head && guest_head_has_picture(output->head)) {
			return guest;
		}
	}
	return NULL;
}

void arrange(struct ph_session *session)
{
	struct ph_guest *guest;
	struct ph_output *output;

	if (!session->guests.list.next) {
		return; /* an output came before the guests were read */
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		output->head = NULL;
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		for (unsigned console = 0; console < PH_GUEST_MAX_HEADS; console++) {
			struct ph_guest_head *head = guest->heads[console];
			if (!head) {
				continue;
			}
			output = guest == session->guests.shown ? nth_output(session, console) : NULL;
			if (output) {
				output->head = head;
			}
			guest_head_place(head, output);
			configure_head(session, head);
		}
	}
	outputs_update_home(session);
	lock_arrange(session);
	seat_set_focus(session, find_focus(session));
	host_input_refresh(session);
	seat_refresh(session);
}
