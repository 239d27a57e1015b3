// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_H
#define PH_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>

#include "guest_numbers.h"
#include "guest_state.h"
#include "layout.h"
#include "spawn.h"
#include "toplevel.h"

struct ph_session;
struct ph_guest_head;
struct ph_output;

#define PH_GUEST_MAX_HEADS 16
#define PH_TOKEN_LENGTH 64 /* hexadecimal digits */

/* One guest: its place in the session, whether or not its machine runs. */
struct ph_guest {
	struct wl_list link; /* ph_guests.list, ordered by number */
	struct ph_session *session;
	char *id;        /* directory name */
	char *title;     /* what it is called on the screen */
	uint32_t colour; /* 0xRRGGBB, see theme_guest_colour() */
	bool edge;       /* one is always drawn around its picture */
	char *dir;       /* absolute path of the guest's directory */
	char *runtime;   /* absolute path of its run-time directory */
	unsigned number; /* from 1; Super+1…9,0 reach the first ten */
	char token[PH_TOKEN_LENGTH + 1];

	enum ph_guest_state state;
	char *reason; /* one line, never NULL */
	struct wl_resource *control; /* phyllome_guest_v1 of its bridge, NULL: none */
	uint32_t pointer_mode;       /* enum phyllome_guest_v1_pointer_mode */
	enum ph_guest_scale scale;   /* of its pictures */
	uint32_t leds;               /* enum phyllome_guest_v1_led */
	struct ph_guest_head *heads[PH_GUEST_MAX_HEADS]; /* by console, NULL: none */

	unsigned heads_known; /* most that it ever had: more are new and want a place */

	pid_t bridge;  /* the bridge that we started and that still runs, 0: none */
	uint64_t bridge_started_us;     /* CLOCK_MONOTONIC */
	uint64_t lines_since_us;        /* likewise: in the second after that its bridge caused */
	unsigned lines;                 /* so many lines for the log */
	struct ph_backoff backoff;      /* of its restarts */
	struct wl_event_source *respawn; /* timer, NULL: never needed yet */
	struct ph_toplevel toplevel; /* for bars */
	bool asleep; /* it ran when the computer was about to sleep, and goes on afterwards */
	bool wanted;   /* a person wants the machine to run: a bridge that appears is told */
};

/* All guests of the session. */
struct ph_guests {
	struct wl_list list; /* ph_guest.link */
	struct ph_guest *selected; /* on the home screen */
	struct ph_guest_numbers numbers; /* of all guests that ever were in the folder */
	char *dir;                 /* where guests live; NULL: HOME is not set */
	struct wl_event_source *reap;
	struct wl_event_source *news; /* idle: what a bridge has told is to be shown; NULL: nothing */
};

/*
 * Reads the guests' directory and those named on the command line, and makes
 * their tokens. False: logged.
 */
bool guests_init(struct ph_session *session);
/* Frees all guests; bridges and machines are left alone. */
void guests_finish(struct ph_session *session);

/* Takes in guests that were made since, and their names as they are now. */
void guests_rescan(struct ph_session *session);

/* NULL when there is none. */
struct ph_guest *guests_by_number(struct ph_session *session, unsigned number);
struct ph_guest *guests_by_id(struct ph_session *session, const char *id);
/* Compares in constant time. NULL when no guest has that token. */
struct ph_guest *guests_by_token(struct ph_session *session, const char *token);

/*
 * Puts a guest on the monitors of its layout and gives it the input; its machine
 * is started if nothing serves it. NULL: the home screen in the focused cell.
 */
void guests_show(struct ph_session *session, struct ph_guest *guest);
/* As guests_show(), but that head on that monitor; the focus stays, unless it was that head's. */
void guests_place(struct ph_session *session, struct ph_guest *guest, struct ph_output *output,
    unsigned console);
/* As guests_show(), in the focused cell only. guest is not NULL. */
void guests_show_here(struct ph_session *session, struct ph_guest *guest);

/* The configuration is another one: what it says of guests holds from now on. */
void guests_apply_config(struct ph_session *session);

/* Whether a head's picture is drawn by our shaders now. */
bool guests_are_scaled(struct ph_session *session);

/* The renderer is lost: what was drawn with it is freed. */
void guests_release_scaled(struct ph_session *session);

/* How many heads it has, as far as is known; at least 1. */
unsigned guest_head_count(const struct ph_guest *guest);

/* The state that the home screen shows has changed: draw it again. */
void guests_redraw_home(struct ph_session *session);

/*
 * Shows the first guest of the command line, or what was shown when the session
 * ended, and starts those that are to be started. True.
 */
bool guests_start_first(struct ph_session *session);

/* Starts the machine: tells the bridge, or starts a bridge first. */
void guest_start(struct ph_guest *guest);

/* The bridge has bound the control object. */
void guest_bind_control(struct ph_guest *guest, struct wl_resource *control);
/* The control object is gone: the guest is lost until a bridge binds it again. */
void guest_unbind_control(struct ph_guest *guest);
/* New state as the bridge tells it; the transition was checked. Copies reason. */
void guest_set_state(struct ph_guest *guest, enum ph_guest_state state, const char *reason);

#endif
