// SPDX-License-Identifier: MIT
#include "wl_swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client-protocol.h>

#include "alloc.h"
#include "log.h"
#include "pixels.h"

#define LOG_MODULE "shm"
#define NUM_BUFFERS 3

struct buffer {
	struct wl_buffer *buffer; /* NULL: not made yet */
	uint32_t *data;
	bool busy;
	struct ph_rect stale;
};

struct ph_wl_swap {
	struct wl_shm *shm;
	uint32_t width, height;
	struct buffer buffers[NUM_BUFFERS];
	struct ph_log_limit limit;
};

/*
 * A sealed memory file of that size and a mapping of it; -1 with errno. The
 * pages are taken now, as running out of them later would be a signal.
 */
static int make_memory(size_t size, void **data)
{
	const int fd = memfd_create("phyllome-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return -1;
	}
	const int error = posix_fallocate(fd, 0, (off_t)size);
	if (error != 0) {
		close(fd);
		errno = error;
		return -1;
	}
	*data = fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0
	    ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
	    : MAP_FAILED;
	if (*data == MAP_FAILED) {
		const int reason = errno;
		close(fd);
		errno = reason;
		return -1;
	}
	return fd;
}

/* Takes the fd. size is at most 16384 * 16384 * 4, which fits into 31 bits. */
static struct wl_buffer *make_buffer(
    struct wl_shm *shm, int fd, uint32_t width, uint32_t height, uint32_t format)
{
	struct wl_shm_pool *pool = wl_shm_create_pool(shm, fd, (int32_t)(width * height * 4));
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
	    pool, 0, (int32_t)width, (int32_t)height, (int32_t)(width * 4), format);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

static void handle_release(void *data, struct wl_buffer *wl_buffer)
{
	struct buffer *buffer = data;
	buffer->busy = false;
}

static const struct wl_buffer_listener buffer_listener = {
    .release = handle_release,
};

struct ph_wl_swap *wl_swap_create(struct wl_shm *shm, uint32_t width, uint32_t height)
{
	struct ph_wl_swap *swap = alloc_zero(sizeof(*swap));

	swap->shm = shm;
	swap->width = width;
	swap->height = height;
	return swap;
}

void wl_swap_destroy(struct ph_wl_swap *swap)
{
	if (!swap) {
		return;
	}
	for (int i = 0; i < NUM_BUFFERS; i++) {
		if (swap->buffers[i].buffer) {
			wl_buffer_destroy(swap->buffers[i].buffer);
			(void)munmap(swap->buffers[i].data, (size_t)swap->width * swap->height * 4);
		}
	}
	free(swap);
}

static bool fill_buffer(struct ph_wl_swap *swap, struct buffer *buffer)
{
	void *data;
	const int fd = make_memory((size_t)swap->width * swap->height * 4, &data);

	if (fd < 0) {
		log_limited(&swap->limit, PH_LOG_ERROR, "no memory for a picture of %ux%u: %s",
		    swap->width, swap->height, strerror(errno));
		return false;
	}
	buffer->data = data;
	buffer->buffer =
	    make_buffer(swap->shm, fd, swap->width, swap->height, WL_SHM_FORMAT_XRGB8888);
	wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	buffer->stale = (struct ph_rect){
	    .width = (int32_t)swap->width, .height = (int32_t)swap->height};
	return true;
}

bool wl_swap_next(struct ph_wl_swap *swap, struct ph_rect damage, struct ph_wl_swap_frame *out)
{
	struct buffer *next = NULL;

	damage = rect_clip(damage, swap->width, swap->height);
	for (int i = NUM_BUFFERS - 1; i >= 0; i--) {
		struct buffer *buffer = &swap->buffers[i];
		buffer->stale = rect_union(buffer->stale, damage);
		/* a buffer that exists before one that has to be made */
		if (!buffer->busy && (!next || buffer->buffer || !next->buffer)) {
			next = buffer;
		}
	}
	if (!next || (!next->buffer && !fill_buffer(swap, next))) {
		return false;
	}
	*out = (struct ph_wl_swap_frame){
	    .buffer = next->buffer, .data = next->data, .stale = next->stale};
	next->stale = (struct ph_rect){0};
	next->busy = true;
	return true;
}

struct wl_buffer *wl_swap_make_still(struct wl_shm *shm, const uint32_t *pixels, uint32_t width,
    uint32_t height, uint32_t format)
{
	const size_t size = (size_t)width * height * sizeof(*pixels);
	void *data;
	const int fd = make_memory(size, &data);

	if (fd < 0) {
		return NULL;
	}
	memcpy(data, pixels, size);
	(void)munmap(data, size);
	return make_buffer(shm, fd, width, height, format);
}
