/* A strip, STRIP_ROWS floats, in two registers of AVX2.  Each function does
 * what that of strip_avx512.h does, to the bit. */
#ifndef MODEL_STRIP_AVX2_H
#define MODEL_STRIP_AVX2_H

#include <immintrin.h>
#include <stdint.h>

typedef struct {
	__m256 low, high;
} strip;

#define TILE_STRIPS 1
#define TILE_ROWS 6
#define SCORE_BLOCKS 1

static inline strip
strip_set(float x)
{
	return (strip){_mm256_set1_ps(x), _mm256_set1_ps(x)};
}

static inline strip
strip_load(const float *x)
{
	return (strip){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)};
}

static inline void
strip_store(float *x, strip a)
{
	_mm256_storeu_ps(x, a.low);
	_mm256_storeu_ps(x + 8, a.high);
}

static inline strip
strip_add(strip a, strip b)
{
	return (strip){_mm256_add_ps(a.low, b.low),
		       _mm256_add_ps(a.high, b.high)};
}

static inline strip
strip_sub(strip a, strip b)
{
	return (strip){_mm256_sub_ps(a.low, b.low),
		       _mm256_sub_ps(a.high, b.high)};
}

static inline strip
strip_mul(strip a, strip b)
{
	return (strip){_mm256_mul_ps(a.low, b.low),
		       _mm256_mul_ps(a.high, b.high)};
}

static inline strip
strip_div(strip a, strip b)
{
	return (strip){_mm256_div_ps(a.low, b.low),
		       _mm256_div_ps(a.high, b.high)};
}

static inline strip
strip_max(strip a, strip b)
{
	return (strip){_mm256_max_ps(a.low, b.low),
		       _mm256_max_ps(a.high, b.high)};
}

static inline strip
strip_min(strip a, strip b)
{
	return (strip){_mm256_min_ps(a.low, b.low),
		       _mm256_min_ps(a.high, b.high)};
}

static inline strip
strip_fma(strip a, strip b, strip c)
{
	return (strip){_mm256_fmadd_ps(a.low, b.low, c.low),
		       _mm256_fmadd_ps(a.high, b.high, c.high)};
}

static inline strip
strip_abs(strip a)
{
	__m256 sign = _mm256_set1_ps(-0.0F);

	return (strip){_mm256_andnot_ps(sign, a.low),
		       _mm256_andnot_ps(sign, a.high)};
}

static inline strip
strip_round(strip a)
{
	return (strip){_mm256_round_ps(a.low, 8), _mm256_round_ps(a.high, 8)};
}

/* The sum of eight lanes, the upper half added to the lower each time, which is
 * how that of a strip begins. */
static inline float
sum_lanes(__m256 a)
{
	__m128 four = _mm_add_ps(_mm256_castps256_ps128(a),
				 _mm256_extractf128_ps(a, 1));
	__m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline float
largest_lane(__m256 a)
{
	__m128 four = _mm_max_ps(_mm256_castps256_ps128(a),
				 _mm256_extractf128_ps(a, 1));
	__m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

static inline float
strip_sum(strip a)
{
	return sum_lanes(_mm256_add_ps(a.low, a.high));
}

static inline float
strip_largest(strip a)
{
	return largest_lane(_mm256_max_ps(a.low, a.high));
}

static inline __m256
power_of_two(__m256 n)
{
	__m256i exponent =
		_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));

	return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

static inline strip
strip_scale(strip a, strip n)
{
	return (strip){_mm256_mul_ps(a.low, power_of_two(n.low)),
		       _mm256_mul_ps(a.high, power_of_two(n.high))};
}

static inline strip
strip_where_above(strip a, strip x, float limit)
{
	__m256 limits = _mm256_set1_ps(limit);

	return (strip){
		_mm256_and_ps(a.low, _mm256_cmp_ps(x.low, limits, _CMP_GE_OQ)),
		_mm256_and_ps(a.high,
			      _mm256_cmp_ps(x.high, limits, _CMP_GE_OQ))};
}

static inline strip
strip_first(strip a, strip b, int n)
{
	__m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	__m256i low = _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes);
	__m256i high = _mm256_cmpgt_epi32(_mm256_set1_epi32(n - 8), lanes);

	return (strip){
		_mm256_blendv_ps(b.low, a.low, _mm256_castsi256_ps(low)),
		_mm256_blendv_ps(b.high, a.high, _mm256_castsi256_ps(high))};
}

static inline strip
strip_load_f16(const uint16_t *x)
{
	return (strip){
		_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)x)),
		_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + 8)))};
}

static inline void
strip_store_f16(uint16_t *x, strip a)
{
	_mm_storeu_si128((__m128i *)x, _mm256_cvtps_ph(a.low, 0));
	_mm_storeu_si128((__m128i *)(x + 8), _mm256_cvtps_ph(a.high, 0));
}

static inline __m256
load_bf16(const uint16_t *x)
{
	__m128i halves = _mm_loadu_si128((const __m128i *)x);

	return _mm256_castsi256_ps(
		_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

static inline strip
strip_load_bf16(const uint16_t *x)
{
	return (strip){load_bf16(x), load_bf16(x + 8)};
}

static inline void
load_pairs(__m256 *even, __m256 *odd, const uint16_t *x)
{
	__m256i pairs = _mm256_loadu_si256((const __m256i *)x);

	*even = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
	*odd = _mm256_castsi256_ps(
		_mm256_and_si256(pairs, _mm256_set1_epi32((int)0xffff0000)));
}

static inline void
strip_load_pairs(strip *even, strip *odd, const uint16_t *x)
{
	load_pairs(&even->low, &odd->low, x);
	load_pairs(&even->high, &odd->high, x + 16);
}

static inline __m256i
as_words(strip a)
{
	__m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(a.low),
					   _mm256_cvtps_epi32(a.high));

	return _mm256_permute4x64_epi64(words, 0xd8);
}

static inline void
strip_store_int8(int8_t *x, strip a)
{
	__m256i words = as_words(a);

	_mm_storeu_si128((__m128i *)x,
			 _mm_packs_epi16(_mm256_castsi256_si128(words),
					 _mm256_extracti128_si256(words, 1)));
}

static inline void
strip_store_uint8(uint8_t *x, strip a)
{
	__m256i words = as_words(a);

	_mm_storeu_si128((__m128i *)x,
			 _mm_packus_epi16(_mm256_castsi256_si128(words),
					  _mm256_extracti128_si256(words, 1)));
}

#endif
