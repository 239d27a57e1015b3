// SPDX-License-Identifier: MIT
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "access.h"
#include "listener.h"
#include "session.h"

/*
 * So much memory with pictures may a bridge have in use. Sixteen monitors with all their
 * buffers need less; without a limit one bridge could use up all files that we may open,
 * and then no locker could be started, for one.
 */
#define BRIDGE_MEMORIES_MAX 1024

#define RETRY_MS 1000 /* while there is no file left for another connection */

/* Marks a client as one that came in by guests.sock. */
struct bridge_mark {
	struct wl_client *client;
	unsigned memories; /* resources of it that keep a file open */
	struct wl_listener resource_created;
	struct wl_listener destroy; /* late: when its resources are gone */
};

/* A resource that keeps a file open. */
struct memory {
	struct bridge_mark *mark;
	struct wl_listener destroy;
};

static void handle_memory_destroy(struct wl_listener *listener, void *data)
{
	struct memory *memory = wl_container_of(listener, memory, destroy);

	listener_disconnect(&memory->destroy);
	memory->mark->memories--;
	free(memory);
}

static bool keeps_file(struct wl_resource *resource)
{
	static const char *const classes[] = {"wl_buffer", "wl_shm_pool", "zwp_linux_buffer_params_v1"};
	const char *class = wl_resource_get_class(resource);

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strcmp(class, classes[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void handle_resource_created(struct wl_listener *listener, void *data)
{
	struct bridge_mark *mark = wl_container_of(listener, mark, resource_created);
	struct wl_resource *resource = data;

	if (!keeps_file(resource)) {
		return;
	}
	if (mark->memories == BRIDGE_MEMORIES_MAX) {
		wlr_log(WLR_ERROR, "guests.sock: a bridge wants more than %d buffers at once; it is disconnected",
		    BRIDGE_MEMORIES_MAX);
		wl_client_post_implementation_error(
		    mark->client, "more than %d buffers and pools at once", BRIDGE_MEMORIES_MAX);
		return;
	}
	struct memory *memory = calloc(1, sizeof(*memory));
	if (!memory) {
		abort();
	}
	memory->mark = mark;
	mark->memories++;
	memory->destroy.notify = handle_memory_destroy;
	wl_resource_add_destroy_listener(resource, &memory->destroy);
}

static void handle_client_destroy(struct wl_listener *listener, void *data)
{
	struct bridge_mark *mark = wl_container_of(listener, mark, destroy);

	listener_disconnect(&mark->resource_created);
	listener_disconnect(&mark->destroy);
	free(mark);
}

static enum ph_role role_of(const struct wl_client *client)
{
	struct wl_listener *mark = wl_client_get_destroy_late_listener(
	    (struct wl_client *)client, handle_client_destroy);
	return mark ? PH_ROLE_BRIDGE : PH_ROLE_HOST;
}

static bool filter_global(const struct wl_client *client, const struct wl_global *global, void *data)
{
	const char *interface = wl_global_get_interface(global)->name;

	if (!access_lists(interface)) {
		wlr_log(WLR_ERROR, "access: global %s has no row in the table; nobody may see it",
		    interface);
	}
	return access_allows(role_of(client), interface);
}

static int handle_retry(void *data)
{
	struct ph_session *session = data;

	wl_event_source_fd_update(session->sockets.guests_source, WL_EVENT_READABLE);
	return 0;
}

/* Who waits would wake us up again at once, for nothing. */
static void pause_guests(struct ph_session *session)
{
	struct ph_sockets *sockets = &session->sockets;

	if (!sockets->waiting) {
		wlr_log_errno(WLR_ERROR, "guests.sock: no bridge can connect until others leave");
	}
	sockets->waiting = true;
	wl_event_source_fd_update(sockets->guests_source, 0);
	wl_event_source_timer_update(sockets->guests_retry, RETRY_MS);
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct ph_session *session = data;
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (client_fd < 0) {
		/* It may have left again. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			pause_guests(session);
		}
		return 0;
	}
	session->sockets.waiting = false;
	struct bridge_mark *mark = calloc(1, sizeof(*mark));
	struct wl_client *client = mark ? wl_client_create(session->display, client_fd) : NULL;
	if (!client) {
		wlr_log_errno(WLR_ERROR, "guests.sock: a bridge could not connect");
		close(client_fd);
		free(mark);
		return 0;
	}
	/* The client has not been dispatched yet: it has the role before its first request. */
	mark->client = client;
	mark->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_late_listener(client, &mark->destroy);
	mark->resource_created.notify = handle_resource_created;
	wl_client_add_resource_created_listener(client, &mark->resource_created);
	return 0;
}

/* One session a run-time directory: otherwise bridges would not know whom they serve. */
static bool take_lock(struct ph_session *session)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/session.lock", session->runtime);
	session->sockets.lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (session->sockets.lock_fd < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot write %s", path);
		return false;
	}
	if (flock(session->sockets.lock_fd, LOCK_EX | LOCK_NB) < 0) {
		wlr_log(WLR_ERROR,
		    "start: another Phyllome session runs in %s; end it, or set XDG_RUNTIME_DIR to "
		    "another directory",
		    session->runtime);
		return false;
	}
	return true;
}

static bool listen_guests(struct ph_session *session)
{
	struct ph_sockets *sockets = &session->sockets;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (asprintf(&sockets->guests_path, "%s/guests.sock", session->runtime) < 0) {
		abort();
	}
	if (strlen(sockets->guests_path) >= sizeof(address.sun_path)) {
		wlr_log(WLR_ERROR, "start: the path %s is too long for a socket (%zu bytes at most); "
				   "use a shorter XDG_RUNTIME_DIR",
		    sockets->guests_path, sizeof(address.sun_path) - 1);
		return false;
	}
	strncpy(address.sun_path, sockets->guests_path, sizeof(address.sun_path) - 1);
	unlink(sockets->guests_path); /* of a session that was killed: the lock says it is gone */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(sockets->guests_path, 0600) < 0 || listen(fd, 64) < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot listen on %s", sockets->guests_path);
		if (fd >= 0) {
			close(fd);
		}
		return false;
	}
	sockets->guests_fd = fd;
	return true;
}

bool sockets_open_guests(struct ph_session *session)
{
	struct ph_sockets *sockets = &session->sockets;

	sockets->guests_source = wl_event_loop_add_fd(
	    session->loop, sockets->guests_fd, WL_EVENT_READABLE, handle_connection, session);
	sockets->guests_retry = wl_event_loop_add_timer(session->loop, handle_retry, session);
	if (!sockets->guests_source || !sockets->guests_retry) {
		wlr_log_errno(WLR_ERROR, "start: cannot wait for guests at %s", sockets->guests_path);
		return false;
	}
	return true;
}

bool sockets_init(struct ph_session *session)
{
	struct ph_sockets *sockets = &session->sockets;

	sockets->guests_fd = sockets->lock_fd = -1;
	wl_display_set_global_filter(session->display, filter_global, session);
	if (!take_lock(session) || !listen_guests(session)) {
		return false;
	}
	sockets->name = wl_display_add_socket_auto(session->display);
	if (!sockets->name) {
		wlr_log_errno(WLR_ERROR, "start: cannot open a Wayland socket in XDG_RUNTIME_DIR");
		return false;
	}
	/* For scripts that want to find the session of a run-time directory. */
	char path[4096];
	snprintf(path, sizeof(path), "%s/wayland-display", session->runtime);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%s\n", sockets->name) < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot write %s", path);
		close(fd);
		return false;
	}
	close(fd);
	sockets->name_written = true;
	wlr_log(WLR_INFO, "session: WAYLAND_DISPLAY=%s", sockets->name);
	return true;
}

void sockets_finish(struct ph_session *session)
{
	struct ph_sockets *sockets = &session->sockets;

	if (sockets->guests_source) {
		wl_event_source_remove(sockets->guests_source);
	}
	if (sockets->guests_retry) {
		wl_event_source_remove(sockets->guests_retry);
	}
	if (sockets->name_written) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/wayland-display", session->runtime);
		unlink(path);
	}
	if (sockets->guests_fd >= 0) {
		unlink(sockets->guests_path);
		close(sockets->guests_fd);
	}
	if (sockets->lock_fd >= 0) {
		close(sockets->lock_fd);
	}
	free(sockets->guests_path);
}
