// SPDX-License-Identifier: MIT
#include "deadline.h"

static uint64_t time_now(struct ph_deadline *deadline)
{
	uint64_t now = 0;
	(void)sd_event_now(sd_event_source_get_event(deadline->source), CLOCK_MONOTONIC, &now);
	return now;
}

static void arm(struct ph_deadline *deadline, uint64_t at, uint64_t now)
{
	deadline->armed = at;
	deadline->half = at > now ? now + (at - now) / 2 : at;
	(void)sd_event_source_set_time(deadline->source, at);
	(void)sd_event_source_set_enabled(deadline->source, SD_EVENT_ONESHOT);
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct ph_deadline *deadline = data;
	const uint64_t now = time_now(deadline);

	deadline->armed = UINT64_MAX;
	if (deadline->wanted == UINT64_MAX) {
		return 0;
	}
	if (deadline->wanted > now) {
		arm(deadline, deadline->wanted, now);
		return 0;
	}
	deadline->wanted = UINT64_MAX;
	/* the last thing done here: it may be finished now */
	deadline->handle(deadline->data);
	return 0;
}

int deadline_init(struct ph_deadline *deadline, sd_event *event, uint64_t accuracy_us,
    int64_t priority, void (*handle)(void *data), void *data)
{
	*deadline = (struct ph_deadline){
	    .wanted = UINT64_MAX, .armed = UINT64_MAX, .handle = handle, .data = data};
	int r = sd_event_add_time(event, &deadline->source, CLOCK_MONOTONIC, UINT64_MAX,
	    accuracy_us, handle_timer, deadline);
	if (r >= 0) {
		(void)sd_event_source_set_enabled(deadline->source, SD_EVENT_OFF);
		r = sd_event_source_set_priority(deadline->source, priority);
	}
	if (r < 0) {
		deadline_finish(deadline);
	}
	return r;
}

void deadline_set(struct ph_deadline *deadline, uint64_t at)
{
	deadline->wanted = at;
	if (at == UINT64_MAX) {
		return;
	}
	const uint64_t now = time_now(deadline);
	if (at < deadline->armed || now >= deadline->half) {
		arm(deadline, at, now);
	}
}

void deadline_finish(struct ph_deadline *deadline)
{
	sd_event_source_disable_unref(deadline->source);
	*deadline = (struct ph_deadline){0};
}
