// SPDX-License-Identifier: MIT
#ifndef PH_INPUT_H
#define PH_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct libinput;
struct libinput_event;
struct ph_session;
struct ph_input_device;

/*
 * The input devices of the seat, by a libinput of our own: that of wlroots
 * keeps the milliseconds of an event and forgets its microseconds. Unused (all
 * zero) where backend_init() left the devices to wlroots.
 */
struct ph_input {
	struct libinput *context;
	struct wl_event_source *source;
	struct wl_list devices; /* ph_input_device.link */
	bool running;           /* not suspended: the seat is ours */
	bool reading;           /* events are being handled */

	struct libinput_event **events; /* room for those of one turn, kept for the next */
	size_t room;
	size_t held; /* the first of them, which wait until it is known what they mean */
	struct wl_event_source *patience; /* timer: no longer than so; NULL: never needed yet */

	struct ph_input_device *group; /* whose pointer events await their frame, NULL: none */
	uint64_t group_us;             /* when these happened */

	struct wl_listener active;
};

/*
 * Hands the seat's devices to seat_add_device(), now and as they come and go.
 * False: logged. The seat's session must outlive it, or be ended by
 * input_finish() first.
 */
bool input_init(struct ph_session *session);

/* Touch screens and tablets go with their monitors; called when one of either comes. */
void input_map_outputs(struct ph_session *session);

/* ph_session.config is another one now. */
void input_apply_config(struct ph_session *session);

/* Takes all devices away again; safe on zeroed memory and when called twice. */
void input_finish(struct ph_session *session);

#endif
