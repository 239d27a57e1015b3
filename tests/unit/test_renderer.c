// SPDX-License-Identifier: MIT
#include "renderer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/pass.h>
#include <wlr/render/pixman.h>
#include <wlr/util/log.h>

#include "test.h"

/*
 * A GPU context that is lost. The GPU is the test's: what is defined here stands in for
 * wlroots' own choice of a renderer and an allocator. Each context, with all that is
 * made with it, is memory of its own, so that AddressSanitizer sees who keeps it.
 */

#define FORMAT 0x34325258 /* XR24 */

static struct {
	bool broken;  /* no context can be made */
	bool reset;   /* the context there is says so when it is to draw */
	int contexts, made, drawn, textures, memories;
	int lost_lines;
} gpu;

/* --- memory */

struct memory {
	struct wlr_buffer base;
	uint32_t *pixels; /* NULL: only the GPU reaches it */
};

static void destroy_memory(struct wlr_buffer *buffer)
{
	struct memory *memory = wl_container_of(buffer, memory, base);

	wlr_buffer_finish(buffer);
	free(memory->pixels);
	free(memory);
	gpu.memories--;
}

static bool get_dmabuf(struct wlr_buffer *buffer, struct wlr_dmabuf_attributes *dmabuf)
{
	struct memory *memory = wl_container_of(buffer, memory, base);

	*dmabuf = (struct wlr_dmabuf_attributes){
	    .width = buffer->width, .height = buffer->height, .format = FORMAT, .n_planes = 1, .fd = {-1, -1, -1, -1}};
	return !memory->pixels;
}

static bool begin_access(struct wlr_buffer *buffer, uint32_t flags, void **data, uint32_t *format, size_t *stride)
{
	struct memory *memory = wl_container_of(buffer, memory, base);

	*data = memory->pixels;
	*format = FORMAT;
	*stride = (size_t)buffer->width * 4;
	return memory->pixels != NULL;
}

static void end_access(struct wlr_buffer *buffer)
{
}

static const struct wlr_buffer_impl memory_impl = {
    .destroy = destroy_memory,
    .get_dmabuf = get_dmabuf,
    .begin_data_ptr_access = begin_access,
    .end_data_ptr_access = end_access,
};

static struct wlr_buffer *make_memory(bool pixels)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	check(memory != NULL);
	memory->pixels = pixels ? calloc(16, 16 * sizeof(uint32_t)) : NULL;
	wlr_buffer_init(&memory->base, &memory_impl, 16, 16);
	gpu.memories++;
	return &memory->base;
}

static struct wlr_buffer *create_cpu_buffer(
    struct wlr_allocator *allocator, int width, int height, const struct wlr_drm_format *format)
{
	return make_memory(true);
}

static struct wlr_buffer *create_gpu_buffer(
    struct wlr_allocator *allocator, int width, int height, const struct wlr_drm_format *format)
{
	return make_memory(false);
}

static void destroy_allocator(struct wlr_allocator *allocator)
{
	free(allocator);
}

static const struct wlr_allocator_interface cpu_memory_impl = {
    .create_buffer = create_cpu_buffer, .destroy = destroy_allocator};
static const struct wlr_allocator_interface gpu_memory_impl = {
    .create_buffer = create_gpu_buffer, .destroy = destroy_allocator};

/* --- the GPU */

struct context {
	struct wlr_renderer base;
	bool lost;
};

struct pass {
	struct wlr_render_pass base;
	int steps;
};

static void add_texture(struct wlr_render_pass *base, const struct wlr_render_texture_options *options)
{
	struct pass *pass = wl_container_of(base, pass, base);

	pass->steps++;
}

static void add_rect(struct wlr_render_pass *base, const struct wlr_render_rect_options *options)
{
}

static bool submit(struct wlr_render_pass *base)
{
	struct pass *pass = wl_container_of(base, pass, base);

	gpu.drawn += pass->steps;
	free(pass);
	return true;
}

static const struct wlr_render_pass_impl pass_impl = {
    .submit = submit, .add_texture = add_texture, .add_rect = add_rect};

static struct wlr_render_pass *begin_pass(
    struct wlr_renderer *base, struct wlr_buffer *buffer, const struct wlr_buffer_pass_options *options)
{
	struct context *context = wl_container_of(base, context, base);
	struct pass *pass = calloc(1, sizeof(*pass));

	check(pass != NULL);
	context->lost = context->lost || gpu.reset;
	gpu.reset = false;
	if (context->lost) {
		free(pass);
		wl_signal_emit_mutable(&base->events.lost, NULL);
		return NULL;
	}
	wlr_render_pass_init(&pass->base, &pass_impl);
	return &pass->base;
}

static void destroy_texture(struct wlr_texture *texture)
{
	gpu.textures--;
	free(texture);
}

static const struct wlr_texture_impl texture_impl = {.destroy = destroy_texture};

static struct wlr_texture *make_texture(struct wlr_renderer *base, struct wlr_buffer *buffer)
{
	struct wlr_texture *texture = calloc(1, sizeof(*texture));

	check(texture != NULL);
	wlr_texture_init(texture, base, &texture_impl, 16, 16);
	gpu.textures++;
	return texture;
}

static const struct wlr_drm_format_set *get_formats(struct wlr_renderer *base, uint32_t caps)
{
	return NULL;
}

static void destroy_context(struct wlr_renderer *base)
{
	struct context *context = wl_container_of(base, context, base);

	gpu.contexts--;
	free(context);
}

static const struct wlr_renderer_impl context_impl = {
    .get_texture_formats = get_formats,
    .destroy = destroy_context,
    .texture_from_buffer = make_texture,
    .begin_buffer_pass = begin_pass,
};

struct wlr_renderer *wlr_renderer_autocreate(struct wlr_backend *backend)
{
	struct context *context = gpu.broken ? NULL : calloc(1, sizeof(*context));

	if (!context) {
		return NULL;
	}
	wlr_renderer_init(&context->base, &context_impl, WLR_BUFFER_CAP_DMABUF);
	gpu.contexts++;
	gpu.made++;
	return &context->base;
}

struct wlr_allocator *wlr_allocator_autocreate(struct wlr_backend *backend, struct wlr_renderer *renderer)
{
	struct wlr_allocator *allocator = calloc(1, sizeof(*allocator));
	bool own = !wlr_renderer_is_pixman(renderer);

	check(allocator != NULL);
	wlr_allocator_init(allocator, own ? &gpu_memory_impl : &cpu_memory_impl,
	    own ? WLR_BUFFER_CAP_DMABUF : WLR_BUFFER_CAP_DATA_PTR);
	return allocator;
}

int wlr_backend_get_drm_fd(struct wlr_backend *backend)
{
	return -1;
}

/* --- the session */

struct bench {
	struct wl_event_loop *loop;
	struct ph_renderer *renderer;
	struct wlr_buffer *picture; /* a guest's, which only a GPU reads */
	struct wlr_texture *texture;
	int changed, released, lost;
};

static void handle_changed(void *data)
{
	((struct bench *)data)->changed++;
}

static bool handle_release(bool lost, void *data)
{
	struct bench *bench = data;

	bench->released++;
	bench->lost += lost;
	return true;
}

static void count_lines(enum wlr_log_importance importance, const char *format, va_list arguments)
{
	char line[512];

	vsnprintf(line, sizeof(line), format, arguments);
	gpu.lost_lines += importance == WLR_ERROR && strstr(line, "context is lost") != NULL;
}

/* renderer: as WLR_RENDERER says; NULL: a context only when one is needed. */
static struct bench *start(const char *renderer)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	check(bench != NULL);
	wlr_log_init(WLR_INFO, count_lines);
	unsetenv("WLR_RENDERER");
	if (renderer) {
		setenv("WLR_RENDERER", renderer, 1);
	}
	setenv("WLR_RENDER_DRM_DEVICE", "/dev/null", 1);
	bench->loop = wl_event_loop_create();
	bench->renderer = renderer_create(&(struct ph_renderer_options){
	    .loop = bench->loop, .changed = handle_changed, .release = handle_release, .data = bench});
	check(bench->renderer != NULL);
	bench->picture = make_memory(false);
	bench->texture = wlr_texture_from_buffer(&bench->renderer->base, bench->picture);
	check(bench->texture != NULL);
	return bench;
}

static void finish(struct bench *bench)
{
	wlr_texture_destroy(bench->texture);
	wlr_buffer_drop(bench->picture);
	renderer_destroy(bench->renderer);
	wl_event_loop_destroy(bench->loop);
	free(bench);
	check_int(gpu.contexts, 0);
	check_int(gpu.textures, 0);
	check_int(gpu.memories, 0);
}

/* One frame with the guest's picture, in memory as it is given out now; true: it was drawn. */
static bool draw(struct bench *bench)
{
	struct wlr_drm_format format = {.format = FORMAT};
	struct wlr_buffer *buffer = wlr_allocator_create_buffer(&bench->renderer->allocator, 16, 16, &format);
	struct wlr_buffer_pass_options options = {0};

	check(buffer != NULL);
	struct wlr_render_pass *pass = wlr_renderer_begin_buffer_pass(&bench->renderer->base, buffer, &options);
	check(pass != NULL);
	wlr_render_pass_add_texture(pass, &(struct wlr_render_texture_options){.texture = bench->texture});
	bool done = wlr_render_pass_submit(pass);
	wlr_buffer_drop(buffer);
	return done;
}

/* As the event loop does when the frame is over. */
static void turn(struct bench *bench)
{
	wl_event_loop_dispatch(bench->loop, 0);
}

/* With a context, whose memory is what is given out. */
static struct bench *start_drawing(void)
{
	struct bench *bench = start(NULL);

	check_int(gpu.made, 0);
	draw(bench); /* for this one the memory is still the CPU's */
	turn(bench);
	check_int(gpu.made, 1);
	check_int(bench->changed, 1);
	check(draw(bench));
	check_int(gpu.drawn, 1);
	check_int(gpu.textures, 1);
	return bench;
}

TEST(context_that_is_lost_is_made_again)
{
	struct bench *bench = start_drawing();

	gpu.reset = true;
	check(!draw(bench)); /* the frame is not shown */
	check_int(gpu.contexts, 1); /* nobody takes it away during a pass */
	check(!draw(bench));
	check(!draw(bench));
	turn(bench);
	check_int(gpu.lost_lines, 1);
	check_int(bench->lost, 1);
	check_int(bench->released, 1);
	check_int(bench->changed, 2);
	check_int(gpu.contexts, 0);
	check_int(gpu.textures, 0);
	draw(bench);
	turn(bench);
	check(draw(bench)); /* the same texture, by the new context */
	check_int(gpu.made, 2);
	check_int(gpu.drawn, 2);
	check_int(gpu.textures, 1);
	check_int(gpu.lost_lines, 1);
	finish(bench);
}

TEST(contexts_are_lost_again_and_again)
{
	struct bench *bench = start_drawing();

	for (int i = 1; i <= 20; i++) {
		gpu.reset = true;
		check(!draw(bench));
		turn(bench);
		check_int(gpu.contexts, 0);
		draw(bench);
		turn(bench);
		check(draw(bench));
		check_int(gpu.lost_lines, i);
		check_int(bench->lost, i);
		check_int(gpu.made, 1 + i);
	}
	finish(bench);
}

/* The session ends between the reset and the turn of the loop in which it is dealt with. */
TEST(lost_when_all_ends)
{
	struct bench *bench = start_drawing();

	gpu.reset = true;
	check(!draw(bench));
	finish(bench);
}

TEST(no_context_after_a_reset)
{
	struct bench *bench = start_drawing();

	gpu.reset = true;
	check(!draw(bench));
	gpu.broken = true;
	turn(bench);
	/* All but the guest's picture is still drawn, by the CPU. */
	check(draw(bench));
	check_int(gpu.drawn, 1);
	check_int(gpu.contexts, 0);
	finish(bench);
}

/* WLR_RENDERER=gles2: without a context nothing can be drawn, so there is another one at once. */
TEST(context_that_is_always_there)
{
	struct bench *bench = start("gles2");

	check_int(gpu.contexts, 1);
	check(draw(bench));
	gpu.reset = true;
	check(!draw(bench));
	turn(bench);
	check_int(gpu.made, 2);
	check_int(gpu.contexts, 1);
	check(draw(bench));
	check_int(gpu.drawn, 2);
	check_int(gpu.lost_lines, 1);
	finish(bench);
}
