// SPDX-License-Identifier: MIT
#ifndef PH_SCALE_GL_H
#define PH_SCALE_GL_H

#include <GLES2/gl2.h>
#include <stdbool.h>
#include <stddef.h>

#include "layout.h"

/*
 * Draws a picture in another size with OpenGL ES 2: the shaders of shaders/. Knows
 * no wlroots; each function needs a current context, always the same.
 */

enum ph_scale_filter {
	PH_SCALE_FILTER_INTEGER,     /* blocks */
	PH_SCALE_FILTER_SHARP,       /* blocks, mixed where they do not fit the pixels */
	PH_SCALE_FILTER_CATMULL_ROM, /* smooth */
};

struct ph_scale_program {
	GLuint program; /* 0: not made yet */
	GLint corner, place, source, size, factor, bounds, picture;
	bool failed; /* its shader is not accepted: not tried again */
};

/* Zeroed to begin with. By filter, taps (few or many) and kind of texture. */
struct ph_scale_gl {
	struct ph_scale_program programs[3][2][2];
};

/* What is drawn. */
struct ph_scale_picture {
	GLuint texture;
	GLenum target;     /* GL_TEXTURE_2D or GL_TEXTURE_EXTERNAL_OES */
	int width, height; /* of the texture, texels */
	double x, y, source_width, source_height; /* the part of it that is the picture */
	bool flipped;      /* its first row is the bottom one */
};

/*
 * Draws the picture into box of the bound framebuffer (width x height pixels, the
 * first row being the top one) and makes the rest black. False: this GPU does not
 * take the shader; error (size bytes) says why, once, and is empty afterwards.
 */
bool scale_gl_draw(struct ph_scale_gl *gl, enum ph_scale_filter filter,
    const struct ph_scale_picture *picture, const struct ph_box *box, int width, int height, char *error,
    size_t size);

void scale_gl_finish(struct ph_scale_gl *gl);

#endif
