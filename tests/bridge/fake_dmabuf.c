// SPDX-License-Identifier: MIT
#include "fake_internal.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux-dmabuf-v1-protocol.h"
#include "test.h"

static const struct wl_buffer_interface buffer_impl = {.destroy = fake_handle_destroy};

static void handle_buffer_destroyed(struct wl_resource *resource)
{
	struct buffer *buffer = wl_resource_get_user_data(resource);
	buffer->fake->num_buffers--;
	free(buffer);
}

struct params {
	struct fake_compositor *fake;
	uint64_t inode, modifier;
	off_t size;
};

static void handle_params_destroyed(struct wl_resource *resource)
{
	free(wl_resource_get_user_data(resource));
}

static void handle_params_add(struct wl_client *client, struct wl_resource *resource, int32_t fd,
    uint32_t plane, uint32_t offset, uint32_t stride, uint32_t hi, uint32_t lo)
{
	struct params *params = wl_resource_get_user_data(resource);
	struct stat st;
	check_int(fstat(fd, &st), 0);
	params->inode = st.st_ino;
	params->modifier = (uint64_t)hi << 32 | lo;
	params->size = st.st_size;
	close(fd);
}

static void handle_params_create(struct wl_client *client, struct wl_resource *resource,
    int32_t width, int32_t height, uint32_t format, uint32_t flags)
{
	struct params *params = wl_resource_get_user_data(resource);
	struct fake_compositor *fake = params->fake;
	const char *modifier = params->modifier == DRM_FORMAT_MOD_LINEAR ? "linear"
	    : params->modifier == DRM_FORMAT_MOD_INVALID		 ? "implicit"
									 : "tiled";

	fake_say(fake, "import %dx%d %.4s %s; ", width, height, (const char *)&format, modifier);
	if (fake->options.fail_imports) {
		zwp_linux_buffer_params_v1_send_failed(resource);
		return;
	}
	struct buffer *buffer = calloc(1, sizeof(*buffer));
	check(buffer != NULL);
	buffer->fake = fake;
	buffer->inode = params->inode;
	fake->num_buffers++;
	buffer->resource = fake_new_resource(
	    client, &wl_buffer_interface, 1, 0, &buffer_impl, buffer, handle_buffer_destroyed);
	zwp_linux_buffer_params_v1_send_created(resource, buffer->resource);
}

static void handle_params_create_immed(struct wl_client *client, struct wl_resource *resource,
    uint32_t id, int32_t width, int32_t height, uint32_t format, uint32_t flags)
{
	test_fail(__FILE__, __LINE__, "create_immed can end the connection: not to be used");
}

static const struct zwp_linux_buffer_params_v1_interface params_impl = {
    .destroy = fake_handle_destroy,
    .add = handle_params_add,
    .create = handle_params_create,
    .create_immed = handle_params_create_immed,
};

static void handle_create_params(
    struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct params *params = calloc(1, sizeof(*params));
	check(params != NULL);
	params->fake = wl_resource_get_user_data(resource);
	fake_new_resource(client, &zwp_linux_buffer_params_v1_interface,
	    (uint32_t)wl_resource_get_version(resource), id, &params_impl, params,
	    handle_params_destroyed);
}

static const struct zwp_linux_dmabuf_feedback_v1_interface feedback_impl = {
    .destroy = fake_handle_destroy,
};

static void handle_get_feedback(
    struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	const struct fake_compositor *fake = wl_resource_get_user_data(resource);
	const struct {
		uint32_t format, padding;
		uint64_t modifier;
	} table[] = {
	    {DRM_FORMAT_XRGB8888, 0, DRM_FORMAT_MOD_LINEAR},
	    {DRM_FORMAT_XBGR8888, 0, DRM_FORMAT_MOD_LINEAR},
	    {DRM_FORMAT_XRGB8888, 0, DRM_FORMAT_MOD_INVALID},
	    {DRM_FORMAT_ABGR8888, 0, DRM_FORMAT_MOD_LINEAR},
	};
	static const uint16_t usual[] = {0, 1, 999}, implicit[] = {0, 1, 2}, odd[] = {3};
	const uint16_t *which = fake->options.linear_ab24_only ? odd
	    : fake->options.implicit_modifiers		       ? implicit
							       : usual;
	const size_t size = fake->options.linear_ab24_only ? sizeof(odd) : sizeof(usual);
	struct wl_array array;
	const dev_t device = 0x1234;

	struct wl_resource *feedback = fake_new_resource(client, &zwp_linux_dmabuf_feedback_v1_interface,
	    (uint32_t)wl_resource_get_version(resource), id, &feedback_impl, NULL, NULL);
	const int fd = memfd_create("formats", MFD_CLOEXEC);
	check_op(write(fd, table, sizeof(table)), ==, sizeof(table));
	zwp_linux_dmabuf_feedback_v1_send_format_table(feedback, fd, sizeof(table));
	close(fd);
	wl_array_init(&array);
	memcpy(wl_array_add(&array, sizeof(device)), &device, sizeof(device));
	zwp_linux_dmabuf_feedback_v1_send_main_device(feedback, &array);
	zwp_linux_dmabuf_feedback_v1_send_tranche_target_device(feedback, &array);
	wl_array_release(&array);
	wl_array_init(&array);
	memcpy(wl_array_add(&array, size), which, size);
	zwp_linux_dmabuf_feedback_v1_send_tranche_formats(feedback, &array);
	wl_array_release(&array);
	zwp_linux_dmabuf_feedback_v1_send_tranche_flags(feedback, 0);
	zwp_linux_dmabuf_feedback_v1_send_tranche_done(feedback);
	zwp_linux_dmabuf_feedback_v1_send_done(feedback);
}

static const struct zwp_linux_dmabuf_v1_interface dmabuf_impl = {
    .destroy = fake_handle_destroy,
    .create_params = handle_create_params,
    .get_default_feedback = handle_get_feedback,
};

void fake_bind_dmabuf(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	fake_new_resource(
	    client, &zwp_linux_dmabuf_v1_interface, version, id, &dmabuf_impl, data, NULL);
}
