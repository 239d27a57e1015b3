// SPDX-License-Identifier: MIT
#ifndef PH_MONITOR_MEMORY_H
#define PH_MONITOR_MEMORY_H

#include <stdio.h>

#include "config.h"

/*
 * What tools have last set of the monitors, for each set of them. It is a list of
 * layouts, the set that was set last first, and its file is written like session.scfg:
 *
 *	layout {
 *		output MONITOR {
 *			mode 2560x1440@59.951Hz
 *			...
 *		}
 *	}
 *
 * config_parse() reads it.
 */

#define PH_MONITOR_MEMORY_MAX 32 /* sets that are kept */

/*
 * Notes the settings of all monitors that are here (names are copied), in place of what
 * was known of the same ones; a set that has not been used for longest is forgotten.
 */
void monitor_memory_note(struct ph_config *memory, const struct ph_config_output *outputs, size_t count);

/* Whether a layout of it has exactly the monitors with these names; which, SIZE_MAX: none. */
size_t monitor_memory_find(
    const struct ph_config *memory, const struct ph_config_output *outputs, size_t count);

/* The text of its file. False with errno: writing failed. */
bool monitor_memory_write(const struct ph_config *memory, FILE *file);

#endif
