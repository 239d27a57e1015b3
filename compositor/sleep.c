// SPDX-License-Identifier: MIT
#include "sleep.h"

#include <wayland-server-core.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "guest.h"
#include "guest_protocol.h"
#include "keyboard.h"
#include "lock.h"
#include "logind.h"
#include "phyllome-guest-v1-protocol.h"
#include "seat.h"
#include "session.h"

/* logind waits five seconds (InhibitDelayMaxSec); we look so often, and give up before. */
#define LOOK_MS 20
#define GIVE_UP_US 4500000

static void pause_guests(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		guest->asleep = guest->control && guest->state == PH_GUEST_RUNNING;
		if (guest->asleep) {
			guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_PAUSE);
			guest_flush(guest);
		}
	}
}

static void resume_guests(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->asleep && guest->control) {
			guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_RESUME);
		}
		guest->asleep = false;
	}
}

static bool is_ready(struct ph_session *session)
{
	struct ph_guest *guest;

	/* A locker that could not be started has been complained about. */
	if (session->config.lock.on_sleep && !lock_is_complete(session) &&
	    (lock_is_locked(session) || session->lock.locker > 0)) {
		return false;
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->asleep && guest->state == PH_GUEST_RUNNING) {
			return false;
		}
	}
	return true;
}

static int handle_timer(void *data)
{
	struct ph_session *session = data;
	struct ph_sleep *state = &session->sleep;
	bool late = session_time_us() - state->begun_us >= GIVE_UP_US;

	if (!state->begun || !logind_delays_sleep(session)) {
		return 0;
	}
	if (!is_ready(session) && !late) {
		wl_event_source_timer_update(state->timer, LOOK_MS);
		return 0;
	}
	if (session->config.lock.on_sleep && !lock_is_complete(session)) {
		wlr_log(WLR_ERROR, "sleep: the computer sleeps although the session is not locked");
	} else if (late) {
		wlr_log(WLR_ERROR, "sleep: a guest is not paused yet; not waiting for it");
	}
	logind_let_sleep(session);
	return 0;
}

void sleep_begin(struct ph_session *session)
{
	struct ph_sleep *state = &session->sleep;

	if (state->begun) {
		return;
	}
	state->begun = true;
	state->begun_us = session_time_us();
	wlr_log(WLR_INFO, "sleep: the computer goes to sleep");
	/* Whatever is pressed now is let go of by the time that it wakes up. */
	keyboards_ungrab(session);
	seat_set_focus(session, NULL);
	if (session->config.lock.on_sleep) {
		lock_run(session);
	}
	pause_guests(session);
	if (!state->timer) {
		state->timer = wl_event_loop_add_timer(session->loop, handle_timer, session);
	}
	if (state->timer) {
		wl_event_source_timer_update(state->timer, LOOK_MS);
	} else {
		logind_let_sleep(session);
	}
}

void sleep_end(struct ph_session *session)
{
	if (session->sleep.begun) {
		session->sleep.begun = false;
		wlr_log(WLR_INFO, "sleep: the computer is awake again");
		resume_guests(session);
		arrange(session);
	}
}

void sleep_finish(struct ph_session *session)
{
	if (session->sleep.timer) {
		wl_event_source_remove(session->sleep.timer);
		session->sleep.timer = NULL;
	}
}
