// SPDX-License-Identifier: MIT
#include "console.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "deadline.h"
#include "frame.h"
#include "log.h"
#include "picture.h"
#include "pixels.h"
#include "wl_head.h"

#define LOG_MODULE "console"

/* A guest that changes its cursor without end gets that many of them shown. */
#define CURSOR_INTERVAL_US 8000u

enum cursor_state {
	CURSOR_UNKNOWN, /* the guest said nothing: the compositor's own is shown */
	CURSOR_HIDDEN,
	CURSOR_SHOWN,
};

struct ph_console {
	sd_event *event;
	struct ph_display *display;
	struct ph_wl_client *client;
	uint32_t number;
	struct ph_wl_head *head; /* NULL: no compositor */
	bool configured;
	struct ph_head_config config;

	struct ph_frame frame;
	bool running; /* actions are being done */
	struct ph_deadline timer;
	struct ph_picture picture; /* what is shown, if it is not the canvas; its fds are not ours */
	/* by slot: the memory of each buffer that is known, so that its inode stays its own */
	struct ph_picture held[PH_FRAME_MAX_SLOTS];
	struct ph_canvas canvas;
	bool is_canvas;
	struct ph_log_limit limit;

	enum cursor_state cursor;
	bool cursor_dirty;
	sd_event_source *cursor_timer; /* running: too early for the next one */
	uint32_t *cursor_argb;         /* NULL: none defined yet */
	uint32_t cursor_width, cursor_height;
	int32_t hotspot_x, hotspot_y;
};

static uint64_t now(struct ph_console *console)
{
	uint64_t usec;
	(void)sd_event_now(console->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void do_commit(struct ph_console *console, const struct ph_frame_action *action)
{
	const struct ph_head_commit commit = {
	    .slot = action->slot,
	    .picture = console->is_canvas ? NULL : &console->picture,
	    .canvas = console->is_canvas ? &console->canvas : NULL,
	    .full = action->full,
	    .damage = action->damage,
	    .serial = action->serial,
	};
	wl_head_commit(console->head, &commit);
}

static void do_action(struct ph_console *console, const struct ph_frame_action *action)
{
	struct ph_display *display = console->display;

	switch (action->kind) {
	case PH_FRAME_IMPORT:
		if (console->is_canvas) {
			wl_head_import_canvas(console->head, action->slot, console->canvas.width,
			    console->canvas.height);
		} else {
			wl_head_import(console->head, action->slot, &console->held[action->slot]);
		}
		break;
	case PH_FRAME_DROP:
		wl_head_drop(console->head, action->slot);
		break;
	case PH_FRAME_COMMIT:
		do_commit(console, action);
		break;
	case PH_FRAME_BLANK:
		wl_head_blank(console->head);
		break;
	case PH_FRAME_REPLY:
		display->impl->reply(display, console->number, action->ticket);
		break;
	}
}

/* Lets go of buffers that are not known any more. */
static void drop_held(struct ph_console *console)
{
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		if (!console->frame.slots[i].used) {
			picture_finish(&console->held[i]);
		}
	}
}

/* Does what the frame logic asked for, and sets its timer. To be called after each event for it. */
static void run(struct ph_console *console)
{
	struct ph_frame_action action;

	if (console->running) {
		return; /* an action caused this event; the loop below goes on with it */
	}
	console->running = true;
	while (frame_next_action(&console->frame, &action)) {
		/* without a head only replies are left to do */
		if (console->head || action.kind == PH_FRAME_REPLY) {
			do_action(console, &action);
		}
	}
	console->running = false;
	drop_held(console);
	deadline_set(&console->timer, frame_deadline(&console->frame));
}

static void handle_timer(void *data)
{
	struct ph_console *console = data;
	frame_handle_time(&console->frame, now(console));
	run(console);
}

/* Cursor. */

static int handle_cursor_timer(sd_event_source *source, uint64_t usec, void *data);

static void show_cursor(struct ph_console *console)
{
	bool done = true;

	if (!console->head || !console->configured || !console->cursor_dirty ||
	    console->cursor_timer) {
		return;
	}
	if (console->cursor == CURSOR_HIDDEN) {
		wl_head_hide_cursor(console->head);
	} else if (console->cursor == CURSOR_SHOWN && console->cursor_argb) {
		done = wl_head_set_cursor(console->head, console->cursor_argb,
		    console->cursor_width, console->cursor_height, console->hotspot_x,
		    console->hotspot_y);
	}
	console->cursor_dirty = !done;
	(void)sd_event_add_time_relative(console->event, &console->cursor_timer,
	    CLOCK_MONOTONIC, CURSOR_INTERVAL_US, 1000, handle_cursor_timer, console);
}

static int handle_cursor_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct ph_console *console = data;
	console->cursor_timer = sd_event_source_disable_unref(console->cursor_timer);
	show_cursor(console);
	return 0;
}

/* From the head. */

static void send_size(struct ph_console *console)
{
	struct ph_display *display = console->display;
	const struct ph_head_config *config = &console->config;

	if (console->configured) {
		display->impl->set_size(display, console->number, config->width, config->height,
		    config->mm_width, config->mm_height, config->refresh);
	}
}

static void handle_configure(void *data, const struct ph_head_config *config)
{
	struct ph_console *console = data;
	const bool first = !console->configured;

	console->config = *config;
	console->configured = true;
	send_size(console);
	if (first) {
		frame_handle_surface(&console->frame, now(console), true);
	}
	frame_handle_refresh(&console->frame, config->refresh);
	frame_handle_visible(&console->frame, now(console), config->visible);
	run(console);
	show_cursor(console);
}

static void handle_imported(void *data, int slot, bool ok)
{
	struct ph_console *console = data;
	frame_handle_imported(&console->frame, now(console), slot, ok);
	run(console);
}

static void handle_released(void *data, int slot)
{
	struct ph_console *console = data;
	frame_handle_released(&console->frame, now(console), slot);
	run(console);
}

static void handle_latched(void *data, uint32_t serial)
{
	struct ph_console *console = data;
	frame_handle_latched(&console->frame, now(console), serial);
	run(console);
}

static const struct ph_wl_head_events head_events = {
    .configure = handle_configure,
    .imported = handle_imported,
    .released = handle_released,
    .latched = handle_latched,
};

static void make_head(struct ph_console *console)
{
	console->configured = false;
	console->cursor_dirty = console->cursor != CURSOR_UNKNOWN;
	console->head = wl_head_create(console->client, console->number, &head_events, console);
}

static void lose_head(struct ph_console *console)
{
	wl_head_destroy(console->head);
	console->head = NULL;
	console->configured = false;
	frame_handle_surface(&console->frame, now(console), false);
	run(console);
}

/* From the display. */

const char *console_handle_scanout(struct ph_console *console, const struct ph_picture *picture)
{
	struct ph_frame *frame = &console->frame;
	struct ph_picture own;
	struct ph_picture_key key;

	enum ph_picture_error error = picture_identify(picture, &key);
	const bool known = error == PH_PICTURE_OK && frame_knows_buffer(frame, &key);
	if (error == PH_PICTURE_OK && !known) {
		error = picture_check(picture, &key);
	}
	if (error != PH_PICTURE_OK) {
		return picture_error_text(error);
	}
	if (!known && !picture_dup(&own, picture)) {
		return strerror(errno);
	}
	console->picture = *picture; /* not its fds, which are the caller's */
	console->is_canvas = false;
	canvas_finish(&console->canvas);
	frame_handle_scanout(frame, now(console), &key);
	if (!known) {
		struct ph_picture *held = &console->held[frame->current];
		picture_finish(held);
		picture_move(held, &own);
	}
	run(console);
	return NULL;
}

void console_handle_scanout_pixels(struct ph_console *console, const struct ph_pixels *pixels)
{
	const uint32_t width = (uint32_t)pixels->rect.width;
	const uint32_t height = (uint32_t)pixels->rect.height;

	if (!canvas_resize(&console->canvas, width, height)) {
		log_limited(&console->limit, PH_LOG_ERROR,
		    "console %u: no memory for a picture of %ux%u", console->number, width, height);
		return;
	}
	console->is_canvas = true;
	(void)canvas_draw(&console->canvas, pixels);
	struct ph_picture_key key = {
	    .kind = PH_PICTURE_KEY_CANVAS,
	    .fourcc = DRM_FORMAT_XRGB8888,
	    .backing_width = width,
	    .backing_height = height,
	    .num_planes = 1,
	};
	key.planes[0].inode = console->canvas.generation;
	frame_handle_scanout(&console->frame, now(console), &key);
	picture_finish(&console->held[console->frame.current]);
	frame_handle_update(&console->frame, now(console), pixels->rect, 0);
	run(console);
}

void console_handle_update_pixels(struct ph_console *console, const struct ph_pixels *pixels)
{
	if (!console->is_canvas) {
		return;
	}
	const struct ph_rect damage = canvas_draw(&console->canvas, pixels);
	if (!rect_is_empty(damage)) {
		frame_handle_update(&console->frame, now(console), damage, 0);
		run(console);
	}
}

void console_handle_update(struct ph_console *console, struct ph_rect damage, uint64_t ticket)
{
	frame_handle_update(&console->frame, now(console), damage, ticket);
	run(console);
}

void console_handle_disable(struct ph_console *console)
{
	frame_handle_disable(&console->frame, now(console));
	run(console);
	canvas_finish(&console->canvas);
	console->is_canvas = false;
}

void console_handle_cursor_define(struct ph_console *console, uint32_t width, uint32_t height,
    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb)
{
	const size_t size = (size_t)width * height * sizeof(*argb);
	console->cursor_argb = alloc_array(console->cursor_argb, size, 1);
	memcpy(console->cursor_argb, argb, size);
	console->cursor_width = width;
	console->cursor_height = height;
	console->hotspot_x = hotspot_x;
	console->hotspot_y = hotspot_y;
	console->cursor_dirty = true;
	show_cursor(console);
}

void console_handle_cursor_move(struct ph_console *console, bool visible)
{
	const enum cursor_state state = visible ? CURSOR_SHOWN : CURSOR_HIDDEN;

	if (console->cursor != state) {
		console->cursor = state;
		console->cursor_dirty = true;
		show_cursor(console);
	}
}

/* From the owner. */

struct ph_console *console_create(
    sd_event *event, struct ph_display *display, struct ph_wl_client *client, uint32_t number)
{
	struct ph_console *console = alloc_zero(sizeof(*console));

	console->event = event;
	console->display = display;
	console->number = number;
	picture_init(&console->picture);
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		picture_init(&console->held[i]);
	}
	frame_init(&console->frame);
	/* What QEMU has said already counts before what is done when it says nothing. */
	if (deadline_init(&console->timer, event, 500, SD_EVENT_PRIORITY_NORMAL + 10, handle_timer,
		console) < 0) {
		abort();
	}
	console_set_client(console, client);
	return console;
}

void console_destroy(struct ph_console *console)
{
	if (!console) {
		return;
	}
	frame_handle_removed(&console->frame, now(console));
	run(console);
	wl_head_destroy(console->head);
	deadline_finish(&console->timer);
	sd_event_source_disable_unref(console->cursor_timer);
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		picture_finish(&console->held[i]);
	}
	canvas_finish(&console->canvas);
	free(console->cursor_argb);
	free(console);
}

void console_set_client(struct ph_console *console, struct ph_wl_client *client)
{
	if (console->head) {
		lose_head(console);
	}
	console->client = client;
	if (client) {
		make_head(console);
	}
}

void console_add_counts(const struct ph_console *console, struct ph_console_counts *counts)
{
	counts->updates += console->frame.counts.updates;
	counts->commits += console->frame.counts.commits;
	counts->imports += console->frame.counts.imports;
	counts->late_replies += console->frame.counts.late_replies;
}
