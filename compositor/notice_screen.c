// SPDX-License-Identifier: MIT
#include "notice_screen.h"

#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "lock.h"
#include "notice.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"

static int handle_timer(void *data)
{
	notice_hide(data);
	return 0;
}

void notice_hide(struct ph_session *session)
{
	struct ph_notice_screen *screen = &session->notice;

	if (screen->node) {
		wlr_scene_node_destroy(&screen->node->node);
	}
	if (screen->timer) {
		wl_event_source_remove(screen->timer);
	}
	*screen = (struct ph_notice_screen){0};
}

static void draw(struct ph_session *session, struct ph_output *output, const struct ph_notice *notice)
{
	struct ph_notice_screen *screen = &session->notice;
	struct ph_notice_layout layout;
	struct wlr_box box;
	int width, height;

	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	notice_arrange(&layout, notice, width, height, (double)output->wlr_output->scale);
	struct ph_pixmap *pixmap = pixmap_create(layout.pixel_width, layout.pixel_height);
	if (!pixmap) {
		return;
	}
	cairo_t *cr = cairo_create(pixmap->surface);
	notice_draw(cr, notice, &layout);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);

	/* Above everything but the strip, which comes later and is made later. */
	screen->node = wlr_scene_buffer_create(session->tree_strip, &pixmap->base);
	screen->timer = wl_event_loop_add_timer(session->loop, handle_timer, session);
	if (!screen->node || !screen->timer ||
	    wl_event_source_timer_update(screen->timer, PH_NOTICE_MS) < 0) {
		abort();
	}
	wlr_output_layout_get_box(session->outputs.layout, output->wlr_output, &box);
	wlr_scene_node_lower_to_bottom(&screen->node->node);
	wlr_scene_node_set_position(&screen->node->node, box.x + layout.x, box.y + layout.y);
	wlr_scene_buffer_set_dest_size(screen->node, layout.width, layout.height);
	wlr_buffer_drop(&pixmap->base);
}

void notice_show(
    struct ph_session *session, const char *text, const char *keys, const char *after)
{
	struct ph_notice notice = {
	    .theme = &session->home.theme,
	    .text = text,
	    .keys = keys,
	    .after = after,
	};

	wlr_log(WLR_INFO, "notice: %s%s%s%s%s", text, keys ? " " : "", keys ? keys : "",
	    after ? " " : "", after ? after : "");
	notice_hide(session);
	if (session->outputs.focus && !session->stopping && !lock_is_locked(session)) {
		draw(session, session->outputs.focus->output, &notice);
	}
}
