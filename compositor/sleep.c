// SPDX-License-Identifier: MIT
#include "sleep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "guest.h"
#include "guest_protocol.h"
#include "guests.h"
#include "idle.h"
#include "keyboard.h"
#include "lock.h"
#include "logind.h"
#include "phyllome-guest-v1-protocol.h"
#include "seat.h"
#include "session.h"

/* logind waits five seconds (InhibitDelayMaxSec); we look so often, and give up before. */
#define LOOK_MS 20
#define GIVE_UP_US 4500000
/* The locker's part of that: what locks instead of it needs a moment for a frame, too. */
#define LOCKER_US 3200000

/* --- the file that outlives the compositor */

static void file_path(const struct ph_session *session, char *path, size_t size)
{
	snprintf(path, size, "%s/asleep", session->runtime);
}

static void write_file(struct ph_session *session)
{
	struct ph_guest *guest;
	char path[4096];

	file_path(session, path, sizeof(path));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		if (fd >= 0) {
			close(fd);
		}
		wlr_log_errno(WLR_ERROR, "sleep: cannot write %s; a compositor that is started again would "
					 "leave guests paused", path);
		return;
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->asleep) {
			fprintf(file, "%s\n", guest->id);
		}
	}
	if (fclose(file) != 0) {
		wlr_log_errno(WLR_ERROR, "sleep: cannot write %s", path);
	}
}

static void remove_file(struct ph_session *session)
{
	char path[4096];

	file_path(session, path, sizeof(path));
	if (unlink(path) < 0 && errno != ENOENT) {
		wlr_log_errno(WLR_ERROR, "sleep: cannot remove %s", path);
	}
}

void sleep_recover(struct ph_session *session)
{
	char path[4096], line[256];
	struct ph_guest *guest;

	file_path(session, path, sizeof(path));
	FILE *file = fopen(path, "re");
	if (!file) {
		return;
	}
	wlr_log(WLR_INFO, "sleep: the compositor died while the computer slept");
	session->sleep.begun = true;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if ((guest = guests_by_id(session, line))) {
			guest->asleep = true;
		}
	}
	fclose(file);
}

/* --- guests */

static void pause_guests(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->control && guest->state == PH_GUEST_RUNNING) {
			guest->asleep = true;
			guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_PAUSE);
			guest_flush(guest);
		}
	}
	write_file(session);
}

void sleep_arrange(struct ph_session *session)
{
	struct ph_guest *guest;

	if (!session->sleep.owed) {
		return;
	}
	session->sleep.owed = false;
	wl_list_for_each(guest, &session->guests.list, link) {
		/* One that runs has not read yet that it is to pause; of others it is not known yet. */
		bool here = guest->control &&
			    (guest->state == PH_GUEST_PAUSED || guest->state == PH_GUEST_RUNNING);
		if (guest->asleep && here) {
			guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_RESUME);
			guest->asleep = false;
		}
		session->sleep.owed = session->sleep.owed || guest->asleep;
	}
	if (!session->sleep.owed) {
		remove_file(session);
	}
}

static bool is_ready(struct ph_session *session)
{
	struct ph_guest *guest;

	if (session->config.lock.on_sleep && !lock_is_complete(session)) {
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
	uint64_t waited_us = session_time_us() - state->begun_us;
	bool late = waited_us >= GIVE_UP_US;

	if (!state->begun || !logind_delays_sleep(session)) {
		return 0;
	}
	if (session->config.lock.on_sleep && waited_us >= LOCKER_US) {
		lock_force(session);
	}
	if (!is_ready(session) && !late) {
		wl_event_source_timer_update(state->timer, LOOK_MS);
		return 0;
	}
	if (session->config.lock.on_sleep && !lock_is_complete(session)) {
		wlr_log(WLR_ERROR, "sleep: the computer sleeps before each monitor has shown that it is locked");
	} else if (late) {
		wlr_log(WLR_ERROR, "sleep: a guest is not paused yet; not waiting for it");
	}
	logind_let_sleep(session);
	return 0;
}

void sleep_begin(struct ph_session *session)
{
	struct ph_sleep *state = &session->sleep;

	/* Once more, without having been awake: logind could not say so. It is a sleep like any other. */
	state->begun = true;
	state->owed = false;
	state->begun_us = session_time_us();
	wlr_log(WLR_INFO, "sleep: the computer goes to sleep");
	/* Whatever is pressed now is let go of by the time that it wakes up. */
	keyboards_ungrab(session);
	seat_set_focus(session, NULL);
	if (session->config.lock.on_sleep) {
		lock_demand(session);
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
		session->sleep.owed = true;
		wlr_log(WLR_INFO, "sleep: the computer is awake again");
		idle_note_activity(session); /* somebody has woken it up, and wants to see that */
		sleep_arrange(session);
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
