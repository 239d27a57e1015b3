// SPDX-License-Identifier: MIT
#include "screen.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "frame.h"
#include "log.h"
#include "picture.h"
#include "pixels.h"
#include "wl_head.h"

#define LOG_MODULE "screen"

/* A guest that changes its cursor without end gets that many of them shown. */
#define CURSOR_INTERVAL_US 8000u

enum cursor_state {
	CURSOR_UNKNOWN, /* the guest said nothing: the compositor's own is shown */
	CURSOR_HIDDEN,
	CURSOR_SHOWN,
};

struct console {
	struct ph_screen *screen;
	uint32_t number;
	struct ph_wl_head *head; /* NULL: no compositor */
	bool configured;
	struct ph_head_config config;

	struct ph_frame frame;
	bool running; /* actions are being done */
	sd_event_source *timer;
	struct ph_picture picture; /* what is shown, if it is not the canvas */
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

struct ph_screen {
	sd_event *event;
	void (*display_closed)(void *data, const char *reason);
	void *data;
	struct ph_display *display;
	struct ph_wl_client *client;
	struct console *consoles[PH_MAX_CONSOLES];
	enum ph_pointer_mode mode;
	uint32_t leds;
	struct ph_screen_counts counts; /* of consoles that are gone */
};

static uint64_t now(struct ph_screen *screen)
{
	uint64_t usec;
	(void)sd_event_now(screen->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void do_commit(struct console *console, const struct ph_frame_action *action)
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

static void do_action(struct console *console, const struct ph_frame_action *action)
{
	struct ph_display *display = console->screen->display;

	switch (action->kind) {
	case PH_FRAME_IMPORT:
		if (console->is_canvas) {
			wl_head_import_canvas(console->head, action->slot, console->canvas.width,
			    console->canvas.height);
		} else {
			wl_head_import(console->head, action->slot, &console->picture);
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
		if (display) {
			display->impl->reply(display, console->number, action->ticket);
		}
		break;
	}
}

/* Does what the frame logic asked for, and sets its timer. To be called after each event for it. */
static void run(struct console *console)
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
	const uint64_t deadline = frame_deadline(&console->frame);
	if (deadline == PH_FRAME_NEVER) {
		(void)sd_event_source_set_enabled(console->timer, SD_EVENT_OFF);
	} else {
		(void)sd_event_source_set_time(console->timer, deadline);
		(void)sd_event_source_set_enabled(console->timer, SD_EVENT_ONESHOT);
	}
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct console *console = data;
	frame_handle_time(&console->frame, now(console->screen));
	run(console);
	return 0;
}

/* Cursor. */

static int handle_cursor_timer(sd_event_source *source, uint64_t usec, void *data);

static void show_cursor(struct console *console)
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
	(void)sd_event_add_time_relative(console->screen->event, &console->cursor_timer,
	    CLOCK_MONOTONIC, CURSOR_INTERVAL_US, 1000, handle_cursor_timer, console);
}

static int handle_cursor_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct console *console = data;
	console->cursor_timer = sd_event_source_disable_unref(console->cursor_timer);
	show_cursor(console);
	return 0;
}

/* From the head. */

static void send_size(struct console *console)
{
	struct ph_display *display = console->screen->display;
	const struct ph_head_config *config = &console->config;

	if (display && console->configured) {
		display->impl->set_size(display, console->number, config->width, config->height,
		    config->mm_width, config->mm_height, config->refresh);
	}
}

static void handle_configure(void *data, const struct ph_head_config *config)
{
	struct console *console = data;
	const bool first = !console->configured;

	console->config = *config;
	console->configured = true;
	send_size(console);
	if (first) {
		frame_handle_surface(&console->frame, now(console->screen), true);
	}
	frame_handle_visible(&console->frame, now(console->screen), config->visible);
	run(console);
	show_cursor(console);
}

static void handle_imported(void *data, int slot, bool ok)
{
	struct console *console = data;
	frame_handle_imported(&console->frame, now(console->screen), slot, ok);
	run(console);
}

static void handle_released(void *data, int slot)
{
	struct console *console = data;
	frame_handle_released(&console->frame, now(console->screen), slot);
	run(console);
}

static void handle_latched(void *data, uint32_t serial)
{
	struct console *console = data;
	frame_handle_latched(&console->frame, now(console->screen), serial);
	run(console);
}

static const struct ph_wl_head_events head_events = {
    .configure = handle_configure,
    .imported = handle_imported,
    .released = handle_released,
    .latched = handle_latched,
};

static void make_head(struct console *console)
{
	if (console->screen->client && !console->head) {
		console->configured = false;
		console->cursor_dirty = console->cursor != CURSOR_UNKNOWN;
		console->head = wl_head_create(
		    console->screen->client, console->number, &head_events, console);
	}
}

static void lose_head(struct console *console)
{
	wl_head_destroy(console->head);
	console->head = NULL;
	console->configured = false;
	frame_handle_surface(&console->frame, now(console->screen), false);
	run(console);
}

/* From the display. */

static struct console *find_console(struct ph_screen *screen, uint32_t number)
{
	return number < PH_MAX_CONSOLES ? screen->consoles[number] : NULL;
}

static void handle_console_added(void *data, uint32_t number)
{
	struct ph_screen *screen = data;

	if (number >= PH_MAX_CONSOLES || screen->consoles[number]) {
		return;
	}
	struct console *console = alloc_zero(sizeof(*console));
	console->screen = screen;
	console->number = number;
	picture_init(&console->picture);
	frame_init(&console->frame);
	if (sd_event_add_time(screen->event, &console->timer, CLOCK_MONOTONIC, UINT64_MAX, 500,
		handle_timer, console) < 0) {
		abort();
	}
	(void)sd_event_source_set_enabled(console->timer, SD_EVENT_OFF);
	screen->consoles[number] = console;
	make_head(console);
	log_debug("console %u appeared", number);
}

static void add_counts(struct ph_screen_counts *counts, const struct console *console)
{
	counts->updates += console->frame.counts.updates;
	counts->commits += console->frame.counts.commits;
	counts->imports += console->frame.counts.imports;
	counts->late_replies += console->frame.counts.late_replies;
}

static void destroy_console(struct console *console)
{
	struct ph_screen *screen = console->screen;

	frame_handle_removed(&console->frame, now(screen));
	run(console);
	add_counts(&screen->counts, console);
	screen->consoles[console->number] = NULL;
	wl_head_destroy(console->head);
	sd_event_source_disable_unref(console->timer);
	sd_event_source_disable_unref(console->cursor_timer);
	picture_finish(&console->picture);
	canvas_finish(&console->canvas);
	free(console->cursor_argb);
	free(console);
}

static void handle_console_removed(void *data, uint32_t number)
{
	struct console *console = find_console(data, number);
	if (console) {
		log_debug("console %u is gone", number);
		destroy_console(console);
	}
}

static void handle_scanout(void *data, uint32_t number, struct ph_picture *picture)
{
	struct console *console = find_console(data, number);
	struct ph_picture_key key;

	const enum ph_picture_error error = picture_check(picture, &key);
	if (!console || error != PH_PICTURE_OK) {
		if (console) {
			log_limited(&console->limit, PH_LOG_ERROR, "console %u: no picture: %s",
			    number, picture_error_text(error));
		}
		picture_finish(picture);
		return;
	}
	picture_finish(&console->picture);
	picture_move(&console->picture, picture);
	console->is_canvas = false;
	canvas_finish(&console->canvas);
	frame_handle_scanout(&console->frame, now(console->screen), &key);
	run(console);
}

static void handle_scanout_pixels(void *data, uint32_t number, const struct ph_pixels *pixels)
{
	struct console *console = find_console(data, number);
	const uint32_t width = (uint32_t)pixels->rect.width;
	const uint32_t height = (uint32_t)pixels->rect.height;

	if (!console) {
		return;
	}
	if (!canvas_resize(&console->canvas, width, height)) {
		log_limited(&console->limit, PH_LOG_ERROR,
		    "console %u: no memory for a picture of %ux%u", number, width, height);
		return;
	}
	picture_finish(&console->picture);
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
	frame_handle_scanout(&console->frame, now(console->screen), &key);
	frame_handle_update(&console->frame, now(console->screen), pixels->rect, 0);
	run(console);
}

static void handle_update_pixels(void *data, uint32_t number, const struct ph_pixels *pixels)
{
	struct console *console = find_console(data, number);

	if (!console || !console->is_canvas) {
		return;
	}
	const struct ph_rect damage = canvas_draw(&console->canvas, pixels);
	if (!rect_is_empty(damage)) {
		frame_handle_update(&console->frame, now(console->screen), damage, 0);
		run(console);
	}
}

static void handle_update(void *data, uint32_t number, struct ph_rect damage, uint64_t ticket)
{
	struct ph_screen *screen = data;
	struct console *console = find_console(screen, number);

	if (console) {
		frame_handle_update(&console->frame, now(screen), damage, ticket);
		run(console);
	} else if (ticket != 0 && screen->display) {
		screen->display->impl->reply(screen->display, number, ticket);
	}
}

static void handle_disable(void *data, uint32_t number)
{
	struct console *console = find_console(data, number);

	if (console) {
		frame_handle_disable(&console->frame, now(console->screen));
		run(console);
		picture_finish(&console->picture);
		canvas_finish(&console->canvas);
		console->is_canvas = false;
	}
}

static void handle_cursor_define(void *data, uint32_t number, uint32_t width, uint32_t height,
    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb)
{
	struct console *console = find_console(data, number);

	if (!console) {
		return;
	}
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

static void handle_cursor_move(void *data, uint32_t number, int32_t x, int32_t y, bool visible)
{
	struct console *console = find_console(data, number);
	const enum cursor_state state = visible ? CURSOR_SHOWN : CURSOR_HIDDEN;

	/*
	 * Not the position: it is nearly always the echo of what was sent, and
	 * the compositor shows the image at the host's own pointer.
	 */
	if (console && console->cursor != state) {
		console->cursor = state;
		console->cursor_dirty = true;
		show_cursor(console);
	}
}

static void handle_pointer_mode(void *data, enum ph_pointer_mode mode)
{
	struct ph_screen *screen = data;
	const bool changed = mode != screen->mode;

	screen->mode = mode;
	if (screen->client && changed) {
		wl_client_set_pointer_mode(screen->client, mode);
	}
}

static void handle_leds(void *data, uint32_t leds)
{
	struct ph_screen *screen = data;
	screen->leds = leds;
	if (screen->client) {
		wl_client_set_leds(screen->client, leds);
	}
}

static void drop_consoles(struct ph_screen *screen)
{
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i]) {
			destroy_console(screen->consoles[i]);
		}
	}
}

static void handle_closed(void *data, const char *reason)
{
	struct ph_screen *screen = data;

	drop_consoles(screen);
	handle_pointer_mode(screen, PH_POINTER_NONE);
	/* the last thing done here: the owner may destroy the display */
	screen->display_closed(screen->data, reason);
}

static const struct ph_display_events display_events = {
    .console_added = handle_console_added,
    .console_removed = handle_console_removed,
    .scanout = handle_scanout,
    .scanout_pixels = handle_scanout_pixels,
    .update_pixels = handle_update_pixels,
    .update = handle_update,
    .disable = handle_disable,
    .cursor_define = handle_cursor_define,
    .cursor_move = handle_cursor_move,
    .pointer_mode = handle_pointer_mode,
    .leds = handle_leds,
    .closed = handle_closed,
};

const struct ph_display_events *screen_display_events(void)
{
	return &display_events;
}

/* From the owner. */

struct ph_screen *screen_create(
    sd_event *event, void (*display_closed)(void *data, const char *reason), void *data)
{
	struct ph_screen *screen = alloc_zero(sizeof(*screen));

	screen->event = sd_event_ref(event);
	screen->display_closed = display_closed;
	screen->data = data;
	return screen;
}

void screen_destroy(struct ph_screen *screen)
{
	if (!screen) {
		return;
	}
	screen_set_display(screen, NULL);
	screen_set_client(screen, NULL);
	sd_event_unref(screen->event);
	free(screen);
}

void screen_set_client(struct ph_screen *screen, struct ph_wl_client *client)
{
	if (screen->client) {
		/* before the display is taken from it: what is held there is let go */
		wl_client_release_input(screen->client);
		wl_client_set_display(screen->client, NULL);
	}
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i] && screen->consoles[i]->head) {
			lose_head(screen->consoles[i]);
		}
	}
	screen->client = client;
	if (!client) {
		return;
	}
	wl_client_set_display(client, screen->display);
	wl_client_set_pointer_mode(client, screen->mode);
	wl_client_set_leds(client, screen->leds);
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i]) {
			make_head(screen->consoles[i]);
		}
	}
	wl_client_flush(client);
}

void screen_set_display(struct ph_screen *screen, struct ph_display *display)
{
	/* a display says nothing before the event loop runs, so none of these are its own */
	screen->display = NULL;
	drop_consoles(screen);
	screen->display = display;
	if (!display) {
		handle_pointer_mode(screen, PH_POINTER_NONE);
	}
	if (screen->client) {
		wl_client_set_display(screen->client, display);
	}
}

struct ph_screen_counts screen_counts(const struct ph_screen *screen)
{
	struct ph_screen_counts counts = screen->counts;

	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i]) {
			add_counts(&counts, screen->consoles[i]);
		}
	}
	return counts;
}
