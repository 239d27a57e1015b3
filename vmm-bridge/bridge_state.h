// SPDX-License-Identifier: MIT
#ifndef PH_BRIDGE_STATE_H
#define PH_BRIDGE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "qmp_codec.h"

/*
 * What the guest is doing, in the words of phyllome-guest-v1, from what
 * happened to its QEMU. Pure: times come in, things to do go out.
 */

#define PH_STATE_REASON_MAX 1025 /* the wire's limit, with the NUL */

/* As phyllome_guest_v1.state. */
enum ph_guest_state {
	PH_GUEST_OFF,
	PH_GUEST_STARTING,
	PH_GUEST_RUNNING,
	PH_GUEST_PAUSED,
	PH_GUEST_LOST,
};

/* As phyllome_guest_v1.action. */
enum ph_guest_action {
	PH_ACTION_START,
	PH_ACTION_POWERDOWN,
	PH_ACTION_RESET,
	PH_ACTION_KILL,
	PH_ACTION_PAUSE,
	PH_ACTION_RESUME,
};

/* What is to be done now. */
enum ph_bridge_do {
	PH_DO_NOTHING,
	PH_DO_START, /* a QEMU, without KVM if avoid_kvm */
	PH_DO_POWERDOWN,
	PH_DO_RESET,
	PH_DO_KILL, /* the QEMU */
	PH_DO_PAUSE,
	PH_DO_RESUME,
	PH_DO_WAKEUP,
	PH_DO_QUERY,     /* ask QEMU for its run state */
	PH_DO_SET_CLOCK, /* the guest's: it stood still while the guest was stopped */
};

/* A QEMU that dies or stops with an error this soon may owe it to KVM. */
#define PH_KVM_TRIAL_US ((uint64_t)30 * 1000 * 1000)

struct ph_bridge_state {
	enum ph_guest_state state;
	char reason[PH_STATE_REASON_MAX];
	bool changed; /* state or reason are news; to be cleared by who told them */

	bool avoid_kvm;                 /* this guest failed with it */
	bool kvm_on_trial;              /* KVM in use, not demanded, not avoided */
	bool attached;                  /* a QEMU is there whose state is not known yet */
	bool ready;                     /* QEMU answered */
	bool asleep;                    /* suspended by the guest: resume means wake up */
	bool stood;                     /* stopped since it was last said to run */
	bool shut_down;                 /* QEMU announced its end */
	bool kill_asked, restart_asked; /* we brought the end about */
	uint64_t started_us;
	char note[PH_STATE_REASON_MAX];  /* stands as long as this QEMU runs */
	char cause[PH_STATE_REASON_MAX]; /* why the guest stopped, told before it did */
};

/* How a QEMU ended. */
struct ph_exit {
	bool known; /* status is what waitpid() says; false: we are not its parent */
	int status;
	const char *last_line; /* of its log; "" if none */
};

void bridge_state_init(struct ph_bridge_state *state);

/* A person wishes something. An action that is not possible is answered by the reason. */
enum ph_bridge_do bridge_state_act(struct ph_bridge_state *state, uint32_t action);

/* A QEMU was started; note: what the guest did not get as wished. */
void bridge_state_started(
    struct ph_bridge_state *state, uint64_t now_us, bool kvm, bool kvm_wished, const char *note);
/* It could not be. */
void bridge_state_failed(struct ph_bridge_state *state, const char *reason);
/* A QEMU runs that was not started by this process. */
void bridge_state_attached(struct ph_bridge_state *state);

/* QEMU takes commands. */
enum ph_bridge_do bridge_state_ready(struct ph_bridge_state *state);
/* The answer to PH_DO_QUERY. status is QEMU's word. */
enum ph_bridge_do bridge_state_status(
    struct ph_bridge_state *state, uint64_t now_us, const char *status);
enum ph_bridge_do bridge_state_event(
    struct ph_bridge_state *state, const struct ph_qmp_message *event);

/* QEMU refused what bridge_state_act() let pass. */
void bridge_state_refused(struct ph_bridge_state *state, const char *what, const char *why);

/* QEMU did not answer PH_DO_QUERY in time. It is not ended for that: a guest is at stake. */
enum ph_bridge_do bridge_state_silent(struct ph_bridge_state *state);

/* The bridge gave QEMU up: it is to be killed, and the guest is lost for this reason. */
enum ph_bridge_do bridge_state_give_up(struct ph_bridge_state *state, const char *reason);

/* The QEMU is gone. */
enum ph_bridge_do bridge_state_exited(
    struct ph_bridge_state *state, uint64_t now_us, const struct ph_exit *how);

/* For the log. */
const char *bridge_state_name(enum ph_guest_state state);

#endif
