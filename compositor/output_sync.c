// SPDX-License-Identifier: MIT
#include "output_sync.h"

#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/util/log.h>
#include <xf86drm.h>

#include "guest.h"
#include "lock.h"
#include "output.h"
#include "session.h"

/* Windows of a nested session belong to somebody else, who decides it there. */
static bool is_ours(struct wlr_output *wlr_output)
{
	return wlr_output_is_drm(wlr_output);
}

/* wlroots says it only by an error in the log, once for each frame. */
static bool can_tear(struct wlr_output *wlr_output)
{
	uint64_t value = 0;

	return is_ours(wlr_output) &&
	       drmGetCap(wlr_backend_get_drm_fd(wlr_output->backend), DRM_CAP_ATOMIC_ASYNC_PAGE_FLIP, &value) == 0 &&
	       value == 1;
}

static bool wants_tearing(const struct ph_output *output)
{
	const struct ph_guest *guest = output->cells[0].guest;
	const struct ph_config_guest *settings = guest ? config_guest(&output->session->config, guest->id) : NULL;

	return settings && settings->tearing == PH_SET_ON;
}

static bool is_fullscreen(const struct ph_output *output)
{
	return output->cell_count == 1 && cell_has_picture(&output->cells[0]) &&
	       wlr_box_equal(&output->usable, &output->usable_of) && !lock_is_locked(output->session);
}

static void tell(const struct ph_output *output, const char *what, const char *reason, bool lasting, bool *told)
{
	if (reason && lasting && !*told) {
		wlr_log(WLR_INFO, "output %s: no %s: %s", output->wlr_output->name, what, reason);
		*told = true;
	}
}

static void set_adaptive(struct ph_output *output, struct wlr_output_state *state, bool wanted)
{
	struct ph_output_sync *sync = &output->sync;
	struct wlr_output *wlr_output = output->wlr_output;

	if (!is_ours(wlr_output) ||
	    wanted == (wlr_output->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED)) {
		return;
	}
	wlr_output_state_set_adaptive_sync_enabled(state, wanted);
	if (!wlr_output_test_state(wlr_output, state)) {
		state->committed &= ~(uint32_t)WLR_OUTPUT_STATE_ADAPTIVE_SYNC_ENABLED;
		sync->adapt_refused = true;
	}
}

static void set_tearing(struct ph_output *output, struct wlr_output_state *state)
{
	struct ph_output_sync *sync = &output->sync;

	state->tearing_page_flip = true;
	/* Such a frame may change nothing but its buffer: not the pointer's place, for one. */
	if (wlr_output_test_state(output->wlr_output, state)) {
		sync->tear_refusals = 0;
		return;
	}
	state->tearing_page_flip = false;
	sync->tear_refusals++;
}

void output_sync_prepare(struct ph_output *output, struct wlr_output_state *state, bool alone)
{
	struct ph_output_sync *sync = &output->sync;
	struct ph_sync_facts facts = {
	    .adaptive = sync->adaptive,
	    .tearing = wants_tearing(output),
	    .adapt_refused = sync->adapt_refused,
	    .tear_refusals = sync->tear_refusals,
	    .alone = alone,
	};

	if (facts.adaptive != PH_ADAPTIVE_SYNC_OFF || facts.tearing) {
		facts.can_adapt = is_ours(output->wlr_output) && output->wlr_output->adaptive_sync_supported;
		facts.can_tear = facts.tearing && can_tear(output->wlr_output);
		facts.fullscreen = is_fullscreen(output);
	}
	struct ph_sync_choice choice = sync_policy_choose(&facts);
	set_adaptive(output, state, choice.adapt);
	if (choice.tear) {
		set_tearing(output, state);
	}
	/* With what the tests have said. */
	facts.adapt_refused = sync->adapt_refused;
	facts.tear_refusals = sync->tear_refusals;
	choice = sync_policy_choose(&facts);
	sync->torn = state->tearing_page_flip;
	sync->no_adapt = choice.no_adapt;
	sync->no_tear = choice.no_tear;
	tell(output, "adaptive sync", choice.no_adapt, !facts.can_adapt || facts.adapt_refused, &sync->told_adapt);
	tell(output, "tearing", choice.no_tear, !facts.can_tear || facts.tear_refusals >= PH_SYNC_REFUSALS_MAX,
	    &sync->told_tear);
}

void output_sync_reset(struct ph_output *output, enum ph_adaptive_sync adaptive)
{
	output->sync = (struct ph_output_sync){.adaptive = adaptive, .torn = output->sync.torn};
}

void output_sync_follow(struct ph_output *output, bool adaptive)
{
	bool is = output->wlr_output->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED;

	output_sync_reset(output, adaptive == is ? output->sync.adaptive
				  : adaptive     ? PH_ADAPTIVE_SYNC_ON
						 : PH_ADAPTIVE_SYNC_OFF);
}
