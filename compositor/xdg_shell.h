// SPDX-License-Identifier: MIT
#ifndef PH_XDG_SHELL_H
#define PH_XDG_SHELL_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;
struct wlr_xdg_activation_v1;
struct wlr_xdg_decoration_manager_v1;
struct wlr_xdg_shell;

/* Windows of host programs, as views. No decoration is drawn: there is nothing to move or resize. */
struct ph_xdg_shell {
	struct wlr_xdg_shell *shell;
	struct wlr_xdg_decoration_manager_v1 *decorations;
	struct wlr_xdg_activation_v1 *activation;
	struct wl_listener new_toplevel;
	struct wl_listener new_decoration;
	struct wl_listener request_activate;
};

/* False: logged. */
bool xdg_shell_init(struct ph_session *session);
/* Views are gone with their clients. */
void xdg_shell_finish(struct ph_session *session);

#endif
