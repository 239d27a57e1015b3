// SPDX-License-Identifier: MIT
#include "display_internal.h"

#include <errno.h>
#include <string.h>

#include "formats.h"

#define LOG_MODULE "display"

#define KEYBOARD "org.qemu.Display1.Keyboard"
#define MOUSE "org.qemu.Display1.Mouse"
#define TOUCH "org.qemu.Display1.MultiTouch"
#define CONSOLE "org.qemu.Display1.Console"

/*
 * What may wait in our queue while QEMU does not read: of motion little, as
 * the next one says it again; of what starts something more; of what ends
 * something (a key-up) all that there can be.
 */
enum urgency {
	MAY_BE_LOST = 64,
	MUST_ARRIVE = 1024,
	ENDS_SOMETHING = 4096,
};

enum touch_kind {
	TOUCH_BEGIN,
	TOUCH_UPDATE,
	TOUCH_END,
	TOUCH_CANCEL,
};

/* Sends without wanting an answer. False if it was not sent. */
static bool send(struct display_listener *listener, enum urgency urgency, const char *interface,
    const char *method, const char *types, ...)
{
	struct display_channel *channel = listener->channel;
	sd_bus_message *m = NULL;
	char path[64];
	uint64_t queued = 0;
	va_list args;

	(void)sd_bus_get_n_queued_write(channel->bus, &queued);
	if (queued >= (uint64_t)urgency) {
		log_limited(&listener->limit, PH_LOG_DEBUG,
		    "console %u: QEMU does not read, a %s is left out", listener->console, method);
		return false;
	}
	(void)snprintf(path, sizeof(path), "/org/qemu/Display1/Console_%u", listener->console);
	int r = sd_bus_message_new_method_call(channel->bus, &m, NULL, path, interface, method);
	if (r >= 0) {
		va_start(args, types);
		r = sd_bus_message_appendv(m, types, args);
		va_end(args);
	}
	if (r >= 0 && (r = sd_bus_message_set_expect_reply(m, 0)) >= 0) {
		r = sd_bus_send(channel->bus, m, NULL);
	}
	sd_bus_message_unref(m);
	if (r < 0 && r != -ENOTCONN) {
		log_limited(&listener->limit, PH_LOG_ERROR, "console %u: cannot send %s: %s",
		    listener->console, method, strerror(-r));
	}
	return r >= 0;
}

void display_input_set_size(struct ph_display *display, uint32_t console, uint32_t width,
    uint32_t height, uint32_t mm_width, uint32_t mm_height, uint32_t refresh)
{
	struct display_listener *listener = display_find_listener(display, console);
	const uint16_t mm_w = display_codec_mm(mm_width), mm_h = display_codec_mm(mm_height);

	if (!listener) {
		return;
	}
	if (width == 0 || height == 0) {
		/* the first monitor stays: a guest without any has nowhere to go */
		if (console == 0) {
			return;
		}
		width = height = 0;
	}
	if (width > PH_MAX_PICTURE_SIZE || height > PH_MAX_PICTURE_SIZE ||
	    (listener->have_size && listener->size.width == width &&
		listener->size.height == height && listener->size.mm_width == mm_w &&
		listener->size.mm_height == mm_h)) {
		return;
	}
	/* refresh has no place in this call; the guest sees 75 Hz */
	if (send(listener, MUST_ARRIVE, CONSOLE, "SetUIInfo", "qqiiuu", mm_w, mm_h, 0, 0, width,
		height)) {
		listener->have_size = true;
		listener->size.width = width;
		listener->size.height = height;
		listener->size.mm_width = mm_w;
		listener->size.mm_height = mm_h;
		log_debug("console %u: told %ux%u", console, width, height);
	}
}

void display_input_key(struct ph_display *display, uint32_t console, uint32_t code, bool pressed)
{
	struct display_listener *listener = display_find_listener(display, console);
	const uint32_t qnum = input_qnum(code);

	if (listener && qnum != 0) {
		send(listener, pressed ? MUST_ARRIVE : ENDS_SOMETHING, KEYBOARD,
		    pressed ? "Press" : "Release", "u", qnum);
	}
}

static void send_button(struct display_listener *listener, uint32_t button, bool pressed)
{
	send(listener, pressed ? MUST_ARRIVE : ENDS_SOMETHING, MOUSE,
	    pressed ? "Press" : "Release", "u", button);
}

void display_input_button(
    struct ph_display *display, uint32_t console, uint32_t code, bool pressed)
{
	struct display_listener *listener = display_find_listener(display, console);
	const int button = input_button(code);

	if (listener && button >= 0) {
		send_button(listener, (uint32_t)button, pressed);
	}
}

void display_input_motion_absolute(
    struct ph_display *display, uint32_t console, double x, double y)
{
	struct display_listener *listener = display_find_listener(display, console);

	if (!listener || !listener->absolute || listener->width == 0) {
		return;
	}
	const uint32_t px = input_clamp(x, listener->width), py = input_clamp(y, listener->height);
	if (listener->have_position && listener->x == px && listener->y == py) {
		return;
	}
	listener->have_position = send(listener, MAY_BE_LOST, MOUSE, "SetAbsPosition", "uu", px, py);
	listener->x = px;
	listener->y = py;
}

void display_input_motion_relative(
    struct ph_display *display, uint32_t console, double dx, double dy)
{
	struct display_listener *listener = display_find_listener(display, console);
	int32_t x, y;

	if (listener && !listener->absolute && motion_add(&listener->motion, dx, dy, &x, &y)) {
		send(listener, MAY_BE_LOST, MOUSE, "RelMotion", "ii", x, y);
	}
}

void display_input_axis(
    struct ph_display *display, uint32_t console, bool horizontal, int32_t value120)
{
	struct display_listener *listener = display_find_listener(display, console);

	if (!listener) {
		return;
	}
	int clicks = wheel_add(&listener->wheel, horizontal, value120);
	const uint32_t button = horizontal
	    ? (clicks > 0 ? PH_QEMU_WHEEL_RIGHT : PH_QEMU_WHEEL_LEFT)
	    : (clicks > 0 ? PH_QEMU_WHEEL_DOWN : PH_QEMU_WHEEL_UP);
	for (clicks = clicks < 0 ? -clicks : clicks; clicks > 0; clicks--) {
		send_button(listener, button, true);
		send_button(listener, button, false);
	}
}

static void send_touch(
    struct display_listener *listener, enum urgency urgency, uint32_t kind, int32_t slot)
{
	send(listener, urgency, TOUCH, "SendEvent", "utdd", kind, (uint64_t)slot,
	    listener->touches[slot].x, listener->touches[slot].y);
}

static void place_touch(struct display_listener *listener, int32_t slot, double x, double y)
{
	listener->touches[slot].x = input_clamp(x, listener->width);
	listener->touches[slot].y = input_clamp(y, listener->height);
}

/* NULL too for a slot that cannot be, or whose finger is not as expected. */
static struct display_listener *find_touch(
    struct ph_display *display, uint32_t console, int32_t slot, bool down)
{
	struct display_listener *listener = display_find_listener(display, console);
	if (!listener || slot < 0 || slot >= PH_INPUT_MAX_SLOTS ||
	    listener->touches[slot].down != down) {
		return NULL;
	}
	return listener;
}

void display_input_touch_down(
    struct ph_display *display, uint32_t console, int32_t slot, double x, double y)
{
	struct display_listener *listener = find_touch(display, console, slot, false);
	if (listener) {
		listener->touches[slot].down = true;
		place_touch(listener, slot, x, y);
		send_touch(listener, MUST_ARRIVE, TOUCH_BEGIN, slot);
	}
}

void display_input_touch_motion(
    struct ph_display *display, uint32_t console, int32_t slot, double x, double y)
{
	struct display_listener *listener = find_touch(display, console, slot, true);
	if (listener) {
		place_touch(listener, slot, x, y);
		send_touch(listener, MAY_BE_LOST, TOUCH_UPDATE, slot);
	}
}

void display_input_touch_up(struct ph_display *display, uint32_t console, int32_t slot)
{
	struct display_listener *listener = find_touch(display, console, slot, true);
	if (listener) {
		listener->touches[slot].down = false;
		send_touch(listener, ENDS_SOMETHING, TOUCH_END, slot);
	}
}

void display_input_touch_cancel(struct ph_display *display, uint32_t console)
{
	for (int32_t slot = 0; slot < PH_INPUT_MAX_SLOTS; slot++) {
		struct display_listener *listener = find_touch(display, console, slot, true);
		if (listener) {
			listener->touches[slot].down = false;
			send_touch(listener, ENDS_SOMETHING, TOUCH_CANCEL, slot);
		}
	}
}
