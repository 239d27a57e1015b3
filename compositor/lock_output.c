// SPDX-License-Identifier: MIT
#include "lock_output.h"

#include <stdlib.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_session_lock_v1.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "listener.h"
#include "lock_picture.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"

/* An output that takes no frame shows none either: the locker waits so long, ms. */
#define BLANK_DEADLINE_MS 1000
#define BLACK ((const float[4]){0, 0, 0, 1}) /* until it is placed */

/* What the lock has on one output. */
struct ph_lock_output {
	struct wl_list link; /* ph_lock.outputs */
	struct ph_session *session;
	struct wlr_output *wlr_output;
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *cover;
	struct wlr_scene_buffer *message; /* instead of a surface, when there is no locker */
	struct wlr_session_lock_surface_v1 *surface; /* NULL: the locker has none here */
	int message_width, message_height;           /* pixels that message was drawn for */
	bool committed, blank; /* a frame without anything of the session was sent, and is seen */
	uint32_t commit_seq;

	struct wl_listener commit;
	struct wl_listener present;
	struct wl_listener destroy;
	struct wl_listener surface_map;
	struct wl_listener surface_destroy;
};

/* --- blank outputs */

/* Tells the locker once nothing of the session is on any output. */
static void tell_when_blank(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;
	struct ph_lock_output *output;
	bool seen = !session->wlr_session || session->wlr_session->active;

	wl_list_for_each(output, &lock->outputs, link) {
		if (seen && output->wlr_output->enabled && !output->blank) {
			return;
		}
	}
	wl_event_source_timer_update(lock->deadline, 0);
	if (lock->current && !lock->told) {
		wlr_session_lock_v1_send_locked(lock->current);
	}
	lock->told = true;
}

static int handle_deadline(void *data)
{
	struct ph_session *session = data;
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (output->wlr_output->enabled && !output->blank) {
			wlr_log(WLR_ERROR, "lock: output %s has shown no frame for %d ms; not waiting for it",
			    output->wlr_output->name, BLANK_DEADLINE_MS);
			output->blank = true;
		}
	}
	tell_when_blank(session);
	return 0;
}

void lock_outputs_wait_blank(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;

	if (!lock->deadline) {
		lock->deadline = wl_event_loop_add_timer(session->loop, handle_deadline, session);
		if (!lock->deadline) {
			abort();
		}
	}
	wl_event_source_timer_update(lock->deadline, BLANK_DEADLINE_MS);
	tell_when_blank(session);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, commit);
	const struct wlr_output_event_commit *event = data;

	if (!output->committed && (event->state->committed & WLR_OUTPUT_STATE_BUFFER)) {
		output->committed = true;
		output->commit_seq = output->wlr_output->commit_seq;
	}
}

static void handle_present(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, present);
	const struct wlr_output_event_present *event = data;

	/* Sequence numbers wrap: what counts is the distance. */
	if (output->committed && !output->blank && event->presented &&
	    (int32_t)(event->commit_seq - output->commit_seq) >= 0) {
		output->blank = true;
		tell_when_blank(output->session);
	}
}

/* --- what is on an output */

static void draw_message(struct ph_lock_output *output, const struct wlr_box *box)
{
	const struct ph_lock *lock = &output->session->lock;
	bool wanted = !lock->current;
	int width, height;

	wlr_scene_node_set_enabled(&output->message->node, wanted);
	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	if (!wanted || width < 1 || height < 1 ||
	    (width == output->message_width && height == output->message_height)) {
		return;
	}
	struct ph_pixmap *pixmap = pixmap_create_opaque(width, height);
	if (!pixmap) {
		return; /* the plain colour stays */
	}
	cairo_t *cr = cairo_create(pixmap->surface);
	lock_picture_draw(cr, &output->session->home.theme, lock->problem, width, height,
	    (double)output->wlr_output->scale);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	wlr_scene_buffer_set_buffer(output->message, &pixmap->base);
	wlr_scene_buffer_set_dest_size(output->message, box->width, box->height);
	wlr_buffer_drop(&pixmap->base);
	output->message_width = width;
	output->message_height = height;
}

/* As the message's ground: nothing flashes when a locker comes or goes. */
static void paint_cover(struct ph_lock_output *output)
{
	uint32_t ground = output->session->home.theme.ground;
	float colour[4] = {0, 0, 0, 1};

	for (unsigned i = 0; i < 3; i++) {
		colour[i] = (float)(ground >> (16 - 8 * i) & 0xff) / 255;
	}
	wlr_scene_rect_set_color(output->cover, colour);
}

static void place(struct ph_lock_output *output)
{
	struct wlr_box box;

	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &box);
	wlr_scene_node_set_enabled(&output->tree->node, box.width > 0);
	if (box.width < 1 || box.height < 1) {
		return;
	}
	wlr_scene_node_set_position(&output->tree->node, box.x, box.y);
	wlr_scene_rect_set_size(output->cover, box.width, box.height);
	paint_cover(output);
	draw_message(output, &box);
	if (output->surface && (!output->surface->configured ||
				   output->surface->pending.width != (uint32_t)box.width ||
				   output->surface->pending.height != (uint32_t)box.height)) {
		wlr_session_lock_surface_v1_configure(
		    output->surface, (uint32_t)box.width, (uint32_t)box.height);
	}
}

static void forget_output(struct ph_lock_output *output)
{
	listener_disconnect(&output->commit);
	listener_disconnect(&output->present);
	listener_disconnect(&output->destroy);
	listener_disconnect(&output->surface_map);
	listener_disconnect(&output->surface_destroy);
	wl_list_remove(&output->link);
	wlr_scene_node_destroy(&output->tree->node);
	free(output);
}

static void handle_output_destroy(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, destroy);
	struct ph_session *session = output->session;

	forget_output(output);
	if (!session->stopping) {
		tell_when_blank(session);
	}
}

static struct ph_lock_output *find_output(
    struct ph_session *session, const struct wlr_output *wlr_output)
{
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (output->wlr_output == wlr_output) {
			return output;
		}
	}
	return NULL;
}

static void add_output(struct ph_session *session, struct wlr_output *wlr_output)
{
	struct ph_lock_output *output = calloc(1, sizeof(*output));

	if (!output) {
		abort();
	}
	output->session = session;
	output->wlr_output = wlr_output;
	output->tree = wlr_scene_tree_create(session->tree_lock);
	output->cover = output->tree ? wlr_scene_rect_create(output->tree, 1, 1, BLACK) : NULL;
	output->message = output->cover ? wlr_scene_buffer_create(output->tree, NULL) : NULL;
	if (!output->message) {
		abort();
	}
	wl_list_insert(&session->lock.outputs, &output->link);
	listener_connect(&wlr_output->events.commit, &output->commit, handle_commit);
	listener_connect(&wlr_output->events.present, &output->present, handle_present);
	listener_connect(&wlr_output->events.destroy, &output->destroy, handle_output_destroy);
	/* An output without anything new to show must present that, too. */
	wlr_output_schedule_frame(wlr_output);
}

void lock_outputs_arrange(struct ph_session *session)
{
	struct ph_output *output;

	if (!session->lock.locked) {
		return;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		struct ph_lock_output *lock_output = find_output(session, output->wlr_output);
		if (!lock_output) {
			add_output(session, output->wlr_output);
			lock_output = find_output(session, output->wlr_output);
		}
		place(lock_output);
	}
}

void lock_outputs_redraw(struct ph_session *session)
{
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		output->message_width = 0;
	}
	lock_outputs_arrange(session);
}

/* --- the locker's surfaces */

static void handle_surface_map(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, surface_map);
	arrange(output->session);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, surface_destroy);

	listener_disconnect(&output->surface_map);
	listener_disconnect(&output->surface_destroy);
	output->surface = NULL; /* its scene tree goes by itself */
	if (!output->session->stopping) {
		arrange(output->session);
	}
}

void lock_outputs_take(struct ph_session *session, struct wlr_session_lock_surface_v1 *surface)
{
	struct ph_lock_output *output = find_output(session, surface->output);

	if (!output || output->surface) {
		return;
	}
	if (!wlr_scene_subsurface_tree_create(output->tree, surface->surface)) {
		abort();
	}
	output->surface = surface;
	listener_connect(&surface->surface->events.map, &output->surface_map, handle_surface_map);
	listener_connect(&surface->events.destroy, &output->surface_destroy, handle_surface_destroy);
	place(output);
}

struct wlr_surface *lock_outputs_surface(struct ph_session *session)
{
	struct ph_output *under =
	    outputs_at(session, session->seat.cursor->x, session->seat.cursor->y);
	struct ph_lock_output *output;
	struct wlr_surface *found = NULL;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (!output->surface || !output->surface->surface->mapped) {
			continue;
		}
		found = output->surface->surface;
		if (under && under->wlr_output == output->wlr_output) {
			break;
		}
	}
	return found;
}

/* --- the end */

void lock_outputs_forget(struct ph_session *session)
{
	struct ph_lock_output *output, *next;

	wl_list_for_each_safe(output, next, &session->lock.outputs, link) {
		forget_output(output);
	}
	if (session->lock.deadline) {
		wl_event_source_timer_update(session->lock.deadline, 0);
	}
}

void lock_outputs_finish(struct ph_session *session)
{
	if (session->lock.outputs.next) {
		lock_outputs_forget(session);
	}
	if (session->lock.deadline) {
		wl_event_source_remove(session->lock.deadline);
	}
}
