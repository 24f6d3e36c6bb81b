/* Kernels for AVX2, FMA and F16C.  Compiled for that processor; any thread:
 * nothing is kept. */
#include <cpuid.h>

#include "model/strip_avx2.h"

#include "model/inline.h"
#include "model/kernels_x86.h"

#include "model/strip_matmul.h"
#include "model/strip_rows.h"

#include "model/strip_attend.h"

#define VECTOR_BYTES 32
#include "model/weigh.h"

/* Four numbers along the depth, widened, four times. */
INLINE __m256i
load_quad(const int8_t *x)
{
	int32_t quad;

	memcpy(&quad, x, sizeof quad);
	return _mm256_broadcastq_epi64(
		_mm_cvtepi8_epi16(_mm_cvtsi32_si128(quad)));
}

/* Products of a strip and four numbers: two sums for each of its rows. */
INLINE void
add_quad(__m256i sums[4], const __m128i bytes[4], const int8_t *x)
{
	__m256i quad = load_quad(x);

	EACH (int i = 0; i < 4; i++)
		sums[i] = _mm256_add_epi32(
			sums[i], _mm256_madd_epi16(
					 _mm256_cvtepu8_epi16(bytes[i]), quad));
}

INLINE void
block_int8(__m256i sums[4], const uint8_t *weights, const int8_t *x)
{
	for (int k = 0; k < QUANT_BLOCK; k += 4, weights += 4 * PANEL_ROWS) {
		__m128i bytes[4];
		EACH (int i = 0; i < 4; i++)
			bytes[i] =
				_mm_loadu_si128((const __m128i *)weights + i);
		add_quad(sums, bytes, x + k);
	}
}

INLINE void
block_int4(__m256i sums[4], const uint8_t *weights, const int8_t *x)
{
	const __m128i mask = _mm_set1_epi8(15);

	for (int k = 0; k < QUANT_BLOCK; k += 8, weights += 4 * PANEL_ROWS) {
		__m128i low[4], high[4];
		EACH (int i = 0; i < 4; i++) {
			__m128i bytes =
				_mm_loadu_si128((const __m128i *)weights + i);
			low[i] = _mm_and_si128(bytes, mask);
			high[i] = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
		}
		add_quad(sums, low, x + k);
		add_quad(sums, high, x + k + 4);
	}
}

/* The two sums of each row become one, in the order of the rows. */
INLINE __m256
join_pairs(__m256i a, __m256i b, __m256i offset)
{
	__m256i sums = _mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xd8);

	return _mm256_cvtepi32_ps(_mm256_add_epi32(sums, offset));
}

typedef void block_fn(__m256i sums[4], const uint8_t *weights, const int8_t *x);

/* What of a panel passes at once, for all rows: it stays in the first cache. */
#define CHUNK_BLOCKS 4

/* Some blocks of the depth for one row, whose sums are in out. */
INLINE void
add_blocks(float *out, block_fn *block, size_t block_bytes,
	   const uint8_t *weights, int first_strip, int strips, const int8_t *x,
	   const struct quant_block *scales, int n_blocks)
{
	for (int b = 0; b < n_blocks; b++, weights += block_bytes)
		for (int s = first_strip; s < first_strip + strips; s++) {
			__m256i sums[4];
			EACH (int i = 0; i < 4; i++)
				sums[i] = _mm256_setzero_si256();
			block(sums, weights + 2 * PANEL_ROWS + 64 * s,
			      x + b * QUANT_BLOCK);
			__m256i offset = _mm256_set1_epi32(scales[b].offset);
			strip whole = {join_pairs(sums[0], sums[1], offset),
				       join_pairs(sums[2], sums[3], offset)};
			strip scale = strip_mul(
				strip_load_bf16((const uint16_t *)weights +
						STRIP_ROWS * s),
				strip_set(scales[b].scale));
			strip sum = strip_load(out + s * STRIP_ROWS);
			strip_store(out + s * STRIP_ROWS,
				    strip_fma(whole, scale, sum));
		}
}

INLINE void
matmul_blocks(block_fn *block, size_t block_bytes, float *out,
	      const void *panel, int first_strip, int n_strips,
	      const struct activations *x, int first, int n)
{
	int n_blocks = x->depth / QUANT_BLOCK;

	for (int i = 0; i < n; i++)
		memset(out + i * PANEL_ROWS + first_strip * STRIP_ROWS, 0,
		       (size_t)n_strips * STRIP_ROWS * sizeof *out);
	for (int b = 0; b < n_blocks; b += CHUNK_BLOCKS) {
		int left = n_blocks - b;
		const uint8_t *weights =
			(const uint8_t *)panel + b * block_bytes;
		for (int i = 0; i < n; i++)
			add_blocks(out + i * PANEL_ROWS, block, block_bytes,
				   weights, first_strip, n_strips,
				   x->quants + (size_t)(first + i) * x->depth +
					   b * QUANT_BLOCK,
				   x->blocks + (size_t)(first + i) * n_blocks +
					   b,
				   left < CHUNK_BLOCKS ? left : CHUNK_BLOCKS);
	}
}

void
matmul_int8_avx2(float *out, const void *panel, int first_strip, int n_strips,
		 const struct activations *x, int first, int n)
{
	matmul_blocks(block_int8, INT8_BLOCK_BYTES, out, panel, first_strip,
		      n_strips, x, first, n);
}

void
matmul_int4_avx2(float *out, const void *panel, int first_strip, int n_strips,
		 const struct activations *x, int first, int n)
{
	matmul_blocks(block_int4, INT4_BLOCK_BYTES, out, panel, first_strip,
		      n_strips, x, first, n);
}

/* --- Keys and values in int8: two sums for each lane, joined at the end */

#define INT8_ROWS 1

typedef struct {
	__m256i part[4]; /* as words */
} quads;

struct dots {
	__m256i part[4];
};

INLINE quads
load_keys(const uint8_t *bytes)
{
	quads words;

	EACH (int i = 0; i < 4; i++)
		words.part[i] = _mm256_cvtepu8_epi16(
			_mm_loadu_si128((const __m128i *)bytes + i));
	return words;
}

INLINE quads
load_values(const uint8_t *bytes)
{
	quads words;

	EACH (int i = 0; i < 4; i++)
		words.part[i] = _mm256_cvtepi8_epi16(
			_mm_loadu_si128((const __m128i *)bytes + i));
	return words;
}

INLINE void
add_words(struct dots *dots, quads words, __m256i quad)
{
	EACH (int i = 0; i < 4; i++)
		dots->part[i] = _mm256_add_epi32(
			dots->part[i], _mm256_madd_epi16(words.part[i], quad));
}

INLINE void
add_keys(struct dots *dots, quads keys, const int8_t *x)
{
	add_words(dots, keys, load_quad(x));
}

INLINE void
add_values(struct dots *dots, quads values, const uint8_t *x)
{
	int32_t quad;

	memcpy(&quad, x, sizeof quad);
	add_words(dots, values,
		  _mm256_broadcastq_epi64(
			  _mm_cvtepu8_epi16(_mm_cvtsi32_si128(quad))));
}

INLINE strip
join_dots(struct dots dots, int offset)
{
	__m256i offsets = _mm256_set1_epi32(offset);

	return (strip){join_pairs(dots.part[0], dots.part[1], offsets),
		       join_pairs(dots.part[2], dots.part[3], offsets)};
}

INLINE void
put_values(int8_t *to, strip x, int place)
{
	int8_t quants[STRIP_ROWS];

	strip_store_int8(quants, x);
	for (int i = 0; i < STRIP_ROWS; i++)
		to[4 * i + place] = quants[i];
}

#include "model/strip_attend_int8.h"

void
attend_int8_avx2(const struct attention *a)
{
	attend_int8(a);
}

void
keep_int8_avx2(void *keys, void *values, const float *key, const float *value,
	       int width, int position)
{
	keep_int8(keys, values, key, value, width, position);
}

static bool
is_supported(void)
{
	unsigned int a, b, c, d;

	/* Not every compiler knows the name of F16C. */
	return __builtin_cpu_supports("avx2") &&
	       __builtin_cpu_supports("fma") &&
	       __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

const struct kernels kernels_avx2 = {
	.name = "avx2",
	.is_supported = is_supported,
	.matmul = {matmul_f32, matmul_bf16, matmul_int8_avx2, matmul_int4_avx2},
	.finish = {finish_plain, finish_add, finish_gelu},
	.layernorm = layernorm,
	.quantize = quantize,
	.softmax = softmax,
	.attend = {attend_f32, attend_f16, attend_int8_avx2},
	.keep = {kv_keep_f32, keep_f16, keep_int8_avx2},
	.weigh = weigh,
	.mend = mend,
};
