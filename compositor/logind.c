// SPDX-License-Identifier: MIT
#include "logind.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "backlight.h"
#include "lock.h"
#include "session.h"
#include "sleep.h"

#define SERVICE "org.freedesktop.login1"
#define MANAGER_PATH "/org/freedesktop/login1"
#define MANAGER SERVICE ".Manager"
#define OWN_SESSION_PATH MANAGER_PATH "/session/auto"
#define OWN_SESSION SERVICE ".Session"
#define BACKLIGHTS "/sys/class/backlight"

static bool has_bus(struct ph_session *session, const char *what)
{
	if (!session->logind.bus) {
		wlr_log(WLR_INFO, "logind: not there, so there is no %s", what);
	}
	return session->logind.bus != NULL;
}

/* What was asked for goes out now; the loop does the rest. */
static void flush(struct ph_session *session)
{
	while (sd_event_run(session->control.event, 0) > 0) {
	}
}

static int handle_done(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const sd_bus_error *problem = sd_bus_message_get_error(reply);

	if (problem) {
		wlr_log(WLR_ERROR, "logind: %s: %s", (const char *)data, problem->message);
	}
	return 0;
}

bool logind_brightness(struct ph_session *session, unsigned percent, bool up)
{
	struct ph_backlight backlight;

	if (!backlight_find(BACKLIGHTS, &backlight)) {
		return false;
	}
	if (!has_bus(session, "brightness")) {
		return false;
	}
	unsigned value = backlight_step(&backlight, percent, up);
	int status = sd_bus_call_method_async(session->logind.bus, NULL, SERVICE, OWN_SESSION_PATH,
	    OWN_SESSION, "SetBrightness", handle_done, (void *)"brightness", "ssu", "backlight",
	    backlight.name, value);
	if (status < 0) {
		wlr_log(WLR_ERROR, "logind: brightness: %s", strerror(-status));
	}
	flush(session);
	return status >= 0;
}

static void suspend(struct ph_session *session)
{
	int status = sd_bus_call_method_async(session->logind.bus, NULL, SERVICE, MANAGER_PATH, MANAGER,
	    "Suspend", handle_done, (void *)"suspend", "b", 0);

	if (status < 0) {
		wlr_log(WLR_ERROR, "logind: suspend: %s", strerror(-status));
	}
}

bool logind_suspend(struct ph_session *session)
{
	if (!has_bus(session, "suspend")) {
		return false;
	}
	suspend(session);
	flush(session);
	return true;
}

static int handle_sleep_key(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const char *action = "";

	if (!sd_bus_message_is_method_error(reply, NULL) &&
	    sd_bus_message_read(reply, "v", "s", &action) >= 0 && strcmp(action, "ignore") == 0) {
		suspend(data);
	}
	return 0;
}

void logind_sleep_key(struct ph_session *session)
{
	if (!has_bus(session, "suspend")) {
		return;
	}
	int status = sd_bus_call_method_async(session->logind.bus, NULL, SERVICE, MANAGER_PATH,
	    "org.freedesktop.DBus.Properties", "Get", handle_sleep_key, session, "ss", MANAGER,
	    "HandleSuspendKey");
	if (status < 0) {
		wlr_log(WLR_ERROR, "logind: sleep key: %s", strerror(-status));
	}
	flush(session);
}

/* --- before and after sleep */

bool logind_delays_sleep(const struct ph_session *session)
{
	return session->logind.bus && session->logind.delay_fd >= 0;
}

void logind_let_sleep(struct ph_session *session)
{
	if (logind_delays_sleep(session)) {
		close(session->logind.delay_fd);
		session->logind.delay_fd = -1;
	}
}

static int handle_inhibited(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct ph_session *session = data;
	int fd;

	if (sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "h", &fd) < 0) {
		wlr_log(WLR_INFO, "logind: does not wait for the lock before sleep");
		return 0;
	}
	if (session->logind.delay_fd < 0) {
		session->logind.delay_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
	return 0;
}

static void delay_sleep(struct ph_session *session)
{
	sd_bus_call_method_async(session->logind.bus, NULL, SERVICE, MANAGER_PATH, MANAGER, "Inhibit",
	    handle_inhibited, session, "ssss", "sleep", "Phyllome session",
	    "The session locks before the computer sleeps", "delay");
}

static void handle_awake(struct ph_session *session)
{
	sleep_end(session);
	if (!logind_delays_sleep(session)) {
		delay_sleep(session);
	}
}

static int handle_prepare_for_sleep(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct ph_session *session = data;
	int begins;

	if (sd_bus_message_read(message, "b", &begins) < 0) {
		return 0;
	}
	if (begins) {
		sleep_begin(session);
		return 0;
	}
	handle_awake(session);
	return 0;
}

static int handle_preparing(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	int preparing = 0;

	/* Without an answer it is not there, and then nobody puts the computer to sleep. */
	if (!sd_bus_message_is_method_error(reply, NULL)) {
		sd_bus_message_read(reply, "v", "b", &preparing);
	}
	if (!preparing) {
		handle_awake(data);
	}
	return 0;
}

/* At the start, and when logind is: it may have been said before that the computer is awake. */
static void ask_awake(struct ph_session *session)
{
	sd_bus_call_method_async(session->logind.bus, NULL, SERVICE, MANAGER_PATH,
	    "org.freedesktop.DBus.Properties", "Get", handle_preparing, session, "ss", MANAGER,
	    "PreparingForSleep");
}

static int handle_owner(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *name, *before, *now;

	if (sd_bus_message_read(message, "sss", &name, &before, &now) >= 0 && now[0]) {
		ask_awake(data);
	}
	return 0;
}

/* --- the lock */

/* loginctl lock-session. */
static int handle_lock(sd_bus_message *message, void *data, sd_bus_error *error)
{
	lock_demand(data);
	return 0;
}

/* loginctl unlock-session. */
static int handle_unlock(sd_bus_message *message, void *data, sd_bus_error *error)
{
	lock_release(data);
	return 0;
}

void logind_set_locked(struct ph_session *session, bool locked)
{
	struct ph_logind *logind = &session->logind;

	if (logind->bus && logind->path) {
		sd_bus_call_method_async(logind->bus, NULL, SERVICE, logind->path, OWN_SESSION,
		    "SetLockedHint", NULL, NULL, "b", locked);
		flush(session);
	}
}

/* --- */

/* The object of the login that we are part of: signals come from its real name only. */
static char *find_path(void)
{
	const char *environment = getenv("XDG_SESSION_ID");
	char *id = NULL, *path = NULL;

	if (environment && environment[0]) {
		id = strdup(environment);
	} else if (sd_pid_get_session(0, &id) < 0) {
		id = NULL;
	}
	if (id && sd_bus_path_encode(MANAGER_PATH "/session", id, &path) < 0) {
		path = NULL;
	}
	free(id);
	return path;
}

static int handle_disconnected(sd_bus_message *message, void *data, sd_bus_error *error)
{
	wlr_log(WLR_ERROR, "logind: the system bus is gone; the session does not lock before sleep any more");
	sleep_end(data); /* nobody else will say so */
	return 0;
}

static void watch(struct ph_session *session)
{
	struct ph_logind *logind = &session->logind;

	logind->path = find_path();
	if (logind->path) {
		sd_bus_match_signal_async(logind->bus, NULL, SERVICE, logind->path, OWN_SESSION, "Lock",
		    handle_lock, NULL, session);
		sd_bus_match_signal_async(logind->bus, NULL, SERVICE, logind->path, OWN_SESSION,
		    "Unlock", handle_unlock, NULL, session);
	}
	sd_bus_add_match_async(logind->bus, NULL,
	    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
	    "member='NameOwnerChanged',arg0='" SERVICE "'",
	    handle_owner, NULL, session);
	sd_bus_match_signal_async(logind->bus, NULL, "org.freedesktop.DBus.Local",
	    "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected",
	    handle_disconnected, NULL, session);
}

bool logind_init(struct ph_session *session)
{
	struct ph_logind *logind = &session->logind;
	int status;

	logind->delay_fd = -1;
	if ((status = sd_bus_open_system(&logind->bus)) < 0 ||
	    (status = sd_bus_attach_event(logind->bus, session->control.event, 0)) < 0 ||
	    (status = sd_bus_match_signal_async(logind->bus, NULL, SERVICE, MANAGER_PATH, MANAGER,
		 "PrepareForSleep", handle_prepare_for_sleep, NULL, session)) < 0) {
		wlr_log(WLR_INFO,
		    "logind: no system bus (%s): the session neither dims the screen nor locks before "
		    "sleep",
		    strerror(-status));
		logind->bus = sd_bus_close_unref(logind->bus);
		sleep_recover(session);
		sleep_end(session);
		return true;
	}
	sleep_recover(session);
	watch(session);
	if (session->sleep.begun) {
		ask_awake(session);
	} else {
		delay_sleep(session);
	}
	flush(session);
	return true;
}

void logind_finish(struct ph_session *session)
{
	struct ph_logind *logind = &session->logind;

	sleep_finish(session);
	if (logind->bus) {
		sd_bus_detach_event(logind->bus);
		logind->bus = sd_bus_close_unref(logind->bus);
		if (logind->delay_fd >= 0) {
			close(logind->delay_fd);
			logind->delay_fd = -1;
		}
	}
	free(logind->path);
	logind->path = NULL;
}
