// SPDX-License-Identifier: MIT
#ifndef PH_GL_CONTEXT_H
#define PH_GL_CONTEXT_H

#include <EGL/egl.h>
#include <stdbool.h>

struct wlr_renderer;

/* The context that was current before; filled in by gl_context_enter(). */
struct ph_gl_context {
	EGLDisplay display;
	EGLContext context;
	EGLSurface draw, read;
};

/*
 * Makes the context of a GLES2 renderer of wlroots the current one, so that GL can be
 * called by hand. False: it cannot be; nothing has changed then.
 */
bool gl_context_enter(struct wlr_renderer *gles2, struct ph_gl_context *before);

/* Makes the earlier one current again, or none if there was none. */
void gl_context_leave(struct wlr_renderer *gles2, const struct ph_gl_context *before);

/*
 * Is it a GLES2 renderer that draws by the CPU (Mesa's llvmpipe or softpipe)? Its threads
 * go on drawing after glFlush(), and no fence in the buffer makes the screen wait for
 * them. Needs no context to be current.
 */
bool gl_context_is_software(struct wlr_renderer *renderer);

/* Waits until all that was drawn with it is in memory. False: there is no context any more. */
bool gl_context_wait(struct wlr_renderer *gles2);

#endif
