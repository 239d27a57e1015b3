// SPDX-License-Identifier: MIT
#include "idle_policy.h"

#include <wlr/backend/session.h>
#include <wlr/util/log.h>

#include "lock.h"
#include "output.h"
#include "session.h"

static int handle_timer(void *data);

static uint64_t remaining(uint64_t idle_us, unsigned after_s, bool done)
{
	uint64_t after_us = (uint64_t)after_s * 1000000;

	if (after_s == 0 || done) {
		return UINT64_MAX;
	}
	return after_us > idle_us ? after_us - idle_us : 0;
}

/* The timer runs to the next thing that is due; activity only moves what it will find then. */
static void arm(struct ph_session *session)
{
	struct ph_idle_policy *policy = &session->idle_policy;
	uint64_t idle_us = session_time_us() - policy->last_us;
	uint64_t lock = remaining(idle_us, session->config.idle.lock_s, policy->locked);
	uint64_t dark = remaining(idle_us, session->config.idle.screen_off_s, policy->dark);
	uint64_t wait = lock < dark ? lock : dark;

	policy->armed = wait != UINT64_MAX && !policy->inhibited;
	if (policy->armed && !policy->timer) {
		policy->timer = wl_event_loop_add_timer(session->loop, handle_timer, session);
	}
	if (policy->timer) {
		wl_event_source_timer_update(
		    policy->timer, policy->armed ? (int)(wait / 1000) + 1 : 0);
	}
}

/* Another session has the screens; this one cannot switch them now. */
static bool is_away(const struct ph_session *session)
{
	return session->wlr_session && !session->wlr_session->active;
}

static void switch_all(struct ph_session *session, bool on)
{
	struct ph_output *output;

	wlr_log(WLR_INFO, "idle: screens %s", on ? "on" : "off");
	wl_list_for_each (output, &session->outputs.list, link) {
		output_switch(output, on);
	}
}

static int handle_timer(void *data)
{
	struct ph_session *session = data;
	struct ph_idle_policy *policy = &session->idle_policy;
	uint64_t idle_us = session_time_us() - policy->last_us;

	if (remaining(idle_us, session->config.idle.lock_s, policy->locked) == 0) {
		policy->locked = true;
		lock_demand(session);
	}
	if (remaining(idle_us, session->config.idle.screen_off_s, policy->dark) == 0) {
		policy->dark = true;
		if (!is_away(session)) {
			switch_all(session, false);
		}
	}
	arm(session);
	return 0;
}

void idle_policy_note_activity(struct ph_session *session)
{
	struct ph_idle_policy *policy = &session->idle_policy;

	policy->last_us = session_time_us();
	policy->locked = false;
	if (policy->dark && !is_away(session)) {
		policy->dark = false;
		switch_all(session, true);
	}
	if (!policy->armed) {
		arm(session);
	}
}

void idle_policy_keep_dark(struct ph_session *session)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (session->idle_policy.dark && output->wlr_output->enabled && !is_away(session)) {
			output_switch(output, false);
		}
	}
}

void idle_policy_set_inhibited(struct ph_session *session, bool inhibited)
{
	if (session->idle_policy.inhibited != inhibited) {
		session->idle_policy.inhibited = inhibited;
		session->idle_policy.last_us = session_time_us();
		arm(session);
	}
}

void idle_policy_apply_config(struct ph_session *session)
{
	arm(session);
}

bool idle_policy_init(struct ph_session *session)
{
	session->idle_policy.last_us = session_time_us();
	arm(session);
	return true;
}

void idle_policy_finish(struct ph_session *session)
{
	if (session->idle_policy.timer) {
		wl_event_source_remove(session->idle_policy.timer);
	}
	session->idle_policy = (struct ph_idle_policy){0};
}
