// SPDX-License-Identifier: MIT
#ifndef PH_OWN_CHANGE_H
#define PH_OWN_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"

struct ph_pixmap;

/* A box of one colour, or a pixmap. */
struct ph_own_piece {
	struct ph_box box;        /* output pixels */
	float colour[4];          /* premultiplied; without pixmap */
	struct ph_pixmap *pixmap; /* NULL: the colour. Looked at only while it is drawn */
	uint64_t serial;          /* of the pixmap as it is drawn */
};

/*
 * The part of box in which an image of the pieces "is" differs from one of "wanted", in output
 * pixels; without width if they are the same. Pieces are compared in their order, from below to above.
 */
struct ph_box own_change_find(const struct ph_own_piece *is, size_t is_count,
    const struct ph_own_piece *wanted, size_t wanted_count, const struct ph_box *box);

#endif
