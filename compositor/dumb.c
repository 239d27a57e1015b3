// SPDX-License-Identifier: MIT
#include "dumb.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

static void handle_destroy(struct wlr_buffer *buffer)
{
	struct ph_dumb *dumb = wl_container_of(buffer, dumb, base);

	wlr_buffer_finish(buffer);
	munmap(dumb->data, dumb->size);
	wlr_dmabuf_attributes_finish(&dumb->dmabuf);
	free(dumb);
}

static bool handle_get_dmabuf(struct wlr_buffer *buffer, struct wlr_dmabuf_attributes *attributes)
{
	const struct ph_dumb *dumb = wl_container_of(buffer, dumb, base);

	*attributes = dumb->dmabuf;
	return true;
}

static bool handle_begin_data_ptr_access(
    struct wlr_buffer *buffer, uint32_t flags, void **data, uint32_t *format, size_t *stride)
{
	const struct ph_dumb *dumb = wl_container_of(buffer, dumb, base);

	*data = dumb->data;
	*format = dumb->dmabuf.format;
	*stride = dumb->dmabuf.stride[0];
	return true;
}

static void handle_end_data_ptr_access(struct wlr_buffer *buffer)
{
}

static const struct wlr_buffer_impl dumb_impl = {
    .destroy = handle_destroy,
    .get_dmabuf = handle_get_dmabuf,
    .begin_data_ptr_access = handle_begin_data_ptr_access,
    .end_data_ptr_access = handle_end_data_ptr_access,
};

struct ph_dumb *dumb_create(int drm_fd, int width, int height, uint32_t format)
{
	uint32_t handle, pitch;
	uint64_t size, offset;
	int prime = -1;

	if (width < 1 || height < 1 ||
	    drmModeCreateDumbBuffer(drm_fd, (uint32_t)width, (uint32_t)height, 32, 0, &handle, &pitch, &size) != 0) {
		return NULL;
	}
	void *data = MAP_FAILED;
	if (drmModeMapDumbBuffer(drm_fd, handle, &offset) == 0) {
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, drm_fd, (off_t)offset);
	}
	if (data != MAP_FAILED && drmPrimeHandleToFD(drm_fd, handle, DRM_CLOEXEC, &prime) != 0) {
		prime = -1;
	}
	/* Mapping and dma-buf keep the memory; a handle left open would be one of wlroots' own. */
	drmModeDestroyDumbBuffer(drm_fd, handle);
	if (prime < 0) {
		if (data != MAP_FAILED) {
			munmap(data, size);
		}
		return NULL;
	}
	struct ph_dumb *dumb = calloc(1, sizeof(*dumb));
	if (!dumb) {
		abort();
	}
	dumb->data = data;
	dumb->size = size;
	dumb->dmabuf = (struct wlr_dmabuf_attributes){
	    .width = width,
	    .height = height,
	    .format = format,
	    .modifier = DRM_FORMAT_MOD_LINEAR,
	    .n_planes = 1,
	    .stride = {pitch},
	    .fd = {prime},
	};
	wlr_buffer_init(&dumb->base, &dumb_impl, width, height);
	return dumb;
}
