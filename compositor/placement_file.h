// SPDX-License-Identifier: MIT
#ifndef PH_PLACEMENT_FILE_H
#define PH_PLACEMENT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "placement.h"

/*
 * The placement as text, for the file that remembers it:
 *
 *	recent GUEST…
 *	monitors {
 *		output IDENTITY [split] [focus 0|1] {
 *			cell GUEST CONSOLE
 *			cell
 *		}
 *		spot GUEST CONSOLE IDENTITY [half]
 *	}
 *
 * in scfg syntax, the set that was here last first.
 */

/* False with errno: writing failed. */
bool placement_write(const struct ph_placement *placement, FILE *file);

/*
 * Reads what placement_write() wrote into a placement that was just initialised.
 * The sets read are remembered; none of them is the present one. False: the text
 * is not right; error (size bytes) then says "LINE: what" and placement is as it was.
 */
bool placement_read(struct ph_placement *placement, FILE *file, char *error, size_t size);

#endif
