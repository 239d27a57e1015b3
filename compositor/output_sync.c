// SPDX-License-Identifier: MIT
#include "output_sync.h"

#include <string.h>
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
static bool can_tear(struct ph_output *output)
{
	struct ph_output_sync *sync = &output->sync;
	uint64_t value = 0;

	if (!sync->card_known) {
		sync->card_known = true;
		sync->card_tears = is_ours(output->wlr_output) &&
				   drmGetCap(wlr_backend_get_drm_fd(output->wlr_output->backend),
				       DRM_CAP_ATOMIC_ASYNC_PAGE_FLIP, &value) == 0 &&
				   value == 1;
	}
	return sync->card_tears;
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

static void describe(struct ph_tear_key *key, const struct wlr_output_state *state)
{
	struct wlr_dmabuf_attributes dmabuf = {0};

	wlr_buffer_get_dmabuf(state->buffer, &dmabuf);
	memset(key, 0, sizeof(*key));
	key->modifier = dmabuf.modifier;
	key->source = state->buffer_src_box;
	key->box = state->buffer_dst_box;
	key->width = state->buffer->width;
	key->height = state->buffer->height;
	key->format = dmabuf.format;
	key->committed = state->committed;
}

/* Such a frame may change nothing but its buffer: a frame like the last one that was tested is not tested. */
static void set_tearing(struct ph_output *output, struct wlr_output_state *state)
{
	struct ph_output_sync *sync = &output->sync;
	struct ph_tear_key key;

	describe(&key, state);
	state->tearing_page_flip = true;
	if (sync->tear_taken && memcmp(&key, &sync->tear_key, sizeof(key)) == 0) {
		return;
	}
	sync->tear_key = key;
	sync->tear_taken = wlr_output_test_state(output->wlr_output, state);
	if (!sync->tear_taken) {
		state->tearing_page_flip = false;
		sync->tear_refusals++;
	}
}

/* Whether it is elsewhere, or another one, than in the frame before. */
static bool follow_pointer(struct ph_output *output)
{
	const struct wlr_output_cursor *cursor = output->wlr_output->hardware_cursor;
	struct ph_output_sync *sync = &output->sync;
	struct ph_sync_pointer pointer = {0};

	if (cursor && cursor->enabled && cursor->visible) {
		pointer = (struct ph_sync_pointer){cursor->x, cursor->y, 1 + (uint64_t)(uintptr_t)cursor->texture};
	}
	bool changed = sync->pointer_known && memcmp(&pointer, &sync->pointer, sizeof(pointer)) != 0;
	sync->pointer_known = true;
	sync->pointer = pointer;
	return changed;
}

void output_sync_prepare(struct ph_output *output, struct wlr_output_state *state, bool alone)
{
	struct ph_output_sync *sync = &output->sync;
	/* The last frame that did not wait was taken: see output_sync_calm(). */
	sync->tear_refusals = sync->torn ? 0 : sync->tear_refusals;
	struct ph_sync_facts facts = {
	    .adaptive = sync->adaptive,
	    .tearing = wants_tearing(output),
	    .adapt_refused = sync->adapt_refused,
	    .tear_refusals = sync->tear_refusals,
	    .alone = alone,
	};

	if (facts.adaptive != PH_ADAPTIVE_SYNC_OFF || facts.tearing) {
		facts.can_adapt = is_ours(output->wlr_output) && output->wlr_output->adaptive_sync_supported;
		facts.can_tear = facts.tearing && can_tear(output);
		facts.pointer_changed = facts.can_tear && follow_pointer(output);
		facts.fullscreen = is_fullscreen(output);
	}
	struct ph_sync_choice choice = sync_policy_choose(&facts);
	set_adaptive(output, state, choice.adapt);
	if (choice.tear) {
		set_tearing(output, state);
	} else if (!facts.pointer_changed || !facts.fullscreen || !facts.alone) {
		sync->tear_taken = false; /* the next one is not like the last one */
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

bool output_sync_calm(struct ph_output *output, struct wlr_output_state *state)
{
	struct ph_output_sync *sync = &output->sync;

	if (!state->tearing_page_flip) {
		return false;
	}
	state->tearing_page_flip = sync->torn = sync->tear_taken = false;
	sync->tear_refusals++;
	return true;
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
