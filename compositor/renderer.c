// SPDX-License-Identifier: MIT
#include "renderer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/render/pixman.h>
#include <wlr/util/log.h>
#include <xf86drm.h>

#include "driver_memory.h"
#include "gl_context.h"
#include "listener.h"
#include "renderer_pass.h"
#include "renderer_texture.h"

#define RETRY_MS 10000 /* after a GPU that did not work */

/*
 * wlroots 0.20 exports it, and whoever stands in for a renderer has to ask the real one,
 * but no installed header declares it.
 */
const struct wlr_drm_format_set *wlr_renderer_get_render_formats(struct wlr_renderer *renderer);

struct ph_renderer *renderer_from_wlr(struct wlr_renderer *wlr_renderer)
{
	struct ph_renderer *renderer = wl_container_of(wlr_renderer, renderer, base);

	return renderer;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the GPU context */

static void handle_later(void *data);

static void do_later(struct ph_renderer *renderer)
{
	if (!renderer->later) {
		renderer->later = wl_event_loop_add_idle(renderer->options.loop, handle_later, renderer);
	}
}

static void note_memory(struct ph_renderer *renderer)
{
	renderer->allocator.buffer_caps =
	    renderer->gpu ? renderer->gpu_memory->buffer_caps : renderer->cpu_memory->buffer_caps;
}

static void close_gpu(struct ph_renderer *renderer)
{
	struct ph_texture *texture;

	wl_list_for_each(texture, &renderer->textures, link) {
		renderer_texture_forget_gpu(texture);
	}
	listener_disconnect(&renderer->lost);
	wlr_allocator_destroy(renderer->gpu_memory);
	wlr_renderer_destroy(renderer->gpu);
	renderer->gpu_memory = NULL;
	renderer->gpu = NULL;
	driver_memory_release(renderer->libraries);
}

static void handle_lost(struct wl_listener *listener, void *data)
{
	struct ph_renderer *renderer = wl_container_of(listener, renderer, lost);

	wlr_log(WLR_ERROR, "renderer: the GPU was reset and its context is lost; the next picture that "
			   "needs it makes a new one");
	listener_disconnect(&renderer->lost);
	do_later(renderer);
}

/* wlroots' own choice, which must not be the CPU's renderer. */
static struct wlr_renderer *create_gpu(struct ph_renderer *renderer)
{
	struct wlr_renderer *gpu = wlr_renderer_autocreate(renderer->options.backend);

	if (gpu && wlr_renderer_is_pixman(gpu)) {
		wlr_renderer_destroy(gpu);
		gpu = NULL;
	}
	return gpu;
}

static bool open_gpu(struct ph_renderer *renderer)
{
	uint64_t began = now_ms();

	renderer->libraries = renderer->libraries ? renderer->libraries : driver_memory_count();
	renderer->gpu = create_gpu(renderer);
	if (renderer->gpu) {
		renderer->gpu_memory = wlr_allocator_autocreate(renderer->options.backend, renderer->gpu);
	}
	if (!renderer->gpu_memory) {
		if (renderer->gpu) {
			wlr_renderer_destroy(renderer->gpu);
			renderer->gpu = NULL;
		}
		return false;
	}
	renderer->gpu_is_software = gl_context_is_software(renderer->gpu);
	listener_connect(&renderer->gpu->events.lost, &renderer->lost, handle_lost);
	note_memory(renderer);
	wlr_log(WLR_INFO, "renderer: a GPU context was made in %d ms", (int)(now_ms() - began));
	return true;
}

struct wlr_renderer *renderer_need_gpu(struct ph_renderer *renderer)
{
	uint64_t now = now_ms();
	bool refused = renderer->gpu_refused_ms && now - renderer->gpu_refused_ms < RETRY_MS;

	if (!renderer->gpu) {
		if (!renderer->gpu_allowed || refused) {
			return NULL;
		}
		if (!open_gpu(renderer)) {
			wlr_log(WLR_ERROR, "renderer: no GPU context can be made; pictures that only a "
					   "GPU can read are left out of what is drawn");
			renderer->gpu_refused_ms = now;
			return NULL;
		}
		/* This pass goes into the CPU's memory; the next ones get the GPU's. */
		do_later(renderer);
		if (!renderer->gpu_always) {
			wl_event_source_timer_update(renderer->rest, PH_RENDERER_KEEP_MS);
		}
	}
	renderer->gpu_needed_ms = now;
	return renderer->gpu;
}

/* Returns the context; false: somebody still shows what was made with it. */
static bool give_back(struct ph_renderer *renderer, bool lost)
{
	if (!renderer->options.release(lost, renderer->options.data) && !lost) {
		return false;
	}
	close_gpu(renderer);
	if (!renderer->cpu_memory && !open_gpu(renderer)) {
		wlr_log(WLR_ERROR, "renderer: no GPU context can be made any more; what is on the screen "
				   "stays there");
		renderer->gpu_refused_ms = now_ms();
		return true;
	}
	note_memory(renderer);
	renderer->options.changed(renderer->options.data);
	return true;
}

static void handle_later(void *data)
{
	struct ph_renderer *renderer = data;

	renderer->later = NULL;
	if (renderer->gpu && !renderer->lost.link.next) {
		give_back(renderer, true);
	} else {
		renderer->options.changed(renderer->options.data);
	}
}

/* Armed while there is a context only: at rest nothing wakes up. */
static int handle_rest(void *data)
{
	struct ph_renderer *renderer = data;

	if (!renderer->gpu || renderer->gpu_always) {
		return 0;
	}
	uint64_t idle = now_ms() - renderer->gpu_needed_ms;
	if (idle < PH_RENDERER_KEEP_MS) {
		wl_event_source_timer_update(renderer->rest, (int)(PH_RENDERER_KEEP_MS - idle) + 1);
	} else if (give_back(renderer, false)) {
		wlr_log(WLR_INFO, "renderer: the GPU context was given back, as nothing needed it");
	} else {
		wl_event_source_timer_update(renderer->rest, PH_RENDERER_KEEP_MS);
	}
	return 0;
}

/* --- struct wlr_renderer */

static const struct wlr_drm_format_set *get_texture_formats(struct wlr_renderer *wlr_renderer, uint32_t caps)
{
	struct ph_renderer *renderer = renderer_from_wlr(wlr_renderer);

	if (caps & WLR_BUFFER_CAP_DATA_PTR) {
		return wlr_renderer_get_texture_formats(renderer->cpu, caps);
	}
	return renderer->gpu_allowed && renderer->drm_fd >= 0 ? &renderer->dmabuf_formats : NULL;
}

static const struct wlr_drm_format_set *get_render_formats(struct wlr_renderer *wlr_renderer)
{
	struct ph_renderer *renderer = renderer_from_wlr(wlr_renderer);

	return wlr_renderer_get_render_formats(renderer->gpu ? renderer->gpu : renderer->cpu);
}

static int get_drm_fd(struct wlr_renderer *wlr_renderer)
{
	return renderer_from_wlr(wlr_renderer)->drm_fd;
}

/* Who still held a texture has let go of it; the rest is done by renderer_destroy(). */
static void destroy_base(struct wlr_renderer *wlr_renderer)
{
	struct ph_renderer *renderer = renderer_from_wlr(wlr_renderer);
	struct ph_texture *texture, *next;

	wl_list_for_each_safe(texture, next, &renderer->textures, link) {
		wlr_texture_destroy(&texture->base);
	}
}

static const struct wlr_renderer_impl renderer_impl = {
    .get_texture_formats = get_texture_formats,
    .get_render_formats = get_render_formats,
    .destroy = destroy_base,
    .get_drm_fd = get_drm_fd,
    .texture_from_buffer = renderer_texture_create,
    .begin_buffer_pass = renderer_pass_begin,
};

/* --- struct wlr_allocator */

static struct wlr_buffer *create_buffer(
    struct wlr_allocator *allocator, int width, int height, const struct wlr_drm_format *format)
{
	struct ph_renderer *renderer = wl_container_of(allocator, renderer, allocator);
	struct wlr_allocator *memory = renderer->gpu ? renderer->gpu_memory : renderer->cpu_memory;

	return memory ? wlr_allocator_create_buffer(memory, width, height, format) : NULL;
}

static void destroy_allocator(struct wlr_allocator *allocator)
{
	/* Part of ph_renderer: see renderer_destroy(). */
}

static const struct wlr_allocator_interface allocator_impl = {
    .create_buffer = create_buffer,
    .destroy = destroy_allocator,
};

/* --- making it */

/*
 * The device that clients should draw with: that of WLR_RENDER_DRM_DEVICE, else the
 * render node beside the screen's, else the screen's own.
 */
static int open_device(struct wlr_backend *backend)
{
	const char *wanted = getenv("WLR_RENDER_DRM_DEVICE");
	int backend_fd = wlr_backend_get_drm_fd(backend);
	char *name = wanted ? strdup(wanted) : NULL;

	if (!name && backend_fd >= 0) {
		name = drmGetRenderDeviceNameFromFd(backend_fd);
	}
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	free(name);
	if (fd < 0 && backend_fd >= 0) {
		fd = fcntl(backend_fd, F_DUPFD_CLOEXEC, 0);
	}
	return fd;
}

/* A context from the start: its formats are known. */
static bool pin_gpu(struct ph_renderer *renderer)
{
	const struct wlr_drm_format_set *formats;

	renderer->gpu_always = true;
	if (!open_gpu(renderer)) {
		return false;
	}
	renderer->base.features = renderer->gpu->features;
	formats = wlr_renderer_get_texture_formats(renderer->gpu, WLR_BUFFER_CAP_DMABUF);
	for (size_t i = 0; formats && i < formats->len; i++) {
		const struct wlr_drm_format *format = &formats->formats[i];
		for (size_t j = 0; j < format->len; j++) {
			wlr_drm_format_set_add(
			    &renderer->dmabuf_formats, format->format, format->modifiers[j]);
		}
	}
	return true;
}

struct ph_renderer *renderer_create(const struct ph_renderer_options *options)
{
	const char *wanted = getenv("WLR_RENDERER");
	struct ph_renderer *renderer = calloc(1, sizeof(*renderer));

	if (!renderer) {
		abort();
	}
	renderer->options = *options;
	renderer->drm_fd = -1;
	wl_list_init(&renderer->textures);
	wlr_renderer_init(&renderer->base, &renderer_impl, WLR_BUFFER_CAP_DATA_PTR | WLR_BUFFER_CAP_DMABUF);
	wlr_allocator_init(&renderer->allocator, &allocator_impl, 0);
	bool named = wanted && strcmp(wanted, "auto") != 0;
	renderer->gpu_allowed = !wanted || strcmp(wanted, "pixman") != 0;
	if (renderer->gpu_allowed) {
		renderer->drm_fd = open_device(options->backend);
	}
	renderer->rest = wl_event_loop_add_timer(options->loop, handle_rest, renderer);
	renderer->cpu = wlr_pixman_renderer_create();
	if (!renderer->rest || !renderer->cpu) {
		abort();
	}
	if (!named || !renderer->gpu_allowed) {
		renderer->cpu_memory = wlr_allocator_autocreate(options->backend, renderer->cpu);
	}
	if (!renderer->cpu_memory && (!renderer->gpu_allowed || !pin_gpu(renderer))) {
		renderer_destroy(renderer);
		return NULL;
	}
	note_memory(renderer);
	/* Without a device nobody can send what only a GPU reads. */
	renderer->gpu_allowed = renderer->gpu_always || renderer->drm_fd >= 0;
	if (!renderer->gpu_always && renderer->gpu_allowed) {
		gpu_probe_start(&renderer->probe, options->backend);
	}
	return renderer;
}

int renderer_probe_fd(const struct ph_renderer *renderer)
{
	return renderer->probe.pid > 0 ? renderer->probe.fd : -1;
}

void renderer_give_up_gpu(struct ph_renderer *renderer)
{
	gpu_probe_cancel(&renderer->probe);
	renderer->gpu_allowed = false;
}

void renderer_learn(struct ph_renderer *renderer)
{
	struct ph_gpu_abilities abilities;

	if (!renderer->gpu_allowed || renderer->gpu_always) {
		return;
	}
	renderer->gpu_allowed = gpu_probe_finish(&renderer->probe, &abilities);
	if (!renderer->gpu_allowed) {
		wlr_log(WLR_INFO, "renderer: no GPU works here; everything is drawn by the CPU");
		return;
	}
	wlr_drm_format_set_finish(&renderer->dmabuf_formats);
	renderer->dmabuf_formats = abilities.textures;
	renderer->base.features.input_color_transform = abilities.input_color_transform;
	renderer->base.features.output_color_transform = abilities.output_color_transform;
	renderer->base.features.timeline = abilities.timeline;
}

void renderer_destroy(struct ph_renderer *renderer)
{
	if (!renderer) {
		return;
	}
	gpu_probe_cancel(&renderer->probe);
	wlr_allocator_destroy(&renderer->allocator);
	wlr_renderer_destroy(&renderer->base);
	if (renderer->later) {
		wl_event_source_remove(renderer->later);
	}
	wl_event_source_remove(renderer->rest);
	if (renderer->gpu) {
		close_gpu(renderer);
	}
	if (renderer->cpu_memory) {
		wlr_allocator_destroy(renderer->cpu_memory);
	}
	wlr_renderer_destroy(renderer->cpu);
	wlr_drm_format_set_finish(&renderer->dmabuf_formats);
	if (renderer->drm_fd >= 0) {
		close(renderer->drm_fd);
	}
	free(renderer);
}
