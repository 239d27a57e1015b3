// SPDX-License-Identifier: MIT
#include "output_sync.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <xf86drm.h>

#include "guest.h"
#include "lock.h"
#include "output.h"
#include "session.h"
#include "test.h"

/*
 * How often a graphics card is asked whether frames may be shown before the next refresh.
 * The card is the test's: what is defined here stands in for libdrm and wlroots, and for
 * the parts of the session that are not looked at.
 */

static struct {
	bool can, takes; /* what the card says it can, and what it says of a frame */
	bool drm;
	int asked, tested;
} card;

static char name[] = "test";
static struct ph_config_guest settings = {.tearing = PH_SET_ON};

bool wlr_output_is_drm(struct wlr_output *output)
{
	return card.drm;
}

int wlr_backend_get_drm_fd(struct wlr_backend *backend)
{
	return 7;
}

int drmGetCap(int fd, uint64_t capability, uint64_t *value)
{
	check_int(fd, 7);
	check_int(capability, DRM_CAP_ATOMIC_ASYNC_PAGE_FLIP);
	card.asked++;
	*value = card.can;
	return 0;
}

bool wlr_output_test_state(struct wlr_output *output, const struct wlr_output_state *state)
{
	check(state->tearing_page_flip);
	card.tested++;
	return card.takes;
}

const struct ph_config_guest *config_guest(const struct ph_config *config, const char *id)
{
	return &settings;
}

bool cell_has_picture(const struct ph_cell *cell)
{
	return true;
}

bool lock_is_locked(const struct ph_session *session)
{
	return false;
}

/* A guest's buffer. */
static bool get_dmabuf(struct wlr_buffer *buffer, struct wlr_dmabuf_attributes *dmabuf)
{
	*dmabuf = (struct wlr_dmabuf_attributes){
	    .width = buffer->width, .height = buffer->height, .format = 0x34325258, .modifier = 3};
	return true;
}

static void destroy_buffer(struct wlr_buffer *buffer)
{
	wlr_buffer_finish(buffer);
}

static const struct wlr_buffer_impl buffer_impl = {.get_dmabuf = get_dmabuf, .destroy = destroy_buffer};

struct bench {
	struct ph_session *session;
	struct ph_output *output;
	struct wlr_output wlr_output;
	struct ph_guest *guest;
	struct wlr_buffer buffer;
	struct wlr_output_cursor cursor;
};

static struct bench *start(bool can, bool takes)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	check(bench != NULL);
	card.can = can;
	card.takes = takes;
	card.drm = true;
	bench->session = calloc(1, sizeof(*bench->session));
	bench->output = calloc(1, sizeof(*bench->output));
	bench->guest = calloc(1, sizeof(*bench->guest));
	check(bench->session && bench->output && bench->guest);
	bench->output->session = bench->session;
	bench->output->wlr_output = &bench->wlr_output;
	bench->output->cell_count = 1;
	bench->output->cells[0].guest = bench->guest;
	bench->wlr_output.name = name;
	wlr_buffer_init(&bench->buffer, &buffer_impl, 640, 480);
	output_sync_reset(bench->output, PH_ADAPTIVE_SYNC_OFF);
	return bench;
}

static void finish(struct bench *bench)
{
	wlr_buffer_drop(&bench->buffer);
	free(bench->guest);
	free(bench->output);
	free(bench->session);
	free(bench);
}

/* One frame, which the card takes as it is or, refused, only when it waits. Returns whether it did not wait. */
static bool show_with(struct bench *bench, bool alone, bool refused, uint32_t also)
{
	struct wlr_output_state state = {.committed = WLR_OUTPUT_STATE_BUFFER | also, .buffer = &bench->buffer};

	output_sync_prepare(bench->output, &state, alone);
	check(state.tearing_page_flip == bench->output->sync.torn);
	if (refused) {
		check(output_sync_calm(bench->output, &state));
		/* The second try, and what it fails of has nothing to do with this. */
		check(!state.tearing_page_flip);
		check(!output_sync_calm(bench->output, &state));
	}
	check(state.tearing_page_flip == bench->output->sync.torn);
	return state.tearing_page_flip;
}

static bool show(struct bench *bench)
{
	return show_with(bench, true, false, 0);
}

TEST(card_that_can_is_asked_once)
{
	struct bench *bench = start(true, true);

	for (int i = 0; i < 100; i++) {
		check(show(bench));
	}
	check_int(card.asked, 1);
	check_int(card.tested, 1);
	finish(bench);
}

TEST(card_that_cannot_is_asked_once)
{
	struct bench *bench = start(false, true);

	for (int i = 0; i < 100; i++) {
		check(!show(bench));
	}
	check_int(card.asked, 1);
	check_int(card.tested, 0);
	check(bench->output->sync.no_tear && bench->output->sync.told_tear);
	finish(bench);
}

TEST(nobody_is_asked_when_nothing_is_wanted)
{
	struct bench *bench = start(true, true);

	settings.tearing = PH_SET_OFF;
	check(!show(bench));
	check_int(card.asked + card.tested, 0);
	finish(bench);
}

TEST(window_of_another_session_is_not_asked)
{
	struct bench *bench = start(true, true);

	card.drm = false;
	check(!show(bench));
	check_int(card.asked + card.tested, 0);
	finish(bench);
}

TEST(card_that_refuses_is_tested_no_more_after_a_while)
{
	struct bench *bench = start(true, false);

	for (int i = 0; i < 100; i++) {
		check(!show(bench));
	}
	check_int(card.asked, 1);
	check_int(card.tested, PH_SYNC_REFUSALS_MAX);
	/* Another mode is another try. */
	card.takes = true;
	output_sync_reset(bench->output, PH_ADAPTIVE_SYNC_OFF);
	check(show(bench));
	check(show(bench));
	check_int(card.asked, 2);
	check_int(card.tested, PH_SYNC_REFUSALS_MAX + 1);
	finish(bench);
}

TEST(another_frame_is_tested)
{
	struct bench *bench = start(true, true);

	check(show(bench));
	bench->buffer.width = 320; /* another buffer of another size */
	check(show(bench));
	check_int(card.tested, 2);
	check(show_with(bench, true, false, WLR_OUTPUT_STATE_COLOR_TRANSFORM));
	check_int(card.tested, 3);
	check(show(bench));
	check_int(card.tested, 4);
	/* Something was over it. */
	check(!show_with(bench, false, false, 0));
	check(show(bench));
	check_int(card.tested, 5);
	check(show(bench));
	check_int(card.tested, 5);
	finish(bench);
}

TEST(pointer_that_moves_waits_and_costs_no_test)
{
	struct bench *bench = start(true, true);

	bench->wlr_output.hardware_cursor = &bench->cursor;
	bench->cursor.enabled = bench->cursor.visible = true;
	check(show(bench));
	for (int i = 0; i < 100; i++) {
		bench->cursor.x++;
		check(!show(bench));
	}
	/* It is no refusal, however long it goes on. */
	check(show(bench));
	bench->cursor.visible = false;
	check(!show(bench));
	bench->cursor.x++;
	check(show(bench));
	check_int(card.tested, 1);
	finish(bench);
}

/* Tested or not: the frame is shown with the next refresh. */
TEST(card_that_breaks_its_word)
{
	struct bench *bench = start(true, true);

	check(show(bench));
	check(show(bench));
	check(!show_with(bench, true, true, 0));
	check_int(card.tested, 1);
	/* Refused once, it is asked again. */
	check(show(bench));
	check_int(card.tested, 2);
	check(show(bench));
	check_int(card.tested, 2);
	for (int i = 0; i < PH_SYNC_REFUSALS_MAX; i++) {
		check(!show_with(bench, true, true, 0));
	}
	/* But not for ever. */
	check(!show(bench));
	check_int(card.tested, 1 + PH_SYNC_REFUSALS_MAX);
	finish(bench);
}
