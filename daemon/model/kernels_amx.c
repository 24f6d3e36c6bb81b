/* Products of many rows with int8 and int4 weights by the tiles of AMX.
 * Compiled for that processor; any thread: a thread has its tiles configured
 * for as long as a product takes.
 *
 * A tile is 16 rows times one strip, and one block of the depth goes into it:
 * whole numbers, which are exact in whatever order they are added.  What is
 * done with them afterwards is what kernels_vnni.c does, so that rows which
 * fill no tile are left to that, and a row has the same bits here and there. */
#include <cpuid.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/inline.h"
#include "model/kernels_x86.h"
#include "model/tiles.h"

#define QUADS (QUANT_BLOCK / 4)

/* Blocks at a time: one for each tile of sums. */
#define GROUP 4

/* One block of one strip as (QUADS, 64) with its zero point taken off, which
 * leaves nothing to be added to the sums of each row. */
typedef void unpack_fn(uint8_t room[QUADS * 64], const uint8_t *weights);

INLINE void
unpack_int8(uint8_t room[QUADS * 64], const uint8_t *weights)
{
	const __m512i zero_point = _mm512_set1_epi8((char)ZERO_POINT_INT8);

	EACH (int i = 0; i < QUADS; i++) {
		__m512i bytes =
			_mm512_loadu_si512(weights + i * 4 * PANEL_ROWS);
		_mm512_store_si512(room + 64 * i,
				   _mm512_sub_epi8(bytes, zero_point));
	}
}

INLINE void
unpack_int4(uint8_t room[QUADS * 64], const uint8_t *weights)
{
	const __m512i mask = _mm512_set1_epi8(15);
	const __m512i zero_point = _mm512_set1_epi8(ZERO_POINT_INT4);

	EACH (int i = 0; i < QUADS; i += 2) {
		__m512i bytes =
			_mm512_loadu_si512(weights + i * 2 * PANEL_ROWS);
		__m512i low = _mm512_and_si512(bytes, mask);
		__m512i high =
			_mm512_and_si512(_mm512_srli_epi16(bytes, 4), mask);
		_mm512_store_si512(room + 64 * i,
				   _mm512_sub_epi8(low, zero_point));
		_mm512_store_si512(room + 64 * (i + 1),
				   _mm512_sub_epi8(high, zero_point));
	}
}

/* The group after this one. */
INLINE void
fetch_group(const uint8_t *weights, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 64)
		_mm_prefetch((const char *)weights + bytes + i, _MM_HINT_T1);
}

/* What a block adds to 16 rows of one strip. */
INLINE void
add_sums(__m512 out[TILE_ROWS], const int32_t *sums, const uint8_t *scales,
	 const struct quant_block *blocks, int n_blocks)
{
	__m256i halves = _mm256_loadu_si256((const __m256i *)scales);
	__m512 scale = _mm512_castsi512_ps(
		_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));

	EACH (int r = 0; r < TILE_ROWS; r++) {
		const struct quant_block *block = blocks + r * n_blocks;
		__m512i sum = _mm512_load_si512(sums + r * STRIP_ROWS);
		out[r] = _mm512_fmadd_ps(
			_mm512_cvtepi32_ps(sum),
			_mm512_mul_ps(scale, _mm512_set1_ps(block->scale)),
			out[r]);
	}
}

/* One block of one strip times 16 rows.  Tiles are named by figures: they
 * become part of the instruction's name. */
#define MULTIPLY(sum_tile, row_tile, weight_tile, rows, apart, room) \
	do {                                                         \
		_tile_zero(sum_tile);                                \
		_tile_loadd(row_tile, rows, apart);                  \
		_tile_loadd(weight_tile, room, 64);                  \
		_tile_dpbssd(sum_tile, row_tile, weight_tile);       \
	} while (0)

struct tile_sums {
	alignas(64) int32_t sums[GROUP][TILE_ROWS * STRIP_ROWS];
	alignas(64) uint8_t room[GROUP][QUADS * 64];
};

/* One to GROUP blocks; what is beyond n is multiplied for nothing. */
INLINE void
multiply_group(struct tile_sums *tiles, const int8_t *rows, int row_stride,
	       int n)
{
	/* gcc does not know that tiles read room. */
	__asm__ volatile("" : : : "memory");
	MULTIPLY(0, 4, 6, rows, row_stride, tiles->room[0]);
	MULTIPLY(1, 5, 7, rows + (n > 1) * QUANT_BLOCK, row_stride,
		 tiles->room[1]);
	MULTIPLY(2, 4, 6, rows + (n > 2) * 2 * QUANT_BLOCK, row_stride,
		 tiles->room[2]);
	MULTIPLY(3, 5, 7, rows + (n > 3) * 3 * QUANT_BLOCK, row_stride,
		 tiles->room[3]);
	_tile_stored(0, tiles->sums[0], 64);
	_tile_stored(1, tiles->sums[1], 64);
	_tile_stored(2, tiles->sums[2], 64);
	_tile_stored(3, tiles->sums[3], 64);
}

/* A strip of one to GROUP blocks from b on, in room and with scales; out
 * (TILE_ROWS, PANEL_ROWS), from that strip on. */
struct group {
	const uint8_t *scales;
	size_t block_bytes;
	int b, n;
};

/* out += the group times 16 rows */
INLINE void
run_group(struct tile_sums *tiles, const struct group *group, float *out,
	  const struct activations *x, int first)
{
	int n_blocks = x->depth / QUANT_BLOCK;
	const struct quant_block *blocks =
		x->blocks + (size_t)first * n_blocks + group->b;
	__m512 outs[TILE_ROWS];

	multiply_group(tiles,
		       x->quants + (size_t)first * x->depth +
			       group->b * QUANT_BLOCK,
		       x->depth, group->n);
	EACH (int r = 0; r < TILE_ROWS; r++)
		outs[r] = _mm512_loadu_ps(out + r * PANEL_ROWS);
	for (int i = 0; i < group->n; i++)
		add_sums(outs, tiles->sums[i],
			 group->scales + i * group->block_bytes, blocks + i,
			 n_blocks);
	EACH (int r = 0; r < TILE_ROWS; r++)
		_mm512_storeu_ps(out + r * PANEL_ROWS, outs[r]);
}

/* One strip of a group times n rows.  So few weights stay in the first cache
 * while all rows pass. */
INLINE void
run_strip(unpack_fn *unpack, struct tile_sums *tiles, const uint8_t *weights,
	  struct group group, int strip, float *out,
	  const struct activations *x, int first, int n)
{
	for (int i = 0; i < group.n; i++)
		unpack(tiles->room[i], weights + i * group.block_bytes +
					       2 * PANEL_ROWS + 64 * strip);
	group.scales = weights + 32 * strip;
	for (int i = 0; i < n; i += TILE_ROWS)
		run_group(tiles, &group,
			  out + i * PANEL_ROWS + strip * STRIP_ROWS, x,
			  first + i);
}

/* n is a multiple of TILE_ROWS. */
INLINE void
run_tiles(unpack_fn *unpack, size_t block_bytes, float *out,
	  const uint8_t *panel, int first_strip, int n_strips,
	  const struct activations *x, int first, int n)
{
	int n_blocks = x->depth / QUANT_BLOCK;

	for (int i = 0; i < n; i++)
		memset(out + i * PANEL_ROWS + first_strip * STRIP_ROWS, 0,
		       (size_t)n_strips * STRIP_ROWS * sizeof *out);
	configure_tiles(TILE_ROWS, QUANT_BLOCK);
	/* Tiles beyond the last block multiply what is here. */
	struct tile_sums tiles;
	memset(tiles.room, 0, sizeof tiles.room);
	for (int b = 0; b < n_blocks; b += GROUP) {
		int left = n_blocks - b;
		struct group group = {NULL, block_bytes, b,
				      left < GROUP ? left : GROUP};
		const uint8_t *weights = panel + b * block_bytes;
		fetch_group(weights, GROUP * block_bytes);
		for (int s = first_strip; s < first_strip + n_strips; s++)
			run_strip(unpack, &tiles, weights, group, s, out, x,
				  first, n);
	}
	_tile_release();
}

INLINE void
matmul_tiles(unpack_fn *unpack, size_t block_bytes, matmul_fn *rest, float *out,
	     const void *panel, int first_strip, int n_strips,
	     const struct activations *x, int first, int n)
{
	int n_tiled = n / TILE_ROWS * TILE_ROWS;

	if (n_tiled > 0)
		run_tiles(unpack, block_bytes, out, panel, first_strip,
			  n_strips, x, first, n_tiled);
	if (n_tiled < n)
		rest(out + n_tiled * PANEL_ROWS, panel, first_strip, n_strips,
		     x, first + n_tiled, n - n_tiled);
}

void
matmul_int8_amx(float *out, const void *panel, int first_strip, int n_strips,
		const struct activations *x, int first, int n)
{
	matmul_tiles(unpack_int8, INT8_BLOCK_BYTES, matmul_int8_vnni, out,
		     panel, first_strip, n_strips, x, first, n);
}

void
matmul_int4_amx(float *out, const void *panel, int first_strip, int n_strips,
		const struct activations *x, int first, int n)
{
	matmul_tiles(unpack_int4, INT4_BLOCK_BYTES, matmul_int4_vnni, out,
		     panel, first_strip, n_strips, x, first, n);
}

/* The system gives tiles to a process that asks for them. */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_TILES 18
/* amx-bf16, amx-tile, amx-int8 */
#define CPUID_TILES (1U << 22 | 1U << 24 | 1U << 25)

bool
is_amx_supported(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
	       (d & CPUID_TILES) == CPUID_TILES &&
	       syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_TILES) ==
		       0;
}
