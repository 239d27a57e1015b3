// SPDX-License-Identifier: MIT
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "alloc.h"
#include "display_channel.h"
#include "qemu.h"
#include "sandbox.h"
#include "screen.h"
#include "starter.h"
#include "startup.h"
#include "wl_client.h"

#include "phyllome-guest-v1-client-protocol.h"

#define LOG_MODULE "bridge"
#include "log.h"

#define RETRY_FIRST_US ((uint64_t)100 * 1000)
#define RETRY_LAST_US ((uint64_t)5 * 1000 * 1000)
/* With --start: how long the compositor may take to tell what it can show. */
#define START_WAIT_US ((uint64_t)2 * 1000 * 1000)
/* A guest that was told to power down is cut off after this. */
#define POWERDOWN_US ((uint64_t)20 * 1000 * 1000)
/* What a guest may not have heard is said again after this. */
#define POWERDOWN_AGAIN_US ((uint64_t)2 * 1000 * 1000)

struct bridge {
	const struct ph_bridge_options *options;
	struct ph_starter_options helper;
	struct ph_starter *starter;
	int lock_fd;
	sd_event *event;
	struct ph_qemu *qemu;
	struct ph_screen *screen;
	struct ph_display *display;
	sd_event_source *display_timer; /* until the display is asked for again */
	uint64_t display_retry_us;

	struct ph_wl_client *client;
	bool client_ready;
	sd_event_source *client_timer; /* until the next try to connect */
	sd_event_source *client_end;   /* the client is to be destroyed, outside of its callbacks */
	uint64_t client_retry_us;
	bool client_missed; /* said once that there is no compositor */
	enum ph_guest_state announced;

	bool start_due; /* --start, and not started yet */
	sd_event_source *start_timer;
	bool ending;
	uint64_t end_left_us; /* until the guest is cut off */
	bool pressed;         /* its power button, at the end */
	bool slept;           /* when it was told to end */
	sd_event_source *end_timer;
	int exit_code;
};

static void find_compositor(struct bridge *bridge);

/* (Re)arms *source as a timer. Without one the bridge cannot go on: it ends. */
static void set_timer(struct bridge *bridge, sd_event_source **source, uint64_t delay_us,
    sd_event_time_handler_t handler)
{
	*source = sd_event_source_disable_unref(*source);
	int r = sd_event_add_time_relative(
	    bridge->event, source, CLOCK_MONOTONIC, delay_us, 1000, handler, bridge);
	if (r < 0) {
		log_error("no timer: %s", strerror(-r));
		sd_event_exit(bridge->event, PH_EXIT_LOOP);
	}
}

static uint64_t next_retry(uint64_t *retry_us)
{
	uint64_t now = *retry_us ? *retry_us : RETRY_FIRST_US;
	/* in small steps: a compositor that was started again is waited for by a person */
	*retry_us = now + now / 4 > RETRY_LAST_US ? RETRY_LAST_US : now + now / 4;
	return now;
}

/* The compositor side. */

static void announce(struct bridge *bridge)
{
	const struct ph_bridge_state *state = qemu_state(bridge->qemu);
	if (!bridge->client_ready) {
		return;
	}
	bool was_alive =
	    bridge->announced == PH_GUEST_RUNNING || bridge->announced == PH_GUEST_PAUSED;
	if (was_alive && state->state == PH_GUEST_STARTING) {
		/* the wire knows no way from alive to starting but through lost */
		wl_client_set_state(bridge->client, PHYLLOME_GUEST_V1_STATE_LOST, state->reason);
	}
	wl_client_set_state(
	    bridge->client, (enum phyllome_guest_v1_state)state->state, state->reason);
	bridge->announced = state->state;
}

static void start_guest(struct bridge *bridge)
{
	bridge->start_due = false;
	bridge->start_timer = sd_event_source_disable_unref(bridge->start_timer);
	qemu_act(bridge->qemu, PH_ACTION_START,
	    bridge->client_ready && wl_client_has_dmabuf(bridge->client));
}

static void handle_client_ready(void *data)
{
	struct bridge *bridge = data;
	log_info("connected to the compositor%s",
	    wl_client_has_dmabuf(bridge->client) ? "" : ", which takes no dma-bufs");
	bridge->client_ready = true;
	bridge->client_missed = false;
	bridge->client_retry_us = 0;
	bridge->announced = PH_GUEST_OFF;
	announce(bridge);
	screen_set_client(bridge->screen, bridge->client);
	if (bridge->start_due) {
		start_guest(bridge);
	}
}

static void drop_client(struct bridge *bridge)
{
	screen_set_client(bridge->screen, NULL);
	wl_client_destroy(bridge->client);
	bridge->client = NULL;
	bridge->client_ready = false;
}

static int handle_client_timer(sd_event_source *source, uint64_t usec, void *data)
{
	find_compositor(data);
	return 0;
}

static int handle_client_end(sd_event_source *source, void *data)
{
	struct bridge *bridge = data;
	bridge->client_end = sd_event_source_disable_unref(bridge->client_end);
	drop_client(bridge);
	set_timer(bridge, &bridge->client_timer, next_retry(&bridge->client_retry_us),
	    handle_client_timer);
	return 0;
}

static void handle_client_lost(void *data, const char *reason)
{
	struct bridge *bridge = data;
	if (bridge->client_end) {
		return;
	}
	log_info("the compositor is gone: %s", reason);
	bridge->client_ready = false;
	if (sd_event_add_defer(bridge->event, &bridge->client_end, handle_client_end, bridge) < 0) {
		sd_event_exit(bridge->event, PH_EXIT_LOOP);
	}
}

static void handle_client_action(void *data, uint32_t action)
{
	struct bridge *bridge = data;
	if (bridge->ending) {
		return;
	}
	log_info("action %u", action);
	qemu_act(bridge->qemu, (enum ph_guest_action)action, wl_client_has_dmabuf(bridge->client));
}

static void handle_client_monitor(void *data, uint32_t console, const char *name)
{
	struct bridge *bridge = data;
	qemu_name_monitor(bridge->qemu, console, name);
}

static const struct ph_wl_client_events client_events = {
    .ready = handle_client_ready,
    .lost = handle_client_lost,
    .action = handle_client_action,
    .monitor = handle_client_monitor,
};

/* The token first, then the connection; neither without the helper, at the end. */
static void find_compositor(struct bridge *bridge)
{
	bridge->client_timer = sd_event_source_disable_unref(bridge->client_timer);
	if (bridge->starter) {
		starter_read_token(bridge->starter);
	}
}

static void handle_token(void *data, const char *token, const char *reason)
{
	struct bridge *bridge = data;
	struct ph_starter_link link;
	if (bridge->client) {
		return;
	}
	if (token && starter_connect(bridge->starter, PH_PEER_COMPOSITOR, &link)) {
		bridge->client =
		    wl_client_create(bridge->event, link.fd, token, &client_events, bridge);
	} else if (!bridge->client_missed) {
		bridge->client_missed = true;
		log_info("no compositor yet (%s%s%s); trying again until there is one",
		    token ? bridge->options->socket_path : reason, token ? ": " : "",
		    token ? strerror(errno) : "");
	}
	if (bridge->client) {
		return;
	}
	set_timer(bridge, &bridge->client_timer, next_retry(&bridge->client_retry_us),
	    handle_client_timer);
}

/* The guest's side. */

static void handle_state_changed(void *data)
{
	struct bridge *bridge = data;
	struct ph_bridge_state *state = qemu_state(bridge->qemu);
	state->changed = false;
	log_info("guest %s%s%s", bridge_state_name(state->state), state->reason[0] ? ": " : "",
	    state->reason);
	announce(bridge);
}

static void drop_display(struct bridge *bridge)
{
	bridge->display_timer = sd_event_source_disable_unref(bridge->display_timer);
	if (bridge->display) {
		screen_set_display(bridge->screen, NULL);
		display_destroy(bridge->display);
		bridge->display = NULL;
	}
}

static int handle_display_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct bridge *bridge = data;
	bridge->display_timer = sd_event_source_disable_unref(bridge->display_timer);
	qemu_open_display(bridge->qemu);
	return 0;
}

static void handle_display_closed(void *data, const char *reason)
{
	struct bridge *bridge = data;
	log_info("the display is gone: %s", reason);
	drop_display(bridge);
	/* if it went with its QEMU, that one's end stops the timer */
	set_timer(bridge, &bridge->display_timer, next_retry(&bridge->display_retry_us),
	    handle_display_timer);
}

static void handle_display(void *data, int fd)
{
	struct bridge *bridge = data;
	drop_display(bridge);
	bridge->display =
	    display_channel_create(bridge->event, fd, screen_display_events(), bridge->screen);
	if (bridge->display) {
		screen_set_display(bridge->screen, bridge->display);
	} else {
		set_timer(bridge, &bridge->display_timer, next_retry(&bridge->display_retry_us),
		    handle_display_timer);
	}
}

static void handle_qemu_gone(void *data)
{
	struct bridge *bridge = data;
	drop_display(bridge);
	bridge->display_retry_us = 0;
	if (bridge->ending) {
		sd_event_exit(bridge->event, PH_EXIT_OK);
	}
}

static const struct ph_qemu_events qemu_events = {
    .changed = handle_state_changed,
    .display = handle_display,
    .gone = handle_qemu_gone,
};

static void handle_started(void *data, const struct ph_qemu_started *started, int pidfd)
{
	struct bridge *bridge = data;
	qemu_handle_started(bridge->qemu, started, pidfd);
}

static void handle_failed(void *data, const char *reason)
{
	struct bridge *bridge = data;
	qemu_handle_failed(bridge->qemu, reason);
}

static void handle_exited(void *data, int status, const char *last_line)
{
	struct bridge *bridge = data;
	qemu_handle_exited(bridge->qemu, status, last_line);
}

static void handle_last_line(void *data, const char *last_line)
{
	struct bridge *bridge = data;
	qemu_handle_last_line(bridge->qemu, last_line);
}

/* Without it nothing new can be opened or started: another bridge takes the guest up. */
static void handle_starter_gone(void *data)
{
	struct bridge *bridge = data;
	log_error("the helper process ended; the guest goes on, and needs a new bridge");
	starter_destroy(bridge->starter);
	bridge->starter = NULL;
	qemu_handle_starter_gone(bridge->qemu);
	if (!bridge->ending) {
		sd_event_exit(bridge->event, PH_EXIT_HELPER);
	}
}

static const struct ph_starter_events starter_events = {
    .started = handle_started,
    .failed = handle_failed,
    .exited = handle_exited,
    .token = handle_token,
    .last_line = handle_last_line,
    .gone = handle_starter_gone,
};

/* The end of the session. */

static void cut_off(struct bridge *bridge)
{
	qemu_act(bridge->qemu, PH_ACTION_KILL, false);
	if (!qemu_is_there(bridge->qemu)) {
		sd_event_exit(bridge->event, PH_EXIT_OK);
	}
}

/*
 * Only a guest that runs can power down: one that was stopped goes on, as often as it stops
 * (its disk may still have no space). One that is woken is deaf until its system has set up
 * its power button again, so it is pressed until the guest is off; others take it once.
 */
static void power_down(struct bridge *bridge)
{
	const struct ph_bridge_state *state = qemu_state(bridge->qemu);
	if (state->state == PH_GUEST_PAUSED) {
		bridge->slept = bridge->slept || state->asleep;
		qemu_act(bridge->qemu, PH_ACTION_RESUME, false);
	} else if (state->state != PH_GUEST_RUNNING) {
		return; /* a QEMU that has not told its state yet */
	}
	if (!bridge->pressed || bridge->slept) {
		bridge->pressed = true;
		qemu_act(bridge->qemu, PH_ACTION_POWERDOWN, false);
	}
}

static int handle_end_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct bridge *bridge = data;
	bridge->end_left_us -= POWERDOWN_AGAIN_US;
	if (bridge->end_left_us == 0) {
		log_info("the guest did not power down in time");
		cut_off(bridge);
		return 0;
	}
	/* one that was just booting has not heard it */
	bridge->pressed = bridge->pressed && bridge->end_left_us != POWERDOWN_US / 2;
	power_down(bridge);
	set_timer(bridge, &bridge->end_timer, POWERDOWN_AGAIN_US, handle_end_timer);
	return 0;
}

/*
 * One that is just being started has nothing to lose; a lost one cannot be reached. Of one that was
 * taken over it is not known yet.
 */
static bool can_power_down(const struct ph_bridge_state *state)
{
	return state->attached ||
	       (state->state != PH_GUEST_STARTING && state->state != PH_GUEST_LOST);
}

static int handle_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct bridge *bridge = data;
	/* the others come from several sides when the computer shuts down, and mean one thing */
	bool again = bridge->ending && info->ssi_signo == SIGINT;
	if (bridge->ending && !again) {
		return 0;
	}
	bridge->ending = true;
	qemu_begin_end(bridge->qemu);
	if (!qemu_is_there(bridge->qemu)) {
		sd_event_exit(bridge->event, PH_EXIT_OK);
	} else if (again || !can_power_down(qemu_state(bridge->qemu))) {
		cut_off(bridge);
	} else {
		log_info("told to end: the guest is powered down");
		bridge->end_left_us = POWERDOWN_US;
		set_timer(bridge, &bridge->end_timer, POWERDOWN_AGAIN_US, handle_end_timer);
		power_down(bridge);
	}
	return 0;
}

static int handle_start_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct bridge *bridge = data;
	if (bridge->start_due) {
		start_guest(bridge);
	}
	return 0;
}

/* Start-up, in order. */

static bool init_runtime(void *data)
{
	struct bridge *bridge = data;
	const char *runtime = bridge->options->runtime;
	struct stat status;
	if (mkdir(runtime, 0700) < 0 && errno != EEXIST) {
		log_errno("the run-time directory cannot be made: %s", runtime);
		return false;
	}
	if (stat(runtime, &status) < 0 || !S_ISDIR(status.st_mode) ||
	    access(runtime, W_OK | X_OK) < 0) {
		log_error("%s: a directory that can be written to is needed", runtime);
		return false;
	}
	if (status.st_uid != geteuid() || (status.st_mode & 0077)) {
		log_error("%s: must belong to you and be closed to others (mode 0700)", runtime);
		return false;
	}
	return true;
}

static bool init_starter(void *data)
{
	struct bridge *bridge = data;
	bridge->starter = starter_create(&bridge->helper);
	return bridge->starter != NULL;
}

static void finish_starter(void *data)
{
	struct bridge *bridge = data;
	starter_destroy(bridge->starter);
	bridge->starter = NULL;
}

/* After the starter, so that it has no part in the lock and outlives us harmlessly. */
static bool init_lock(void *data)
{
	struct bridge *bridge = data;
	char *path = alloc_format("%s/bridge.lock", bridge->options->runtime);
	bridge->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool ok = bridge->lock_fd >= 0 && flock(bridge->lock_fd, LOCK_EX | LOCK_NB) == 0;
	if (!ok && bridge->lock_fd >= 0 && errno == EWOULDBLOCK) {
		log_error("another bridge serves this guest (it holds %s); end it first", path);
		bridge->exit_code = PH_EXIT_TAKEN;
	} else if (!ok) {
		log_errno("%s", path);
	}
	if (!ok && bridge->lock_fd >= 0) {
		close(bridge->lock_fd);
	}
	free(path);
	return ok;
}

static void finish_lock(void *data)
{
	struct bridge *bridge = data;
	close(bridge->lock_fd);
}

static bool init_loop(void *data)
{
	struct bridge *bridge = data;
	signal(SIGPIPE, SIG_IGN);
	int r = sd_event_new(&bridge->event);
	if (r >= 0) {
		r = sd_event_add_signal(bridge->event, NULL, SIGTERM, handle_signal, bridge);
	}
	if (r >= 0) {
		r = sd_event_add_signal(bridge->event, NULL, SIGINT, handle_signal, bridge);
	}
	if (r >= 0) {
		r = sd_event_add_signal(bridge->event, NULL, SIGHUP, handle_signal, bridge);
	}
	if (r < 0) {
		log_error("no event loop: %s", strerror(-r));
		bridge->event = sd_event_unref(bridge->event);
	}
	return r >= 0;
}

static void finish_loop(void *data)
{
	struct bridge *bridge = data;
	bridge->event = sd_event_unref(bridge->event);
}

static bool init_qemu(void *data)
{
	struct bridge *bridge = data;
	if (!starter_attach(bridge->starter, bridge->event, &starter_events, bridge)) {
		return false;
	}
	struct ph_qemu_options options = {
	    .runtime = bridge->options->runtime,
	    .deadline_us = bridge->options->deadline_us,
	};
	bridge->qemu = qemu_create(bridge->event, bridge->starter, &options, &qemu_events, bridge);
	return true;
}

static void finish_qemu(void *data)
{
	struct bridge *bridge = data;
	qemu_destroy(bridge->qemu);
	bridge->end_timer = sd_event_source_disable_unref(bridge->end_timer);
	bridge->start_timer = sd_event_source_disable_unref(bridge->start_timer);
}

static bool init_screen(void *data)
{
	struct bridge *bridge = data;
	bridge->screen = screen_create(bridge->event, handle_display_closed, bridge);
	return bridge->screen != NULL;
}

static void finish_screen(void *data)
{
	struct bridge *bridge = data;
	drop_display(bridge);
	bridge->client_timer = sd_event_source_disable_unref(bridge->client_timer);
	bridge->client_end = sd_event_source_disable_unref(bridge->client_end);
	if (bridge->client) {
		drop_client(bridge);
	}
	screen_destroy(bridge->screen);
}

static bool init_sandbox(void *data)
{
	return sandbox_enter();
}

static const struct ph_startup_step steps[] = {
    {"run-time directory", init_runtime, NULL},
    {"helper process", init_starter, finish_starter},
    {"lock", init_lock, finish_lock},
    {"event loop", init_loop, finish_loop},
    {"control", init_qemu, finish_qemu},
    {"screen", init_screen, finish_screen},
    {"sandbox", init_sandbox, NULL},
};

#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

size_t bridge_step_count(void)
{
	return STEP_COUNT;
}

/* All is set up: look for what there is on both sides. */
static void begin(struct bridge *bridge)
{
	const struct ph_bridge_options *options = bridge->options;
	char *own = alloc_format("%s/" PH_QEMU_SOCKET, options->runtime);
	bool foreign = options->attach && strcmp(options->attach, own) != 0;
	bool attached = qemu_attach(bridge->qemu, foreign);
	free(own);
	if (!attached && options->attach) {
		char reason[512];
		snprintf(reason, sizeof(reason), "no QEMU answers at %s", options->attach);
		qemu_handle_failed(bridge->qemu, reason);
	}
	if (!attached && options->start) {
		bridge->start_due = true;
		set_timer(bridge, &bridge->start_timer, START_WAIT_US, handle_start_timer);
	}
	find_compositor(bridge);
}

/* From the beginning: who is told to end while it starts ends its guest's QEMU, too. */
static void block_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

int bridge_run(const struct ph_bridge_options *options)
{
	block_signals();
	struct bridge bridge = {
	    .options = options,
	    .helper = {.guest = {.guest_dir = options->guest_dir,
			   .guest_id = options->guest_id,
			   .runtime = options->runtime,
			   .explain = options->verbose},
		.compositor_socket = options->socket_path,
		.attach_socket = options->attach},
	    .lock_fd = -1,
	    .exit_code = PH_EXIT_STARTUP,
	};
	size_t done = startup_run(steps, STEP_COUNT, &bridge, options->fail_step);
	if (done < STEP_COUNT) {
		return bridge.exit_code;
	}
	begin(&bridge);
	int r = sd_event_loop(bridge.event);
	if (r < 0) {
		log_error("the event loop failed: %s", strerror(-r));
		r = PH_EXIT_LOOP;
	}
	startup_finish(steps, STEP_COUNT, &bridge);
	return r;
}
