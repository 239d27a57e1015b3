/* SPDX-License-Identifier: MIT */
/*
 * The driver's side of virtio-gpu: one function per command. Those that
 * return uint32_t return the device's response type (0x1100 and up: done,
 * 0x1200 and up: refused), which it is the caller's to judge.
 */
#ifndef PH_TEST_GPU_H
#define PH_TEST_GPU_H

#include "virtio.h"

#define GPU_RESOURCES 64
#define GPU_SCANOUTS 16
#define GPU_OK_NODATA 0x1100u

enum ph_gpu_kind {
	PH_GPU_FREE,
	PH_GPU_2D,
	PH_GPU_BLOB,
	PH_GPU_3D,
};

struct ph_gpu_rect {
	uint32_t x, y, width, height;
};

/* A resource of the guest; its number is its place in the table. */
struct ph_gpu_resource {
	enum ph_gpu_kind kind;
	uint32_t format, width, height, stride;
	uint64_t backing; /* guest memory of stride * height bytes; 0 if none is attached */
};

struct ph_gpu {
	struct ph_virtio *device;
	uint64_t request, reply; /* one page for small requests each, see gpu.c */
	uint64_t fence;
	bool has_context;
	struct ph_gpu_resource resources[GPU_RESOURCES]; /* 0 stays unused */
};

struct ph_gpu_mode {
	struct ph_gpu_rect rect;
	bool enabled;
};

/* Starts the device with all the features that these commands use. */
void gpu_start(struct ph_gpu *gpu, struct ph_virtio *device);

/* The number of a format by its virtio name in small letters ("b8g8r8x8"), 0 if unknown. */
uint32_t gpu_format(const char *name);

/* Whether the resource exists; its number may be anything. */
bool gpu_has_resource(const struct ph_gpu *gpu, uint32_t id);

uint32_t gpu_get_display_info(struct ph_gpu *gpu, struct ph_gpu_mode modes[GPU_SCANOUTS]);

/* edid has room for 1024 bytes; *size is how many are valid. */
uint32_t gpu_get_edid(struct ph_gpu *gpu, uint32_t scanout, uint8_t *edid, uint32_t *size);

uint32_t gpu_create_2d(
    struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width, uint32_t height);

/* flags: virtio's VIRTIO_GPU_RESOURCE_FLAG_* (1: y_0_top). Makes the context at first use. */
uint32_t gpu_create_3d(struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width,
    uint32_t height, uint32_t flags);

/* A blob in guest memory, laid out in "pieces" separate pieces (at least 1). */
uint32_t gpu_create_blob(struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width,
    uint32_t height, uint32_t stride, uint32_t pieces);

/* Gives a 2D or 3D resource guest memory of its size. */
uint32_t gpu_attach_backing(struct ph_gpu *gpu, uint32_t id);
uint32_t gpu_detach_backing(struct ph_gpu *gpu, uint32_t id);
uint32_t gpu_unref(struct ph_gpu *gpu, uint32_t id);

/* From guest memory into the resource; for blobs there is nothing to do. */
uint32_t gpu_transfer(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect);

/* From a 3D resource into its guest memory. */
uint32_t gpu_transfer_back(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect);

/* id 0 disables the scanout. */
uint32_t gpu_set_scanout(
    struct ph_gpu *gpu, uint32_t scanout, uint32_t id, const struct ph_gpu_rect *rect);

uint32_t gpu_flush(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect, bool fenced);

/*
 * Shows the resource and flushes it, both under way at once as a Linux guest
 * sends them. The first answer that is not GPU_OK_NODATA, or that.
 */
uint32_t gpu_flip(
    struct ph_gpu *gpu, uint32_t scanout, uint32_t id, const struct ph_gpu_rect *rect);

/* Clears a 3D resource by commands to virglrenderer, fenced. */
uint32_t gpu_clear_3d(struct ph_gpu *gpu, uint32_t id, const float color[4]);

/* On the cursor queue. id 0 hides; the resource is to be 64 x 64. */
void gpu_update_cursor(struct ph_gpu *gpu, uint32_t scanout, uint32_t id, uint32_t hot_x,
    uint32_t hot_y, uint32_t x, uint32_t y);
void gpu_move_cursor(struct ph_gpu *gpu, uint32_t scanout, uint32_t x, uint32_t y);

/* events_read of the configuration, and writing those bits to events_clear. */
uint32_t gpu_read_events(struct ph_gpu *gpu);
void gpu_clear_events(struct ph_gpu *gpu, uint32_t events);
uint32_t gpu_scanout_count(struct ph_gpu *gpu);

#endif
