// SPDX-License-Identifier: MIT
#ifndef PH_DISPLAY_CHANNEL_H
#define PH_DISPLAY_CHANNEL_H

#include <systemd/sd-event.h>

#include "display.h"

/*
 * QEMU's D-Bus display, peer to peer: the display.h implementation for a
 * stock QEMU. Everything is asynchronous; nothing blocks, not even at start.
 *
 * fd is our end of the socket pair whose other end went to QEMU by QMP
 * add_client @dbus-display; the display owns it from now on, also if NULL is
 * returned (then the reason was logged). events and data must outlive the
 * display. console_added comes later, from the event loop.
 *
 * After the "closed" event the display only waits for display_destroy(), which
 * may be called from inside that event, but not from inside another.
 */
struct ph_display *display_channel_create(
    sd_event *event, int fd, const struct ph_display_events *events, void *data);

#endif
