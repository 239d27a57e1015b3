// SPDX-License-Identifier: MIT
#ifndef PH_SCREEN_H
#define PH_SCREEN_H

#include <systemd/sd-event.h>

#include "console.h"
#include "display.h"
#include "wl_client.h"

/*
 * Joins a display (a machine's pictures and input) and a client (the
 * compositor). It keeps what each console shows, so that either side can go
 * and come back: a new compositor gets the last pictures at once, and a
 * machine is answered while there is none.
 */

struct ph_screen;

/*
 * display_closed: the display said "closed"; the consoles are gone already.
 * The display may be destroyed from inside, after screen_set_display(NULL).
 */
struct ph_screen *screen_create(sd_event *event,
    void (*display_closed)(void *data, const char *reason), void *data);

/* Neither the display nor the client is destroyed. NULL is allowed. */
void screen_destroy(struct ph_screen *screen);

/*
 * A client that is ready, or NULL before the client is destroyed. Both sides
 * stay the caller's.
 */
void screen_set_client(struct ph_screen *screen, struct ph_wl_client *client);

/* What a display is to be created with; its data is the screen. */
const struct ph_display_events *screen_display_events(void);

/* The display that was created so, or NULL before it is destroyed. */
void screen_set_display(struct ph_screen *screen, struct ph_display *display);

/* Totals of the pictures so far, for logs and tests. */
struct ph_console_counts screen_counts(const struct ph_screen *screen);

#endif
