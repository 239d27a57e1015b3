// SPDX-License-Identifier: MIT
#ifndef PH_DEADLINE_H
#define PH_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * A timer for what is nearly always put off or called off before it is due, as
 * with each frame of a guest. What costs a system call is an earlier deadline than
 * the one that is being waited for, and a later one when half of the wait is over:
 * one that is put off again and again is set a few times a second, and does not
 * fire. After the last frame it may fire once for nothing.
 */
struct ph_deadline {
	sd_event_source *source;
	uint64_t wanted; /* CLOCK_MONOTONIC, microseconds; UINT64_MAX: not at all */
	uint64_t armed;  /* what is waited for, not after wanted; UINT64_MAX: nothing */
	uint64_t half;   /* when half of that wait is over */
	void (*handle)(void *data);
	void *data;
};

/*
 * Zeroes first. accuracy_us: how late it may come; priority: of sd-event.
 * handle may set the next one, and may end with deadline_finish(). Negative
 * errno, and nothing to be finished, on failure.
 */
int deadline_init(struct ph_deadline *deadline, sd_event *event, uint64_t accuracy_us,
    int64_t priority, void (*handle)(void *data), void *data);

/* handle is called at that time, once; UINT64_MAX: not at all. */
void deadline_set(struct ph_deadline *deadline, uint64_t at);

/* Safe on zeroed memory, and to repeat. */
void deadline_finish(struct ph_deadline *deadline);

#endif
