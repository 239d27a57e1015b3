// SPDX-License-Identifier: MIT
#ifndef PH_INPUT_TABLET_H
#define PH_INPUT_TABLET_H

#include <stdbool.h>
#include <stdint.h>

struct libinput_event;
struct wlr_pointer;

/*
 * A pen on a tablet is an absolute pointer: its tip is the left button, those on
 * its side are the right and the middle one. Guests have no pens of their own.
 */

/*
 * Passes an event of a tablet's tool on, as the pointer's; time_us is when it
 * happened. False: it says nothing that a pointer could.
 */
bool input_tablet_handle(
    struct wlr_pointer *pointer, struct libinput_event *event, uint64_t time_us);

#endif
