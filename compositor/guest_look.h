// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_LOOK_H
#define PH_GUEST_LOOK_H

#include <stdbool.h>
#include <stdint.h>

/* How a guest shows itself, as its owner wrote it into guest.scfg. */
struct ph_guest_look {
	char *title;     /* at most 64 bytes, no control characters; owned, never NULL */
	uint32_t colour; /* 0xRRGGBB, 0: none was chosen (black is told as nearly black) */
	bool edge;       /* a thin edge in its colour around its picture */
};

/*
 * Reads "name", "colour" and "edge" of the guest in that directory. What is not
 * there or not right has its default, which for the title is the id: the
 * guest's bridge says what is wrong with the file. The title is the caller's to
 * free.
 */
void guest_look_read(struct ph_guest_look *look, const char *dir, const char *id);

#endif
