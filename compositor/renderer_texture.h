// SPDX-License-Identifier: MIT
#ifndef PH_RENDERER_TEXTURE_H
#define PH_RENDERER_TEXTURE_H

#include <stdbool.h>
#include <wlr/render/interface.h>

struct ph_renderer;

/*
 * A picture that may be drawn by ph_renderer: no more than a buffer that is held, until
 * it is drawn. Then it has a texture of pixman's, of the GPU's, or both.
 */
struct ph_texture {
	struct wlr_texture base;
	struct wl_list link; /* ph_renderer.textures */
	struct wlr_buffer *buffer; /* locked */
	bool pixels;               /* the CPU can read it */
	struct wlr_texture *cpu, *gpu; /* NULL: not drawn by it yet */
};

/* Whether the CPU has access to it; flags: enum wlr_buffer_data_ptr_access_flag. */
bool renderer_has_pixels(struct wlr_buffer *buffer, uint32_t flags);

/* For struct wlr_renderer_impl. NULL: the buffer has neither pixels nor a dma-buf. */
struct wlr_texture *renderer_texture_create(struct wlr_renderer *wlr_renderer, struct wlr_buffer *buffer);

/*
 * As the CPU's, or the GPU's, own texture, which stays ours. NULL: it cannot be read by
 * that one, or, for the GPU, there is no context now.
 */
struct wlr_texture *renderer_texture_for_cpu(struct wlr_texture *texture);
struct wlr_texture *renderer_texture_for_gpu(struct wlr_texture *texture);

/* Whether drawing it takes a GPU. */
bool renderer_texture_needs_gpu(struct wlr_texture *texture);

/*
 * Adds the pixels of the region that lie within the box to ph_renderer.copied, four bytes
 * each. region NULL: the whole box.
 */
void renderer_count_copied(
    struct ph_renderer *renderer, const pixman_region32_t *region, const struct wlr_box *within);

/* The GPU context goes. */
void renderer_texture_forget_gpu(struct ph_texture *texture);

#endif
