// SPDX-License-Identifier: MIT
#include "scaler.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <wlr/render/gles2.h>
#include <wlr/render/swapchain.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/log.h>

#include "gl_context.h"
#include "renderer.h"
#include "renderer_texture.h"
#include "scale_gl.h"
#include "session.h"

/* Says once why pictures are scaled by the renderer. */
static void tell(struct ph_session *session, const char *why)
{
	if (!session->scaler.told) {
		wlr_log(WLR_INFO, "scaling: by the renderer's own filter, which may blur: %s", why);
	}
	session->scaler.told = true;
}

/* Buffers of the cell's size that the output's plane takes. */
static bool prepare(struct ph_session *session, struct ph_scaled *scaled, const struct ph_scaler_job *job)
{
	struct wlr_swapchain *plane = NULL;

	if (scaled->swapchain && scaled->drawn.output == job->output && scaled->swapchain->width == job->width &&
	    scaled->swapchain->height == job->height) {
		return true;
	}
	scaler_release(scaled);
	if (!wlr_output_configure_primary_swapchain(job->output, NULL, &plane)) {
		return false;
	}
	if (plane->width == job->width && plane->height == job->height) {
		scaled->swapchain = plane;
	} else {
		scaled->swapchain =
		    wlr_swapchain_create(session->allocator, job->width, job->height, &plane->format);
		wlr_swapchain_destroy(plane);
	}
	scaled->drawn.output = job->output;
	return scaled->swapchain != NULL;
}

static const enum ph_scale_filter filters[] = {
    [PH_FIT_BLOCKS] = PH_SCALE_FILTER_INTEGER,
    [PH_FIT_SHARP] = PH_SCALE_FILTER_SHARP,
    [PH_FIT_SMOOTH] = PH_SCALE_FILTER_CATMULL_ROM,
};

static bool draw(struct ph_session *session, struct wlr_buffer *buffer, const struct ph_scaler_job *job)
{
	struct wlr_gles2_texture_attribs texture;
	char error[512];
	GLuint framebuffer = wlr_gles2_renderer_get_buffer_fbo(session->render->gpu, buffer);

	wlr_gles2_texture_get_attribs(renderer_texture_for_gpu(job->texture), &texture);
	struct ph_scale_picture picture = {
	    .texture = texture.tex,
	    .target = texture.target,
	    .width = (int)job->texture->width,
	    .height = (int)job->texture->height,
	    .x = job->source.x,
	    .y = job->source.y,
	    .source_width = job->source.width,
	    .source_height = job->source.height,
	    .flipped = job->flipped,
	};
	if (framebuffer == 0) {
		return false;
	}
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	bool done = scale_gl_draw(session->scaler.gl, filters[job->fit.filter], &picture, &job->fit.box,
	    job->width, job->height, error, sizeof(error));
	if (session->render->gpu_is_software) {
		glFinish();
	} else {
		glFlush();
	}
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	if (!done && error[0]) {
		wlr_log(WLR_ERROR, "scaling: the GPU does not take our shader: %s", error);
	}
	return done;
}

struct wlr_buffer *scaler_draw(
    struct ph_session *session, struct ph_scaled *scaled, const struct ph_scaler_job *job)
{
	struct ph_scaler *scaler = &session->scaler;
	struct wlr_renderer *gpu = renderer_need_gpu(session->render);
	struct ph_gl_context before;

	if (!gpu || !wlr_renderer_is_gles2(gpu) || !renderer_texture_for_gpu(job->texture)) {
		tell(session, "only the GLES2 renderer has our shaders");
		return NULL;
	}
	if (!scaler->gl && !(scaler->gl = calloc(1, sizeof(*scaler->gl)))) {
		abort();
	}
	if (!prepare(session, scaled, job)) {
		tell(session, "no buffer for it fits the screen");
		return NULL;
	}
	struct wlr_buffer *buffer = wlr_swapchain_acquire(scaled->swapchain);
	if (!buffer) {
		tell(session, "no free buffer");
		return NULL;
	}
	bool drawn = gl_context_enter(session->render->gpu, &before);
	if (drawn) {
		drawn = draw(session, buffer, job);
		gl_context_leave(session->render->gpu, &before);
	}
	if (!drawn) {
		tell(session, "the GPU did not do it");
		wlr_buffer_unlock(buffer);
		return NULL;
	}
	scaled->drawn = *job;
	return buffer;
}

bool scaler_has_drawn(const struct ph_scaled *scaled, const struct ph_scaler_job *job)
{
	const struct ph_scaler_job *drawn = &scaled->drawn;
	const struct ph_box *one = &drawn->fit.box, *other = &job->fit.box;

	return scaled->swapchain && drawn->texture && drawn->output == job->output &&
	       drawn->texture == job->texture && drawn->picture == job->picture &&
	       wlr_fbox_equal(&drawn->source, &job->source) && drawn->flipped == job->flipped &&
	       drawn->fit.filter == job->fit.filter && one->x == other->x && one->y == other->y &&
	       one->width == other->width && one->height == other->height && drawn->width == job->width &&
	       drawn->height == job->height;
}

void scaler_release(struct ph_scaled *scaled)
{
	if (scaled->swapchain) {
		wlr_swapchain_destroy(scaled->swapchain);
	}
	scaled->swapchain = NULL;
	scaled->drawn = (struct ph_scaler_job){0};
}

void scaler_finish(struct ph_session *session)
{
	struct ph_gl_context before;

	if (session->scaler.gl && session->render->gpu && wlr_renderer_is_gles2(session->render->gpu) &&
	    gl_context_enter(session->render->gpu, &before)) {
		scale_gl_finish(session->scaler.gl);
		gl_context_leave(session->render->gpu, &before);
	}
	free(session->scaler.gl);
	session->scaler.gl = NULL;
}
