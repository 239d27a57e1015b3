// SPDX-License-Identifier: MIT
#ifndef PH_CAPTURE_H
#define PH_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct ph_key_release;

/*
 * What a person is told when a guest has every key, or the pointer: how to have
 * them back, and when that is worth saying. Pure.
 */

/* Who has not used the pointer in that guest for so long has forgotten it. */
#define PH_CAPTURE_FORGOTTEN_US (10 * 60 * (uint64_t)1000000)

/* To be held: these keys, for so long. */
struct ph_way_out {
	char keys[24];  /* a chord, as "Super+Esc" */
	char after[72]; /* what follows it, as "for 2 seconds" */
};

/* From a grab of every key (all), which also frees the pointer, or from a captured pointer alone. */
void capture_way_out(const struct ph_key_release *release, bool all, struct ph_way_out *out);

/*
 * Whether it is to be said that a guest has the pointer, which it begins to use at now_us;
 * used_us: when that was so for the last time, 0: never.
 */
bool capture_is_news(uint64_t used_us, uint64_t now_us);

#endif
