/* Attention over keys and values in int8 by the dot products of AVX-512.
 * Compiled for that processor; any thread: nothing is kept. */
#include "model/strip_avx512.h"

#include "model/inline.h"
#include "model/kernels_x86.h"

#include "model/strip_softmax.h"

#define INT8_ROWS 3

typedef __m512i quads;

struct dots {
	__m512i sums;
};

INLINE quads
load_keys(const uint8_t *bytes)
{
	return _mm512_loadu_si512(bytes);
}

INLINE quads
load_values(const uint8_t *bytes)
{
	return _mm512_loadu_si512(bytes);
}

INLINE __m512i
load_quad(const void *x)
{
	int32_t quad;

	memcpy(&quad, x, sizeof quad);
	return _mm512_set1_epi32(quad);
}

INLINE void
add_keys(struct dots *dots, quads keys, const int8_t *x)
{
	dots->sums = _mm512_dpbusd_epi32(dots->sums, keys, load_quad(x));
}

INLINE void
add_values(struct dots *dots, quads values, const uint8_t *x)
{
	dots->sums = _mm512_dpbusd_epi32(dots->sums, load_quad(x), values);
}

INLINE strip
join_dots(struct dots dots, int offset)
{
	return _mm512_cvtepi32_ps(
		_mm512_add_epi32(dots.sums, _mm512_set1_epi32(offset)));
}

#include "model/strip_attend_int8.h"

void
attend_int8_vnni(const struct attention *a)
{
	attend_int8(a);
}

void
keep_int8_vnni(void *keys, void *values, const float *key, const float *value,
	       int width, int position)
{
	keep_int8(keys, values, key, value, width, position);
}
