// SPDX-License-Identifier: MIT
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_output.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "globals.h"
#include "guest_protocol.h"
#include "listener.h"
#include "pointer.h"
#include "renderer.h"
#include "screens.h"

static bool init_runtime(struct ph_session *session)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	struct stat status;

	if (!base || base[0] != '/') {
		wlr_log(WLR_ERROR, "start: XDG_RUNTIME_DIR is %s; log in through logind, or set it to "
				   "a private directory of yours",
		    base ? "not an absolute path" : "not set");
		return false;
	}
	if (asprintf(&session->runtime, "%s/phyllome", base) < 0) {
		abort();
	}
	if (mkdir(session->runtime, 0700) < 0 && errno != EEXIST) {
		wlr_log_errno(WLR_ERROR, "start: cannot make %s", session->runtime);
		return false;
	}
	/* Tokens and sockets live here: somebody else's directory would hand them out. */
	if (stat(session->runtime, &status) < 0 || status.st_uid != getuid() ||
	    (status.st_mode & 077) != 0) {
		wlr_log(WLR_ERROR, "start: %s must belong to you and be closed to others (mode 0700)",
		    session->runtime);
		return false;
	}
	return true;
}

static void finish_runtime(struct ph_session *session)
{
	free(session->runtime);
}

static int handle_signal(int signal_number, void *data)
{
	struct ph_session *session = data;

	wlr_log(WLR_INFO, "session: ended by %s", strsignal(signal_number));
	session->ended = true;
	wl_display_terminate(session->display);
	return 0;
}

static bool init_display(struct ph_session *session)
{
	session->display = wl_display_create();
	if (!session->display) {
		wlr_log_errno(WLR_ERROR, "start: cannot make the Wayland display");
		return false;
	}
	/* A client that does not read must not make us forget its events at 4 KiB. */
	wl_display_set_default_max_buffer_size(session->display, 1024 * 1024);
	session->loop = wl_display_get_event_loop(session->display);
	session->signals[0] = wl_event_loop_add_signal(session->loop, SIGTERM, handle_signal, session);
	session->signals[1] = wl_event_loop_add_signal(session->loop, SIGINT, handle_signal, session);
	if (!session->signals[0] || !session->signals[1]) {
		wlr_log_errno(WLR_ERROR, "start: cannot watch for signals");
		return false;
	}
	return true;
}

static void finish_display(struct ph_session *session)
{
	for (size_t i = 0; i < 2; i++) {
		if (session->signals[i]) {
			wl_event_source_remove(session->signals[i]);
		}
	}
	if (session->display) {
		wl_display_destroy(session->display);
	}
}

/* Buffers of the other kind are allocated from now on. */
static void handle_memory_changed(void *data)
{
	struct ph_session *session = data;
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		wlr_output_init_render(output->wlr_output, session->allocator, session->renderer);
		wlr_output_schedule_frame(output->wlr_output);
	}
	arrange_later(session);
}

/* What our shaders have drawn is on the GPU. */
static bool handle_gpu_release(bool lost, void *data)
{
	struct ph_session *session = data;
	struct ph_output *output;

	if (!lost && guests_are_scaled(session)) {
		return false;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		if (lost) {
			/* What is on the screen may be gone, though nobody has changed it. */
			wlr_output_update_needs_frame(output->wlr_output);
		}
	}
	scaler_finish(session);
	guests_release_scaled(session);
	return true;
}

static bool init_renderer(struct ph_session *session)
{
	session->render = renderer_create(&(struct ph_renderer_options){
	    .backend = session->backend,
	    .loop = session->loop,
	    .changed = handle_memory_changed,
	    .release = handle_gpu_release,
	    .data = session,
	});
	if (!session->render) {
		wlr_log(WLR_ERROR, "start: no renderer works here; try WLR_RENDERER=pixman, which needs "
				   "no GPU");
		return false;
	}
	session->renderer = &session->render->base;
	session->allocator = &session->render->allocator;
	return true;
}

static void finish_renderer(struct ph_session *session)
{
	if (session->render) {
		scaler_finish(session);
	}
	renderer_destroy(session->render);
}

static bool init_scene(struct ph_session *session)
{
	session->scene = wlr_scene_create();
	if (!session->scene) {
		wlr_log(WLR_ERROR, "start: out of memory for the scene");
		return false;
	}
	session->tree_session = wlr_scene_tree_create(&session->scene->tree);
	session->tree_lock = wlr_scene_tree_create(&session->scene->tree);
	if (!session->tree_session || !session->tree_lock) {
		return false;
	}
	struct wlr_scene_tree **parts[] = {
	    &session->tree_background,
	    &session->tree_home,
	    &session->tree_bottom,
	    &session->tree_guests,
	    &session->tree_edges,
	    &session->tree_views,
	    &session->tree_top,
	    &session->tree_overlay,
	    &session->tree_overview,
	    &session->tree_strip,
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] = wlr_scene_tree_create(session->tree_session);
		if (!*parts[i]) {
			return false;
		}
	}
	return true;
}

static void finish_scene(struct ph_session *session)
{
	if (session->scene) {
		wlr_scene_node_destroy(&session->scene->tree.node);
	}
}

/* Clients go first: their objects refer to everything that is undone after them. */
static void finish_clients(struct ph_session *session)
{
	wl_display_destroy_clients(session->display);
}

static bool init_clients(struct ph_session *session)
{
	return true;
}

static bool start_backend(struct ph_session *session)
{
	if (!wlr_backend_start(session->backend)) {
		wlr_log(WLR_ERROR, "start: the screen could not be taken over; does another session "
				   "hold it?");
		return false;
	}
	return true;
}

static bool show_first(struct ph_session *session)
{
	arrange_settle(session);
	if (lock_is_locked(session)) {
		lock_run(session);
	}
	bool started = guests_start_first(session);
	pointer_follow_focus(session);
	return started;
}

static const struct {
	const char *name;
	bool (*init)(struct ph_session *session);
	void (*finish)(struct ph_session *session); /* also after a failed init; may be NULL */
} steps[] = {
    {"runtime", init_runtime, finish_runtime},
    {"display", init_display, finish_display},
    {"config", config_file_init, config_file_finish},
    {"backend", backend_init, backend_finish},
    {"renderer", init_renderer, finish_renderer},
    {"scene", init_scene, finish_scene},
    {"placement", recall_init, recall_finish},
    {"monitors", output_plans_init, output_plans_finish},
    {"home", home_screen_init, home_screen_finish},
    {"outputs", outputs_init, outputs_finish},
    {"globals", globals_init, NULL},
    {"seat", seat_init, seat_finish},
    {"host-input", host_input_init, host_input_finish},
    {"idle", idle_init, idle_finish},
    {"output-power", output_power_init, output_power_finish},
    {"lock", lock_init, lock_finish},
    {"guests", guests_init, guests_finish},
    {"screens", screens_init, screens_finish},
    {"toplevels", toplevels_init, toplevels_finish},
    {"xdg-shell", xdg_shell_init, xdg_shell_finish},
    {"layer-shell", layer_shell_init, layer_shell_finish},
    {"protocol", guest_protocol_init, NULL},
    {"sockets", sockets_init, sockets_finish},
    {"control", control_init, control_finish},
    {"logind", logind_init, logind_finish},
    {"appearance", appearance_init, appearance_finish},
    {"host-programs", host_programs_init, host_programs_finish},
    {"idle-policy", idle_policy_init, idle_policy_finish},
    {"clients", init_clients, finish_clients},
    {"gpu", gpu_init, gpu_finish},
    {"start", start_backend, NULL},
    {"input", input_init, input_finish},
    {"first", show_first, NULL},
};
#define STEP_COUNT ((int)(sizeof(steps) / sizeof(steps[0])))

const char *session_step_name(size_t index)
{
	return index < (size_t)STEP_COUNT ? steps[index].name : NULL;
}

bool session_init(struct ph_session *session, const struct ph_options *options)
{
	memset(session, 0, sizeof(*session));
	session->options = *options;
	for (int i = 0; i < STEP_COUNT; i++) {
		bool fail = options->fail_at && strcmp(options->fail_at, steps[i].name) == 0;
		if (fail) {
			wlr_log(WLR_ERROR, "start: step %s made to fail, as asked for", steps[i].name);
		}
		bool done = steps[i].init(session) && !fail && !session->ended;
		session->started = i + 1;
		if (!done) {
			session_finish(session);
			return false;
		}
	}
	return true;
}

void session_tell_supervisor(struct ph_session *session)
{
	const char *supervisor = getenv("PHYLLOME_SUPERVISOR");

	if (session->gpu.known && supervisor && strtol(supervisor, NULL, 10) == getppid()) {
		kill(getppid(), SIGUSR1);
	}
}

bool session_run(struct ph_session *session)
{
	session_tell_supervisor(session);
	config_file_tell(session);
	/* What breaks during the start must not be forgotten by what runs now. */
	if (!session->failed) {
		wl_display_run(session->display);
	}
	session->logged_out = !session->failed;
	return !session->failed;
}

void session_fail(struct ph_session *session)
{
	session->failed = true;
	wl_display_terminate(session->display);
}

void session_finish(struct ph_session *session)
{
	session->stopping = true;
	while (session->started > 0) {
		session->started--;
		if (steps[session->started].finish) {
			steps[session->started].finish(session);
		}
	}
}

uint64_t session_time_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
