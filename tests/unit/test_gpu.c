// SPDX-License-Identifier: MIT
#include "gpu.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <wlr/render/interface.h>
#include <wlr/render/wlr_renderer.h>

#include "globals.h"
#include "gpu_probe.h"
#include "renderer.h"
#include "session.h"
#include "sockets.h"
#include "test.h"

/*
 * The start with drivers that answer, and with others. The driver is the test's: what is
 * defined here stands in for wlroots' own choice of a renderer, and for what follows it.
 */

enum driver {
	DRIVER_WORKS,
	DRIVER_FAILS, /* and says so */
	DRIVER_DIES,
	DRIVER_HANGS,
};

#define FORMAT 0x34325258 /* XR24 */
#define MODIFIER 0x0102030405060708
#define PATIENCE_MS 60000

static struct {
	enum driver driver;
	bool no_globals;
	pid_t process;
	bool works, given_up;
	struct ph_gpu_abilities abilities;
	int learned, globals, opened, failed, told;
} bench;

static const struct wlr_drm_format_set *get_texture_formats(struct wlr_renderer *renderer, uint32_t caps)
{
	static struct wlr_drm_format_set set;

	if (set.len == 0) {
		wlr_drm_format_set_add(&set, FORMAT, MODIFIER);
		wlr_drm_format_set_add(&set, FORMAT, 0);
	}
	return &set;
}

static struct wlr_render_pass *begin_pass(struct wlr_renderer *renderer, struct wlr_buffer *buffer,
    const struct wlr_buffer_pass_options *options)
{
	return NULL;
}

static const struct wlr_renderer_impl driver_impl = {
    .get_texture_formats = get_texture_formats,
    .begin_buffer_pass = begin_pass,
};

struct wlr_renderer *wlr_renderer_autocreate(struct wlr_backend *backend)
{
	static struct wlr_renderer renderer;

	switch (bench.driver) {
	case DRIVER_WORKS:
		wlr_renderer_init(&renderer, &driver_impl, WLR_BUFFER_CAP_DMABUF);
		renderer.features.timeline = true;
		return &renderer;
	case DRIVER_FAILS:
		break;
	case DRIVER_DIES:
		kill(getpid(), SIGKILL);
		break;
	case DRIVER_HANGS:
		for (;;) {
			pause();
		}
	}
	return NULL;
}

int renderer_probe_fd(const struct ph_renderer *renderer)
{
	return renderer->probe.fd;
}

void renderer_learn(struct ph_renderer *renderer)
{
	bench.learned++;
	bench.works = !bench.given_up && gpu_probe_finish(&renderer->probe, &bench.abilities);
}

void renderer_give_up_gpu(struct ph_renderer *renderer)
{
	gpu_probe_cancel(&renderer->probe);
	bench.given_up = true;
}

bool globals_init_gpu(struct ph_session *session)
{
	bench.globals++;
	return !bench.no_globals;
}

bool sockets_open_guests(struct ph_session *session)
{
	bench.opened++;
	return true;
}

void session_fail(struct ph_session *session)
{
	bench.failed++;
}

void session_tell_supervisor(struct ph_session *session)
{
	bench.told++;
}

/* Starts with that driver, until it is known what the GPU can do. */
static void start_with(enum driver driver, bool no_globals)
{
	struct ph_session *session = calloc(1, sizeof(*session));
	struct ph_renderer *renderer = calloc(1, sizeof(*renderer));
	const uint64_t end = test_now_us() + (uint64_t)PATIENCE_MS * 1000;

	memset(&bench, 0, sizeof(bench));
	bench.driver = driver;
	bench.no_globals = no_globals;
	check(session && renderer);
	session->render = renderer;
	session->loop = wl_event_loop_create();
	check(gpu_probe_start(&renderer->probe, NULL));
	bench.process = renderer->probe.pid;
	session->gpu.answer_ms = 300;
	check(gpu_init(session));
	check(!session->gpu.known);
	check_int(bench.opened, 0);
	while (!session->gpu.known && test_now_us() < end) {
		wl_event_loop_dispatch(session->loop, 1000);
	}
	check(session->gpu.known);
	check(!session->gpu.answer && !session->gpu.deadline);
	check_int(bench.learned, 1);
	check_int(bench.globals, 1);
	/* Nothing is left of the process, and nothing more comes. */
	check_int(kill(bench.process, 0), -1);
	check_int(errno, ESRCH);
	wl_event_loop_dispatch(session->loop, 0);
	check_int(bench.learned, 1);
	wl_event_loop_destroy(session->loop);
	free(renderer);
	free(session);
}

static void check_without_gpu(void)
{
	check(!bench.works);
	check_int(bench.opened, 1);
	check_int(bench.told, 1);
	check_int(bench.failed, 0);
}

TEST_TIMEOUT(driver_that_answers, 120)
{
	start_with(DRIVER_WORKS, false);
	check(bench.works);
	check(bench.abilities.timeline && !bench.abilities.input_color_transform);
	check(wlr_drm_format_set_has(&bench.abilities.textures, FORMAT, MODIFIER));
	check(wlr_drm_format_set_has(&bench.abilities.textures, FORMAT, 0));
	check(!wlr_drm_format_set_has(&bench.abilities.textures, FORMAT, 1));
	check_int(bench.opened, 1);
	check_int(bench.told, 1);
	wlr_drm_format_set_finish(&bench.abilities.textures);
}

TEST_TIMEOUT(driver_that_fails, 120)
{
	start_with(DRIVER_FAILS, false);
	check(!bench.given_up);
	check_without_gpu();
}

TEST_TIMEOUT(driver_that_dies, 120)
{
	start_with(DRIVER_DIES, false);
	check(!bench.given_up);
	check_without_gpu();
}

TEST_TIMEOUT(driver_that_does_not_answer, 120)
{
	start_with(DRIVER_HANGS, false);
	check(bench.given_up);
	check_without_gpu();
}

/* What is known late can only end the session. */
TEST_TIMEOUT(globals_that_cannot_be_offered, 120)
{
	start_with(DRIVER_FAILS, true);
	check_int(bench.failed, 1);
	check_int(bench.opened, 0);
	check_int(bench.told, 0);
}
