// SPDX-License-Identifier: MIT
#ifndef PH_SESSION_H
#define PH_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>

#include "appearance.h"
#include "backend.h"
#include "config.h"
#include "config_file.h"
#include "control.h"
#include "edge.h"
#include "gestures.h"
#include "gpu.h"
#include "guests.h"
#include "home_screen.h"
#include "host_program.h"
#include "host_input.h"
#include "idle.h"
#include "idle_policy.h"
#include "input.h"
#include "layer_shell.h"
#include "lock.h"
#include "logind.h"
#include "notice_screen.h"
#include "output.h"
#include "output_plan.h"
#include "overview_screen.h"
#include "output_power.h"
#include "placement.h"
#include "recall.h"
#include "scaler.h"
#include "seat.h"
#include "sleep.h"
#include "sockets.h"
#include "toplevel.h"
#include "view.h"
#include "xdg_shell.h"
#include "strip_screen.h"

/* What the command line says. Strings belong to argv. */
struct ph_options {
	const char *const *guests; /* directories of guests to have, the first is shown */
	size_t guest_count;
	const char *config;        /* session.scfg, NULL: found by its name */
	bool start;                /* start their machines at once */
	const char *fail_at;       /* start-up step that is made to fail, NULL: none */
};

/* The whole compositor: one struct embedding that of each module. */
struct ph_session {
	struct ph_options options;
	char *runtime; /* $XDG_RUNTIME_DIR/phyllome, absolute */
	bool stopping; /* modules are being finished: no more rearranging */
	bool ended;    /* asked to end, perhaps while it still starts */
	bool failed;   /* it ends because something broke */
	bool logged_out; /* it ended as a person wanted it to */
	int started;   /* start-up steps that are done */

	struct wl_display *display;
	struct wl_event_loop *loop;
	struct wl_event_source *signals[2];

	struct wlr_backend *backend;
	struct wlr_session *wlr_session; /* the seat; NULL when nested or headless */
	struct ph_hardware hardware;
	struct ph_renderer *render;
	struct wlr_renderer *renderer;   /* of render */
	struct wlr_allocator *allocator; /* of render */
	struct wlr_compositor *compositor;

	struct wlr_scene *scene;
	struct wlr_scene_tree *tree_session; /* everything but the lock; off while locked */
	/* In it, from below to above: */
	struct wlr_scene_tree *tree_background; /* of layer-shell; under everything */
	struct wlr_scene_tree *tree_home;       /* the home screen */
	struct wlr_scene_tree *tree_bottom;     /* of layer-shell; seen on the home screen only */
	struct wlr_scene_tree *tree_guests;     /* the guests' pictures */
	struct wlr_scene_tree *tree_edges;      /* what shows the guests' colours */
	struct wlr_scene_tree *tree_views;      /* windows of host programs */
	struct wlr_scene_tree *tree_top;        /* of layer-shell */
	struct wlr_scene_tree *tree_overlay;    /* of layer-shell */
	struct wlr_scene_tree *tree_overview;   /* the overview */
	struct wlr_scene_tree *tree_strip;      /* the strip */

	struct wlr_scene_tree *tree_lock; /* beside tree_session, above it: what is shown while locked */

	struct ph_config config; /* what session.scfg says */
	struct ph_config_file config_file;
	struct ph_outputs outputs;
	struct ph_output_plans output_plans;
	struct ph_placement placement; /* which head is where */
	struct ph_recall recall;
	struct ph_scaler scaler;
	struct ph_seat seat;
	struct ph_input input;
	struct ph_gestures gestures;
	struct ph_host_input host_input;
	struct ph_idle idle;
	struct ph_idle_policy idle_policy;
	struct ph_output_power output_power;
	struct ph_layer_shell layer_shell;
	struct ph_xdg_shell xdg_shell;
	struct ph_views views;
	struct ph_toplevels toplevels;
	struct ph_lock lock;
	struct ph_logind logind;
	struct ph_appearance appearance;
	struct ph_sleep sleep;
	struct ph_guests guests;
	struct ph_home_screen home;
	struct ph_edges edges;
	struct ph_overview_screen overview;
	struct ph_strip_screen strip;
	struct ph_notice_screen notice;
	struct ph_gpu gpu;
	struct ph_sockets sockets;
	struct ph_control control;
	struct ph_host_programs host_programs;
};

/*
 * Runs the start-up table. On failure everything that was started is undone,
 * backwards, one line says why, and false comes back.
 */
bool session_init(struct ph_session *session, const struct ph_options *options);

/* Serves until the session ends. False: because something broke, which was logged. */
bool session_run(struct ph_session *session);

/*
 * Tells phyllome-session, which then lets in the login's other services, that what they
 * ask for is there. Nothing happens before that is so, or where nobody waits.
 */
void session_tell_supervisor(struct ph_session *session);

/* Ends the session because something broke; the caller has logged it. */
void session_fail(struct ph_session *session);

/* Undoes session_init(). */
void session_finish(struct ph_session *session);

/* Name of the start-up step with that index, NULL behind the last. */
const char *session_step_name(size_t index);

/* CLOCK_MONOTONIC in µs. */
uint64_t session_time_us(void);

#endif
