// SPDX-License-Identifier: MIT
#include "fake_internal.h"

#include <string.h>

#include "phyllome-guest-v1-protocol.h"
#include "test.h"

/* The guest. */

static void handle_set_state(
    struct wl_client *client, struct wl_resource *resource, uint32_t state, const char *reason)
{
	fake_say(wl_resource_get_user_data(resource), "state %u %s; ", state, reason);
}

static void handle_set_pointer_mode(
    struct wl_client *client, struct wl_resource *resource, uint32_t mode)
{
	fake_say(wl_resource_get_user_data(resource), "mode %u; ", mode);
}

static void handle_set_leds(struct wl_client *client, struct wl_resource *resource, uint32_t leds)
{
	fake_say(wl_resource_get_user_data(resource), "leds %u; ", leds);
}

static const struct phyllome_guest_v1_interface guest_impl = {
    .destroy = fake_handle_destroy,
    .set_state = handle_set_state,
    .set_pointer_mode = handle_set_pointer_mode,
    .set_leds = handle_set_leds,
};

static void handle_guest_destroyed(struct wl_resource *resource)
{
	struct fake_compositor *fake = wl_resource_get_user_data(resource);
	fake->guest = NULL;
}

static void handle_get_guest(
    struct wl_client *client, struct wl_resource *manager, uint32_t id, const char *token)
{
	struct fake_compositor *fake = wl_resource_get_user_data(manager);
	if (strcmp(token, FAKE_TOKEN) != 0) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_INVALID_TOKEN,
		    "no guest has that token");
		return;
	}
	fake->guest = fake_new_resource(client, &phyllome_guest_v1_interface, 1, id, &guest_impl, fake,
	    handle_guest_destroyed);
}

static void handle_ack(struct wl_client *client, struct wl_resource *resource, uint32_t serial)
{
	struct head *head = wl_resource_get_user_data(resource);
	check_uint(serial, head->serial);
}

static void handle_set_cursor(struct wl_client *client, struct wl_resource *resource,
    struct wl_resource *surface, int32_t x, int32_t y)
{
	struct head *head = wl_resource_get_user_data(resource);
	if (surface) {
		fake_say(head->surface->fake, "cursor %d %d,%d; ", head->surface->console, x, y);
	} else {
		fake_say(head->surface->fake, "cursor %d none; ", head->surface->console);
	}
}

static void handle_head_destroy(struct wl_client *client, struct wl_resource *resource)
{
	struct head *head = wl_resource_get_user_data(resource);
	fake_say(head->surface->fake, "head %d destroyed; ", head->surface->console);
	head->resource = NULL;
	wl_resource_destroy(resource);
}

static const struct phyllome_guest_head_v1_interface head_impl = {
    .destroy = handle_head_destroy,
    .ack_configure = handle_ack,
    .set_cursor = handle_set_cursor,
};

static void handle_get_head(struct wl_client *client, struct wl_resource *manager, uint32_t id,
    const char *token, uint32_t console, struct wl_resource *surface)
{
	struct fake_compositor *fake = wl_resource_get_user_data(manager);
	struct head *head = &fake->heads[console];

	check_str(token, FAKE_TOKEN);
	check_op(console, <, FAKE_MAX_HEADS);
	fake_say(fake, "head %u; ", console);
	head->serial = 0;
	head->surface = wl_resource_get_user_data(surface);
	head->surface->console = (int)console;
	head->resource = fake_new_resource(
	    client, &phyllome_guest_head_v1_interface, 1, id, &head_impl, head, NULL);
}

static const struct phyllome_guest_manager_v1_interface manager_impl = {
    .destroy = fake_handle_destroy,
    .get_guest = handle_get_guest,
    .get_head = handle_get_head,
};

void fake_bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	fake_new_resource(client, &phyllome_guest_manager_v1_interface, version, id, &manager_impl, data,
	    NULL);
}

void fake_configure(struct fake_compositor *fake, uint32_t console, uint32_t width,
    uint32_t height, uint32_t mm_width, uint32_t mm_height, bool visible)
{
	struct head *head = &fake->heads[console];
	phyllome_guest_head_v1_send_configure(head->resource, ++head->serial, width, height,
	    mm_width, mm_height, 60000, 120, visible);
	wl_display_flush_clients(fake->display);
}

void fake_monitor(struct fake_compositor *fake, uint32_t console, const char *name)
{
	phyllome_guest_v1_send_monitor(fake->guest, console, name);
}

void fake_action(struct fake_compositor *fake, uint32_t action)
{
	phyllome_guest_v1_send_action(fake->guest, action);
	wl_display_flush_clients(fake->display);
}

void fake_focus(struct fake_compositor *fake, bool in, uint32_t console)
{
	if (in) {
		phyllome_guest_v1_send_focus_in(fake->guest, console);
	} else {
		phyllome_guest_v1_send_focus_out(fake->guest);
	}
	wl_display_flush_clients(fake->display);
}

void fake_key(struct fake_compositor *fake, uint32_t code, bool pressed)
{
	phyllome_guest_v1_send_key(fake->guest, 0, 1, code, pressed);
	wl_display_flush_clients(fake->display);
}

void fake_button(struct fake_compositor *fake, uint32_t code, bool pressed)
{
	phyllome_guest_v1_send_button(fake->guest, 0, 1, code, pressed);
	wl_display_flush_clients(fake->display);
}

void fake_motion(struct fake_compositor *fake, uint32_t console, double x, double y)
{
	phyllome_guest_v1_send_motion_absolute(
	    fake->guest, 0, 1, console, wl_fixed_from_double(x), wl_fixed_from_double(y));
	wl_display_flush_clients(fake->display);
}

void fake_motion_relative(struct fake_compositor *fake, double dx, double dy)
{
	const wl_fixed_t x = wl_fixed_from_double(dx), y = wl_fixed_from_double(dy);
	/* twice as far where the host accelerates, which must not count */
	phyllome_guest_v1_send_motion_relative(fake->guest, 0, 1, 2 * x, 2 * y, x, y);
	wl_display_flush_clients(fake->display);
}

void fake_axis(struct fake_compositor *fake, bool horizontal, int32_t value120)
{
	phyllome_guest_v1_send_axis(fake->guest, 0, 1, horizontal, value120);
	wl_display_flush_clients(fake->display);
}

void fake_touch(
    struct fake_compositor *fake, int kind, uint32_t console, int32_t id, double x, double y)
{
	const wl_fixed_t fx = wl_fixed_from_double(x), fy = wl_fixed_from_double(y);

	switch (kind) {
	case 0:
		phyllome_guest_v1_send_touch_down(fake->guest, 0, 1, console, id, fx, fy);
		break;
	case 1:
		phyllome_guest_v1_send_touch_motion(fake->guest, 0, 1, id, fx, fy);
		break;
	case 2:
		phyllome_guest_v1_send_touch_up(fake->guest, 0, 1, id);
		break;
	default:
		phyllome_guest_v1_send_touch_cancel(fake->guest);
	}
	wl_display_flush_clients(fake->display);
}
