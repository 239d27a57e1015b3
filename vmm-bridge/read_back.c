// SPDX-License-Identifier: MIT
#include "read_back.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats.h"
#include "pixels.h"

static uint64_t picture_size(const struct ph_picture *picture)
{
	return (uint64_t)picture->planes[0].offset +
	    (uint64_t)picture->planes[0].stride * picture->backing_height;
}

/*
 * Begins or ends the CPU's reading of a dma-buf (linux/dma-buf.h): caches are right
 * in between. False: it is none.
 */
static bool sync_dmabuf(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = {.flags = flags | DMA_BUF_SYNC_READ};
	int r;

	do {
		r = ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	} while (r < 0 && (errno == EINTR || errno == EAGAIN));
	return r == 0;
}

bool read_back_is_possible(const struct ph_picture *picture)
{
	const uint64_t size = picture_size(picture);

	if (picture->num_planes != 1 || size > SIZE_MAX ||
	    formats_bytes_per_pixel(picture->fourcc) == 0 ||
	    (picture->kind == PH_PICTURE_DMABUF && picture->modifier != DRM_FORMAT_MOD_LINEAR &&
		picture->modifier != DRM_FORMAT_MOD_INVALID)) {
		return false;
	}
	if (picture->kind != PH_PICTURE_DMABUF) {
		return true;
	}
	void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, picture->planes[0].fd, 0);
	if (data == MAP_FAILED) {
		return false;
	}
	munmap(data, size);
	return true;
}

/* The size of a dma-buf never changes, so that it can be mapped. */
static void draw_mapped(
    uint32_t *dst, const struct ph_picture *picture, const struct ph_rect *r, uint32_t step)
{
	const uint64_t size = picture_size(picture);
	const uint8_t *data = mmap(NULL, size, PROT_READ, MAP_SHARED, picture->planes[0].fd, 0);

	if (data == MAP_FAILED) {
		return;
	}
	for (int32_t y = r->y; y < r->y + r->height; y++) {
		const uint8_t *row = data + picture->planes[0].offset +
		    (size_t)picture->planes[0].stride * (size_t)y + (size_t)r->x * step;
		pixels_convert_row(dst + (size_t)y * picture->backing_width + r->x, row,
		    picture->fourcc, (uint32_t)r->width);
	}
	munmap((void *)data, size);
}

/* Read, not mapped: QEMU may cut its file short at any moment, and a read just ends. */
static void draw_read(
    uint32_t *dst, const struct ph_picture *picture, const struct ph_rect *r, uint32_t step)
{
	const size_t size = (size_t)r->width * step;
	uint8_t *row = calloc(1, size + 1);

	if (!row) {
		abort();
	}
	for (int32_t y = r->y; y < r->y + r->height; y++) {
		const off_t at = (off_t)picture->planes[0].offset +
		    (off_t)picture->planes[0].stride * y + (off_t)r->x * step;
		if (pread(picture->planes[0].fd, row, size, at) < (ssize_t)size) {
			break;
		}
		pixels_convert_row(dst + (size_t)y * picture->backing_width + r->x, row,
		    picture->fourcc, (uint32_t)r->width);
	}
	free(row);
}

void read_back_draw(uint32_t *dst, const struct ph_picture *picture, const struct ph_rect *area)
{
	const uint32_t step = formats_bytes_per_pixel(picture->fourcc);
	const int fd = picture->planes[0].fd;

	if (picture->kind == PH_PICTURE_DMABUF && sync_dmabuf(fd, DMA_BUF_SYNC_START)) {
		draw_mapped(dst, picture, area, step);
		(void)sync_dmabuf(fd, DMA_BUF_SYNC_END);
	} else {
		draw_read(dst, picture, area, step);
	}
}
