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

INLINE void
put_values(int8_t *to, strip x, int place)
{
	__m512i lanes = _mm512_sll_epi32(
		_mm512_and_si512(_mm512_cvtps_epi32(x), _mm512_set1_epi32(255)),
		_mm_cvtsi32_si128(8 * place));

	_mm512_mask_storeu_epi8(to, (__mmask64)0x1111111111111111 << place,
				lanes);
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
