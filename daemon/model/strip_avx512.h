/* A strip, STRIP_ROWS floats, in one register of AVX-512. */
#ifndef MODEL_STRIP_AVX512_H
#define MODEL_STRIP_AVX512_H

#include <immintrin.h>
#include <stdint.h>

typedef __m512 strip;

/* The strips and rows of a tile whose sums stay in registers. */
#define TILE_STRIPS 4
#define TILE_ROWS 6
/* Blocks of keys, likewise. */
#define SCORE_BLOCKS 2

static inline strip
strip_set(float x)
{
	return _mm512_set1_ps(x);
}

static inline strip
strip_load(const float *x)
{
	return _mm512_loadu_ps(x);
}

static inline void
strip_store(float *x, strip a)
{
	_mm512_storeu_ps(x, a);
}

static inline strip
strip_add(strip a, strip b)
{
	return _mm512_add_ps(a, b);
}

static inline strip
strip_sub(strip a, strip b)
{
	return _mm512_sub_ps(a, b);
}

static inline strip
strip_mul(strip a, strip b)
{
	return _mm512_mul_ps(a, b);
}

static inline strip
strip_div(strip a, strip b)
{
	return _mm512_div_ps(a, b);
}

/* a * b + c, rounded once */
static inline strip
strip_fma(strip a, strip b, strip c)
{
	return _mm512_fmadd_ps(a, b, c);
}

static inline strip
strip_max(strip a, strip b)
{
	return _mm512_max_ps(a, b);
}

static inline strip
strip_min(strip a, strip b)
{
	return _mm512_min_ps(a, b);
}

static inline strip
strip_abs(strip a)
{
	return _mm512_abs_ps(a);
}

/* To the nearest whole number, ties to even. */
static inline strip
strip_round(strip a)
{
	return _mm512_roundscale_ps(a, 0);
}

/* The sum of the lanes, the upper half added to the lower each time. */
static inline float
strip_sum(strip a)
{
	__m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a),
				     _mm512_extractf32x8_ps(a, 1));
	__m128 four = _mm_add_ps(_mm256_castps256_ps128(eight),
				 _mm256_extractf128_ps(eight, 1));
	__m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline float
strip_largest(strip a)
{
	return _mm512_reduce_max_ps(a);
}

/* a * 2^n for whole numbers n of -126 ... 127 */
static inline strip
strip_scale(strip a, strip n)
{
	__m512i exponent =
		_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));

	return _mm512_mul_ps(
		a, _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23)));
}

/* a where x >= limit, otherwise zero */
static inline strip
strip_where_above(strip a, strip x, float limit)
{
	return _mm512_maskz_mov_ps(
		_mm512_cmp_ps_mask(x, strip_set(limit), _CMP_GE_OQ), a);
}

/* a in the first n lanes, b in the others; n may be more than there are. */
static inline strip
strip_first(strip a, strip b, int n)
{
	__m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
					  12, 13, 14, 15);

	return _mm512_mask_mov_ps(
		b, _mm512_cmplt_epi32_mask(lanes, _mm512_set1_epi32(n)), a);
}

static inline strip
strip_load_f16(const uint16_t *x)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)x));
}

static inline void
strip_store_f16(uint16_t *x, strip a)
{
	_mm256_storeu_si256((__m256i *)x,
			    _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}

static inline strip
strip_load_bf16(const uint16_t *x)
{
	__m256i halves = _mm256_loadu_si256((const __m256i *)x);

	return _mm512_castsi512_ps(
		_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

/* The first and the second of each pair, all as bfloat16. */
static inline void
strip_load_pairs(strip *even, strip *odd, const uint16_t *x)
{
	__m512i pairs = _mm512_loadu_si512(x);

	*even = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
	*odd = _mm512_castsi512_ps(
		_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xffff0000)));
}

/* Whole numbers of -127 ... 127 */
static inline void
strip_store_int8(int8_t *x, strip a)
{
	_mm_storeu_si128((__m128i *)x,
			 _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

/* Whole numbers of 0 ... 255 */
static inline void
strip_store_uint8(uint8_t *x, strip a)
{
	strip_store_int8((int8_t *)x, a);
}

#endif
