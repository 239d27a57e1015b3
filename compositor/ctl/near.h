// SPDX-License-Identifier: MIT
#ifndef PH_CTL_NEAR_H
#define PH_CTL_NEAR_H

#include <stddef.h>

/* Which of the names that there are somebody may have meant. Pure. */

#define PH_NEAR_MAX 3

struct ph_near {
	const char *wanted;
	size_t count;
	struct {
		const char *name;
		size_t distance;
	} best[PH_NEAR_MAX]; /* nearest first */
};

/* wanted is kept, and has to live as long. */
void near_init(struct ph_near *near, const char *wanted);

/* There is this name; text (as a title) is what may have been written instead. Keeps name. */
void near_offer(struct ph_near *near, const char *name, const char *text);

/* "one", "one or two", "one, two or three"; empty: none is near. */
void near_format(const struct ph_near *near, char *text, size_t size);

#endif
