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
#include <wlr/backend/session.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "host_input.h"
#include "keyboard.h"
#include "listener.h"
#include "lock_picture.h"
#include "locker.h"
#include "logind.h"
#include "notice_screen.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"

/* An output that takes no frame shows none either: the locker waits so long, ms. */
#define BLANK_DEADLINE_MS 1000
#define BLACK ((const float[4]){0, 0, 0, 1}) /* until it is placed */
/* A locker that has not locked after so long never will, ms; a busy computer takes a second or two. */
#define LOCKER_PATIENCE_MS 8000

/* What the lock has on one output. */
struct ph_lock_output {
	struct wl_list link; /* ph_lock.outputs */
	struct ph_session *session;
	struct wlr_output *wlr_output;
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *cover;
	struct wlr_scene_buffer *message; /* instead of a surface, when there is no locker */
	struct wlr_session_lock_surface_v1 *surface; /* NULL: the locker has none here */
	int message_width, message_height;           /* pixels that message was drawn for */
	bool committed, blank; /* a frame without anything of the session was sent, and is seen */
	uint32_t commit_seq;

	struct wl_listener commit;
	struct wl_listener present;
	struct wl_listener destroy;
	struct wl_listener surface_map;
	struct wl_listener surface_destroy;
};

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

/* --- blank outputs */

/* Tells the locker once nothing of the session is on any output. */
static void tell_when_blank(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;
	struct ph_lock_output *output;
	bool seen = !session->wlr_session || session->wlr_session->active;

	wl_list_for_each(output, &lock->outputs, link) {
		if (seen && output->wlr_output->enabled && !output->blank) {
			return;
		}
	}
	wl_event_source_timer_update(lock->deadline, 0);
	if (lock->current && !lock->told) {
		wlr_session_lock_v1_send_locked(lock->current);
	}
	lock->told = true;
}

static int handle_deadline(void *data)
{
	struct ph_session *session = data;
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (output->wlr_output->enabled && !output->blank) {
			wlr_log(WLR_ERROR, "lock: output %s has shown no frame for %d ms; not waiting for it",
			    output->wlr_output->name, BLANK_DEADLINE_MS);
			output->blank = true;
		}
	}
	tell_when_blank(session);
	return 0;
}

/* Tells the locker when that is so, and in any case soon. */
static void wait_for_blank(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;

	if (!lock->deadline) {
		lock->deadline = wl_event_loop_add_timer(session->loop, handle_deadline, session);
		if (!lock->deadline) {
			abort();
		}
	}
	wl_event_source_timer_update(lock->deadline, BLANK_DEADLINE_MS);
	tell_when_blank(session);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, commit);
	const struct wlr_output_event_commit *event = data;

	if (!output->committed && (event->state->committed & WLR_OUTPUT_STATE_BUFFER)) {
		output->committed = true;
		output->commit_seq = output->wlr_output->commit_seq;
	}
}

static void handle_present(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, present);
	const struct wlr_output_event_present *event = data;

	/* Sequence numbers wrap: what counts is the distance. */
	if (output->committed && !output->blank && event->presented &&
	    (int32_t)(event->commit_seq - output->commit_seq) >= 0) {
		output->blank = true;
		tell_when_blank(output->session);
	}
}

/* --- what is on an output */

static void draw_message(struct ph_lock_output *output, const struct wlr_box *box)
{
	const struct ph_lock *lock = &output->session->lock;
	bool wanted = !lock->current;
	int width, height;

	wlr_scene_node_set_enabled(&output->message->node, wanted);
	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	if (!wanted || width < 1 || height < 1 ||
	    (width == output->message_width && height == output->message_height)) {
		return;
	}
	struct ph_pixmap *pixmap = pixmap_create_opaque(width, height);
	if (!pixmap) {
		return; /* the plain colour stays */
	}
	cairo_t *cr = cairo_create(pixmap->surface);
	lock_picture_draw(cr, &output->session->home.theme, lock->problem, width, height,
	    (double)output->wlr_output->scale);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	wlr_scene_buffer_set_buffer(output->message, &pixmap->base);
	wlr_scene_buffer_set_dest_size(output->message, box->width, box->height);
	wlr_buffer_drop(&pixmap->base);
	output->message_width = width;
	output->message_height = height;
}

/* As the message's ground: nothing flashes when a locker comes or goes. */
static void paint_cover(struct ph_lock_output *output)
{
	uint32_t ground = output->session->home.theme.ground;
	float colour[4] = {0, 0, 0, 1};

	for (unsigned i = 0; i < 3; i++) {
		colour[i] = (float)(ground >> (16 - 8 * i) & 0xff) / 255;
	}
	wlr_scene_rect_set_color(output->cover, colour);
}

static void place(struct ph_lock_output *output)
{
	struct wlr_box box;

	wlr_output_layout_get_box(output->session->outputs.layout, output->wlr_output, &box);
	wlr_scene_node_set_enabled(&output->tree->node, box.width > 0);
	if (box.width < 1 || box.height < 1) {
		return;
	}
	wlr_scene_node_set_position(&output->tree->node, box.x, box.y);
	wlr_scene_rect_set_size(output->cover, box.width, box.height);
	paint_cover(output);
	draw_message(output, &box);
	if (output->surface && (!output->surface->configured ||
				   output->surface->pending.width != (uint32_t)box.width ||
				   output->surface->pending.height != (uint32_t)box.height)) {
		wlr_session_lock_surface_v1_configure(
		    output->surface, (uint32_t)box.width, (uint32_t)box.height);
	}
}

static void forget_output(struct ph_lock_output *output)
{
	listener_disconnect(&output->commit);
	listener_disconnect(&output->present);
	listener_disconnect(&output->destroy);
	listener_disconnect(&output->surface_map);
	listener_disconnect(&output->surface_destroy);
	wl_list_remove(&output->link);
	wlr_scene_node_destroy(&output->tree->node);
	free(output);
}

static void handle_output_destroy(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, destroy);
	struct ph_session *session = output->session;

	forget_output(output);
	if (!session->stopping) {
		tell_when_blank(session);
	}
}

static struct ph_lock_output *find_output(
    struct ph_session *session, const struct wlr_output *wlr_output)
{
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (output->wlr_output == wlr_output) {
			return output;
		}
	}
	return NULL;
}

static void add_output(struct ph_session *session, struct wlr_output *wlr_output)
{
	struct ph_lock_output *output = calloc(1, sizeof(*output));

	if (!output) {
		abort();
	}
	output->session = session;
	output->wlr_output = wlr_output;
	output->tree = wlr_scene_tree_create(session->tree_lock);
	output->cover = output->tree ? wlr_scene_rect_create(output->tree, 1, 1, BLACK) : NULL;
	output->message = output->cover ? wlr_scene_buffer_create(output->tree, NULL) : NULL;
	if (!output->message) {
		abort();
	}
	wl_list_insert(&session->lock.outputs, &output->link);
	listener_connect(&wlr_output->events.commit, &output->commit, handle_commit);
	listener_connect(&wlr_output->events.present, &output->present, handle_present);
	listener_connect(&wlr_output->events.destroy, &output->destroy, handle_output_destroy);
	/* An output without anything new to show must present that, too. */
	wlr_output_schedule_frame(wlr_output);
}

void lock_arrange(struct ph_session *session)
{
	struct ph_output *output;

	if (!session->lock.locked) {
		return;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		struct ph_lock_output *lock_output = find_output(session, output->wlr_output);
		if (!lock_output) {
			add_output(session, output->wlr_output);
			lock_output = find_output(session, output->wlr_output);
		}
		place(lock_output);
	}
}

/* --- locking and unlocking */

void lock_redraw(struct ph_session *session)
{
	struct ph_lock_output *output;

	wl_list_for_each(output, &session->lock.outputs, link) {
		output->message_width = 0;
	}
	lock_arrange(session);
}

/* Says on the screen what a person who walks away must know. */
static void tell_problem(struct ph_session *session, const char *problem)
{
	struct ph_lock *lock = &session->lock;
	char text[512];

	snprintf(lock->problem, sizeof(lock->problem), "%s.", problem);
	lock->problem[0] = (char)toupper((unsigned char)lock->problem[0]);
	if (lock->locked) {
		lock_redraw(session);
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
	lock_arrange(session); /* that may have been put off, but the outputs are there already */
	wait_for_blank(session);
	logind_set_locked(session, true);
	wlr_log(WLR_INFO, "lock: the session is locked");
}

static void unlock_now(struct ph_session *session)
{
	struct ph_lock *lock = &session->lock;
	struct ph_lock_output *output, *next;

	lock->locked = lock->told = lock->demanded = false;
	remove_file(session);
	keyboards_set_locked(session, false);
	host_input_reset_pointer(session);
	keyboards_set_locked(session, false);
	wl_list_for_each_safe(output, next, &lock->outputs, link) {
		forget_output(output);
	}
	wl_event_source_timer_update(lock->deadline, 0);
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

void lock_force(struct ph_session *session)
{
	if (!session->lock.locked) {
		session->lock.spent = session->lock.demanded = true;
		set_patience(session, 0);
		give_up(session, "the program that asks for the password has not locked the session in time");
	}
}

static void handle_surface_map(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, surface_map);
	arrange(output->session);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct ph_lock_output *output = wl_container_of(listener, output, surface_destroy);

	listener_disconnect(&output->surface_map);
	listener_disconnect(&output->surface_destroy);
	output->surface = NULL; /* its scene tree goes by itself */
	if (!output->session->stopping) {
		arrange(output->session);
	}
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, lock.new_surface);
	struct wlr_session_lock_surface_v1 *surface = data;
	struct ph_lock_output *output = find_output(session, surface->output);

	if (!output || output->surface) {
		return;
	}
	if (!wlr_scene_subsurface_tree_create(output->tree, surface->surface)) {
		abort();
	}
	output->surface = surface;
	listener_connect(&surface->surface->events.map, &output->surface_map, handle_surface_map);
	listener_connect(&surface->events.destroy, &output->surface_destroy, handle_surface_destroy);
	place(output);
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
		wait_for_blank(session);
	} else {
		lock_now(session);
	}
}

/* --- the locker */

/* Who has had its time and not locked, or has unlocked and hangs, is in nobody's way. */
static void drop_locker(struct ph_lock *lock)
{
	kill(lock->locker, SIGKILL);
	lock->dropped = lock->locker;
	lock->locker = 0;
}

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

struct wlr_surface *lock_surface(struct ph_session *session)
{
	struct ph_output *under =
	    outputs_at(session, session->seat.cursor->x, session->seat.cursor->y);
	struct ph_lock_output *output;
	struct wlr_surface *found = NULL;

	wl_list_for_each(output, &session->lock.outputs, link) {
		if (!output->surface || !output->surface->surface->mapped) {
			continue;
		}
		found = output->surface->surface;
		if (under && under->wlr_output == output->wlr_output) {
			break;
		}
	}
	return found;
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
	struct ph_lock_output *output, *next;

	listener_disconnect(&lock->new_lock);
	drop_current(lock);
	if (lock->outputs.next) {
		wl_list_for_each_safe(output, next, &lock->outputs, link) {
			forget_output(output);
		}
	}
	if (lock->deadline) {
		wl_event_source_remove(lock->deadline);
	}
	if (lock->patience) {
		wl_event_source_remove(lock->patience);
	}
	/* Whoever logs in again has been asked for the password. */
	if (session->logged_out) {
		remove_file(session);
	}
}
