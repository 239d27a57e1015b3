// SPDX-License-Identifier: MIT
#ifndef PH_PICTURE_H
#define PH_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"

/* The owner of a scanout's file descriptors, and what is believed of them. */

/* What makes two scanouts the same buffer. Compare with picture_same_buffer(). */
struct ph_picture_key {
	uint32_t kind; /* enum ph_picture_kind, or PH_PICTURE_KEY_CANVAS */
	uint32_t fourcc;
	uint64_t modifier;
	uint32_t backing_width, backing_height, num_planes;
	struct {
		uint64_t device, inode; /* of the file; a canvas has its generation here */
		uint32_t offset, stride;
	} planes[PH_MAX_PLANES];
};

#define PH_PICTURE_KEY_CANVAS 2

enum ph_picture_error {
	PH_PICTURE_OK,
	PH_PICTURE_NO_FD,     /* a plane without a file descriptor */
	PH_PICTURE_BAD_FILE,  /* not memory of the kind that it claims to be */
	PH_PICTURE_TOO_SMALL, /* the file ends before the picture does */
	PH_PICTURE_GEOMETRY,  /* sizes, crop, stride or plane count make no sense */
	PH_PICTURE_FORMAT,    /* a map in an unknown pixel format */
};

/* One clause for a log line; constant memory. */
const char *picture_error_text(enum ph_picture_error error);

/* Zeroes, with fds at -1. */
void picture_init(struct ph_picture *picture);

/* Closes the fds; safe to repeat. */
void picture_finish(struct ph_picture *picture);

/*
 * Copies src with file descriptors of its own (close-on-exec). False with
 * errno, and dst as after picture_init(), if there are no descriptors left.
 */
bool picture_dup(struct ph_picture *dst, const struct ph_picture *src);

/* Moves the fds out of src, which is as after picture_init() then. */
void picture_move(struct ph_picture *dst, struct ph_picture *src);

/*
 * Whether the picture can be shown at all: geometry in 64 bits, each fd the
 * right kind of file (a map: a memfd open for writing, as a compositor maps
 * it so; a dma-buf: no device, pipe or socket), and no plane longer than
 * its file. On success *key, if not NULL, tells which buffer it is.
 */
enum ph_picture_error picture_check(const struct ph_picture *picture, struct ph_picture_key *key);

/*
 * The cheap part of it: geometry, and one fstat() for each plane to tell which
 * buffer it is. Enough for one that was checked before and is still held.
 */
enum ph_picture_error picture_identify(
    const struct ph_picture *picture, struct ph_picture_key *key);

bool picture_same_buffer(const struct ph_picture_key *a, const struct ph_picture_key *b);

/*
 * Where in the buffer a part of the console's picture lies: the crop added,
 * and counted from the other end if the bottom row comes first.
 */
struct ph_rect picture_damage(const struct ph_picture *picture, struct ph_rect damage);

/* Same size, format and layout, whatever memory: what one guest flips between. */
bool picture_same_shape(const struct ph_picture_key *a, const struct ph_picture_key *b);

#endif
