// SPDX-License-Identifier: MIT
#include "globals.h"

#include <wlr/backend.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_control_v1.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_ext_data_control_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_ext_image_copy_capture_v1.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_gamma_control_v1.h>
#include <wlr/types/wlr_linux_dmabuf_v1.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_primary_selection_v1.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_xdg_output_v1.h>
#include <wlr/util/log.h>

#include "renderer.h"
#include "session.h"

static bool make_compositor(struct ph_session *session)
{
	session->compositor = wlr_compositor_create(session->display, 6, session->renderer);
	return session->compositor != NULL;
}

static bool make_subcompositor(struct ph_session *session)
{
	return wlr_subcompositor_create(session->display) != NULL;
}

static bool make_shm(struct ph_session *session)
{
	return wlr_renderer_init_wl_shm(session->renderer, session->display);
}

/* Only where the renderer can take dma-bufs: pixman cannot. */
static bool make_dmabuf(struct ph_session *session)
{
	const struct wlr_drm_format_set *formats =
	    wlr_renderer_get_texture_formats(session->renderer, WLR_BUFFER_CAP_DMABUF);

	if (!formats || formats->len == 0 || wlr_renderer_get_drm_fd(session->renderer) < 0) {
		wlr_log(WLR_INFO, "session: no dma-bufs with this renderer; guests use shared memory");
		return true;
	}
	struct wlr_linux_dmabuf_v1 *dmabuf =
	    wlr_linux_dmabuf_v1_create_with_renderer(session->display, 5, session->renderer);
	if (dmabuf) {
		wlr_scene_set_linux_dmabuf_v1(session->scene, dmabuf);
	}
	return dmabuf != NULL;
}

/* Only where both ends of the pipeline can wait for timelines. */
static bool make_syncobj(struct ph_session *session)
{
	int drm_fd = wlr_renderer_get_drm_fd(session->renderer);

	if (drm_fd < 0 || !session->renderer->features.timeline || !session->backend->features.timeline) {
		return true;
	}
	return wlr_linux_drm_syncobj_manager_v1_create(session->display, 1, drm_fd) != NULL;
}

static bool make_presentation(struct ph_session *session)
{
	return wlr_presentation_create(session->display, session->backend, 2) != NULL;
}

static bool make_viewporter(struct ph_session *session)
{
	return wlr_viewporter_create(session->display) != NULL;
}

static bool make_single_pixel(struct ph_session *session)
{
	return wlr_single_pixel_buffer_manager_v1_create(session->display) != NULL;
}

static bool make_data_device(struct ph_session *session)
{
	return wlr_data_device_manager_create(session->display) != NULL;
}

/* What is selected with the pointer, and clipboard tools; guests have no part in either. */
static bool make_selections(struct ph_session *session)
{
	return wlr_primary_selection_v1_device_manager_create(session->display) &&
	       wlr_data_control_manager_v1_create(session->display) &&
	       wlr_ext_data_control_manager_v1_create(session->display, 1);
}

static bool make_fractional_scale(struct ph_session *session)
{
	return wlr_fractional_scale_manager_v1_create(session->display, 1) != NULL;
}

static bool make_xdg_output(struct ph_session *session)
{
	return wlr_xdg_output_manager_v1_create(session->display, session->outputs.layout) != NULL;
}

static bool make_screencopy(struct ph_session *session)
{
	return wlr_screencopy_manager_v1_create(session->display) != NULL;
}

static bool make_image_capture(struct ph_session *session)
{
	return wlr_ext_output_image_capture_source_manager_v1_create(session->display, 1) &&
	       wlr_ext_image_copy_capture_manager_v1_create(session->display, 1);
}

/* For tools that colour the screen at night. Where the driver has no table, the renderer does it. */
static bool make_gamma(struct ph_session *session)
{
	struct wlr_gamma_control_manager_v1 *gamma =
	    wlr_gamma_control_manager_v1_create(session->display);

	if (gamma) {
		gamma->fallback_gamma_size = session->renderer->features.output_color_transform ? 256 : 0;
		wlr_scene_set_gamma_control_manager_v1(session->scene, gamma);
	}
	return gamma != NULL;
}

struct global {
	const char *what;
	bool (*create)(struct ph_session *session);
};

static const struct global globals[] = {
    {"wl_compositor", make_compositor},
    {"wl_subcompositor", make_subcompositor},
    {"wl_shm", make_shm},
    {"wp_presentation", make_presentation},
    {"wp_viewporter", make_viewporter},
    {"wp_single_pixel_buffer_manager_v1", make_single_pixel},
    {"wl_data_device_manager", make_data_device},
    {"ext_data_control_manager_v1", make_selections},
    {"wp_fractional_scale_manager_v1", make_fractional_scale},
    {"zxdg_output_manager_v1", make_xdg_output},
    {"zwlr_screencopy_manager_v1", make_screencopy},
    {"ext_image_copy_capture_manager_v1", make_image_capture},
};

/* Those that depend on what the GPU can do. */
static const struct global gpu_globals[] = {
    {"zwp_linux_dmabuf_v1", make_dmabuf},
    {"wp_linux_drm_syncobj_manager_v1", make_syncobj},
    {"zwlr_gamma_control_manager_v1", make_gamma},
};

static bool make(struct ph_session *session, const struct global *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!list[i].create(session)) {
			wlr_log(WLR_ERROR, "start: the global %s could not be made", list[i].what);
			return false;
		}
	}
	return true;
}

bool globals_init(struct ph_session *session)
{
	return make(session, globals, sizeof(globals) / sizeof(globals[0]));
}

bool globals_init_gpu(struct ph_session *session)
{
	return make(session, gpu_globals, sizeof(gpu_globals) / sizeof(gpu_globals[0]));
}
