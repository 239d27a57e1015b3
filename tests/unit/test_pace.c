// SPDX-License-Identifier: MIT
#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/*
 * A model of the whole way, run for seconds: a guest, QEMU's queue, the logic under
 * test, a compositor that flips once a refresh, and a screen of 60 Hz with a plane.
 */

#define MS 1000u
#define REFRESH 16667u
#define MAX_FRAMES 16384

enum kind {
	QUEUES, /* own clock; its drawing waits in QEMU's queue for our answer, as with 3D */
	WAITS,  /* own clock; its next tick waits for our answer, as of a frame that is memory */
	PACED,  /* draws when it is answered */
	MEMORY, /* own clock, and no answers */
};

struct guest {
	enum kind kind;
	int buffers;
	double interval;        /* of its clock, us */
	double phase;           /* of its first tick, in refreshes */
	double drawing, jitter; /* ms; how much later it may begin, and be ready */
	bool uneven;            /* every third frame needs four times as long */
};

struct model {
	struct guest guest;
	struct ph_frame frame;
	uint64_t now;
	uint32_t random;
	/* guest and QEMU */
	double tick, late; /* its clock's, and how late it looks at that */
	uint64_t done_at;  /* the frame that is drawn will be; 0: none is */
	bool silent;       /* begins no frame */
	bool wants, blocked,
	    answered; /* begun and waiting for the queue; a ticket is out; it was answered */
	uint64_t begun[MAX_FRAMES], flipped[MAX_FRAMES]; /* by frame */
	int drawn, arrived;
	/* compositor and screen, by frame number; -1: none */
	int surface, pending, screen;
	bool dirty, latch;
	uint32_t serial;
	uint64_t vblank;
	int repeats, overwritten; /* refreshes with nothing new after the first; buffers drawn into
				     while in use */
	struct ph_rect damage;
};

static int noise(struct model *m, double ms)
{
	m->random = m->random * 1664525u + 1013904223u;
	return (int)((((m->random >> 8) & 0xffff) / 32768.0 - 1) * ms * MS);
}

static int buffer_of(const struct model *m, int frame)
{
	return frame % m->guest.buffers;
}

static bool is_in_use(const struct model *m, int buffer)
{
	const int frames[] = {m->surface, m->pending, m->screen};
	for (int i = 0; i < 3; i++) {
		if (frames[i] >= 0 && buffer_of(m, frames[i]) == buffer) {
			return true;
		}
	}
	return false;
}

static void begin_drawing(struct model *m)
{
	const int frame = m->drawn;
	double ms = m->guest.drawing;
	if (m->guest.uneven && frame % 3 == 0) {
		ms *= 4;
	}
	if (m->guest.buffers > 1 && is_in_use(m, buffer_of(m, frame))) {
		m->overwritten++;
	}
	m->wants = false;
	m->done_at = m->now + (uint64_t)(ms * MS) + (uint64_t)abs(noise(m, m->guest.jitter));
}

static void run_guest(struct model *m)
{
	const bool ticked = m->guest.kind != PACED && (double)m->now >= m->tick + m->late;
	const bool idle = !m->wants && m->done_at == 0 && !m->silent;

	if (ticked) {
		m->tick += m->guest.interval;
		m->late = abs(noise(m, m->guest.jitter));
	}
	if (m->guest.kind == PACED ? m->answered && idle
				   : ticked && idle && (m->guest.kind != WAITS || !m->blocked)) {
		m->answered = false;
		m->wants = true;
		m->begun[m->drawn] = m->now;
	}
	if (m->wants && !m->blocked) {
		begin_drawing(m);
	}
	if (m->done_at != 0 && m->now >= m->done_at) {
		struct ph_picture_key key = {.kind = PH_PICTURE_DMABUF,
		    .fourcc = 1,
		    .backing_width = 640,
		    .backing_height = 480,
		    .num_planes = 1};
		key.planes[0].inode = 1 + (uint64_t)buffer_of(m, m->drawn);
		m->done_at = 0;
		m->blocked = m->guest.kind != MEMORY;
		m->arrived = m->drawn++;
		if (m->guest.buffers > 1 || m->arrived == 0) {
			frame_handle_scanout(&m->frame, m->now, &key);
		}
		const struct ph_rect rect = {m->arrived % 600, 0, 8, 8};
		frame_handle_update(
		    &m->frame, m->now, rect, m->blocked ? (uint64_t)m->arrived + 1 : 0);
	}
}

static void flip_next(struct model *m)
{
	if (m->pending < 0 && m->dirty) {
		m->dirty = false;
		m->pending = m->surface;
		frame_handle_latched(&m->frame, m->now, m->serial);
	}
}

static void release(struct model *m)
{
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		const struct ph_frame_slot *slot = &m->frame.slots[i];
		if (slot->used && slot->busy && !is_in_use(m, (int)slot->key.planes[0].inode - 1)) {
			frame_handle_released(&m->frame, m->now, i);
		}
	}
}

static void run_screen(struct model *m)
{
	if (m->now >= m->vblank) {
		m->vblank += REFRESH;
		if (m->pending >= 0) {
			m->screen = m->pending;
			m->flipped[m->screen] = m->now;
			m->pending = -1;
		} else if (m->screen >= 0) {
			m->repeats++;
		}
	}
	release(m);
	flip_next(m);
}

static void run_actions(struct model *m)
{
	struct ph_frame_action a;
	while (frame_next_action(&m->frame, &a)) {
		if (a.kind == PH_FRAME_IMPORT) {
			frame_handle_imported(&m->frame, m->now, a.slot, true);
		} else if (a.kind == PH_FRAME_COMMIT) {
			/* of one buffer: the damage of each frame since the last commit */
			if (!a.full) {
				for (int frame = m->surface + 1; frame <= m->arrived; frame++) {
					const int x = frame % 600;
					check(x >= a.damage.x &&
					      x + 8 <= a.damage.x + a.damage.width);
				}
			}
			m->surface = m->arrived;
			m->serial = a.serial;
			m->dirty = true;
		} else if (a.kind == PH_FRAME_REPLY) {
			check_uint(a.ticket, (uintmax_t)m->arrived + 1);
			m->blocked = false;
			m->answered = true;
		}
	}
}

static void start(struct model *m, const struct guest *guest)
{
	memset(m, 0, sizeof(*m));
	m->guest = *guest;
	m->now = 1000 * MS;
	m->vblank = m->now + REFRESH;
	m->tick = m->now + guest->phase * REFRESH;
	m->answered = true;
	m->surface = m->pending = m->screen = -1;
	frame_init(&m->frame);
	frame_handle_surface(&m->frame, m->now, true);
	frame_handle_refresh(&m->frame, 60000);
	frame_handle_visible(&m->frame, m->now, true);
}

/* When something happens next; the screen is never long in coming. */
static uint64_t next_event(const struct model *m)
{
	const uint64_t deadline = frame_deadline(&m->frame),
		       tick = (uint64_t)(m->tick + m->late) + 1;
	uint64_t next = m->vblank;

	if ((m->wants && !m->blocked) ||
	    (m->guest.kind == PACED && m->answered && m->done_at == 0 && !m->silent)) {
		return m->now + 1;
	}
	next = deadline < next ? deadline : next;
	next = m->guest.kind != PACED && tick < next ? tick : next;
	next = m->done_at != 0 && m->done_at < next ? m->done_at : next;
	return next > m->now ? next : m->now + 1;
}

static void run(struct model *m, double seconds)
{
	const uint64_t end = m->now + (uint64_t)(seconds * 1000 * MS);
	for (; m->now < end; m->now = next_event(m)) {
		run_guest(m);
		run_actions(m);
		run_screen(m);
		run_actions(m);
		if (frame_deadline(&m->frame) <= m->now) {
			frame_handle_time(&m->frame, m->now);
			check(frame_deadline(&m->frame) > m->now);
			run_actions(m);
		}
	}
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* From drawing to flip of the frames that were begun in the last seconds, in refreshes. */
static double latency(const struct model *m, double seconds)
{
	static double waits[MAX_FRAMES];
	size_t count = 0;
	for (int i = 0; i < m->drawn; i++) {
		if ((double)m->begun[i] >= (double)m->now - seconds * 1000 * MS &&
		    m->flipped[i] != 0) {
			waits[count++] = (double)(m->flipped[i] - m->begun[i]) / REFRESH;
		}
	}
	check_op((int)count, >, 0);
	qsort(waits, count, sizeof(waits[0]), compare);
	return waits[count / 2];
}

static int never_shown(const struct model *m)
{
	int count = 0;
	for (int i = 0; i < m->drawn - 3; i++) {
		count += m->flipped[i] == 0 ? 1 : 0;
	}
	return count;
}

static void tell(const struct model *m, const char *name)
{
	printf("%-24s phase %.2f buffers %d: latency %.2f, %d drawn, %d never shown, %d repeats; "
	       "%d probed, %d held, %d left out\n",
	    name, m->guest.phase, m->guest.buffers, latency(m, 1), m->drawn, never_shown(m),
	    m->repeats, (int)m->frame.pace.counts.probed, (int)m->frame.pace.counts.held,
	    (int)m->frame.pace.counts.left_out);
}

/* One frame misses its flip, but not its guest's next tick: from then on each waits for the one
 * before. */
static void stumble(struct model *m)
{
	const double drawing = m->guest.drawing;
	m->guest.drawing = (1 - m->guest.phase / 2) * REFRESH / MS;
	run(m, m->guest.interval / 1e6);
	m->guest.drawing = drawing;
}

static void check_latency(const struct model *m, double seconds, double from, double to)
{
	check_op((int)(1000 * latency(m, seconds)), >=, (int)(1000 * from));
	check_op((int)(1000 * latency(m, seconds)), <=, (int)(1000 * to));
}

/* One that stumbled has waiting frames, and soon none any more, whatever its phase. */
static void check_recovery(const struct guest *which, double first, double last)
{
	for (double phase = first; phase < last; phase += 0.05) {
		struct model m;
		struct guest guest = *which;
		guest.phase = phase;
		start(&m, &guest);
		run(&m, 0.4);
		stumble(&m);
		run(&m, 0.3);
		check_latency(&m, 0.2, 1.98 - phase, 2.06 - phase);
		const int repeats = m.repeats;
		run(&m, 9);
		tell(&m, "stumbled");
		check_latency(&m, 8, 0.94 - phase, 1.02 - phase);
		check_int(m.frame.pace.counts.left_out + m.frame.pace.counts.held, 1);
		check_int(never_shown(&m), (intmax_t)m.frame.pace.counts.left_out);
		check_int(m.repeats, repeats);
		check_int(m.overwritten, 0);
		check_uint(m.frame.counts.late_replies, 0);
	}
}

TEST(a_guest_of_two_buffers_that_stumbled_is_in_time_again)
{
	const struct guest guest = {
	    .kind = QUEUES, .buffers = 2, .interval = REFRESH, .drawing = 2, .jitter = 0.5};
	check_recovery(&guest, 0.25, 0.71);
	/* and loses no frame */
	const struct guest slower = {
	    .kind = QUEUES, .buffers = 2, .interval = REFRESH, .drawing = 5, .jitter = 0.5};
	check_recovery(&slower, 0.40, 0.51);
}

TEST(a_guest_of_more_buffers_that_stumbled_is_in_time_again)
{
	for (int buffers = 3; buffers <= 5; buffers++) {
		const struct guest queues = {.kind = QUEUES,
		    .buffers = buffers,
		    .interval = REFRESH,
		    .drawing = 2,
		    .jitter = 0.3};
		const struct guest waits = {.kind = WAITS,
		    .buffers = buffers,
		    .interval = REFRESH,
		    .drawing = 2,
		    .jitter = 0.3};
		check_recovery(&queues, 0.15, 0.71);
		check_recovery(&waits, 0.30, 0.71);
	}
}

TEST(a_guest_of_one_buffer_that_stumbled_is_in_time_again)
{
	const struct guest queues = {
	    .kind = QUEUES, .buffers = 1, .interval = REFRESH, .drawing = 2, .jitter = 0.3};
	const struct guest memory = {
	    .kind = MEMORY, .buffers = 1, .interval = REFRESH, .drawing = 2, .jitter = 0.3};
	check_recovery(&queues, 0.15, 0.71);
	check_recovery(&memory, 0.05, 0.71);
}

/* Whose frames are all in time already, or cannot be: nothing that a person could see is done to
 * them. */
TEST(a_guest_in_time_is_left_alone)
{
	for (int buffers = 1; buffers <= 4; buffers++) {
		for (double phase = 0.05; phase < 0.9; phase += 0.1) {
			for (int kind = QUEUES; kind <= MEMORY; kind++) {
				const struct guest guest = {.kind = kind,
				    .buffers = buffers,
				    .interval = REFRESH,
				    .phase = phase,
				    .drawing = 1,
				    .jitter = 0.2};
				struct model m;
				if (kind == PACED || (kind == MEMORY && buffers > 1)) {
					continue;
				}
				start(&m, &guest);
				run(&m, 60);
				tell(&m, "in time");
				check_latency(&m, 50, 0.97 - phase, 1.01 - phase);
				check_int(never_shown(&m), 0);
				check_uint(m.frame.pace.counts.left_out, 0);
				/* the probe that it takes to see that: of one whose ticks wait for
				 * us, a tick */
				check_op(m.frame.pace.counts.probed, <=, 6);
				check_op(m.repeats, <=, 5);
			}
		}
	}
}

TEST(a_guest_that_draws_when_it_is_answered_loses_no_frame)
{
	for (int buffers = 1; buffers <= 4; buffers++) {
		for (double drawing = 0.5; drawing < 14; drawing += 1.5) {
			for (int uneven = 0; uneven < 2; uneven++) {
				const struct guest guest = {.kind = PACED,
				    .buffers = buffers,
				    .interval = REFRESH,
				    .drawing = uneven ? drawing / 4 : drawing,
				    .jitter = 0.4,
				    .uneven = uneven};
				struct model m;
				start(&m, &guest);
				run(&m, 60);
				tell(&m, uneven ? "paced, uneven" : "paced");
				check_int(never_shown(&m), 0);
				check_uint(m.frame.pace.counts.left_out, 0);
				check_op(m.frame.pace.counts.held, <=, 6);
				check_int(m.overwritten, 0);
				check_op(m.repeats, <=, 2);
			}
		}
	}
}

TEST(other_rates_are_left_alone)
{
	static const double rates[] = {24, 30, 48, 75, 90, 120, 144};
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (int kind = QUEUES; kind <= MEMORY; kind++) {
			for (int buffers = 1; buffers <= (kind == MEMORY ? 1 : 3); buffers++) {
				const struct guest guest = {.kind = kind,
				    .buffers = buffers,
				    .interval = 1e6 / rates[i],
				    .phase = 0.4,
				    .drawing = 2,
				    .jitter = 0.4};
				struct model m;
				if (kind == PACED) {
					continue;
				}
				start(&m, &guest);
				run(&m, 60);
				printf("%.0f Hz kind %d ", rates[i], kind);
				tell(&m, "rate");
				/* one that is faster may look like one that waits, now and then */
				check_op(m.frame.pace.counts.left_out, <=, rates[i] < 60 ? 0 : 6);
				check_op(m.frame.pace.counts.held, <=, 6);
				check_op(m.frame.pace.counts.probed, <=, 8);
			}
		}
	}
}

/* A little slower or faster than the screen: it meets every phase in turn. */
TEST(a_clock_that_drifts)
{
	static const double rates[] = {59.94, 60.06};
	for (int i = 0; i < 2; i++) {
		for (int buffers = 2; buffers <= 3; buffers++) {
			const struct guest guest = {.kind = QUEUES,
			    .buffers = buffers,
			    .interval = 1e6 / rates[i],
			    .phase = 0.5,
			    .drawing = 2,
			    .jitter = 0.3};
			struct model m;
			start(&m, &guest);
			frame_handle_refresh(&m.frame, 0);
			run(&m, 120);
			const double without = latency(&m, 110);
			const int lost = never_shown(&m);
			start(&m, &guest);
			run(&m, 120);
			printf("%.2f Hz: %.2f and %d lost without; %.2f and %d lost\n", rates[i],
			    without, lost, latency(&m, 110), never_shown(&m));
			tell(&m, "drift");
			check_latency(&m, 110, 0.3, rates[i] < 60 ? without + 0.01 : without - 0.4);
			check_op(never_shown(&m), <=, lost + 10);
			check_op(m.repeats, <=, 10);
			check_int(m.overwritten, 0);
		}
	}
}

TEST(what_does_not_last_is_tried_ever_more_seldom)
{
	const struct guest guest = {
	    .kind = QUEUES, .buffers = 3, .interval = REFRESH, .phase = 0.5, .drawing = 2};
	struct model m;
	start(&m, &guest);
	for (int i = 0; i < 120; i++) {
		stumble(&m);
		run(&m, 1 - m.guest.interval / 1e6);
	}
	tell(&m, "stumbles each second");
	check_op(m.frame.pace.counts.left_out, >=, 4);
	check_op(m.frame.pace.counts.left_out, <=, 8);
	/* and what lasts is forgotten */
	start(&m, &guest);
	for (int i = 0; i < 6; i++) {
		stumble(&m);
		run(&m, 20);
		check_latency(&m, 15, 0.45, 0.55);
	}
	tell(&m, "stumbles seldom");
	check_uint(m.frame.pace.counts.left_out, 6);
}

enum interruption {
	HIDE,
	COMPOSITOR,
	SILENCE, /* the guest stops drawing */
	INTERRUPTIONS,
};

static void interrupt(struct model *m, enum interruption what)
{
	switch (what) {
	case HIDE:
		frame_handle_visible(&m->frame, m->now, false);
		run(m, 2);
		frame_handle_visible(&m->frame, m->now, true);
		run_actions(m);
		break;
	case COMPOSITOR:
		frame_handle_surface(&m->frame, m->now, false);
		m->surface = m->pending = m->screen = -1;
		m->dirty = false;
		run(m, 2);
		frame_handle_surface(&m->frame, m->now, true);
		frame_handle_visible(&m->frame, m->now, true);
		run_actions(m);
		break;
	default:
		m->silent = true;
		run(m, 2);
		/* whatever came last is shown, though nothing came after it */
		check(frame_deadline(&m->frame) > m->now + MS);
		check_int(m->screen, m->arrived);
		m->silent = false;
	}
}

/* At every moment of a try: nothing is lost, nobody waits too long. */
TEST(a_try_may_be_interrupted_at_any_moment)
{
	int left_out = 0, held = 0;
	for (int what = HIDE; what < INTERRUPTIONS; what++) {
		for (int kind = QUEUES; kind <= MEMORY; kind++) {
			for (int at = 0; at < 160; at++) {
				const struct guest guest = {.kind = kind,
				    .buffers = kind == MEMORY ? 1 : 2 + at % 2,
				    .interval = REFRESH,
				    .phase = 0.4,
				    .drawing = 2};
				struct model m;
				start(&m, &guest);
				run(&m, 0.1);
				stumble(&m);
				run(&m, 0.4 + at * 0.002);
				interrupt(&m, what);
				const int before = m.arrived;
				run(&m, 1);
				check_op(m.arrived, >=, before + 28);
				check_op(m.arrived - m.screen, <=, 3);
				check_uint(m.frame.counts.late_replies, 0);
				if (what == SILENCE) { /* who is hidden is answered all the same */
					check_int(m.overwritten, 0);
				}
				left_out += (int)m.frame.pace.counts.left_out;
				held += (int)m.frame.pace.counts.held;
			}
		}
	}
	check_op(left_out, >, 0);
	check_op(held, >, 0);
}
