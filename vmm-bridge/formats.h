// SPDX-License-Identifier: MIT
#ifndef PH_FORMATS_H
#define PH_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pixel formats: pixman's names (QEMU's), DRM's names (the wire's), and which
 * of them a compositor takes. Little-endian machines only, as everything that
 * shares pictures between the two names is.
 */

/* No picture of ours is larger than this in either direction. */
#define PH_MAX_PICTURE_SIZE 16384

/* The DRM fourcc of a pixman format code; 0 if QEMU never sends that format. */
uint32_t formats_from_pixman(uint32_t pixman);

/* The twin without alpha (AR24 gives XR24); the format itself if it has none. */
uint32_t formats_opaque(uint32_t fourcc);

/* Of a packed RGB format; 0 for every other. */
uint32_t formats_bytes_per_pixel(uint32_t fourcc);

/* Whether the colour of a pixel is given as three fields of one word; see pixels.h. */
struct ph_format_fields {
	uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

/* NULL for an unknown format; points to constant memory. */
const struct ph_format_fields *formats_fields(uint32_t fourcc);

struct ph_format {
	uint32_t fourcc;
	uint64_t modifier;
};

/* What a compositor takes. Zeroed memory is an empty set. */
struct ph_format_set {
	struct ph_format *entries; /* owned */
	size_t count, capacity;
};

void formats_finish(struct ph_format_set *set);

/* Adds one; a double is kept once. False when the set is full (4096 entries). */
bool formats_add(struct ph_format_set *set, uint32_t fourcc, uint64_t modifier);

bool formats_has(const struct ph_format_set *set, uint32_t fourcc, uint64_t modifier);

/*
 * As what a scanout is to be imported: its opaque twin if the compositor takes
 * that, else the format itself. A modifier that nobody knows stays unknown if
 * the compositor takes that, else the memory is taken to be linear (which it
 * is for virtio-gpu without 3D, the source of nearly all such pictures). False
 * if the compositor takes none of these.
 */
bool formats_choose(const struct ph_format_set *set, uint32_t fourcc, uint64_t modifier,
    struct ph_format *out);

#endif
