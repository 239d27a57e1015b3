// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_HEAD_H
#define PH_GUEST_HEAD_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_scene.h>

#include "layout.h"
#include "scaler.h"

struct ph_guest;
struct ph_output;
struct ph_cell;

/* What a head is told of the monitor that it should believe in. */
struct ph_head_config {
	uint32_t width, height;       /* pixels; 0: no monitor */
	uint32_t mm_width, mm_height; /* 0: unknown */
	uint32_t refresh;             /* mHz, 0: unknown */
	uint32_t scale;               /* 120ths */
	bool visible;
};

/* One virtual monitor of a guest, as its bridge presents it. */
struct ph_guest_head {
	struct wl_resource *resource; /* phyllome_guest_head_v1; owns this struct */
	struct ph_guest *guest;
	uint32_t console;
	struct wlr_surface *surface;  /* NULL: the surface was destroyed first */
	struct wlr_scene_buffer *node;
	struct ph_cell *cell;         /* where it is shown, NULL: nowhere */

	int picture_width, picture_height; /* pixels; 0: nothing was committed yet */
	struct ph_fit fit;                 /* inside the cell, output pixels */
	struct ph_scaled scaled;           /* the picture in another size; unused: it is shown as it is */

	uint32_t serial, acked_serial;
	bool configured, acked;
	bool was_shown; /* in any cell, ever */
	struct ph_head_config config; /* the last one sent */

	bool cursor_set;               /* set_cursor was called at least once */
	struct wlr_surface *cursor;    /* NULL: hidden */
	int32_t hotspot_x, hotspot_y;  /* as the bridge said: anything */

	struct wl_listener surface_destroy;
	struct wl_listener cursor_commit;
	struct wl_listener cursor_destroy;
	struct wl_listener frame_done;
	struct wl_listener output_sample;
};

/*
 * Makes the surface a head of the guest. The resource is created for client
 * with id; NULL: out of memory (posted). The surface's role was set by the caller
 * with guest_head_set_role().
 */
struct ph_guest_head *guest_head_create(struct ph_guest *guest, uint32_t console,
    struct wlr_surface *surface, struct wl_client *client, uint32_t version, uint32_t id);

/* Gives the surface the head's role; false: the error was posted to error_resource. */
bool guest_head_set_role(
    struct wlr_surface *surface, struct wl_resource *error_resource, uint32_t error_code);

/* Sends a configure if it differs from the last one. */
void guest_head_configure(struct ph_guest_head *head, const struct ph_head_config *config);

/*
 * Shows the head in that cell, or nowhere (NULL). Does nothing to the guest:
 * its last picture is there with the next frame.
 */
void guest_head_place(struct ph_guest_head *head, struct ph_cell *cell);

/*
 * Where the pointer is in its image, surface coordinates: always a place in it, because
 * otherwise a guest could draw far away from its own picture. False: the image is hidden,
 * or larger than any pointer.
 */
bool guest_head_find_hotspot(const struct ph_guest_head *head, int *x, int *y);

/*
 * Its last picture is part of the frame that is about to be committed to that output;
 * untouched: as the guest's own buffer on a plane.
 */
void guest_head_note_sample(struct ph_guest_head *head, struct wlr_output *output, bool untouched);

/* Whether there is a picture to show. */
bool guest_head_has_picture(const struct ph_guest_head *head);
/* Whether buffer is the one that the guest last committed. */
bool guest_head_owns_buffer(const struct ph_guest_head *head, const struct wlr_buffer *buffer);
/* Whether the guest's last picture came as a dma-buf. */
bool guest_head_is_dmabuf(const struct ph_guest_head *head);

/* Room for the names of monitors that a person is told. */
#define PH_GUEST_PLACES_SIZE 128

/*
 * The names of the monitors that show the guest, parted by commas, "here" standing for
 * that one (NULL: for none). Returns text, or NULL when it is shown nowhere.
 */
const char *guest_head_describe_places(const struct ph_guest *guest, const struct ph_output *here,
    char text[PH_GUEST_PLACES_SIZE]);

#endif
