/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include <linux/virtio_gpu.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONTROL_QUEUE 0
#define CURSOR_QUEUE 1
#define REQUEST_ROOM 65536
#define REPLY_ROOM 4096
#define SECOND 2048 /* where the second of two requests, and its reply, stand */
#define CONTEXT 1
#define REPLY_US 60000000

/* virglrenderer's command stream: what a clear needs */
#define VIRGL_COMMAND(command, object, length)                                                     \
	((uint32_t)(command) | (uint32_t)(object) << 8 | (uint32_t)(length) << 16)
enum {
	VIRGL_CREATE_OBJECT = 1,
	VIRGL_DESTROY_OBJECT = 3,
	VIRGL_SET_FRAMEBUFFER_STATE = 5,
	VIRGL_CLEAR = 7,
	VIRGL_OBJECT_SURFACE = 8,
	CLEAR_COLOR0 = 1 << 2,
	SURFACE_HANDLE = 1,
};
enum { TARGET_2D = 2, BIND_RENDER_TARGET = 1 << 1, BIND_SCANOUT = 1 << 18 };

void gpu_start(struct ph_gpu *gpu, struct ph_virtio *device)
{
	memset(gpu, 0, sizeof(*gpu));
	gpu->device = device;
	virtio_start(device, (uint64_t)1 << VIRTIO_GPU_F_VIRGL | (uint64_t)1 << VIRTIO_GPU_F_EDID |
				 (uint64_t)1 << VIRTIO_GPU_F_RESOURCE_BLOB);
	gpu->request = qtest_allocate(device->qtest, REQUEST_ROOM);
	gpu->reply = qtest_allocate(device->qtest, REPLY_ROOM);
}

uint32_t gpu_format(const char *name)
{
	static const struct {
		const char *name;
		uint32_t format;
	} formats[] = {
	    {"b8g8r8a8", VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM},
	    {"b8g8r8x8", VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM},
	    {"a8r8g8b8", VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM},
	    {"x8r8g8b8", VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM},
	    {"r8g8b8a8", VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM},
	    {"x8b8g8r8", VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM},
	    {"a8b8g8r8", VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM},
	    {"r8g8b8x8", VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM},
	};
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].format;
	}
	return 0;
}

bool gpu_has_resource(const struct ph_gpu *gpu, uint32_t id)
{
	return id > 0 && id < GPU_RESOURCES && gpu->resources[id].kind != PH_GPU_FREE;
}

/* Without asking QEMU anything, but that it looks for fences now and then, which only virgl has. */
static void wait_apart(struct ph_gpu *gpu, unsigned int tries)
{
	const struct timespec period = {.tv_nsec = 50000};
	nanosleep(&period, NULL);
	if (gpu->has_context && tries % 20 == 19)
		qtest_step_clock(gpu->device->qtest, 10000000);
}

/*
 * Waits for the reply to the oldest request under way; type is its type. QEMU
 * polls unsignalled fences of virglrenderer by a timer of the guest's clock,
 * which only moves when told. Returns how many bytes the device wrote.
 */
static uint32_t await_reply(struct ph_gpu *gpu, uint32_t type)
{
	struct ph_qtest *qtest = gpu->device->qtest;
	const uint64_t deadline = qtest_now_us() + REPLY_US;
	uint16_t number;
	uint32_t written;

	for (unsigned int tries = 0; !virtio_take(gpu->device, CONTROL_QUEUE, &number, &written);
	    tries++) {
		if (qtest_now_us() > deadline) {
			qtest_die("virtio-gpu gave no reply to request 0x%x within %d s", type,
			    REPLY_US / 1000000);
		}
		if (qtest->memory) {
			wait_apart(gpu, tries);
		} else if (tries > 20) {
			qtest_wait_us(qtest, 200);
			qtest_step_clock(qtest, 10000000);
		}
	}
	return written;
}

/* Sends a request and waits for its reply. */
static uint32_t exchange(
    struct ph_gpu *gpu, const void *request, size_t size, void *reply, size_t reply_size)
{
	struct ph_qtest *qtest = gpu->device->qtest;
	struct virtio_gpu_ctrl_hdr head;

	if (size > REQUEST_ROOM || reply_size > REPLY_ROOM)
		qtest_die("request of %zu bytes", size);
	qtest_write(qtest, gpu->request, request, size);
	virtio_post(gpu->device, CONTROL_QUEUE, gpu->request, (uint32_t)size, gpu->reply,
	    (uint32_t)reply_size);
	memcpy(&head, request, sizeof(head));
	const uint32_t written = await_reply(gpu, head.type);
	memset(reply, 0, reply_size);
	qtest_read(qtest, gpu->reply, reply, written < reply_size ? written : reply_size);
	memcpy(&head, reply, sizeof(head));
	return head.type;
}

/* For the commands that are answered by a bare header. */
static uint32_t command(struct ph_gpu *gpu, const void *request, size_t size)
{
	struct virtio_gpu_ctrl_hdr reply;
	return exchange(gpu, request, size, &reply, sizeof(reply));
}

static struct virtio_gpu_ctrl_hdr header(uint32_t type)
{
	return (struct virtio_gpu_ctrl_hdr){.type = type};
}

static struct virtio_gpu_ctrl_hdr fenced_header(struct ph_gpu *gpu, uint32_t type)
{
	return (struct virtio_gpu_ctrl_hdr){
	    .type = type, .flags = VIRTIO_GPU_FLAG_FENCE, .fence_id = ++gpu->fence};
}

static struct virtio_gpu_rect wire_rect(const struct ph_gpu_rect *rect)
{
	return (struct virtio_gpu_rect){
	    .x = rect->x, .y = rect->y, .width = rect->width, .height = rect->height};
}

uint32_t gpu_get_display_info(struct ph_gpu *gpu, struct ph_gpu_mode modes[GPU_SCANOUTS])
{
	const struct virtio_gpu_ctrl_hdr request = header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	struct virtio_gpu_resp_display_info reply;
	const uint32_t type = exchange(gpu, &request, sizeof(request), &reply, sizeof(reply));
	for (unsigned int i = 0; i < GPU_SCANOUTS; i++) {
		const struct virtio_gpu_rect *rect = &reply.pmodes[i].r;
		modes[i] = (struct ph_gpu_mode){
		    {rect->x, rect->y, rect->width, rect->height}, reply.pmodes[i].enabled != 0};
	}
	return type;
}

uint32_t gpu_get_edid(struct ph_gpu *gpu, uint32_t scanout, uint8_t *edid, uint32_t *size)
{
	const struct virtio_gpu_cmd_get_edid request = {
	    .hdr = header(VIRTIO_GPU_CMD_GET_EDID), .scanout = scanout};
	struct virtio_gpu_resp_edid reply;
	const uint32_t type = exchange(gpu, &request, sizeof(request), &reply, sizeof(reply));
	*size = reply.size < sizeof(reply.edid) ? reply.size : sizeof(reply.edid);
	memcpy(edid, reply.edid, *size);
	return type;
}

static void remember(struct ph_gpu *gpu, uint32_t id, enum ph_gpu_kind kind, uint32_t format,
    uint32_t width, uint32_t height)
{
	gpu->resources[id] = (struct ph_gpu_resource){
	    .kind = kind, .format = format, .width = width, .height = height, .stride = width * 4};
}

uint32_t gpu_create_2d(
    struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width, uint32_t height)
{
	const struct virtio_gpu_resource_create_2d request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D),
	    .resource_id = id,
	    .format = format,
	    .width = width,
	    .height = height};
	const uint32_t type = command(gpu, &request, sizeof(request));
	if (type == GPU_OK_NODATA)
		remember(gpu, id, PH_GPU_2D, format, width, height);
	return type;
}

static uint32_t ensure_context(struct ph_gpu *gpu)
{
	struct virtio_gpu_ctx_create request = {
	    .hdr = header(VIRTIO_GPU_CMD_CTX_CREATE), .nlen = 5, .debug_name = "qtest"};
	if (gpu->has_context)
		return GPU_OK_NODATA;
	request.hdr.ctx_id = CONTEXT;
	const uint32_t type = command(gpu, &request, sizeof(request));
	gpu->has_context = type == GPU_OK_NODATA;
	return type;
}

uint32_t gpu_create_3d(struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width,
    uint32_t height, uint32_t flags)
{
	const struct virtio_gpu_resource_create_3d request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D),
	    .resource_id = id,
	    .target = TARGET_2D,
	    .format = format,
	    .bind = BIND_RENDER_TARGET | BIND_SCANOUT,
	    .width = width,
	    .height = height,
	    .depth = 1,
	    .array_size = 1,
	    .flags = flags};
	struct virtio_gpu_ctx_resource attach = {
	    .hdr = header(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE), .resource_id = id};
	uint32_t type = ensure_context(gpu);
	if (type == GPU_OK_NODATA)
		type = command(gpu, &request, sizeof(request));
	if (type != GPU_OK_NODATA)
		return type;
	remember(gpu, id, PH_GPU_3D, format, width, height);
	attach.hdr.ctx_id = CONTEXT;
	return command(gpu, &attach, sizeof(attach));
}

/*
 * A request followed by the list of where the memory lies. Pieces are listed
 * one by one although they adjoin: what matters is how many there are.
 */
static uint32_t command_with_memory(struct ph_gpu *gpu, const void *request, size_t size,
    uint64_t memory, uint64_t bytes, uint32_t pieces)
{
	uint8_t whole[REQUEST_ROOM];
	const uint64_t pages = (bytes + 4095) / 4096;
	if (pieces < 1 || pieces > pages ||
	    size + pieces * sizeof(struct virtio_gpu_mem_entry) > sizeof(whole))
		qtest_die("%u pieces of memory", pieces);
	memcpy(whole, request, size);
	for (uint32_t i = 0; i < pieces; i++) {
		const uint64_t from = pages * i / pieces * 4096,
			       to = pages * (i + 1) / pieces * 4096;
		const struct virtio_gpu_mem_entry entry = {
		    .addr = memory + from, .length = (uint32_t)(to - from)};
		memcpy(whole + size + i * sizeof(entry), &entry, sizeof(entry));
	}
	return command(gpu, whole, size + pieces * sizeof(struct virtio_gpu_mem_entry));
}

uint32_t gpu_create_blob(struct ph_gpu *gpu, uint32_t id, uint32_t format, uint32_t width,
    uint32_t height, uint32_t stride, uint32_t pieces)
{
	const uint64_t bytes = ((uint64_t)stride * height + 4095) & ~(uint64_t)4095;
	const uint64_t memory = qtest_allocate(gpu->device->qtest, bytes);
	const struct virtio_gpu_resource_create_blob request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB),
	    .resource_id = id,
	    .blob_mem = VIRTIO_GPU_BLOB_MEM_GUEST,
	    .blob_flags = VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE,
	    .nr_entries = pieces,
	    .size = bytes};
	const uint32_t type =
	    command_with_memory(gpu, &request, sizeof(request), memory, bytes, pieces);
	if (type == GPU_OK_NODATA) {
		remember(gpu, id, PH_GPU_BLOB, format, width, height);
		gpu->resources[id].stride = stride;
		gpu->resources[id].backing = memory;
	}
	return type;
}

uint32_t gpu_attach_backing(struct ph_gpu *gpu, uint32_t id)
{
	struct ph_gpu_resource *resource = &gpu->resources[id];
	const uint64_t bytes = (uint64_t)resource->stride * resource->height;
	const uint64_t memory = qtest_allocate(gpu->device->qtest, bytes);
	const struct virtio_gpu_resource_attach_backing request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING),
	    .resource_id = id,
	    .nr_entries = 1};
	const uint32_t type = command_with_memory(gpu, &request, sizeof(request), memory, bytes, 1);
	if (type == GPU_OK_NODATA)
		resource->backing = memory;
	return type;
}

uint32_t gpu_detach_backing(struct ph_gpu *gpu, uint32_t id)
{
	const struct virtio_gpu_resource_detach_backing request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING), .resource_id = id};
	gpu->resources[id].backing = 0;
	return command(gpu, &request, sizeof(request));
}

uint32_t gpu_unref(struct ph_gpu *gpu, uint32_t id)
{
	const struct virtio_gpu_resource_unref request = {
	    .hdr = header(VIRTIO_GPU_CMD_RESOURCE_UNREF), .resource_id = id};
	gpu->resources[id] = (struct ph_gpu_resource){0};
	return command(gpu, &request, sizeof(request));
}

static uint32_t transfer_3d(
    struct ph_gpu *gpu, uint32_t direction, uint32_t id, const struct ph_gpu_rect *rect)
{
	const struct ph_gpu_resource *resource = &gpu->resources[id];
	struct virtio_gpu_transfer_host_3d request = {.hdr = fenced_header(gpu, direction),
	    .box = {.x = rect->x, .y = rect->y, .w = rect->width, .h = rect->height, .d = 1},
	    .offset = (uint64_t)rect->y * resource->stride + rect->x * 4,
	    .resource_id = id,
	    .stride = resource->stride};
	request.hdr.ctx_id = CONTEXT;
	return command(gpu, &request, sizeof(request));
}

uint32_t gpu_transfer(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect)
{
	const struct ph_gpu_resource *resource = &gpu->resources[id];
	const struct virtio_gpu_transfer_to_host_2d request = {
	    .hdr = header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D),
	    .r = wire_rect(rect),
	    .offset = (uint64_t)rect->y * resource->stride + rect->x * 4,
	    .resource_id = id};
	switch (resource->kind) {
	case PH_GPU_3D:
		return transfer_3d(gpu, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, id, rect);
	case PH_GPU_BLOB:
		return GPU_OK_NODATA;
	default:
		return command(gpu, &request, sizeof(request));
	}
}

uint32_t gpu_transfer_back(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect)
{
	return transfer_3d(gpu, VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, id, rect);
}

/* The request that shows a resource on a scanout; returns its size in bytes. */
static size_t fill_set_scanout(const struct ph_gpu *gpu, uint32_t scanout, uint32_t id,
    const struct ph_gpu_rect *rect, struct virtio_gpu_set_scanout_blob *request)
{
	const struct ph_gpu_resource *resource = &gpu->resources[id];
	const struct virtio_gpu_set_scanout plain = {.hdr = header(VIRTIO_GPU_CMD_SET_SCANOUT),
	    .r = wire_rect(rect),
	    .scanout_id = scanout,
	    .resource_id = id};
	const struct virtio_gpu_set_scanout_blob blob = {
	    .hdr = header(VIRTIO_GPU_CMD_SET_SCANOUT_BLOB),
	    .r = wire_rect(rect),
	    .scanout_id = scanout,
	    .resource_id = id,
	    .width = resource->width,
	    .height = resource->height,
	    .format = resource->format,
	    .strides = {resource->stride}};
	if (resource->kind == PH_GPU_BLOB) {
		*request = blob;
		return sizeof(blob);
	}
	memcpy(request, &plain, sizeof(plain));
	return sizeof(plain);
}

static struct virtio_gpu_resource_flush flush_request(
    struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect, bool fenced)
{
	return (struct virtio_gpu_resource_flush){
	    .hdr = fenced ? fenced_header(gpu, VIRTIO_GPU_CMD_RESOURCE_FLUSH)
			  : header(VIRTIO_GPU_CMD_RESOURCE_FLUSH),
	    .r = wire_rect(rect),
	    .resource_id = id};
}

uint32_t gpu_set_scanout(
    struct ph_gpu *gpu, uint32_t scanout, uint32_t id, const struct ph_gpu_rect *rect)
{
	struct virtio_gpu_set_scanout_blob request;
	const size_t size = fill_set_scanout(gpu, scanout, id, rect, &request);
	return command(gpu, &request, size);
}

uint32_t gpu_flush(struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect, bool fenced)
{
	const struct virtio_gpu_resource_flush request = flush_request(gpu, id, rect, fenced);
	return command(gpu, &request, sizeof(request));
}

uint32_t gpu_flip(
    struct ph_gpu *gpu, uint32_t scanout, uint32_t id, const struct ph_gpu_rect *rect)
{
	struct ph_qtest *qtest = gpu->device->qtest;
	const struct virtio_gpu_resource_flush flush = flush_request(gpu, id, rect, true);
	struct virtio_gpu_set_scanout_blob show;
	const size_t size = fill_set_scanout(gpu, scanout, id, rect, &show);
	struct virtio_gpu_ctrl_hdr first, second;

	qtest_write(qtest, gpu->request, &show, size);
	qtest_write(qtest, gpu->request + SECOND, &flush, sizeof(flush));
	virtio_post(gpu->device, CONTROL_QUEUE, gpu->request, (uint32_t)size, gpu->reply,
	    sizeof(first));
	virtio_post(gpu->device, CONTROL_QUEUE, gpu->request + SECOND, sizeof(flush),
	    gpu->reply + SECOND, sizeof(second));
	await_reply(gpu, show.hdr.type);
	await_reply(gpu, flush.hdr.type);
	qtest_read(qtest, gpu->reply, &first, sizeof(first));
	qtest_read(qtest, gpu->reply + SECOND, &second, sizeof(second));
	return first.type == GPU_OK_NODATA ? second.type : first.type;
}

uint32_t gpu_clear_3d(struct ph_gpu *gpu, uint32_t id, const float color[4])
{
	uint32_t bits[4];
	memcpy(bits, color, sizeof(bits));
	const uint32_t stream[] = {
	    VIRGL_COMMAND(VIRGL_CREATE_OBJECT, VIRGL_OBJECT_SURFACE, 5),
	    SURFACE_HANDLE,
	    id,
	    gpu->resources[id].format,
	    0, /* level */
	    0, /* layers */
	    VIRGL_COMMAND(VIRGL_SET_FRAMEBUFFER_STATE, 0, 3),
	    1, /* color buffers */
	    0, /* no depth buffer */
	    SURFACE_HANDLE,
	    VIRGL_COMMAND(VIRGL_CLEAR, 0, 8),
	    CLEAR_COLOR0,
	    bits[0],
	    bits[1],
	    bits[2],
	    bits[3],
	    0, /* depth, 64 bits */
	    0,
	    0, /* stencil */
	    VIRGL_COMMAND(VIRGL_SET_FRAMEBUFFER_STATE, 0, 2),
	    0,
	    0,
	    VIRGL_COMMAND(VIRGL_DESTROY_OBJECT, VIRGL_OBJECT_SURFACE, 1),
	    SURFACE_HANDLE,
	};
	struct {
		struct virtio_gpu_cmd_submit head;
		uint32_t stream[sizeof(stream) / sizeof(stream[0])];
	} request = {
	    .head = {.hdr = fenced_header(gpu, VIRTIO_GPU_CMD_SUBMIT_3D), .size = sizeof(stream)}};
	request.head.hdr.ctx_id = CONTEXT;
	memcpy(request.stream, stream, sizeof(stream));
	return command(gpu, &request, sizeof(request));
}

static void send_cursor(struct ph_gpu *gpu, const struct virtio_gpu_update_cursor *request)
{
	const uint64_t deadline = qtest_now_us() + REPLY_US;
	uint16_t number;
	uint32_t written;
	qtest_write(gpu->device->qtest, gpu->request, request, sizeof(*request));
	virtio_post(gpu->device, CURSOR_QUEUE, gpu->request, sizeof(*request), 0, 0);
	while (!virtio_take(gpu->device, CURSOR_QUEUE, &number, &written)) {
		if (qtest_now_us() > deadline)
			qtest_die("virtio-gpu does not take a cursor command");
	}
}

void gpu_update_cursor(struct ph_gpu *gpu, uint32_t scanout, uint32_t id, uint32_t hot_x,
    uint32_t hot_y, uint32_t x, uint32_t y)
{
	const struct virtio_gpu_update_cursor request = {
	    .hdr = header(VIRTIO_GPU_CMD_UPDATE_CURSOR),
	    .pos = {.scanout_id = scanout, .x = x, .y = y},
	    .resource_id = id,
	    .hot_x = hot_x,
	    .hot_y = hot_y};
	send_cursor(gpu, &request);
}

void gpu_move_cursor(struct ph_gpu *gpu, uint32_t scanout, uint32_t x, uint32_t y)
{
	const struct virtio_gpu_update_cursor request = {.hdr = header(VIRTIO_GPU_CMD_MOVE_CURSOR),
	    .pos = {.scanout_id = scanout, .x = x, .y = y}};
	send_cursor(gpu, &request);
}

uint32_t gpu_read_events(struct ph_gpu *gpu)
{
	return (uint32_t)qtest_get(gpu->device->qtest, gpu->device->config, 4);
}

void gpu_clear_events(struct ph_gpu *gpu, uint32_t events)
{
	qtest_set(gpu->device->qtest, gpu->device->config + 4, 4, events);
}

uint32_t gpu_scanout_count(struct ph_gpu *gpu)
{
	return (uint32_t)qtest_get(gpu->device->qtest, gpu->device->config + 8, 4);
}
