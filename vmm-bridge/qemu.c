// SPDX-License-Identifier: MIT
#include "qemu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "alloc.h"
#include "qmp_channel.h"

#define LOG_MODULE "qemu"
#include "log.h"

/* After "quit", and after its control connection closed, QEMU has this long to end. */
#define END_DEADLINE_US ((uint64_t)5 * 1000 * 1000)

/* A QEMU whose queue of connections is full is asked again after that. */
#define CONNECT_RETRY_US ((uint64_t)100 * 1000)

struct ph_qemu {
	sd_event *event;
	struct ph_starter *starter; /* NULL once it is gone */
	struct ph_qemu_options options;
	const struct ph_qemu_events *events;
	void *data;
	struct ph_bridge_state state;
	bool compositor_dmabuf; /* of the last start */
	struct ph_monitor_names monitors; /* for the next one */

	bool there; /* running, or asked for */
	bool ours;  /* the starter is its parent and will tell its exit status */
	pid_t pid;
	int pidfd;
	sd_event_source *pidfd_source, *end_timer;
	sd_event_source *connect_timer; /* attaching: until the next try */
	uint64_t connect_until;
	enum ph_starter_peer peer; /* what is attached to */
	struct ph_qmp_channel *channel;
	struct ph_agent *agent; /* NULL: none, or not ready */
	bool left_alone; /* one that runs could not be worked with, and was not killed */
	bool has_agent; /* its socket is the one in our run-time directory, if there is one */
	bool ready;
	bool ending; /* the session */
	bool display_due; /* could not be asked for when it was to be */
	int display_fd;   /* our end, until QEMU took the other one; -1 */
};

static void run(struct ph_qemu *qemu, enum ph_bridge_do what);

static uint64_t now_us(struct ph_qemu *qemu)
{
	uint64_t now = 0;
	sd_event_now(qemu->event, CLOCK_MONOTONIC, &now);
	return now;
}

static void tell(struct ph_qemu *qemu)
{
	if (qemu->state.changed) {
		qemu->events->changed(qemu->data);
	}
}

static void drop_channel(struct ph_qemu *qemu)
{
	qmp_channel_destroy(qemu->channel);
	qemu->channel = NULL;
	agent_destroy(qemu->agent);
	qemu->agent = NULL;
	qemu->ready = false;
	qemu->display_due = false;
	if (qemu->display_fd >= 0) {
		close(qemu->display_fd);
		qemu->display_fd = -1;
	}
}

/* Forgets the process; it has ended, or is not ours to end. */
static void drop(struct ph_qemu *qemu)
{
	drop_channel(qemu);
	qemu->pidfd_source = sd_event_source_disable_unref(qemu->pidfd_source);
	qemu->end_timer = sd_event_source_disable_unref(qemu->end_timer);
	qemu->connect_timer = sd_event_source_disable_unref(qemu->connect_timer);
	if (qemu->pidfd >= 0) {
		close(qemu->pidfd);
		qemu->pidfd = -1;
	}
	qemu->pid = -1;
	qemu->there = false;
	qemu->events->gone(qemu->data);
}

static void handle_end(struct ph_qemu *qemu, const struct ph_exit *how)
{
	enum ph_bridge_do next = bridge_state_exited(&qemu->state, now_us(qemu), how);
	drop(qemu);
	tell(qemu);
	run(qemu, next);
}

/* One that is not our child has ended: its log is all that can tell why. */
static void ask_for_end(struct ph_qemu *qemu)
{
	if (qemu->starter) {
		starter_read_last_line(qemu->starter);
	} else {
		handle_end(qemu, &(struct ph_exit){.last_line = ""});
	}
}

static void kill_now(struct ph_qemu *qemu)
{
	if (qemu->starter) {
		starter_kill(qemu->starter);
	} else {
		log_error("QEMU cannot be killed: the bridge's helper process ended");
	}
}

static int handle_end_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ph_qemu *qemu = userdata;
	if (qemu->pidfd < 0) {
		/* nothing to kill it by, nothing to see it by */
		qemu->ours = false;
		ask_for_end(qemu);
		return 0;
	}
	log_info("QEMU did not end by itself and is killed");
	kill_now(qemu);
	return 0;
}

/* From now on QEMU has END_DEADLINE_US to end. */
static void expect_end(struct ph_qemu *qemu)
{
	if (qemu->end_timer) {
		return;
	}
	int r = sd_event_add_time_relative(qemu->event, &qemu->end_timer, CLOCK_MONOTONIC,
	    END_DEADLINE_US, 10000, handle_end_deadline, qemu);
	if (r < 0) {
		log_error("no timer for the end of QEMU: %s", strerror(-r));
		kill_now(qemu);
	}
}

/* QEMU cannot be worked with. One that we started is killed, another is left alone. */
static void give_up(struct ph_qemu *qemu, const char *reason)
{
	bridge_state_give_up(&qemu->state, reason);
	if (qemu->ours) {
		drop_channel(qemu);
		kill_now(qemu);
	} else {
		qemu->left_alone = true;
		drop(qemu);
	}
	tell(qemu);
}

static int handle_pidfd(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct ph_qemu *qemu = userdata;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	/* of our own child the starter tells more */
	if (!qemu->ours) {
		ask_for_end(qemu);
	}
	return 0;
}

static void watch_pidfd(struct ph_qemu *qemu, int pidfd)
{
	qemu->pidfd = pidfd;
	if (pidfd < 0) {
		return;
	}
	int r =
	    sd_event_add_io(qemu->event, &qemu->pidfd_source, pidfd, EPOLLIN, handle_pidfd, qemu);
	if (r < 0) {
		log_error("QEMU's process cannot be watched: %s", strerror(-r));
	}
}

static void handle_status(void *data, const struct ph_qmp_message *reply)
{
	struct ph_qemu *qemu = data;
	const char *status = reply ? qmp_codec_status(reply) : NULL;
	enum ph_bridge_do next;
	if (status) {
		next = bridge_state_status(&qemu->state, now_us(qemu), status);
	} else if (!reply) {
		next = bridge_state_silent(&qemu->state);
	} else {
		give_up(qemu, "QEMU does not tell its state");
		return;
	}
	tell(qemu);
	run(qemu, next);
	if (status && qemu->display_due) {
		qemu_open_display(qemu);
	}
}

static int connect_agent(void *data)
{
	struct ph_qemu *qemu = data;
	struct ph_starter_link link;
	errno = EPIPE;
	return qemu->starter && starter_connect(qemu->starter, PH_PEER_AGENT, &link) ? link.fd : -1;
}

static void handle_agent(void *data, enum ph_agent_outcome outcome, const char *text)
{
	switch (outcome) {
	case PH_AGENT_RIGHT:
		log_info("%s", text);
		break;
	case PH_AGENT_WRONG:
		log_error("%s", text);
		break;
	case PH_AGENT_SILENT:
		log_debug("the guest's clock is not set: %s", text);
		break;
	}
}

static void handle_ready(void *data, const struct ph_qmp_message *greeting)
{
	struct ph_qemu *qemu = data;
	log_info("QEMU %u.%u.%u answers, process %d", greeting->major, greeting->minor,
	    greeting->micro, (int)qemu->pid);
	if (greeting->major < PH_QEMU_MAJOR_MIN ||
	    (greeting->major == PH_QEMU_MAJOR_MIN && greeting->minor < PH_QEMU_MINOR_MIN)) {
		char reason[128];
		snprintf(reason, sizeof(reason),
		    "QEMU %u.%u is too old: at least %d.%d is needed; "
		    "update QEMU",
		    greeting->major, greeting->minor, PH_QEMU_MAJOR_MIN, PH_QEMU_MINOR_MIN);
		give_up(qemu, reason);
		return;
	}
	qemu->ready = true;
	if (qemu->has_agent) {
		qemu->agent = agent_create(
		    qemu->event, connect_agent, PH_AGENT_DEADLINE_US, handle_agent, qemu);
	}
	enum ph_bridge_do next = bridge_state_ready(&qemu->state);
	run(qemu, next);
	qemu_open_display(qemu);
}

static void handle_event(void *data, const struct ph_qmp_message *event)
{
	struct ph_qemu *qemu = data;
	enum ph_bridge_do next = bridge_state_event(&qemu->state, event);
	tell(qemu);
	run(qemu, next);
}

static void handle_closed(void *data, bool hung_up, const char *reason)
{
	struct ph_qemu *qemu = data;
	if (!hung_up) {
		give_up(qemu, reason);
		return;
	}
	log_debug("%s", reason);
	drop_channel(qemu);
	/* the process ends any moment now; if it does not, it is of no use */
	expect_end(qemu);
}

static const struct ph_qmp_events qmp_events = {
    .ready = handle_ready,
    .event = handle_event,
    .closed = handle_closed,
};

/* False: errno. */
static bool open_channel(struct ph_qemu *qemu, enum ph_starter_peer peer)
{
	struct ph_starter_link link;
	errno = EPIPE;
	if (!qemu->starter || !starter_connect(qemu->starter, peer, &link)) {
		return false;
	}
	if (!qemu->ours) {
		qemu->pid = link.pid;
		watch_pidfd(qemu, link.pidfd);
	} else if (link.pidfd >= 0) {
		close(link.pidfd); /* it came when QEMU was started */
	}
	qemu->channel =
	    qmp_channel_create(qemu->event, link.fd, qemu->options.deadline_us, &qmp_events, qemu);
	return qemu->channel != NULL;
}

static int handle_connect_timer(sd_event_source *source, uint64_t usec, void *userdata);

/* Connects, now or (where QEMU has not yet seen that others left) in a moment. */
static bool attach(struct ph_qemu *qemu)
{
	qemu->connect_timer = sd_event_source_disable_unref(qemu->connect_timer);
	if (open_channel(qemu, qemu->peer)) {
		log_info("attached to the QEMU that runs, process %d", (int)qemu->pid);
		return true;
	}
	if ((errno != EAGAIN && errno != ETIMEDOUT) || now_us(qemu) >= qemu->connect_until) {
		return false;
	}
	int r = sd_event_add_time_relative(qemu->event, &qemu->connect_timer, CLOCK_MONOTONIC,
	    CONNECT_RETRY_US, 1000, handle_connect_timer, qemu);
	return r >= 0;
}

static int handle_connect_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ph_qemu *qemu = userdata;
	if (!attach(qemu)) {
		char reason[256];
		snprintf(reason, sizeof(reason), "the QEMU that runs cannot be taken over: %s",
		    strerror(errno));
		give_up(qemu, reason);
	}
	return 0;
}

bool qemu_attach(struct ph_qemu *qemu, bool foreign)
{
	qemu->peer = foreign ? PH_PEER_ATTACH : PH_PEER_QEMU;
	qemu->ours = false;
	qemu->has_agent = !foreign;
	qemu->connect_until = now_us(qemu) + qemu->options.deadline_us;
	if (!attach(qemu)) {
		if (errno != ENOENT && errno != ECONNREFUSED) {
			log_errno("the QEMU that runs cannot be taken over");
		}
		return false;
	}
	qemu->there = true;
	bridge_state_attached(&qemu->state);
	return true;
}

void qemu_handle_started(struct ph_qemu *qemu, const struct ph_qemu_started *started, int pidfd)
{
	qemu->pid = started->pid;
	qemu->ours = true;
	qemu->has_agent = true;
	watch_pidfd(qemu, pidfd);
	log_info("started QEMU, process %d (%s, pictures %s)", (int)started->pid,
	    started->kvm ? "KVM" : "no KVM", started->gl ? "as dma-bufs" : "in shared memory");
	bridge_state_started(
	    &qemu->state, now_us(qemu), started->kvm, started->kvm_wished, started->note);
	tell(qemu);
	if (qemu->state.kill_asked) {
		kill_now(qemu);
	} else if (!open_channel(qemu, PH_PEER_QEMU)) {
		/* one that died already closed the socket: then its exit tells more */
		log_debug("%s: %s", PH_QEMU_SOCKET, strerror(errno));
		expect_end(qemu);
	}
}

void qemu_handle_failed(struct ph_qemu *qemu, const char *reason)
{
	log_error("%s", reason);
	bridge_state_failed(&qemu->state, reason);
	drop(qemu);
	tell(qemu);
}

void qemu_handle_exited(struct ph_qemu *qemu, int status, const char *last_line)
{
	if (qemu->there && qemu->ours) {
		handle_end(qemu,
		    &(struct ph_exit){.known = true, .status = status, .last_line = last_line});
	}
}

void qemu_handle_last_line(struct ph_qemu *qemu, const char *last_line)
{
	if (qemu->there && !qemu->ours) {
		handle_end(qemu, &(struct ph_exit){.last_line = last_line});
	}
}

void qemu_handle_starter_gone(struct ph_qemu *qemu)
{
	qemu->starter = NULL;
	if (qemu->there && qemu->pid < 0) {
		qemu_handle_failed(
		    qemu, "the bridge's helper process ended; start the bridge again");
	}
	/* init is its parent now: watch it like one that was attached to */
	qemu->ours = false;
}

static void handle_add_client(void *data, const struct ph_qmp_message *reply)
{
	struct ph_qemu *qemu = data;
	int fd = qemu->display_fd;
	qemu->display_fd = -1;
	if (fd < 0) {
		return;
	}
	if (!reply) {
		/* busy: what it makes of the old request later does no harm */
		log_info("QEMU does not answer; it is asked for its display again");
		close(fd);
		qemu_open_display(qemu);
		return;
	}
	if (reply->kind != PH_QMP_RETURN) {
		close(fd);
		bridge_state_refused(&qemu->state, "the display", reply->error);
		log_error("%s", qemu->state.reason);
		tell(qemu);
		return;
	}
	qemu->events->display(qemu->data, fd);
}

void qemu_open_display(struct ph_qemu *qemu)
{
	int fds[2];
	if (!qemu->ready || qemu->display_fd >= 0) {
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		log_errno("socketpair");
		return;
	}
	qemu->display_due = false;
	sd_json_variant *named = NULL, *client = NULL;
	if (sd_json_buildo(&named, SD_JSON_BUILD_PAIR_STRING("fdname", "phyllome-display")) < 0 ||
	    sd_json_buildo(&client, SD_JSON_BUILD_PAIR_STRING("protocol", "@dbus-display"),
		SD_JSON_BUILD_PAIR_STRING("fdname", "phyllome-display")) < 0) {
		abort();
	}
	qemu->display_fd = fds[0];
	/* an error of getfd is one of add_client too, which tells it */
	bool sent = qmp_channel_send(qemu->channel, "getfd", named, fds[1], NULL, NULL) &&
		    qmp_channel_send(qemu->channel, "add_client", sd_json_variant_ref(client), -1,
			handle_add_client, qemu);
	sd_json_variant_unref(client);
	if (!sent) {
		/* the queue is full: once QEMU answers again, see handle_status() */
		close(qemu->display_fd);
		qemu->display_fd = -1;
		qemu->display_due = true;
	}
}

static void handle_command_reply(void *data, const struct ph_qmp_message *reply)
{
	struct ph_qemu *qemu = data;
	if (!reply || reply->kind == PH_QMP_ERROR) {
		bridge_state_refused(
		    &qemu->state, "the command", reply ? reply->error : "no answer in time");
		tell(qemu);
	}
}

static void command(struct ph_qemu *qemu, const char *name)
{
	if (!qemu->ready ||
	    !qmp_channel_send(qemu->channel, name, NULL, -1, handle_command_reply, qemu)) {
		bridge_state_refused(&qemu->state, name, "it is not ready");
		tell(qemu);
	}
}

static void start(struct ph_qemu *qemu)
{
	if (!qemu->starter) {
		bridge_state_failed(
		    &qemu->state, "the bridge's helper process ended; start the bridge again");
		tell(qemu);
		return;
	}
	/* it would be in the way of another one; by now it may answer */
	bool retry = qemu->left_alone;
	qemu->left_alone = false;
	if (retry && qemu_attach(qemu, qemu->peer == PH_PEER_ATTACH)) {
		return;
	}
	qemu->there = true;
	qemu->ours = true;
	starter_start(qemu->starter, qemu->compositor_dmabuf, qemu->state.avoid_kvm, &qemu->monitors);
}

/* By "quit" where it listens, so that disks are in order; by force after a while. */
static void end(struct ph_qemu *qemu)
{
	if (qemu->ready && qmp_channel_send(qemu->channel, "quit", NULL, -1, NULL, NULL)) {
		expect_end(qemu);
	} else {
		kill_now(qemu);
	}
}

static void run(struct ph_qemu *qemu, enum ph_bridge_do what)
{
	switch (what) {
	case PH_DO_NOTHING:
		break;
	case PH_DO_START:
		if (!qemu->ending) {
			start(qemu);
		}
		break;
	case PH_DO_POWERDOWN:
		command(qemu, "system_powerdown");
		break;
	case PH_DO_RESET:
		command(qemu, "system_reset");
		break;
	case PH_DO_KILL:
		end(qemu);
		break;
	case PH_DO_PAUSE:
		command(qemu, "stop");
		break;
	case PH_DO_RESUME:
		command(qemu, "cont");
		break;
	case PH_DO_WAKEUP:
		command(qemu, "system_wakeup");
		break;
	case PH_DO_QUERY:
		if (qemu->ready) {
			qmp_channel_send(
			    qemu->channel, "query-status", NULL, -1, handle_status, qemu);
		}
		break;
	case PH_DO_SET_CLOCK:
		if (qemu->agent) {
			agent_set_clock(qemu->agent);
		}
		break;
	}
}

void qemu_begin_end(struct ph_qemu *qemu)
{
	qemu->ending = true;
	if (!qemu->there && qemu->left_alone) {
		qemu->left_alone = false;
		qemu_attach(qemu, qemu->peer == PH_PEER_ATTACH);
	}
}

void qemu_name_monitor(struct ph_qemu *qemu, uint32_t console, const char *name)
{
	monitor_names_set(&qemu->monitors, console, name);
}

void qemu_act(struct ph_qemu *qemu, enum ph_guest_action action, bool compositor_dmabuf)
{
	if (action == PH_ACTION_START && qemu->there) {
		bridge_state_refused(&qemu->state, "start", "the QEMU before it still ends");
		tell(qemu);
		return;
	}
	qemu->compositor_dmabuf = compositor_dmabuf;
	enum ph_bridge_do what = bridge_state_act(&qemu->state, action);
	tell(qemu);
	run(qemu, what);
}

struct ph_bridge_state *qemu_state(struct ph_qemu *qemu)
{
	return &qemu->state;
}

bool qemu_is_there(const struct ph_qemu *qemu)
{
	return qemu->there;
}

struct ph_qemu *qemu_create(sd_event *event, struct ph_starter *starter,
    const struct ph_qemu_options *options, const struct ph_qemu_events *events, void *data)
{
	struct ph_qemu *qemu = alloc_zero(sizeof(*qemu));
	qemu->event = sd_event_ref(event);
	qemu->starter = starter;
	qemu->options = *options;
	if (!qemu->options.deadline_us) {
		qemu->options.deadline_us = PH_QMP_DEADLINE_US;
	}
	qemu->events = events;
	qemu->data = data;
	qemu->pid = -1;
	qemu->pidfd = -1;
	qemu->display_fd = -1;
	bridge_state_init(&qemu->state);
	return qemu;
}

void qemu_destroy(struct ph_qemu *qemu)
{
	if (!qemu) {
		return;
	}
	drop_channel(qemu);
	sd_event_source_disable_unref(qemu->pidfd_source);
	sd_event_source_disable_unref(qemu->end_timer);
	sd_event_source_disable_unref(qemu->connect_timer);
	if (qemu->pidfd >= 0) {
		close(qemu->pidfd);
	}
	sd_event_unref(qemu->event);
	free(qemu);
}
