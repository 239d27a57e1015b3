// SPDX-License-Identifier: MIT
#include "bridge_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "guest.h"
#include "lock.h"
#include "session.h"
#include "spawn.h"

#define PROGRAM "phyllome-bridge"
/* Its exit status when another one serves the guest, see phyllome-bridge(1). */
#define BRIDGE_TAKEN 3
/* And when its event loop failed, or its helper process was killed: nothing is wrong with the guest. */
#define BRIDGE_LOOP 4
#define BRIDGE_HELPER 5

/* What a bridge and the machine that it starts may know of our environment. */
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_*", "TZ", "TMPDIR",
    "XDG_RUNTIME_DIR", "XDG_DATA_*", "XDG_CONFIG_*", "XDG_CACHE_HOME", "LIBGL_*", "GALLIUM_*",
    "MESA_*", "LIBVA_*", "VK_*", "EGL_*", "__EGL_*", "__GLX_*", "VREND_*", "VIRGL_*", "ASAN_OPTIONS",
    "UBSAN_OPTIONS", "LSAN_OPTIONS", NULL};

/*
 * The bridge's program: what PHYLLOME_BRIDGE says, the one beside this program,
 * the one in PATH. Written to path; the return value is what is to be started.
 */
static const char *find_program(char *path, size_t size)
{
	const char *chosen = getenv("PHYLLOME_BRIDGE");
	ssize_t length = readlink("/proc/self/exe", path, size - sizeof(PROGRAM) - 1);

	if (chosen && chosen[0]) {
		return chosen;
	}
	if (length <= 0) {
		return PROGRAM;
	}
	path[length] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash) {
		return PROGRAM;
	}
	snprintf(slash + 1, size - (size_t)(slash + 1 - path), "%s", PROGRAM);
	return access(path, X_OK) == 0 ? path : PROGRAM;
}

static void lose(struct ph_guest *guest, const char *reason)
{
	guest->wanted = false;
	guest_set_state(guest, PH_GUEST_LOST, reason);
}

void bridge_process_start(struct ph_guest *guest)
{
	char path[4096], log_path[4096];
	const char *argv[] = {
	    find_program(path, sizeof(path)), "--socket", guest->session->sockets.guests_path, guest->dir, NULL};
	char **env = spawn_env_create(environ, passed, NULL);
	snprintf(log_path, sizeof(log_path), "%s/bridge.log", guest->runtime);
	struct ph_spawn spawn = {
	    .argv = argv,
	    .env = (const char *const *)env,
	    .log_path = log_path,
	};

	pid_t pid = spawn_program(&spawn);
	if (pid < 0) {
		char reason[1024];
		spawn_explain(&spawn, errno, reason, sizeof(reason));
		lose(guest, reason);
	} else {
		guest->bridge = pid;
		guest->bridge_started_us = session_time_us();
		wlr_log(WLR_INFO, "guest %s: started its bridge, process %d", guest->id, (int)pid);
	}
	spawn_env_destroy(env);
}

/* The last line that the bridge logged: it says why it ended. Written to line, cut to its size. */
static void read_last_line(const struct ph_guest *guest, char *line, size_t size)
{
	char path[4096], tail[1024];
	snprintf(path, sizeof(path), "%s/bridge.log", guest->runtime);
	FILE *file = fopen(path, "re");

	snprintf(line, size, "see %.*s", (int)size - 5, path);
	if (!file) {
		return;
	}
	if (fseek(file, -(long)sizeof(tail) + 1, SEEK_END) < 0) {
		rewind(file);
	}
	size_t length = fread(tail, 1, sizeof(tail) - 1, file);
	fclose(file);
	while (length > 0 && tail[length - 1] == '\n') {
		length--;
	}
	tail[length] = '\0';
	char *start = strrchr(tail, '\n');
	if (length > 0) {
		snprintf(line, size, "%.*s", (int)size - 1, start ? start + 1 : tail);
	}
}

static int handle_respawn(void *data)
{
	struct ph_guest *guest = data;

	if (!guest->control && guest->bridge == 0) {
		bridge_process_start(guest);
	}
	return 0;
}

static void respawn_in(struct ph_guest *guest, uint32_t wait_ms)
{
	if (!guest->respawn) {
		guest->respawn = wl_event_loop_add_timer(guest->session->loop, handle_respawn, guest);
	}
	if (!guest->respawn) {
		wlr_log_errno(WLR_ERROR, "guest %s: no timer for its bridge", guest->id);
		return;
	}
	wl_event_source_timer_update(guest->respawn, (int)wait_ms);
}

void bridge_process_expect(struct ph_guest *guest)
{
	respawn_in(guest, 1000);
}

static void bridge_died(struct ph_guest *guest, int status)
{
	char line[512], reason[1024];
	uint64_t lived_ms = (session_time_us() - guest->bridge_started_us) / 1000;

	guest->bridge = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		return; /* it was asked to end */
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == BRIDGE_TAKEN) {
		wlr_log(WLR_INFO, "guest %s: another bridge serves it already", guest->id);
		return;
	}
	const char *why = WIFSIGNALED(status)                 ? strsignal(WTERMSIG(status))
			  : WEXITSTATUS(status) == BRIDGE_HELPER ? "the death of its helper"
			  : WEXITSTATUS(status) == BRIDGE_LOOP   ? "a failure of its event loop"
								 : NULL;
	if (why) {
		/* The machine goes on without it: a new bridge takes it up again. */
		uint32_t wait_ms = spawn_backoff_next(&guest->backoff, lived_ms);
		wlr_log(WLR_ERROR, "guest %s: its bridge was ended by %s; a new one starts in %u ms",
		    guest->id, why, wait_ms);
		respawn_in(guest, wait_ms);
		return;
	}
	/* It ended on purpose and has said why: the same would happen again. */
	read_last_line(guest, line, sizeof(line));
	snprintf(reason, sizeof(reason), "%s", line);
	if (guest->respawn) {
		wl_event_source_timer_update(guest->respawn, 0);
	}
	lose(guest, reason);
}

static int handle_child(int signal_number, void *data)
{
	struct ph_session *session = data;
	struct ph_guest *guest;
	int status;

	lock_reap(session);
	host_programs_reap(session);
	/* Only our own: libraries may have children too. */
	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->bridge > 0 && waitpid(guest->bridge, &status, WNOHANG) == guest->bridge) {
			bridge_died(guest, status);
		}
	}
	return 0;
}

bool bridge_processes_init(struct ph_session *session)
{
	session->guests.reap =
	    wl_event_loop_add_signal(session->loop, SIGCHLD, handle_child, session);
	if (!session->guests.reap) {
		wlr_log_errno(WLR_ERROR, "start: cannot watch for ended bridges");
	}
	return session->guests.reap != NULL;
}

void bridge_processes_finish(struct ph_session *session)
{
	struct ph_guest *guest;

	if (session->guests.reap) {
		wl_event_source_remove(session->guests.reap);
	}
	if (!session->guests.list.next) {
		return;
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->respawn) {
			wl_event_source_remove(guest->respawn);
		}
	}
}
