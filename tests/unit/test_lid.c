// SPDX-License-Identifier: MIT
#include "lid.h"

#include <string.h>

#include "test.h"

TEST(connectors)
{
	static const char *const covered[] = {"eDP-1", "LVDS-1", "DSI-2"};
	static const char *const others[] = {"DP-1", "HDMI-A-1", "Virtual-1", "eDP", "Unknown-1", "DVI-D-1"};

	for (size_t i = 0; i < 3; i++) {
		check(lid_covers_connector(covered[i]));
	}
	for (size_t i = 0; i < 6; i++) {
		check(!lid_covers_connector(others[i]));
	}
}

TEST(policy)
{
	static const struct {
		const char *name;
		struct ph_lid_monitor monitors[3];
		bool closed;
		const char *off; /* a digit for each that is taken */
	} cases[] = {
	    {NULL, {{"eDP-1", false, true}, {"DP-1", false, true}}, true, "10"},
	    {NULL, {{"eDP-1", false, true}, {"DP-1", false, true}}, false, "00"},
	    {"auto", {{"DP-1", false, true}, {"LVDS-1", false, true}}, true, "01"},
	    /* Nothing else to look at, or nothing that is on. */
	    {NULL, {{"eDP-1", false, true}}, true, "0"},
	    {NULL, {{"eDP-1", false, true}, {"DP-1", false, false}}, true, "00"},
	    {NULL, {{"eDP-1", false, true}, {"DSI-1", false, true}}, true, "00"},
	    {NULL, {{"eDP-1", false, true}, {"DSI-1", false, true}, {"DP-1", false, true}}, true, "110"},
	    /* As it is configured. */
	    {"off", {{"eDP-1", false, true}, {"DP-1", false, true}}, true, "00"},
	    {"Virtual-2", {{"Virtual-1", false, true}, {"Virtual-2", true, true}}, true, "01"},
	    {"DP-1", {{"eDP-1", false, true}, {"DP-1", true, true}}, true, "01"},
	    {"DP-7", {{"eDP-1", false, true}, {"DP-1", false, true}}, true, "00"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t count = strlen(cases[i].off);
		for (size_t at = 0; at < count; at++) {
			bool takes = lid_takes(cases[i].closed, cases[i].name, cases[i].monitors, count, at);
			check_int(takes, cases[i].off[at] == '1');
		}
	}
}

TEST(closing)
{
	/* + the switch comes, . what libinput had is handled, c/o it says closed or open; C/O: and that is a closing. */
	static const char *const cases[] = {
	    "+.Co",     /* open at the start, then closed */
	    "+c.oC",    /* closed at the start, as at a dock */
	    "+c.+c.oC", /* and after a look at another virtual terminal */
	    "+.+C.o",   /* closed meanwhile */
	    "+c.+.Co",  /* opened meanwhile */
	    "+.+.C",    "+c.+.C+c.o", "+.CoC+c.+.+C", "Co",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_lid_switch lid = {0};
		for (const char *at = cases[i]; *at; at++) {
			if (*at == '+') {
				lid_added(&lid);
			} else if (*at == '.') {
				lid_settled(&lid);
			} else {
				bool closed = *at == 'c' || *at == 'C';
				check_int(lid_toggled(&lid, closed), *at == 'C');
				check_int(lid.closed, closed);
			}
		}
	}
}
