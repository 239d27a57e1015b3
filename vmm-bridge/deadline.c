// SPDX-License-Identifier: MIT
#include "deadline.h"

static void arm(struct ph_deadline *deadline, uint64_t at)
{
	deadline->armed = at;
	if (at == UINT64_MAX) {
		(void)sd_event_source_set_enabled(deadline->source, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(deadline->source, at);
	(void)sd_event_source_set_enabled(deadline->source, SD_EVENT_ONESHOT);
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct ph_deadline *deadline = data;
	uint64_t now = usec;

	(void)sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now);
	deadline->armed = UINT64_MAX;
	if (deadline->wanted > now) {
		arm(deadline, deadline->wanted);
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
	if (at < deadline->armed) {
		arm(deadline, at);
	}
}

void deadline_finish(struct ph_deadline *deadline)
{
	sd_event_source_disable_unref(deadline->source);
	*deadline = (struct ph_deadline){0};
}
