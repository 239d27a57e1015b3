// SPDX-License-Identifier: MIT
#include "qmp_channel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"

#define LOG_MODULE "qmp"
#include "log.h"

#define READ_SIZE 16384

struct command {
	uint64_t id;
	uint64_t deadline; /* CLOCK_MONOTONIC, microseconds */
	char *text;        /* NULL once it is sent */
	size_t size, sent;
	int fd;
	ph_qmp_reply reply;
	void *data;
};

struct ph_qmp_channel {
	int fd;
	sd_event *event;
	sd_event_source *io, *timer;
	const struct ph_qmp_events *events;
	void *data;
	bool greeted, ready, over;
	uint64_t deadline_us, greeting_deadline;
	struct ph_qmp_message greeting; /* kept until the negotiation is answered */
	char *buffer;
	size_t buffered, room;
	uint64_t last_id;
	struct command queue[PH_QMP_QUEUE_MAX]; /* in order of sending */
	size_t queued;
	bool *destroyed; /* set by destroy() while a callback runs */
};

static void finish_command(struct command *command)
{
	free(command->text);
	if (command->fd >= 0) {
		close(command->fd);
	}
}

static void remove_command(struct ph_qmp_channel *channel, size_t i)
{
	finish_command(&channel->queue[i]);
	channel->queued--;
	memmove(&channel->queue[i], &channel->queue[i + 1],
	    (channel->queued - i) * sizeof(channel->queue[0]));
}

/* The connection is over; the channel may be gone afterwards. */
static void end(struct ph_qmp_channel *channel, bool hung_up, const char *reason)
{
	if (channel->over) {
		return;
	}
	channel->over = true;
	sd_event_source_set_enabled(channel->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(channel->timer, SD_EVENT_OFF);
	channel->events->closed(channel->data, hung_up, reason);
}

static void arm(struct ph_qmp_channel *channel)
{
	uint64_t next = channel->greeted ? UINT64_MAX : channel->greeting_deadline;
	bool unsent = false;
	for (size_t i = 0; i < channel->queued; i++) {
		if (channel->queue[i].deadline < next) {
			next = channel->queue[i].deadline;
		}
		unsent = unsent || channel->queue[i].text;
	}
	if (next == UINT64_MAX) {
		sd_event_source_set_enabled(channel->timer, SD_EVENT_OFF);
	} else {
		sd_event_source_set_time(channel->timer, next);
		sd_event_source_set_enabled(channel->timer, SD_EVENT_ONESHOT);
	}
	sd_event_source_set_io_events(
	    channel->io, EPOLLIN | (channel->greeted && unsent ? (uint32_t)EPOLLOUT : 0));
}

/* Sends what the socket takes; each command in a message of its own, so that its fd is its own. */
static bool flush(struct ph_qmp_channel *channel)
{
	for (size_t i = 0; i < channel->queued && channel->greeted; i++) {
		struct command *command = &channel->queue[i];
		while (command->text) {
			struct iovec iov = {.iov_base = command->text + command->sent,
			    .iov_len = command->size - command->sent};
			union {
				char bytes[CMSG_SPACE(sizeof(int))];
				struct cmsghdr align;
			} control = {0};
			struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
			if (command->fd >= 0) {
				message.msg_control = control.bytes;
				message.msg_controllen = sizeof(control.bytes);
				struct cmsghdr *header = CMSG_FIRSTHDR(&message);
				header->cmsg_level = SOL_SOCKET;
				header->cmsg_type = SCM_RIGHTS;
				header->cmsg_len = CMSG_LEN(sizeof(int));
				memcpy(CMSG_DATA(header), &command->fd, sizeof(int));
			}
			ssize_t n = sendmsg(channel->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno == EINTR) {
				continue;
			}
			if (n < 0) {
				return errno == EAGAIN;
			}
			if (command->fd >= 0) {
				close(command->fd);
				command->fd = -1;
			}
			command->sent += (size_t)n;
			if (command->sent == command->size) {
				free(command->text);
				command->text = NULL;
			}
		}
	}
	return true;
}

bool qmp_channel_send(struct ph_qmp_channel *channel, const char *name, sd_json_variant *arguments,
    int fd, ph_qmp_reply reply, void *data)
{
	if (channel->over || channel->queued == PH_QMP_QUEUE_MAX) {
		log_error("%s cannot be sent: %s", name,
		    channel->over ? "the connection is over" : "QEMU does not answer");
		sd_json_variant_unref(arguments);
		if (fd >= 0) {
			close(fd);
		}
		return false;
	}
	uint64_t now = 0;
	sd_event_now(channel->event, CLOCK_MONOTONIC, &now);
	struct command *command = &channel->queue[channel->queued++];
	*command = (struct command){.id = ++channel->last_id,
	    .deadline = now + channel->deadline_us,
	    .fd = fd,
	    .reply = reply,
	    .data = data};
	command->text = qmp_codec_encode(name, command->id, arguments);
	command->size = strlen(command->text);
	sd_json_variant_unref(arguments);
	/* an error of the socket shows up as readable, and is dealt with there */
	flush(channel);
	arm(channel);
	return true;
}

static void handle_capabilities(void *userdata, const struct ph_qmp_message *reply)
{
	struct ph_qmp_channel *channel = userdata;
	if (!reply || reply->kind != PH_QMP_RETURN) {
		end(channel, false,
		    reply ? "QEMU refused to negotiate" : "QEMU did not negotiate in time");
		return;
	}
	channel->ready = true;
	struct ph_qmp_message greeting = channel->greeting;
	channel->greeting = (struct ph_qmp_message){0};
	channel->events->ready(channel->data, &greeting);
	qmp_codec_finish(&greeting);
}

static void answer(struct ph_qmp_channel *channel, const struct ph_qmp_message *message)
{
	for (size_t i = 0; i < channel->queued; i++) {
		if (channel->queue[i].id == message->id) {
			ph_qmp_reply reply = channel->queue[i].reply;
			void *data = channel->queue[i].data;
			remove_command(channel, i);
			if (reply) {
				reply(data, message);
			} else if (message->kind == PH_QMP_ERROR) {
				log_error("QEMU: %s", message->error);
			}
			return;
		}
	}
	/* one that came after its deadline */
	log_debug("answer to no command: %" PRIu64, message->id);
}

static void dispatch(struct ph_qmp_channel *channel, struct ph_qmp_message *message)
{
	switch (message->kind) {
	case PH_QMP_GREETING:
		if (channel->greeted) {
			end(channel, false, "QEMU greeted twice");
			return;
		}
		channel->greeted = true;
		channel->greeting = *message;
		*message = (struct ph_qmp_message){0};
		qmp_channel_send(
		    channel, "qmp_capabilities", NULL, -1, handle_capabilities, channel);
		return;
	case PH_QMP_RETURN:
	case PH_QMP_ERROR:
		answer(channel, message);
		return;
	case PH_QMP_EVENT:
		if (channel->ready) {
			channel->events->event(channel->data, message);
		}
		return;
	case PH_QMP_BROKEN:
		end(channel, false, "the other end does not speak QMP");
		return;
	}
}

/* Deals with every whole line in the buffer. False: the channel is gone. */
static bool consume(struct ph_qmp_channel *channel)
{
	bool destroyed = false, *outer = channel->destroyed;
	size_t at = 0;
	channel->destroyed = &destroyed;
	while (!channel->over) {
		size_t used;
		size_t length =
		    qmp_codec_find_line(channel->buffer + at, channel->buffered - at, &used);
		if (length == SIZE_MAX) {
			break;
		}
		struct ph_qmp_message message;
		qmp_codec_decode(&message, channel->buffer + at, length);
		at += used;
		if (length > 0) {
			dispatch(channel, &message);
		}
		qmp_codec_finish(&message);
		if (destroyed) {
			if (outer) {
				*outer = true;
			}
			return false;
		}
	}
	channel->destroyed = outer;
	channel->buffered -= at;
	memmove(channel->buffer, channel->buffer + at, channel->buffered);
	return true;
}

static int handle_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct ph_qmp_channel *channel = userdata;
	if (revents & EPOLLOUT) {
		flush(channel);
	}
	if (channel->room - channel->buffered < READ_SIZE) {
		channel->room = channel->buffered + READ_SIZE;
		channel->buffer = alloc_array(channel->buffer, channel->room, 1);
	}
	ssize_t n = recv(fd, channel->buffer + channel->buffered, channel->room - channel->buffered,
	    MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		arm(channel);
		return 0;
	}
	if (n <= 0) {
		end(channel, true, "QEMU closed its control connection");
		return 0;
	}
	channel->buffered += (size_t)n;
	if (!consume(channel)) {
		return 0;
	}
	if (channel->buffered > PH_QMP_LINE_MAX) {
		end(channel, false, "the other end does not speak QMP");
		return 0;
	}
	if (!channel->over) {
		arm(channel);
	}
	return 0;
}

static int handle_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ph_qmp_channel *channel = userdata;
	uint64_t now = usec;
	sd_event_now(channel->event, CLOCK_MONOTONIC, &now);
	if (!channel->greeted && now >= channel->greeting_deadline) {
		end(channel, false,
		    "QEMU does not answer on its control socket; it hangs, or another "
		    "program holds the connection");
		return 0;
	}
	bool destroyed = false;
	channel->destroyed = &destroyed;
	for (size_t i = 0; i < channel->queued && !channel->over;) {
		struct command late = channel->queue[i];
		if (late.deadline > now) {
			i++;
			continue;
		}
		if (late.text && late.sent > 0) {
			/* half a command cannot be taken back */
			end(channel, false, "QEMU stopped reading its control socket");
			if (destroyed) {
				return 0;
			}
			break;
		}
		remove_command(channel, i);
		if (late.reply) {
			late.reply(late.data, NULL);
		}
		if (destroyed) {
			return 0;
		}
		i = 0;
	}
	channel->destroyed = NULL;
	if (!channel->over) {
		arm(channel);
	}
	return 0;
}

struct ph_qmp_channel *qmp_channel_create(
    sd_event *event, int fd, uint64_t deadline_us, const struct ph_qmp_events *events, void *data)
{
	struct ph_qmp_channel *channel = alloc_zero(sizeof(*channel));
	channel->fd = fd;
	channel->event = sd_event_ref(event);
	channel->events = events;
	channel->data = data;
	uint64_t now = 0;
	sd_event_now(event, CLOCK_MONOTONIC, &now);
	channel->deadline_us = deadline_us;
	channel->greeting_deadline = now + deadline_us;
	int r = sd_event_add_io(event, &channel->io, fd, EPOLLIN, handle_io, channel);
	if (r >= 0) {
		/* before the news of QEMU's end, which come another way: it said why here */
		r = sd_event_source_set_priority(channel->io, SD_EVENT_PRIORITY_NORMAL - 10);
	}
	if (r >= 0) {
		r = sd_event_add_time(event, &channel->timer, CLOCK_MONOTONIC,
		    channel->greeting_deadline, 1000, handle_deadline, channel);
	}
	if (r < 0) {
		errno = -r;
		log_errno("the control connection cannot be watched");
		qmp_channel_destroy(channel);
		return NULL;
	}
	return channel;
}

void qmp_channel_destroy(struct ph_qmp_channel *channel)
{
	if (!channel) {
		return;
	}
	if (channel->destroyed) {
		*channel->destroyed = true;
	}
	while (channel->queued) {
		remove_command(channel, channel->queued - 1);
	}
	qmp_codec_finish(&channel->greeting);
	sd_event_source_disable_unref(channel->io);
	sd_event_source_disable_unref(channel->timer);
	sd_event_unref(channel->event);
	close(channel->fd);
	free(channel->buffer);
	free(channel);
}
