/* Products with int8 and int4 weights by the dot products of AVX-512.
 * Compiled for that processor; any thread: nothing is kept. */
#include <immintrin.h>
#include <string.h>

#include "model/inline.h"
#include "model/kernels_x86.h"

#define TILE_ROWS 3
/* Of weights that stay in the first cache while all rows pass. */
#define CHUNK_BLOCKS 4
/* How far ahead of their use weights are asked for, in bytes. */
#define AHEAD 4096

/* x (rows, depth) as whole numbers, from some block of the depth on; out (rows,
 * PANEL_ROWS) has the sums of the blocks before. */
struct tile {
	float *out;
	const uint8_t *weights;
	const int8_t *x;
	const struct quant_block *scales;
	int depth, n_blocks, first_strip;
	bool is_ahead; /* weights are fetched ahead */
};

typedef __m512i sums_of_block[TILE_ROWS][PANEL_STRIPS];

/* Four numbers along the depth for each row. */
INLINE void
add_quads(sums_of_block sums, const __m512i *weights, const int8_t *x,
	  int depth, int rows, int strips)
{
	EACH (int r = 0; r < rows; r++) {
		int32_t quad;
		memcpy(&quad, x + r * depth, sizeof quad);
		__m512i value = _mm512_set1_epi32(quad);
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = _mm512_dpbusd_epi32(sums[r][s], weights[s],
							 value);
	}
}

INLINE void
load_bytes(__m512i *bytes, const struct tile *tile, const uint8_t *weights,
	   int strips)
{
	EACH (int s = 0; s < strips; s++) {
		if (tile->is_ahead)
			_mm_prefetch((const char *)weights + AHEAD + 64 * s,
				     _MM_HINT_T0);
		bytes[s] = _mm512_loadu_si512(weights + 64 * s);
	}
}

INLINE void
block_int8(sums_of_block sums, const struct tile *tile, const uint8_t *weights,
	   const int8_t *x, int rows, int strips)
{
	EACH (int k = 0; k < QUANT_BLOCK; k += 4) {
		__m512i bytes[PANEL_STRIPS];
		load_bytes(bytes, tile, weights + k * PANEL_ROWS, strips);
		add_quads(sums, bytes, x + k, tile->depth, rows, strips);
	}
}

INLINE void
block_int4(sums_of_block sums, const struct tile *tile, const uint8_t *weights,
	   const int8_t *x, int rows, int strips)
{
	const __m512i mask = _mm512_set1_epi8(15);

	EACH (int k = 0; k < QUANT_BLOCK; k += 8) {
		__m512i bytes[PANEL_STRIPS], low[PANEL_STRIPS];
		load_bytes(bytes, tile, weights + k / 2 * PANEL_ROWS, strips);
		EACH (int s = 0; s < strips; s++) {
			low[s] = _mm512_and_si512(bytes[s], mask);
			bytes[s] = _mm512_and_si512(
				_mm512_srli_epi16(bytes[s], 4), mask);
		}
		add_quads(sums, low, x + k, tile->depth, rows, strips);
		add_quads(sums, bytes, x + k + 4, tile->depth, rows, strips);
	}
}

INLINE __m512
load_scales(const uint8_t *scales)
{
	__m256i halves = _mm256_loadu_si256((const __m256i *)scales);

	return _mm512_castsi512_ps(
		_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

typedef void block_fn(sums_of_block sums, const struct tile *tile,
		      const uint8_t *weights, const int8_t *x, int rows,
		      int strips);

INLINE void
run_tile(block_fn *block, size_t block_bytes, const struct tile *tile, int rows,
	 int strips)
{
	__m512 out[TILE_ROWS][PANEL_STRIPS];
	const uint8_t *weights = tile->weights;
	int stride = tile->depth / QUANT_BLOCK;

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			out[r][s] = _mm512_loadu_ps(tile->out + r * PANEL_ROWS +
						    s * STRIP_ROWS);
	for (int b = 0; b < tile->n_blocks; b++, weights += block_bytes) {
		sums_of_block sums;
		const struct quant_block *scales = tile->scales + b;
		EACH (int r = 0; r < rows; r++)
			EACH (int s = 0; s < strips; s++)
				sums[r][s] = _mm512_set1_epi32(
					scales[r * stride].offset);
		block(sums, tile,
		      weights + 2 * PANEL_ROWS + 64 * tile->first_strip,
		      tile->x + b * QUANT_BLOCK, rows, strips);
		EACH (int s = 0; s < strips; s++) {
			__m512 scale = load_scales(
				weights + 32 * (tile->first_strip + s));
			EACH (int r = 0; r < rows; r++)
				out[r][s] = _mm512_fmadd_ps(
					_mm512_cvtepi32_ps(sums[r][s]),
					_mm512_mul_ps(scale,
						      _mm512_set1_ps(
							      scales[r * stride]
								      .scale)),
					out[r][s]);
		}
	}
	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			_mm512_storeu_ps(tile->out + r * PANEL_ROWS +
						 s * STRIP_ROWS,
					 out[r][s]);
}

/* Rows and strips are constants in each call, so that sums are registers. */
INLINE void
chunk_rows(block_fn *block, size_t block_bytes, struct tile tile, int n,
	   int strips)
{
	for (int i = 0; i < n; i += TILE_ROWS) {
		tile.is_ahead = i == 0;
		if (n - i >= 3)
			run_tile(block, block_bytes, &tile, 3, strips);
		else if (n - i == 2)
			run_tile(block, block_bytes, &tile, 2, strips);
		else
			run_tile(block, block_bytes, &tile, 1, strips);
		tile.out += TILE_ROWS * PANEL_ROWS;
		tile.x += TILE_ROWS * tile.depth;
		tile.scales += TILE_ROWS * (tile.depth / QUANT_BLOCK);
	}
}

INLINE void
matmul_strips(block_fn *block, size_t block_bytes, float *out,
	      const void *panel, int first_strip, int strips,
	      const struct activations *x, int first, int n)
{
	int n_blocks = x->depth / QUANT_BLOCK;

	out += first_strip * STRIP_ROWS;
	for (int i = 0; i < n; i++)
		memset(out + i * PANEL_ROWS, 0,
		       (size_t)strips * STRIP_ROWS * sizeof *out);
	for (int b = 0; b < n_blocks; b += CHUNK_BLOCKS) {
		int left = n_blocks - b;
		struct tile tile = {
			.out = out,
			.weights = (const uint8_t *)panel + b * block_bytes,
			.x = x->quants + (size_t)first * x->depth +
			     b * QUANT_BLOCK,
			.scales = x->blocks + (size_t)first * n_blocks + b,
			.depth = x->depth,
			.n_blocks = left < CHUNK_BLOCKS ? left : CHUNK_BLOCKS,
			.first_strip = first_strip,
		};
		chunk_rows(block, block_bytes, tile, n, strips);
	}
}

void
matmul_int8_vnni(float *out, const void *panel, int first_strip, int n_strips,
		 const struct activations *x, int first, int n)
{
	if (n_strips == PANEL_STRIPS)
		matmul_strips(block_int8, INT8_BLOCK_BYTES, out, panel, 0,
			      PANEL_STRIPS, x, first, n);
	else
		matmul_strips(block_int8, INT8_BLOCK_BYTES, out, panel,
			      first_strip, 1, x, first, n);
}

void
matmul_int4_vnni(float *out, const void *panel, int first_strip, int n_strips,
		 const struct activations *x, int first, int n)
{
	if (n_strips == PANEL_STRIPS)
		matmul_strips(block_int4, INT4_BLOCK_BYTES, out, panel, 0,
			      PANEL_STRIPS, x, first, n);
	else
		matmul_strips(block_int4, INT4_BLOCK_BYTES, out, panel,
			      first_strip, 1, x, first, n);
}
