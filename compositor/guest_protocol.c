// SPDX-License-Identifier: MIT
#include "guest_protocol.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/util/log.h>

#include "guest.h"
#include "guests.h"
#include "guest_head.h"
#include "host_input.h"
#include "phyllome-guest-v1-protocol.h"
#include "pointer.h"
#include "seat.h"
#include "session.h"

#define REASON_MAX 1024 /* bytes; see set_state in phyllome-guest-v1.xml */
#define ALL_LEDS                                                                                   \
	(PHYLLOME_GUEST_V1_LED_NUM_LOCK | PHYLLOME_GUEST_V1_LED_CAPS_LOCK |                        \
	    PHYLLOME_GUEST_V1_LED_SCROLL_LOCK)

static const struct phyllome_guest_v1_interface guest_impl;
static const struct phyllome_guest_manager_v1_interface manager_impl;

static struct ph_guest *guest_from_resource(struct wl_resource *resource)
{
	if (!wl_resource_instance_of(resource, &phyllome_guest_v1_interface, &guest_impl)) {
		abort();
	}
	return wl_resource_get_user_data(resource);
}

static struct ph_session *session_from_manager(struct wl_resource *resource)
{
	if (!wl_resource_instance_of(resource, &phyllome_guest_manager_v1_interface, &manager_impl)) {
		abort();
	}
	return wl_resource_get_user_data(resource);
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void handle_set_state(
    struct wl_client *client, struct wl_resource *resource, uint32_t state, const char *reason)
{
	struct ph_guest *guest = guest_from_resource(resource);

	if (strlen(reason) > REASON_MAX) {
		wl_resource_post_error(resource, PHYLLOME_GUEST_V1_ERROR_REASON_TOO_LONG,
		    "set_state: the reason has %zu bytes, at most %d are allowed", strlen(reason),
		    REASON_MAX);
		return;
	}
	if (!guest_state_may_follow(guest->state, state)) {
		wl_resource_post_error(resource, PHYLLOME_GUEST_V1_ERROR_INVALID_STATE,
		    "set_state: %u cannot follow %s", state, guest_state_name(guest->state));
		return;
	}
	guest_set_state(guest, (enum ph_guest_state)state, reason);
}

static void handle_set_pointer_mode(struct wl_client *client, struct wl_resource *resource, uint32_t mode)
{
	struct ph_guest *guest = guest_from_resource(resource);

	if (mode > PHYLLOME_GUEST_V1_POINTER_MODE_RELATIVE) {
		wl_resource_post_error(resource, PHYLLOME_GUEST_V1_ERROR_INVALID_POINTER_MODE,
		    "set_pointer_mode: %u is not a mode", mode);
		return;
	}
	guest->pointer_mode = mode;
	guest->session->seat.told.known = false;
	if (pointer_captured(guest->session)) {
		/* It is over no program any more, nor can it choose from a menu. */
		host_input_close_menus(guest->session);
		host_input_motion(guest->session, (uint32_t)(session_time_us() / 1000));
	}
	seat_refresh(guest->session);
}

static void handle_set_leds(struct wl_client *client, struct wl_resource *resource, uint32_t leds)
{
	struct ph_guest *guest = guest_from_resource(resource);

	if (leds & ~(uint32_t)ALL_LEDS) {
		wl_resource_post_error(resource, PHYLLOME_GUEST_V1_ERROR_INVALID_LEDS,
		    "set_leds: %#x has bits that are no LED", leds);
		return;
	}
	guest->leds = leds;
	seat_refresh(guest->session);
}

static const struct phyllome_guest_v1_interface guest_impl = {
    .destroy = handle_destroy,
    .set_state = handle_set_state,
    .set_pointer_mode = handle_set_pointer_mode,
    .set_leds = handle_set_leds,
};

static void handle_control_destroyed(struct wl_resource *resource)
{
	guest_unbind_control(guest_from_resource(resource));
}

static struct ph_guest *find_guest(struct wl_resource *manager, const char *token)
{
	struct ph_guest *guest = guests_by_token(session_from_manager(manager), token);

	if (!guest) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_INVALID_TOKEN,
		    "no guest of this session has that token");
	}
	return guest;
}

static void handle_get_guest(
    struct wl_client *client, struct wl_resource *manager, uint32_t id, const char *token)
{
	struct ph_guest *guest = find_guest(manager, token);

	if (!guest) {
		return;
	}
	if (guest->control) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_GUEST_TAKEN,
		    "guest %s is controlled by another connection", guest->id);
		return;
	}
	struct wl_resource *resource = wl_resource_create(
	    client, &phyllome_guest_v1_interface, wl_resource_get_version(manager), id);
	if (!resource) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &guest_impl, guest, handle_control_destroyed);
	guest_bind_control(guest, resource);
}

static void handle_get_head(struct wl_client *client, struct wl_resource *manager, uint32_t id,
    const char *token, uint32_t console, struct wl_resource *surface_resource)
{
	struct ph_guest *guest = find_guest(manager, token);
	struct wlr_surface *surface = wlr_surface_from_resource(surface_resource);

	if (!guest) {
		return;
	}
	if (console >= PH_GUEST_MAX_HEADS) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_INVALID_CONSOLE,
		    "console %u: a guest has at most %d", console, PH_GUEST_MAX_HEADS);
		return;
	}
	if (guest->heads[console]) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_HEAD_TAKEN,
		    "console %u of guest %s is presented by another head", console, guest->id);
		return;
	}
	/* One that is attached and not committed yet is refused when it is committed. */
	if (wlr_surface_has_buffer(surface)) {
		wl_resource_post_error(manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_ROLE,
		    "the surface of a head must not have a buffer yet");
		return;
	}
	if (guest_head_set_role(surface, manager, PHYLLOME_GUEST_MANAGER_V1_ERROR_ROLE)) {
		guest_head_create(guest, console, surface, client,
		    (uint32_t)wl_resource_get_version(manager), id);
	}
}

static const struct phyllome_guest_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .get_guest = handle_get_guest,
    .get_head = handle_get_head,
};

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct wl_resource *resource =
	    wl_resource_create(client, &phyllome_guest_manager_v1_interface, (int)version, id);

	if (!resource) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &manager_impl, data, NULL);
}

bool guest_protocol_init(struct ph_session *session)
{
	if (!wl_global_create(session->display, &phyllome_guest_manager_v1_interface, 2, session,
		handle_bind)) {
		wlr_log(WLR_ERROR, "start: out of memory for phyllome_guest_manager_v1");
		return false;
	}
	return true;
}

/* The halves of a time on the wire. */
#define HI(time_us) ((uint32_t)((time_us) >> 32))
#define LO(time_us) ((uint32_t)(time_us))

void guest_send_focus_in(struct ph_guest *guest, uint32_t console)
{
	if (guest->control) {
		phyllome_guest_v1_send_focus_in(guest->control, console);
	}
}

void guest_send_focus_out(struct ph_guest *guest)
{
	if (guest->control) {
		phyllome_guest_v1_send_focus_out(guest->control);
	}
}

void guest_send_key(struct ph_guest *guest, uint64_t time_us, uint32_t code, bool pressed)
{
	if (guest->control) {
		phyllome_guest_v1_send_key(guest->control, HI(time_us), LO(time_us), code, pressed);
	}
}

void guest_send_button(struct ph_guest *guest, uint64_t time_us, uint32_t code, bool pressed)
{
	if (guest->control) {
		phyllome_guest_v1_send_button(guest->control, HI(time_us), LO(time_us), code, pressed);
	}
}

void guest_send_motion_absolute(
    struct ph_guest *guest, uint64_t time_us, uint32_t console, double x, double y)
{
	if (guest->control) {
		phyllome_guest_v1_send_motion_absolute(guest->control, HI(time_us), LO(time_us),
		    console, wl_fixed_from_double(x), wl_fixed_from_double(y));
	}
}

void guest_send_motion_relative(struct ph_guest *guest, uint64_t time_us, double dx, double dy,
    double dx_unaccel, double dy_unaccel)
{
	if (guest->control) {
		phyllome_guest_v1_send_motion_relative(guest->control, HI(time_us), LO(time_us),
		    wl_fixed_from_double(dx), wl_fixed_from_double(dy),
		    wl_fixed_from_double(dx_unaccel), wl_fixed_from_double(dy_unaccel));
	}
}

void guest_send_axis(struct ph_guest *guest, uint64_t time_us, bool horizontal, int32_t value120)
{
	if (guest->control) {
		phyllome_guest_v1_send_axis(
		    guest->control, HI(time_us), LO(time_us), horizontal, value120);
	}
}

void guest_send_touch_down(struct ph_guest *guest, uint64_t time_us, uint32_t console, int32_t slot,
    double x, double y)
{
	if (guest->control) {
		phyllome_guest_v1_send_touch_down(guest->control, HI(time_us), LO(time_us), console,
		    slot, wl_fixed_from_double(x), wl_fixed_from_double(y));
	}
}

void guest_send_touch_motion(
    struct ph_guest *guest, uint64_t time_us, int32_t slot, double x, double y)
{
	if (guest->control) {
		phyllome_guest_v1_send_touch_motion(guest->control, HI(time_us), LO(time_us), slot,
		    wl_fixed_from_double(x), wl_fixed_from_double(y));
	}
}

void guest_send_touch_up(struct ph_guest *guest, uint64_t time_us, int32_t slot)
{
	if (guest->control) {
		phyllome_guest_v1_send_touch_up(guest->control, HI(time_us), LO(time_us), slot);
	}
}

void guest_send_touch_cancel(struct ph_guest *guest)
{
	if (guest->control) {
		phyllome_guest_v1_send_touch_cancel(guest->control);
	}
}

void guest_send_frame(struct ph_guest *guest)
{
	if (guest->control) {
		phyllome_guest_v1_send_frame(guest->control);
	}
	if (!guest->session->seat.hold_flush) {
		guest_flush(guest);
	}
}

void guest_flush(struct ph_guest *guest)
{
	/* A key must not wait for whatever else this turn of the loop does. */
	if (guest->control) {
		wl_client_flush(wl_resource_get_client(guest->control));
	}
}

/* The monitor where that head is or belongs; the first one's else the one where the person is. */
static const struct ph_output *find_monitor(const struct ph_guest *guest, unsigned console)
{
	struct ph_session *session = guest->session;
	size_t output, cell;
	bool half;

	if (placement_find(&session->placement, guest->id, console, &output, &cell) ||
	    placement_find_spot(&session->placement, guest->id, console, &output, &half)) {
		return outputs_nth(session, output);
	}
	return console == 0 && session->outputs.focus ? session->outputs.focus->output : NULL;
}

static void send_monitors(struct ph_guest *guest)
{
	if (wl_resource_get_version(guest->control) < PHYLLOME_GUEST_V1_MONITOR_SINCE_VERSION) {
		return;
	}
	for (unsigned console = 0; console < PH_GUEST_MAX_HEADS; console++) {
		const struct ph_output *output = find_monitor(guest, console);
		const char *model = output ? output->wlr_output->model : NULL;
		phyllome_guest_v1_send_monitor(guest->control, console, model ? model : "");
	}
}

void guest_send_action(struct ph_guest *guest, uint32_t action)
{
	if (guest->control) {
		if (action == PHYLLOME_GUEST_V1_ACTION_START) {
			send_monitors(guest);
		}
		phyllome_guest_v1_send_action(guest->control, action);
	}
}
