// SPDX-License-Identifier: MIT
#ifndef PH_NOTICE_SCREEN_H
#define PH_NOTICE_SCREEN_H

#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>

struct ph_session;

/* How long a notice is there, ms. */
#define PH_NOTICE_MS 4000

/* A notice over the focused output. It takes no input from anybody. Zeroed: there is none. */
struct ph_notice_screen {
	struct wlr_scene_buffer *node;
	struct wl_event_source *timer;
};

/*
 * Says something for a moment; what was said before is gone. keys (a chord) and
 * after follow the text and may be NULL. Only logged where there is no output,
 * and while the session is locked.
 */
void notice_show(
    struct ph_session *session, const char *text, const char *keys, const char *after);

/* Safe on zeroed memory. */
void notice_hide(struct ph_session *session);

#endif
