// SPDX-License-Identifier: MIT
#include "lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "host_input.h"
#include "keyboard.h"
#include "listener.h"
#include "lock_output.h"
#include "locker.h"
#include "logind.h"
#include "notice_screen.h"
#include "session.h"

/* A locker that has not locked after so long never will, ms; a busy computer takes a second or two. */
#define LOCKER_PATIENCE_MS 8000

bool lock_is_locked(const struct ph_session *session)
{
	return session->lock.locked;
}

bool lock_is_complete(const struct ph_session *session)
{
	return session->lock.locked && session->lock.told;
}

/* --- the file that outlives the compositor */

static void file_path(const struct ph_session *session, char *path, size_t size)
{
	snprintf(path, size, "%s/locked", session->runtime);
}

static void write_file(struct ph_session *session)
{
	char path[4096];

	file_path(session, path, sizeof(path));
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		wlr_log_errno(WLR_ERROR, "lock: cannot write %s; a compositor that is started again would "
					 "not know that it is locked",
		    path);
		return;
	}
	close(fd);
}

static void remove_file(struct ph_session *session)
{
	char path[4096];

	file_path(session, path, sizeof(path));
	if (unlink(path) < 0 && errno != ENOENT) {
		wlr_log_errno(WLR_ERROR, "lock: cannot remove %s", path);
	}
}

/* --- locking and unlocking */

/* Says on the screen what a person who walks away must know. */
static void tell_problem(struct ph_session *session, const char *problem)
{
	struct ph_lock *lock = &session->lock;
	char text[512];

	snprintf(lock->problem, sizeof(lock->problem), "%s.", problem);
	lock->problem[0] = (char)toupper((unsigned char)lock->problem[0]);
	if (lock->locked) {
		lock_outputs_redraw(session);
	} else {
		snprintf(text, sizeof(text), "The session is NOT locked: %s.", problem);
		notice_show(session, text, NULL, NULL);
	}
}

/* From here on nothing of the session is drawn. */
static void lock_now(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;

	lock->locked = true;
	lock->told = false;
	write_file(session);
	keyboards_set_locked(session, true);
	host_input_reset_pointer(session);
	keyboards_set_locked(session, true);
	wlr_scene_node_set_enabled(&session->tree_session->node, false);
	wlr_scene_node_raise_to_top(&session->tree_lock->node);
	wlr_scene_node_set_enabled(&session->tree_lock->node, true);
	arrange(session);
	lock_outputs_arrange(session); /* that may have been put off, but the outputs are there already */
	lock_outputs_wait_blank(session);
	logind_set_locked(session, true);
	wlr_log(WLR_INFO, "lock: the session is locked");
}

static int handle_patience(void *data);

static void set_patience(struct ph_session *session, int ms)
{
	struct ph_lock *lock = &session->lock;

	if (!lock->patience) {
		lock->patience = wl_event_loop_add_timer(session->loop, handle_patience, session);
		if (!lock->patience) {
			abort();
		}
	}
	wl_event_source_timer_update(lock->patience, ms);
}

/* Who has had its time and not locked, or has unlocked and hangs, is in nobody's way. */
static void drop_locker(struct ph_lock *lock)
{
	kill(lock->locker, SIGKILL);
	lock->dropped = lock->locker;
	lock->locker = 0;
}

static void unlock_now(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;

	lock->locked = lock->told = lock->demanded = false;
	remove_file(session);
	keyboards_set_locked(session, false);
	host_input_reset_pointer(session);
	keyboards_set_locked(session, false);
	lock_outputs_forget(session);
	set_patience(session, 0);
	wlr_scene_node_set_enabled(&session->tree_lock->node, false);
	wlr_scene_node_set_enabled(&session->tree_session->node, true);
	logind_set_locked(session, false);
	lock->spent = true;
	wlr_log(WLR_INFO, "lock: the session is unlocked");
	arrange(session);
}

/* The locker does not lock, as problem says. */
static void give_up(struct ph_session *session, const char *problem)
{
	struct ph_lock *lock = &session->lock;
	const char *id = getenv("XDG_SESSION_ID");
	bool locks = lock->demanded && !lock->locked;
	char text[400];

	lock->demanded = false;
	wlr_log(WLR_ERROR, "lock: %s; the session is %s", problem,
	    lock->locked ? "locked, and stays so" : locks ? "locked without it" : "NOT locked");
	if (locks) {
		lock_now(session);
	}
	/* Enter alone does not help where the locker is missing, or broken. */
	if (lock->locked && session->logind.path && id && id[0]) {
		snprintf(text, sizeof(text),
		    "%s. To get in without it, log in on another virtual terminal (Ctrl+Alt+F3) and run "
		    "loginctl unlock-session %s",
		    problem, id);
		wlr_log(WLR_INFO, "lock: %s", text);
		problem = text;
	}
	tell_problem(session, problem);
}

void lock_release(struct ph_session *session)
{
	if (session->lock.locked && !session->lock.current) {
		wlr_log(WLR_INFO, "lock: unlocked by logind");
		if (session->lock.locker > 0) {
			drop_locker(&session->lock); /* it is too late for it to lock */
		}
		unlock_now(session);
	}
}

static int handle_patience(void *data)
{
	struct ph_session *session = data;
	char problem[128];

	if (!session->lock.current) {
		session->lock.spent = true;
		snprintf(problem, sizeof(problem),
		    "the program that asks for the password has not locked the session in %d seconds",
		    LOCKER_PATIENCE_MS / 1000);
		give_up(session, problem);
	}
	return 0;
}

void lock_force(struct ph_session *session)
{
	if (!session->lock.locked) {
		session->lock.spent = session->lock.demanded = true;
		set_patience(session, 0);
		give_up(session, "the program that asks for the password has not locked the session in time");
	}
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, lock.new_surface);
	lock_outputs_take(session, data);
}

static void drop_current(struct ph_lock *lock)
{
	listener_disconnect(&lock->new_surface);
	listener_disconnect(&lock->unlock);
	listener_disconnect(&lock->lock_destroy);
	lock->current = NULL;
}

static void handle_unlock(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, lock.unlock);

	drop_current(&session->lock);
	unlock_now(session);
}

/* The locker has gone without unlocking: it died, or a person killed it. */
static void handle_lock_destroy(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, lock.lock_destroy);
	struct ph_lock *lock = &session->lock;

	drop_current(lock);
	if (session->stopping) {
		return;
	}
	lock->spent = true; /* its process may be there still: a script that started it */
	give_up(session, "the program that asks for the password has ended");
}

static void handle_new_lock(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, lock.new_lock);
	struct ph_lock *lock = &session->lock;
	struct wlr_session_lock_v1 *wanted = data;

	if (lock->current) {
		wlr_log(WLR_INFO, "lock: another locker holds the lock; a second one is refused");
		wlr_session_lock_v1_destroy(wanted);
		return;
	}
	lock->current = wanted;
	lock->demanded = false;
	set_patience(session, 0);
	lock->problem[0] = '\0';
	listener_connect(&wanted->events.new_surface, &lock->new_surface, handle_new_surface);
	listener_connect(&wanted->events.unlock, &lock->unlock, handle_unlock);
	listener_connect(&wanted->events.destroy, &lock->lock_destroy, handle_lock_destroy);
	if (lock->locked) {
		wlr_log(WLR_INFO, "lock: a new locker takes over");
		lock->told = false;
		arrange(session);
		lock_outputs_wait_blank(session);
	} else {
		lock_now(session);
	}
}

/* --- the locker */

static void start_locker(struct ph_session *session, bool demanded)
{
	struct ph_lock *lock = &session->lock;
	char why[240];

	if (lock->current) {
		return;
	}
	lock->demanded = lock->demanded || demanded;
	if (lock->locker > 0 && !lock->spent) {
		return;
	}
	if (lock->locker > 0) {
		drop_locker(lock);
	}
	pid_t pid = locker_start(session, why, sizeof(why));
	if (pid < 0) {
		give_up(session, why);
	} else {
		lock->locker = pid;
		lock->spent = false;
		set_patience(session, LOCKER_PATIENCE_MS);
	}
}

void lock_run(struct ph_session *session)
{
	start_locker(session, false);
}

void lock_demand(struct ph_session *session)
{
	start_locker(session, true);
}

bool lock_reap(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;
	int status;

	if (lock->dropped > 0 && waitpid(lock->dropped, &status, WNOHANG) == lock->dropped) {
		lock->dropped = 0;
	}
	if (lock->locker <= 0 || waitpid(lock->locker, &status, WNOHANG) != lock->locker) {
		return false;
	}
	lock->locker = 0;
	/* With -f it ends at once, and well, when the session is locked, or has a moment left for that. */
	if (!lock->current && !lock->spent && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		char why[128];
		snprintf(why, sizeof(why), "the program that asks for the password has ended with %s %d",
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		set_patience(session, 0);
		if (!session->stopping) {
			give_up(session, why);
		}
	}
	return true;
}

void lock_ask_again(struct ph_session *session)
{
	if (session->lock.locked && !session->lock.current) {
		lock_run(session);
	}
}

/* --- */

bool lock_init(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;
	char path[4096];

	wl_list_init(&lock->outputs);
	wlr_scene_node_set_enabled(&session->tree_lock->node, false);
	lock->manager = wlr_session_lock_manager_v1_create(session->display);
	if (!lock->manager) {
		wlr_log(WLR_ERROR, "start: out of memory for the session lock");
		return false;
	}
	listener_connect(&lock->manager->events.new_lock, &lock->new_lock, handle_new_lock);
	file_path(session, path, sizeof(path));
	if (access(path, F_OK) == 0) {
		wlr_log(WLR_INFO, "lock: the compositor died locked; it stays locked");
		lock_now(session);
	}
	return true;
}

void lock_finish(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;

	listener_disconnect(&lock->new_lock);
	drop_current(lock);
	lock_outputs_finish(session);
	if (lock->patience) {
		wl_event_source_remove(lock->patience);
	}
	/* Whoever logs in again has been asked for the password. */
	if (session->logged_out) {
		remove_file(session);
	}
}
