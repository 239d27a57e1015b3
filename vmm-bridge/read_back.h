// SPDX-License-Identifier: MIT
#ifndef PH_READ_BACK_H
#define PH_READ_BACK_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"

/*
 * Pictures read by the CPU out of what holds them, when the compositor cannot use
 * that: maps in formats that it does not take, and dma-bufs that it cannot import
 * (another GPU's, or it draws without one). A copy of every frame: the last resort.
 */

/* Whether the CPU can read it: one plane, in rows, of a known format; a dma-buf can be mapped. */
bool read_back_is_possible(const struct ph_picture *picture);

/*
 * Copies the pixels inside area to dst, which has as many pixels as the picture's
 * backing and no padding, as XRGB8888 with 0xff on top. What cannot be read stays.
 */
void read_back_draw(uint32_t *dst, const struct ph_picture *picture, const struct ph_rect *area);

#endif
