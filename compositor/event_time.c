// SPDX-License-Identifier: MIT
#include "event_time.h"

uint64_t event_time_us(uint64_t exact_us, uint32_t time_msec, uint64_t now_us)
{
	if (exact_us != 0 && (uint32_t)(exact_us / 1000) == time_msec) {
		return exact_us;
	}
	/* The 32 bits may have begun anew between the two, in either order. */
	int64_t now_ms = (int64_t)(now_us / 1000);
	int64_t time_ms = now_ms + (int32_t)(time_msec - (uint32_t)now_ms);
	return time_ms > 0 ? (uint64_t)time_ms * 1000 : 0;
}
