// SPDX-License-Identifier: MIT
#include "frame.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

/* One console under test: its clock, and what it answered last as a line of text. */
struct bench {
	struct ph_frame frame;
	uint64_t now;
	uint32_t serial;
	char said[4096];
};

#define MS 1000u

static struct ph_picture_key buffer_key(int inode)
{
	struct ph_picture_key key = {.kind = PH_PICTURE_DMABUF,
	    .fourcc = 1,
	    .backing_width = 640,
	    .backing_height = 480,
	    .num_planes = 1};
	key.planes[0].inode = (uint64_t)inode;
	key.planes[0].stride = 2560;
	return key;
}

static const char *said(struct bench *b)
{
	struct ph_frame_action a;
	size_t used = 0;

	b->said[0] = '\0';
	while (frame_next_action(&b->frame, &a)) {
		const char *gap = used > 0 ? "; " : "";
		char *at = b->said + used;
		const size_t left = sizeof(b->said) - used;
		switch (a.kind) {
		case PH_FRAME_IMPORT:
			used += (size_t)snprintf(at, left, "%simport %d", gap, a.slot);
			break;
		case PH_FRAME_DROP:
			used += (size_t)snprintf(at, left, "%sdrop %d", gap, a.slot);
			break;
		case PH_FRAME_COMMIT:
			used += (size_t)snprintf(at, left, "%scommit %d%s%s", gap, a.slot,
			    a.full ? " full" : "", a.serial == 0 ? " quiet" : "");
			b->serial = a.serial != 0 ? a.serial : b->serial;
			break;
		case PH_FRAME_BLANK:
			used += (size_t)snprintf(at, left, "%sblank", gap);
			break;
		case PH_FRAME_REPLY:
			used += (size_t)snprintf(
			    at, left, "%sreply %d", gap, (int)a.ticket);
			break;
		}
	}
	return b->said;
}

static const struct ph_rect all = {0, 0, 640, 480};
static const struct ph_rect corner = {0, 0, 8, 8};

static const char *scanout(struct bench *b, int inode)
{
	const struct ph_picture_key key = buffer_key(inode);
	frame_handle_scanout(&b->frame, b->now, &key);
	return said(b);
}

static const char *update(struct bench *b, struct ph_rect damage, uint64_t ticket)
{
	frame_handle_update(&b->frame, b->now, damage, ticket);
	return said(b);
}

static const char *imported(struct bench *b, int slot, bool ok)
{
	frame_handle_imported(&b->frame, b->now, slot, ok);
	return said(b);
}

static const char *released(struct bench *b, int slot)
{
	frame_handle_released(&b->frame, b->now, slot);
	return said(b);
}

static const char *latched(struct bench *b)
{
	frame_handle_latched(&b->frame, b->now, b->serial);
	return said(b);
}

static const char *visible(struct bench *b, bool yes)
{
	frame_handle_visible(&b->frame, b->now, yes);
	return said(b);
}

static const char *surface(struct bench *b, bool yes)
{
	frame_handle_surface(&b->frame, b->now, yes);
	return said(b);
}

static const char *after(struct bench *b, uint64_t us)
{
	b->now += us;
	frame_handle_time(&b->frame, b->now);
	return said(b);
}

/* A visible head without pictures. */
static void start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->now = 1000 * MS;
	frame_init(&b->frame);
	check_str(surface(b, true), "");
	check_str(visible(b, true), "");
}

/* A visible head that flipped through the buffers 1 to n, all imported; n is shown and latched. */
static void start_with(struct bench *b, int n)
{
	start(b);
	for (int i = 0; i < n; i++) {
		scanout(b, i + 1);
		imported(b, i, true);
		update(b, all, 0);
		latched(b);
		if (i > 0) {
			released(b, i - 1);
		}
	}
}

TEST(single_buffer_is_answered_when_latched)
{
	struct bench b;
	start(&b);
	check_str(scanout(&b, 1), "import 0");
	check_str(imported(&b, 0, true), "");
	check_str(update(&b, corner, 7), "commit 0 full");
	check_str(latched(&b), "reply 7");
	check_str(update(&b, corner, 8), "commit 0");
	check_str(latched(&b), "reply 8");
	check_uint(b.frame.counts.imports, 1);
}

TEST(two_buffers_wait_for_the_release_of_the_other)
{
	struct bench b;
	start_with(&b, 2);
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 3), "commit 0 full");
	check_str(latched(&b), "");
	check_str(released(&b, 1), "reply 3");
	/* and in the other order */
	check_str(scanout(&b, 2), "");
	check_str(update(&b, all, 4), "commit 1 full");
	check_str(released(&b, 0), "");
	check_str(latched(&b), "reply 4");
	check_uint(b.frame.counts.imports, 2);
}

TEST(three_buffers_are_answered_when_latched)
{
	struct bench b;
	start_with(&b, 3);
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 3), "commit 0 full");
	/* buffer 3 is still on the screen, 2 is free */
	check_str(latched(&b), "reply 3");
	check_str(scanout(&b, 2), "");
	check_str(update(&b, all, 4), "commit 1 full");
	check_str(released(&b, 2), "");
	check_str(latched(&b), "reply 4");
}

TEST(a_second_update_waits_for_the_latch_of_the_first)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	check_str(update(&b, corner, 2), "");
	check_str(update(&b, corner, 3), "");
	check_str(latched(&b), "commit 0; reply 1");
	check_str(latched(&b), "reply 2; reply 3");
}

TEST(an_old_frame_callback_means_nothing)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	frame_handle_latched(&b.frame, b.now, b.serial - 1);
	check_str(said(&b), "");
	check_str(latched(&b), "reply 1");
	check_str(latched(&b), "");
}

TEST(a_scanout_is_shown_with_its_first_update)
{
	struct bench b;
	start_with(&b, 1);
	check_str(scanout(&b, 2), "import 1");
	check_str(imported(&b, 1, true), "");
	check_str(after(&b, 20 * MS), "");
	check_str(update(&b, all, 0), "commit 1 full");
}

TEST(a_scanout_without_update_is_shown_after_a_while)
{
	struct bench b;
	start_with(&b, 1);
	scanout(&b, 2);
	imported(&b, 1, true);
	check_uint(frame_deadline(&b.frame), b.now + PH_FRAME_SETTLE_US);
	check_str(after(&b, PH_FRAME_SETTLE_US - 1), "");
	check_str(after(&b, 1), "commit 1 full");
}

TEST(a_placeholder_between_two_frames_is_never_shown)
{
	struct bench b;
	start_with(&b, 2);
	struct ph_picture_key placeholder = buffer_key(99);
	placeholder.fourcc = 2;
	frame_handle_scanout(&b.frame, b.now, &placeholder);
	check_str(said(&b), "import 2");
	imported(&b, 2, true);
	check_str(after(&b, 20 * MS), "");
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 5), "commit 0 full; drop 2");
	check_str(latched(&b), "");
	check_str(released(&b, 1), "reply 5");
}

TEST(an_update_waits_for_the_import)
{
	struct bench b;
	start(&b);
	scanout(&b, 1);
	check_str(update(&b, all, 1), "");
	check_str(imported(&b, 0, true), "commit 0 full");
	check_str(latched(&b), "reply 1");
}

TEST(a_failed_import_is_answered_at_once)
{
	struct bench b;
	start(&b);
	scanout(&b, 1);
	check_str(update(&b, all, 1), "");
	check_str(imported(&b, 0, false), "reply 1");
	check_str(update(&b, all, 2), "reply 2");
	/* the same buffer again is not tried again */
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 3), "reply 3");
	/* another one is */
	check_str(scanout(&b, 2), "import 1");
}

TEST(nothing_waits_longer_than_the_deadline)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	check_uint(frame_deadline(&b.frame), b.now + PH_FRAME_DEADLINE_US);
	check_str(after(&b, PH_FRAME_DEADLINE_US - 1), "");
	check_str(after(&b, 1), "reply 1");
	check_uint(b.frame.counts.late_replies, 1);
	/* the callback never came: the next picture is committed all the same */
	check_str(update(&b, corner, 2), "commit 0");
	check_str(latched(&b), "reply 2");
}

TEST(a_missing_callback_does_not_stop_the_picture)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 0), "commit 0");
	check_str(update(&b, corner, 0), "");
	check_uint(frame_deadline(&b.frame), b.now + PH_FRAME_DEADLINE_US);
	check_str(after(&b, PH_FRAME_DEADLINE_US), "commit 0");
}

TEST(a_hidden_guest_is_slow_and_its_picture_ready)
{
	struct bench b;
	start_with(&b, 2);
	check_str(visible(&b, false), "");
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 1), "");
	check_uint(frame_deadline(&b.frame), b.now + PH_FRAME_HIDDEN_US);
	check_str(after(&b, PH_FRAME_HIDDEN_US - 1), "");
	check_str(after(&b, 1), "commit 0 full quiet; reply 1");
	check_str(scanout(&b, 2), "");
	b.now += 10 * MS;
	check_str(update(&b, all, 2), "");
	check_str(after(&b, PH_FRAME_HIDDEN_US - 10 * MS), "commit 1 full quiet");
	check_str(after(&b, 10 * MS), "reply 2");
	check_uint(b.frame.counts.late_replies, 0);
}

TEST(a_hidden_flood_is_seldom_committed)
{
	struct bench b;
	start_with(&b, 1);
	visible(&b, false);
	const uint64_t before = b.frame.counts.commits;
	for (int i = 0; i < 5 * (int)(PH_FRAME_HIDDEN_US / MS); i++) {
		update(&b, corner, 0);
		after(&b, MS);
	}
	check_op(b.frame.counts.commits - before, >=, 4);
	check_op(b.frame.counts.commits - before, <=, 6);
}

TEST(a_guest_that_is_shown_again_is_answered_by_the_new_frame)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	check_str(visible(&b, false), "");
	check_str(after(&b, 50 * MS), "");
	check_str(visible(&b, true), "commit 0");
	check_str(latched(&b), "reply 1");
}

TEST(hiding_shortens_the_wait)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	check_str(after(&b, PH_FRAME_HIDDEN_US + 10 * MS), "");
	check_str(visible(&b, false), "reply 1");
}

TEST(a_lost_compositor_slows_and_a_new_one_gets_the_last_picture)
{
	struct bench b;
	start_with(&b, 2);
	check_str(update(&b, all, 1), "commit 1 full");
	check_str(surface(&b, false), "");
	check_str(after(&b, PH_FRAME_HIDDEN_US), "reply 1");
	check_str(scanout(&b, 3), "");
	check_str(update(&b, all, 2), "");
	check_str(after(&b, PH_FRAME_HIDDEN_US), "reply 2");
	/* only the newest is imported again; events of the old buffers mean nothing */
	check_str(surface(&b, true), "import 0");
	check_str(visible(&b, true), "");
	check_str(imported(&b, 0, true), "commit 0 full");
	check_str(update(&b, all, 3), "");
	check_str(latched(&b), "commit 0 full");
	check_str(latched(&b), "reply 3");
}

TEST(a_scanout_while_a_ticket_is_pending)
{
	struct bench b;
	start_with(&b, 2);
	check_str(scanout(&b, 1), "");
	check_str(update(&b, all, 1), "commit 0 full");
	check_str(scanout(&b, 2), "");
	/* the ticket's commit is latched, but now buffer 1 is the one to be free of */
	check_str(latched(&b), "");
	check_str(update(&b, all, 2), "commit 1 full");
	check_str(latched(&b), "");
	check_str(released(&b, 0), "reply 1; reply 2");
}

TEST(a_change_of_mode_drops_the_old_buffers)
{
	struct bench b;
	start_with(&b, 2);
	check_str(update(&b, all, 1), "commit 1 full");
	struct ph_picture_key larger = buffer_key(3);
	larger.backing_width = 800;
	frame_handle_scanout(&b.frame, b.now, &larger);
	check_str(said(&b), "import 2");
	check_str(imported(&b, 2, true), "");
	check_str(update(&b, all, 2), "");
	/* buffer 1 was released; buffer 2 is on the screen until it is */
	check_str(latched(&b), "commit 2 full; reply 1; drop 0");
	check_str(latched(&b), "reply 2");
	check_str(released(&b, 1), "drop 1");
}

TEST(buffers_the_guest_no_longer_uses_are_dropped)
{
	struct bench b;
	char expect[32];
	start_with(&b, 3);
	/* from now on only 2 and 3 */
	for (int i = 0; i < PH_FRAME_HISTORY - 1; i++) {
		const int slot = i % 2 == 0 ? 1 : 2;
		snprintf(expect, sizeof(expect), "commit %d full", slot);
		check_str(scanout(&b, slot + 1), i == PH_FRAME_HISTORY - 2 ? "drop 0" : "");
		check_str(update(&b, all, 0), expect);
		latched(&b);
		check_str(released(&b, 3 - slot), "");
	}
}

TEST(buffers_of_a_still_picture_are_dropped_in_the_end)
{
	struct bench b;
	start_with(&b, 2);
	const uint64_t last = frame_deadline(&b.frame);
	check_uint(last, b.now + PH_FRAME_IDLE_US);
	check_str(after(&b, PH_FRAME_IDLE_US - 1), "");
	check_str(after(&b, 1), "drop 0");
	check_uint(frame_deadline(&b.frame), PH_FRAME_NEVER);
}

TEST(more_buffers_than_slots)
{
	struct bench b;
	start(&b);
	for (int i = 0; i < 100; i++) {
		scanout(&b, i + 1);
		for (int slot = 0; slot < PH_FRAME_MAX_SLOTS; slot++) {
			imported(&b, slot, true);
		}
		update(&b, all, 0);
		latched(&b);
	}
	int used = 0;
	for (int slot = 0; slot < PH_FRAME_MAX_SLOTS; slot++) {
		used += b.frame.slots[slot].used ? 1 : 0;
	}
	check_op(used, <=, PH_FRAME_MAX_SLOTS);
	check_uint(b.frame.counts.imports, 100);
}

TEST(disable_blanks_and_answers)
{
	struct bench b;
	start_with(&b, 1);
	check_str(update(&b, corner, 1), "commit 0");
	check_str(update(&b, corner, 2), "");
	frame_handle_disable(&b.frame, b.now);
	check_str(said(&b), "blank; drop 0; reply 1; reply 2");
	check_str(update(&b, corner, 3), "reply 3");
	check_str(scanout(&b, 1), "import 0");
}

TEST(removal_answers_every_ticket_once)
{
	struct bench b;
	start_with(&b, 2);
	scanout(&b, 1);
	for (uint64_t ticket = 1; ticket <= PH_FRAME_MAX_TICKETS; ticket++) {
		check_str(update(&b, all, ticket), ticket == 1 ? "commit 0 full" : "");
	}
	/* one too many is not held */
	check_str(update(&b, all, 1000), "reply 1000");
	frame_handle_removed(&b.frame, b.now);
	const char *text = said(&b);
	for (int ticket = 1; ticket <= PH_FRAME_MAX_TICKETS; ticket++) {
		char want[32];
		snprintf(want, sizeof(want), "reply %d", ticket);
		check_contains(text, want);
	}
	check_int(b.frame.num_tickets, 0);
	check_str(after(&b, PH_FRAME_DEADLINE_US), "");
}

/*
 * A screen of 60 Hz with a plane, and a guest that draws a frame in that time
 * as soon as it may: frames shown within 10 seconds.
 */
static int simulate(int buffers, uint64_t drawing_us)
{
	struct bench b;
	struct ph_frame_action a;
	uint64_t next_vblank, draw_at, ticket = 1;
	int shown = 0, on_screen = -1, flipping = -1, drawn = 0;
	bool latch_due = false;

	start(&b);
	const uint64_t end = b.now + 10000 * MS;
	next_vblank = b.now + 16667;
	draw_at = b.now;
	for (; b.now < end; b.now += 100) {
		if (b.now >= next_vblank) {
			next_vblank += 16667;
			if (flipping >= 0) {
				const int old = on_screen;
				on_screen = flipping;
				flipping = -1;
				shown++;
				if (old >= 0 && old != on_screen) {
					frame_handle_released(&b.frame, b.now, old);
				}
			}
		}
		if (b.now >= draw_at) {
			const struct ph_picture_key key = buffer_key(1 + drawn++ % buffers);
			frame_handle_scanout(&b.frame, b.now, &key);
			frame_handle_update(&b.frame, b.now, all, ticket++);
			draw_at = UINT64_MAX;
		}
		if (latch_due && flipping < 0) {
			latch_due = false;
			flipping = b.frame.shown;
			frame_handle_latched(&b.frame, b.now, b.serial);
		}
		frame_handle_time(&b.frame, b.now);
		while (frame_next_action(&b.frame, &a)) {
			if (a.kind == PH_FRAME_IMPORT) {
				frame_handle_imported(&b.frame, b.now, a.slot, true);
			} else if (a.kind == PH_FRAME_COMMIT) {
				b.serial = a.serial;
				latch_due = true;
			} else if (a.kind == PH_FRAME_REPLY) {
				draw_at = b.now + drawing_us;
			}
		}
	}
	check_uint(b.frame.counts.late_replies, 0);
	return shown;
}

TEST(a_fast_guest_has_the_rate_of_the_screen)
{
	for (int buffers = 1; buffers <= 4; buffers++) {
		check_op(simulate(buffers, 1000), >=, 595);
		check_op(simulate(buffers, 10000), >=, 595);
		check_op(simulate(buffers, 1000), <=, 600);
	}
	/* one that needs longer than a frame: half the rate with two buffers, all it can with three */
	check_op(simulate(2, 20000), >=, 295);
	check_op(simulate(3, 20000), >=, 490);
}

/* Flips once a refresh, each commit latched 10 ms later, until one frame is left out. */
static void flip_until_left_out(struct bench *b, int *inode, uint64_t *ticket)
{
	start_with(b, 3);
	frame_handle_refresh(&b->frame, 60000);
	*inode = 3;
	*ticket = 0;
	for (int i = 0; i < 200 && b->frame.left_out_until == 0; i++) {
		*inode = *inode % 3 + 1;
		scanout(b, *inode);
		update(b, corner, ++*ticket);
		if (b->frame.left_out_until == 0) {
			after(b, 10 * MS);
			released(b, *inode % 3);
			latched(b);
			after(b, 6667);
		}
	}
	check(b->frame.left_out_until != 0);
}

TEST(a_frame_is_left_out_when_each_one_waits)
{
	struct bench b;
	char expect[32];
	uint64_t ticket;
	int inode;

	flip_until_left_out(&b, &inode, &ticket);
	/* not committed, but answered when a buffer is free that is neither it nor shown */
	check_int(b.frame.num_tickets, 1);
	snprintf(expect, sizeof(expect), "reply %d", (int)ticket);
	check_str(released(&b, inode % 3), expect);
	check_uint(b.frame.pace.counts.left_out, 1);
	after(&b, 16667);
	inode = inode % 3 + 1;
	scanout(&b, inode);
	snprintf(expect, sizeof(expect), "commit %d full", inode - 1);
	check_str(update(&b, corner, ticket + 1), expect);
}

TEST(a_frame_that_was_left_out_is_shown_if_it_was_the_last)
{
	struct bench b;
	char expect[32];
	uint64_t ticket;
	int inode;

	flip_until_left_out(&b, &inode, &ticket);
	const uint64_t wait = frame_deadline(&b.frame) - b.now;
	/* the next one would have come by then, and it is still in time for the same flip */
	check_op(wait, >, 16667);
	check_op(wait, <, 16667 + 10000);
	snprintf(expect, sizeof(expect), "commit %d full", inode - 1);
	check_str(after(&b, wait - 1), "");
	check_str(after(&b, 1), expect);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void count_replies(struct bench *b, uint8_t *answered, size_t size)
{
	struct ph_frame_action a;
	while (frame_next_action(&b->frame, &a)) {
		if (a.kind == PH_FRAME_REPLY) {
			check_op(a.ticket, <, (intmax_t)size);
			check_int(answered[a.ticket], 0);
			answered[a.ticket] = 1;
		} else if (a.kind == PH_FRAME_COMMIT && a.serial != 0) {
			b->serial = a.serial;
		}
	}
}

static void random_event(struct bench *b, uint32_t *state, uint64_t *ticket, bool *is_there)
{
	struct ph_picture_key key = buffer_key(1 + (int)(next_random(state) % 5));
	const int slot = (int)(next_random(state) % PH_FRAME_MAX_SLOTS);
	switch (next_random(state) % 12) {
	case 0:
	case 1:
		frame_handle_scanout(&b->frame, b->now, &key);
		break;
	case 2:
	case 3:
		frame_handle_update(&b->frame, b->now, corner, (*ticket)++);
		break;
	case 4:
	case 5:
		frame_handle_imported(&b->frame, b->now, slot, next_random(state) % 4 != 0);
		break;
	case 6:
	case 7:
		frame_handle_released(&b->frame, b->now, slot);
		break;
	case 8:
		frame_handle_latched(&b->frame, b->now, b->serial);
		break;
	case 9:
		frame_handle_visible(&b->frame, b->now, *is_there && next_random(state) % 2 == 0);
		break;
	case 10:
		if (next_random(state) % 8 == 0) {
			*is_there = !*is_there;
			frame_handle_surface(&b->frame, b->now, *is_there);
		}
		break;
	default:
		if (next_random(state) % 8 == 0) {
			frame_handle_disable(&b->frame, b->now);
		}
	}
}

/* Whatever happens: each ticket once, none late, and no deadline that stays in the past. */
TEST(a_million_random_events)
{
	static uint8_t answered[1000000];
	static uint64_t arrival[1000000];
	struct bench b;
	uint32_t state = 1;
	uint64_t ticket = 1, oldest = 1;
	bool is_there = true;

	start(&b);
	for (int i = 0; i < 1000000; i++) {
		const uint64_t before = ticket;
		random_event(&b, &state, &ticket, &is_there);
		if (ticket != before) {
			arrival[before] = b.now;
		}
		count_replies(&b, answered, sizeof(answered));
		b.now += next_random(&state) % (20 * MS);
		if (frame_deadline(&b.frame) <= b.now) {
			frame_handle_time(&b.frame, b.now);
			count_replies(&b, answered, sizeof(answered));
			check(frame_deadline(&b.frame) > b.now);
		}
		while (oldest < ticket && answered[oldest] != 0) {
			oldest++;
		}
		if (oldest < ticket) {
			check_op(b.now - arrival[oldest], <=, PH_FRAME_DEADLINE_US);
		}
	}
	frame_handle_removed(&b.frame, b.now);
	count_replies(&b, answered, sizeof(answered));
	for (uint64_t i = 1; i < ticket; i++) {
		check_int(answered[i], 1);
	}
	check_op(ticket, >, 100000);
}
