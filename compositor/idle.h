// SPDX-License-Identifier: MIT
#ifndef PH_IDLE_H
#define PH_IDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_idle_inhibit_v1.h>
#include <wlr/types/wlr_idle_notify_v1.h>

struct ph_session;

/* Tells tools as swayidle when nobody uses the session (ext-idle-notify-v1, idle-inhibit). */
struct ph_idle {
	struct wlr_idle_notifier_v1 *notifier;
	struct wlr_idle_inhibit_manager_v1 *inhibit_manager;
	struct wl_list inhibitors; /* ph_idle_inhibitor.link, of idle.c */
	uint64_t told_us;          /* when the notifier was last told of activity */

	struct wl_listener new_inhibitor;
	struct wl_listener motion;
	struct wl_listener motion_absolute;
	struct wl_listener button;
	struct wl_listener axis;
	struct wl_listener touch_down;
	struct wl_listener touch_motion;
};

/* False: logged. Needs seat_init() before it. */
bool idle_init(struct ph_session *session);
void idle_finish(struct ph_session *session);

/* Windows may have come to the front, or the lock: see who may keep the screen on. Called by arrange(). */
void idle_refresh(struct ph_session *session);

/* A person did something. Cheap: most calls return at once. */
void idle_note_activity(struct ph_session *session);

#endif
