// SPDX-License-Identifier: MIT
#include "gpu.h"

#include <wlr/util/log.h>

#include "globals.h"
#include "gpu_probe.h"
#include "renderer.h"
#include "session.h"
#include "sockets.h"

/* A slow disk has to read the driver; nothing else waits for it. */
#define ANSWER_MS 60000

static bool know(struct ph_session *session)
{
	gpu_finish(session);
	renderer_learn(session->render);
	session->gpu.known = true;
	return globals_init_gpu(session) && sockets_open_guests(session);
}

static void know_late(struct ph_session *session)
{
	if (!know(session)) {
		session_fail(session);
		return;
	}
	session_tell_supervisor(session);
}

static int handle_answer(int fd, uint32_t mask, void *data)
{
	wlr_log(WLR_DEBUG, "renderer: the GPU's driver has answered");
	know_late(data);
	return 0;
}

static int handle_deadline(void *data)
{
	struct ph_session *session = data;

	wlr_log(WLR_ERROR, "renderer: the GPU's driver does not answer within %d s",
	    session->gpu.answer_ms / 1000);
	renderer_give_up_gpu(session->render);
	know_late(data);
	return 0;
}

bool gpu_init(struct ph_session *session)
{
	struct ph_gpu *gpu = &session->gpu;
	int fd = renderer_probe_fd(session->render);

	if (fd < 0) {
		return know(session);
	}
	gpu->answer =
	    wl_event_loop_add_fd(session->loop, fd, WL_EVENT_READABLE, handle_answer, session);
	gpu->deadline = wl_event_loop_add_timer(session->loop, handle_deadline, session);
	if (!gpu->answer || !gpu->deadline) {
		wlr_log_errno(WLR_ERROR, "start: cannot wait for the GPU");
		return false;
	}
	if (!gpu->answer_ms) {
		gpu->answer_ms = ANSWER_MS;
	}
	wl_event_source_timer_update(gpu->deadline, gpu->answer_ms);
	return true;
}

void gpu_finish(struct ph_session *session)
{
	struct wl_event_source **sources[] = {&session->gpu.answer, &session->gpu.deadline};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (*sources[i]) {
			wl_event_source_remove(*sources[i]);
			*sources[i] = NULL;
		}
	}
}
