// SPDX-License-Identifier: MIT
#include "display_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pixels.h"

#define LOG_MODULE "display"

#define LISTENER_PATH "/org/qemu/Display1/Listener"
#define LISTENER "org.qemu.Display1.Listener"
#define ERROR_INVALID "org.qemu.Display1.Error.Invalid"

/* Says what is wrong with a picture, to the log and to QEMU if it waits for an answer. */
static int refuse(struct display_listener *listener, sd_bus_error *error, const char *what,
    const char *why)
{
	log_limited(&listener->limit, PH_LOG_ERROR, "console %u: QEMU sent a %s that is no use: %s",
	    listener->console, what, why);
	return sd_bus_error_set(error, ERROR_INVALID, why);
}

static void shows(struct display_listener *listener, int what, uint32_t width, uint32_t height)
{
	listener->shows = what;
	listener->width = width;
	listener->height = height;
	listener->have_position = false;
	listener->channel->relist_delay = DISPLAY_RELIST_DELAY_US;
	blank_handle_scanout(&listener->blank);
	display_listener_set_timer(listener);
}

/* Hands on a picture whose fds are the message's. */
static int take_picture(struct display_listener *listener, const struct ph_picture *picture,
    const char *what, sd_bus_error *error)
{
	const struct ph_display *display = &listener->channel->base;

	const char *wrong = display->events->scanout(display->data, listener->console, picture);
	if (wrong) {
		return refuse(listener, error, what, wrong);
	}
	shows(listener, picture->kind == PH_PICTURE_MAP ? SHOWS_MAP : SHOWS_DMABUF,
	    picture->width, picture->height);
	return 0;
}

static int handle_scanout(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	uint32_t width, height, stride, pixman;
	const void *bytes;
	size_t size;
	struct ph_pixels pixels;

	int r = sd_bus_message_read(m, "uuuu", &width, &height, &stride, &pixman);
	if (r < 0 || (r = sd_bus_message_read_array(m, 'y', &bytes, &size)) < 0) {
		return r;
	}
	const struct ph_rect rect = {
	    .width = width > INT32_MAX ? -1 : (int32_t)width,
	    .height = height > INT32_MAX ? -1 : (int32_t)height,
	};
	const enum ph_codec_error wrong =
	    display_codec_pixels(rect, stride, pixman, bytes, size, &pixels);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "Scanout", display_codec_error_text(wrong));
	}
	shows(listener, SHOWS_PIXELS, width, height);
	/* it is its own update */
	blank_handle_update(&listener->blank);
	display->events->scanout_pixels(display->data, listener->console, &pixels);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_update(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	struct ph_rect rect;
	uint32_t stride, pixman;
	const void *bytes;
	size_t size;
	struct ph_pixels pixels;

	int r = sd_bus_message_read(
	    m, "iiiiuu", &rect.x, &rect.y, &rect.width, &rect.height, &stride, &pixman);
	if (r < 0 || (r = sd_bus_message_read_array(m, 'y', &bytes, &size)) < 0) {
		return r;
	}
	const enum ph_codec_error wrong =
	    display_codec_pixels(rect, stride, pixman, bytes, size, &pixels);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "Update", display_codec_error_text(wrong));
	}
	blank_handle_update(&listener->blank);
	display_listener_set_timer(listener);
	if (listener->shows == SHOWS_PIXELS) {
		display->events->update_pixels(display->data, listener->console, &pixels);
	}
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_scanout_map(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	struct ph_codec_map args;
	struct ph_picture picture;

	int r = sd_bus_message_read(m, "huuuuu", &args.fd, &args.offset, &args.width, &args.height,
	    &args.stride, &args.pixman);
	if (r < 0) {
		return r;
	}
	const enum ph_codec_error wrong = display_codec_map(&args, &picture);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "ScanoutMap", display_codec_error_text(wrong));
	}
	r = take_picture(listener, &picture, "ScanoutMap", error);
	/* QEMU stands still until it has this answer */
	return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int handle_scanout_dmabuf(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	struct ph_codec_dmabuf args = {
	    .num_fds = 1, .num_offsets = 1, .num_strides = 1, .num_planes = 1};
	struct ph_picture picture;
	int y0_top;

	int r = sd_bus_message_read(m, "huuuutb", &args.fds[0], &args.width, &args.height,
	    &args.strides[0], &args.fourcc, &args.modifier, &y0_top);
	if (r < 0) {
		return r;
	}
	args.backing_width = args.width;
	args.backing_height = args.height;
	args.y0_top = y0_top != 0;
	const enum ph_codec_error wrong = display_codec_dmabuf(&args, &picture);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "ScanoutDMABUF", display_codec_error_text(wrong));
	}
	r = take_picture(listener, &picture, "ScanoutDMABUF", error);
	return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

/* Reads a list of 32-bit values ('h' or 'u'); keeps the first PH_MAX_PLANES, counts all. */
static int read_planes(sd_bus_message *m, char type, uint32_t *values, size_t *count)
{
	const char contents[] = {type, '\0'};
	uint32_t value;
	int r = sd_bus_message_enter_container(m, 'a', contents);
	if (r < 0) {
		return r;
	}
	while ((r = sd_bus_message_read_basic(m, type, &value)) > 0) {
		if (*count < PH_MAX_PLANES) {
			values[*count] = value;
		}
		(*count)++;
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int handle_scanout_dmabuf2(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	struct ph_codec_dmabuf args = {0};
	struct ph_picture picture;
	uint32_t fds[PH_MAX_PLANES] = {0};
	int y0_top, r;

	if ((r = read_planes(m, 'h', fds, &args.num_fds)) < 0 ||
	    (r = sd_bus_message_read(
		 m, "uuuu", &args.x, &args.y, &args.width, &args.height)) < 0 ||
	    (r = read_planes(m, 'u', args.offsets, &args.num_offsets)) < 0 ||
	    (r = read_planes(m, 'u', args.strides, &args.num_strides)) < 0 ||
	    (r = sd_bus_message_read(m, "uuuutb", &args.num_planes, &args.fourcc,
		 &args.backing_width, &args.backing_height, &args.modifier, &y0_top)) < 0) {
		return r;
	}
	for (int i = 0; i < PH_MAX_PLANES; i++) {
		args.fds[i] = (int)fds[i];
	}
	args.y0_top = y0_top != 0;
	const enum ph_codec_error wrong = display_codec_dmabuf(&args, &picture);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "ScanoutDMABUF2", display_codec_error_text(wrong));
	}
	r = take_picture(listener, &picture, "ScanoutDMABUF2", error);
	return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int read_update(
    struct display_listener *listener, sd_bus_message *m, struct ph_rect *damage)
{
	struct ph_rect rect;
	const int r =
	    sd_bus_message_read(m, "iiii", &rect.x, &rect.y, &rect.width, &rect.height);
	if (r >= 0) {
		*damage = rect_clip(rect, listener->width, listener->height);
		blank_handle_update(&listener->blank);
		display_listener_set_timer(listener);
	}
	return r;
}

static int handle_update_map(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	struct ph_rect damage;

	const int r = read_update(listener, m, &damage);
	if (r < 0) {
		return r;
	}
	if (listener->shows == SHOWS_MAP && !rect_is_empty(damage)) {
		display->events->update(display->data, listener->console, damage, 0);
	}
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_update_dmabuf(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	struct ph_rect damage;

	const int r = read_update(listener, m, &damage);
	if (r < 0) {
		return r;
	}
	if (listener->shows != SHOWS_DMABUF) {
		return sd_bus_reply_method_return(m, NULL);
	}
	/* the answer comes with the ticket: display_listener_reply() */
	const uint64_t ticket = display_listener_keep_call(listener, m);
	display->events->update(display->data, listener->console, damage, ticket);
	return 1;
}

static int handle_disable(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;

	blank_handle_disable(&listener->blank, display_now(listener->channel));
	display_listener_set_timer(listener);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_mouse_set(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	int32_t x, y, on;

	const int r = sd_bus_message_read(m, "iii", &x, &y, &on);
	if (r < 0) {
		return r;
	}
	display->events->cursor_move(display->data, listener->console, x, y, on != 0);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_cursor_define(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct display_listener *listener = data;
	const struct ph_display *display = &listener->channel->base;
	int32_t width, height, hotspot_x, hotspot_y;
	const void *bytes;
	size_t size;

	int r = sd_bus_message_read(m, "iiii", &width, &height, &hotspot_x, &hotspot_y);
	if (r < 0 || (r = sd_bus_message_read_array(m, 'y', &bytes, &size)) < 0) {
		return r;
	}
	const enum ph_codec_error wrong = display_codec_cursor(width, height, size);
	if (wrong != PH_CODEC_OK) {
		return refuse(listener, error, "CursorDefine", display_codec_error_text(wrong));
	}
	/* a copy, as bytes of a message need not be aligned like pixels */
	const size_t needed = (size_t)width * (size_t)height * sizeof(uint32_t);
	uint32_t *argb = malloc(needed);
	if (!argb) {
		abort();
	}
	memcpy(argb, bytes, needed);
	display->events->cursor_define(display->data, listener->console, (uint32_t)width,
	    (uint32_t)height, hotspot_x, hotspot_y, argb);
	free(argb);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_interfaces(sd_bus *bus, const char *path, const char *interface,
    const char *property, sd_bus_message *reply, void *data, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "as", 2, "org.qemu.Display1.Listener.Unix.Map",
	    "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2");
}

static const sd_bus_vtable listener_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Scanout", "uuuuay", "", handle_scanout, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Update", "iiiiuuay", "", handle_update, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD(
	"ScanoutDMABUF", "huuuutb", "", handle_scanout_dmabuf, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("UpdateDMABUF", "iiii", "", handle_update_dmabuf, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Disable", "", "", handle_disable, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("MouseSet", "iii", "", handle_mouse_set, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("CursorDefine", "iiiiay", "", handle_cursor_define, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Interfaces", "as", handle_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable map_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ScanoutMap", "huuuuu", "", handle_scanout_map, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("UpdateMap", "iiii", "", handle_update_map, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable dmabuf2_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ScanoutDMABUF2", "ahuuuuauauuuuutb", "", handle_scanout_dmabuf2,
	SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

int display_scanout_export(struct display_listener *listener)
{
	int r = sd_bus_add_object_vtable(
	    listener->bus, NULL, LISTENER_PATH, LISTENER, listener_vtable, listener);
	if (r < 0) {
		return r;
	}
	r = sd_bus_add_object_vtable(
	    listener->bus, NULL, LISTENER_PATH, LISTENER ".Unix.Map", map_vtable, listener);
	if (r < 0) {
		return r;
	}
	return sd_bus_add_object_vtable(listener->bus, NULL, LISTENER_PATH,
	    LISTENER ".Unix.ScanoutDMABUF2", dmabuf2_vtable, listener);
}
