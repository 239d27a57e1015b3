// SPDX-License-Identifier: MIT
#ifndef PH_DISPLAY_H
#define PH_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A source of pictures and a sink of input: what one machine's display is,
 * whatever carries it. Implementations: display_channel.c (QEMU's D-Bus
 * display). This header knows nothing of D-Bus, QEMU or Wayland.
 *
 * A console is one virtual monitor, numbered from 0, at most PH_MAX_CONSOLES.
 * All calls and callbacks run on the bridge's one thread; nothing here blocks.
 */

#define PH_MAX_CONSOLES 16
#define PH_MAX_PLANES 4

enum ph_pointer_mode {
	PH_POINTER_NONE,
	PH_POINTER_ABSOLUTE,
	PH_POINTER_RELATIVE,
};

enum ph_led {
	PH_LED_NUM = 1,
	PH_LED_CAPS = 2,
	PH_LED_SCROLL = 4,
};

/* A rectangle in pixels of a picture. */
struct ph_rect {
	int32_t x, y, width, height;
};

enum ph_picture_kind {
	PH_PICTURE_DMABUF, /* GPU memory (or udmabuf): planes[] */
	PH_PICTURE_MAP,    /* shared memory: planes[0] is a file that can be mapped */
};

/*
 * Where the pixels of a console are. The file descriptors belong to whoever
 * holds the struct, who closes them with picture_finish(), unless it says otherwise.
 */
struct ph_picture {
	enum ph_picture_kind kind;
	uint32_t fourcc;   /* DRM_FORMAT_*; the picture is opaque whatever its alpha says */
	uint64_t modifier; /* DRM_FORMAT_MOD_INVALID when unknown; maps: LINEAR */
	uint32_t x, y, width, height;           /* the visible part of the backing, pixels */
	uint32_t backing_width, backing_height; /* size of the buffer, pixels */
	bool y_inverted;                        /* row 0 is the bottom of the picture */
	int num_planes;
	struct {
		int fd; /* -1: none */
		uint32_t offset, stride; /* bytes */
	} planes[PH_MAX_PLANES];
};

/* A picture that came as bytes; valid only during the callback. */
struct ph_pixels {
	uint32_t fourcc;
	uint32_t stride; /* bytes */
	struct ph_rect rect; /* where in the console; a whole picture starts at 0,0 */
	const void *data;
	size_t size; /* bytes; at least stride * (height - 1) + width * bytes per pixel, checked */
};

/* What a source tells. No member may be NULL. */
struct ph_display_events {
	/* A virtual monitor exists, or ceased to. */
	void (*console_added)(void *data, uint32_t console);
	void (*console_removed)(void *data, uint32_t console);

	/*
	 * From now on the console shows this memory. The picture and its fds are the
	 * caller's, and nothing of the fds was checked yet: a guest that flips names the
	 * same few buffers again and again, and one that is known needs no second look.
	 * NULL: taken. Else one clause that says why it is no use.
	 */
	const char *(*scanout)(void *data, uint32_t console, const struct ph_picture *picture);
	/* The console's size is pixels->rect and its content these bytes. */
	void (*scanout_pixels)(void *data, uint32_t console, const struct ph_pixels *pixels);
	/* A part of the console changed to these bytes. */
	void (*update_pixels)(void *data, uint32_t console, const struct ph_pixels *pixels);

	/*
	 * The memory of the last scanout changed inside damage. ticket: 0, or a
	 * number to be given to ph_display_impl.reply exactly once; until then the
	 * machine's display queue stands still (QEMU: 1000 ms at most).
	 */
	void (*update)(void *data, uint32_t console, struct ph_rect damage, uint64_t ticket);
	/* The console shows nothing. Sent only when it is true. */
	void (*disable)(void *data, uint32_t console);

	/* Pointer image, premultiplied ARGB8888 in native byte order, w * h * 4 bytes. */
	void (*cursor_define)(void *data, uint32_t console, uint32_t width, uint32_t height,
	    int32_t hotspot_x, int32_t hotspot_y, const uint32_t *argb);
	/* Hotspot position in console pixels; visible: whether the guest shows it. */
	void (*cursor_move)(void *data, uint32_t console, int32_t x, int32_t y, bool visible);

	void (*pointer_mode)(void *data, enum ph_pointer_mode mode);
	void (*leds)(void *data, uint32_t leds); /* enum ph_led bits */

	/* The source is gone; reason is one line. Nothing follows. */
	void (*closed)(void *data, const char *reason);
};

struct ph_display;

/*
 * What a source can be told. None of them blocks or fails towards the caller:
 * what the machine refuses is logged. Codes are evdev's.
 */
struct ph_display_impl {
	void (*destroy)(struct ph_display *display); /* NULL-safe through display_destroy() */
	void (*reply)(struct ph_display *display, uint32_t console, uint64_t ticket);
	/* width and height 0: unplug that monitor. mm 0: unknown. refresh in mHz, 0: unknown. */
	void (*set_size)(struct ph_display *display, uint32_t console, uint32_t width,
	    uint32_t height, uint32_t mm_width, uint32_t mm_height, uint32_t refresh);
	void (*key)(struct ph_display *display, uint32_t console, uint32_t code, bool pressed);
	void (*button)(struct ph_display *display, uint32_t console, uint32_t code, bool pressed);
	/* Console pixels. */
	void (*motion_absolute)(struct ph_display *display, uint32_t console, double x, double y);
	void (*motion_relative)(struct ph_display *display, uint32_t console, double dx, double dy);
	/* 120 units a detent, positive is down or right. */
	void (*axis)(struct ph_display *display, uint32_t console, bool horizontal, int32_t value120);
	void (*touch_down)(struct ph_display *display, uint32_t console, int32_t slot, double x, double y);
	void (*touch_motion)(struct ph_display *display, uint32_t console, int32_t slot, double x, double y);
	void (*touch_up)(struct ph_display *display, uint32_t console, int32_t slot);
	void (*touch_cancel)(struct ph_display *display, uint32_t console);
};

/* First member of each implementation's struct. */
struct ph_display {
	const struct ph_display_impl *impl;
	const struct ph_display_events *events;
	void *data; /* handed to each callback */
};

/* Ends the source; no callback follows. NULL is allowed. */
static inline void display_destroy(struct ph_display *display)
{
	if (display) {
		display->impl->destroy(display);
	}
}

#endif
