// SPDX-License-Identifier: MIT
#include "event_time.h"
#include "test.h"

#define WRAP_MS ((uint64_t)1 << 32)
#define DAY_US ((uint64_t)24 * 3600 * 1000000)

TEST(exact_time_of_the_same_millisecond_is_taken)
{
	check_uint(event_time_us(1234567, 1234, 1240000), 1234567);
	check_uint(event_time_us(1234000, 1234, 1240000), 1234000);
	check_uint(event_time_us(1234999, 1234, 1240000), 1234999);
}

TEST(exact_time_of_another_millisecond_is_not)
{
	check_uint(event_time_us(1235000, 1234, 1240000), 1234000);
	check_uint(event_time_us(1233999, 1234, 1240000), 1234000);
}

TEST(without_exact_time_there_are_milliseconds)
{
	check_uint(event_time_us(0, 1234, 1240000), 1234000);
	/* An event may be a little ahead of the clock that was read before it. */
	check_uint(event_time_us(0, 1241, 1240999), 1241000);
	/* 0 says that nobody knows, also in the first millisecond. */
	check_uint(event_time_us(0, 0, 500), 0);
}

TEST(exact_time_is_taken_after_the_milliseconds_began_anew)
{
	uint64_t exact_us = (WRAP_MS + 5) * 1000 + 678;

	check_uint(event_time_us(exact_us, 5, exact_us + 3000), exact_us);
	exact_us = (3 * WRAP_MS - 1) * 1000 + 999;
	check_uint(event_time_us(exact_us, UINT32_MAX, exact_us + 3000), exact_us);
}

TEST(milliseconds_are_extended_by_the_clock)
{
	uint64_t now_us = 200 * DAY_US + 123456;

	for (int64_t off_ms = -3000; off_ms <= 3000; off_ms += 7) {
		uint64_t time_ms = now_us / 1000 + (uint64_t)off_ms;
		check_uint(event_time_us(0, (uint32_t)time_ms, now_us), time_ms * 1000);
	}
}

TEST(event_before_and_clock_after_the_milliseconds_began_anew)
{
	uint64_t now_us = (WRAP_MS + 2) * 1000;

	check_uint(event_time_us(0, UINT32_MAX - 3, now_us), (WRAP_MS - 4) * 1000);
	check_uint(event_time_us(0, 1, now_us), (WRAP_MS + 1) * 1000);
}

TEST(clock_before_and_event_after_the_milliseconds_began_anew)
{
	uint64_t now_us = (WRAP_MS - 2) * 1000;

	check_uint(event_time_us(0, 1, now_us), (WRAP_MS + 1) * 1000);
	check_uint(event_time_us(0, UINT32_MAX, now_us), (WRAP_MS - 1) * 1000);
}

TEST(time_before_the_clock_began_is_its_beginning)
{
	check_uint(event_time_us(0, UINT32_MAX, 5000), 0);
	check_uint(event_time_us(0, 0x80000005, 5000), 0);
}
