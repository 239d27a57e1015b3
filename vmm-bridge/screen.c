// SPDX-License-Identifier: MIT
#include "screen.h"

#include <stdlib.h>

#include "alloc.h"
#include "log.h"

#define LOG_MODULE "screen"

struct ph_screen {
	sd_event *event;
	void (*display_closed)(void *data, const char *reason);
	void *data;
	struct ph_display *display;
	struct ph_wl_client *client;
	struct ph_console *consoles[PH_MAX_CONSOLES];
	enum ph_pointer_mode mode;
	uint32_t leds;
	struct ph_console_counts counts; /* of consoles that are gone */
};

/* NULL if there is no such console. */
static struct ph_console *find_console(struct ph_screen *screen, uint32_t number)
{
	return number < PH_MAX_CONSOLES ? screen->consoles[number] : NULL;
}

static void drop_console(struct ph_screen *screen, uint32_t number)
{
	struct ph_console *console = screen->consoles[number];

	if (console) {
		console_add_counts(console, &screen->counts);
		screen->consoles[number] = NULL;
		console_destroy(console);
		log_debug("console %u is gone", number);
	}
}

static void drop_consoles(struct ph_screen *screen)
{
	for (uint32_t i = 0; i < PH_MAX_CONSOLES; i++) {
		drop_console(screen, i);
	}
}

static void handle_console_added(void *data, uint32_t number)
{
	struct ph_screen *screen = data;

	if (number < PH_MAX_CONSOLES && !screen->consoles[number]) {
		screen->consoles[number] =
		    console_create(screen->event, screen->display, screen->client, number);
		log_debug("console %u appeared", number);
	}
}

static void handle_console_removed(void *data, uint32_t number)
{
	if (number < PH_MAX_CONSOLES) {
		drop_console(data, number);
	}
}

static const char *handle_scanout(
    void *data, uint32_t number, const struct ph_picture *picture)
{
	struct ph_console *console = find_console(data, number);

	return console ? console_handle_scanout(console, picture) : NULL;
}

static void handle_scanout_pixels(void *data, uint32_t number, const struct ph_pixels *pixels)
{
	struct ph_console *console = find_console(data, number);
	if (console) {
		console_handle_scanout_pixels(console, pixels);
	}
}

static void handle_update_pixels(void *data, uint32_t number, const struct ph_pixels *pixels)
{
	struct ph_console *console = find_console(data, number);
	if (console) {
		console_handle_update_pixels(console, pixels);
	}
}

static void handle_update(void *data, uint32_t number, struct ph_rect damage, uint64_t ticket)
{
	struct ph_screen *screen = data;
	struct ph_console *console = find_console(screen, number);

	if (console) {
		console_handle_update(console, damage, ticket);
	} else if (ticket != 0) {
		screen->display->impl->reply(screen->display, number, ticket);
	}
}

static void handle_disable(void *data, uint32_t number)
{
	struct ph_console *console = find_console(data, number);
	if (console) {
		console_handle_disable(console);
	}
}

static void handle_cursor_define(void *data, uint32_t number, uint32_t width, uint32_t height,
    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb)
{
	struct ph_console *console = find_console(data, number);
	if (console) {
		console_handle_cursor_define(console, width, height, hotspot_x, hotspot_y, argb);
	}
}

static void handle_cursor_move(void *data, uint32_t number, int32_t x, int32_t y, bool visible)
{
	struct ph_console *console = find_console(data, number);
	/*
	 * Not the position: it is nearly always the echo of what was sent, and
	 * the compositor shows the image at the host's own pointer.
	 */
	if (console) {
		console_handle_cursor_move(console, visible);
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
	screen->client = client;
	if (client) {
		wl_client_set_display(client, screen->display);
		wl_client_set_pointer_mode(client, screen->mode);
		wl_client_set_leds(client, screen->leds);
	}
	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i]) {
			console_set_client(screen->consoles[i], client);
		}
	}
	if (client) {
		wl_client_flush(client);
	}
}

void screen_set_display(struct ph_screen *screen, struct ph_display *display)
{
	/* a display says nothing before the event loop runs, so none of these are its own */
	drop_consoles(screen);
	screen->display = display;
	if (!display) {
		handle_pointer_mode(screen, PH_POINTER_NONE);
	}
	if (screen->client) {
		wl_client_set_display(screen->client, display);
	}
}

struct ph_console_counts screen_counts(const struct ph_screen *screen)
{
	struct ph_console_counts counts = screen->counts;

	for (int i = 0; i < PH_MAX_CONSOLES; i++) {
		if (screen->consoles[i]) {
			console_add_counts(screen->consoles[i], &counts);
		}
	}
	return counts;
}
