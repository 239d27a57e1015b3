// SPDX-License-Identifier: MIT
#include "display_bench.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display_channel.h"

TEST(consoles_are_found_and_registered)
{
	struct bench b;
	bench_start_bare(&b, 2);
	bench_settle(&b);
	check_said(&b, "added 0; added 1; mode 2; leds 0; ");
	for (int i = 0; i < 2; i++) {
		check_str(b.qemu.consoles[i].interfaces,
		    "org.qemu.Display1.Listener.Unix.Map "
		    "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2 ");
		check_int(b.qemu.consoles[i].get_all_ok, 3);
	}
	bench_finish(&b);
}

TEST(flips_with_a_false_disable_each)
{
	struct bench b;
	bench_start(&b, 1);
	const int fds[2] = {bench_memory(8192), bench_memory(8192)};
	for (int i = 0; i < 6; i++) {
		struct hostile_call call;
		struct stat want, is;
		hostile_scanout2(&b.qemu, 0, fds[i % 2], 64, 32, DRM_FORMAT_XRGB8888, i >= 3);
		hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
		hostile_update_dmabuf(&b.qemu, 0, &call);
		bench_settle(&b);
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
		bench_settle(&b);
		check(call.answered);
		check_str(call.error, "");
		hostile_forget(&call);
	}
	bench_pass_time(&b, 1000);
	check_said(&b, "");
	close(fds[0]);
	close(fds[1]);
	bench_finish(&b);
}

TEST(an_unanswered_update_is_answered_in_time)
{
	struct bench b;
	struct hostile_call call;
	bench_start(&b, 1);
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	bench_pass_time(&b, 1200);
	check(call.answered);
	check_op(call.answered_at - sent, >=, 800000);
	check_op(call.answered_at - sent, <, 990000);
	b.display->impl->reply(b.display, 0, b.ticket);
	bench_settle(&b);
	hostile_forget(&call);
	close(fd);
	bench_finish(&b);
}

TEST(a_flood_of_updates_is_answered_each_once)
{
	struct bench b;
	static struct hostile_call calls[300];
	bench_start(&b, 1);
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	for (int i = 0; i < 300; i++) {
		hostile_update_dmabuf(&b.qemu, 0, &calls[i]);
	}
	bench_settle(&b);
	int answered = 0;
	for (int i = 0; i < 300; i++) {
		answered += calls[i].answered ? 1 : 0;
	}
	/* as many as are kept wait, the rest does not */
	check_int(answered, 300 - 128);
	bench_pass_time(&b, 1500);
	for (int i = 0; i < 300; i++) {
		check(calls[i].answered);
		hostile_forget(&calls[i]);
	}
	close(fd);
	bench_finish(&b);
}

TEST(an_update_of_nothing_is_answered_at_once)
{
	struct bench b;
	struct hostile_call call;
	bench_start(&b, 1);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	bench_settle(&b);
	check(call.answered);
	check_said(&b, "");
	hostile_forget(&call);
	bench_finish(&b);
}

TEST(scanouts_of_the_first_kind)
{
	struct bench b;
	bench_start(&b, 1);
	const int fd = bench_memory(8192);
	hostile_say(&b.qemu, 0, NULL, "", "ScanoutDMABUF", "huuuutb", fd, 64, 32, 256,
	    DRM_FORMAT_ARGB8888, UINT64_C(0), 1);
	bench_settle(&b);
	check_said(&b, "scanout 0 dmabuf 64x32 inverted; ");
	check_uint(b.picture.fourcc, DRM_FORMAT_ARGB8888);
	check_uint(b.picture.modifier, 0);
	check_uint(b.picture.backing_width, 64);
	close(fd);
	bench_finish(&b);
}

TEST(a_dmabuf_that_is_none_or_too_small)
{
	struct bench b;
	bench_start(&b, 1);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC), small = bench_memory(8191);
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
	bench_settle(&b);
	check_said(&b, "");
	/* and it goes on */
	hostile_scanout2(&b.qemu, 0, small, 32, 32, DRM_FORMAT_XRGB8888, false);
	bench_settle(&b);
	check_said(&b, "scanout 0 dmabuf 32x32; ");
	close(null);
	close(small);
	bench_finish(&b);
}

TEST(maps_good_and_bad)
{
	struct bench b;
	struct hostile_call call;
	bench_start(&b, 1);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC), map = bench_memory(4096 + 8192);
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
	bench_settle(&b);
	check(call.answered);
	check_str(call.error, "org.qemu.Display1.Error.Invalid");
	hostile_forget(&call);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hostile_scanout_map(&b.qemu, 0, &call, map, bad[i].offset, bad[i].width,
		    bad[i].height, bad[i].stride, bad[i].pixman);
		bench_settle(&b);
		check_str(call.error, "org.qemu.Display1.Error.Invalid");
		hostile_forget(&call);
	}
	check_said(&b, "");
	hostile_scanout_map(&b.qemu, 0, &call, map, 4096, 64, 32, 256, 0x20020888);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", -5, 10, 1000, 1000);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 64, 0, 10, 10);
	bench_settle(&b);
	check(call.answered);
	check_str(call.error, "");
	check_said(&b, "scanout 0 map 64x32; update 0 0,10 64x22; ");
	check_uint(b.picture.planes[0].offset, 4096);
	hostile_forget(&call);
	close(null);
	close(map);
	bench_finish(&b);
}

TEST(pictures_as_bytes)
{
	struct bench b;
	uint8_t bytes[64 * 4] = {0xab};
	bench_start(&b, 1);
	/* a part of nothing is nothing */
	hostile_pixels(&b.qemu, 0, true, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, true, 3, 4, 2, 2, 4, 0x10020565, bytes, 8);
	bench_settle(&b);
	check_said(&b, "pixels 0 8x8 ab; patch 0 3,4 2x2; ");
	/* too few bytes, an unknown format, no pixels, and far too many */
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0x20020888, bytes, sizeof(bytes) - 1);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 32, 0, bytes, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 0, 8, 32, 0x20020888, bytes, sizeof(bytes));
	hostile_pixels(
	    &b.qemu, 0, false, 0, 0, 0x80000000u, 0x80000000u, 32, 0x20020888, bytes, 256);
	hostile_pixels(&b.qemu, 0, true, -1, 0, 2, 2, 8, 0x20020888, bytes, 16);
	bench_settle(&b);
	check_said(&b, "");
	bench_finish(&b);
}

TEST(messages_of_the_wrong_shape)
{
	struct bench b;
	struct hostile_call calls[4];
	bench_start(&b, 1);
	hostile_say(&b.qemu, 0, &calls[0], "", "Scanout", "s", "hello");
	hostile_say(&b.qemu, 0, &calls[1], "", "NoSuchThing", "");
	hostile_say(&b.qemu, 0, &calls[2], ".Unix.Map", "ScanoutMap", "uuuuuu", 0, 0, 1, 1, 4, 4);
	hostile_say(&b.qemu, 0, &calls[3], ".NoSuchInterface", "Disable", "");
	bench_settle(&b);
	for (int i = 0; i < 4; i++) {
		check(calls[i].answered);
		check(calls[i].error[0] != '\0');
		hostile_forget(&calls[i]);
	}
	check_said(&b, "");
	check(b.qemu.consoles[0].listener != NULL);
	bench_finish(&b);
}

TEST(a_true_disable)
{
	struct bench b;
	struct hostile_call call;
	bench_start(&b, 1);
	b.auto_reply = true;
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	bench_settle(&b);
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	bench_pass_time(&b, 300);
	/* release before the new scanout, as other devices do it */
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_forget(&call);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	bench_pass_time(&b, 1000);
	check_said(&b,
	    "scanout 0 dmabuf 64x32; update 0 0,0 64x32 ticket; "
	    "scanout 0 dmabuf 64x32; update 0 0,0 64x32 ticket; ");
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	bench_pass_time(&b, 650);
	check_said(&b, "");
	bench_pass_time(&b, 600);
	check_said(&b, "disable 0; ");
	hostile_forget(&call);
	close(fd);
	bench_finish(&b);
}

TEST(cursors)
{
	struct bench b;
	static uint32_t argb[64 * 64];
	sd_bus_message *m;
	bench_start(&b, 1);
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
	bench_settle(&b);
	check_said(&b, "mouse 0 5,-6 1; cursor 0 64x64 1,2 80112233; ");
	bench_finish(&b);
}

TEST(consoles_come_and_go)
{
	struct bench b;
	struct hostile_call call;
	bench_start(&b, 1);
	hostile_add_console(&b.qemu, 2);
	bench_settle(&b);
	check_said(&b, "added 2; ");
	check_int(b.qemu.consoles[2].get_all_ok, 3);
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 2, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_update_dmabuf(&b.qemu, 2, &call);
	bench_settle(&b);
	b.said[0] = '\0';
	hostile_forget(&call);
	hostile_remove_console(&b.qemu, 2);
	bench_settle(&b);
	check_said(&b, "removed 2; ");
	/* its ticket went with it */
	b.display->impl->reply(b.display, 2, b.ticket);
	b.display->impl->key(b.display, 2, KEY_A, true);
	b.display->impl->key(b.display, 99, KEY_A, true);
	check_calls(&b, "");
	close(fd);
	bench_finish(&b);
}

TEST(a_lost_listener_is_made_again)
{
	struct bench b;
	bench_start(&b, 1);
	hostile_close_listener(&b.qemu, 0);
	bench_pass_time(&b, 300);
	check_said(&b, "removed 0; ");
	bench_pass_time(&b, 2000);
	check_said(&b, "added 0; ");
	check_int(b.qemu.consoles[0].get_all_ok, 3);
	bench_finish(&b);
}

TEST(a_refused_listener_is_no_console)
{
	struct bench b;
	bench_start_bare(&b, 1);
	b.qemu.refuse_listeners = true;
	bench_pass_time(&b, 1300);
	check_contains(b.said, "added 0; mode 2; leds 0; removed 0; added 0; removed 0; ");
	b.qemu.refuse_listeners = false;
	b.said[0] = '\0';
	bench_pass_time(&b, 2300);
	check_contains(b.said, "added 0; ");
	check(b.qemu.consoles[0].listener != NULL);
	bench_finish(&b);
}

TEST(the_connection_ends)
{
	struct bench b;
	bench_start(&b, 1);
	b.destroy_when_closed = true;
	b.qemu.bus = sd_bus_close_unref(b.qemu.bus);
	bench_settle(&b);
	check_said(&b, "closed: QEMU closed the display connection; ");
	check(b.display == NULL);
	bench_finish(&b);
}

TEST(the_far_end_speaks_no_dbus)
{
	struct bench b;
	int fds[2];
	memset(&b, 0, sizeof(b));
	picture_init(&b.picture);
	check_op(sd_event_new(&b.event), >=, 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	b.display = display_channel_create(b.event, fds[0], bench_events(), &b);
	check(b.display != NULL);
	static const char text[] = "HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n\r\n";
	check_op(write(fds[1], text, sizeof(text)), ==, sizeof(text));
	bench_settle(&b);
	check_said(&b, "closed: QEMU did not list its consoles; ");
	close(fds[1]);
	bench_finish(&b);
}
