// SPDX-License-Identifier: MIT
#ifndef PH_WL_DMABUF_H
#define PH_WL_DMABUF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-client-core.h>

#include "display.h"
#include "formats.h"

/* zwp_linux_dmabuf_v1: which buffers the compositor takes, and making them. */

struct ph_wl_dmabuf;
struct ph_wl_import;

struct wl_registry;
struct wl_buffer;

/* Binds the global; version is what the compositor offers. */
struct ph_wl_dmabuf *wl_dmabuf_create(struct wl_registry *registry, uint32_t name, uint32_t version);

/* Also ends the imports under way. NULL is allowed. */
void wl_dmabuf_destroy(struct ph_wl_dmabuf *dmabuf);

const struct ph_format_set *wl_dmabuf_formats(const struct ph_wl_dmabuf *dmabuf);

/* False if the compositor did not say which device it draws with. */
bool wl_dmabuf_main_device(const struct ph_wl_dmabuf *dmabuf, dev_t *out);

/*
 * Asks for a wl_buffer of the picture; its fds are only used during the call.
 * The answer comes later, once: buffer is NULL if the compositor cannot use it,
 * else it belongs to the callee. NULL is returned, and no answer comes, if the
 * format is not taken at all.
 */
struct ph_wl_import *wl_dmabuf_import(struct ph_wl_dmabuf *dmabuf, const struct ph_picture *picture,
    void (*done)(void *data, struct wl_buffer *buffer), void *data);

/* No answer is wanted any more. NULL is allowed; not after the answer. */
void wl_import_cancel(struct ph_wl_import *import);

#endif
