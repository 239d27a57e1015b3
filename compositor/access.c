// SPDX-License-Identifier: MIT
#include "access.h"

#include <stddef.h>
#include <string.h>

/*
 * Every global of the compositor and the roles that may see it. A bridge gets
 * what pictures and input of its own guest need and nothing that reaches
 * further: no seat, no capture, no clipboard, no list of windows.
 */
static const struct {
	const char *interface;
	unsigned roles;
} table[] = {
    {"wl_compositor", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wl_shm", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wl_output", PH_ROLE_HOST},
    {"wl_seat", PH_ROLE_HOST},
    {"wl_subcompositor", PH_ROLE_HOST},
    {"wl_data_device_manager", PH_ROLE_HOST},
    {"zwp_linux_dmabuf_v1", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wp_linux_drm_syncobj_manager_v1", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wp_presentation", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wp_viewporter", PH_ROLE_HOST | PH_ROLE_BRIDGE},
    {"wp_single_pixel_buffer_manager_v1", PH_ROLE_HOST},
    {"zxdg_output_manager_v1", PH_ROLE_HOST},
    {"zwlr_output_manager_v1", PH_ROLE_HOST},
    {"zwlr_screencopy_manager_v1", PH_ROLE_HOST},
    {"ext_image_copy_capture_manager_v1", PH_ROLE_HOST},
    {"ext_output_image_capture_source_manager_v1", PH_ROLE_HOST},
    {"xdg_wm_base", PH_ROLE_HOST},
    {"xdg_activation_v1", PH_ROLE_HOST},
    {"zxdg_decoration_manager_v1", PH_ROLE_HOST},
    {"org_kde_kwin_server_decoration_manager", PH_ROLE_HOST},
    {"zwlr_layer_shell_v1", PH_ROLE_HOST},
    {"ext_workspace_manager_v1", PH_ROLE_HOST},
    {"ext_foreign_toplevel_list_v1", PH_ROLE_HOST},
    {"ext_foreign_toplevel_image_capture_source_manager_v1", PH_ROLE_HOST},
    {"zwlr_foreign_toplevel_manager_v1", PH_ROLE_HOST},
    {"ext_session_lock_manager_v1", PH_ROLE_HOST},
    {"zwp_primary_selection_device_manager_v1", PH_ROLE_HOST},
    {"zwlr_data_control_manager_v1", PH_ROLE_HOST},
    {"ext_data_control_manager_v1", PH_ROLE_HOST},
    {"wp_fractional_scale_manager_v1", PH_ROLE_HOST},
    {"ext_idle_notifier_v1", PH_ROLE_HOST},
    {"zwp_idle_inhibit_manager_v1", PH_ROLE_HOST},
    {"zwlr_output_power_manager_v1", PH_ROLE_HOST},
    {"zwlr_gamma_control_manager_v1", PH_ROLE_HOST},
    {"wp_cursor_shape_manager_v1", PH_ROLE_HOST},
    {"zwp_virtual_keyboard_manager_v1", PH_ROLE_HOST},
    {"zwlr_virtual_pointer_manager_v1", PH_ROLE_HOST},
    {"phyllome_guest_manager_v1", PH_ROLE_BRIDGE},
};

static unsigned roles_of(const char *interface)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].interface, interface) == 0) {
			return table[i].roles;
		}
	}
	return 0;
}

bool access_allows(enum ph_role role, const char *interface)
{
	return (roles_of(interface) & (unsigned)role) != 0;
}

bool access_lists(const char *interface)
{
	return roles_of(interface) != 0;
}
