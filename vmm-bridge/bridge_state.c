// SPDX-License-Identifier: MIT
#include "bridge_state.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static void set(struct ph_bridge_state *state, enum ph_guest_state next, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void set(struct ph_bridge_state *state, enum ph_guest_state next, const char *fmt, ...)
{
	char reason[PH_STATE_REASON_MAX];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	if (n >= (int)sizeof(reason)) {
		/* never end inside a character: the wire takes whole ones only */
		size_t end = sizeof(reason) - 1;
		while (end > 0 && ((unsigned char)reason[end - 1] & 0xc0) == 0x80) {
			end--;
		}
		reason[end ? end - 1 : 0] = '\0';
	}
	if (next != state->state || strcmp(reason, state->reason) != 0) {
		state->changed = true;
	}
	state->state = next;
	memcpy(state->reason, reason, sizeof(reason));
}

static void keep(char *to, const char *text)
{
	snprintf(to, PH_STATE_REASON_MAX, "%s", text);
}

void bridge_state_init(struct ph_bridge_state *state)
{
	*state = (struct ph_bridge_state){.state = PH_GUEST_OFF};
}

/* What belongs to one QEMU. */
static void forget_qemu(struct ph_bridge_state *state)
{
	state->kvm_on_trial = false;
	state->attached = false;
	state->ready = false;
	state->asleep = false;
	state->stood = false;
	state->shut_down = false;
	state->kill_asked = false;
	state->restart_asked = false;
	state->note[0] = '\0';
	state->cause[0] = '\0';
}

static bool is_alive(const struct ph_bridge_state *state)
{
	return state->state == PH_GUEST_RUNNING || state->state == PH_GUEST_PAUSED;
}

/* A wish that cannot be: the state stays, the person is told. */
static enum ph_bridge_do refuse(struct ph_bridge_state *state, const char *wish)
{
	set(state, state->state, "cannot %s: the guest is %s", wish,
	    bridge_state_name(state->state));
	state->changed = true;
	return PH_DO_NOTHING;
}

enum ph_bridge_do bridge_state_act(struct ph_bridge_state *state, uint32_t action)
{
	switch (action) {
	case PH_ACTION_START:
		if (state->state != PH_GUEST_OFF && state->state != PH_GUEST_LOST) {
			return refuse(state, "start");
		}
		forget_qemu(state);
		state->avoid_kvm = false;
		set(state, PH_GUEST_STARTING, "%s", "");
		return PH_DO_START;
	case PH_ACTION_POWERDOWN:
		return is_alive(state) ? PH_DO_POWERDOWN : refuse(state, "press the power button");
	case PH_ACTION_RESET:
		return is_alive(state) ? PH_DO_RESET : refuse(state, "reset");
	case PH_ACTION_KILL:
		if (!is_alive(state) && state->state != PH_GUEST_STARTING && !state->attached) {
			return refuse(state, "cut the power");
		}
		state->kill_asked = true;
		return PH_DO_KILL;
	case PH_ACTION_PAUSE:
		return state->state == PH_GUEST_RUNNING ? PH_DO_PAUSE : refuse(state, "pause");
	case PH_ACTION_RESUME:
		/* It may have been paused a moment ago, and QEMU has not said so: its disks are slow. */
		if (state->state == PH_GUEST_RUNNING) {
			return PH_DO_RESUME;
		}
		if (state->state != PH_GUEST_PAUSED) {
			return refuse(state, "resume");
		}
		return state->asleep ? PH_DO_WAKEUP : PH_DO_RESUME;
	}
	set(state, state->state, "unknown action %u", action);
	return PH_DO_NOTHING;
}

void bridge_state_started(
    struct ph_bridge_state *state, uint64_t now_us, bool kvm, bool kvm_wished, const char *note)
{
	bool killed = state->kill_asked;
	forget_qemu(state);
	state->kill_asked = killed;
	state->started_us = now_us;
	state->kvm_on_trial = kvm && kvm_wished && !state->avoid_kvm;
	keep(state->note, note);
	set(state, PH_GUEST_STARTING, "%s", note);
}

void bridge_state_failed(struct ph_bridge_state *state, const char *reason)
{
	forget_qemu(state);
	set(state, PH_GUEST_LOST, "%s", reason);
}

void bridge_state_attached(struct ph_bridge_state *state)
{
	forget_qemu(state);
	state->attached = true;
	/* the state follows from what QEMU says; off until then */
}

enum ph_bridge_do bridge_state_ready(struct ph_bridge_state *state)
{
	state->ready = true;
	return PH_DO_QUERY;
}

static enum ph_bridge_do restart_without_kvm(struct ph_bridge_state *state, const char *why)
{
	state->avoid_kvm = true;
	set(state, PH_GUEST_STARTING, "started again without KVM: %s", why);
	return PH_DO_START;
}

enum ph_bridge_do bridge_state_status(
    struct ph_bridge_state *state, uint64_t now_us, const char *status)
{
	state->asleep = strcmp(status, "suspended") == 0;
	if (strcmp(status, "running") == 0) {
		bool stood = state->stood || state->state == PH_GUEST_PAUSED;
		state->stood = false;
		state->cause[0] = '\0';
		set(state, PH_GUEST_RUNNING, "%s", state->note);
		return stood ? PH_DO_SET_CLOCK : PH_DO_NOTHING;
	}
	if (state->asleep) {
		set(state, PH_GUEST_PAUSED, "the guest sleeps; resume wakes it");
	} else if (strcmp(status, "internal-error") == 0) {
		if (state->kvm_on_trial && now_us - state->started_us < PH_KVM_TRIAL_US) {
			state->restart_asked = true;
			return PH_DO_KILL;
		}
		set(state, PH_GUEST_PAUSED,
		    "the hypervisor cannot go on with this guest (%s); reset "
		    "it, or set accel tcg",
		    status);
	} else if (strcmp(status, "shutdown") == 0) {
		/* QEMU is about to end, and the end tells the state */
	} else if (state->cause[0]) {
		set(state, PH_GUEST_PAUSED, "%s", state->cause);
	} else {
		set(state, PH_GUEST_PAUSED, "%s", strcmp(status, "paused") == 0 ? "" : status);
	}
	return PH_DO_NOTHING;
}

enum ph_bridge_do bridge_state_event(
    struct ph_bridge_state *state, const struct ph_qmp_message *event)
{
	switch (event->event) {
	case PH_QMP_EVENT_SHUTDOWN:
		state->shut_down = true;
		keep(state->cause, event->reason ? event->reason : "");
		return PH_DO_NOTHING;
	case PH_QMP_EVENT_RESET:
		state->cause[0] = '\0';
		return PH_DO_QUERY;
	case PH_QMP_EVENT_STOP:
		/* it may run again before QEMU answers how it is */
		state->stood = true;
		return PH_DO_QUERY;
	case PH_QMP_EVENT_SUSPEND:
	case PH_QMP_EVENT_RESUME:
	case PH_QMP_EVENT_WAKEUP:
		return PH_DO_QUERY;
	case PH_QMP_EVENT_POWERDOWN:
		if (state->state == PH_GUEST_RUNNING) {
			set(state, state->state, "its power button was pressed");
		}
		return PH_DO_NOTHING;
	case PH_QMP_EVENT_PANICKED:
		keep(state->cause, "the guest's system crashed (panic); reset it");
		if (is_alive(state)) {
			set(state, state->state, "%s", state->cause);
		}
		return PH_DO_QUERY;
	case PH_QMP_EVENT_IO_ERROR:
		snprintf(state->cause, sizeof(state->cause), "%s cannot be %s: %s",
		    event->device && event->device[0] ? event->device : "a disk", "used",
		    event->no_space ? "no space is left; free some, then resume"
		    : event->reason ? event->reason
				    : "input/output error");
		return PH_DO_QUERY;
	case PH_QMP_EVENT_OTHER:
		break;
	}
	return PH_DO_NOTHING;
}

void bridge_state_refused(struct ph_bridge_state *state, const char *what, const char *why)
{
	set(state, state->state, "cannot do it: %s: %s", what, why);
	state->changed = true;
}

enum ph_bridge_do bridge_state_silent(struct ph_bridge_state *state)
{
	set(state, state->state, "QEMU does not answer; it is very busy, or hangs");
	return PH_DO_QUERY;
}

enum ph_bridge_do bridge_state_give_up(struct ph_bridge_state *state, const char *reason)
{
	forget_qemu(state);
	set(state, PH_GUEST_LOST, "%s", reason);
	return PH_DO_KILL;
}

/* What a person is told of QEMU's reasons to end; "" where that is plain. */
static const char *explain_shutdown(const char *reason)
{
	if (strcmp(reason, "host-signal") == 0) {
		return "QEMU was told to end";
	}
	if (strcmp(reason, "guest-panic") == 0) {
		return "the guest's system crashed (panic)";
	}
	return "";
}

/* "status 1", "signal 9 (Killed)"; empty when it is not known. */
static void describe_exit(const struct ph_exit *how, char *text, size_t size)
{
	text[0] = '\0';
	if (how->known && WIFSIGNALED(how->status)) {
		int number = WTERMSIG(how->status);
		snprintf(text, size, " by signal %d (%s)", number, strsignal(number));
	} else if (how->known && WIFEXITED(how->status)) {
		snprintf(text, size, " with status %d", WEXITSTATUS(how->status));
	}
}

/* As QEMU does where the hypervisor does what it must not. Killed for memory, or a bad access: that is not it. */
static bool has_aborted(const struct ph_exit *how)
{
	return how->known && WIFSIGNALED(how->status) && WTERMSIG(how->status) == SIGABRT;
}

enum ph_bridge_do bridge_state_exited(
    struct ph_bridge_state *state, uint64_t now_us, const struct ph_exit *how)
{
	char end[128], why[PH_STATE_REASON_MAX + 160];
	bool clean =
	    how->known ? WIFEXITED(how->status) && WEXITSTATUS(how->status) == 0 : state->shut_down;
	bool trial = state->kvm_on_trial && now_us - state->started_us < PH_KVM_TRIAL_US;
	describe_exit(how, end, sizeof(end));
	snprintf(why, sizeof(why), "QEMU ended%s%s%s", end, how->last_line[0] ? ": " : "",
	    how->last_line);
	if (state->restart_asked && !state->kill_asked) {
		return restart_without_kvm(state, "the hypervisor could not go on with this guest");
	}
	if (state->kill_asked) {
		set(state, PH_GUEST_OFF, "its power was cut");
	} else if (clean && state->shut_down) {
		set(state, PH_GUEST_OFF, "%s", explain_shutdown(state->cause));
	} else if (state->state == PH_GUEST_LOST) {
		/* given up before: that reason is the better one */
	} else if (trial && !clean && ((state->ready && has_aborted(how)) || strcasestr(how->last_line, "kvm"))) {
		return restart_without_kvm(state, why);
	} else {
		set(state, PH_GUEST_LOST, "%s", why);
	}
	forget_qemu(state);
	return PH_DO_NOTHING;
}

const char *bridge_state_name(enum ph_guest_state state)
{
	static const char *const names[] = {
	    [PH_GUEST_OFF] = "off",
	    [PH_GUEST_STARTING] = "starting",
	    [PH_GUEST_RUNNING] = "running",
	    [PH_GUEST_PAUSED] = "paused",
	    [PH_GUEST_LOST] = "lost",
	};
	return names[state];
}
