// SPDX-License-Identifier: MIT
// Catmull-Rom cubic (Catmull and Rom, 1974: a = -0.5): smooth, and sharper than
// bilinear. When it shrinks, the kernel is as many times wider, so that every texel counts.
// TAPS: texels on each side, 2 for enlarging, 6 for shrinking to a third.
vec2 weight(vec2 distance)
{
	vec2 x = abs(distance);
	vec2 near = (1.5 * x - 2.5) * x * x + 1.0;
	vec2 far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;

	return mix(mix(near, far, step(1.0, x)), vec2(0.0), step(2.0, x));
}

void main()
{
	vec2 base = floor(texel - 0.5) + 0.5;
	vec2 stretch = clamp(1.0 / factor, 1.0, float(TAPS) / 2.0);
	vec3 sum = vec3(0.0);
	float total = 0.0;

	for (int j = 1 - TAPS; j <= TAPS; j++) {
		for (int i = 1 - TAPS; i <= TAPS; i++) {
			vec2 centre = base + vec2(float(i), float(j));
			vec2 weights = weight((centre - texel) / stretch);
			float share = weights.x * weights.y;
			sum += share * texture2D(picture, clamp(centre, bounds.xy, bounds.zw) / size).rgb;
			total += share;
		}
	}
	gl_FragColor = vec4(sum / total, 1.0);
}
