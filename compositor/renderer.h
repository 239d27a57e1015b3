// SPDX-License-Identifier: MIT
#ifndef PH_RENDERER_H
#define PH_RENDERER_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>
#include <wlr/render/allocator.h>
#include <wlr/render/drm_format_set.h>
#include <wlr/render/interface.h>

#include "gpu_probe.h"

struct wlr_backend;

/*
 * A renderer, and the allocator that goes with it, that draws by the CPU (pixman)
 * until a pass shows something that only a GPU can read: a guest's dma-buf. The GPU
 * context (GLES2 or Vulkan, as wlroots chooses) is made for that pass, and given back
 * when none was needed for PH_RENDERER_KEEP_MS. Guests whose pictures are on planes
 * need none at all. A context that is lost is given back too; nobody notices.
 *
 * WLR_RENDERER=pixman: never a GPU. WLR_RENDERER=gles2 or vulkan: always that one.
 */

#define PH_RENDERER_KEEP_MS 20000

struct ph_renderer_options {
	struct wlr_backend *backend;
	struct wl_event_loop *loop;
	/*
	 * The memory that fits has changed: swapchains are to be made anew, by
	 * wlr_output_init_render(). Called from the event loop, never during a pass.
	 */
	void (*changed)(void *data);
	/*
	 * The GPU context goes, so what was made with it by hand must go first. lost:
	 * there is no choice. Otherwise false keeps the context.
	 */
	bool (*release)(bool lost, void *data);
	void *data; /* for both */
};

struct ph_renderer {
	struct wlr_renderer base;       /* what wlroots is given */
	struct wlr_allocator allocator; /* likewise */
	struct ph_renderer_options options;

	struct wlr_renderer *cpu;           /* pixman */
	struct wlr_allocator *cpu_memory;   /* NULL: the backend takes nothing that the CPU can draw to */
	struct wlr_renderer *gpu;           /* NULL: there is no context now */
	struct wlr_allocator *gpu_memory;   /* with gpu */
	bool gpu_allowed, gpu_always;       /* as WLR_RENDERER says */
	bool gpu_is_software;               /* nothing but us waits for what it draws */
	uint64_t gpu_needed_ms, gpu_refused_ms; /* when last; monotonic, 0: never */

	size_t libraries; /* loaded before the first context, 0: there was none */
	struct ph_gpu_probe probe;
	int drm_fd; /* of the render node, -1: none */
	struct wlr_drm_format_set dmabuf_formats;
	struct wl_list textures; /* ph_texture.link */
	uint64_t copied; /* bytes of pictures that the CPU drew or sent to the GPU, see renderer_count_copied() */
	struct wl_event_source *rest;  /* timer: is the context still needed? */
	struct wl_event_source *later; /* idle: memory has changed, or the context was lost */

	struct wl_listener lost;
};

/*
 * Makes one, to be freed by renderer_destroy(). NULL: logged. Its allocator is
 * &renderer->allocator.
 */
struct ph_renderer *renderer_create(const struct ph_renderer_options *options);

/* Readable when it is time for renderer_learn(); stays the renderer's. -1: it is from the start. */
int renderer_probe_fd(const struct ph_renderer *renderer);

/*
 * Takes over what the GPU can do, before clients ask for its formats and features. What its
 * driver has not answered by now, it cannot do.
 */
void renderer_learn(struct ph_renderer *renderer);

/* The driver does not answer: from now on everything is drawn by the CPU. */
void renderer_give_up_gpu(struct ph_renderer *renderer);

/* After everything that was made with it. NULL is fine. */
void renderer_destroy(struct ph_renderer *renderer);

/*
 * The GPU's own renderer, made if there is none, for drawing with it by hand; what is
 * made with it goes in options.release. NULL: there is no GPU that works, or none is
 * allowed; said in the log.
 */
struct wlr_renderer *renderer_need_gpu(struct ph_renderer *renderer);

/* That whose base it is; there is no other renderer that textures and passes are made with. */
struct ph_renderer *renderer_from_wlr(struct wlr_renderer *wlr_renderer);

#endif
