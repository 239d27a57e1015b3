// SPDX-License-Identifier: MIT
#ifndef PH_GUESTS_H
#define PH_GUESTS_H

#include <stdbool.h>
#include <wayland-server-core.h>

#include "guest.h"
#include "guest_numbers.h"

struct ph_output;

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

/* guest_check_lock() for each: nobody tells when a directory is locked or unlocked. */
void guests_check_locks(struct ph_session *session);

/* NULL when there is none. */
struct ph_guest *guests_by_number(struct ph_session *session, unsigned number);
struct ph_guest *guests_by_id(struct ph_session *session, const char *id);
/* Compares in constant time. NULL when no guest has that token. */
struct ph_guest *guests_by_token(struct ph_session *session, const char *token);

/*
 * Puts a guest on the monitors of its layout and gives it the input. Nothing is
 * started: see guest_want(). NULL: the home screen in the focused cell.
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

/* The state that the home screen shows has changed: draw it again. */
void guests_redraw_home(struct ph_session *session);

/*
 * Shows the first guest of the command line, or what was shown when the session
 * ended, and starts those that are to be started. True.
 */
bool guests_start_first(struct ph_session *session);

#endif
