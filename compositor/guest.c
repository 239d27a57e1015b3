// SPDX-License-Identifier: MIT
#include "guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "bridge_process.h"
#include "guest_lock.h"
#include "guest_look.h"
#include "guest_protocol.h"
#include "guest_store.h"
#include "guest_token.h"
#include "guests.h"
#include "notice_screen.h"
#include "phyllome-guest-v1-protocol.h"
#include "session.h"

/* So many lines in a second may a bridge cause. */
#define LINES_MAX 20

#define NO_TOKEN_REASON "nothing can be written to its run-time directory; make room there, and start it again"
#define LOCKED_REASON "its directory is encrypted, and its key is not here"

static void log_news(struct ph_guest *guest, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a bridge causes is logged as long as a person could still read it. */
static void log_news(struct ph_guest *guest, const char *format, ...)
{
	uint64_t now = session_time_us();
	char text[1200];
	va_list arguments;

	if (now - guest->lines_since_us >= 1000000) {
		if (guest->lines > LINES_MAX) {
			wlr_log(WLR_INFO, "guest %s: and %u lines more", guest->id, guest->lines - LINES_MAX);
		}
		guest->lines_since_us = now;
		guest->lines = 0;
	}
	if (guest->lines++ < LINES_MAX) {
		va_start(arguments, format);
		vsnprintf(text, sizeof(text), format, arguments);
		va_end(arguments);
		wlr_log(WLR_INFO, "guest %s: %s", guest->id, text);
	}
}

static char *copy(const char *text)
{
	char *result = strdup(text);

	if (!result) {
		abort();
	}
	return result;
}

void guest_read_look(struct ph_guest *guest)
{
	const struct ph_config_guest *said = config_guest(&guest->session->config, guest->id);
	struct ph_guest_look look = {0};

	guest_look_read(&look, guest->dir, guest->id);
	free(guest->title);
	guest->title = look.title;
	/* What the person at the screen says counts more than the guest's owner. */
	guest->colour = said && said->colour ? said->colour : look.colour;
	guest->edge = look.edge || guest->session->config.strip.edge;
	if (said && said->edge != PH_UNSET) {
		guest->edge = said->edge == PH_SET_ON;
	}
}

void guest_read_scale(struct ph_guest *guest)
{
	const struct ph_config_guest *said = config_guest(&guest->session->config, guest->id);

	if (said && said->has_scale) {
		guest->scale = said->scale;
	}
}

struct ph_guest *guest_create(struct ph_session *session, const char *id, const char *dir)
{
	struct ph_guest *guest = calloc(1, sizeof(*guest));

	if (!guest || asprintf(&guest->runtime, "%s/%s", session->runtime, id) < 0) {
		abort();
	}
	guest->session = session;
	guest->id = copy(id);
	guest->dir = copy(dir);
	const char *reason = "";
	if (guest_lock_is_locked(dir)) {
		guest->state = PH_GUEST_LOCKED;
		reason = LOCKED_REASON;
	}
	if (!guest_token_read(guest->runtime, guest->token)) {
		guest->state = PH_GUEST_LOST;
		reason = NO_TOKEN_REASON;
	}
	guest->reason = copy(reason);
	guest_read_scale(guest);
	guest_read_look(guest);
	return guest;
}

void guest_destroy(struct ph_guest *guest)
{
	free(guest->id);
	free(guest->dir);
	free(guest->title);
	free(guest->runtime);
	free(guest->reason);
	free(guest);
}

unsigned guest_head_count(const struct ph_guest *guest)
{
	unsigned count = PH_GUEST_MAX_HEADS;

	while (count > 1 && !guest->heads[count - 1]) {
		count--;
	}
	return count;
}

void guest_bind_control(struct ph_guest *guest, struct wl_resource *control)
{
	guest->control = control;
	guest->state = PH_GUEST_OFF;
	guest->pointer_mode = PHYLLOME_GUEST_V1_POINTER_MODE_NONE;
	guest->leds = 0;
	log_news(guest, "its bridge is here");
	arrange(guest->session);
}

static void handle_news(void *data)
{
	struct ph_session *session = data;

	session->guests.news = NULL;
	arrange(session);
	guests_redraw_home(session);
}

/* Once, however much a bridge has to say in one go: it takes a while. */
static void show_news_later(struct ph_session *session)
{
	if (!session->guests.news) {
		session->guests.news = wl_event_loop_add_idle(session->loop, handle_news, session);
	}
}

static void take_state(struct ph_guest *guest, enum ph_guest_state state, const char *reason)
{
	char *text = copy(reason);

	guest_store_clean_line(text);
	free(guest->reason);
	guest->reason = text;
	guest->state = state;
	log_news(guest, "%s%s%s", guest_state_name(state), text[0] ? ": " : "", text);
	show_news_later(guest->session);
	control_notify(guest->session);
}

bool guest_check_lock(struct ph_guest *guest)
{
	bool locked = !guest_state_has_machine(guest->state) && guest_lock_is_locked(guest->dir);

	if (locked != (guest->state == PH_GUEST_LOCKED)) {
		/* Its name is in its directory: forgotten, or known again. */
		guest_read_look(guest);
		take_state(guest, locked ? PH_GUEST_LOCKED : PH_GUEST_OFF, locked ? LOCKED_REASON : "");
	}
	return locked;
}

static void tell_locked(const struct ph_guest *guest)
{
	char text[256];

	snprintf(text, sizeof(text), "%.64s is locked: %s.", guest->title, LOCKED_REASON);
	notice_show(guest->session, text, NULL, NULL);
}

void guest_start(struct ph_guest *guest)
{
	if (guest_check_lock(guest)) {
		tell_locked(guest);
		return;
	}
	if (!guest->token[0] && !guest_token_read(guest->runtime, guest->token)) {
		take_state(guest, PH_GUEST_LOST, NO_TOKEN_REASON);
		return;
	}
	if (guest->control) {
		if (!guest_state_has_machine(guest->state)) {
			guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_START);
		}
		return;
	}
	guest->wanted = true;
	if (guest->bridge == 0) {
		bridge_process_start(guest);
	}
}

void guest_want(struct ph_guest *guest)
{
	if (guest->state == PH_GUEST_OFF || guest->state == PH_GUEST_LOCKED || (!guest->control && !guest->bridge)) {
		guest_start(guest);
	}
}

void guest_unbind_control(struct ph_guest *guest)
{
	struct ph_session *session = guest->session;

	guest->control = NULL;
	guest->pointer_mode = PHYLLOME_GUEST_V1_POINTER_MODE_NONE;
	if (session->stopping) {
		return;
	}
	log_news(guest, "its bridge is gone");
	if (guest->state != PH_GUEST_OFF && guest->state != PH_GUEST_LOCKED) {
		take_state(guest, PH_GUEST_LOST, "its bridge is gone");
		bridge_process_expect(guest);
	}
	arrange(session);
}

void guest_set_state(struct ph_guest *guest, enum ph_guest_state state, const char *reason)
{
	bool wanted = guest->wanted;

	if (state != guest->state || strcmp(reason, guest->reason) != 0) {
		take_state(guest, state, reason);
	}
	/* A bridge that was started for a person who wants the machine. */
	guest->wanted = false;
	if (wanted && !guest_state_has_machine(state)) {
		guest_send_action(guest, PHYLLOME_GUEST_V1_ACTION_START);
	}
}
