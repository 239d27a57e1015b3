// SPDX-License-Identifier: MIT
#include "idle.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/log.h>

#include "listener.h"
#include "lock.h"
#include "session.h"

/* A mouse says something a thousand times a second; no tool cares for such a short while. */
#define ACTIVITY_US 20000

/* A program that wants the screen to stay on, for as long as its surface is mapped. */
struct ph_idle_inhibitor {
	struct wl_list link; /* ph_idle.inhibitors */
	struct ph_session *session;
	struct wlr_surface *surface;
	struct wl_listener map;
	struct wl_listener unmap;
	struct wl_listener destroy;
};

void idle_note_activity(struct ph_session *session)
{
	struct ph_idle *idle = &session->idle;
	/* When the kernel saw it, if that is known: the clock need not be asked as well. */
	uint64_t now = session->seat.event_us ? session->seat.event_us : session_time_us();

	if (idle->notifier && now - idle->told_us >= ACTIVITY_US) {
		idle->told_us = now;
		wlr_idle_notifier_v1_notify_activity(idle->notifier, session->seat.wlr_seat);
		idle_policy_note_activity(session);
	}
}

/* A film that plays behind a guest, or behind the lock, keeps nobody's screen on. */
static bool is_seen(const struct ph_idle_inhibitor *inhibitor)
{
	struct ph_session *session = inhibitor->session;
	struct wlr_surface *root = wlr_surface_get_root_surface(inhibitor->surface);
	struct wlr_xdg_toplevel *window = wlr_xdg_toplevel_try_from_wlr_surface(root);

	return inhibitor->surface->mapped && !lock_is_locked(session) &&
	       (!window || views_are_showing(session, window));
}

void idle_refresh(struct ph_session *session)
{
	struct ph_idle_inhibitor *inhibitor;
	bool inhibited = false;

	if (!session->idle.inhibitors.next) {
		return; /* an output came before this was made */
	}
	wl_list_for_each(inhibitor, &session->idle.inhibitors, link) {
		inhibited = inhibited || is_seen(inhibitor);
	}
	wlr_idle_notifier_v1_set_inhibited(session->idle.notifier, inhibited);
	idle_policy_set_inhibited(session, inhibited);
}

static void handle_map(struct wl_listener *listener, void *data)
{
	struct ph_idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, map);
	idle_refresh(inhibitor->session);
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct ph_idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, unmap);
	idle_refresh(inhibitor->session);
}

static void forget(struct ph_idle_inhibitor *inhibitor)
{
	listener_disconnect(&inhibitor->map);
	listener_disconnect(&inhibitor->unmap);
	listener_disconnect(&inhibitor->destroy);
	wl_list_remove(&inhibitor->link);
	free(inhibitor);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct ph_idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, destroy);
	struct ph_session *session = inhibitor->session;

	forget(inhibitor);
	idle_refresh(session);
}

static void handle_new_inhibitor(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.new_inhibitor);
	struct wlr_idle_inhibitor_v1 *wlr_inhibitor = data;
	struct ph_idle_inhibitor *inhibitor = calloc(1, sizeof(*inhibitor));

	if (!inhibitor) {
		abort();
	}
	inhibitor->session = session;
	inhibitor->surface = wlr_inhibitor->surface;
	wl_list_insert(&session->idle.inhibitors, &inhibitor->link);
	listener_connect(&inhibitor->surface->events.map, &inhibitor->map, handle_map);
	listener_connect(&inhibitor->surface->events.unmap, &inhibitor->unmap, handle_unmap);
	listener_connect(&wlr_inhibitor->events.destroy, &inhibitor->destroy, handle_destroy);
	idle_refresh(session);
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.motion);
	idle_note_activity(session);
}

static void handle_motion_absolute(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.motion_absolute);
	idle_note_activity(session);
}

static void handle_button(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.button);
	idle_note_activity(session);
}

static void handle_axis(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.axis);
	idle_note_activity(session);
}

static void handle_touch_down(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.touch_down);
	idle_note_activity(session);
}

static void handle_touch_motion(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, idle.touch_motion);
	idle_note_activity(session);
}

bool idle_init(struct ph_session *session)
{
	struct ph_idle *idle = &session->idle;
	struct wlr_cursor *cursor = session->seat.cursor;

	wl_list_init(&idle->inhibitors);
	idle->notifier = wlr_idle_notifier_v1_create(session->display);
	idle->inhibit_manager = wlr_idle_inhibit_v1_create(session->display);
	if (!idle->notifier || !idle->inhibit_manager) {
		wlr_log(WLR_ERROR, "start: out of memory for the notice of idleness");
		return false;
	}
	listener_connect(&idle->inhibit_manager->events.new_inhibitor, &idle->new_inhibitor,
	    handle_new_inhibitor);
	listener_connect(&cursor->events.motion, &idle->motion, handle_motion);
	listener_connect(
	    &cursor->events.motion_absolute, &idle->motion_absolute, handle_motion_absolute);
	listener_connect(&cursor->events.button, &idle->button, handle_button);
	listener_connect(&cursor->events.axis, &idle->axis, handle_axis);
	listener_connect(&cursor->events.touch_down, &idle->touch_down, handle_touch_down);
	listener_connect(&cursor->events.touch_motion, &idle->touch_motion, handle_touch_motion);
	return true;
}

void idle_finish(struct ph_session *session)
{
	struct ph_idle *idle = &session->idle;
	struct ph_idle_inhibitor *inhibitor, *next;

	listener_disconnect(&idle->new_inhibitor);
	listener_disconnect(&idle->motion);
	listener_disconnect(&idle->motion_absolute);
	listener_disconnect(&idle->button);
	listener_disconnect(&idle->axis);
	listener_disconnect(&idle->touch_down);
	listener_disconnect(&idle->touch_motion);
	if (idle->inhibitors.next) {
		wl_list_for_each_safe(inhibitor, next, &idle->inhibitors, link) {
			forget(inhibitor);
		}
	}
}
