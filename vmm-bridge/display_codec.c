// SPDX-License-Identifier: MIT
#include "display_codec.h"

#include <drm_fourcc.h>
#include <string.h>

#include "formats.h"
#include "picture.h"
#include "pixels.h"

#define MAX_CURSOR_SIZE 512

const char *display_codec_error_text(enum ph_codec_error error)
{
	switch (error) {
	case PH_CODEC_OK:
		return "no error";
	case PH_CODEC_GEOMETRY:
		return "a size is out of range";
	case PH_CODEC_FORMAT:
		return "the pixel format is unknown";
	case PH_CODEC_DATA:
		return "fewer bytes than the size asks for";
	case PH_CODEC_PLANES:
		return "a list is shorter than the number of planes";
	}
	return "unknown error";
}

enum ph_codec_error display_codec_pixels(struct ph_rect rect, uint32_t stride, uint32_t pixman,
    const void *data, size_t size, struct ph_pixels *out)
{
	const uint32_t fourcc = formats_from_pixman(pixman);
	if (fourcc == 0) {
		return PH_CODEC_FORMAT;
	}
	if (rect.width <= 0 || rect.height <= 0 || rect.x < 0 || rect.y < 0 ||
	    rect.x > PH_MAX_PICTURE_SIZE || rect.y > PH_MAX_PICTURE_SIZE) {
		return PH_CODEC_GEOMETRY;
	}
	const uint64_t need =
	    pixels_size(fourcc, (uint32_t)rect.width, (uint32_t)rect.height, stride);
	if (need == 0) {
		return PH_CODEC_GEOMETRY;
	}
	if (size < need) {
		return PH_CODEC_DATA;
	}
	*out = (struct ph_pixels){
	    .fourcc = fourcc, .stride = stride, .rect = rect, .data = data, .size = size};
	return PH_CODEC_OK;
}

enum ph_codec_error display_codec_map(const struct ph_codec_map *args, struct ph_picture *out)
{
	picture_init(out);
	const uint32_t fourcc = formats_from_pixman(args->pixman);
	if (fourcc == 0) {
		return PH_CODEC_FORMAT;
	}
	if (pixels_size(fourcc, args->width, args->height, args->stride) == 0) {
		return PH_CODEC_GEOMETRY;
	}
	out->kind = PH_PICTURE_MAP;
	out->fourcc = fourcc;
	out->modifier = DRM_FORMAT_MOD_LINEAR;
	out->width = out->backing_width = args->width;
	out->height = out->backing_height = args->height;
	out->num_planes = 1;
	out->planes[0].fd = args->fd;
	out->planes[0].offset = args->offset;
	out->planes[0].stride = args->stride;
	return PH_CODEC_OK;
}

enum ph_codec_error display_codec_dmabuf(
    const struct ph_codec_dmabuf *args, struct ph_picture *out)
{
	picture_init(out);
	if (args->num_planes < 1 || args->num_planes > PH_MAX_PLANES ||
	    args->num_fds < args->num_planes || args->num_offsets < args->num_planes ||
	    args->num_strides < args->num_planes) {
		return PH_CODEC_PLANES;
	}
	if (args->width == 0 || args->height == 0 || args->width > PH_MAX_PICTURE_SIZE ||
	    args->height > PH_MAX_PICTURE_SIZE || args->backing_width > PH_MAX_PICTURE_SIZE ||
	    args->backing_height > PH_MAX_PICTURE_SIZE ||
	    (uint64_t)args->x + args->width > args->backing_width ||
	    (uint64_t)args->y + args->height > args->backing_height) {
		return PH_CODEC_GEOMETRY;
	}
	if (args->fourcc == 0) {
		return PH_CODEC_FORMAT;
	}
	out->kind = PH_PICTURE_DMABUF;
	out->fourcc = args->fourcc;
	out->modifier = args->modifier;
	out->x = args->x;
	out->y = args->y;
	out->width = args->width;
	out->height = args->height;
	out->backing_width = args->backing_width;
	out->backing_height = args->backing_height;
	/* QEMU's name says the opposite of what it is: true comes with the bottom row first */
	out->y_inverted = args->y0_top;
	out->num_planes = (int)args->num_planes;
	for (uint32_t i = 0; i < args->num_planes; i++) {
		out->planes[i].fd = args->fds[i];
		out->planes[i].offset = args->offsets[i];
		out->planes[i].stride = args->strides[i];
	}
	return PH_CODEC_OK;
}

enum ph_codec_error display_codec_cursor(int32_t width, int32_t height, size_t size)
{
	if (width <= 0 || height <= 0 || width > MAX_CURSOR_SIZE || height > MAX_CURSOR_SIZE) {
		return PH_CODEC_GEOMETRY;
	}
	if (size < (size_t)width * (size_t)height * 4) {
		return PH_CODEC_DATA;
	}
	return PH_CODEC_OK;
}

int display_codec_console(const char *path)
{
	static const char prefix[] = "/org/qemu/Display1/Console_";
	int number = 0;

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0) {
		return -1;
	}
	const char *digit = path + sizeof(prefix) - 1;
	if (*digit == '\0' || (digit[0] == '0' && digit[1] != '\0')) {
		return -1;
	}
	for (; *digit != '\0'; digit++) {
		if (*digit < '0' || *digit > '9') {
			return -1;
		}
		number = number * 10 + (*digit - '0');
		if (number >= PH_MAX_CONSOLES) {
			return -1;
		}
	}
	return number;
}

uint32_t display_codec_leds(uint32_t modifiers)
{
	return ((modifiers & 1) != 0 ? PH_LED_SCROLL : 0u) |
	       ((modifiers & 2) != 0 ? PH_LED_NUM : 0u) |
	       ((modifiers & 4) != 0 ? PH_LED_CAPS : 0u);
}

uint16_t display_codec_mm(uint32_t mm)
{
	return mm > UINT16_MAX ? UINT16_MAX : (uint16_t)mm;
}

void blank_handle_scanout(struct ph_blank *blank)
{
	blank->scanout_since_update = true;
	blank->pending = false;
}

void blank_handle_update(struct ph_blank *blank)
{
	blank->scanout_since_update = false;
	blank->pending = false;
}

void blank_handle_disable(struct ph_blank *blank, uint64_t now)
{
	if (!blank->scanout_since_update && !blank->pending) {
		blank->pending = true;
		blank->at = now + PH_BLANK_DELAY_US;
	}
}

bool blank_handle_time(struct ph_blank *blank, uint64_t now)
{
	if (!blank->pending || now < blank->at) {
		return false;
	}
	blank->pending = false;
	return true;
}
