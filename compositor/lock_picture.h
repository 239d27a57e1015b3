// SPDX-License-Identifier: MIT
#ifndef PH_LOCK_PICTURE_H
#define PH_LOCK_PICTURE_H

#include <cairo.h>

#include "theme.h"

/*
 * Draws what a locked screen shows while no locker is there: that it is locked,
 * why nothing asks for the password (problem; empty or NULL: nothing to say),
 * and the key that goes on. It covers what was there. width and height are
 * device pixels, scale is the output's. Pure; lock.c shows it.
 */
void lock_picture_draw(cairo_t *cr, const struct ph_theme *theme, const char *problem, int width,
    int height, double scale);

#endif
