// SPDX-License-Identifier: MIT
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent_talk.h"
#include "alloc.h"
#include "deadline.h"

#define LOG_MODULE "agent"
#include "log.h"

#define READ_SIZE 4096
#define ACCURACY_US 10000

struct ph_agent {
	sd_event *event;
	ph_agent_connect connect;
	uint64_t deadline_us;
	ph_agent_finished finished;
	void *data;

	int fd; /* -1: not connected */
	sd_event_source *io;
	struct ph_deadline deadline;
	struct ph_agent_talk talk;
	size_t sent; /* of what is to be said */
	bool busy;   /* asked, not finished */
	bool again;  /* asked while busy */
};

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void disconnect(struct ph_agent *agent)
{
	agent->io = sd_event_source_disable_unref(agent->io);
	if (agent->fd >= 0) {
		close(agent->fd);
		agent->fd = -1;
	}
}

/* Only the end of the connection is looked for, unless something is asked. */
static void watch(struct ph_agent *agent)
{
	uint32_t events = 0;
	if (agent->busy) {
		events = EPOLLIN | (agent->sent < agent->talk.say_size ? (uint32_t)EPOLLOUT : 0);
	}
	sd_event_source_set_io_events(agent->io, events);
}

static void set_deadline(struct ph_agent *agent)
{
	uint64_t now = 0;
	sd_event_now(agent->event, CLOCK_MONOTONIC, &now);
	deadline_set(&agent->deadline, now + agent->deadline_us);
}

static void start(struct ph_agent *agent);

static void finish(struct ph_agent *agent, enum ph_agent_outcome outcome, const char *text)
{
	agent->busy = false;
	deadline_set(&agent->deadline, UINT64_MAX);
	if (agent->fd >= 0) {
		watch(agent);
	}
	agent->finished(agent->data, outcome, text);
	if (agent->again && agent->fd >= 0) {
		start(agent);
	}
	agent->again = false;
}

static void lose(struct ph_agent *agent)
{
	disconnect(agent);
	if (agent->busy) {
		finish(agent, PH_AGENT_SILENT, "QEMU closed the agent's port");
	}
}

/* What cannot be sent now is when the socket has room. An error shows up as readable. */
static void flush(struct ph_agent *agent)
{
	const struct ph_agent_talk *talk = &agent->talk;
	while (agent->sent < talk->say_size) {
		ssize_t n = send(agent->fd, talk->say + agent->sent, talk->say_size - agent->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			break;
		}
		agent->sent += (size_t)n;
	}
	watch(agent);
}

static void say(struct ph_agent *agent)
{
	agent->sent = 0;
	set_deadline(agent);
	flush(agent);
}

static void hear(struct ph_agent *agent, const char *data, size_t size)
{
	switch (agent_talk_hear(&agent->talk, data, size, now_ns())) {
	case PH_AGENT_LISTEN:
		break;
	case PH_AGENT_SAY:
		say(agent);
		break;
	case PH_AGENT_DONE:
		finish(agent, PH_AGENT_RIGHT, agent->talk.text);
		break;
	case PH_AGENT_FAILED:
		finish(agent, PH_AGENT_WRONG, agent->talk.text);
		break;
	}
}

static int handle_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct ph_agent *agent = userdata;
	if (!agent->busy) {
		if (revents & (EPOLLHUP | EPOLLERR)) {
			lose(agent);
		}
		return 0;
	}
	if (revents & EPOLLOUT) {
		flush(agent);
	}
	if (!(revents & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
		return 0;
	}
	char data[READ_SIZE];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
	if (n > 0) {
		hear(agent, data, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		lose(agent);
	}
	return 0;
}

/* No such port, or a QEMU that is at its end: then there is nobody to be asked. */
static void connect_port(struct ph_agent *agent)
{
	agent->fd = agent->connect(agent->data);
	if (agent->fd < 0) {
		log_debug("no connection to the agent's port: %s", strerror(errno));
		return;
	}
	int r = sd_event_add_io(agent->event, &agent->io, agent->fd, 0, handle_io, agent);
	if (r < 0) {
		log_error("the agent's port cannot be watched: %s", strerror(-r));
		disconnect(agent);
	}
}

/* What QEMU has not yet taken goes with the connection: no agent that starts later hears it. */
static void handle_deadline(void *data)
{
	struct ph_agent *agent = data;
	if (!agent->busy) {
		return;
	}
	disconnect(agent);
	connect_port(agent);
	finish(agent, PH_AGENT_SILENT, "no guest agent answers");
}

static void start(struct ph_agent *agent)
{
	uint64_t id = 0;
	sd_event_now(agent->event, CLOCK_MONOTONIC, &id);
	/* by the microsecond, so that it is another one at each time and in each bridge */
	id = id > agent->talk.id ? id : agent->talk.id + 1;
	agent->busy = true;
	agent_talk_begin(&agent->talk, id);
	say(agent);
}

void agent_set_clock(struct ph_agent *agent)
{
	if (agent->fd < 0) {
		connect_port(agent);
	}
	if (agent->fd < 0) {
		return;
	}
	if (!agent->busy) {
		start(agent);
		return;
	}
	/* until the agent has answered at all, everything is still to come */
	agent->again = agent->talk.step != PH_AGENT_SYNC;
	set_deadline(agent);
}

struct ph_agent *agent_create(sd_event *event, ph_agent_connect connect, uint64_t deadline_us,
    ph_agent_finished finished, void *data)
{
	struct ph_agent *agent = alloc_zero(sizeof(*agent));
	agent->event = sd_event_ref(event);
	agent->connect = connect;
	agent->deadline_us = deadline_us;
	agent->finished = finished;
	agent->data = data;
	agent->fd = -1;
	int r = deadline_init(
	    &agent->deadline, event, ACCURACY_US, SD_EVENT_PRIORITY_NORMAL, handle_deadline, agent);
	if (r < 0) {
		log_error("no timer for the guest agent: %s", strerror(-r));
		agent_destroy(agent);
		return NULL;
	}
	connect_port(agent);
	return agent;
}

void agent_destroy(struct ph_agent *agent)
{
	if (!agent) {
		return;
	}
	disconnect(agent);
	deadline_finish(&agent->deadline);
	sd_event_unref(agent->event);
	free(agent);
}
