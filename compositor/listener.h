// SPDX-License-Identifier: MIT
#ifndef PH_LISTENER_H
#define PH_LISTENER_H

#include <wayland-server-core.h>

/*
 * The only way in which this program attaches and detaches listeners. wlroots
 * 0.20 asserts on destruction that nobody listens any more, so each module
 * detaches in its finish function, whatever state it was left in.
 */

/* Listens to signal. The listener must not be connected already. */
static inline void listener_connect(
    struct wl_signal *signal, struct wl_listener *listener, wl_notify_func_t notify)
{
	listener->notify = notify;
	wl_signal_add(signal, listener);
}

/* Stops listening. Safe on zeroed memory and when called twice. */
static inline void listener_disconnect(struct wl_listener *listener)
{
	if (listener->link.next) {
		wl_list_remove(&listener->link);
		listener->link.prev = NULL;
		listener->link.next = NULL;
	}
}

#endif
