// SPDX-License-Identifier: MIT
#include "display_bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "display_channel.h"
#include "log.h"

static void __attribute__((format(printf, 2, 3))) say(struct bench *b, const char *fmt, ...);
static void say(struct bench *b, const char *fmt, ...)
{
	const size_t used = strlen(b->said);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(b->said + used, sizeof(b->said) - used, fmt, args);
	va_end(args);
}

static void on_added(void *data, uint32_t console)
{
	say(data, "added %u; ", console);
}

static void on_removed(void *data, uint32_t console)
{
	say(data, "removed %u; ", console);
}

static const char *on_scanout(void *data, uint32_t console, const struct ph_picture *picture)
{
	struct bench *b = data;
	const enum ph_picture_error error = picture_check(picture, NULL);
	if (error != PH_PICTURE_OK) {
		return picture_error_text(error);
	}
	say(b, "scanout %u %s %ux%u%s; ", console,
	    picture->kind == PH_PICTURE_MAP ? "map" : "dmabuf", picture->width, picture->height,
	    picture->y_inverted ? " inverted" : "");
	picture_finish(&b->picture);
	check(picture_dup(&b->picture, picture));
	return NULL;
}

static void on_scanout_pixels(void *data, uint32_t console, const struct ph_pixels *pixels)
{
	say(data, "pixels %u %dx%d %02x; ", console, pixels->rect.width, pixels->rect.height,
	    *(const uint8_t *)pixels->data);
}

static void on_update_pixels(void *data, uint32_t console, const struct ph_pixels *pixels)
{
	say(data, "patch %u %d,%d %dx%d; ", console, pixels->rect.x, pixels->rect.y,
	    pixels->rect.width, pixels->rect.height);
}

static void on_update(void *data, uint32_t console, struct ph_rect damage, uint64_t ticket)
{
	struct bench *b = data;
	b->num_updates++;
	b->ticket = ticket;
	if (b->num_updates < 20) {
		say(b, "update %u %d,%d %dx%d%s; ", console, damage.x, damage.y, damage.width,
		    damage.height, ticket != 0 ? " ticket" : "");
	}
	if (b->auto_reply && ticket != 0) {
		b->display->impl->reply(b->display, console, ticket);
	}
}

static void on_disable(void *data, uint32_t console)
{
	say(data, "disable %u; ", console);
}

static void on_cursor_define(void *data, uint32_t console, uint32_t width, uint32_t height,
    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb)
{
	say(data, "cursor %u %ux%u %d,%d %08x; ", console, width, height, hotspot_x, hotspot_y,
	    argb[width * height - 1]);
}

static void on_cursor_move(void *data, uint32_t console, int32_t x, int32_t y, bool visible)
{
	say(data, "mouse %u %d,%d %d; ", console, x, y, visible);
}

static void on_pointer_mode(void *data, enum ph_pointer_mode mode)
{
	say(data, "mode %d; ", (int)mode);
}

static void on_leds(void *data, uint32_t leds)
{
	say(data, "leds %u; ", leds);
}

static void on_closed(void *data, const char *reason)
{
	struct bench *b = data;
	say(b, "closed: %s; ", reason);
	if (b->destroy_when_closed) {
		display_destroy(b->display);
		b->display = NULL;
	}
}

static const struct ph_display_events events = {
    .console_added = on_added,
    .console_removed = on_removed,
    .scanout = on_scanout,
    .scanout_pixels = on_scanout_pixels,
    .update_pixels = on_update_pixels,
    .update = on_update,
    .disable = on_disable,
    .cursor_define = on_cursor_define,
    .cursor_move = on_cursor_move,
    .pointer_mode = on_pointer_mode,
    .leds = on_leds,
    .closed = on_closed,
};

const struct ph_display_events *bench_events(void)
{
	return &events;
}

void bench_pass_time(struct bench *b, unsigned int ms)
{
	const uint64_t end = test_now_us() + ms * UINT64_C(1000);
	for (uint64_t now; (now = test_now_us()) < end;) {
		check_op(sd_event_run(b->event, end - now), >=, 0);
	}
}

void bench_settle(struct bench *b)
{
	int r;
	while ((r = sd_event_run(b->event, 20000)) > 0) {
	}
	check_int(r, 0);
}

void bench_start_bare(struct bench *b, int consoles)
{
	memset(b, 0, sizeof(*b));
	picture_init(&b->picture);
	log_init(PH_LOG_DEBUG, "test");
	check_op(sd_event_new(&b->event), >=, 0);
	const int fd = hostile_start(&b->qemu, b->event, consoles);
	b->display = display_channel_create(b->event, fd, &events, b);
	check(b->display != NULL);
}

void bench_start(struct bench *b, int consoles)
{
	bench_start_bare(b, consoles);
	bench_settle(b);
	for (int i = 0; i < consoles; i++) {
		check(b->qemu.consoles[i].listener != NULL);
	}
	b->said[0] = '\0';
}

void bench_finish(struct bench *b)
{
	display_destroy(b->display);
	hostile_finish(&b->qemu);
	picture_finish(&b->picture);
	check(sd_event_unref(b->event) == NULL);
}

int bench_memory(off_t size)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check_op(fd, >=, 0);
	check_int(ftruncate(fd, size), 0);
	return fd;
}

