// SPDX-License-Identifier: MIT
#include "display_codec.h"

#include <drm_fourcc.h>
#include <string.h>

#include "formats.h"
#include "picture.h"
#include "pixels.h"
#include "test.h"

/* pixman's codes, as numbers of their own: 0x20020888 is what QEMU was seen to send. */
static const struct {
	uint32_t pixman, fourcc, opaque, bytes;
} formats[] = {
    {0x20020888, DRM_FORMAT_XRGB8888, DRM_FORMAT_XRGB8888, 4},
    {0x20028888, DRM_FORMAT_ARGB8888, DRM_FORMAT_XRGB8888, 4},
    {0x20030888, DRM_FORMAT_XBGR8888, DRM_FORMAT_XBGR8888, 4},
    {0x20038888, DRM_FORMAT_ABGR8888, DRM_FORMAT_XBGR8888, 4},
    {0x20080888, DRM_FORMAT_BGRX8888, DRM_FORMAT_BGRX8888, 4},
    {0x20088888, DRM_FORMAT_BGRA8888, DRM_FORMAT_BGRX8888, 4},
    {0x20090888, DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBX8888, 4},
    {0x20098888, DRM_FORMAT_RGBA8888, DRM_FORMAT_RGBX8888, 4},
    {0x20020aaa, DRM_FORMAT_XRGB2101010, DRM_FORMAT_XRGB2101010, 4},
    {0x20022aaa, DRM_FORMAT_ARGB2101010, DRM_FORMAT_XRGB2101010, 4},
    {0x20030aaa, DRM_FORMAT_XBGR2101010, DRM_FORMAT_XBGR2101010, 4},
    {0x20032aaa, DRM_FORMAT_ABGR2101010, DRM_FORMAT_XBGR2101010, 4},
    {0x18020888, DRM_FORMAT_RGB888, DRM_FORMAT_RGB888, 3},
    {0x18030888, DRM_FORMAT_BGR888, DRM_FORMAT_BGR888, 3},
    {0x10020565, DRM_FORMAT_RGB565, DRM_FORMAT_RGB565, 2},
    {0x10030565, DRM_FORMAT_BGR565, DRM_FORMAT_BGR565, 2},
    {0x10020555, DRM_FORMAT_XRGB1555, DRM_FORMAT_XRGB1555, 2},
    {0x10021555, DRM_FORMAT_ARGB1555, DRM_FORMAT_XRGB1555, 2},
    {0x10030555, DRM_FORMAT_XBGR1555, DRM_FORMAT_XBGR1555, 2},
    {0x10031555, DRM_FORMAT_ABGR1555, DRM_FORMAT_XBGR1555, 2},
};

#define NUM_FORMATS (sizeof(formats) / sizeof(formats[0]))

TEST(every_format)
{
	for (size_t i = 0; i < NUM_FORMATS; i++) {
		check_uint(formats_from_pixman(formats[i].pixman), formats[i].fourcc);
		check_uint(formats_opaque(formats[i].fourcc), formats[i].opaque);
		check_uint(formats_bytes_per_pixel(formats[i].fourcc), formats[i].bytes);
	}
	check_uint(formats_from_pixman(0), 0);
	check_uint(formats_from_pixman(0x08010000), 0);
	check_uint(formats_opaque(DRM_FORMAT_NV12), DRM_FORMAT_NV12);
	check_uint(formats_bytes_per_pixel(DRM_FORMAT_NV12), 0);
}

TEST(pixels_of_every_format)
{
	/* pure red, green, blue, white, each as the bytes of one pixel */
	static const struct {
		uint32_t fourcc;
		uint32_t red, green, blue, white;
	} words[] = {
	    {DRM_FORMAT_XRGB8888, 0xff0000, 0xff00, 0xff, 0xffffff},
	    {DRM_FORMAT_ARGB8888, 0xff0000, 0xff00, 0xff, 0xffffff},
	    {DRM_FORMAT_XBGR8888, 0xff, 0xff00, 0xff0000, 0xffffff},
	    {DRM_FORMAT_ABGR8888, 0xff, 0xff00, 0xff0000, 0xffffff},
	    {DRM_FORMAT_BGRX8888, 0xff00, 0xff0000, 0xff000000, 0xffffff00},
	    {DRM_FORMAT_BGRA8888, 0xff00, 0xff0000, 0xff000000, 0xffffff00},
	    {DRM_FORMAT_RGBX8888, 0xff000000, 0xff0000, 0xff00, 0xffffff00},
	    {DRM_FORMAT_RGBA8888, 0xff000000, 0xff0000, 0xff00, 0xffffff00},
	    {DRM_FORMAT_XRGB2101010, 0x3ff00000, 0xffc00, 0x3ff, 0x3fffffff},
	    {DRM_FORMAT_ARGB2101010, 0x3ff00000, 0xffc00, 0x3ff, 0x3fffffff},
	    {DRM_FORMAT_XBGR2101010, 0x3ff, 0xffc00, 0x3ff00000, 0x3fffffff},
	    {DRM_FORMAT_ABGR2101010, 0x3ff, 0xffc00, 0x3ff00000, 0x3fffffff},
	    {DRM_FORMAT_RGB888, 0xff0000, 0xff00, 0xff, 0xffffff},
	    {DRM_FORMAT_BGR888, 0xff, 0xff00, 0xff0000, 0xffffff},
	    {DRM_FORMAT_RGB565, 0xf800, 0x7e0, 0x1f, 0xffff},
	    {DRM_FORMAT_BGR565, 0x1f, 0x7e0, 0xf800, 0xffff},
	    {DRM_FORMAT_XRGB1555, 0x7c00, 0x3e0, 0x1f, 0x7fff},
	    {DRM_FORMAT_ARGB1555, 0x7c00, 0x3e0, 0x1f, 0x7fff},
	    {DRM_FORMAT_XBGR1555, 0x1f, 0x3e0, 0x7c00, 0x7fff},
	    {DRM_FORMAT_ABGR1555, 0x1f, 0x3e0, 0x7c00, 0x7fff},
	};
	check_uint(sizeof(words) / sizeof(words[0]), NUM_FORMATS);
	for (size_t i = 0; i < NUM_FORMATS; i++) {
		const uint32_t step = formats_bytes_per_pixel(words[i].fourcc);
		const uint32_t in[] = {words[i].red, words[i].green, words[i].blue, words[i].white};
		uint8_t bytes[16];
		uint32_t out[4];
		for (int k = 0; k < 4; k++) {
			memcpy(bytes + (uint32_t)k * step, &in[k], step);
		}
		pixels_convert_row(out, bytes, words[i].fourcc, 4);
		check_uint(out[0], 0xffff0000u);
		check_uint(out[1], 0xff00ff00u);
		check_uint(out[2], 0xff0000ffu);
		check_uint(out[3], 0xffffffffu);
	}
	/* in between: 5 bits 16 is 132 of 255, 6 bits 32 is 130 */
	const uint16_t grey = 16 << 11 | 32 << 5 | 16;
	uint32_t out;
	pixels_convert_row(&out, &grey, DRM_FORMAT_RGB565, 1);
	check_uint(out, 0xff848284u);
}

TEST(pixels_are_measured)
{
	static const struct {
		struct ph_rect rect;
		uint32_t stride, pixman;
		size_t size;
		enum ph_codec_error want;
	} cases[] = {
	    {{0, 0, 4, 3}, 16, 0x20020888, 48, PH_CODEC_OK},
	    {{0, 0, 4, 3}, 20, 0x20020888, 56, PH_CODEC_OK}, /* the last row ends with its pixels */
	    {{0, 0, 4, 3}, 20, 0x20020888, 55, PH_CODEC_DATA},
	    {{0, 0, 4, 3}, 15, 0x20020888, 4096, PH_CODEC_GEOMETRY},
	    {{0, 0, 4, 3}, 8, 0x10020565, 24, PH_CODEC_OK},
	    {{0, 0, 3, 1}, 9, 0x18020888, 9, PH_CODEC_OK},
	    {{0, 0, 4, 3}, 16, 0x12345678, 48, PH_CODEC_FORMAT},
	    {{0, 0, 0, 3}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{0, 0, 4, 0}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{0, 0, -4, 3}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{-1, 0, 4, 3}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{0, -1, 4, 3}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{INT32_MAX, 0, 4, 3}, 16, 0x20020888, 48, PH_CODEC_GEOMETRY},
	    {{0, 0, 16385, 1}, 65540, 0x20020888, 65540, PH_CODEC_GEOMETRY},
	    {{0, 0, 1, 16384}, 0x40000000, 0x20020888, 4, PH_CODEC_DATA},
	    {{0, 0, INT32_MAX, INT32_MAX}, UINT32_MAX, 0x20020888, 48, PH_CODEC_GEOMETRY},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_pixels out;
		const char data[1] = {0};
		check_int(display_codec_pixels(cases[i].rect, cases[i].stride, cases[i].pixman,
			      data, cases[i].size, &out),
		    cases[i].want);
	}
}

TEST(maps)
{
	struct ph_codec_map args = {.fd = 9,
	    .offset = 4096,
	    .width = 640,
	    .height = 480,
	    .stride = 2560,
	    .pixman = 0x20020888};
	struct ph_picture p;
	check_int(display_codec_map(&args, &p), PH_CODEC_OK);
	check_int(p.kind, PH_PICTURE_MAP);
	check_uint(p.fourcc, DRM_FORMAT_XRGB8888);
	check_uint(p.modifier, DRM_FORMAT_MOD_LINEAR);
	check_uint(p.backing_width, 640);
	check_uint(p.backing_height, 480);
	check_int(p.num_planes, 1);
	check_int(p.planes[0].fd, 9);
	check_uint(p.planes[0].offset, 4096);
	args.pixman = 1;
	check_int(display_codec_map(&args, &p), PH_CODEC_FORMAT);
	args.pixman = 0x20020888;
	args.stride = 2559;
	check_int(display_codec_map(&args, &p), PH_CODEC_GEOMETRY);
	args.stride = 2560;
	args.height = 0x7fffffff;
	check_int(display_codec_map(&args, &p), PH_CODEC_GEOMETRY);
}

static const struct ph_codec_dmabuf good_dmabuf = {.num_fds = 1,
    .num_offsets = 1,
    .num_strides = 1,
    .fds = {9},
    .strides = {2560},
    .num_planes = 1,
    .width = 640,
    .height = 480,
    .backing_width = 640,
    .backing_height = 480,
    .fourcc = DRM_FORMAT_ABGR8888,
    .modifier = DRM_FORMAT_MOD_INVALID,
    .y0_top = true};

TEST(dmabufs)
{
	struct ph_codec_dmabuf args = good_dmabuf;
	struct ph_picture p;
	check_int(display_codec_dmabuf(&args, &p), PH_CODEC_OK);
	check_int(p.kind, PH_PICTURE_DMABUF);
	check_uint(p.modifier, DRM_FORMAT_MOD_INVALID);
	check(p.y_inverted);
	check_int(p.planes[0].fd, 9);
	check_int(p.planes[1].fd, -1);
	args.y0_top = false;
	args.x = 320;
	args.width = 320;
	check_int(display_codec_dmabuf(&args, &p), PH_CODEC_OK);
	check(!p.y_inverted);
	check_uint(p.x, 320);
}

TEST(bad_dmabufs)
{
	struct ph_picture p;
	struct ph_codec_dmabuf bad[14];
	enum ph_codec_error want[14];
	for (int i = 0; i < 14; i++) {
		bad[i] = good_dmabuf;
		want[i] = i < 7 ? PH_CODEC_PLANES : PH_CODEC_GEOMETRY;
	}
	bad[0].num_planes = 0;
	bad[1].num_planes = 2;
	bad[2].num_planes = bad[2].num_fds = bad[2].num_offsets = bad[2].num_strides = 5;
	bad[3].num_planes = UINT32_MAX;
	bad[4].num_fds = 0;
	bad[5].num_offsets = 0;
	bad[6].num_strides = 0;
	bad[7].width = 0;
	bad[8].height = 0;
	bad[9].x = 1;
	bad[10].y = UINT32_MAX;
	bad[11].backing_width = 639;
	bad[12].backing_height = 16385;
	bad[13].width = bad[13].backing_width = 16385;
	for (int i = 0; i < 14; i++) {
		check_int(display_codec_dmabuf(&bad[i], &p), want[i]);
	}
	bad[0] = good_dmabuf;
	bad[0].fourcc = 0;
	check_int(display_codec_dmabuf(&bad[0], &p), PH_CODEC_FORMAT);
}

TEST(cursors)
{
	check_int(display_codec_cursor(64, 64, 16384), PH_CODEC_OK);
	check_int(display_codec_cursor(64, 64, 16383), PH_CODEC_DATA);
	check_int(display_codec_cursor(512, 512, 1 << 20), PH_CODEC_OK);
	check_int(display_codec_cursor(513, 1, 1 << 20), PH_CODEC_GEOMETRY);
	check_int(display_codec_cursor(0, 64, 16384), PH_CODEC_GEOMETRY);
	check_int(display_codec_cursor(64, -1, 16384), PH_CODEC_GEOMETRY);
	check_int(display_codec_cursor(INT32_MAX, INT32_MAX, 16384), PH_CODEC_GEOMETRY);
}

TEST(console_paths)
{
	check_int(display_codec_console("/org/qemu/Display1/Console_0"), 0);
	check_int(display_codec_console("/org/qemu/Display1/Console_15"), 15);
	check_int(display_codec_console("/org/qemu/Display1/Console_16"), -1);
	check_int(display_codec_console("/org/qemu/Display1/Console_01"), -1);
	check_int(display_codec_console("/org/qemu/Display1/Console_"), -1);
	check_int(display_codec_console("/org/qemu/Display1/Console_4294967296"), -1);
	check_int(display_codec_console("/org/qemu/Display1/Console_1/x"), -1);
	check_int(display_codec_console("/org/qemu/Display1/VM"), -1);
	check_int(display_codec_console(""), -1);
}

TEST(leds_and_millimetres)
{
	check_uint(display_codec_leds(0), 0);
	check_uint(display_codec_leds(1), PH_LED_SCROLL);
	check_uint(display_codec_leds(2), PH_LED_NUM);
	check_uint(display_codec_leds(4), PH_LED_CAPS);
	check_uint(display_codec_leds(0xffffffff), PH_LED_SCROLL | PH_LED_NUM | PH_LED_CAPS);
	check_uint(display_codec_mm(300), 300);
	check_uint(display_codec_mm(70000), 65535);
}

/* QEMU's order at each flip of a blob: scanout, Disable, update. */
TEST(disable_after_a_scanout_is_not_believed)
{
	struct ph_blank blank = {0};
	uint64_t now = 0;
	for (int i = 0; i < 10; i++) {
		blank_handle_scanout(&blank);
		blank_handle_disable(&blank, now);
		check(!blank.pending);
		blank_handle_update(&blank);
		now += 16000;
		check(!blank_handle_time(&blank, now));
	}
}

TEST(disable_before_a_scanout_is_not_believed)
{
	struct ph_blank blank = {0};
	blank_handle_scanout(&blank);
	blank_handle_update(&blank);
	blank_handle_disable(&blank, 1000);
	check(blank.pending);
	blank_handle_scanout(&blank);
	check(!blank_handle_time(&blank, 1000 + PH_BLANK_DELAY_US));
}

TEST(disable_comes_true_after_a_while)
{
	struct ph_blank blank = {0};
	blank_handle_scanout(&blank);
	blank_handle_update(&blank);
	blank_handle_disable(&blank, 1000);
	/* a repetition does not put it off */
	blank_handle_disable(&blank, 200000);
	check(!blank_handle_time(&blank, 1000 + PH_BLANK_DELAY_US - 1));
	check(blank_handle_time(&blank, 1000 + PH_BLANK_DELAY_US));
	check(!blank_handle_time(&blank, 1000 + PH_BLANK_DELAY_US));
}

TEST(choice_of_an_import_format)
{
	struct ph_format_set set = {0};
	struct ph_format out;
	const uint64_t unknown = DRM_FORMAT_MOD_INVALID, linear = DRM_FORMAT_MOD_LINEAR;
	check(!formats_choose(&set, DRM_FORMAT_XRGB8888, unknown, &out));
	formats_add(&set, DRM_FORMAT_XRGB8888, linear);
	formats_add(&set, DRM_FORMAT_ABGR8888, linear);
	formats_add(&set, DRM_FORMAT_XRGB8888, linear);
	check_uint(set.count, 2);
	/* unknown becomes linear where unknown is not taken */
	check(formats_choose(&set, DRM_FORMAT_ARGB8888, unknown, &out));
	check_uint(out.fourcc, DRM_FORMAT_XRGB8888);
	check_uint(out.modifier, linear);
	formats_add(&set, DRM_FORMAT_XRGB8888, unknown);
	check(formats_choose(&set, DRM_FORMAT_ARGB8888, unknown, &out));
	check_uint(out.modifier, unknown);
	/* the format itself, where its twin is not taken */
	check(formats_choose(&set, DRM_FORMAT_ABGR8888, linear, &out));
	check_uint(out.fourcc, DRM_FORMAT_ABGR8888);
	/* a tiling is never guessed away */
	check(!formats_choose(&set, DRM_FORMAT_XRGB8888, 0x100000000000001, &out));
	formats_finish(&set);
	for (uint32_t i = 0; i < 4096; i++) {
		check(formats_add(&set, i + 1, 0));
	}
	check(!formats_add(&set, 5000, 0));
	formats_finish(&set);
}

TEST(rectangles)
{
	static const struct {
		struct ph_rect in, want;
	} cases[] = {
	    {{0, 0, 10, 10}, {0, 0, 10, 10}},
	    {{-5, -5, 10, 10}, {0, 0, 5, 5}},
	    {{5, 5, 100, 100}, {5, 5, 5, 5}},
	    {{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX}, {0, 0, 0, 0}},
	    {{INT32_MAX, 0, INT32_MAX, 10}, {0, 0, 0, 0}},
	    {{0, 0, INT32_MAX, INT32_MAX}, {0, 0, 10, 10}},
	    {{2, 2, -1, 5}, {0, 0, 0, 0}},
	    {{0, 0, 0, 0}, {0, 0, 0, 0}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ph_rect got = rect_clip(cases[i].in, 10, 10);
		check_mem(&got, &cases[i].want, sizeof(got));
	}
	const struct ph_rect a = {1, 2, 3, 4}, b = {-1, 5, 2, 7}, none = {9, 9, 0, 5};
	const struct ph_rect both = {-1, 2, 5, 10};
	struct ph_rect got = rect_union(a, b);
	check_mem(&got, &both, sizeof(got));
	got = rect_union(a, none);
	check_mem(&got, &a, sizeof(got));
	got = rect_union(none, a);
	check_mem(&got, &a, sizeof(got));
}

TEST(canvas)
{
	struct ph_canvas canvas = {0};
	static const uint32_t words[4] = {1, 2, 3, 4};
	const struct ph_pixels pixels = {.fourcc = DRM_FORMAT_XRGB8888,
	    .stride = 8,
	    .rect = {2, 1, 2, 2},
	    .data = words,
	    .size = sizeof(words)};
	check(!canvas_resize(&canvas, 0, 5));
	check(!canvas_resize(&canvas, 5, 16385));
	check(canvas_resize(&canvas, 3, 3));
	const uint64_t generation = canvas.generation;
	check_op(generation, >, 0);
	const struct ph_rect drawn = canvas_draw(&canvas, &pixels), want = {2, 1, 1, 2};
	check_mem(&drawn, &want, sizeof(drawn));
	const uint32_t all[9] = {0, 0, 0, 0, 0, 0xff000001, 0, 0, 0xff000003};
	check_mem(canvas.data, all, sizeof(all));
	check(canvas_resize(&canvas, 3, 3));
	check_uint(canvas.generation, generation);
	check_mem(canvas.data, all, sizeof(all));
	check(canvas_resize(&canvas, 2, 4));
	check_uint(canvas.generation, generation + 1);
	canvas_finish(&canvas);
}
