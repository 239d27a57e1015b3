// SPDX-License-Identifier: MIT
#ifndef PH_ALLOC_H
#define PH_ALLOC_H

#include <stddef.h>

/* Memory of our own sizes: running out of it ends the process. Freed with free(). */

void *alloc_zero(size_t size);
/* realloc() for count elements; the new ones are not initialised. */
void *alloc_array(void *old, size_t count, size_t size);
/* text must not be NULL. */
char *alloc_string(const char *text);
char *alloc_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
