// SPDX-License-Identifier: MIT
#include "wl_dmabuf.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client-protocol.h>

#include "alloc.h"
#include "linux-dmabuf-v1-client-protocol.h"
#include "log.h"

#define LOG_MODULE "dmabuf"

/* One line of the format table, as the protocol lays it out. */
struct table_entry {
	uint32_t format;
	uint32_t padding;
	uint64_t modifier;
};

struct ph_wl_dmabuf {
	struct zwp_linux_dmabuf_v1 *global;
	struct zwp_linux_dmabuf_feedback_v1 *feedback; /* NULL before version 4 */
	struct ph_format_set formats;
	struct ph_format_set next; /* being told, until "done" */
	const struct table_entry *table; /* mapped; NULL: none */
	uint32_t table_size;             /* bytes */
	bool has_device;
	dev_t device;
	struct ph_wl_import *imports;
};

struct ph_wl_import {
	struct ph_wl_dmabuf *dmabuf;
	struct ph_wl_import *next, **link; /* in dmabuf->imports */
	struct zwp_linux_buffer_params_v1 *params;
	void (*done)(void *data, struct wl_buffer *buffer); /* NULL: cancelled */
	void *data;
};

static void unmap_table(struct ph_wl_dmabuf *dmabuf)
{
	if (dmabuf->table) {
		(void)munmap((void *)(uintptr_t)dmabuf->table, dmabuf->table_size);
		dmabuf->table = NULL;
	}
}

static void handle_format_table(
    void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, int32_t fd, uint32_t size)
{
	struct ph_wl_dmabuf *dmabuf = data;

	unmap_table(dmabuf);
	/* the compositor's own sealed file: it is whom we trust with every picture */
	void *table = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (table == MAP_FAILED) {
		log_errno("cannot read the compositor's table of formats");
		return;
	}
	dmabuf->table = table;
	dmabuf->table_size = size;
}

static void handle_main_device(
    void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device)
{
	struct ph_wl_dmabuf *dmabuf = data;
	if (device->size == sizeof(dmabuf->device)) {
		memcpy(&dmabuf->device, device->data, sizeof(dmabuf->device));
		dmabuf->has_device = true;
	}
}

static void handle_tranche_formats(
    void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *indices)
{
	struct ph_wl_dmabuf *dmabuf = data;
	const size_t entries =
	    dmabuf->table ? dmabuf->table_size / sizeof(dmabuf->table[0]) : 0;
	const uint16_t *index = indices->data;

	for (size_t i = 0; i < indices->size / sizeof(*index); i++) {
		if (index[i] < entries) {
			const struct table_entry *entry = &dmabuf->table[index[i]];
			formats_add(&dmabuf->next, entry->format, entry->modifier);
		}
	}
}

static void handle_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback)
{
	struct ph_wl_dmabuf *dmabuf = data;

	formats_finish(&dmabuf->formats);
	dmabuf->formats = dmabuf->next;
	dmabuf->next = (struct ph_format_set){0};
	log_debug("the compositor takes %zu formats with modifiers", dmabuf->formats.count);
}

static void handle_target_device(
    void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device)
{
}

static void handle_tranche_flags(
    void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, uint32_t flags)
{
}

static void handle_tranche_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback)
{
}

static const struct zwp_linux_dmabuf_feedback_v1_listener feedback_listener = {
    .done = handle_done,
    .format_table = handle_format_table,
    .main_device = handle_main_device,
    .tranche_done = handle_tranche_done,
    .tranche_target_device = handle_target_device,
    .tranche_formats = handle_tranche_formats,
    .tranche_flags = handle_tranche_flags,
};

static void handle_format(void *data, struct zwp_linux_dmabuf_v1 *global, uint32_t format)
{
	/* superseded by "modifier", which version 3 sends as well */
}

static void handle_modifier(
    void *data, struct zwp_linux_dmabuf_v1 *global, uint32_t format, uint32_t hi, uint32_t lo)
{
	struct ph_wl_dmabuf *dmabuf = data;
	formats_add(&dmabuf->formats, format, (uint64_t)hi << 32 | lo);
}

static const struct zwp_linux_dmabuf_v1_listener dmabuf_listener = {
    .format = handle_format,
    .modifier = handle_modifier,
};

struct ph_wl_dmabuf *wl_dmabuf_create(struct wl_registry *registry, uint32_t name, uint32_t version)
{
	struct ph_wl_dmabuf *dmabuf = alloc_zero(sizeof(*dmabuf));

	if (version > 5) {
		version = 5;
	}
	dmabuf->global =
	    wl_registry_bind(registry, name, &zwp_linux_dmabuf_v1_interface, version);
	if (!dmabuf->global) {
		abort();
	}
	zwp_linux_dmabuf_v1_add_listener(dmabuf->global, &dmabuf_listener, dmabuf);
	if (version >= ZWP_LINUX_DMABUF_V1_GET_DEFAULT_FEEDBACK_SINCE_VERSION) {
		dmabuf->feedback = zwp_linux_dmabuf_v1_get_default_feedback(dmabuf->global);
		zwp_linux_dmabuf_feedback_v1_add_listener(
		    dmabuf->feedback, &feedback_listener, dmabuf);
	}
	return dmabuf;
}

static void free_import(struct ph_wl_import *import)
{
	*import->link = import->next;
	if (import->next) {
		import->next->link = import->link;
	}
	zwp_linux_buffer_params_v1_destroy(import->params);
	free(import);
}

void wl_dmabuf_destroy(struct ph_wl_dmabuf *dmabuf)
{
	if (!dmabuf) {
		return;
	}
	while (dmabuf->imports) {
		free_import(dmabuf->imports);
	}
	unmap_table(dmabuf);
	formats_finish(&dmabuf->formats);
	formats_finish(&dmabuf->next);
	if (dmabuf->feedback) {
		zwp_linux_dmabuf_feedback_v1_destroy(dmabuf->feedback);
	}
	zwp_linux_dmabuf_v1_destroy(dmabuf->global);
	free(dmabuf);
}

const struct ph_format_set *wl_dmabuf_formats(const struct ph_wl_dmabuf *dmabuf)
{
	return &dmabuf->formats;
}

bool wl_dmabuf_main_device(const struct ph_wl_dmabuf *dmabuf, dev_t *out)
{
	if (dmabuf->has_device) {
		*out = dmabuf->device;
	}
	return dmabuf->has_device;
}

static void handle_created(
    void *data, struct zwp_linux_buffer_params_v1 *params, struct wl_buffer *buffer)
{
	struct ph_wl_import *import = data;

	if (import->done) {
		import->done(import->data, buffer);
	} else {
		/* the buffer exists on the other side too, and must be destroyed there */
		wl_buffer_destroy(buffer);
	}
	free_import(import);
}

static void handle_failed(void *data, struct zwp_linux_buffer_params_v1 *params)
{
	struct ph_wl_import *import = data;

	if (import->done) {
		import->done(import->data, NULL);
	}
	free_import(import);
}

static const struct zwp_linux_buffer_params_v1_listener params_listener = {
    .created = handle_created,
    .failed = handle_failed,
};

struct ph_wl_import *wl_dmabuf_import(struct ph_wl_dmabuf *dmabuf, const struct ph_picture *picture,
    void (*done)(void *data, struct wl_buffer *buffer), void *data)
{
	struct ph_format format;

	if (!formats_choose(&dmabuf->formats, picture->fourcc, picture->modifier, &format)) {
		return NULL;
	}
	struct ph_wl_import *import = alloc_zero(sizeof(*import));
	import->dmabuf = dmabuf;
	import->done = done;
	import->data = data;
	import->next = dmabuf->imports;
	import->link = &dmabuf->imports;
	if (import->next) {
		import->next->link = &import->next;
	}
	dmabuf->imports = import;
	import->params = zwp_linux_dmabuf_v1_create_params(dmabuf->global);
	zwp_linux_buffer_params_v1_add_listener(import->params, &params_listener, import);
	for (int i = 0; i < picture->num_planes; i++) {
		zwp_linux_buffer_params_v1_add(import->params, picture->planes[i].fd, (uint32_t)i,
		    picture->planes[i].offset, picture->planes[i].stride,
		    (uint32_t)(format.modifier >> 32), (uint32_t)format.modifier);
	}
	/* not create_immed: there a buffer that cannot be imported may end the connection */
	zwp_linux_buffer_params_v1_create(import->params, (int32_t)picture->backing_width,
	    (int32_t)picture->backing_height, format.fourcc, 0);
	return import;
}

void wl_import_cancel(struct ph_wl_import *import)
{
	if (import) {
		import->done = NULL;
	}
}
