// SPDX-License-Identifier: MIT
#include "access.h"

#include "test.h"

TEST(bridges_see_what_pictures_need)
{
	check(access_allows(PH_ROLE_BRIDGE, "wl_compositor"));
	check(access_allows(PH_ROLE_BRIDGE, "wl_shm"));
	check(access_allows(PH_ROLE_BRIDGE, "zwp_linux_dmabuf_v1"));
	check(access_allows(PH_ROLE_BRIDGE, "phyllome_guest_manager_v1"));
}

TEST(bridges_see_nothing_else)
{
	static const char *const forbidden[] = {"wl_seat", "wl_output", "wl_data_device_manager",
	    "zwlr_screencopy_manager_v1", "ext_image_copy_capture_manager_v1",
	    "zwp_virtual_keyboard_manager_v1", "zwlr_virtual_pointer_manager_v1",
	    "zwlr_output_manager_v1", "zxdg_output_manager_v1"};

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		check(access_lists(forbidden[i]));
		check(!access_allows(PH_ROLE_BRIDGE, forbidden[i]));
		check(access_allows(PH_ROLE_HOST, forbidden[i]));
	}
}

TEST(host_tools_cannot_be_guests)
{
	check(!access_allows(PH_ROLE_HOST, "phyllome_guest_manager_v1"));
}

TEST(unlisted_is_denied)
{
	check(!access_lists("wl_shell"));
	check(!access_allows(PH_ROLE_HOST, "wl_shell"));
	check(!access_allows(PH_ROLE_BRIDGE, ""));
}
