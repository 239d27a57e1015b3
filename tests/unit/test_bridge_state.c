// SPDX-License-Identifier: MIT
#include "bridge_state.h"

#include <string.h>

#include "test.h"

/* As waitpid() tells them. */
#define EXITED(code) ((code) << 8)
#define KILLED(signal) (signal)

/* One thing that happens to a guest. */
enum happening {
	END, /* of the list */
	ACT,
	STARTED, /* number: bit 0 KVM, bit 1 wished */
	FAILED,
	ATTACHED,
	READY,
	STATUS,
	EVENT,
	GONE, /* number: wait status; text: last line */
	GONE_UNKNOWN,
	GIVE_UP,
	LATER, /* number: seconds pass */
};

struct step {
	enum happening what;
	int number;
	const char *text;
	enum ph_guest_state state; /* after it */
	const char *reason;        /* NULL: not looked at */
	enum ph_bridge_do next;
};

static enum ph_bridge_do apply(
    struct ph_bridge_state *state, const struct step *step, uint64_t *now)
{
	struct ph_qmp_message event = {.kind = PH_QMP_EVENT,
	    .event = (enum ph_qmp_event)step->number,
	    .reason = step->text,
	    .device = "disk0",
	    .no_space = step->text && strstr(step->text, "space")};
	switch (step->what) {
	case ACT:
		return bridge_state_act(state, (uint32_t)step->number);
	case STARTED:
		bridge_state_started(
		    state, *now, step->number & 1, step->number & 2, step->text ? step->text : "");
		break;
	case FAILED:
		bridge_state_failed(state, step->text);
		break;
	case ATTACHED:
		bridge_state_attached(state);
		break;
	case READY:
		return bridge_state_ready(state);
	case STATUS:
		return bridge_state_status(state, *now, step->text);
	case EVENT:
		return bridge_state_event(state, &event);
	case GONE:
	case GONE_UNKNOWN:
		return bridge_state_exited(state, *now,
		    &(struct ph_exit){.known = step->what == GONE,
			.status = step->number,
			.last_line = step->text ? step->text : ""});
	case GIVE_UP:
		return bridge_state_give_up(state, step->text);
	case LATER:
		*now += (uint64_t)step->number * 1000000;
		break;
	case END:
		break;
	}
	return PH_DO_NOTHING;
}

static void play(const struct step *steps)
{
	struct ph_bridge_state state;
	uint64_t now = 1000000;
	bridge_state_init(&state);
	for (int i = 0; steps[i].what != END; i++) {
		struct ph_bridge_state before = state;
		state.changed = false;
		enum ph_bridge_do next = apply(&state, &steps[i], &now);
		if (next != steps[i].next || state.state != steps[i].state ||
		    (steps[i].reason && strcmp(state.reason, steps[i].reason) != 0)) {
			test_fail(__FILE__, __LINE__,
			    "step %d: to do %d, want %d; %s, want %s; '%s', want '%s'", i, next,
			    steps[i].next, bridge_state_name(state.state),
			    bridge_state_name(steps[i].state), state.reason,
			    steps[i].reason ? steps[i].reason : "(any)");
		}
		if (before.state != state.state || strcmp(before.reason, state.reason) != 0) {
			check(state.changed);
		}
	}
}

#define PLAY(...) play((const struct step[]){__VA_ARGS__, {END}})

/* The usual way to a guest that runs. */
#define BOOT                                                                                       \
	{ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},                          \
	    {STARTED, 0, "", PH_GUEST_STARTING, "", PH_DO_NOTHING},                                \
	    {READY, 0, NULL, PH_GUEST_STARTING, "", PH_DO_QUERY},                                  \
	{                                                                                          \
		STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_NOTHING                          \
	}
#define BOOT_KVM                                                                                   \
	{ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},                          \
	    {STARTED, 3, "", PH_GUEST_STARTING, "", PH_DO_NOTHING},                                \
	    {READY, 0, NULL, PH_GUEST_STARTING, "", PH_DO_QUERY},                                  \
	{                                                                                          \
		STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_NOTHING                          \
	}

TEST(a_guest_that_powers_itself_off)
{
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-shutdown", PH_GUEST_RUNNING, "", 0},
	    {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "shutdown", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "", 0}, BOOT);
}

TEST(ends_and_their_reasons)
{
	PLAY(BOOT, {GONE, KILLED(9), "x: bad", PH_GUEST_LOST,
		       "QEMU ended by signal 9 (Killed): x: bad", 0});
	PLAY(BOOT, {GONE, KILLED(11), "", PH_GUEST_LOST,
		       "QEMU ended by signal 11 (Segmentation fault)", 0});
	PLAY(BOOT, {GONE, EXITED(1), "no such disk", PH_GUEST_LOST,
		       "QEMU ended with status 1: no such disk", 0});
	PLAY(BOOT, {GONE, EXITED(0), "", PH_GUEST_LOST, "QEMU ended with status 0", 0});
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-shutdown", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(1), "flush failed", PH_GUEST_LOST,
		"QEMU ended with status 1: flush failed", 0});
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_SHUTDOWN, "host-signal", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "QEMU was told to end", 0});
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-panic", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "the guest's system crashed (panic)", 0});
	/* dies before it answers */
	PLAY({ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {STARTED, 0, "", PH_GUEST_STARTING, "", 0},
	    {GONE, EXITED(1), "no dbus", PH_GUEST_LOST, "QEMU ended with status 1: no dbus", 0},
	    {ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {FAILED, 0, "QEMU is not installed", PH_GUEST_LOST, "QEMU is not installed", 0});
	/* one that hangs */
	PLAY({ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {STARTED, 0, "", PH_GUEST_STARTING, "", 0},
	    {GIVE_UP, 0, "no answer", PH_GUEST_LOST, "no answer", PH_DO_KILL},
	    {GONE, KILLED(9), "", PH_GUEST_LOST, "no answer", 0});
}

TEST(attached_guests)
{
	PLAY({ATTACHED, 0, NULL, PH_GUEST_OFF, "", 0},
	    {READY, 0, NULL, PH_GUEST_OFF, "", PH_DO_QUERY},
	    {STATUS, 0, "paused", PH_GUEST_PAUSED, "", 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_PAUSED, "", PH_DO_RESUME},
	    {EVENT, PH_QMP_EVENT_RESUME, NULL, PH_GUEST_PAUSED, "", PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK},
	    {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-shutdown", PH_GUEST_RUNNING, "", 0},
	    {GONE_UNKNOWN, 0, "", PH_GUEST_OFF, "", 0});
	PLAY({ATTACHED, 0, NULL, PH_GUEST_OFF, "", 0},
	    {READY, 0, NULL, PH_GUEST_OFF, "", PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", 0},
	    {GONE_UNKNOWN, 0, "boom", PH_GUEST_LOST, "QEMU ended: boom", 0});
}

/* Even one that does not answer has to end with the session. */
TEST(attached_guest_is_killed_before_it_answers)
{
	PLAY({ATTACHED, 0, NULL, PH_GUEST_OFF, "", 0},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_OFF, "", PH_DO_KILL},
	    {GONE_UNKNOWN, 0, "", PH_GUEST_OFF, "its power was cut", 0},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_OFF, NULL, 0});
}

TEST(wishes_in_every_state)
{
	PLAY({ACT, PH_ACTION_POWERDOWN, NULL, PH_GUEST_OFF,
		 "cannot press the power button: the guest is off", 0},
	    {ACT, PH_ACTION_RESET, NULL, PH_GUEST_OFF, "cannot reset: the guest is off", 0},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_OFF, "cannot cut the power: the guest is off", 0},
	    {ACT, PH_ACTION_PAUSE, NULL, PH_GUEST_OFF, "cannot pause: the guest is off", 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_OFF, "cannot resume: the guest is off", 0},
	    {ACT, 6, NULL, PH_GUEST_OFF, "unknown action 6", 0},
	    {ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "cannot start: the guest is starting",
		0},
	    {ACT, PH_ACTION_PAUSE, NULL, PH_GUEST_STARTING, "cannot pause: the guest is starting",
		0},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_STARTING, NULL, PH_DO_KILL},
	    {STARTED, 0, "", PH_GUEST_STARTING, "", 0},
	    {GONE, KILLED(9), "", PH_GUEST_OFF, "its power was cut", 0});
	PLAY(BOOT, {ACT, PH_ACTION_START, NULL, PH_GUEST_RUNNING, NULL, 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_RUNNING, NULL, PH_DO_RESUME},
	    {ACT, PH_ACTION_RESET, NULL, PH_GUEST_RUNNING, NULL, PH_DO_RESET},
	    {ACT, PH_ACTION_PAUSE, NULL, PH_GUEST_RUNNING, NULL, PH_DO_PAUSE},
	    {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, NULL, PH_DO_QUERY},
	    {STATUS, 0, "paused", PH_GUEST_PAUSED, "", 0},
	    {ACT, PH_ACTION_PAUSE, NULL, PH_GUEST_PAUSED, "cannot pause: the guest is paused", 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_PAUSED, NULL, PH_DO_RESUME},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK},
	    {ACT, PH_ACTION_POWERDOWN, NULL, PH_GUEST_RUNNING, "", PH_DO_POWERDOWN},
	    {EVENT, PH_QMP_EVENT_POWERDOWN, NULL, PH_GUEST_RUNNING, "its power button was pressed",
		0},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_RUNNING, NULL, PH_DO_KILL},
	    {EVENT, PH_QMP_EVENT_SHUTDOWN, "host-qmp-quit", PH_GUEST_RUNNING, NULL, 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "its power was cut", 0}, BOOT);
}

/* Its clock stood still meanwhile. Nothing else is a reason to touch it. */
TEST(clock_after_a_stop)
{
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "paused", PH_GUEST_PAUSED, "", 0},
	    {EVENT, PH_QMP_EVENT_RESUME, NULL, PH_GUEST_PAUSED, "", PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", 0});
	/* it goes on before QEMU has answered how it is */
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {EVENT, PH_QMP_EVENT_RESUME, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", 0});
	/* the one that stopped is not the one that runs */
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-shutdown", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "", 0}, BOOT);
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_RESET, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", 0});
}

TEST(why_a_guest_stands_still)
{
	PLAY(BOOT,
	    {EVENT, PH_QMP_EVENT_IO_ERROR, "No space left", PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "io-error", PH_GUEST_PAUSED,
		"disk0 cannot be used: no space is left; free some, then resume", 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_PAUSED, NULL, PH_DO_RESUME},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK},
	    {ACT, PH_ACTION_PAUSE, NULL, PH_GUEST_RUNNING, "", PH_DO_PAUSE},
	    {STATUS, 0, "paused", PH_GUEST_PAUSED, "", 0});
	PLAY(BOOT,
	    {EVENT, PH_QMP_EVENT_IO_ERROR, "Input/output error", PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "io-error", PH_GUEST_PAUSED, "disk0 cannot be used: Input/output error",
		0});
	PLAY(BOOT,
	    {EVENT, PH_QMP_EVENT_PANICKED, NULL, PH_GUEST_RUNNING,
		"the guest's system crashed (panic); reset it", PH_DO_QUERY},
	    {STATUS, 0, "guest-panicked", PH_GUEST_PAUSED,
		"the guest's system crashed (panic); reset it", 0},
	    {EVENT, PH_QMP_EVENT_RESET, NULL, PH_GUEST_PAUSED, NULL, PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK});
	PLAY(BOOT, {EVENT, PH_QMP_EVENT_SUSPEND, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "suspended", PH_GUEST_PAUSED, "the guest sleeps; resume wakes it", 0},
	    {ACT, PH_ACTION_RESUME, NULL, PH_GUEST_PAUSED, NULL, PH_DO_WAKEUP},
	    {EVENT, PH_QMP_EVENT_WAKEUP, NULL, PH_GUEST_PAUSED, NULL, PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "", PH_DO_SET_CLOCK});
	PLAY(BOOT, {STATUS, 0, "prelaunch", PH_GUEST_PAUSED, "prelaunch", 0});
	PLAY(BOOT, {STATUS, 0, "internal-error", PH_GUEST_PAUSED, NULL, 0});
}

TEST(kvm_that_fails_is_tried_once)
{
	/* dies early */
	PLAY(BOOT_KVM,
	    {GONE, KILLED(6), "", PH_GUEST_STARTING,
		"started again without KVM: QEMU ended by signal 6 (Aborted)", PH_DO_START},
	    {STARTED, 2, "runs without KVM", PH_GUEST_STARTING, "runs without KVM", 0},
	    {READY, 0, NULL, PH_GUEST_STARTING, NULL, PH_DO_QUERY},
	    {STATUS, 0, "running", PH_GUEST_RUNNING, "runs without KVM", 0},
	    {GONE, KILLED(6), "", PH_GUEST_LOST, "QEMU ended by signal 6 (Aborted)", 0},
	    /* a person's start is a new try */
	    BOOT_KVM, {GONE, KILLED(6), "", PH_GUEST_STARTING, NULL, PH_DO_START});
	/* stops early with an internal error */
	PLAY(BOOT_KVM, {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "internal-error", PH_GUEST_RUNNING, NULL, PH_DO_KILL},
	    {EVENT, PH_QMP_EVENT_SHUTDOWN, "host-qmp-quit", PH_GUEST_RUNNING, NULL, 0},
	    {GONE, EXITED(0), "", PH_GUEST_STARTING,
		"started again without KVM: the hypervisor could not go on with this guest",
		PH_DO_START},
	    {STARTED, 2, "", PH_GUEST_STARTING, NULL, 0},
	    {READY, 0, NULL, PH_GUEST_STARTING, NULL, PH_DO_QUERY},
	    {STATUS, 0, "internal-error", PH_GUEST_PAUSED, NULL, 0});
	/* while that one still ends, a person cuts the power */
	PLAY(BOOT_KVM, {EVENT, PH_QMP_EVENT_STOP, NULL, PH_GUEST_RUNNING, "", PH_DO_QUERY},
	    {STATUS, 0, "internal-error", PH_GUEST_RUNNING, NULL, PH_DO_KILL},
	    {ACT, PH_ACTION_KILL, NULL, PH_GUEST_RUNNING, NULL, PH_DO_KILL},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "its power was cut", 0});
	/* cannot even be set up */
	PLAY({ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {STARTED, 3, "", PH_GUEST_STARTING, "", 0},
	    {GONE, EXITED(1), "failed to initialize kvm: Operation not permitted",
		PH_GUEST_STARTING, NULL, PH_DO_START});
	/* killed for its memory, or by a library: not KVM's doing either */
	PLAY(BOOT_KVM, {GONE, KILLED(9), "", PH_GUEST_LOST, "QEMU ended by signal 9 (Killed)", 0});
	PLAY(BOOT_KVM, {GONE, KILLED(11), "", PH_GUEST_LOST, NULL, 0});
	/* ended early for another reason: the same would happen again */
	PLAY({ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {STARTED, 3, "", PH_GUEST_STARTING, "", 0},
	    {GONE, EXITED(1), "no such file", PH_GUEST_LOST, NULL, 0});
	/* the same later is no fault of KVM */
	PLAY(BOOT_KVM, {LATER, 31, NULL, PH_GUEST_RUNNING, "", 0},
	    {GONE, KILLED(6), "", PH_GUEST_LOST, NULL, 0});
	PLAY(BOOT_KVM, {LATER, 31, NULL, PH_GUEST_RUNNING, "", 0},
	    {STATUS, 0, "internal-error", PH_GUEST_PAUSED, NULL, 0});
	/* nor is a clean end, or one that was asked for */
	PLAY(BOOT_KVM, {EVENT, PH_QMP_EVENT_SHUTDOWN, "guest-shutdown", PH_GUEST_RUNNING, "", 0},
	    {GONE, EXITED(0), "", PH_GUEST_OFF, "", 0});
	PLAY(BOOT_KVM, {ACT, PH_ACTION_KILL, NULL, PH_GUEST_RUNNING, NULL, PH_DO_KILL},
	    {GONE, KILLED(9), "", PH_GUEST_OFF, NULL, 0});
	/* demanded: never anything else */
	PLAY({ACT, PH_ACTION_START, NULL, PH_GUEST_STARTING, "", PH_DO_START},
	    {STARTED, 1, "", PH_GUEST_STARTING, "", 0},
	    {READY, 0, NULL, PH_GUEST_STARTING, "", PH_DO_QUERY},
	    {GONE, KILLED(6), "", PH_GUEST_LOST, NULL, 0});
}

/* The wire takes 1024 bytes of whole characters. */
TEST(long_reasons_are_cut_at_a_character)
{
	char text[3000];
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', sizeof(text));
		for (size_t i = shift; i + 4 < sizeof(text) - 1; i += 4) {
			memcpy(&text[i], "\xf0\x9f\x90\xa7", 4);
		}
		text[sizeof(text) - 1] = '\0';
		struct ph_bridge_state state;
		bridge_state_init(&state);
		bridge_state_failed(&state, text);
		size_t n = strlen(state.reason);
		check_op((intmax_t)n, <, PH_STATE_REASON_MAX);
		check_op((intmax_t)n, >, PH_STATE_REASON_MAX - 10);
		check_uint((n - shift) % 4, 0);
	}
}
