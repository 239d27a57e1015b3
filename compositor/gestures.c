// SPDX-License-Identifier: MIT
#include "gestures.h"

#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/util/log.h>

#include "commands.h"
#include "idle.h"
#include "listener.h"
#include "lock.h"
#include "session.h"
#include "touch.h"

/* Does what a gesture is bound to; false: it means nothing now. */
static bool run(struct ph_session *session, enum ph_gesture_kind kind, unsigned fingers)
{
	const struct ph_gesture gesture = {.kind = kind, .fingers = fingers};
	const struct ph_command *command =
	    gesture_find(session->config.gestures, session->config.gesture_count, &gesture);

	if (!command || lock_is_locked(session)) {
		return false;
	}
	command_run(session, command);
	/* There is no key to be let go of. */
	command_settle(session);
	return true;
}

/* Makes the timer if there is none, and sets it; 0: stops it. */
static void set_timer(struct ph_session *session, struct wl_event_source **timer,
    wl_event_loop_timer_func_t handler, int ms)
{
	if (!*timer && ms > 0) {
		*timer = wl_event_loop_add_timer(session->loop, handler, session);
		if (!*timer) {
			wlr_log_errno(WLR_ERROR, "gestures: no timer for them");
		}
	}
	if (*timer) {
		wl_event_source_timer_update(*timer, ms);
	}
}

static void handle_swipe_begin(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, gestures.swipe_begin);
	const struct wlr_pointer_swipe_begin_event *event = data;

	idle_note_activity(session);
	swipe_begin(&session->gestures.swipe, event->fingers);
}

static void handle_swipe_update(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, gestures.swipe_update);
	const struct wlr_pointer_swipe_update_event *event = data;
	enum ph_gesture_kind kind;

	if (swipe_update(&session->gestures.swipe, event->dx, event->dy, &kind)) {
		run(session, kind, session->gestures.swipe.fingers);
	}
}

static void handle_swipe_end(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, gestures.swipe_end);

	session->gestures.swipe = (struct ph_swipe){0};
}

static int handle_hold(void *data)
{
	struct ph_session *session = data;
	unsigned fingers = session->gestures.resting;

	session->gestures.resting = 0;
	if (fingers > 0) {
		run(session, PH_GESTURE_HOLD, fingers);
	}
	return 0;
}

static void handle_hold_begin(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, gestures.hold_begin);
	const struct wlr_pointer_hold_begin_event *event = data;

	idle_note_activity(session);
	if (event->fingers >= PH_GESTURE_FINGERS_MIN) {
		session->gestures.resting = event->fingers;
		set_timer(session, &session->gestures.hold, handle_hold, PH_GESTURE_HOLD_MS);
	}
}

/* They were lifted, or have begun to move. */
static void handle_hold_end(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, gestures.hold_end);

	session->gestures.resting = 0;
	set_timer(session, &session->gestures.hold, handle_hold, 0);
}

static int handle_patience(void *data)
{
	touch_give_edge(data);
	return 0;
}

bool gestures_edge_down(struct ph_session *session, int32_t id, double lx, double ly)
{
	struct wlr_output *output = wlr_output_layout_output_at(session->outputs.layout, lx, ly);
	struct wlr_box box;
	int width, height;

	if (!output || lock_is_locked(session)) {
		return false;
	}
	wlr_output_layout_get_box(session->outputs.layout, output, &box);
	wlr_output_transformed_resolution(output, &width, &height);
	double width_mm = width == output->width ? output->phys_width : output->phys_height;
	if (!edge_touch_begin(&session->gestures.edge, id, lx, ly,
		&(struct ph_box){box.x, box.y, box.width, box.height}, edge_touch_mm(box.width, width_mm),
		session->config.gestures, session->config.gesture_count)) {
		return false;
	}
	set_timer(session, &session->gestures.patience, handle_patience, PH_EDGE_TOUCH_MS);
	return true;
}

enum ph_edge_verdict gestures_edge_motion(struct ph_session *session, double lx, double ly)
{
	struct ph_edge_touch *edge = &session->gestures.edge;
	enum ph_edge_verdict verdict = edge_touch_motion(edge, lx, ly);

	if (verdict == PH_EDGE_SWIPE) {
		run(session, edge->edge, 0);
	}
	return verdict;
}

void gestures_init(struct ph_session *session)
{
	struct ph_gestures *gestures = &session->gestures;
	struct wlr_cursor *cursor = session->seat.cursor;

	listener_connect(&cursor->events.swipe_begin, &gestures->swipe_begin, handle_swipe_begin);
	listener_connect(&cursor->events.swipe_update, &gestures->swipe_update, handle_swipe_update);
	listener_connect(&cursor->events.swipe_end, &gestures->swipe_end, handle_swipe_end);
	listener_connect(&cursor->events.hold_begin, &gestures->hold_begin, handle_hold_begin);
	listener_connect(&cursor->events.hold_end, &gestures->hold_end, handle_hold_end);
}

void gestures_finish(struct ph_session *session)
{
	struct ph_gestures *gestures = &session->gestures;

	listener_disconnect(&gestures->swipe_begin);
	listener_disconnect(&gestures->swipe_update);
	listener_disconnect(&gestures->swipe_end);
	listener_disconnect(&gestures->hold_begin);
	listener_disconnect(&gestures->hold_end);
	if (gestures->hold) {
		wl_event_source_remove(gestures->hold);
	}
	if (gestures->patience) {
		wl_event_source_remove(gestures->patience);
	}
	*gestures = (struct ph_gestures){0};
}
