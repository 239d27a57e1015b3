// SPDX-License-Identifier: MIT
#include "input_settings.h"

#include <libinput.h>
#include <string.h>

bool input_settings_match(const char *match, struct libinput_device *device)
{
	bool touchpad = libinput_device_config_tap_get_finger_count(device) > 0;

	if (strcmp(match, "keyboard") == 0) {
		return libinput_device_has_capability(device, LIBINPUT_DEVICE_CAP_KEYBOARD);
	}
	if (strcmp(match, "touchpad") == 0) {
		return touchpad;
	}
	if (strcmp(match, "pointer") == 0) {
		return !touchpad && libinput_device_has_capability(device, LIBINPUT_DEVICE_CAP_POINTER);
	}
	if (strcmp(match, "touch") == 0) {
		return libinput_device_has_capability(device, LIBINPUT_DEVICE_CAP_TOUCH);
	}
	if (strcmp(match, "tablet") == 0) {
		return libinput_device_has_capability(device, LIBINPUT_DEVICE_CAP_TABLET_TOOL);
	}
	return strcmp(match, libinput_device_get_name(device)) == 0;
}

/* Taking what is set over from a later block. */
#define TAKE(member, unset)                                                                        \
	do {                                                                                       \
		if (block->member != (unset)) {                                                    \
			all->member = block->member;                                               \
		}                                                                                  \
	} while (0)

static void merge(struct ph_config_input *all, const struct ph_config_input *block)
{
	TAKE(events, PH_UNSET);
	TAKE(tap, PH_UNSET);
	TAKE(tap_drag, PH_UNSET);
	TAKE(natural_scroll, PH_UNSET);
	TAKE(left_handed, PH_UNSET);
	TAKE(middle_emulation, PH_UNSET);
	TAKE(dwt, PH_UNSET);
	TAKE(accel_profile, PH_ACCEL_UNSET);
	TAKE(scroll_method, PH_SCROLL_UNSET);
	TAKE(click_method, PH_CLICK_UNSET);
	TAKE(output, NULL);
	if (block->has_speed) {
		all->has_speed = true;
		all->speed = block->speed;
	}
}

/* Everything that is said of the device; strings borrowed. */
static struct ph_config_input find_settings(
    const struct ph_config *config, struct libinput_device *device)
{
	struct ph_config_input all = {0};

	for (size_t i = 0; i < config->input_count; i++) {
		if (input_settings_match(config->inputs[i].match, device)) {
			merge(&all, &config->inputs[i]);
		}
	}
	return all;
}

static bool choose(enum ph_setting setting, bool otherwise)
{
	return setting == PH_UNSET ? otherwise : setting == PH_SET_ON;
}

/* A touchpad is of use at once: a tap clicks, and its content follows the wheel's direction. */
static void apply_touchpad(const struct ph_config_input *in, struct libinput_device *device)
{
	if (libinput_device_config_tap_get_finger_count(device) > 0) {
		libinput_device_config_tap_set_enabled(device,
		    choose(in->tap, true) ? LIBINPUT_CONFIG_TAP_ENABLED : LIBINPUT_CONFIG_TAP_DISABLED);
		libinput_device_config_tap_set_drag_enabled(device,
		    choose(in->tap_drag, libinput_device_config_tap_get_default_drag_enabled(device) ==
					     LIBINPUT_CONFIG_DRAG_ENABLED)
			? LIBINPUT_CONFIG_DRAG_ENABLED
			: LIBINPUT_CONFIG_DRAG_DISABLED);
	}
	if (libinput_device_config_dwt_is_available(device)) {
		libinput_device_config_dwt_set_enabled(device,
		    choose(in->dwt, libinput_device_config_dwt_get_default_enabled(device) ==
					LIBINPUT_CONFIG_DWT_ENABLED)
			? LIBINPUT_CONFIG_DWT_ENABLED
			: LIBINPUT_CONFIG_DWT_DISABLED);
	}
	if (libinput_device_config_click_get_methods(device) != 0) {
		libinput_device_config_click_set_method(device,
		    in->click_method == PH_CLICK_AREAS     ? LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS
		    : in->click_method == PH_CLICK_FINGERS ? LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER
							   : libinput_device_config_click_get_default_method(device));
	}
}

static enum libinput_config_scroll_method scroll_method(
    const struct ph_config_input *in, struct libinput_device *device)
{
	switch (in->scroll_method) {
	case PH_SCROLL_NONE:
		return LIBINPUT_CONFIG_SCROLL_NO_SCROLL;
	case PH_SCROLL_TWO_FINGER:
		return LIBINPUT_CONFIG_SCROLL_2FG;
	case PH_SCROLL_EDGE:
		return LIBINPUT_CONFIG_SCROLL_EDGE;
	case PH_SCROLL_BUTTON:
		return LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN;
	case PH_SCROLL_UNSET:
		break;
	}
	return libinput_device_config_scroll_get_default_method(device);
}

static void apply_motion(const struct ph_config_input *in, struct libinput_device *device)
{
	if (libinput_device_config_accel_is_available(device)) {
		libinput_device_config_accel_set_speed(device,
		    in->has_speed ? in->speed : libinput_device_config_accel_get_default_speed(device));
		libinput_device_config_accel_set_profile(device,
		    in->accel_profile == PH_ACCEL_FLAT       ? LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT
		    : in->accel_profile == PH_ACCEL_ADAPTIVE ? LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE
							     : libinput_device_config_accel_get_default_profile(device));
	}
	if (libinput_device_config_scroll_has_natural_scroll(device)) {
		libinput_device_config_scroll_set_natural_scroll_enabled(
		    device, choose(in->natural_scroll, false));
	}
	if (libinput_device_config_scroll_get_methods(device) != 0) {
		libinput_device_config_scroll_set_method(device, scroll_method(in, device));
	}
	if (libinput_device_config_left_handed_is_available(device)) {
		libinput_device_config_left_handed_set(device,
		    choose(in->left_handed, libinput_device_config_left_handed_get_default(device)));
	}
	if (libinput_device_config_middle_emulation_is_available(device)) {
		libinput_device_config_middle_emulation_set_enabled(device,
		    choose(in->middle_emulation,
			libinput_device_config_middle_emulation_get_default_enabled(device) ==
			    LIBINPUT_CONFIG_MIDDLE_EMULATION_ENABLED)
			? LIBINPUT_CONFIG_MIDDLE_EMULATION_ENABLED
			: LIBINPUT_CONFIG_MIDDLE_EMULATION_DISABLED);
	}
}

void input_settings_apply(const struct ph_config *config, struct libinput_device *device)
{
	const struct ph_config_input in = find_settings(config, device);

	libinput_device_config_send_events_set_mode(device,
	    in.events == PH_SET_OFF ? LIBINPUT_CONFIG_SEND_EVENTS_DISABLED
				    : LIBINPUT_CONFIG_SEND_EVENTS_ENABLED);
	apply_touchpad(&in, device);
	apply_motion(&in, device);
}

const char *input_settings_output(const struct ph_config *config, struct libinput_device *device)
{
	return find_settings(config, device).output;
}
