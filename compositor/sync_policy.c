// SPDX-License-Identifier: MIT
#include "sync_policy.h"

#include <stddef.h>

static const char *find_no_adapt(const struct ph_sync_facts *facts)
{
	if (!facts->can_adapt) {
		return "the monitor or the graphics card has no adaptive sync";
	}
	if (facts->adapt_refused) {
		return "the graphics card refuses adaptive sync in this mode";
	}
	/* By what the monitor is for, not by what lies on it for a moment: switching it may flicker. */
	if (facts->adaptive == PH_ADAPTIVE_SYNC_FULLSCREEN && !facts->fullscreen) {
		return "no guest has the whole monitor";
	}
	return NULL;
}

static const char *find_no_tear(const struct ph_sync_facts *facts)
{
	if (!facts->can_tear) {
		return "the graphics card cannot show a frame before the next refresh";
	}
	if (!facts->fullscreen) {
		return "no guest has the whole monitor";
	}
	if (!facts->alone) {
		return "the guest's own buffer is not alone on the monitor";
	}
	if (facts->tear_refusals >= PH_SYNC_REFUSALS_MAX) {
		return "the graphics card refuses to show frames before the next refresh";
	}
	if (facts->pointer_changed) {
		return "the pointer has moved, which has to wait";
	}
	return NULL;
}

struct ph_sync_choice sync_policy_choose(const struct ph_sync_facts *facts)
{
	struct ph_sync_choice choice = {0};

	if (facts->adaptive != PH_ADAPTIVE_SYNC_OFF) {
		choice.no_adapt = find_no_adapt(facts);
		choice.adapt = !choice.no_adapt;
	}
	if (facts->tearing) {
		choice.no_tear = find_no_tear(facts);
		choice.tear = !choice.no_tear;
	}
	return choice;
}
