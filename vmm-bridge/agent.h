// SPDX-License-Identifier: MIT
#ifndef PH_AGENT_H
#define PH_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The guest agent of one guest, by the socket that QEMU makes of its port. All
 * that is asked of it is to set the guest's clock; see agent_talk.h for how.
 *
 * Whether there is an agent in the guest cannot be known: QEMU takes what is
 * said to the port, and nobody answers. The connection stays as long as QEMU
 * runs, because an agent whose port nobody has open looks ten times a second
 * whether that has changed; while nothing is asked, nothing is read from it.
 * Never blocks.
 */

/* For each answer. Nobody waits for it but the clock. */
#define PH_AGENT_DEADLINE_US ((uint64_t)30 * 1000 * 1000)

struct ph_agent;

enum ph_agent_outcome {
	PH_AGENT_RIGHT,  /* the clock is right, or was left alone; text tells */
	PH_AGENT_WRONG,  /* the agent cannot set it, or talks nonsense; text tells */
	PH_AGENT_SILENT, /* nobody is there, or QEMU ended; text tells */
};

/* How asking ended, once for each time. text is valid during the call. May not destroy the agent.
 */
typedef void (*ph_agent_finished)(void *data, enum ph_agent_outcome outcome, const char *text);

/* Connects to the port; -1 with errno: there is none, or nobody listens. The agent owns the fd. */
typedef int (*ph_agent_connect)(void *data);

/*
 * There need not be such a port, and then nothing is asked. connect and finished get data.
 * deadline_us: PH_AGENT_DEADLINE_US but in tests. NULL: logged.
 */
struct ph_agent *agent_create(sd_event *event, ph_agent_connect connect, uint64_t deadline_us,
    ph_agent_finished finished, void *data);

/* finished is not called any more. NULL is allowed. */
void agent_destroy(struct ph_agent *agent);

/*
 * Has the guest's clock set, if it is behind. While that is under way, what is
 * under way is finished first and all of it done once more.
 */
void agent_set_clock(struct ph_agent *agent);

#endif
