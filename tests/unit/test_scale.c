// SPDX-License-Identifier: MIT
/* The shaders, drawn by Mesa without a window or a GPU and read back. */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scale_gl.h"
#include "test.h"

struct bench {
	EGLDisplay display;
	EGLContext context;
	struct ph_scale_gl gl;
};

static void bench_init(struct bench *bench)
{
	static const EGLint attributes[] = {EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE};
	PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
	    (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");

	memset(bench, 0, sizeof(*bench));
	bench->display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	check(eglInitialize(bench->display, NULL, NULL));
	check(eglBindAPI(EGL_OPENGL_ES_API));
	bench->context = eglCreateContext(bench->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
	check(bench->context != EGL_NO_CONTEXT);
	check(eglMakeCurrent(bench->display, EGL_NO_SURFACE, EGL_NO_SURFACE, bench->context));
}

static void bench_finish(struct bench *bench)
{
	scale_gl_finish(&bench->gl);
	eglMakeCurrent(bench->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
	eglDestroyContext(bench->display, bench->context);
	eglTerminate(bench->display);
	eglReleaseThread();
}

static GLuint make_texture(int width, int height, const uint8_t *pixels)
{
	GLuint texture;

	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	return texture;
}

/* Draws into a framebuffer of that size; 4 bytes per pixel, the first row first. To be freed. */
static uint8_t *draw(struct bench *bench, enum ph_scale_filter filter, struct ph_scale_picture *picture,
    const uint8_t *pixels, const struct ph_box *box, int width, int height)
{
	uint8_t *result = malloc((size_t)width * (size_t)height * 4);
	GLuint target = make_texture(width, height, NULL), framebuffer;
	char error[512];

	picture->texture = make_texture(picture->width, picture->height, pixels);
	picture->target = GL_TEXTURE_2D;
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, target, 0);
	bool drawn = scale_gl_draw(&bench->gl, filter, picture, box, width, height, error, sizeof(error));
	if (!drawn) {
		printf("%s\n", error);
	}
	check(drawn);
	glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, result);
	check_int(glGetError(), GL_NO_ERROR);
	glDeleteFramebuffers(1, &framebuffer);
	glDeleteTextures(1, &target);
	glDeleteTextures(1, &picture->texture);
	return result;
}

static struct ph_scale_picture whole(int width, int height)
{
	return (struct ph_scale_picture){
	    .width = width, .height = height, .source_width = width, .source_height = height};
}

/* Random pixels, no two neighbours alike. */
static uint8_t *noise(int width, int height)
{
	uint8_t *pixels = malloc((size_t)width * (size_t)height * 4);

	srandom(5);
	for (int i = 0; i < width * height * 4; i++) {
		pixels[i] = (uint8_t)random();
	}
	return pixels;
}

static const uint8_t *at(const uint8_t *pixels, int width, int x, int y)
{
	return pixels + 4 * (y * width + x);
}

static const enum ph_scale_filter filters[] = {
    PH_SCALE_FILTER_INTEGER, PH_SCALE_FILTER_SHARP, PH_SCALE_FILTER_CATMULL_ROM};

TEST(whole_factors_are_blocks)
{
	struct bench bench;
	uint8_t *source = noise(16, 9);

	bench_init(&bench);
	for (int filter = 0; filter < 2; filter++) {
		struct ph_scale_picture picture = whole(16, 9);
		struct ph_box box = {10, 20, 48, 27};
		uint8_t *result = draw(&bench, filters[filter], &picture, source, &box, 80, 60);
		for (int y = 0; y < 60; y++) {
			for (int x = 0; x < 80; x++) {
				bool inside = x >= 10 && x < 58 && y >= 20 && y < 47;
				const uint8_t *is = at(result, 80, x, y);
				const uint8_t *want = at(source, 16, (x - 10) / 3, (y - 20) / 3);
				for (int c = 0; c < 3; c++) {
					int wanted = inside ? want[c] : 0;
					check(abs(is[c] - wanted) <= (filter == 0 ? 0 : 1));
				}
			}
		}
		free(result);
	}
	free(source);
	bench_finish(&bench);
}

TEST(one_to_one_changes_nothing)
{
	struct bench bench;
	uint8_t *source = noise(40, 30);

	bench_init(&bench);
	for (int filter = 0; filter < 3; filter++) {
		struct ph_scale_picture picture = whole(40, 30);
		struct ph_box box = {0, 0, 40, 30};
		uint8_t *result = draw(&bench, filters[filter], &picture, source, &box, 40, 30);
		for (int i = 0; i < 40 * 30 * 4; i++) {
			check(i % 4 == 3 || abs(result[i] - source[i]) <= 1);
		}
		free(result);
	}
	free(source);
	bench_finish(&bench);
}

TEST(a_plain_picture_stays_plain_up_to_its_edges)
{
	static const struct ph_box boxes[] = {{0, 0, 64, 48}, {3, 1, 50, 37}, {5, 5, 11, 9}, {7, 3, 23, 41}};
	struct bench bench;
	uint8_t source[24 * 16 * 4];

	/* The picture is a part of a larger texture, whose rest must not shine through. */
	memset(source, 0xff, sizeof(source));
	for (int y = 2; y < 14; y++) {
		for (int x = 4; x < 20; x++) {
			memcpy(source + 4 * (y * 24 + x), "\x30\x60\x90\xff", 4);
		}
	}
	bench_init(&bench);
	for (int i = 0; i < 3 * 4; i++) {
		struct ph_scale_picture picture = {.width = 24, .height = 16, .x = 4, .y = 2,
		    .source_width = 16, .source_height = 12};
		const struct ph_box *box = &boxes[i % 4];
		uint8_t *result = draw(&bench, filters[i / 4], &picture, source, box, 64, 48);
		for (int y = 0; y < 48; y++) {
			for (int x = 0; x < 64; x++) {
				const uint8_t *is = at(result, 64, x, y);
				bool inside = x >= box->x && x < box->x + box->width && y >= box->y &&
					      y < box->y + box->height;
				check(abs(is[0] - (inside ? 0x30 : 0)) <= 1);
				check(abs(is[1] - (inside ? 0x60 : 0)) <= 1);
				check(abs(is[2] - (inside ? 0x90 : 0)) <= 1);
			}
		}
		free(result);
	}
	bench_finish(&bench);
}

TEST(bottom_first_pictures_are_turned)
{
	struct bench bench;
	uint8_t *source = noise(8, 6);

	bench_init(&bench);
	for (int filter = 0; filter < 2; filter++) {
		struct ph_scale_picture picture = whole(8, 6);
		struct ph_box box = {0, 0, 16, 12};
		picture.flipped = true;
		uint8_t *result = draw(&bench, filters[filter], &picture, source, &box, 16, 12);
		for (int y = 0; y < 12; y++) {
			for (int x = 0; x < 16; x++) {
				check(abs(at(result, 16, x, y)[0] - at(source, 8, x / 2, 5 - y / 2)[0]) <= 1);
			}
		}
		free(result);
	}
	free(source);
	bench_finish(&bench);
}

/* Of all pixels of a black and white board, how many are black or white, in percent. */
static int sharpness(struct bench *bench, enum ph_scale_filter filter)
{
	uint8_t source[40 * 20 * 4];
	struct ph_scale_picture picture = whole(40, 20);
	struct ph_box box = {0, 0, 100, 50};
	int pure = 0;

	for (int i = 0; i < 40 * 20; i++) {
		memset(source + 4 * i, (i % 40 + i / 40) % 2 ? 0xff : 0, 4);
	}
	uint8_t *result = draw(bench, filter, &picture, source, &box, 100, 50);
	for (int i = 0; i < 100 * 50; i++) {
		pure += result[4 * i] < 8 || result[4 * i] > 247;
	}
	free(result);
	return pure * 100 / (100 * 50);
}

TEST(sharp_is_sharp)
{
	struct bench bench;

	bench_init(&bench);
	int integer = sharpness(&bench, PH_SCALE_FILTER_INTEGER);
	int sharp = sharpness(&bench, PH_SCALE_FILTER_SHARP);
	int smooth = sharpness(&bench, PH_SCALE_FILTER_CATMULL_ROM);
	printf("pure pixels of a board at 2.5 times: integer %d %%, sharp %d %%, Catmull-Rom %d %%\n", integer,
	    sharp, smooth);
	check_int(integer, 100);
	/* Of 5 pixels, which show 2 texels, one is mixed: 4 of 5 are pure, in each direction. */
	check_int(sharp, 64);
	check(smooth < sharp);
	bench_finish(&bench);
}

TEST(sharp_keeps_the_area_of_each_texel)
{
	/* A single white column in 10 must be as bright as 2.5 pixels, wherever it falls. */
	struct bench bench;

	bench_init(&bench);
	for (int column = 1; column < 9; column++) {
		uint8_t source[10 * 4];
		struct ph_scale_picture picture = whole(10, 1);
		struct ph_box box = {0, 0, 25, 1};
		int sum = 0;
		memset(source, 0, sizeof(source));
		memset(source + 4 * column, 0xff, 4);
		uint8_t *result = draw(&bench, PH_SCALE_FILTER_SHARP, &picture, source, &box, 25, 1);
		for (int x = 0; x < 25; x++) {
			sum += result[4 * x];
		}
		check(abs(sum - 255 * 5 / 2) <= 8);
		free(result);
	}
	bench_finish(&bench);
}

/* The kernel once more, in doubles and one dimension. */
static double cubic(double x)
{
	x = fabs(x);
	return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

TEST(catmull_rom_is_its_formula)
{
	static const int widths[] = {61, 25, 40, 14, 9};
	struct bench bench;
	uint8_t *source = noise(20, 1);

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		int width = widths[i];
		struct ph_scale_picture picture = whole(20, 1);
		struct ph_box box = {0, 0, width, 1};
		double factor = width / 20.0, stretch = factor < 1 ? 1 / factor : 1;
		uint8_t *result = draw(&bench, PH_SCALE_FILTER_CATMULL_ROM, &picture, source, &box, width, 1);
		for (int x = 0; x < width; x++) {
			double position = (x + 0.5) / factor, sum = 0, total = 0;
			for (int tap = -10; tap < 30; tap++) {
				double share = cubic((tap + 0.5 - position) / stretch);
				int from = tap < 0 ? 0 : tap > 19 ? 19 : tap;
				sum += share * source[4 * from];
				total += share;
			}
			double want = fmin(fmax(sum / total, 0), 255);
			check(fabs(result[4 * x] - want) <= 2);
		}
		free(result);
	}
	free(source);
	bench_finish(&bench);
}
