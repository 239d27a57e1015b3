// SPDX-License-Identifier: MIT
#include "sync_policy.h"

#include <string.h>

#include "test.h"

#define OFF PH_ADAPTIVE_SYNC_OFF
#define FULLSCREEN PH_ADAPTIVE_SYNC_FULLSCREEN
#define ON PH_ADAPTIVE_SYNC_ON
#define CAN .can_adapt = true, .can_tear = true
#define GAME .fullscreen = true, .alone = true

static const char no_card[] = "the graphics card cannot show a frame before the next refresh";
static const char no_sync[] = "the monitor or the graphics card has no adaptive sync";
static const char no_guest[] = "no guest has the whole monitor";
static const char covered[] = "the guest's own buffer is not alone on the monitor";
static const char pointer[] = "the pointer has moved, which has to wait";
static const char refuses_sync[] = "the graphics card refuses adaptive sync in this mode";
static const char refuses_tearing[] = "the graphics card refuses to show frames before the next refresh";

static const struct {
	const char *name;
	struct ph_sync_facts facts;
	struct ph_sync_choice wanted;
} cases[] = {
    {"nothing is asked for", {CAN, GAME}, {0}},
    {"nothing is asked for of a card that cannot", {0}, {0}},
    {"off, refused before", {CAN, GAME, .adapt_refused = true, .tear_refusals = 100}, {0}},
    {"on", {CAN, .adaptive = ON}, {.adapt = true}},
    {"on, with a guest", {CAN, GAME, .adaptive = ON}, {.adapt = true}},
    {"on, the card only could tear", {.can_tear = true, .adaptive = ON}, {.no_adapt = no_sync}},
    {"on, refused", {CAN, GAME, .adaptive = ON, .adapt_refused = true}, {.no_adapt = refuses_sync}},
    {"fullscreen, none is", {CAN, .adaptive = FULLSCREEN}, {.no_adapt = no_guest}},
    {"fullscreen, a guest", {CAN, GAME, .adaptive = FULLSCREEN}, {.adapt = true}},
    {"fullscreen, the strip over a guest", {CAN, .fullscreen = true, .adaptive = FULLSCREEN}, {.adapt = true}},
    {"fullscreen, a monitor that cannot", {GAME, .adaptive = FULLSCREEN}, {.no_adapt = no_sync}},
    {"fullscreen, refused", {CAN, GAME, .adaptive = FULLSCREEN, .adapt_refused = true}, {.no_adapt = refuses_sync}},
    {"tearing", {CAN, GAME, .tearing = true}, {.tear = true}},
    {"tearing, refused now and then", {CAN, GAME, .tearing = true, .tear_refusals = PH_SYNC_REFUSALS_MAX - 1},
	{.tear = true}},
    {"tearing, refused for good", {CAN, GAME, .tearing = true, .tear_refusals = PH_SYNC_REFUSALS_MAX},
	{.no_tear = refuses_tearing}},
    {"tearing, another card", {.can_adapt = true, GAME, .tearing = true}, {.no_tear = no_card}},
    {"tearing, half a monitor", {CAN, .alone = true, .tearing = true}, {.no_tear = no_guest}},
    {"tearing, under the strip", {CAN, .fullscreen = true, .tearing = true}, {.no_tear = covered}},
    {"tearing, the pointer moves", {CAN, GAME, .tearing = true, .pointer_changed = true}, {.no_tear = pointer}},
    {"tearing, the pointer moves, refused for good",
	{CAN, GAME, .tearing = true, .pointer_changed = true, .tear_refusals = PH_SYNC_REFUSALS_MAX},
	{.no_tear = refuses_tearing}},
    {"both, the pointer moves", {CAN, GAME, .adaptive = ON, .tearing = true, .pointer_changed = true},
	{.adapt = true, .no_tear = pointer}},
    {"both", {CAN, GAME, .adaptive = ON, .tearing = true}, {.adapt = true, .tear = true}},
    {"both, one refused", {CAN, GAME, .adaptive = ON, .tearing = true, .adapt_refused = true},
	{.tear = true, .no_adapt = refuses_sync}},
    {"both, a card that can neither", {GAME, .adaptive = ON, .tearing = true}, {.no_adapt = no_sync, .no_tear = no_card}},
};

static bool equal(const char *is, const char *wanted)
{
	return !is || !wanted ? is == wanted : strcmp(is, wanted) == 0;
}

TEST(cases_are_decided)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_sync_choice choice = sync_policy_choose(&cases[i].facts);
		bool same = choice.adapt == cases[i].wanted.adapt && choice.tear == cases[i].wanted.tear &&
			    equal(choice.no_adapt, cases[i].wanted.no_adapt) && equal(choice.no_tear, cases[i].wanted.no_tear);
		if (!same) {
			test_fail(__FILE__, __LINE__, "%s: adapt %d (%s), tear %d (%s)", cases[i].name, choice.adapt,
			    choice.no_adapt ? choice.no_adapt : "-", choice.tear, choice.no_tear ? choice.no_tear : "-");
		}
	}
}
