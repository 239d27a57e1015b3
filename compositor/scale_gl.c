// SPDX-License-Identifier: MIT
#include "scale_gl.h"

#include <GLES2/gl2ext.h>
#include <stdio.h>
#include <string.h>

#include "shaders.h"

/* What all fragment shaders begin with; the extension line has to be the first. */
static const char external_head[] = "#extension GL_OES_EGL_image_external : require\n"
				    "#define SAMPLER samplerExternalOES\n";
static const char plain_head[] = "#define SAMPLER sampler2D\n";
static const char common_head[] = "#ifdef GL_FRAGMENT_PRECISION_HIGH\n"
				  "precision highp float;\n"
				  "#else\n"
				  "precision mediump float;\n"
				  "#endif\n"
				  "uniform SAMPLER picture;\n"
				  "uniform vec2 size;   // of the texture, texels\n"
				  "uniform vec2 factor; // pixels of the screen for one texel\n"
				  "uniform vec4 bounds; // first and last texel centre of the picture\n"
				  "varying vec2 texel;\n";

static GLuint compile(GLenum kind, const char *const *parts, GLsizei count, char *error, size_t size)
{
	GLuint shader = glCreateShader(kind);
	GLint done = GL_FALSE;

	glShaderSource(shader, count, parts, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &done);
	if (!done) {
		glGetShaderInfoLog(shader, (GLsizei)size, NULL, error);
		glDeleteShader(shader);
		return 0;
	}
	return shader;
}

static bool link_program(
    struct ph_scale_program *program, GLuint vertex, GLuint fragment, char *error, size_t size)
{
	GLint done = GL_FALSE;
	GLuint id = glCreateProgram();

	glAttachShader(id, vertex);
	glAttachShader(id, fragment);
	glLinkProgram(id);
	glGetProgramiv(id, GL_LINK_STATUS, &done);
	if (!done) {
		glGetProgramInfoLog(id, (GLsizei)size, NULL, error);
		glDeleteProgram(id);
		return false;
	}
	program->program = id;
	program->corner = glGetAttribLocation(id, "corner");
	program->place = glGetUniformLocation(id, "place");
	program->source = glGetUniformLocation(id, "source");
	program->size = glGetUniformLocation(id, "size");
	program->factor = glGetUniformLocation(id, "factor");
	program->bounds = glGetUniformLocation(id, "bounds");
	program->picture = glGetUniformLocation(id, "picture");
	return true;
}

static bool make_program(struct ph_scale_program *program, enum ph_scale_filter filter, bool many,
    bool external, char *error, size_t size)
{
	static const char *const bodies[] = {
	    [PH_SCALE_FILTER_INTEGER] = shader_integer_frag,
	    [PH_SCALE_FILTER_SHARP] = shader_sharp_frag,
	    [PH_SCALE_FILTER_CATMULL_ROM] = shader_catmull_rom_frag,
	};
	const char *vertex_parts[] = {shader_scale_vert};
	const char *fragment_parts[] = {external ? external_head : plain_head, common_head,
	    many ? "#define TAPS 6\n" : "#define TAPS 2\n", bodies[filter]};
	GLuint vertex = compile(GL_VERTEX_SHADER, vertex_parts, 1, error, size);
	GLuint fragment = vertex ? compile(GL_FRAGMENT_SHADER, fragment_parts, 4, error, size) : 0;
	bool done = vertex && fragment && link_program(program, vertex, fragment, error, size);

	glDeleteShader(vertex);
	glDeleteShader(fragment);
	program->failed = !done;
	return done;
}

static void set_uniforms(const struct ph_scale_program *program, const struct ph_scale_picture *picture,
    const struct ph_box *box, int width, int height)
{
	double x = picture->x, y = picture->y;
	double w = picture->source_width, h = picture->source_height;

	glUniform4f(program->place, (float)(2.0 * box->width / width), (float)(2.0 * box->height / height),
	    (float)(2.0 * box->x / width - 1), (float)(2.0 * box->y / height - 1));
	if (picture->flipped) {
		glUniform4f(program->source, (float)x, (float)(y + h), (float)w, (float)-h);
	} else {
		glUniform4f(program->source, (float)x, (float)y, (float)w, (float)h);
	}
	glUniform2f(program->size, (float)picture->width, (float)picture->height);
	glUniform2f(program->factor, (float)(box->width / w), (float)(box->height / h));
	/* Beyond its edge a picture goes on as its last row and column. */
	glUniform4f(program->bounds, (float)(x + 0.5), (float)(y + 0.5), (float)(x + w - 0.5),
	    (float)(y + h - 0.5));
	glUniform1i(program->picture, 0);
}

bool scale_gl_draw(struct ph_scale_gl *gl, enum ph_scale_filter filter,
    const struct ph_scale_picture *picture, const struct ph_box *box, int width, int height, char *error,
    size_t size)
{
	static const GLfloat corners[] = {0, 0, 1, 0, 0, 1, 1, 1};
	bool external = picture->target != GL_TEXTURE_2D;
	bool many = filter == PH_SCALE_FILTER_CATMULL_ROM &&
		    (box->width < picture->source_width || box->height < picture->source_height);
	struct ph_scale_program *program = &gl->programs[filter][many][external];

	error[0] = '\0';
	if (!program->program &&
	    (program->failed || !make_program(program, filter, many, external, error, size))) {
		return false;
	}
	GLint linear = filter == PH_SCALE_FILTER_SHARP ? GL_LINEAR : GL_NEAREST;
	glViewport(0, 0, width, height);
	glDisable(GL_BLEND);
	glDisable(GL_SCISSOR_TEST);
	glClearColor(0, 0, 0, 1);
	glClear(GL_COLOR_BUFFER_BIT);
	glUseProgram(program->program);
	glActiveTexture(GL_TEXTURE0);
	glBindTexture(picture->target, picture->texture);
	glTexParameteri(picture->target, GL_TEXTURE_MIN_FILTER, linear);
	glTexParameteri(picture->target, GL_TEXTURE_MAG_FILTER, linear);
	glTexParameteri(picture->target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(picture->target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	set_uniforms(program, picture, box, width, height);
	glVertexAttribPointer((GLuint)program->corner, 2, GL_FLOAT, GL_FALSE, 0, corners);
	glEnableVertexAttribArray((GLuint)program->corner);
	glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	glDisableVertexAttribArray((GLuint)program->corner);
	glBindTexture(picture->target, 0);
	glUseProgram(0);
	return true;
}

void scale_gl_finish(struct ph_scale_gl *gl)
{
	struct ph_scale_program *programs = &gl->programs[0][0][0];

	for (size_t i = 0; i < sizeof(gl->programs) / sizeof(*programs); i++) {
		if (programs[i].program) {
			glDeleteProgram(programs[i].program);
		}
	}
	memset(gl, 0, sizeof(*gl));
}
