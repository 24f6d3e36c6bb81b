/* Exponential and logarithm of our own, of products and sums alone.
 *
 * The C library chooses its own by the processor, and what is trained on one is
 * to be the same, to the bit, on another.  Relative errors are below 1e-6. */
#ifndef TEXT_EXPONENTIAL_H
#define TEXT_EXPONENTIAL_H

#include <math.h>

/* 0 below the smallest normal number; x at most 88. */
static inline float
exponential(float x)
{
	if (x < -87)
		return 0;
	float k = rintf(x * 1.44269504f);
	/* ln 2 in two parts, as in Cephes, whose polynomial this is. */
	float r = x - k * 0.693359375f + k * 2.12194440e-4f;
	float p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	return ldexpf(p * r * r + r + 1, (int)k);
}

/* Of x > 0: ln m + e ln 2, by the series of artanh. */
static inline float
logarithm(float x)
{
	int e;
	float m = frexpf(x, &e);

	if (m < 0.70710678f) {
		m *= 2;
		e--;
	}
	float t = (m - 1) / (m + 1), s = t * t;
	float p = 2.0f / 9;
	p = p * s + 2.0f / 7;
	p = p * s + 2.0f / 5;
	p = p * s + 2.0f / 3;
	p = p * s + 2;
	return p * t + (float)e * 0.693147181f;
}

#endif
