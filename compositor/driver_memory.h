// SPDX-License-Identifier: MIT
#ifndef PH_DRIVER_MEMORY_H
#define PH_DRIVER_MEMORY_H

#include <stddef.h>

/*
 * A GPU's driver is libraries of tens of megabytes, which stay loaded when the last
 * context is gone, as libEGL keeps them. Their code need not stay in memory.
 */

/* How many libraries are loaded: to be asked before a driver is. */
size_t driver_memory_count(void);

/*
 * Gives back what the libraries loaded since then (those from the first-th on) have read
 * of their files, and the heap's free pages. Whoever calls them again reads it again.
 */
void driver_memory_release(size_t first);

#endif
