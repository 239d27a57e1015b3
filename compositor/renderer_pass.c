// SPDX-License-Identifier: MIT
#include "renderer_pass.h"

#include <stdlib.h>
#include <wlr/render/drm_syncobj.h>
#include <wlr/render/gles2.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/log.h>

#include "gl_context.h"
#include "renderer.h"
#include "renderer_texture.h"

/* One drawing operation, with copies of what its options point to. */
struct step {
	bool is_rect, clipped;
	struct wlr_render_rect_options rect;
	struct wlr_render_texture_options texture;
	pixman_region32_t clip;
	float alpha, luminance;
	struct wlr_color_primaries primaries;
};

struct pass {
	struct wlr_render_pass base;
	struct ph_renderer *renderer;
	struct wlr_buffer *buffer; /* locked */
	struct wlr_buffer_pass_options options;
	struct wl_array steps; /* struct step */
};

static struct pass *from_wlr(struct wlr_render_pass *wlr_pass)
{
	struct pass *pass = wl_container_of(wlr_pass, pass, base);
	return pass;
}

static struct step *add_step(struct pass *pass, const pixman_region32_t *clip)
{
	struct step *step = wl_array_add(&pass->steps, sizeof(*step));

	if (!step) {
		abort();
	}
	*step = (struct step){.clipped = clip != NULL};
	pixman_region32_init(&step->clip);
	if (clip) {
		pixman_region32_copy(&step->clip, clip);
	}
	return step;
}

static void add_rect(struct wlr_render_pass *wlr_pass, const struct wlr_render_rect_options *options)
{
	struct step *step = add_step(from_wlr(wlr_pass), options->clip);

	step->is_rect = true;
	step->rect = *options;
}

static void add_texture(struct wlr_render_pass *wlr_pass, const struct wlr_render_texture_options *options)
{
	struct step *step = add_step(from_wlr(wlr_pass), options->clip);

	step->texture = *options;
	if (options->alpha) {
		step->alpha = *options->alpha;
	}
	if (options->luminance_multiplier) {
		step->luminance = *options->luminance_multiplier;
	}
	if (options->primaries) {
		step->primaries = *options->primaries;
	}
}

/* A texture was drawn by the CPU: as much of it as there is room for. */
static void count_drawn(struct pass *pass, const struct wlr_render_texture_options *options)
{
	const struct wlr_box all = {.width = pass->buffer->width, .height = pass->buffer->height};
	struct wlr_box box;

	wlr_render_texture_options_get_dst_box(options, &box);
	if (wlr_box_intersection(&box, &box, &all)) {
		renderer_count_copied(pass->renderer, options->clip, &box);
	}
}

static void play_step(struct pass *pass, struct wlr_render_pass *real, struct step *step, bool gpu)
{
	if (step->is_rect) {
		step->rect.clip = step->clipped ? &step->clip : NULL;
		wlr_render_pass_add_rect(real, &step->rect);
		return;
	}
	struct wlr_render_texture_options options = step->texture;
	options.texture = gpu ? renderer_texture_for_gpu(options.texture)
			      : renderer_texture_for_cpu(options.texture);
	options.clip = step->clipped ? &step->clip : NULL;
	options.alpha = options.alpha ? &step->alpha : NULL;
	options.luminance_multiplier = options.luminance_multiplier ? &step->luminance : NULL;
	options.primaries = options.primaries ? &step->primaries : NULL;
	if (!options.texture) {
		wlr_log(WLR_DEBUG, "renderer: the %s cannot read a picture of %u x %u; it is left out",
		    gpu ? "GPU" : "CPU", step->texture.texture->width, step->texture.texture->height);
		return;
	}
	wlr_render_pass_add_texture(real, &options);
	if (!gpu) {
		count_drawn(pass, &options);
	}
}

static bool play(struct pass *pass, struct wlr_renderer *on, bool gpu)
{
	struct wlr_render_pass *real =
	    wlr_renderer_begin_buffer_pass(on, pass->buffer, gpu ? &pass->options : NULL);
	struct step *step;

	if (!real) {
		return false;
	}
	wl_array_for_each(step, &pass->steps) {
		play_step(pass, real, step, gpu);
	}
	if (!wlr_render_pass_submit(real)) {
		return false;
	}
	/* The CPU is done; a GPU tells by itself. */
	if (!gpu && pass->options.signal_timeline) {
		wlr_drm_syncobj_timeline_signal(pass->options.signal_timeline, pass->options.signal_point);
	}
	return true;
}

static bool needs_gpu(struct pass *pass)
{
	struct step *step;

	if (pass->options.color_transform) {
		return true;
	}
	wl_array_for_each(step, &pass->steps) {
		if (!step->is_rect && renderer_texture_needs_gpu(step->texture.texture)) {
			return true;
		}
	}
	return false;
}

/*
 * Whoever shows the buffer waits for the GPU by the fence that its driver puts there. But
 * into memory that the CPU reads (allocated before the context was made) no driver puts
 * one, and one that draws by the CPU has none to put.
 */
static bool play_on_gpu(struct pass *pass, bool drawable)
{
	struct wlr_renderer *gpu = pass->renderer->gpu;

	/* Others than GLES2 draw the next frame, in memory of their own. */
	if ((drawable && !wlr_renderer_is_gles2(gpu)) || !play(pass, gpu, true)) {
		return false;
	}
	if (drawable || (pass->renderer->gpu_is_software && !pass->options.signal_timeline)) {
		return gl_context_wait(gpu);
	}
	return true;
}

static bool draw(struct pass *pass)
{
	struct ph_renderer *renderer = pass->renderer;
	bool drawable = renderer_has_pixels(
	    pass->buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ | WLR_BUFFER_DATA_PTR_ACCESS_WRITE);

	if (needs_gpu(pass) && renderer_need_gpu(renderer)) {
		return play_on_gpu(pass, drawable);
	}
	/* Without a GPU that works, all but the guest's picture is still worth showing. */
	if (drawable) {
		return play(pass, renderer->cpu, false);
	}
	/* Memory of a time when the GPU was needed, or a client's. */
	return (renderer->gpu || renderer_need_gpu(renderer)) && play_on_gpu(pass, false);
}

static bool submit(struct wlr_render_pass *wlr_pass)
{
	struct pass *pass = from_wlr(wlr_pass);
	bool done = draw(pass);
	struct step *step;

	wl_array_for_each(step, &pass->steps) {
		pixman_region32_fini(&step->clip);
	}
	wl_array_release(&pass->steps);
	wlr_buffer_unlock(pass->buffer);
	free(pass);
	return done;
}

static const struct wlr_render_pass_impl pass_impl = {
    .submit = submit,
    .add_texture = add_texture,
    .add_rect = add_rect,
};

struct wlr_render_pass *renderer_pass_begin(struct wlr_renderer *wlr_renderer, struct wlr_buffer *buffer,
    const struct wlr_buffer_pass_options *options)
{
	struct pass *pass = calloc(1, sizeof(*pass));

	if (!pass) {
		abort();
	}
	wlr_render_pass_init(&pass->base, &pass_impl);
	pass->renderer = renderer_from_wlr(wlr_renderer);
	pass->buffer = wlr_buffer_lock(buffer);
	pass->options = *options;
	wl_array_init(&pass->steps);
	return &pass->base;
}
