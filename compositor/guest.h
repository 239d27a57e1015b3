// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_H
#define PH_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>

#include "guest_state.h"
#include "layout.h"
#include "spawn.h"
#include "toplevel.h"

struct ph_session;
struct ph_guest_head;

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
	uint64_t captured_us;        /* the captured pointer was used in it last, 0: never */
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

/*
 * A guest that is off, or locked, or lost when there is no place for its token; with
 * the look that its guest.scfg says. Not in the list of guests and without number
 * yet. Copies id and dir. Never NULL.
 */
struct ph_guest *guest_create(struct ph_session *session, const char *id, const char *dir);
/* It is in no list any more. Its bridge and machine are left alone. */
void guest_destroy(struct ph_guest *guest);

/* Reads its title, colour and edge as they are written now; the configuration overrides them. */
void guest_read_look(struct ph_guest *guest);
/* Its scale, if the configuration says one. */
void guest_read_scale(struct ph_guest *guest);

/* How many heads it has, as far as is known; at least 1. */
unsigned guest_head_count(const struct ph_guest *guest);

/*
 * Looks whether its directory is locked, unless its machine runs; its state and its
 * look follow. Whether it is.
 */
bool guest_check_lock(struct ph_guest *guest);

/* Starts the machine: tells the bridge, or starts a bridge first. If it is locked the person is told. */
void guest_start(struct ph_guest *guest);

/*
 * A person asks to see it: it is started if it is off. One that is lost is only taken
 * up again where nothing serves it, for else its reason would be gone unread.
 */
void guest_want(struct ph_guest *guest);

/* The bridge has bound the control object. */
void guest_bind_control(struct ph_guest *guest, struct wl_resource *control);
/* The control object is gone: the guest is lost until a bridge binds it again. */
void guest_unbind_control(struct ph_guest *guest);
/* New state as the bridge tells it; the transition was checked. Copies reason. */
void guest_set_state(struct ph_guest *guest, enum ph_guest_state state, const char *reason);

#endif
