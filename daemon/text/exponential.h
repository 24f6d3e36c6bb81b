/* Exponential and logarithm of our own, of products and sums alone.
 *
 * The C library chooses its own by the processor, and what is trained on one is
 * to be the same, to the bit, on another.  Relative errors are below 1e-6. */
#ifndef TEXT_EXPONENTIAL_H
#define TEXT_EXPONENTIAL_H

#include "text/quad.h"

/* Bits of a float: those behind the point, and what an exponent of 0 is. */
#define FRACTION_BITS 23
#define FRACTION_MASK 0x7fffff
#define EXPONENT_ZERO 127

/* 0 below -87; x at most 88. */
static QUAD_INLINE quad
exponentials(quad x)
{
	/* Added, it leaves a whole number in the lowest bits. */
	const quad whole = quad_of(0x1.8p23f);
	whole_quad is_there = x >= -87.0f;
	quad y = (quad)((whole_quad)x & is_there);
	quad k = y * 1.44269504f + whole;
	whole_quad power = (whole_quad)k - (whole_quad)whole + EXPONENT_ZERO;

	k -= whole;
	/* ln 2 in two parts, as in Cephes, whose polynomial this is. */
	quad r = y - k * 0.693359375f + k * 2.12194440e-4f;
	quad p = quad_of(1.9875691500e-4f);
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = (p * r * r + r + 1) * (quad)(power << FRACTION_BITS);
	return (quad)((whole_quad)p & is_there);
}

/* Of normal x > 0: ln m + e ln 2, by the series of artanh. */
static QUAD_INLINE quad
logarithms(quad x)
{
	whole_quad bits = (whole_quad)x;
	whole_quad e = (bits >> FRACTION_BITS) - (EXPONENT_ZERO - 1);
	/* From 0.5 to 1, and doubled below the root of 0.5. */
	quad m = (quad)((bits & FRACTION_MASK) |
			((EXPONENT_ZERO - 1) << FRACTION_BITS));
	whole_quad is_small = m < 0.70710678f;

	m += (quad)((whole_quad)m & is_small);
	e += is_small;
	quad t = (m - 1) / (m + 1), s = t * t;
	quad p = quad_of(2.0f / 9);
	p = p * s + 2.0f / 7;
	p = p * s + 2.0f / 5;
	p = p * s + 2.0f / 3;
	p = p * s + 2;
	return p * t + __builtin_convertvector(e, quad) * 0.693147181f;
}

static inline float
logarithm(float x)
{
	return logarithms(quad_of(x))[0];
}

#endif
