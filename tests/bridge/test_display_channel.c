// SPDX-License-Identifier: MIT
#include "display_channel.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hostile_qemu.h"
#include "log.h"
#include "picture.h"
#include "test.h"

/* A QEMU, the display made of it, and what the display said. */
struct bench {
	sd_event *event;
	struct hostile_qemu qemu;
	struct ph_display *display;
	char said[65536]; /* "added 0; " and so on */
	struct ph_picture picture; /* of the last scanout */
	uint64_t ticket;           /* of the last update */
	bool auto_reply;
	unsigned int num_updates;
	bool destroy_when_closed;
};

static void say(struct bench *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
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

static void on_scanout(void *data, uint32_t console, struct ph_picture *picture)
{
	struct bench *b = data;
	say(b, "scanout %u %s %ux%u%s; ", console,
	    picture->kind == PH_PICTURE_MAP ? "map" : "dmabuf", picture->width, picture->height,
	    picture->y_inverted ? " inverted" : "");
	picture_finish(&b->picture);
	picture_move(&b->picture, picture);
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

/* Runs the loop for that long. */
static void pass_time(struct bench *b, unsigned int ms)
{
	const uint64_t end = test_now_us() + ms * UINT64_C(1000);
	for (uint64_t now; (now = test_now_us()) < end;) {
		check_op(sd_event_run(b->event, end - now), >=, 0);
	}
}

/* Runs the loop until nothing has happened for 20 ms. */
static void settle(struct bench *b)
{
	int r;
	while ((r = sd_event_run(b->event, 20000)) > 0) {
	}
	check_int(r, 0);
}

#define check_said(b_, text_)                                                                      \
	do {                                                                                       \
		check_str((b_)->said, text_);                                                      \
		(b_)->said[0] = '\0';                                                              \
	} while (0)

#define check_calls(b_, text_)                                                                     \
	do {                                                                                       \
		settle(b_);                                                                        \
		check_str((b_)->qemu.calls, text_);                                                \
		(b_)->qemu.calls[0] = '\0';                                                        \
	} while (0)

static void start_bare(struct bench *b, int consoles)
{
	memset(b, 0, sizeof(*b));
	picture_init(&b->picture);
	log_init(PH_LOG_DEBUG, "test");
	check_op(sd_event_new(&b->event), >=, 0);
	const int fd = hostile_start(&b->qemu, b->event, consoles);
	b->display = display_channel_create(b->event, fd, &events, b);
	check(b->display != NULL);
}

static void start(struct bench *b, int consoles)
{
	start_bare(b, consoles);
	settle(b);
	for (int i = 0; i < consoles; i++) {
		check(b->qemu.consoles[i].listener != NULL);
	}
	b->said[0] = '\0';
}

static void finish(struct bench *b)
{
	display_destroy(b->display);
	hostile_finish(&b->qemu);
	picture_finish(&b->picture);
	check(sd_event_unref(b->event) == NULL);
}

static int memory(off_t size)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check_op(fd, >=, 0);
	check_int(ftruncate(fd, size), 0);
	return fd;
}

TEST(consoles_are_found_and_registered)
{
	struct bench b;
	start_bare(&b, 2);
	settle(&b);
	check_said(&b, "added 0; added 1; mode 2; leds 0; ");
	for (int i = 0; i < 2; i++) {
		check_str(b.qemu.consoles[i].interfaces,
		    "org.qemu.Display1.Listener.Unix.Map "
		    "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2 ");
		check_int(b.qemu.consoles[i].get_all_ok, 3);
	}
	finish(&b);
}

TEST(flips_with_a_false_disable_each)
{
	struct bench b;
	start(&b, 1);
	const int fds[2] = {memory(8192), memory(8192)};
	for (int i = 0; i < 6; i++) {
		struct hostile_call call;
		struct stat want, is;
		hostile_scanout2(&b.qemu, 0, fds[i % 2], 64, 32, DRM_FORMAT_XRGB8888, i >= 3);
		hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
		hostile_update_dmabuf(&b.qemu, 0, &call);
		settle(&b);
		check_said(&b, i >= 3 ? "scanout 0 dmabuf 64x32 inverted; update 0 0,0 64x32 ticket; "
				      : "scanout 0 dmabuf 64x32; update 0 0,0 64x32 ticket; ");
		check_int(fstat(fds[i % 2], &want), 0);
		check_int(fstat(b.picture.planes[0].fd, &is), 0);
		check_uint(is.st_ino, want.st_ino);
		check_uint(b.picture.planes[0].stride, 256);
		check(!call.answered);
		b.display->impl->reply(b.display, 0, b.ticket);
		/* a second answer is nothing */
		b.display->impl->reply(b.display, 0, b.ticket);
		settle(&b);
		check(call.answered);
		check_str(call.error, "");
		hostile_forget(&call);
	}
	pass_time(&b, 600);
	check_said(&b, "");
	close(fds[0]);
	close(fds[1]);
	finish(&b);
}

TEST(an_unanswered_update_is_answered_in_time)
{
	struct bench b;
	struct hostile_call call;
	start(&b, 1);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	pass_time(&b, 990);
	check(call.answered);
	check_op(call.answered_at - sent, >=, 800000);
	check_op(call.answered_at - sent, <, 950000);
	b.display->impl->reply(b.display, 0, b.ticket);
	settle(&b);
	hostile_forget(&call);
	close(fd);
	finish(&b);
}

TEST(a_flood_of_updates_is_answered_each_once)
{
	struct bench b;
	static struct hostile_call calls[300];
	start(&b, 1);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	for (int i = 0; i < 300; i++) {
		hostile_update_dmabuf(&b.qemu, 0, &calls[i]);
	}
	settle(&b);
	int answered = 0;
	for (int i = 0; i < 300; i++) {
		answered += calls[i].answered ? 1 : 0;
	}
	/* as many as are kept wait, the rest does not */
	check_int(answered, 300 - 128);
	pass_time(&b, 950);
	for (int i = 0; i < 300; i++) {
		check(calls[i].answered);
		hostile_forget(&calls[i]);
	}
	close(fd);
	finish(&b);
}

TEST(an_update_of_nothing_is_answered_at_once)
{
	struct bench b;
	struct hostile_call call;
	start(&b, 1);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	settle(&b);
	check(call.answered);
	check_said(&b, "");
	hostile_forget(&call);
	finish(&b);
}

TEST(scanouts_of_the_first_kind)
{
	struct bench b;
	start(&b, 1);
	const int fd = memory(8192);
	hostile_say(&b.qemu, 0, NULL, "", "ScanoutDMABUF", "huuuutb", fd, 64, 32, 256,
	    DRM_FORMAT_ARGB8888, UINT64_C(0), 1);
	settle(&b);
	check_said(&b, "scanout 0 dmabuf 64x32 inverted; ");
	check_uint(b.picture.fourcc, DRM_FORMAT_ARGB8888);
	check_uint(b.picture.modifier, 0);
	check_uint(b.picture.backing_width, 64);
	close(fd);
	finish(&b);
}

TEST(a_dmabuf_that_is_none_or_too_small)
{
	struct bench b;
	start(&b, 1);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC), small = memory(8191);
	hostile_scanout2(&b.qemu, 0, null, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_scanout2(&b.qemu, 0, small, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_scanout2(&b.qemu, 0, small, 0, 32, DRM_FORMAT_XRGB8888, false);
	hostile_scanout2(&b.qemu, 0, small, 70000, 70000, DRM_FORMAT_XRGB8888, false);
	/* two planes, one descriptor; and five of everything */
	hostile_say(&b.qemu, 0, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb",
	    1, small, 0, 0, 16, 16, 2, 0, 0, 2, 64, 64, 2, DRM_FORMAT_XRGB8888, 16, 16,
	    UINT64_C(0), 0);
	hostile_say(&b.qemu, 0, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb",
	    5, small, small, small, small, small, 0, 0, 16, 16, 5, 0, 0, 0, 0, 0, 5, 64, 64, 64,
	    64, 64, 5, DRM_FORMAT_XRGB8888, 16, 16, UINT64_C(0), 0);
	settle(&b);
	check_said(&b, "");
	/* and it goes on */
	hostile_scanout2(&b.qemu, 0, small, 32, 32, DRM_FORMAT_XRGB8888, false);
	settle(&b);
	check_said(&b, "scanout 0 dmabuf 32x32; ");
	close(null);
	close(small);
	finish(&b);
}

TEST(maps_good_and_bad)
{
	struct bench b;
	struct hostile_call call;
	start(&b, 1);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC), map = memory(4096 + 8192);
	static const struct {
		uint32_t offset, width, height, stride, pixman;
	} bad[] = {
	    {4097, 64, 32, 256, 0x20020888},
	    {0, 64, 49, 256, 0x20020888},
	    {0, 64, 32, 255, 0x20020888},
	    {0, 0, 32, 256, 0x20020888},
	    {0, 64, 32, 256, 0x12345678},
	    {UINT32_MAX, 64, 32, 256, 0x20020888},
	    {0, 64, 16384, UINT32_MAX, 0x20020888},
	};
	/* what QEMU sends as descriptor 0 when it means none */
	hostile_scanout_map(&b.qemu, 0, &call, null, 0, 64, 32, 256, 0x20020888);
	settle(&b);
	check(call.answered);
	check_str(call.error, "org.qemu.Display1.Error.Invalid");
	hostile_forget(&call);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hostile_scanout_map(&b.qemu, 0, &call, map, bad[i].offset, bad[i].width,
		    bad[i].height, bad[i].stride, bad[i].pixman);
		settle(&b);
		check_str(call.error, "org.qemu.Display1.Error.Invalid");
		hostile_forget(&call);
	}
	check_said(&b, "");
	hostile_scanout_map(&b.qemu, 0, &call, map, 4096, 64, 32, 256, 0x20020888);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", -5, 10, 1000, 1000);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 64, 0, 10, 10);
	settle(&b);
	check(call.answered);
	check_str(call.error, "");
	check_said(&b, "scanout 0 map 64x32; update 0 0,10 64x22; ");
	check_uint(b.picture.planes[0].offset, 4096);
	hostile_forget(&call);
	close(null);
	close(map);
	finish(&b);
}

TEST(pictures_as_bytes)
{
	struct bench b;
	uint8_t bytes[64 * 4] = {0xab};
	start(&b, 1);
	/* a part of nothing is nothing */
	hostile_pixels(&b.qemu, 0, true, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, true, 3, 4, 2, 2, 4, 0x10020565, bytes, 8);
	settle(&b);
	check_said(&b, "pixels 0 8x8 ab; patch 0 3,4 2x2; ");
	/* too few bytes, an unknown format, no pixels, and far too many */
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes) - 1);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 0, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(
	    &b.qemu, 0, false, 0, 0, 0x80000000u, 0x80000000u, 32, 0x20020888, bytes, 256);
	hostile_pixels(&b.qemu, 0, true, -1, 0, 2, 2, 8, 0x20020888, bytes, 16);
	settle(&b);
	check_said(&b, "");
	finish(&b);
}

TEST(messages_of_the_wrong_shape)
{
	struct bench b;
	struct hostile_call calls[4];
	start(&b, 1);
	hostile_say(&b.qemu, 0, &calls[0], "", "Scanout", "s", "hello");
	hostile_say(&b.qemu, 0, &calls[1], "", "NoSuchThing", "");
	hostile_say(&b.qemu, 0, &calls[2], ".Unix.Map", "ScanoutMap", "uuuuuu", 0, 0, 1, 1, 4, 4);
	hostile_say(&b.qemu, 0, &calls[3], ".NoSuchInterface", "Disable", "");
	settle(&b);
	for (int i = 0; i < 4; i++) {
		check(calls[i].answered);
		check(calls[i].error[0] != '\0');
		hostile_forget(&calls[i]);
	}
	check_said(&b, "");
	check(b.qemu.consoles[0].listener != NULL);
	finish(&b);
}

TEST(a_true_disable)
{
	struct bench b;
	struct hostile_call call;
	start(&b, 1);
	b.auto_reply = true;
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	settle(&b);
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	pass_time(&b, 300);
	/* release before the new scanout, as other devices do it */
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_forget(&call);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	pass_time(&b, 600);
	check_said(&b,
	    "scanout 0 dmabuf 64x32; update 0 0,0 64x32 ticket; "
	    "scanout 0 dmabuf 64x32; update 0 0,0 64x32 ticket; ");
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	pass_time(&b, 450);
	check_said(&b, "");
	pass_time(&b, 150);
	check_said(&b, "disable 0; ");
	hostile_forget(&call);
	close(fd);
	finish(&b);
}

TEST(cursors)
{
	struct bench b;
	static uint32_t argb[64 * 64];
	sd_bus_message *m;
	start(&b, 1);
	argb[64 * 64 - 1] = 0x80112233;
	hostile_say(&b.qemu, 0, NULL, "", "MouseSet", "iii", 5, -6, 1);
	for (int side = 64; side <= 128; side += 64) {
		/* the second claims more than there is */
		check_op(sd_bus_message_new_method_call(b.qemu.consoles[0].listener, &m, NULL,
			     "/org/qemu/Display1/Listener", "org.qemu.Display1.Listener",
			     "CursorDefine"),
		    >=, 0);
		check_op(sd_bus_message_append(m, "iiii", side, side, 1, 2), >=, 0);
		check_op(sd_bus_message_append_array(m, 'y', argb, sizeof(argb)), >=, 0);
		check_op(sd_bus_send(b.qemu.consoles[0].listener, m, NULL), >=, 0);
		sd_bus_message_unref(m);
	}
	hostile_say(&b.qemu, 0, NULL, "", "CursorDefine", "iiiiay", -1, 64, 0, 0, 0);
	settle(&b);
	check_said(&b, "mouse 0 5,-6 1; cursor 0 64x64 1,2 80112233; ");
	finish(&b);
}

TEST(consoles_come_and_go)
{
	struct bench b;
	struct hostile_call call;
	start(&b, 1);
	hostile_add_console(&b.qemu, 2);
	settle(&b);
	check_said(&b, "added 2; ");
	check_int(b.qemu.consoles[2].get_all_ok, 3);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 2, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_update_dmabuf(&b.qemu, 2, &call);
	settle(&b);
	b.said[0] = '\0';
	hostile_forget(&call);
	hostile_remove_console(&b.qemu, 2);
	settle(&b);
	check_said(&b, "removed 2; ");
	/* its ticket went with it */
	b.display->impl->reply(b.display, 2, b.ticket);
	b.display->impl->key(b.display, 2, KEY_A, true);
	b.display->impl->key(b.display, 99, KEY_A, true);
	check_calls(&b, "");
	close(fd);
	finish(&b);
}

TEST(a_lost_listener_is_made_again)
{
	struct bench b;
	start(&b, 1);
	hostile_close_listener(&b.qemu, 0);
	pass_time(&b, 300);
	check_said(&b, "removed 0; ");
	pass_time(&b, 1200);
	check_said(&b, "added 0; ");
	check_int(b.qemu.consoles[0].get_all_ok, 3);
	finish(&b);
}

TEST(a_refused_listener_is_no_console)
{
	struct bench b;
	start_bare(&b, 1);
	b.qemu.refuse_listeners = true;
	pass_time(&b, 1300);
	check_contains(b.said, "added 0; mode 2; leds 0; removed 0; added 0; removed 0; ");
	b.qemu.refuse_listeners = false;
	b.said[0] = '\0';
	pass_time(&b, 2300);
	check_contains(b.said, "added 0; ");
	check(b.qemu.consoles[0].listener != NULL);
	finish(&b);
}

TEST(the_connection_ends)
{
	struct bench b;
	start(&b, 1);
	b.destroy_when_closed = true;
	b.qemu.bus = sd_bus_close_unref(b.qemu.bus);
	settle(&b);
	check_said(&b, "closed: QEMU closed the display connection; ");
	check(b.display == NULL);
	finish(&b);
}

TEST(the_far_end_speaks_no_dbus)
{
	struct bench b;
	int fds[2];
	memset(&b, 0, sizeof(b));
	picture_init(&b.picture);
	check_op(sd_event_new(&b.event), >=, 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	b.display = display_channel_create(b.event, fds[0], &events, &b);
	check(b.display != NULL);
	static const char text[] = "HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n\r\n";
	check_op(write(fds[1], text, sizeof(text)), ==, sizeof(text));
	settle(&b);
	check_said(&b, "closed: QEMU did not list its consoles; ");
	close(fds[1]);
	finish(&b);
}

TEST(keys_and_buttons)
{
	struct bench b;
	start(&b, 2);
	const struct ph_display_impl *impl = b.display->impl;
	impl->key(b.display, 0, KEY_A, true);
	impl->key(b.display, 0, KEY_A, false);
	impl->key(b.display, 1, KEY_RIGHTCTRL, true);
	impl->key(b.display, 0, KEY_MICMUTE, true);
	impl->button(b.display, 1, BTN_RIGHT, true);
	impl->button(b.display, 1, BTN_TASK, true);
	impl->axis(b.display, 0, false, 120);
	impl->axis(b.display, 0, true, -240);
	check_calls(&b,
	    "Keyboard.Press(0: 30); Keyboard.Release(0: 30); Keyboard.Press(1: 157); "
	    "Mouse.Press(1: 2); Mouse.Press(0: 4); Mouse.Release(0: 4); Mouse.Press(0: 7); "
	    "Mouse.Release(0: 7); Mouse.Press(0: 7); Mouse.Release(0: 7); ");
	check_uint(b.qemu.wanted_replies, 0);
	finish(&b);
}

TEST(the_pointer_as_the_guest_wants_it)
{
	struct bench b;
	start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	settle(&b);
	b.said[0] = '\0';
	impl->motion_absolute(b.display, 0, 3, 4);
	impl->motion_relative(b.display, 0, 0.5, 0);
	impl->motion_relative(b.display, 0, 0.5, -2);
	check_calls(&b, "Mouse.RelMotion(0: 1 -2); ");
	hostile_set_absolute(&b.qemu, 0, true);
	settle(&b);
	check_said(&b, "mode 1; ");
	impl->motion_relative(b.display, 0, 5, 5);
	impl->motion_absolute(b.display, 0, 3.9, 4.9);
	impl->motion_absolute(b.display, 0, 3.1, 4.1);
	impl->motion_absolute(b.display, 0, 64, -1);
	impl->motion_absolute(b.display, 0, 1e9, 1e9);
	check_calls(&b,
	    "Mouse.SetAbsPosition(0: 3 4); Mouse.SetAbsPosition(0: 63 0); "
	    "Mouse.SetAbsPosition(0: 63 31); ");
	hostile_set_absolute(&b.qemu, 0, false);
	hostile_set_modifiers(&b.qemu, 0, 6);
	settle(&b);
	check_said(&b, "mode 2; leds 3; ");
	close(fd);
	finish(&b);
}

TEST(fingers)
{
	struct bench b;
	start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	settle(&b);
	impl->touch_down(b.display, 0, 0, 1, 2);
	impl->touch_down(b.display, 0, 0, 9, 9);
	impl->touch_down(b.display, 0, 10, 9, 9);
	impl->touch_down(b.display, 0, -1, 9, 9);
	impl->touch_motion(b.display, 0, 1, 9, 9);
	impl->touch_motion(b.display, 0, 0, 1000, 5);
	impl->touch_up(b.display, 0, 0);
	impl->touch_up(b.display, 0, 0);
	impl->touch_down(b.display, 0, 9, 3, 3);
	impl->touch_cancel(b.display, 0);
	check_calls(&b,
	    "MultiTouch.SendEvent(0: 0 0 1 2); MultiTouch.SendEvent(0: 1 0 63 5); "
	    "MultiTouch.SendEvent(0: 2 0 63 5); MultiTouch.SendEvent(0: 0 9 3 3); "
	    "MultiTouch.SendEvent(0: 3 9 3 3); ");
	close(fd);
	finish(&b);
}

TEST(sizes_are_told_when_they_change)
{
	struct bench b;
	start(&b, 2);
	const struct ph_display_impl *impl = b.display->impl;
	impl->set_size(b.display, 0, 1920, 1080, 520, 290, 60000);
	impl->set_size(b.display, 0, 1920, 1080, 520, 290, 75000);
	impl->set_size(b.display, 1, 800, 600, 70000, 0, 0);
	/* the second monitor can be unplugged, the first cannot */
	impl->set_size(b.display, 0, 0, 0, 0, 0, 0);
	impl->set_size(b.display, 1, 0, 0, 0, 0, 0);
	impl->set_size(b.display, 1, 800, 600, 0, 0, 0);
	impl->set_size(b.display, 0, 1000000, 1, 0, 0, 0);
	check_calls(&b,
	    "Console.SetUIInfo(0: 520 290 0 0 1920 1080); "
	    "Console.SetUIInfo(1: 65535 0 0 0 800 600); Console.SetUIInfo(1: 0 0 0 0 0 0); "
	    "Console.SetUIInfo(1: 0 0 0 0 800 600); ");
	finish(&b);
}

TEST(a_machine_that_does_not_read)
{
	struct bench b;
	start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	check_op(sd_bus_detach_event(b.qemu.bus), >=, 0);
	impl->key(b.display, 0, KEY_A, true);
	for (int i = 0; i < 200000; i++) {
		impl->motion_relative(b.display, 0, 1, 1);
		if (i % 1000 == 0) {
			(void)sd_event_run(b.event, 0);
		}
	}
	impl->key(b.display, 0, KEY_A, false);
	check_op(sd_bus_attach_event(b.qemu.bus, b.event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
	settle(&b);
	/* what the socket held, a bounded queue, and the release */
	check_op(b.qemu.num_calls, <, 3000);
	b.qemu.calls[0] = '\0';
	impl->key(b.display, 0, KEY_B, true);
	check_calls(&b, "Keyboard.Press(0: 48); ");
	finish(&b);
}
