// SPDX-License-Identifier: MIT
#ifndef PH_WL_HEAD_H
#define PH_WL_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"
#include "pixels.h"
#include "wl_client.h"

/*
 * One console as the compositor sees it: a wl_surface with the head role, its
 * buffers and its cursor. What to show and when is decided elsewhere
 * (frame.c); the slots are that file's.
 */

struct ph_wl_head;

struct ph_head_config {
	uint32_t width, height;       /* pixels; 0: no output */
	uint32_t mm_width, mm_height; /* 0: unknown */
	uint32_t refresh;             /* mHz; 0: unknown */
	bool visible;
};

struct ph_wl_head_events {
	/* Comes before anything may be committed, and was acknowledged. */
	void (*configure)(void *data, const struct ph_head_config *config);
	/* An import ended; may come from inside wl_head_import(). */
	void (*imported)(void *data, int slot, bool ok);
	void (*released)(void *data, int slot);
	/* The frame callback of the commit with that serial. */
	void (*latched)(void *data, uint32_t serial);
};

/* client must outlive the head; events and data too. */
struct ph_wl_head *wl_head_create(struct ph_wl_client *client, uint32_t console,
    const struct ph_wl_head_events *events, void *data);

/* NULL is allowed. */
void wl_head_destroy(struct ph_wl_head *head);

/*
 * Makes the buffer of an empty slot. The picture's fds stay the caller's and
 * are duplicated where needed. A canvas of that size: wl_head_import_canvas().
 */
void wl_head_import(struct ph_wl_head *head, int slot, const struct ph_picture *picture);
void wl_head_import_canvas(struct ph_wl_head *head, int slot, uint32_t width, uint32_t height);

/* Destroys the slot's buffer, also one that is still being made. */
void wl_head_drop(struct ph_wl_head *head, int slot);

/*
 * Shows the slot's buffer. picture: whose crop and direction hold; canvas: the
 * content, for a slot made by wl_head_import_canvas(), else NULL. damage in
 * console pixels, ignored if full. serial 0: no frame callback.
 */
struct ph_head_commit {
	int slot;
	const struct ph_picture *picture; /* NULL for a canvas */
	const struct ph_canvas *canvas;   /* NULL for a picture */
	bool full;
	struct ph_rect damage;
	uint32_t serial;
};
void wl_head_commit(struct ph_wl_head *head, const struct ph_head_commit *commit);

/* Shows nothing. */
void wl_head_blank(struct ph_wl_head *head);

/* Shows that image as the pointer; false if the compositor or the memory is not ready for it. */
bool wl_head_set_cursor(struct ph_wl_head *head, const uint32_t *argb, uint32_t width,
    uint32_t height, int32_t hotspot_x, int32_t hotspot_y);
void wl_head_hide_cursor(struct ph_wl_head *head);

#endif
