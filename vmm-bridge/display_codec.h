// SPDX-License-Identifier: MIT
#ifndef PH_DISPLAY_CODEC_H
#define PH_DISPLAY_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "display.h"

/*
 * Arguments of QEMU's D-Bus display, as they came, to checked structs. Nothing
 * here reads a message or a file: the channel hands the values in, and
 * picture_check() looks at the files behind the descriptors.
 *
 * Facts: https://www.qemu.org/docs/master/interop/dbus-display.html
 */

enum ph_codec_error {
	PH_CODEC_OK,
	PH_CODEC_GEOMETRY, /* a size is 0, negative or too large */
	PH_CODEC_FORMAT,   /* a pixel format that is not known */
	PH_CODEC_DATA,     /* fewer bytes than the size says */
	PH_CODEC_PLANES,   /* more planes than descriptors, offsets or strides, or than there can be */
};

/* One clause for a log line; constant memory. */
const char *display_codec_error_text(enum ph_codec_error error);

/* Scanout and Update; a Scanout has its rectangle at 0,0. data is not copied. */
enum ph_codec_error display_codec_pixels(struct ph_rect rect, uint32_t stride, uint32_t pixman,
    const void *data, size_t size, struct ph_pixels *out);

/* ScanoutMap. The descriptor is put into *out as it is, not duplicated. */
struct ph_codec_map {
	int fd;
	uint32_t offset, width, height, stride, pixman;
};
enum ph_codec_error display_codec_map(const struct ph_codec_map *args, struct ph_picture *out);

/*
 * ScanoutDMABUF2; ScanoutDMABUF with one plane and the backing as large as the
 * picture. At most PH_MAX_PLANES of each list are given, the counts are those
 * of the message. The descriptors are put into *out as they are.
 */
struct ph_codec_dmabuf {
	size_t num_fds, num_offsets, num_strides;
	int fds[PH_MAX_PLANES];
	uint32_t offsets[PH_MAX_PLANES], strides[PH_MAX_PLANES];
	uint32_t num_planes;
	uint32_t x, y, width, height, backing_width, backing_height;
	uint32_t fourcc;
	uint64_t modifier;
	bool y0_top;
};
enum ph_codec_error display_codec_dmabuf(
    const struct ph_codec_dmabuf *args, struct ph_picture *out);

/* CursorDefine: size bytes of pixels for width x height, at most 512 a side. */
enum ph_codec_error display_codec_cursor(int32_t width, int32_t height, size_t size);

/* The number in ".../Console_N"; -1 for another path or a number from PH_MAX_CONSOLES on. */
int display_codec_console(const char *path);

/* Keyboard.Modifiers to enum ph_led bits. */
uint32_t display_codec_leds(uint32_t modifiers);

/* SetUIInfo takes 16 bits of millimetres. */
uint16_t display_codec_mm(uint32_t mm);

/*
 * Whether a Disable means anything. QEMU sends one after each new scanout of
 * a blob, because that is how it tells of the old one's release, and with
 * other devices one before the new scanout. It is true when no scanout and no
 * update follow it for PH_BLANK_DELAY_US. Zeroed memory is the first state.
 */
#define PH_BLANK_DELAY_US 800000u
struct ph_blank {
	bool scanout_since_update;
	bool pending;
	uint64_t at; /* when pending comes true, microseconds */
};
void blank_handle_scanout(struct ph_blank *blank);
void blank_handle_update(struct ph_blank *blank);
void blank_handle_disable(struct ph_blank *blank, uint64_t now);
/* True once when the console is off. */
bool blank_handle_time(struct ph_blank *blank, uint64_t now);

#endif
