// SPDX-License-Identifier: MIT
#include "gl_context.h"

#include <GLES2/gl2.h>
#include <string.h>
#include <wlr/render/egl.h>
#include <wlr/render/gles2.h>

bool gl_context_enter(struct wlr_renderer *gles2, struct ph_gl_context *before)
{
	struct wlr_egl *egl = wlr_gles2_renderer_get_egl(gles2);

	before->display = eglGetCurrentDisplay();
	before->context = eglGetCurrentContext();
	before->draw = eglGetCurrentSurface(EGL_DRAW);
	before->read = eglGetCurrentSurface(EGL_READ);
	return eglMakeCurrent(
	    wlr_egl_get_display(egl), EGL_NO_SURFACE, EGL_NO_SURFACE, wlr_egl_get_context(egl));
}

void gl_context_leave(struct wlr_renderer *gles2, const struct ph_gl_context *before)
{
	struct wlr_egl *egl = wlr_gles2_renderer_get_egl(gles2);
	EGLDisplay display = before->display == EGL_NO_DISPLAY ? wlr_egl_get_display(egl) : before->display;

	eglMakeCurrent(display, before->draw, before->read, before->context);
}

bool gl_context_is_software(struct wlr_renderer *renderer)
{
	struct ph_gl_context before;

	if (!wlr_renderer_is_gles2(renderer) || !gl_context_enter(renderer, &before)) {
		return false;
	}
	const char *name = (const char *)glGetString(GL_RENDERER);
	bool software = name && (strstr(name, "llvmpipe") || strstr(name, "softpipe"));
	gl_context_leave(renderer, &before);
	return software;
}

bool gl_context_wait(struct wlr_renderer *gles2)
{
	struct ph_gl_context before;

	if (!gl_context_enter(gles2, &before)) {
		return false;
	}
	glFinish();
	gl_context_leave(gles2, &before);
	return true;
}
