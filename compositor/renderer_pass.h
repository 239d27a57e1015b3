// SPDX-License-Identifier: MIT
#ifndef PH_RENDERER_PASS_H
#define PH_RENDERER_PASS_H

#include <wlr/render/interface.h>

/*
 * For struct wlr_renderer_impl: a pass of ph_renderer. What is drawn is noted until the
 * pass is submitted: only then is it known whether the CPU can do it.
 */
struct wlr_render_pass *renderer_pass_begin(struct wlr_renderer *wlr_renderer, struct wlr_buffer *buffer,
    const struct wlr_buffer_pass_options *options);

#endif
