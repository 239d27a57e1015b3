// SPDX-License-Identifier: MIT
#include "capture.h"

#include <linux/input-event-codes.h>

#include "keys.h"
#include "test.h"

TEST(ways_out)
{
	static const struct {
		struct ph_key_release release;
		bool all;
		const char *keys, *after;
	} cases[] = {
	    {{KEY_RIGHTCTRL, 2000}, false, "RightCtrl", "for 2 seconds"},
	    {{KEY_F12, 600}, false, "F12", "for 0.6 seconds"},
	    {{KEY_F12, 1000}, false, "F12", "for a second"},
	    {{0, 0}, false, "Super", "and choose"},
	    {{KEY_RIGHTCTRL, 2000}, true, "Super+Esc", "for a second, or RightCtrl for 2 seconds"},
	    {{KEY_BRIGHTNESS_CYCLE, 9999}, true, "Super+Esc", "for a second"},
	    {{0, 0}, true, "Super+Esc", "for a second"},
	};
	struct ph_way_out out;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		capture_way_out(&cases[i].release, cases[i].all, &out);
		check_str(out.keys, cases[i].keys);
		check_str(out.after, cases[i].after);
	}
}

TEST(what_was_forgotten_is_news)
{
	const uint64_t now = 5 * PH_CAPTURE_FORGOTTEN_US;

	check(capture_is_news(0, 1));
	check(!capture_is_news(now, now));
	check(!capture_is_news(now, now - 1)); /* an event may be older than the clock */
	check(!capture_is_news(now - PH_CAPTURE_FORGOTTEN_US, now));
	check(capture_is_news(now - PH_CAPTURE_FORGOTTEN_US - 1, now));
}
