// SPDX-License-Identifier: MIT
// One rectangle, and which texels of the picture are at its corners.
attribute vec2 corner; // 0 to 1, y downwards as in memory
uniform vec4 place;    // of the rectangle: size and first corner in clip space
uniform vec4 source;   // of the picture: first corner and size in texels; a negative size is flipped
varying vec2 texel;

void main()
{
	gl_Position = vec4(corner * place.xy + place.zw, 0.0, 1.0);
	texel = source.xy + corner * source.zw;
}
