// SPDX-License-Identifier: MIT
#ifndef PH_POPUP_H
#define PH_POPUP_H

struct ph_session;
struct wlr_scene_tree;
struct wlr_xdg_popup;

/*
 * Shows a popup (a menu) and those that come from it, above the surface of
 * parent, until its program takes it away. Frees itself.
 */
void popup_create(
    struct ph_session *session, struct wlr_xdg_popup *popup, struct wlr_scene_tree *parent);

#endif
