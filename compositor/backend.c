// SPDX-License-Identifier: MIT
#include "backend.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/session.h>
#include <wlr/util/log.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "listener.h"
#include "plane_kms.h"
#include "session.h"

/* The session that had the seat before us may need so long to end. */
#define SEAT_WAIT_US 10000000
#define GPUS_MAX 8

static bool wants_hardware(void)
{
	const char *names = getenv("WLR_BACKENDS");

	if (names) {
		return strcmp(names, "drm,libinput") == 0 || strcmp(names, "libinput,drm") == 0;
	}
	return !getenv("WAYLAND_DISPLAY") && !getenv("WAYLAND_SOCKET") && !getenv("DISPLAY");
}

/* logind or seatd ended, or took the seat away: nothing of it can be used any more. */
static void handle_seat_destroy(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, hardware.seat_destroy);

	wlr_log(WLR_ERROR, "seat: lost, by logind or seatd");
	input_finish(session);
	listener_disconnect(&session->hardware.seat_destroy);
	listener_disconnect(&session->hardware.add_gpu);
	listener_disconnect(&session->hardware.primary_destroy);
	session->wlr_session = NULL;
	session_fail(session);
}

/* The window that we were in is gone, or wlroots gave up. Its outputs go by themselves. */
static void handle_backend_destroy(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, hardware.backend_destroy);

	wlr_log(WLR_ERROR, "screen: lost");
	listener_disconnect(&session->hardware.backend_destroy);
	listener_disconnect(&session->outputs.new_output);
	listener_disconnect(&session->seat.new_input);
	session->backend = NULL;
	session_fail(session);
}

/* Started again, the session takes the GPUs that are left; guests do not notice. */
static void handle_primary_destroy(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, hardware.primary_destroy);

	wlr_log(WLR_ERROR, "gpu: the one that draws is gone");
	listener_disconnect(&session->hardware.primary_destroy);
	listener_disconnect(&session->hardware.add_gpu);
	session->hardware.primary = NULL;
	session_fail(session);
}

/* Whether its outputs may have pictures on overlay planes, see planes.h. */
static bool has_layers(const struct wlr_device *device)
{
	const char *renderer = getenv("WLR_RENDERER");

	/* The planes are libliftoff's then, or there are none that change together. */
	if (getenv("WLR_DRM_FORCE_LIBLIFTOFF") || getenv("WLR_DRM_NO_ATOMIC")) {
		return false;
	}
	/* Safe mode: the least that a driver can do wrong. */
	if (renderer && strcmp(renderer, "pixman") == 0) {
		return false;
	}
	return drmSetClientCap(device->fd, DRM_CLIENT_CAP_ATOMIC, 1) == 0 && plane_kms_has_overlays(device->fd);
}

/* wlroots 0.20 closes some devices that it cannot use, and leaves others open. */
static void close_if_open(struct wlr_session *wlr_session, const struct wlr_device *device)
{
	struct wlr_device *open;

	wl_list_for_each(open, &wlr_session->devices, link) {
		if (open == device) {
			wlr_session_close_file(wlr_session, open);
			return;
		}
	}
}

/* The backend of a GPU, made part of ours. NULL: logged, and the device is closed. */
static struct wlr_backend *add_gpu(struct ph_session *session, struct wlr_device *device)
{
	struct wlr_backend *gpu =
	    wlr_drm_backend_create(session->wlr_session, device, session->hardware.primary);

	if (!gpu) {
		close_if_open(session->wlr_session, device);
		wlr_log(WLR_ERROR, "gpu: one cannot be used; the lines above say why");
		return NULL;
	}
	if (!wlr_multi_backend_add(session->backend, gpu)) {
		wlr_backend_destroy(gpu);
		return NULL;
	}
	return gpu;
}

static void handle_add_gpu(struct wl_listener *listener, void *data)
{
	struct ph_session *session = wl_container_of(listener, session, hardware.add_gpu);
	const struct wlr_session_add_event *event = data;
	struct wlr_device *device = wlr_session_open_file(session->wlr_session, event->path);

	if (!device) {
		wlr_log(WLR_ERROR, "gpu: %s appeared but cannot be opened", event->path);
		return;
	}
	if (!drmIsKMS(device->fd)) {
		wlr_session_close_file(session->wlr_session, device);
		return; /* it only calculates */
	}
	wlr_log(WLR_INFO, "gpu: %s appeared", event->path);
	struct wlr_backend *gpu = add_gpu(session, device);
	if (gpu && !wlr_backend_start(gpu)) {
		wlr_backend_destroy(gpu);
	}
}

static bool open_seat(struct ph_session *session)
{
	uint64_t deadline = session_time_us() + SEAT_WAIT_US;

	session->wlr_session = wlr_session_create(session->loop);
	if (!session->wlr_session) {
		wlr_log(WLR_ERROR,
		    "start: no seat, so no screen: log in on a console or through a login manager "
		    "(logind), or run seatd and be in its group; for a window set "
		    "WAYLAND_DISPLAY or DISPLAY, for no screen at all WLR_BACKENDS=headless");
		return false;
	}
	listener_connect(&session->wlr_session->events.destroy, &session->hardware.seat_destroy,
	    handle_seat_destroy);
	while (session->wlr_session && !session->wlr_session->active && !session->ended) {
		uint64_t now = session_time_us();
		if (now >= deadline ||
		    wl_event_loop_dispatch(session->loop, (int)((deadline - now) / 1000) + 1) < 0) {
			wlr_log(WLR_ERROR,
			    "start: %s did not become ours within %d s: another session is in "
			    "front; switch to the console that you logged in on, and try again",
			    session->wlr_session->seat, SEAT_WAIT_US / 1000000);
			return false;
		}
	}
	return session->wlr_session && !session->ended;
}

static void explain_no_gpu(void)
{
	const char *listed = getenv("WLR_DRM_DEVICES");
	glob_t cards;

	if (listed) {
		wlr_log(WLR_ERROR,
		    "start: WLR_DRM_DEVICES is %s: none of these is a GPU that shows pictures and "
		    "can be taken over; correct it or unset it",
		    listed);
	} else if (glob("/dev/dri/card*", 0, NULL, &cards) == 0) {
		wlr_log(WLR_ERROR,
		    "start: %s is there but cannot be taken over: log out of the session or stop "
		    "the program that holds it, or load the driver that can set its mode",
		    cards.gl_pathv[0]);
		globfree(&cards);
	} else {
		wlr_log(WLR_ERROR, "start: no GPU (there is no /dev/dri/card*): load the kernel's "
				   "driver for it; a virtual machine needs a virtio-gpu");
	}
}

static bool open_gpus(struct ph_session *session)
{
	struct ph_hardware *hardware = &session->hardware;
	struct wlr_device *devices[GPUS_MAX];
	/* It waits, too, while there is no GPU at all. */
	ssize_t count = wlr_session_find_gpus(session->wlr_session, GPUS_MAX, devices);

	if (count <= 0) {
		explain_no_gpu();
		return false;
	}
	for (ssize_t i = 0; i < count; i++) {
		struct wlr_backend *gpu = add_gpu(session, devices[i]);
		if (!hardware->primary) {
			hardware->primary = gpu;
			hardware->layers = gpu && has_layers(devices[i]);
		}
	}
	if (!hardware->primary) {
		wlr_log(WLR_ERROR,
		    "start: none of %zd GPUs can show a picture: a driver with mode setting is "
		    "needed",
		    count);
		return false;
	}
	listener_connect(
	    &hardware->primary->events.destroy, &hardware->primary_destroy, handle_primary_destroy);
	/* Who lists the GPUs means these and no other. */
	if (!getenv("WLR_DRM_DEVICES")) {
		listener_connect(
		    &session->wlr_session->events.add_drm_card, &hardware->add_gpu, handle_add_gpu);
	}
	return true;
}

static bool choose_backend(struct ph_session *session)
{
	session->backend = wlr_backend_autocreate(session->loop, &session->wlr_session);
	if (!session->backend) {
		wlr_log(WLR_ERROR,
		    "start: no screen to run on: correct or unset what names one (WLR_BACKENDS, "
		    "WAYLAND_DISPLAY, DISPLAY), or set WLR_BACKENDS=headless");
		return false;
	}
	if (session->wlr_session) {
		listener_connect(&session->wlr_session->events.destroy,
		    &session->hardware.seat_destroy, handle_seat_destroy);
	}
	return true;
}

bool backend_init(struct ph_session *session)
{
	session->hardware.own_input = wants_hardware();
	if (!session->hardware.own_input) {
		if (!choose_backend(session)) {
			return false;
		}
	} else {
		session->backend = wlr_multi_backend_create(session->loop);
		if (!session->backend) {
			wlr_log(WLR_ERROR, "start: out of memory for the backend");
			return false;
		}
		if (!open_seat(session) || !open_gpus(session)) {
			return false;
		}
	}
	listener_connect(&session->backend->events.destroy, &session->hardware.backend_destroy,
	    handle_backend_destroy);
	return true;
}

void backend_finish(struct ph_session *session)
{
	listener_disconnect(&session->hardware.add_gpu);
	listener_disconnect(&session->hardware.primary_destroy);
	listener_disconnect(&session->hardware.seat_destroy);
	listener_disconnect(&session->hardware.backend_destroy);
	if (session->backend) {
		wlr_backend_destroy(session->backend);
	}
	if (session->wlr_session) {
		wlr_session_destroy(session->wlr_session);
	}
}
