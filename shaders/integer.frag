// SPDX-License-Identifier: MIT
// Every pixel of the picture is a block of equal pixels.
void main()
{
	vec2 at = clamp(floor(texel) + 0.5, bounds.xy, bounds.zw);
	gl_FragColor = vec4(texture2D(picture, at / size).rgb, 1.0);
}
