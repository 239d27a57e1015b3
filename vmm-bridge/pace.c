// SPDX-License-Identifier: MIT
#include "pace.h"

/* Rates that a screen may have, in mHz; others are taken for a mistake. */
#define MIN_REFRESH 10000u
#define MAX_REFRESH 1000000u

static void restart_window(struct ph_pace *pace)
{
	pace->window = (struct ph_pace_window){.gap_min = UINT64_MAX, .wait_min = UINT64_MAX};
}

void pace_init(struct ph_pace *pace)
{
	*pace = (struct ph_pace){.interval = PH_PACE_FIRST_US};
	restart_window(pace);
}

void pace_set_refresh(struct ph_pace *pace, uint32_t mhz)
{
	const uint64_t period =
	    mhz >= MIN_REFRESH && mhz <= MAX_REFRESH ? UINT64_C(1000000000) / mhz : 0;

	if (period != pace->period) {
		pace->period = period;
		pace_restart(pace);
	}
}

void pace_restart(struct ph_pace *pace)
{
	pace->step = PH_PACE_WATCH;
	restart_window(pace);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static bool is_queued(const struct ph_pace *pace, const struct ph_pace_window *window)
{
	return window->wait_min != UINT64_MAX && window->wait_min >= pace->period / 8;
}

/* Something is done about it, which the next window will judge. */
static void note_action(struct ph_pace *pace)
{
	pace->tried_gap = pace->seen.gap_max;
	pace->judging = true;
	pace->helped = false;
}

/* Not before the next update is late, and not so late that the frame misses the flip for which the
 * next would be. */
static uint64_t leave_out(struct ph_pace *pace, uint64_t now)
{
	note_action(pace);
	pace->counts.left_out++;
	return now + pace->period + pace->seen.wait_min - pace->period / 10;
}

/* A window is complete: whether the last try helped, and whether that is over. */
static void judge_try(struct ph_pace *pace, uint64_t now, bool late)
{
	const bool as_before = is_queued(pace, &pace->seen) ||
			       (late && pace->seen.gap_min <= pace->tried_gap + pace->period / 32);

	if (pace->judging) {
		pace->judging = false;
		pace->helped = !as_before;
	} else if (pace->helped && as_before) {
		pace->helped = false;
		if (now - pace->tried > PH_PACE_CALM_US) {
			pace->interval = PH_PACE_FIRST_US;
			pace->tried = 0;
		}
	}
}

/* A window is complete. Whether something is to be tried. */
static bool is_worth_a_try(struct ph_pace *pace, uint64_t now, bool answered)
{
	const struct ph_pace_window *window = &pace->seen;
	const bool steady = !answered || window->gap_max - window->gap_min < pace->period / 8;
	/* one that needs longer cannot be begun and drawn in what is left of a refresh */
	const bool late = answered && window->gap_max < pace->period / 2;

	judge_try(pace, now, late);
	const uint64_t interval = pace->helped ? PH_PACE_LAST_US : pace->interval;
	return steady && (late || is_queued(pace, window)) &&
	       (pace->tried == 0 || now - pace->tried >= interval);
}

/* Again after so many times the time that it took until now. */
static void back_off(struct ph_pace *pace, unsigned int factor)
{
	pace->interval *= factor;
	if (pace->interval > PH_PACE_LAST_US) {
		pace->interval = PH_PACE_LAST_US;
	}
}

/* The update after an answer that was given late. */
static uint64_t judge_probe(struct ph_pace *pace, uint64_t now)
{
	const uint64_t gap = now - pace->due, usual = pace->seen.gap_max;
	const bool queued = is_queued(pace, &pace->seen);
	/* gaps differ by less than half of what the answer was late */
	const bool tied = gap >= usual + pace->period / 8;

	pace_restart(pace);
	if (gap >= usual + pace->period / 2) {
		/* it has a clock, had not been late, and missed a tick for us */
		back_off(pace, 8);
	} else if (tied && !queued) {
		note_action(pace);
		pace->step = PH_PACE_HOLD;
	} else if (!tied && queued) {
		return leave_out(pace, now);
	}
	return 0;
}

uint64_t pace_handle_update(struct ph_pace *pace, uint64_t now, bool answered, bool pending)
{
	struct ph_pace_window *window = &pace->window;
	const uint64_t spacing = now - pace->updated;
	const uint64_t gap = answered ? now - pace->due : 0;

	pace->updated = now;
	pace->answer_at = 0;
	if (pace->period == 0) {
		return 0;
	}
	if (pace->step == PH_PACE_PROBING) {
		return judge_probe(pace, now);
	}
	if (pending || distance(spacing, pace->period) > pace->period / 4) {
		pace_restart(pace);
		return 0;
	}
	window->gap_min = gap < window->gap_min ? gap : window->gap_min;
	window->gap_max = gap > window->gap_max ? gap : window->gap_max;
	if (++window->count < PH_PACE_WINDOW) {
		return 0;
	}
	pace->seen = *window;
	restart_window(pace);
	if (!is_worth_a_try(pace, now, answered)) {
		return 0;
	}
	if (pace->tried != 0) {
		back_off(pace, 2);
	}
	pace->tried = now;
	if (!answered) {
		return leave_out(pace, now);
	}
	pace->step = PH_PACE_PROBE;
	return 0;
}

void pace_handle_latched(struct ph_pace *pace, uint64_t now, uint64_t committed)
{
	const uint64_t wait = now - committed;

	if (wait < pace->window.wait_min) {
		pace->window.wait_min = wait;
	}
}

bool pace_may_answer(struct ph_pace *pace, uint64_t now)
{
	if (pace->answer_at == 0) {
		pace->due = pace->answer_at = now;
		if (pace->step == PH_PACE_PROBE) {
			pace->answer_at += pace->period / 4;
			pace->step = PH_PACE_PROBING;
			pace->counts.probed++;
		} else if (pace->step == PH_PACE_HOLD) {
			pace->answer_at += pace->period - pace->seen.gap_max - pace->period / 8;
			pace->step = PH_PACE_WATCH;
			pace->counts.held++;
		}
	}
	return now >= pace->answer_at;
}
