// SPDX-License-Identifier: MIT
#include "backlight.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"

static void make(const char *name, const char *type, const char *now, const char *max)
{
	const char *const files[] = {"type", "brightness", "max_brightness"};
	const char *const texts[] = {type, now, max};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	check_int(mkdir(path, 0700), 0);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", test_dir(), name, files[i]);
		test_write_file(path, texts[i], strlen(texts[i]));
	}
}

TEST(firmware_is_preferred)
{
	struct ph_backlight backlight;

	check(!backlight_find("/nonexistent", &backlight));
	check(!backlight_find(test_dir(), &backlight));
	make("broken", "firmware\n", "x\n", "100\n");
	make("dead", "firmware\n", "0\n", "0\n");
	check(!backlight_find(test_dir(), &backlight));
	make("intel_backlight", "raw\n", "500\n", "1000\n");
	check(backlight_find(test_dir(), &backlight));
	check_str(backlight.name, "intel_backlight");
	make("acpi_video0", "firmware\n", "5\n", "10\n");
	make("panel", "platform\n", "5\n", "10\n");
	check(backlight_find(test_dir(), &backlight));
	check_str(backlight.name, "acpi_video0");
	check_uint(backlight.now, 5);
	check_uint(backlight.max, 10);
}

TEST(steps)
{
	static const struct {
		unsigned now, max, percent;
		bool up;
		unsigned want;
	} cases[] = {
	    {500, 1000, 5, true, 550},
	    {500, 1000, 5, false, 450},
	    {990, 1000, 5, true, 1000},
	    {1000, 1000, 5, true, 1000},
	    {30, 1000, 5, false, 1}, /* never quite dark */
	    {1, 1000, 5, false, 1},
	    {0, 1000, 5, true, 50},
	    {0, 1000, 5, false, 1},
	    {3, 7, 5, true, 4}, /* at least one step */
	    {3, 7, 5, false, 2},
	    {1, 1, 100, false, 1},
	    {2000, 1000, 5, false, 950}, /* more than it says that it can */
	    {900000000, 1000000000, 100, true, 1000000000},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ph_backlight backlight = {.now = cases[i].now, .max = cases[i].max};
		check_uint(backlight_step(&backlight, cases[i].percent, cases[i].up), cases[i].want);
	}
}
