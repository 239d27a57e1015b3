// SPDX-License-Identifier: MIT
#ifndef PH_QMP_CHANNEL_H
#define PH_QMP_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>

#include "qmp_codec.h"

/*
 * A QMP connection: greeting, negotiation, commands with numbers and
 * deadlines, events. Never blocks. Every callback may destroy the channel.
 */

#define PH_QMP_DEADLINE_US ((uint64_t)30 * 1000 * 1000)
/* More commands under way than this mean that QEMU does not answer. */
#define PH_QMP_QUEUE_MAX 64

struct ph_qmp_channel;

/* No member may be NULL. Messages are valid during the call. */
struct ph_qmp_events {
	/* The greeting came and commands are taken. greeting->major etc. is the version. */
	void (*ready)(void *data, const struct ph_qmp_message *greeting);
	void (*event)(void *data, const struct ph_qmp_message *event);
	/*
	 * The connection is over: QEMU closed it, never greeted, or sent what is
	 * not QMP. hung_up: QEMU closed it. Nothing follows; replies that are due
	 * will not come. The channel is still to be destroyed.
	 */
	void (*closed)(void *data, bool hung_up, const char *reason);
};

/* kind RETURN or ERROR; NULL: no answer within the deadline. */
typedef void (*ph_qmp_reply)(void *data, const struct ph_qmp_message *reply);

/*
 * Takes the connected, non-blocking fd. deadline_us: how long to wait for the
 * greeting and for each answer (PH_QMP_DEADLINE_US but in tests). NULL: logged,
 * fd closed.
 */
struct ph_qmp_channel *qmp_channel_create(
    sd_event *event, int fd, uint64_t deadline_us, const struct ph_qmp_events *events, void *data);

/* No callback follows. NULL is allowed. */
void qmp_channel_destroy(struct ph_qmp_channel *channel);

/*
 * Queues a command; only once the channel is ready. arguments (may be NULL) and fd (-1: none; sent
 * beside the command) are taken. reply may be NULL. False: the connection is over or the queue
 * full, logged; reply is not called then.
 */
bool qmp_channel_send(struct ph_qmp_channel *channel, const char *command,
    sd_json_variant *arguments, int fd, ph_qmp_reply reply, void *data);

#endif
