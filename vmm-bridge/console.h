// SPDX-License-Identifier: MIT
#ifndef PH_CONSOLE_H
#define PH_CONSOLE_H

#include <systemd/sd-event.h>

#include "display.h"
#include "wl_client.h"

/*
 * One virtual monitor on its way from a display to a head: what it shows, its
 * cursor, and the frame logic's actions carried out. It keeps the last picture
 * while there is no compositor.
 */

struct ph_console;

/* display must outlive the console. client: NULL for none yet. */
struct ph_console *console_create(
    sd_event *event, struct ph_display *display, struct ph_wl_client *client, uint32_t number);

/* Every update is answered and the head destroyed. NULL is allowed. */
void console_destroy(struct ph_console *console);

/* Another client, or NULL before the client is destroyed. */
void console_set_client(struct ph_console *console, struct ph_wl_client *client);

/* What the display says; see struct ph_display_events. */
const char *console_handle_scanout(struct ph_console *console, const struct ph_picture *picture);
void console_handle_scanout_pixels(struct ph_console *console, const struct ph_pixels *pixels);
void console_handle_update_pixels(struct ph_console *console, const struct ph_pixels *pixels);
void console_handle_update(struct ph_console *console, struct ph_rect damage, uint64_t ticket);
void console_handle_disable(struct ph_console *console);
void console_handle_cursor_define(struct ph_console *console, uint32_t width, uint32_t height,
    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb);
void console_handle_cursor_move(struct ph_console *console, bool visible);

/* Totals of its pictures. */
struct ph_console_counts {
	uint64_t updates;      /* that the machine sent */
	uint64_t commits;      /* to the compositor */
	uint64_t imports;      /* buffers made of the machine's memory */
	uint64_t late_replies; /* updates answered at the deadline */
};
/* Adds the console's to *counts. */
void console_add_counts(const struct ph_console *console, struct ph_console_counts *counts);

#endif
