// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_H
#define PH_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_management_v1.h>
#include <wlr/types/wlr_scene.h>

#include "cell.h"
#include "lid.h"
#include "monitor_plan.h"
#include "output_sync.h"
#include "planes.h"

struct ph_session;

/* How a frame reached the screen. */
enum ph_path {
	PH_PATH_NONE,      /* nothing has been shown yet */
	PH_PATH_SCANOUT,   /* the guest's own buffer is the plane's framebuffer */
	PH_PATH_COMPOSITED /* a render pass drew it; see reason */
};

/* One monitor. */
struct ph_output {
	struct wl_list link; /* ph_outputs.list, in order of appearance */
	struct ph_session *session;
	struct wlr_output *wlr_output;
	struct wlr_scene_output *scene_output;

	struct ph_cell cells[2]; /* what it shows, as placement says */
	size_t cell_count;       /* 1 or 2 */
	struct wlr_box usable, usable_of; /* what bars leave of all of it; layout, see layer_shell.h */
	bool lidded; /* off and without a place, as the lid is over it */
	bool stays; /* the configuration that is being applied leaves its place to us */
	bool dark; /* switched off by a tool; keeps its place and what it shows */
	bool refused; /* not set as is due: to be tried again when another one gives something up */

	/* Counted since the output appeared; read by the control socket. */
	uint64_t frames;      /* commits with a buffer */
	uint64_t scanouts;    /* of these: without a render pass */
	uint64_t composited;  /* of these: with one */
	uint64_t pictures;    /* of guests, that these brought; one that came again is not counted */
	uint64_t presented;   /* commits that turned into light */
	enum ph_path path;    /* of the last frame */
	const char *reason;   /* why it was composited; static text, NULL if it was not */
	size_t planes_used;   /* of the last frame, but the pointer's; 0: there was none */

	struct ph_planes planes;
	struct ph_output_sync sync;

	struct ph_plan plan; /* the settings that it was last given; a tool may have changed them */

	struct wl_listener frame;
	struct wl_listener request_state;
	struct wl_listener present;
	struct wl_listener destroy;
};

/* All monitors of the session. */
struct ph_outputs {
	struct wl_list list; /* ph_output.link */
	struct ph_lid_switch lid;
	struct wl_event_source *pending; /* idle: they have changed, see arrange_later() */
	bool freed; /* one went off or away: what it had may be what another one lacked */
	struct ph_cell *focus; /* where the person is; NULL: no monitor is on */
	struct wlr_output_layout *layout;
	struct wlr_scene_output_layout *scene_layout;
	struct wlr_output_manager_v1 *manager;

	struct wl_listener new_output;
	struct wl_listener layout_change;
	struct wl_listener manager_apply;
	struct wl_listener manager_test;
};

/* Starts to take in the backend's outputs. False: logged. */
bool outputs_init(struct ph_session *session);
/* Detaches every listener and frees each ph_output; safe on zeroed memory. */
void outputs_finish(struct ph_session *session);

/* Whether it has a place on the desktop, lit or dark. */
bool output_is_on(const struct ph_output *output);

/* The nth monitor among those that are on, from 0; NULL when there are not so many. */
struct ph_output *outputs_nth(struct ph_session *session, size_t index);

/* Its index among those that are on. */
size_t outputs_index(const struct ph_output *output);

/*
 * The monitors have settled: those under a closed lid are switched off while there are
 * others, and on again, and each is set as is due among those that are here.
 */
void outputs_settle(struct ph_session *session);

/* Switches a screen off, or on again. It keeps its place and what it shows. */
void output_switch(struct ph_output *output, bool on);

/* ph_session.config is another one now. */
void outputs_apply_config(struct ph_session *session);

/* The monitor at that layout position, NULL if there is none. lx/ly. */
struct ph_output *outputs_at(struct ph_session *session, double lx, double ly);

/* Draws the home screen again, on the outputs that show it. */
void outputs_update_home(struct ph_session *session);

#endif
