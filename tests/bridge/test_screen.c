// SPDX-License-Identifier: MIT
#include "screen.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display_channel.h"
#include "fake_compositor.h"
#include "hostile_qemu.h"
#include "log.h"
#include "test.h"

/* The whole chain, with both far ends played: QEMU, display, screen, client, compositor. */
struct bench {
	sd_event *event;
	char path[108];
	struct hostile_qemu qemu;
	struct ph_display *display;
	struct ph_screen *screen;
	struct ph_wl_client *client;
	struct fake_compositor *fake;
	bool ready;
	char lost[256], closed[256];
	uint32_t action;
};

static void on_ready(void *data)
{
	struct bench *b = data;
	b->ready = true;
}

static void on_lost(void *data, const char *reason)
{
	struct bench *b = data;
	(void)snprintf(b->lost, sizeof(b->lost), "%s", reason);
	screen_set_client(b->screen, NULL);
	wl_client_destroy(b->client);
	b->client = NULL;
}

static void on_action(void *data, uint32_t action)
{
	struct bench *b = data;
	b->action = action;
}

static const struct ph_wl_client_events client_events = {
    .ready = on_ready,
    .lost = on_lost,
    .action = on_action,
};

static void on_closed(void *data, const char *reason)
{
	struct bench *b = data;
	(void)snprintf(b->closed, sizeof(b->closed), "%s", reason);
	screen_set_display(b->screen, NULL);
	display_destroy(b->display);
	b->display = NULL;
}

/* Runs the loop until nothing has happened for 20 ms. */
static void settle(struct bench *b)
{
	int r;
	while ((r = sd_event_run(b->event, 20000)) > 0) {
	}
	check_int(r, 0);
}

static void pass_time(struct bench *b, unsigned int ms)
{
	const uint64_t end = test_now_us() + ms * UINT64_C(1000);
	for (uint64_t now; (now = test_now_us()) < end;) {
		check_op(sd_event_run(b->event, end - now), >=, 0);
	}
}

#define check_said(b_, text_)                                                                      \
	do {                                                                                       \
		settle(b_);                                                                        \
		check_str(fake_said((b_)->fake), text_);                                           \
	} while (0)

static void start_compositor(struct bench *b, const struct fake_options *options)
{
	b->fake = fake_start(b->event, b->path, options);
	b->client = wl_client_create(b->event, b->path, FAKE_TOKEN, &client_events, b);
	check(b->client != NULL);
	b->ready = false;
	settle(b);
}

static void start_bare(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	log_init(PH_LOG_DEBUG, "test");
	check_op(sd_event_new(&b->event), >=, 0);
	(void)snprintf(b->path, sizeof(b->path), "%s/s", test_dir());
	b->screen = screen_create(b->event, on_closed, b);
}

static void start_machine(struct bench *b, int consoles)
{
	const int fd = hostile_start(&b->qemu, b->event, consoles);
	b->display = display_channel_create(b->event, fd, screen_display_events(), b->screen);
	check(b->display != NULL);
	screen_set_display(b->screen, b->display);
}

/* Both ends up, and console 0 configured as visible with 640x480. */
static void start(struct bench *b, const struct fake_options *options)
{
	start_bare(b);
	start_machine(b, 1);
	start_compositor(b, options);
	check(b->ready);
	screen_set_client(b->screen, b->client);
	settle(b);
	fake_configure(b->fake, 0, 640, 480, 160, 120, true);
	settle(b);
	(void)fake_said(b->fake);
	b->qemu.calls[0] = '\0';
}

static void finish(struct bench *b)
{
	screen_destroy(b->screen);
	wl_client_destroy(b->client);
	display_destroy(b->display);
	hostile_finish(&b->qemu);
	fake_finish(b->fake);
	check(sd_event_unref(b->event) == NULL);
}

static const struct fake_options usual = {0};

static int memory(off_t size)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check_op(fd, >=, 0);
	check_int(ftruncate(fd, size), 0);
	return fd;
}

static uint64_t inode(int fd)
{
	struct stat st;
	check_int(fstat(fd, &st), 0);
	return st.st_ino;
}

static void commit_text(char *text, size_t size, int fd, const char *rest)
{
	(void)snprintf(text, size, "commit 0 dmabuf %d %s; ", (int)inode(fd), rest);
}

static void draw(int fd, off_t offset, uint32_t pixel)
{
	check_op(pwrite(fd, &pixel, sizeof(pixel), offset), ==, sizeof(pixel));
}

TEST(start_and_heads)
{
	struct bench b;
	dev_t device;
	start_bare(&b);
	start_machine(&b, 2);
	start_compositor(&b, &usual);
	check(b.ready);
	check(wl_client_has_dmabuf(b.client));
	check(wl_client_main_device(b.client, &device));
	check_uint(device, 0x1234);
	wl_client_set_state(b.client, PHYLLOME_GUEST_V1_STATE_RUNNING, "two\nlines");
	screen_set_client(b.screen, b.client);
	check_said(&b, "state 2 two\\x0alines; mode 2; leds 0; head 0; head 1; ");
	fake_action(b.fake, PHYLLOME_GUEST_V1_ACTION_PAUSE);
	settle(&b);
	check_uint(b.action, PHYLLOME_GUEST_V1_ACTION_PAUSE);
	hostile_set_absolute(&b.qemu, 0, true);
	hostile_set_modifiers(&b.qemu, 0, 4);
	check_said(&b, "mode 1; leds 2; ");
	hostile_remove_console(&b.qemu, 1);
	check_said(&b, "head 1 destroyed; ");
	hostile_add_console(&b.qemu, 2);
	check_said(&b, "head 2; ");
	finish(&b);
}

TEST(nobody_listens)
{
	struct bench b;
	start_bare(&b);
	check(wl_client_create(b.event, b.path, FAKE_TOKEN, &client_events, &b) == NULL);
	finish(&b);
}

TEST(not_the_guests_socket)
{
	struct bench b;
	start_bare(&b);
	start_compositor(&b, &(struct fake_options){.no_manager = true});
	check(!b.ready);
	check_contains(b.lost, "does not offer phyllome_guest_manager_v1");
	finish(&b);
}

TEST(a_wrong_token)
{
	struct bench b;
	start_bare(&b);
	b.fake = fake_start(b.event, b.path, &usual);
	b.client = wl_client_create(b.event, b.path, "nonsense", &client_events, &b);
	settle(&b);
	check(!b.ready);
	check_contains(b.lost, "phyllome_guest_manager_v1, error 0");
	finish(&b);
}

TEST(the_size_goes_to_the_machine)
{
	struct bench b;
	start(&b, &usual);
	fake_configure(b.fake, 0, 800, 600, 200, 150, true);
	settle(&b);
	fake_configure(b.fake, 0, 800, 600, 200, 150, false);
	settle(&b);
	check_str(b.qemu.calls, "Console.SetUIInfo(0: 200 150 0 0 800 600); ");
	/* a console that comes later is told too */
	hostile_add_console(&b.qemu, 1);
	settle(&b);
	fake_configure(b.fake, 1, 0, 0, 0, 0, false);
	settle(&b);
	check_contains(b.qemu.calls, "Console.SetUIInfo(1: 0 0 0 0 0 0); ");
	finish(&b);
}

TEST(memory_of_the_machine_is_shown_as_it_is)
{
	struct bench b;
	start(&b, &usual);
	const int fd = memory(4096 + 8192);
	draw(fd, 4096, 0x112233);
	hostile_scanout_map(&b.qemu, 0, NULL, fd, 4096, 64, 32, 256, 0x20020888);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 0, 0, 64, 32);
	check_said(&b, "commit 0 shm 64x32 full; ");
	check_uint(fake_pixel(b.fake, 0, 0, 0), 0x112233);
	/* the same memory, no copy of it */
	draw(fd, 4096, 0x445566);
	check_uint(fake_pixel(b.fake, 0, 0, 0), 0x445566);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 1, 2, 3, 4);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 5, 6, 7, 8);
	check_said(&b, "");
	check_int(fake_frame(b.fake, 0), 1);
	/* what came meanwhile is one commit */
	check_said(&b, "commit 0 shm 64x32 1,2 11x12; ");
	close(fd);
	finish(&b);
}

TEST(other_formats_are_copied)
{
	struct bench b;
	start(&b, &usual);
	const int fd = memory(64 * 2 * 32);
	const uint16_t red = 0xf800, green = 0x07e0;
	check_op(pwrite(fd, &red, 2, 0), ==, 2);
	hostile_scanout_map(&b.qemu, 0, NULL, fd, 0, 64, 32, 128, 0x10020565);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 0, 0, 64, 32);
	check_said(&b, "commit 0 shm 64x32 full; ");
	check_uint(fake_pixel(b.fake, 0, 0, 0), 0xffff0000);
	for (int i = 0; i < 5; i++) {
		check_op(pwrite(fd, &green, 2, 2 * i), ==, 2);
		fake_frame(b.fake, 0);
		fake_release(b.fake, 0);
		settle(&b);
		hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", i, 0, 1, 1);
		settle(&b);
		check_uint(fake_pixel(b.fake, 0, i, 0), 0xff00ff00);
		/* also what changed while another buffer was shown */
		check_uint(fake_pixel(b.fake, 0, 0, 0), 0xff00ff00);
	}
	/* QEMU cuts its file short */
	check_int(ftruncate(fd, 0), 0);
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 0, 0, 64, 32);
	settle(&b);
	check_str(b.lost, "");
	check_uint(screen_counts(b.screen).imports, 1);
	close(fd);
	finish(&b);
}

TEST(pictures_as_bytes)
{
	struct bench b;
	static uint8_t bytes[3 * 16 * 8];
	start(&b, &usual);
	memset(bytes, 0x80, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 16, 8, 48, 0x18020888, bytes, sizeof(bytes));
	check_said(&b, "commit 0 shm 16x8 full; ");
	check_uint(fake_pixel(b.fake, 0, 15, 7), 0xff808080);
	fake_frame(b.fake, 0);
	settle(&b);
	bytes[0] = 0x11;
	hostile_pixels(&b.qemu, 0, true, 3, 4, 1, 1, 3, 0x18020888, bytes, 3);
	check_said(&b, "commit 0 shm 16x8 3,4 1x1; ");
	check_uint(fake_pixel(b.fake, 0, 3, 4), 0xff808011);
	check_uint(fake_pixel(b.fake, 0, 15, 7), 0xff808080);
	fake_frame(b.fake, 0);
	settle(&b);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 48, 0x18020888, bytes, sizeof(bytes));
	check_said(&b, "commit 0 shm 8x8 full; ");
	finish(&b);
}

TEST(flips_are_imported_once_and_paced)
{
	struct bench b;
	char want[128];
	start(&b, &usual);
	const int fds[2] = {memory(8192), memory(8192)};
	for (int i = 0; i < 20; i++) {
		struct hostile_call call;
		hostile_scanout2(&b.qemu, 0, fds[i % 2], 64, 32, DRM_FORMAT_XRGB8888, false);
		hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
		hostile_update_dmabuf(&b.qemu, 0, &call);
		settle(&b);
		commit_text(want, sizeof(want), fds[i % 2], "full");
		check_contains(fake_said(b.fake), want);
		check(!call.answered);
		check_int(fake_frame(b.fake, 0), 1);
		settle(&b);
		/* the other buffer is still on the screen, except the first time */
		check_int(call.answered, i == 0);
		check_int(fake_release(b.fake, 0), i == 0 ? 0 : 1);
		settle(&b);
		check(call.answered);
		check_str(call.error, "");
		hostile_forget(&call);
	}
	check_uint(screen_counts(b.screen).imports, 2);
	check_uint(screen_counts(b.screen).commits, 20);
	check_uint(screen_counts(b.screen).late_replies, 0);
	check_int(fake_num_buffers(b.fake), 2);
	/* another mode: the old buffers are given back */
	const int larger = memory(128 * 64 * 4);
	hostile_scanout2(&b.qemu, 0, larger, 128, 64, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 128, 64);
	settle(&b);
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	settle(&b);
	check_int(fake_num_buffers(b.fake), 1);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
	}
	close(larger);
	finish(&b);
}

TEST(what_a_buffer_is_imported_as)
{
	struct bench b;
	static const struct {
		struct fake_options options;
		uint32_t fourcc;
		const char *want;
	} cases[] = {
	    {{0}, DRM_FORMAT_XRGB8888, "import 64x32 XR24 linear; "},
	    {{0}, DRM_FORMAT_ARGB8888, "import 64x32 XR24 linear; "},
	    {{0}, DRM_FORMAT_ABGR8888, "import 64x32 XB24 linear; "},
	    {{.implicit_modifiers = true}, DRM_FORMAT_ARGB8888, "import 64x32 XR24 implicit; "},
	    {{.linear_ab24_only = true}, DRM_FORMAT_ABGR8888, "import 64x32 AB24 linear; "},
	    {{.linear_ab24_only = true}, DRM_FORMAT_XRGB8888, ""},
	    {{.no_dmabuf = true}, DRM_FORMAT_XRGB8888, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hostile_call call;
		start(&b, &cases[i].options);
		const int fd = memory(8192);
		hostile_scanout2(&b.qemu, 0, fd, 64, 32, cases[i].fourcc, false);
		check_said(&b, cases[i].want);
		hostile_update_dmabuf(&b.qemu, 0, &call);
		settle(&b);
		/* what cannot be shown does not hold the guest up */
		check_int(call.answered, cases[i].want[0] == '\0');
		hostile_forget(&call);
		close(fd);
		finish(&b);
	}
}

TEST(an_import_that_fails)
{
	struct bench b;
	struct hostile_call call;
	start(&b, &(struct fake_options){.fail_imports = true});
	const int fd = memory(8192);
	for (int i = 0; i < 3; i++) {
		hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
		hostile_update_dmabuf(&b.qemu, 0, &call);
		/* tried once */
		check_said(&b, i == 0 ? "import 64x32 XR24 linear; " : "");
		check(call.answered);
		hostile_forget(&call);
	}
	check_str(b.lost, "");
	close(fd);
	finish(&b);
}

TEST(bottom_row_first_and_cropped)
{
	struct bench b;
	char want[128];
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, true);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	settle(&b);
	commit_text(want, sizeof(want), fd, "full flipped");
	check_contains(fake_said(b.fake), want);
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 1, 2, 3, 4);
	settle(&b);
	commit_text(want, sizeof(want), fd, "1,26 3x4 flipped");
	check_str(fake_said(b.fake), want);
	/* the second monitor of a guest that draws both into one buffer */
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb",
	    1, fd, 32, 0, 32, 16, 1, 0, 1, 256, 1, DRM_FORMAT_XRGB8888, 64, 32,
	    UINT64_C(0x00ffffffffffffff), 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 32, 16);
	settle(&b);
	commit_text(want, sizeof(want), fd, "full source 32,0 32x16");
	check_str(fake_said(b.fake), want);
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 1, 2, 3, 4);
	settle(&b);
	commit_text(want, sizeof(want), fd, "33,2 3x4 source 32,0 32x16");
	check_str(fake_said(b.fake), want);
	close(fd);
	finish(&b);
}

TEST(a_scanout_without_update_appears)
{
	struct bench b;
	char want[128];
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	pass_time(&b, 100);
	commit_text(want, sizeof(want), fd, "full");
	check_contains(fake_said(b.fake), want);
	close(fd);
	finish(&b);
}

TEST(a_hidden_guest_is_slow)
{
	struct bench b;
	struct hostile_call call;
	start(&b, &usual);
	const int fd = memory(8192);
	fake_configure(b.fake, 0, 640, 480, 160, 120, false);
	settle(&b);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	pass_time(&b, 300);
	check(call.answered);
	check_op(call.answered_at - sent, >=, 190000);
	check_op(call.answered_at - sent, <, 280000);
	/* its picture is ready, and no callback waits at the compositor */
	check_contains(fake_said(b.fake), "commit 0 dmabuf");
	check_int(fake_frame(b.fake, 0), 0);
	fake_configure(b.fake, 0, 640, 480, 160, 120, true);
	settle(&b);
	check_contains(fake_said(b.fake), "commit 0 dmabuf");
	check_int(fake_frame(b.fake, 0), 1);
	hostile_forget(&call);
	close(fd);
	finish(&b);
}

TEST(a_compositor_that_sends_no_callbacks)
{
	struct bench b;
	struct hostile_call call;
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	pass_time(&b, 800);
	check(call.answered);
	check_op(call.answered_at - sent, >=, 690000);
	check_uint(screen_counts(b.screen).late_replies, 1);
	hostile_forget(&call);
	close(fd);
	finish(&b);
}

TEST(a_true_disable_empties_the_head)
{
	struct bench b;
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	settle(&b);
	(void)fake_said(b.fake);
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	pass_time(&b, 600);
	check_said(&b, "commit 0 none; ");
	check_int(fake_num_buffers(b.fake), 0);
	close(fd);
	finish(&b);
}

TEST(the_compositor_dies_and_comes_back)
{
	struct bench b;
	struct hostile_call call;
	char want[128];
	start(&b, &usual);
	const int fds[2] = {memory(8192), memory(8192)};
	for (int i = 0; i < 2; i++) {
		hostile_scanout2(&b.qemu, 0, fds[i], 64, 32, DRM_FORMAT_XRGB8888, true);
		hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
		settle(&b);
		fake_frame(b.fake, 0);
		fake_release(b.fake, 0);
		settle(&b);
	}
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_LEFTSHIFT, true);
	settle(&b);
	b.qemu.calls[0] = '\0';
	hostile_update_dmabuf(&b.qemu, 0, &call);
	settle(&b);
	check(!call.answered);
	fake_finish(b.fake);
	b.fake = NULL;
	settle(&b);
	check_str(b.lost, "the compositor closed the connection");
	/* no key stays down, and the machine goes on slowly */
	check_str(b.qemu.calls, "Keyboard.Release(0: 42); ");
	pass_time(&b, 250);
	check(call.answered);
	hostile_forget(&call);
	start_compositor(&b, &usual);
	check(b.ready);
	screen_set_client(b.screen, b.client);
	settle(&b);
	fake_configure(b.fake, 0, 640, 480, 160, 120, true);
	settle(&b);
	(void)snprintf(want, sizeof(want),
	    "mode 2; leds 0; head 0; import 64x32 XR24 linear; commit 0 dmabuf %d full flipped; ",
	    (int)inode(fds[1]));
	check_str(fake_said(b.fake), want);
	close(fds[0]);
	close(fds[1]);
	finish(&b);
}

TEST(the_machine_dies_and_comes_back)
{
	struct bench b;
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	settle(&b);
	(void)fake_said(b.fake);
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_A, true);
	settle(&b);
	hostile_finish(&b.qemu);
	check_said(&b, "commit 0 none; head 0 destroyed; mode 0; ");
	check_str(b.closed, "QEMU closed the display connection");
	check_int(fake_num_buffers(b.fake), 0);
	start_machine(&b, 1);
	check_said(&b, "head 0; mode 2; leds 0; ");
	/* a key that was held in the old machine is not released in the new one */
	fake_key(b.fake, KEY_A, false);
	fake_key(b.fake, KEY_B, true);
	settle(&b);
	check_str(b.qemu.calls, "Keyboard.Press(0: 48); ");
	close(fd);
	finish(&b);
}

TEST(cursors)
{
	struct bench b;
	static uint32_t argb[64 * 64];
	start(&b, &usual);
	hostile_say(&b.qemu, 0, NULL, "", "MouseSet", "iii", 0, 0, 0);
	check_said(&b, "cursor 0 none; ");
	for (int i = 0; i < 2000; i++) {
		sd_bus_message *m;
		check_op(sd_bus_message_new_method_call(b.qemu.consoles[0].listener, &m, NULL,
			     "/org/qemu/Display1/Listener", "org.qemu.Display1.Listener",
			     "CursorDefine"),
		    >=, 0);
		check_op(sd_bus_message_append(m, "iiii", 64, 64, i % 64, 7), >=, 0);
		check_op(sd_bus_message_append_array(m, 'y', argb, sizeof(argb)), >=, 0);
		check_op(sd_bus_message_set_expect_reply(m, 0), >=, 0);
		check_op(sd_bus_send(b.qemu.consoles[0].listener, m, NULL), >=, 0);
		sd_bus_message_unref(m);
		if (i == 0) {
			hostile_say(&b.qemu, 0, NULL, "", "MouseSet", "iii", 5, 5, 1);
		}
	}
	settle(&b);
	pass_time(&b, 50);
	const char *text = fake_said(b.fake);
	int shown = 0;
	for (const char *at = text; (at = strstr(at, "cursor 0 ")) != NULL; at++) {
		shown++;
	}
	check_op(shown, >=, 1);
	check_op(shown, <, 500);
	/* the last one won */
	check_op(strlen(text), >, 16);
	check_contains(text + strlen(text) - 16, "cursor 0 15,7; ");
	finish(&b);
}

TEST(input_reaches_the_machine)
{
	struct bench b;
	start(&b, &usual);
	const int fd = memory(8192);
	hostile_scanout_map(&b.qemu, 0, NULL, fd, 0, 64, 32, 256, 0x20020888);
	hostile_set_absolute(&b.qemu, 0, true);
	settle(&b);
	fake_key(b.fake, KEY_A, true); /* without focus */
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_LEFTCTRL, true);
	fake_key(b.fake, KEY_C, true);
	fake_key(b.fake, KEY_C, false);
	fake_motion(b.fake, 0, 10.5, 20.5);
	fake_button(b.fake, BTN_LEFT, true);
	fake_axis(b.fake, false, -120);
	fake_touch(b.fake, 0, 0, 77, 1, 2);
	fake_touch(b.fake, 1, 0, 77, 3, 4);
	fake_touch(b.fake, 0, 0, 78, 5, 6);
	fake_touch(b.fake, 2, 0, 77, 0, 0);
	fake_touch(b.fake, 3, 0, 0, 0, 0);
	fake_touch(b.fake, 0, 0, 79, 5, 6);
	settle(&b);
	check_str(b.qemu.calls,
	    "Keyboard.Press(0: 29); Keyboard.Press(0: 46); Keyboard.Release(0: 46); "
	    "Mouse.SetAbsPosition(0: 10 20); Mouse.Press(0: 0); Mouse.Press(0: 3); "
	    "Mouse.Release(0: 3); MultiTouch.SendEvent(0: 0 0 1 2); "
	    "MultiTouch.SendEvent(0: 1 0 3 4); MultiTouch.SendEvent(0: 0 1 5 6); "
	    "MultiTouch.SendEvent(0: 2 0 3 4); MultiTouch.SendEvent(0: 3 1 5 6); "
	    "MultiTouch.SendEvent(0: 0 0 5 6); ");
	b.qemu.calls[0] = '\0';
	fake_focus(b.fake, false, 0);
	settle(&b);
	check_str(b.qemu.calls,
	    "Mouse.Release(0: 0); Keyboard.Release(0: 29); MultiTouch.SendEvent(0: 2 0 5 6); ");
	b.qemu.calls[0] = '\0';
	hostile_set_absolute(&b.qemu, 0, false);
	settle(&b);
	fake_focus(b.fake, true, 0);
	fake_motion_relative(b.fake, 3, -4);
	settle(&b);
	check_str(b.qemu.calls, "Mouse.RelMotion(0: 3 -4); ");
	close(fd);
	finish(&b);
}

/* Its pictures and cursors pile up nowhere, and it is not given up for a second of silence. */
TEST(a_compositor_that_does_not_read)
{
	struct bench b;
	static uint8_t bytes[64 * 32 * 4];
	start(&b, &usual);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
	settle(&b);
	fake_pause(b.fake, true);
	for (int i = 0; i < 1000; i++) {
		hostile_pixels(
		    &b.qemu, 0, true, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
		if (i % 10 == 0) {
			pass_time(&b, 10);
		}
	}
	check_op(screen_counts(b.screen).commits, <, 10);
	fake_pause(b.fake, false);
	settle(&b);
	check_str(b.lost, "");
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	bytes[2] = 0x77;
	hostile_pixels(&b.qemu, 0, true, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
	settle(&b);
	fake_frame(b.fake, 0);
	settle(&b);
	check_uint(fake_pixel(b.fake, 0, 0, 0), 0xff770000);
	finish(&b);
}
