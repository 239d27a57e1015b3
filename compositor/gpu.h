// SPDX-License-Identifier: MIT
#ifndef PH_GPU_H
#define PH_GPU_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct ph_session;

/*
 * The moment from which it is known what the GPU can do. The screen is lit and keys work
 * before it: a driver takes longer to answer than all else at the start. Bridges and
 * the login's services come in after it, since globals are offered that depend on it.
 */
struct ph_gpu {
	bool known;
	int answer_ms; /* how long the driver may take; 0: a minute, which a test has not */
	struct wl_event_source *answer, *deadline; /* NULL: nothing is waited for */
};

/*
 * Waits, in the event loop, for what renderer_create() has asked; where it asked nothing,
 * it is known at once. Then it offers the globals and opens guests.sock. False: logged;
 * an error that comes up later ends the session.
 */
bool gpu_init(struct ph_session *session);
void gpu_finish(struct ph_session *session);

#endif
