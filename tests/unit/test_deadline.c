// SPDX-License-Identifier: MIT
#include "deadline.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

#define MS 1000u

struct bench {
	sd_event *event;
	struct ph_deadline deadline;
	int fired;
	uint64_t fired_at;
	uint64_t next; /* to be set by the handler; 0: none */
	bool end;      /* the handler ends it */
};

static void handle(void *data)
{
	struct bench *b = data;
	b->fired++;
	b->fired_at = test_now_us();
	if (b->next) {
		deadline_set(&b->deadline, b->next);
		b->next = 0;
	}
	if (b->end) {
		deadline_finish(&b->deadline);
	}
}

static void start(struct bench *b)
{
	*b = (struct bench){0};
	check_op(sd_event_new(&b->event), >=, 0);
	check_op(deadline_init(&b->deadline, b->event, 1, SD_EVENT_PRIORITY_NORMAL, handle, b), >=, 0);
}

static void finish(struct bench *b)
{
	deadline_finish(&b->deadline);
	deadline_finish(&b->deadline);
	sd_event_unref(b->event);
}

/* Runs the loop so long; how often it woke up. */
static int pass(struct bench *b, uint64_t us)
{
	const uint64_t end = test_now_us() + us;
	int turns = 0;
	for (uint64_t now; (now = test_now_us()) < end;) {
		const int r = sd_event_run(b->event, end - now);
		check_op(r, >=, 0);
		turns += r > 0 ? 1 : 0;
	}
	return turns;
}

/* Until it was called so often, on the slowest of machines. */
static void wait_fired(struct bench *b, int count)
{
	for (int i = 0; i < 500 && b->fired < count; i++) {
		pass(b, 10 * MS);
	}
	check_int(b->fired, count);
}

TEST(it_is_called_once_and_not_too_early)
{
	struct bench b;
	start(&b);
	const uint64_t at = test_now_us() + 20 * MS;
	deadline_set(&b.deadline, at);
	wait_fired(&b, 1);
	check_op(b.fired_at, >=, at);
	check_int(pass(&b, 30 * MS), 0);
	finish(&b);
}

TEST(one_that_is_put_off_again_and_again_wakes_up_seldom)
{
	struct bench b;
	start(&b);
	uint64_t at = 0;
	int turns = 0;
	for (int i = 0; i < 100; i++) {
		at = test_now_us() + 5000 * MS;
		deadline_set(&b.deadline, at);
		turns += pass(&b, MS);
	}
	check_int(turns, 0);
	/* nor is one that is short, as it is set anew in time */
	for (int i = 0; i < 100; i++) {
		deadline_set(&b.deadline, test_now_us() + 400 * MS);
		turns += pass(&b, 10 * MS);
	}
	check_int(b.fired, 0);
	check_op(turns, <=, 10);
	at = test_now_us() + 100 * MS;
	deadline_set(&b.deadline, at);
	wait_fired(&b, 1);
	check_op(b.fired_at, >=, at);
	finish(&b);
}

TEST(an_earlier_one_comes_earlier)
{
	struct bench b;
	start(&b);
	const uint64_t now = test_now_us();
	deadline_set(&b.deadline, now + 10000 * MS);
	deadline_set(&b.deadline, now + 20 * MS);
	wait_fired(&b, 1);
	finish(&b);
}

TEST(one_that_is_put_off_comes_later)
{
	struct bench b;
	start(&b);
	const uint64_t at = test_now_us() + 100 * MS;
	deadline_set(&b.deadline, test_now_us() + 10 * MS);
	deadline_set(&b.deadline, at);
	wait_fired(&b, 1);
	check_op(b.fired_at, >=, at);
	finish(&b);
}

TEST(one_that_is_called_off_does_not_come)
{
	struct bench b;
	start(&b);
	deadline_set(&b.deadline, test_now_us() + 10 * MS);
	deadline_set(&b.deadline, UINT64_MAX);
	/* once for nothing, and then no more */
	check_op(pass(&b, 50 * MS), <=, 1);
	check_int(pass(&b, 30 * MS), 0);
	check_int(b.fired, 0);
	deadline_set(&b.deadline, test_now_us() + 10 * MS);
	wait_fired(&b, 1);
	finish(&b);
}

TEST(the_handler_may_set_the_next_or_end_it)
{
	struct bench b;
	start(&b);
	b.next = test_now_us() + 30 * MS;
	deadline_set(&b.deadline, test_now_us() + 10 * MS);
	wait_fired(&b, 2);
	b.end = true;
	deadline_set(&b.deadline, test_now_us() + 10 * MS);
	wait_fired(&b, 3);
	finish(&b);
}
