// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_PROTOCOL_H
#define PH_GUEST_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

struct ph_session;
struct ph_guest;

/* Offers phyllome_guest_manager_v1. False: logged. The global goes with the display. */
bool guest_protocol_init(struct ph_session *session);

/*
 * Input for a guest. Each call is a no-op while no bridge controls it. Times
 * are CLOCK_MONOTONIC µs, positions picture pixels of that console.
 */
void guest_send_focus_in(struct ph_guest *guest, uint32_t console);
void guest_send_focus_out(struct ph_guest *guest);
void guest_send_key(struct ph_guest *guest, uint64_t time_us, uint32_t code, bool pressed);
void guest_send_button(struct ph_guest *guest, uint64_t time_us, uint32_t code, bool pressed);
void guest_send_motion_absolute(
    struct ph_guest *guest, uint64_t time_us, uint32_t console, double x, double y);
void guest_send_motion_relative(struct ph_guest *guest, uint64_t time_us, double dx, double dy,
    double dx_unaccel, double dy_unaccel);
void guest_send_axis(struct ph_guest *guest, uint64_t time_us, bool horizontal, int32_t value120);
void guest_send_touch_down(struct ph_guest *guest, uint64_t time_us, uint32_t console, int32_t slot,
    double x, double y);
void guest_send_touch_motion(
    struct ph_guest *guest, uint64_t time_us, int32_t slot, double x, double y);
void guest_send_touch_up(struct ph_guest *guest, uint64_t time_us, int32_t slot);
void guest_send_touch_cancel(struct ph_guest *guest);
void guest_send_frame(struct ph_guest *guest);
/* Has the bridge see at once what was sent; guest_send_frame() does it too, unless ph_seat.hold_flush. */
void guest_flush(struct ph_guest *guest);

/* A person's wish: enum phyllome_guest_v1_action. */
void guest_send_action(struct ph_guest *guest, uint32_t action);

#endif
