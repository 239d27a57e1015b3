// SPDX-License-Identifier: MIT
#ifndef PH_WL_CLIENT_H
#define PH_WL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <wayland-client-core.h>

#include "display.h"
#include "formats.h"
#include "phyllome-guest-v1-client-protocol.h"

/*
 * The bridge's connection to the compositor: the globals, what buffers the
 * compositor takes, and the guest's control object. One connection is one
 * object: when it ends, destroy it and make another.
 */

struct ph_wl_client_events {
	/* Connected, the globals known and the guest bound. Comes once. */
	void (*ready)(void *data);
	/*
	 * The connection ended, or never came to "ready"; reason is one line.
	 * Nothing follows. The client may be destroyed from inside.
	 */
	void (*lost)(void *data, const char *reason);
	/* A person's wish; enum phyllome_guest_v1_action. */
	void (*action)(void *data, uint32_t action);
	/* What a head's monitor is called, before an action that starts the machine; "": not known. */
	void (*monitor)(void *data, uint32_t console, const char *name);
};

struct ph_wl_client;

/*
 * fd is a connection to the guests socket, and is taken. token is copied; events and data must
 * outlive the client. NULL: logged.
 */
struct ph_wl_client *wl_client_create(sd_event *event, int fd, const char *token,
    const struct ph_wl_client_events *events, void *data);

/*
 * Closes the connection; keys and buttons that the guest holds are released.
 * A screen that uses the client must have been told before, see
 * screen_set_client(). NULL is allowed.
 */
void wl_client_destroy(struct ph_wl_client *client);

/* Whether dma-bufs can be shown; and by which GPU, if the compositor says so. */
bool wl_client_has_dmabuf(const struct ph_wl_client *client);
bool wl_client_main_device(const struct ph_wl_client *client, dev_t *out);

/* reason is cut to the 1024 bytes that the wire allows; not NULL. Only when ready. */
void wl_client_set_state(
    struct ph_wl_client *client, enum phyllome_guest_v1_state state, const char *reason);

/* For screen.c and wl_head.c. Nothing of this may be used after "lost". */

/* Lets go in the display of all that the guest holds. */
void wl_client_release_input(struct ph_wl_client *client);
/* Where input goes; NULL: nowhere. What is held in the old one is forgotten. */
void wl_client_set_display(struct ph_wl_client *client, struct ph_display *display);
void wl_client_set_pointer_mode(struct ph_wl_client *client, enum ph_pointer_mode mode);
void wl_client_set_leds(struct ph_wl_client *client, uint32_t leds);

/* Sends what was asked for now; needed only outside the event loop, which does it by itself. */
void wl_client_flush(struct ph_wl_client *client);

/* Whether the compositor does not read: what can be put off should be. */
bool wl_client_is_backlogged(const struct ph_wl_client *client);

struct ph_wl_dmabuf;

struct ph_wl_globals {
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wp_viewporter *viewporter; /* NULL: none */
	struct phyllome_guest_manager_v1 *manager;
	struct ph_wl_dmabuf *dmabuf;      /* NULL: none */
	struct ph_format_set shm_formats; /* modifiers are 0 */
	const char *token;
	sd_event *event;
};

const struct ph_wl_globals *wl_client_globals(const struct ph_wl_client *client);

#endif
