// SPDX-License-Identifier: MIT
#ifndef PH_OUTPUT_POWER_H
#define PH_OUTPUT_POWER_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;
struct wlr_output_power_manager_v1;

/*
 * Screens off and on again (wlr-output-power-management-unstable-v1). An output
 * that is off keeps its place and what it shows; the guests' heads on it are
 * told that nobody sees them. Without the protocol's XML at build time this
 * is output_power_none.c, and the global is not offered.
 */
struct ph_output_power {
	struct wlr_output_power_manager_v1 *manager;
	struct wl_listener set_mode;
};

/* False: logged. */
bool output_power_init(struct ph_session *session);
void output_power_finish(struct ph_session *session);

#endif
