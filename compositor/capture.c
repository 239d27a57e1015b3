// SPDX-License-Identifier: MIT
#include "capture.h"

#include <stdio.h>

#include "chord.h"
#include "keys.h"

/* Writes it as a person says it: "a second", "2 seconds", "0.6 seconds". */
static void say_time(unsigned ms, char text[24])
{
	if (ms == 1000) {
		snprintf(text, 24, "a second");
	} else {
		snprintf(text, 24, "%g seconds", ms / 1000.0);
	}
}

void capture_way_out(const struct ph_key_release *release, bool all, struct ph_way_out *out)
{
	const char *key = release->code ? chord_key_name(release->code) : NULL;
	char time[24], most[24];

	say_time(release->hold_ms, time);
	say_time(PH_KEY_RELEASE_US / 1000, most);
	*out = (struct ph_way_out){0};
	if (all) {
		snprintf(out->keys, sizeof(out->keys), "Super+Esc");
		if (key) {
			snprintf(out->after, sizeof(out->after), "for %s, or %s for %s", most, key, time);
		} else {
			snprintf(out->after, sizeof(out->after), "for %s", most);
		}
	} else if (key) {
		snprintf(out->keys, sizeof(out->keys), "%s", key);
		snprintf(out->after, sizeof(out->after), "for %s", time);
	} else {
		/* The strip comes, and the pointer is free while it is there. */
		snprintf(out->keys, sizeof(out->keys), "Super");
		snprintf(out->after, sizeof(out->after), "and choose");
	}
}

bool capture_is_news(uint64_t used_us, uint64_t now_us)
{
	return used_us == 0 || now_us > used_us + PH_CAPTURE_FORGOTTEN_US;
}
