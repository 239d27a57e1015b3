// SPDX-License-Identifier: MIT
#include "host_input.h"

#include <linux/input-event-codes.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_primary_selection.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/log.h>

#include "listener.h"
#include "lock.h"
#include "lock_output.h"
#include "pointer.h"
#include "session.h"

/* Key repeat as most programs expect it: per second, and ms until it begins. */
#define REPEAT_RATE 25
#define REPEAT_DELAY 600

static struct wlr_surface *find_target(struct ph_session *session)
{
	if (lock_is_locked(session)) {
		return lock_outputs_surface(session);
	}
	struct wlr_surface *layer = layer_shell_target(session);
	return layer ? layer : views_target(session);
}

bool host_input_active(struct ph_session *session)
{
	return lock_is_locked(session) || find_target(session) != NULL;
}

/* --- keyboard */

static void handle_leds(struct wlr_keyboard *keyboard, uint32_t leds)
{
	struct ph_session *session = wl_container_of(keyboard, session, host_input.keyboard);

	session->host_input.leds = leds;
	seat_refresh(session);
}

static const struct wlr_keyboard_impl keyboard_impl = {
    .name = "phyllome-host-keyboard",
    .led_update = handle_leds,
};

static void handle_modifiers(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.modifiers);
	struct wlr_seat *seat = session->seat.wlr_seat;

	if (wlr_seat_get_keyboard(seat) == &session->host_input.keyboard) {
		wlr_seat_keyboard_notify_modifiers(seat, &session->host_input.keyboard.modifiers);
	}
}

/* What is down belongs to the time before: nobody else gets its release. */
static void drop_held(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;

	host->held_count = 0;
	while (host->keyboard.num_keycodes > 0) {
		struct wlr_keyboard_key_event event = {
		    .time_msec = (uint32_t)(session_time_us() / 1000),
		    .keycode = host->keyboard.keycodes[0],
		    .update_state = true,
		    .state = WL_KEYBOARD_KEY_STATE_RELEASED,
		};
		wlr_keyboard_notify_key(&host->keyboard, &event);
	}
}

/* Whether the program is to get it: only what it knows pressed is ever released. */
static bool note_key(struct ph_host_input *host, uint32_t code, bool pressed)
{
	for (unsigned i = 0; i < host->held_count; i++) {
		if (host->held[i] == code) {
			if (!pressed) {
				host->held[i] = host->held[--host->held_count];
			}
			return !pressed;
		}
	}
	if (!pressed || host->held_count == PH_HOST_KEYS_MAX) {
		return false;
	}
	host->held[host->held_count++] = code;
	return true;
}

bool host_input_key(struct ph_session *session, struct wlr_keyboard *source, uint64_t time_us,
    uint32_t code, bool pressed)
{
	struct ph_host_input *host = &session->host_input;
	struct wlr_seat *seat = session->seat.wlr_seat;
	uint32_t time_msec = (uint32_t)(time_us / 1000);
	enum wl_keyboard_key_state state =
	    pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED;

	if (!seat->keyboard_state.focused_surface) {
		if (pressed && (code == KEY_ENTER || code == KEY_KPENTER)) {
			lock_ask_again(session);
		}
		return lock_is_locked(session);
	}
	if (!note_key(host, code, pressed)) {
		return true;
	}
	if (source && source->keymap) {
		wlr_seat_set_keyboard(seat, source);
		wlr_seat_keyboard_notify_key(seat, time_msec, code, state);
		return true;
	}
	struct wlr_keyboard_key_event event = {
	    .time_msec = time_msec, .keycode = code, .update_state = true, .state = state};
	wlr_seat_set_keyboard(seat, &host->keyboard);
	wlr_seat_keyboard_notify_key(seat, time_msec, code, state);
	wlr_keyboard_notify_key(&host->keyboard, &event);
	return true;
}

void host_input_modifiers(struct ph_session *session, struct wlr_keyboard *source)
{
	struct wlr_seat *seat = session->seat.wlr_seat;

	if (seat->keyboard_state.focused_surface && source->keymap) {
		wlr_seat_set_keyboard(seat, source);
		wlr_seat_keyboard_notify_modifiers(seat, &source->modifiers);
	}
}

/* The grab of a menu would keep the keyboard where it is, also from the locker. */
static void end_grabs(struct ph_session *session)
{
	struct wlr_seat *seat = session->seat.wlr_seat;

	drag_cancel(session);
	wlr_seat_pointer_end_grab(seat);
	wlr_seat_keyboard_end_grab(seat);
	wlr_seat_touch_end_grab(seat);
}

/* Whether there was one. What is dragged has a grab as well, and stays. */
static bool close_menus(struct ph_session *session)
{
	struct wlr_seat *seat = session->seat.wlr_seat;

	if (seat->drag || !wlr_seat_pointer_has_grab(seat)) {
		return false;
	}
	end_grabs(session);
	return true;
}

void host_input_close_menus(struct ph_session *session)
{
	close_menus(session);
}

static void refresh_keyboard(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;
	struct wlr_seat *seat = session->seat.wlr_seat;
	struct wlr_surface *target = find_target(session);

	if (target == seat->keyboard_state.focused_surface) {
		return;
	}
	end_grabs(session);
	wlr_seat_keyboard_notify_clear_focus(seat);
	drop_held(session);
	if (target) {
		wlr_seat_set_keyboard(seat, &host->keyboard);
		wlr_seat_keyboard_notify_enter(seat, target, NULL, 0, &host->keyboard.modifiers);
	}
	seat_refresh(session);
}

void host_input_apply_config(struct ph_session *session)
{
	struct xkb_keymap *keymap = session->config_file.keymap;

	if (session->host_input.keyboard.keymap != keymap &&
	    !wlr_keyboard_set_keymap(&session->host_input.keyboard, keymap)) {
		wlr_log(WLR_ERROR, "keys: host programs keep their keymap: out of memory");
	}
}

static bool make_keyboard(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;

	wlr_keyboard_init(&host->keyboard, &keyboard_impl, keyboard_impl.name);
	host->keyboard_made = true;
	wlr_keyboard_set_repeat_info(&host->keyboard, REPEAT_RATE, REPEAT_DELAY);
	host_input_apply_config(session);
	return host->keyboard.keymap != NULL;
}

/* --- pointer */

/* The surface of a host program at that place; locked: of the locker, as only its tree is on. */
static struct wlr_surface *surface_at(
    struct ph_session *session, double lx, double ly, double *sx, double *sy)
{
	struct wlr_scene_node *node = wlr_scene_node_at(&session->scene->tree.node, lx, ly, sx, sy);

	if (!node || node->type != WLR_SCENE_NODE_BUFFER) {
		return NULL;
	}
	struct wlr_scene_surface *scene_surface =
	    wlr_scene_surface_try_from_buffer(wlr_scene_buffer_from_node(node));
	return scene_surface ? scene_surface->surface : NULL;
}

static void leave(struct ph_session *session)
{
	if (session->host_input.has_pointer) {
		session->host_input.has_pointer = false;
		session->seat.cursor_shown = NULL;
		wlr_seat_pointer_notify_clear_focus(session->seat.wlr_seat);
		seat_refresh(session);
	}
}

bool host_input_motion(struct ph_session *session, uint32_t time_msec)
{
	struct ph_host_input *host = &session->host_input;
	struct ph_seat *seat = &session->seat;
	struct wlr_seat *wlr_seat = seat->wlr_seat;
	double lx = seat->cursor->x, ly = seat->cursor->y, sx, sy;

	if (pointer_captured(session)) {
		leave(session); /* it is nowhere, whatever is where it was */
		return false;
	}
	if (seat->button_count > 0) {
		return false; /* a guest holds a button: what it drags is its own */
	}
	/* So it is for a program that holds one, also outside of its surface. */
	if (wlr_seat->pointer_state.button_count > 0 && wlr_seat->pointer_state.focused_surface &&
	    !wlr_seat->drag) {
		wlr_seat_pointer_notify_motion(
		    wlr_seat, time_msec, lx - host->origin_lx, ly - host->origin_ly);
		return true;
	}
	struct wlr_surface *surface = surface_at(session, lx, ly, &sx, &sy);
	bool drags = drag_by_pointer(session);
	if (drags) {
		drag_move(session, lx, ly);
	}
	if (!surface) {
		leave(session);
		return drags || lock_is_locked(session) || views_cover(session, lx, ly);
	}
	if (!host->has_pointer) {
		host->has_pointer = true;
		wlr_cursor_set_xcursor(seat->cursor, seat->xcursor, "default");
	}
	host->origin_lx = lx - sx;
	host->origin_ly = ly - sy;
	wlr_seat_pointer_notify_enter(wlr_seat, surface, sx, sy);
	wlr_seat_pointer_notify_motion(wlr_seat, time_msec, sx, sy);
	return true;
}

void host_input_reset_pointer(struct ph_session *session)
{
	drag_cancel(session);
	wlr_seat_pointer_notify_clear_focus(session->seat.wlr_seat);
	host_input_touch_cancel(session);
	leave(session);
}

/* Whether a host program was told that this button is pressed. */
static bool holds_button(const struct wlr_seat *wlr_seat, uint32_t button)
{
	for (size_t i = 0; i < wlr_seat->pointer_state.button_count; i++) {
		if (wlr_seat->pointer_state.buttons[i].button == button) {
			return true;
		}
	}
	return false;
}

/* What a click is for, NULL: nothing of a program, or with a menu open nothing of the menu's. */
static struct wlr_surface *focused_surface(const struct ph_session *session)
{
	return session->host_input.has_pointer
		   ? session->seat.wlr_seat->pointer_state.focused_surface
		   : NULL;
}

bool host_input_button(
    struct ph_session *session, uint32_t time_msec, uint32_t button, bool pressed)
{
	struct wlr_seat *wlr_seat = session->seat.wlr_seat;

	if (pressed && !lock_is_locked(session)) {
		struct wlr_surface *surface = focused_surface(session);
		if (!surface && close_menus(session)) {
			host_input_motion(session, time_msec);
			surface = focused_surface(session);
		}
		if (!surface && views_cover(session, session->seat.cursor->x, session->seat.cursor->y)) {
			return true; /* beside a view that is smaller than its place */
		}
		layer_shell_note_click(session, surface);
		views_note_click(session, surface);
	}
	if (pressed ? !session->host_input.has_pointer : !holds_button(wlr_seat, button)) {
		return lock_is_locked(session);
	}
	wlr_seat_pointer_notify_button(wlr_seat, time_msec, button,
	    pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	if (wlr_seat->pointer_state.button_count == 0) {
		host_input_motion(session, time_msec);
	}
	return true;
}

bool host_input_axis(struct ph_session *session, const struct wlr_pointer_axis_event *event)
{
	if (!session->host_input.has_pointer) {
		return lock_is_locked(session);
	}
	wlr_seat_pointer_notify_axis(session->seat.wlr_seat, event->time_msec, event->orientation,
	    event->delta, event->delta_discrete, event->source, event->relative_direction);
	return true;
}

void host_input_frame(struct ph_session *session)
{
	wlr_seat_pointer_notify_frame(session->seat.wlr_seat);
}

bool host_input_has_pointer(struct ph_session *session)
{
	return session->host_input.has_pointer;
}

static void handle_request_cursor(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.request_cursor);
	const struct wlr_seat_pointer_request_set_cursor_event *event = data;

	if (session->host_input.has_pointer &&
	    event->seat_client == session->seat.wlr_seat->pointer_state.focused_client) {
		wlr_cursor_set_surface(
		    session->seat.cursor, event->surface, event->hotspot_x, event->hotspot_y);
	}
}

static void handle_request_shape(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.request_shape);
	const struct wlr_cursor_shape_manager_v1_request_set_shape_event *event = data;

	if (session->host_input.has_pointer &&
	    event->device_type == WLR_CURSOR_SHAPE_MANAGER_V1_DEVICE_TYPE_POINTER &&
	    event->seat_client == session->seat.wlr_seat->pointer_state.focused_client) {
		wlr_cursor_set_xcursor(
		    session->seat.cursor, session->seat.xcursor, wlr_cursor_shape_v1_name(event->shape));
	}
}

/* --- touch */

/* Whether its program listens to touch screens at all. */
static bool takes_touch(struct wlr_seat *wlr_seat, struct wlr_surface *surface)
{
	const struct wlr_seat_client *client =
	    wlr_seat_client_for_wl_client(wlr_seat, wl_resource_get_client(surface->resource));

	return client && !wl_list_empty(&client->touches);
}

bool host_input_touch_down(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly)
{
	struct ph_host_input *host = &session->host_input;
	double sx, sy;
	struct wlr_surface *surface = surface_at(session, lx, ly, &sx, &sy);

	if (!surface && !lock_is_locked(session)) {
		close_menus(session);
	}
	if (!surface && (lock_is_locked(session) || views_cover(session, lx, ly))) {
		return true; /* beside a view that is smaller than its place */
	}
	if (!lock_is_locked(session)) {
		layer_shell_note_click(session, surface);
		views_note_click(session, surface);
	}
	for (int i = 0; surface && takes_touch(session->seat.wlr_seat, surface) && i < PH_HOST_TOUCHES_MAX; i++) {
		if (!host->touches[i].used) {
			host->touches[i].used = true;
			host->touches[i].id = id;
			host->touches[i].origin_lx = lx - sx;
			host->touches[i].origin_ly = ly - sy;
			wlr_seat_touch_notify_down(
			    session->seat.wlr_seat, surface, time_msec, id, sx, sy);
			break;
		}
	}
	return surface != NULL;
}

static int find_touch(const struct ph_host_input *host, int32_t id)
{
	for (int i = 0; i < PH_HOST_TOUCHES_MAX; i++) {
		if (host->touches[i].used && host->touches[i].id == id) {
			return i;
		}
	}
	return -1;
}

/* A finger drags something: what is under it now is told, not what it came down on. */
static void drag_over(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly)
{
	struct wlr_seat *seat = session->seat.wlr_seat;
	double sx, sy;
	struct wlr_surface *surface = surface_at(session, lx, ly, &sx, &sy);

	drag_move(session, lx, ly);
	if (surface) {
		wlr_seat_touch_point_focus(seat, surface, time_msec, id, sx, sy);
		wlr_seat_touch_notify_motion(seat, time_msec, id, sx, sy);
	} else {
		wlr_seat_touch_point_clear_focus(seat, time_msec, id);
	}
}

bool host_input_touch_motion(
    struct ph_session *session, uint32_t time_msec, int32_t id, double lx, double ly)
{
	struct ph_host_input *host = &session->host_input;
	int i = find_touch(host, id);

	if (i < 0) {
		return lock_is_locked(session);
	}
	if (drag_by_finger(session, id)) {
		drag_over(session, time_msec, id, lx, ly);
		return true;
	}
	wlr_seat_touch_notify_motion(session->seat.wlr_seat, time_msec, id,
	    lx - host->touches[i].origin_lx, ly - host->touches[i].origin_ly);
	return true;
}

void host_input_locate_touch(
    struct ph_session *session, const struct wlr_touch_point *point, double *lx, double *ly)
{
	const struct ph_host_input *host = &session->host_input;
	int i = find_touch(host, point->touch_id);

	if (i >= 0) {
		*lx = host->touches[i].origin_lx + point->sx;
		*ly = host->touches[i].origin_ly + point->sy;
	}
}

bool host_input_touch_up(struct ph_session *session, uint32_t time_msec, int32_t id)
{
	struct ph_host_input *host = &session->host_input;
	int i = find_touch(host, id);

	if (i < 0) {
		return lock_is_locked(session);
	}
	host->touches[i].used = false;
	wlr_seat_touch_notify_up(session->seat.wlr_seat, time_msec, id);
	return true;
}

void host_input_touch_frame(struct ph_session *session)
{
	wlr_seat_touch_notify_frame(session->seat.wlr_seat);
}

void host_input_touch_cancel(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;
	struct wlr_seat *seat = session->seat.wlr_seat;

	/* A cancel ends all fingers of a program. */
	while (!wl_list_empty(&seat->touch_state.touch_points)) {
		struct wlr_touch_point *point =
		    wl_container_of(seat->touch_state.touch_points.next, point, link);
		wlr_seat_touch_notify_cancel(seat, point->client);
	}
	for (int i = 0; i < PH_HOST_TOUCHES_MAX; i++) {
		host->touches[i].used = false;
	}
}

void host_input_set_touch(struct ph_session *session, bool there)
{
	wlr_seat_set_capabilities(session->seat.wlr_seat, WL_SEAT_CAPABILITY_KEYBOARD |
	    WL_SEAT_CAPABILITY_POINTER | (there ? WL_SEAT_CAPABILITY_TOUCH : 0));
}

/* --- clipboard of host programs */

static void handle_request_selection(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, host_input.request_selection);
	const struct wlr_seat_request_set_selection_event *event = data;

	wlr_seat_set_selection(session->seat.wlr_seat, event->source, event->serial);
}

static void handle_request_primary_selection(struct wl_listener *listener, void *data)
{
	struct ph_session *session =
	    wl_container_of(listener, session, host_input.request_primary_selection);
	const struct wlr_seat_request_set_primary_selection_event *event = data;

	wlr_seat_set_primary_selection(session->seat.wlr_seat, event->source, event->serial);
}

/* --- */

void host_input_refresh(struct ph_session *session)
{
	if (!session->host_input.keyboard_made) {
		return; /* an output came before the seat was made */
	}
	refresh_keyboard(session);
	host_input_motion(session, (uint32_t)(session_time_us() / 1000));
	host_input_frame(session);
}

bool host_input_init(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;
	struct wlr_seat *seat = session->seat.wlr_seat;

	if (!make_keyboard(session)) {
		return false;
	}
	host->shapes = wlr_cursor_shape_manager_v1_create(session->display, 1);
	if (!host->shapes) {
		wlr_log(WLR_ERROR, "start: out of memory for the shapes of the pointer");
		return false;
	}
	host_input_set_touch(session, !wl_list_empty(&session->seat.touch_screens));
	wlr_seat_set_keyboard(seat, &host->keyboard);
	listener_connect(&host->keyboard.events.modifiers, &host->modifiers, handle_modifiers);
	listener_connect(
	    &seat->events.request_set_cursor, &host->request_cursor, handle_request_cursor);
	listener_connect(&host->shapes->events.request_set_shape, &host->request_shape,
	    handle_request_shape);
	drag_init(session);
	listener_connect(
	    &seat->events.request_set_selection, &host->request_selection, handle_request_selection);
	listener_connect(&seat->events.request_set_primary_selection,
	    &host->request_primary_selection, handle_request_primary_selection);
	return true;
}

void host_input_finish(struct ph_session *session)
{
	struct ph_host_input *host = &session->host_input;

	listener_disconnect(&host->modifiers);
	listener_disconnect(&host->request_cursor);
	listener_disconnect(&host->request_shape);
	drag_finish(session);
	listener_disconnect(&host->request_selection);
	listener_disconnect(&host->request_primary_selection);
	if (host->keyboard_made) {
		host->keyboard_made = false;
		wlr_keyboard_finish(&host->keyboard);
	}
}
