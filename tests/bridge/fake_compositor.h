// SPDX-License-Identifier: MIT
#ifndef PH_FAKE_COMPOSITOR_H
#define PH_FAKE_COMPOSITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The compositor's end of the guests socket, in the test's own process and
 * event loop. It shows nothing; it writes down what it was asked for, and does
 * what a compositor does (configure, frame callbacks, releases, input) when
 * the test says so.
 */

#define FAKE_MAX_HEADS 4
#define FAKE_TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct fake_compositor;

struct fake_options {
	bool no_manager; /* does not offer phyllome_guest_manager_v1 */
	bool no_dmabuf;
	bool fail_imports;
	bool implicit_modifiers; /* also takes XR24 with an unknown modifier */
	bool linear_ab24_only;   /* takes nothing but AB24 linear */
};

/* Listens at path. The options are copied. */
struct fake_compositor *fake_start(
    sd_event *event, const char *path, const struct fake_options *options);
/* Closes every connection. NULL is allowed. */
void fake_finish(struct fake_compositor *fake);

/*
 * What was asked for since the last call, "head 0; state 2 text; commit 0 ..."
 * and so on; valid until the next call.
 *	import WIDTHxHEIGHT FOURCC linear|implicit|N
 *	commit CONSOLE none|dmabuf INODE|shm WIDTHxHEIGHT [full|X,Y WxH] [flipped] [source X,Y WxH]
 *	cursor CONSOLE X,Y WIDTHxHEIGHT | cursor CONSOLE none
 */
const char *fake_said(struct fake_compositor *fake);

/* Stops or goes on reading what the client sends. */
void fake_pause(struct fake_compositor *fake, bool pause);

void fake_configure(struct fake_compositor *fake, uint32_t console, uint32_t width,
    uint32_t height, uint32_t mm_width, uint32_t mm_height, bool visible);
/* Sends the frame callbacks of the console's surface; how many there were. */
int fake_frame(struct fake_compositor *fake, uint32_t console);
/* Releases every buffer of the console but the one that is attached; how many there were. */
int fake_release(struct fake_compositor *fake, uint32_t console);
/* A pixel of the attached shared-memory buffer. */
uint32_t fake_pixel(struct fake_compositor *fake, uint32_t console, int x, int y);
/* Number of buffers that the client has not destroyed. */
int fake_num_buffers(const struct fake_compositor *fake);

/* The event of phyllome_guest_v1; goes out with the next fake_action(). */
void fake_monitor(struct fake_compositor *fake, uint32_t console, const char *name);
void fake_action(struct fake_compositor *fake, uint32_t action);
void fake_focus(struct fake_compositor *fake, bool in, uint32_t console);
void fake_key(struct fake_compositor *fake, uint32_t code, bool pressed);
void fake_button(struct fake_compositor *fake, uint32_t code, bool pressed);
void fake_motion(struct fake_compositor *fake, uint32_t console, double x, double y);
void fake_motion_relative(struct fake_compositor *fake, double dx, double dy);
void fake_axis(struct fake_compositor *fake, bool horizontal, int32_t value120);
/* kind: 0 down, 1 motion, 2 up, 3 cancel */
void fake_touch(
    struct fake_compositor *fake, int kind, uint32_t console, int32_t id, double x, double y);

#endif
