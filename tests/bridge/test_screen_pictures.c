// SPDX-License-Identifier: MIT
#include "chain.h"

#include <drm_fourcc.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

static const struct fake_options usual = {0};

static void draw(int fd, off_t offset, uint32_t pixel)
{
	check_op(pwrite(fd, &pixel, sizeof(pixel), offset), ==, sizeof(pixel));
}

TEST(memory_of_the_machine_is_shown_as_it_is)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(4096 + 8192);
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
	chain_finish(&b);
}

TEST(other_formats_are_copied)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(64 * 2 * 32);
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
		chain_settle(&b);
		hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", i, 0, 1, 1);
		chain_settle(&b);
		check_uint(fake_pixel(b.fake, 0, i, 0), 0xff00ff00);
		/* also what changed while another buffer was shown */
		check_uint(fake_pixel(b.fake, 0, 0, 0), 0xff00ff00);
	}
	/* QEMU cuts its file short */
	check_int(ftruncate(fd, 0), 0);
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, ".Unix.Map", "UpdateMap", "iiii", 0, 0, 64, 32);
	chain_settle(&b);
	check_str(b.lost, "");
	check_uint(screen_counts(b.screen).imports, 1);
	close(fd);
	chain_finish(&b);
}

TEST(pictures_as_bytes)
{
	struct chain b;
	static uint8_t bytes[3 * 16 * 8];
	chain_start(&b, &usual);
	memset(bytes, 0x80, sizeof(bytes));
	hostile_pixels(&b.qemu, 0, false, 0, 0, 16, 8, 48, 0x18020888, bytes, sizeof(bytes));
	check_said(&b, "commit 0 shm 16x8 full; ");
	check_uint(fake_pixel(b.fake, 0, 15, 7), 0xff808080);
	fake_frame(b.fake, 0);
	chain_settle(&b);
	bytes[0] = 0x11;
	hostile_pixels(&b.qemu, 0, true, 3, 4, 1, 1, 3, 0x18020888, bytes, 3);
	check_said(&b, "commit 0 shm 16x8 3,4 1x1; ");
	check_uint(fake_pixel(b.fake, 0, 3, 4), 0xff808011);
	check_uint(fake_pixel(b.fake, 0, 15, 7), 0xff808080);
	fake_frame(b.fake, 0);
	chain_settle(&b);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 8, 8, 48, 0x18020888, bytes, sizeof(bytes));
	check_said(&b, "commit 0 shm 8x8 full; ");
	chain_finish(&b);
}

TEST(flips_are_imported_once_and_paced)
{
	struct chain b;
	char want[128];
	chain_start(&b, &usual);
	const int fds[2] = {chain_memory(8192), chain_memory(8192)};
	for (int i = 0; i < 20; i++) {
		struct hostile_call call;
		hostile_scanout2(&b.qemu, 0, fds[i % 2], 64, 32, DRM_FORMAT_XRGB8888, false);
		hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
		hostile_update_dmabuf(&b.qemu, 0, &call);
		chain_settle(&b);
		chain_commit_text(want, sizeof(want), fds[i % 2], "full");
		check_contains(fake_said(b.fake), want);
		check(!call.answered);
		check_int(fake_frame(b.fake, 0), 1);
		chain_settle(&b);
		/* the other buffer is still on the screen, except the first time */
		check_int(call.answered, i == 0);
		check_int(fake_release(b.fake, 0), i == 0 ? 0 : 1);
		chain_settle(&b);
		check(call.answered);
		check_str(call.error, "");
		hostile_forget(&call);
	}
	check_uint(screen_counts(b.screen).imports, 2);
	check_uint(screen_counts(b.screen).commits, 20);
	check_uint(screen_counts(b.screen).late_replies, 0);
	check_int(fake_num_buffers(b.fake), 2);
	/* another mode: the old buffers are given back */
	const int larger = chain_memory(128 * 64 * 4);
	hostile_scanout2(&b.qemu, 0, larger, 128, 64, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 128, 64);
	chain_settle(&b);
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	chain_settle(&b);
	check_int(fake_num_buffers(b.fake), 1);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
	}
	close(larger);
	chain_finish(&b);
}

TEST(what_a_buffer_is_imported_as)
{
	struct chain b;
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
		chain_start(&b, &cases[i].options);
		const int fd = chain_memory(8192);
		hostile_scanout2(&b.qemu, 0, fd, 64, 32, cases[i].fourcc, false);
		chain_settle(&b);
		const char *text = fake_said(b.fake);
		check_int(strstr(text, "import") != NULL, cases[i].want[0] != '\0');
		check_contains(text, cases[i].want);
		hostile_update_dmabuf(&b.qemu, 0, &call);
		chain_settle(&b);
		/* what cannot be imported is copied: it is on the screen all the same */
		if (cases[i].want[0] == '\0') {
			check_contains(fake_said(b.fake), "commit 0 shm 64x32 full; ");
		}
		check(!call.answered);
		hostile_forget(&call);
		close(fd);
		chain_finish(&b);
	}
}

static void paint(int fd, uint32_t colour)
{
	for (off_t at = 0; at < 8192; at += 4) {
		check_int(pwrite(fd, &colour, 4, at), 4);
	}
}

TEST(an_import_that_fails_is_copied)
{
	struct chain b;
	chain_start(&b, &(struct fake_options){.fail_imports = true});
	const int fds[2] = {chain_memory(8192), chain_memory(8192)};
	for (uint32_t i = 0; i < 4; i++) {
		struct hostile_call call;
		const int fd = fds[i % 2];
		paint(fd, 0x00102030 + i);
		hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
		hostile_update_dmabuf(&b.qemu, 0, &call);
		chain_settle(&b);
		/* each is tried once */
		check_str(fake_said(b.fake), i < 2 ? "import 64x32 XR24 linear; commit 0 shm 64x32 full; "
						   : "commit 0 shm 64x32 full; ");
		check_uint(fake_pixel(b.fake, 0, 63, 31), 0xff102030 + i);
		check_int(fake_frame(b.fake, 0), 1);
		chain_settle(&b);
		check(call.answered);
		hostile_forget(&call);
	}
	check_str(b.lost, "");
	close(fds[0]);
	close(fds[1]);
	chain_finish(&b);
}

TEST(an_import_that_fails_and_cannot_be_read)
{
	struct chain b;
	struct hostile_call call;
	chain_start(&b, &(struct fake_options){.fail_imports = true});
	const int fd = chain_memory(8192);
	/* in tiles: only the GPU knows where a pixel is */
	hostile_say(&b.qemu, 0, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb", 1, fd,
	    0, 0, 64, 32, 1, 0, 1, 256, 1, DRM_FORMAT_XRGB8888, 64, 32, I915_FORMAT_MOD_X_TILED, 0);
	hostile_update_dmabuf(&b.qemu, 0, &call);
	chain_settle(&b);
	check(strstr(fake_said(b.fake), "commit") == NULL);
	/* what cannot be shown does not hold the guest up */
	check(call.answered);
	hostile_forget(&call);
	check_str(b.lost, "");
	close(fd);
	chain_finish(&b);
}

TEST(bottom_row_first_and_cropped)
{
	struct chain b;
	char want[128];
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, true);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	chain_settle(&b);
	chain_commit_text(want, sizeof(want), fd, "full flipped");
	check_contains(fake_said(b.fake), want);
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 1, 2, 3, 4);
	chain_settle(&b);
	chain_commit_text(want, sizeof(want), fd, "1,26 3x4 flipped");
	check_str(fake_said(b.fake), want);
	/* the second monitor of a guest that draws both into one buffer */
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb",
	    1, fd, 32, 0, 32, 16, 1, 0, 1, 256, 1, DRM_FORMAT_XRGB8888, 64, 32,
	    UINT64_C(0x00ffffffffffffff), 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 32, 16);
	chain_settle(&b);
	chain_commit_text(want, sizeof(want), fd, "full source 32,0 32x16");
	check_str(fake_said(b.fake), want);
	fake_frame(b.fake, 0);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 1, 2, 3, 4);
	chain_settle(&b);
	chain_commit_text(want, sizeof(want), fd, "33,2 3x4 source 32,0 32x16");
	check_str(fake_said(b.fake), want);
	close(fd);
	chain_finish(&b);
}

TEST(a_scanout_without_update_appears)
{
	struct chain b;
	char want[128];
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	chain_pass_time(&b, PH_FRAME_SETTLE_US / 1000 + 250);
	chain_commit_text(want, sizeof(want), fd, "full");
	check_contains(fake_said(b.fake), want);
	close(fd);
	chain_finish(&b);
}

TEST(a_hidden_guest_is_slow)
{
	struct chain b;
	struct hostile_call call;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	fake_configure(b.fake, 0, 640, 480, 160, 120, false);
	chain_settle(&b);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	chain_pass_time(&b, PH_FRAME_HIDDEN_US / 1000 + 300);
	check(call.answered);
	check_op(call.answered_at - sent, >=, PH_FRAME_HIDDEN_US - 10000);
	check_op(call.answered_at - sent, <, PH_FRAME_HIDDEN_US + 250000);
	/* its picture is ready, and no callback waits at the compositor */
	check_contains(fake_said(b.fake), "commit 0 dmabuf");
	check_int(fake_frame(b.fake, 0), 0);
	fake_configure(b.fake, 0, 640, 480, 160, 120, true);
	chain_settle(&b);
	check_contains(fake_said(b.fake), "commit 0 dmabuf");
	check_int(fake_frame(b.fake, 0), 1);
	hostile_forget(&call);
	close(fd);
	chain_finish(&b);
}

TEST(a_compositor_that_sends_no_callbacks)
{
	struct chain b;
	struct hostile_call call;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	const uint64_t sent = test_now_us();
	hostile_update_dmabuf(&b.qemu, 0, &call);
	chain_pass_time(&b, 1200);
	check(call.answered);
	check_op(call.answered_at - sent, >=, 690000);
	check_uint(screen_counts(b.screen).late_replies, 1);
	hostile_forget(&call);
	close(fd);
	chain_finish(&b);
}

TEST(a_true_disable_empties_the_head)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	chain_settle(&b);
	(void)fake_said(b.fake);
	hostile_say(&b.qemu, 0, NULL, "", "Disable", "");
	chain_pass_time(&b, 1300);
	check_said(&b, "commit 0 none; ");
	check_int(fake_num_buffers(b.fake), 0);
	close(fd);
	chain_finish(&b);
}
