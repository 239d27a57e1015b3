// SPDX-License-Identifier: MIT
// Sharp at any factor: blocks as with whole factors, and where an edge between two
// texels crosses a pixel of the screen, that pixel mixes them by area. Needs linear filtering.
void main()
{
	vec2 base = floor(texel - 0.5);
	vec2 part = texel - 0.5 - base;
	vec2 at;

	// The step from one texel to the next is as wide as a pixel of the screen.
	part = clamp((part - 0.5) * max(factor, 1.0) + 0.5, 0.0, 1.0);
	at = clamp(base + 0.5 + part, bounds.xy, bounds.zw);
	gl_FragColor = vec4(texture2D(picture, at / size).rgb, 1.0);
}
