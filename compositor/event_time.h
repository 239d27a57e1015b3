// SPDX-License-Identifier: MIT
#ifndef PH_EVENT_TIME_H
#define PH_EVENT_TIME_H

#include <stdint.h>

/*
 * The time of an input event, in µs of CLOCK_MONOTONIC. wlroots' events carry
 * the low 32 bits of the milliseconds, which begin anew every 49.7 days.
 *
 * exact_us is what the kernel said of the event that is being handled, 0 when
 * nobody knows. It is returned if it is the same millisecond as time_msec.
 * Otherwise the result is the moment nearest to now_us with those
 * milliseconds, and 0 where that would lie before the clock's own beginning.
 */
uint64_t event_time_us(uint64_t exact_us, uint32_t time_msec, uint64_t now_us);

#endif
