/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The started GPU; ends the program if there is none. */
static struct ph_gpu *get_gpu(struct ph_guest_machine *machine)
{
	if (!machine->gpu.device || !machine->gpu.device->started)
		qtest_die("the GPU is not started: say \"up gpu\" first");
	return &machine->gpu;
}

static uint32_t get_id(struct ph_gpu *gpu, const char *word)
{
	const uint32_t id = guest_number(word);
	if (!gpu_has_resource(gpu, id))
		qtest_die("there is no resource %s", word);
	return id;
}

static uint32_t get_new_id(struct ph_gpu *gpu, const char *word)
{
	const uint32_t id = guest_number(word);
	if (id == 0 || id >= GPU_RESOURCES || gpu_has_resource(gpu, id))
		qtest_die(
		    "resource number %s is taken or not within 1 to %d", word, GPU_RESOURCES - 1);
	return id;
}

static uint32_t get_format(const char *word)
{
	const uint32_t format = gpu_format(word);
	if (format == 0)
		qtest_die("no format %s", word);
	return format;
}

/* From four words, or all of the resource if there are none. */
static struct ph_gpu_rect get_rect(
    const struct ph_gpu *gpu, uint32_t id, char **words, unsigned int count)
{
	if (count == 0)
		return (struct ph_gpu_rect){
		    0, 0, gpu->resources[id].width, gpu->resources[id].height};
	if (count != 4)
		qtest_die("a rectangle is X Y WIDTH HEIGHT");
	return (struct ph_gpu_rect){guest_number(words[0]), guest_number(words[1]),
	    guest_number(words[2]), guest_number(words[3])};
}

static void answer_type(uint32_t type)
{
	if (type >= GPU_OK_NODATA && type < 0x1200)
		guest_answer("%s", "");
	else
		guest_refuse("the device answers 0x%x", type);
}

static void run_display(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	struct ph_gpu_mode modes[GPU_SCANOUTS];
	char text[GPU_SCANOUTS * 40];
	size_t fill = 0;
	gpu_get_display_info(gpu, modes);
	const uint32_t scanouts = gpu_scanout_count(gpu);
	for (uint32_t i = 0; i < scanouts && i < GPU_SCANOUTS; i++)
		fill += (size_t)snprintf(text + fill, sizeof(text) - fill,
		    "%s%" PRIu32 "x%" PRIu32 "%s", i ? " " : "", modes[i].rect.width,
		    modes[i].rect.height, modes[i].enabled ? "" : "-off");
	guest_answer("%s", text);
}

static void run_edid(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	uint8_t edid[1024];
	char text[2 * sizeof(edid) + 1] = "";
	uint32_t size;
	const uint32_t type = gpu_get_edid(get_gpu(machine), guest_number(words[0]), edid, &size);
	for (uint32_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", edid[i]);
	if (type >= 0x1200)
		answer_type(type);
	else
		guest_answer("%s", text);
}

static void run_create_2d(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_new_id(gpu, words[0]);
	uint32_t type = gpu_create_2d(
	    gpu, id, get_format(words[1]), guest_number(words[2]), guest_number(words[3]));
	if (type == GPU_OK_NODATA)
		type = gpu_attach_backing(gpu, id);
	answer_type(type);
}

static void run_create_3d(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_new_id(gpu, words[0]);
	uint32_t type = gpu_create_3d(gpu, id, get_format(words[1]), guest_number(words[2]),
	    guest_number(words[3]), count > 4 ? guest_number(words[4]) : 0);
	if (type == GPU_OK_NODATA)
		type = gpu_attach_backing(gpu, id);
	answer_type(type);
}

static void run_create_blob(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t width = guest_number(words[2]);
	answer_type(gpu_create_blob(gpu, get_new_id(gpu, words[0]), get_format(words[1]), width,
	    guest_number(words[3]), count > 4 ? guest_number(words[4]) : width * 4,
	    count > 5 ? guest_number(words[5]) : 1));
}

static void run_unref(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	answer_type(gpu_unref(gpu, get_id(gpu, words[0])));
}

static void run_detach(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	answer_type(gpu_detach_backing(gpu, get_id(gpu, words[0])));
}

/* Writes rows of 32-bit pixels into the resource's guest memory; both are checked to fit. */
static void write_rect(struct ph_guest_machine *machine, uint32_t id,
    const struct ph_gpu_rect *rect, const uint32_t *pixels)
{
	const struct ph_gpu_resource *resource = &machine->gpu.resources[id];
	const uint64_t start =
	    resource->backing + (uint64_t)rect->y * resource->stride + (uint64_t)rect->x * 4;
	if (rect->x == 0 && resource->stride == rect->width * 4) {
		qtest_write(
		    &machine->qtest, start, pixels, (size_t)resource->stride * rect->height);
		return;
	}
	for (uint32_t row = 0; row < rect->height; row++)
		qtest_write(&machine->qtest, start + (uint64_t)row * resource->stride,
		    pixels + (size_t)row * rect->width, (size_t)rect->width * 4);
}

static uint32_t *allocate_pixels(
    const struct ph_gpu *gpu, uint32_t id, const struct ph_gpu_rect *rect)
{
	const struct ph_gpu_resource *resource = &gpu->resources[id];
	if (!resource->backing)
		qtest_die("resource %" PRIu32 " has no guest memory", id);
	if (rect->width == 0 || rect->height == 0 || rect->x > resource->width ||
	    rect->width > resource->width - rect->x || rect->y > resource->height ||
	    rect->height > resource->height - rect->y)
		qtest_die("the rectangle is empty or not within resource %" PRIu32, id);
	uint32_t *pixels = calloc((size_t)rect->width * rect->height, sizeof(*pixels));
	if (!pixels)
		abort();
	return pixels;
}

static void run_fill(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]), color = guest_number(words[1]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 2, count - 2);
	uint32_t *pixels = allocate_pixels(gpu, id, &rect);
	if (count == 2 && color == (color & 0xff) * 0x01010101u) { /* without sending it all */
		const struct ph_gpu_resource *resource = &gpu->resources[id];
		qtest_fill(&machine->qtest, resource->backing, (uint8_t)color,
		    (size_t)resource->stride * resource->height);
		free(pixels);
		guest_answer("%s", "");
		return;
	}
	for (size_t i = 0; i < (size_t)rect.width * rect.height; i++)
		pixels[i] = color;
	write_rect(machine, id, &rect, pixels);
	free(pixels);
	guest_answer("%s", "");
}

/* A picture whose every pixel differs from those around it, and from itself at another seed. */
static void run_pattern(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]), seed = guest_number(words[1]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 2, count - 2);
	uint32_t *pixels = allocate_pixels(gpu, id, &rect);
	for (uint32_t y = 0; y < rect.height; y++) {
		for (uint32_t x = 0; x < rect.width; x++) {
			const uint32_t hash = (rect.x + x) * 2654435761u ^
					      (rect.y + y) * 2246822519u ^ seed * 3266489917u;
			pixels[(size_t)y * rect.width + x] = hash ^ hash >> 15;
		}
	}
	write_rect(machine, id, &rect, pixels);
	free(pixels);
	guest_answer("%s", "");
}

static void run_pixel(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_rect rect = {guest_number(words[1]), guest_number(words[2]), 1, 1};
	free(allocate_pixels(gpu, id, &rect)); /* checks that it is inside */
	guest_answer("0x%08" PRIx64,
	    qtest_get(&machine->qtest,
		gpu->resources[id].backing + (uint64_t)rect.y * gpu->resources[id].stride +
		    (uint64_t)rect.x * 4,
		4));
}

/* The resource's guest memory as a binary file: rows of width * 4 bytes. */
static void run_dump(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_resource *resource = &gpu->resources[id];
	const struct ph_gpu_rect rect = get_rect(gpu, id, NULL, 0);
	uint32_t *pixels = allocate_pixels(gpu, id, &rect);
	for (uint32_t row = 0; row < rect.height; row++)
		qtest_read(&machine->qtest, resource->backing + (uint64_t)row * resource->stride,
		    pixels + (size_t)row * rect.width, (size_t)rect.width * 4);
	FILE *file = fopen(words[1], "wbe");
	const size_t size = (size_t)rect.width * rect.height;
	if (!file || fwrite(pixels, 4, size, file) != size || fclose(file) != 0)
		qtest_die("%s: cannot write: %s", words[1], strerror(errno));
	free(pixels);
	guest_answer("%s", "");
}

static void run_transfer(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 1, count - 1);
	answer_type(gpu_transfer(gpu, id, &rect));
}

/* All of the resource so many times: work for QEMU's main loop that nobody sees. */
static void run_transfers(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]), times = guest_number(words[1]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, NULL, 0);
	uint32_t type = GPU_OK_NODATA;
	for (uint32_t i = 0; i < times && type == GPU_OK_NODATA; i++)
		type = gpu_transfer(gpu, id, &rect);
	answer_type(type);
}

static void run_transfer_back(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 1, count - 1);
	answer_type(gpu_transfer_back(gpu, id, &rect));
}

static void run_clear_3d(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	float color[4];
	for (unsigned int i = 0; i < 4; i++)
		color[i] = strtof(words[1 + i], NULL);
	answer_type(gpu_clear_3d(gpu, get_id(gpu, words[0]), color));
}

static void run_scanout(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = guest_number(words[1]) ? get_id(gpu, words[1]) : 0;
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 2, count - 2);
	answer_type(gpu_set_scanout(gpu, guest_number(words[0]), id, &rect));
}

static void run_flush(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 1, count - 1);
	answer_type(gpu_flush(gpu, id, &rect, true));
}

static void run_flush_unfenced(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]);
	const struct ph_gpu_rect rect = get_rect(gpu, id, words + 1, count - 1);
	answer_type(gpu_flush(gpu, id, &rect, false));
}

/* Writes a frame's number into 16 x 16 pixels at the left. */
static uint32_t draw_mark(struct ph_guest_machine *machine, uint32_t id, uint32_t y, uint32_t frame)
{
	const struct ph_gpu_rect mark = {0, y, 16, 16};
	uint32_t pixels[16 * 16];
	for (unsigned int i = 0; i < 16 * 16; i++)
		pixels[i] = 0xff000000u | frame;
	write_rect(machine, id, &mark, pixels);
	return gpu_transfer(&machine->gpu, id, &mark);
}

/* What one turn of flip does; each frame has its number in its first rows, perhaps in its last. */
static uint32_t flip_once(
    struct ph_guest_machine *machine, uint32_t scanout, uint32_t id, uint32_t frame, bool ends)
{
	struct ph_gpu *gpu = &machine->gpu;
	const struct ph_gpu_rect all = get_rect(gpu, id, NULL, 0);
	if (all.width < 16 || all.height < 16)
		qtest_die("resource %" PRIu32 " is too small for a number", id);
	uint32_t type = draw_mark(machine, id, 0, frame);
	if (ends && type == GPU_OK_NODATA)
		type = draw_mark(machine, id, all.height - 16, frame);
	return type == GPU_OK_NODATA ? gpu_flip(gpu, scanout, id, &all) : type;
}

/*
 * tick: those for which a frame took too long are let pass, as by a guest with a vblank timer,
 * and each frame has its number in its last rows too.
 */
static void flip_frames(
    struct ph_guest_machine *machine, char **words, unsigned int count, bool tick)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t scanout = guest_number(words[0]), frames = guest_number(words[1]);
	const uint64_t interval = guest_number(words[2]), start = qtest_now_us();
	uint64_t due = start;
	free(machine->flip_times);
	machine->flip_times = calloc(frames ? frames : 1, sizeof(*machine->flip_times));
	if (!machine->flip_times)
		abort();
	machine->flip_count = frames;
	for (uint32_t i = 0; i < frames; i++) {
		machine->flip_times[i] = qtest_now_us();
		const uint32_t id = get_id(gpu, words[3 + i % (count - 3)]);
		const uint32_t type = flip_once(machine, scanout, id, i, tick);
		if (type != GPU_OK_NODATA) {
			guest_refuse("frame %" PRIu32 ": the device answers 0x%x", i, type);
			return;
		}
		const uint64_t now = qtest_now_us();
		due += interval;
		if (tick && interval > 0 && now > due)
			due += (now - due + interval - 1) / interval * interval;
		if (now < due)
			qtest_wait_us(&machine->qtest, due - now);
	}
	guest_answer("%" PRIu32 " frames in %" PRIu64 " us", frames, qtest_now_us() - start);
}

static void run_flip(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	flip_frames(machine, words, count, false);
}

static void run_tick(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	flip_frames(machine, words, count, true);
}

/* As a guest without a GPU changes a part of its screen: copied to the device, then flushed. */
static void run_patch(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint32_t id = get_id(gpu, words[0]), frames = guest_number(words[1]);
	const uint64_t interval = guest_number(words[2]), start = qtest_now_us();
	struct ph_gpu_rect rect = {0, 0, guest_number(words[3]), guest_number(words[4])};
	const uint32_t step = count > 5 ? guest_number(words[5]) : 0;
	uint32_t *pixels = allocate_pixels(gpu, id, &rect);
	for (uint32_t i = 0; i < frames; i++) {
		rect.x = step * i % (gpu->resources[id].width - rect.width + 1);
		for (size_t k = 0; k < (size_t)rect.width * rect.height; k++)
			pixels[k] = 0xff000000u | i;
		write_rect(machine, id, &rect, pixels);
		uint32_t type = gpu_transfer(gpu, id, &rect);
		type = type == GPU_OK_NODATA ? gpu_flush(gpu, id, &rect, true) : type;
		if (type != GPU_OK_NODATA) {
			free(pixels);
			guest_refuse("frame %" PRIu32 ": the device answers 0x%x", i, type);
			return;
		}
		const uint64_t due = start + (i + 1) * interval, now = qtest_now_us();
		if (now < due)
			qtest_wait_us(&machine->qtest, due - now);
	}
	free(pixels);
	guest_answer("%" PRIu32 " frames in %" PRIu64 " us", frames, qtest_now_us() - start);
}

static void run_times(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		abort();
	for (uint32_t i = 0; i < machine->flip_count; i++)
		fprintf(out, "%s%" PRIu64, i ? " " : "", machine->flip_times[i]);
	fclose(out);
	guest_answer("%s", text);
	free(text);
}

static void run_cursor(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	gpu_update_cursor(gpu, guest_number(words[0]),
	    guest_number(words[1]) ? get_id(gpu, words[1]) : 0, guest_number(words[2]),
	    guest_number(words[3]), guest_number(words[4]), guest_number(words[5]));
	guest_answer("%s", "");
}

static void run_move(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	gpu_move_cursor(get_gpu(machine), guest_number(words[0]), guest_number(words[1]),
	    guest_number(words[2]));
	guest_answer("%s", "");
}

/* Waits for a change of the configuration, takes it as a driver does, and says what came. */
static void run_wait_display(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_gpu *gpu = get_gpu(machine);
	const uint64_t deadline = qtest_now_us() + (uint64_t)guest_number(words[0]) * 1000;
	uint32_t events;
	unsigned int isr = 0;
	while ((events = gpu_read_events(gpu)) == 0) {
		if (qtest_now_us() > deadline) {
			guest_refuse("no display event within %s ms", words[0]);
			return;
		}
		qtest_wait_us(&machine->qtest, 1000);
	}
	isr = virtio_read_isr(gpu->device);
	gpu_clear_events(gpu, events);
	guest_answer("events=%" PRIu32 " interrupt=%s", events, isr & 2 ? "config" : "none");
}

const struct ph_guest_command guest_gpu_commands[] = {
    {"display", 0, 0, "sizes that the scanouts should have, \"-off\" where disabled", run_display},
    {"edid", 1, 1, "SCANOUT: its EDID in hexadecimal", run_edid},
    {"wait-display", 1, 1, "MS: waits for a display event, and clears it", run_wait_display},
    {"create-2d", 4, 4, "ID FORMAT WIDTH HEIGHT", run_create_2d},
    {"create-3d", 4, 5, "ID FORMAT WIDTH HEIGHT [FLAGS]", run_create_3d},
    {"create-blob", 4, 6, "ID FORMAT WIDTH HEIGHT [STRIDE [PIECES]]", run_create_blob},
    {"unref", 1, 1, "ID", run_unref},
    {"detach", 1, 1, "ID: takes its guest memory away", run_detach},
    {"fill", 2, 6, "ID PIXEL [X Y WIDTH HEIGHT]: guest memory", run_fill},
    {"pattern", 2, 6, "ID SEED [X Y WIDTH HEIGHT]: guest memory", run_pattern},
    {"pixel", 3, 3, "ID X Y: from guest memory", run_pixel},
    {"dump", 2, 2, "ID FILE: guest memory, rows without padding", run_dump},
    {"transfer", 1, 5, "ID [X Y WIDTH HEIGHT]: from guest memory to the device", run_transfer},
    {"transfers", 2, 2, "ID TIMES: all of it, time after time", run_transfers},
    {"transfer-back", 1, 5, "ID [X Y WIDTH HEIGHT]: of a 3D resource", run_transfer_back},
    {"clear-3d", 5, 5, "ID RED GREEN BLUE ALPHA: 0.0 to 1.0, by virglrenderer", run_clear_3d},
    {"scanout", 2, 6, "SCANOUT ID [X Y WIDTH HEIGHT]; ID 0 turns it off", run_scanout},
    {"flush", 1, 5, "ID [X Y WIDTH HEIGHT]: fenced", run_flush},
    {"flush-unfenced", 1, 5, "ID [X Y WIDTH HEIGHT]", run_flush_unfenced},
    {"flip", 4, 16, "SCANOUT FRAMES INTERVAL_US ID...: numbered frames, in turn", run_flip},
    {"tick", 4, 16,
	"SCANOUT FRAMES INTERVAL_US ID...: the same, past ticks are let pass; also numbered below",
	run_tick},
    {"patch", 5, 6,
	"ID FRAMES INTERVAL_US WIDTH HEIGHT [STEP]: changes so much of it, each time STEP to the "
	"right",
	run_patch},
    {"times", 0, 0, "when each frame of the last flip was begun, in us", run_times},
    {"cursor", 6, 6, "SCANOUT ID HOT_X HOT_Y X Y; ID 0 hides it", run_cursor},
    {"move", 3, 3, "SCANOUT X Y: the cursor", run_move},
    {NULL, 0, 0, NULL, NULL},
};
