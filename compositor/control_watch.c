// SPDX-License-Identifier: MIT
#include "control_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <wlr/util/log.h>

#include "control_idl.h"
#include "control_list.h"
#include "session.h"

/* A subscriber that has taken nothing for so long while something waited is dead. */
#define PATIENCE_US (10 * 1000 * 1000)
/* More of them are refused. */
#define SUBSCRIBERS_MAX 64

struct ph_subscriber {
	struct wl_list link; /* ph_control.subscribers */
	sd_varlink *peer;    /* referenced */
	uint64_t version;    /* of the state that it was told last */
	uint64_t full_us;    /* CLOCK_MONOTONIC, since when it takes nothing; 0: it does */
};

/* Forgets it; the connection is left to the caller. */
static void forget(struct ph_session *session, struct ph_subscriber *subscriber)
{
	struct ph_control *control = &session->control;

	wl_list_remove(&subscriber->link);
	free(subscriber);
	if (--control->subscriber_count > 0) {
		return;
	}
	control->told = sd_json_variant_unref(control->told);
	if (control->pending) {
		wl_event_source_remove(control->pending);
		control->pending = NULL;
	}
}

static void drop(struct ph_session *session, struct ph_subscriber *subscriber)
{
	sd_varlink *peer = subscriber->peer;

	forget(session, subscriber);
	sd_varlink_close(peer);
	sd_varlink_unref(peer);
}

/* Whether it has not even taken what it was told before. */
static bool is_full(const struct ph_subscriber *subscriber)
{
	return (sd_varlink_get_events(subscriber->peer) & POLLOUT) != 0;
}

/* Tells it the newest state if it can take it; drops it if it is dead. */
static void tell(struct ph_session *session, struct ph_subscriber *subscriber)
{
	uint64_t now = session_time_us();

	if (is_full(subscriber)) {
		subscriber->full_us = subscriber->full_us ? subscriber->full_us : now;
		if (now - subscriber->full_us >= PATIENCE_US) {
			wlr_log(WLR_INFO, "control: a subscriber reads nothing and is dropped");
			drop(session, subscriber);
		}
		return;
	}
	subscriber->full_us = 0;
	subscriber->version = session->control.version;
	int status = sd_varlink_notify(subscriber->peer, session->control.told);
	if (status < 0) {
		wlr_log(WLR_DEBUG, "control: a subscriber is gone: %s", strerror(-status));
		drop(session, subscriber);
	}
}

/* Makes ph_control.told the state as it is now. */
static void take_state(struct ph_session *session)
{
	struct ph_control *control = &session->control;
	sd_json_variant *state = NULL;
	int status = control_list_state(session, &state);

	if (status < 0) {
		wlr_log(WLR_ERROR, "control: the state cannot be told: %s", strerror(-status));
	}
	if (status < 0 || (control->told && sd_json_variant_equal(state, control->told))) {
		sd_json_variant_unref(state);
		return;
	}
	sd_json_variant_unref(control->told);
	control->told = state;
	control->version++;
}

bool control_watch_tell(struct ph_session *session)
{
	struct ph_control *control = &session->control;
	struct ph_subscriber *subscriber, *next;
	bool told = false;

	if (control->subscriber_count == 0) {
		return false;
	}
	wl_list_for_each_safe(subscriber, next, &control->subscribers, link) {
		if (subscriber->version != control->version) {
			told = told || !is_full(subscriber);
			tell(session, subscriber);
		}
	}
	return told;
}

static void handle_idle(void *data)
{
	struct ph_session *session = data;

	session->control.pending = NULL;
	take_state(session);
	control_dispatch_soon(session);
}

void control_notify(struct ph_session *session)
{
	struct ph_control *control = &session->control;

	if (control->subscriber_count > 0 && !control->pending && !session->stopping) {
		control->pending = wl_event_loop_add_idle(session->loop, handle_idle, session);
	}
}

static int handle_subscribe(
    sd_varlink *link, sd_json_variant *parameters, sd_varlink_method_flags_t flags, void *data)
{
	struct ph_session *session = data;
	struct ph_control *control = &session->control;

	if (!(flags & SD_VARLINK_METHOD_MORE)) {
		return sd_varlink_error(link, SD_VARLINK_ERROR_EXPECTED_MORE, NULL);
	}
	if (control->subscriber_count == SUBSCRIBERS_MAX) {
		return sd_varlink_error(link, PH_CONTROL_INTERFACE ".TooManySubscribers", NULL);
	}
	take_state(session);
	if (!control->told) {
		return -EIO;
	}
	struct ph_subscriber *subscriber = calloc(1, sizeof(*subscriber));
	if (!subscriber) {
		abort();
	}
	if (control->subscriber_count++ == 0) {
		wl_list_init(&control->subscribers);
	}
	wl_list_insert(&control->subscribers, &subscriber->link);
	subscriber->peer = sd_varlink_ref(link);
	subscriber->version = control->version;
	return sd_varlink_notify(link, control->told);
}

static struct ph_subscriber *find(struct ph_session *session, const sd_varlink *peer)
{
	struct ph_subscriber *subscriber;

	if (session->control.subscriber_count == 0) {
		return NULL;
	}
	wl_list_for_each(subscriber, &session->control.subscribers, link) {
		if (subscriber->peer == peer) {
			return subscriber;
		}
	}
	return NULL;
}

void control_watch_forget(struct ph_session *session, sd_varlink *link)
{
	struct ph_subscriber *subscriber = find(session, link);

	if (subscriber) {
		forget(session, subscriber);
		sd_varlink_unref(link);
	}
}

int control_bind_watch(sd_varlink_server *server)
{
	return sd_varlink_server_bind_method(
	    server, PH_CONTROL_INTERFACE ".Subscribe", handle_subscribe);
}

void control_finish_watch(struct ph_session *session)
{
	while (session->control.subscriber_count > 0) {
		struct ph_subscriber *subscriber =
		    wl_container_of(session->control.subscribers.next, subscriber, link);
		drop(session, subscriber);
	}
}
