// SPDX-License-Identifier: MIT
#ifndef PH_DISPLAY_INTERNAL_H
#define PH_DISPLAY_INTERNAL_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "deadline.h"
#include "display.h"
#include "display_codec.h"
#include "input.h"
#include "log.h"

/*
 * Shared by display_channel.c (the main connection), display_listener.c (one
 * connection for each console), display_scanout.c (what QEMU says on it) and
 * display_input.c (what we tell QEMU), and by nothing else.
 */

/*
 * An update is answered after that long, whatever the one who holds its ticket
 * does: at 1000 ms QEMU gives up and complains. Who holds it is to answer before,
 * as each answer from here is a line in the log.
 */
#define DISPLAY_REPLY_DEADLINE_US 930000u
#define DISPLAY_MAX_TICKETS 128

/* Before a lost listener is made again; doubled each time until one shows something. */
#define DISPLAY_RELIST_DELAY_US 1000000u

struct display_ticket {
	uint64_t id, deadline;
	sd_bus_message *call; /* referenced */
};

struct display_listener {
	struct display_channel *channel;
	uint32_t console;
	bool listed;  /* seen in the list that is being read */
	bool added;   /* console_added was sent */
	bool called;  /* QEMU's first call came */
	sd_bus *bus;
	sd_bus_slot *registration;
	sd_event_source *drain; /* until QEMU's first call came, see handle_drain() */
	struct ph_deadline timer; /* of tickets and of a Disable */

	/* what the console shows now */
	enum { SHOWS_NOTHING, SHOWS_DMABUF, SHOWS_MAP, SHOWS_PIXELS } shows;
	uint32_t width, height;
	struct ph_blank blank;
	struct display_ticket tickets[DISPLAY_MAX_TICKETS]; /* oldest first */
	int num_tickets;
	struct ph_log_limit limit;

	/* input */
	bool absolute;
	uint32_t leds;
	struct ph_wheel wheel;
	struct ph_motion motion;
	bool have_position;
	uint32_t x, y;
	struct {
		bool down;
		double x, y;
	} touches[PH_INPUT_MAX_SLOTS];
	bool have_size;
	struct {
		uint32_t width, height;
		uint16_t mm_width, mm_height;
	} size;
};

struct display_channel {
	struct ph_display base;
	sd_event *event;
	sd_bus *bus;
	sd_bus_slot *listing; /* of the list of objects, while it is under way */
	bool list_again;
	sd_event_source *relist; /* timer, after a listener was lost */
	sd_event_source *closing;
	bool closed;
	const char *reason;
	uint64_t last_ticket;
	uint64_t relist_delay;
	struct display_listener *listeners[PH_MAX_CONSOLES];
	enum ph_pointer_mode mode;
	uint32_t leds;
	bool told_leds;
};

extern const struct ph_display_impl display_channel_impl;

/* NULL if the console has no listener. */
struct display_listener *display_find_listener(struct ph_display *display, uint32_t console);

/* Asks for the list of objects again after a while. */
void display_channel_relist_later(struct display_channel *channel);

/* Makes the connection for a console and registers it with QEMU. NULL: logged. */
struct display_listener *display_listener_create(struct display_channel *channel, uint32_t console);
/* Closes it; says console_removed if tell. NULL is allowed. */
void display_listener_destroy(struct display_listener *listener, bool tell);

/* Answers a ticket; nothing happens if it was answered already. */
void display_listener_reply(struct display_listener *listener, uint64_t ticket);
/* Keeps the call and returns its ticket; 0: answered already, there were too many. */
uint64_t display_listener_keep_call(struct display_listener *listener, sd_bus_message *call);
/* Sets the timer to the earliest deadline. */
void display_listener_set_timer(struct display_listener *listener);
uint64_t display_now(struct display_channel *channel);

/* Exports the listener object with its three interfaces. Negative errno on failure. */
int display_scanout_export(struct display_listener *listener);

/* The operations of display.h that carry input and size; see there. */
void display_input_set_size(struct ph_display *display, uint32_t console, uint32_t width,
    uint32_t height, uint32_t mm_width, uint32_t mm_height, uint32_t refresh);
void display_input_key(
    struct ph_display *display, uint32_t console, uint32_t code, bool pressed);
void display_input_button(
    struct ph_display *display, uint32_t console, uint32_t code, bool pressed);
void display_input_motion_absolute(
    struct ph_display *display, uint32_t console, double x, double y);
void display_input_motion_relative(
    struct ph_display *display, uint32_t console, double dx, double dy);
void display_input_axis(
    struct ph_display *display, uint32_t console, bool horizontal, int32_t value120);
void display_input_touch_down(
    struct ph_display *display, uint32_t console, int32_t slot, double x, double y);
void display_input_touch_motion(
    struct ph_display *display, uint32_t console, int32_t slot, double x, double y);
void display_input_touch_up(struct ph_display *display, uint32_t console, int32_t slot);
void display_input_touch_cancel(struct ph_display *display, uint32_t console);

#endif
