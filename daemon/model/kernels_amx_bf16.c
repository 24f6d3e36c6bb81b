/* Products with weights in bf16 by the tiles of AMX.  Compiled for that
 * processor; any thread: a thread has its tiles configured for as long as a
 * product takes.
 *
 * An activation is the sum of two numbers in bf16, which have 16 bits of it
 * together.  For 32 places of the depth a tile makes two chains of fused sums
 * from zero, one over the even places and one over the odd ones, and adds the
 * sum of both to what it had; numbers below the normal ones are zero to it.  A
 * few rows, for which a tile is not worth while, do the same in vectors, to the
 * bit. */
#include "model/inline.h"
#include "model/kernels_x86.h"
#include "model/tiles.h"

#define TILE_DEPTH 32
/* Of weights that stay in the first cache while all rows pass. */
#define CHUNK_DEPTH (4 * TILE_DEPTH)
/* Rows that need no tiles. */
#define FEW_ROWS 3
/* How far ahead of their use weights are asked for, in bytes. */
#define AHEAD 4096

static inline __m512i
round_to_halves(__m512 x)
{
	__m512i bits = _mm512_castps_si512(x);
	__m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16),
				       _mm512_set1_epi32(1));

	bits = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF));
	return _mm512_srli_epi32(_mm512_add_epi32(bits, odd), 16);
}

void
split_amx(uint16_t *halves, const float *in, int depth)
{
	for (int i = 0; i < depth; i += 16) {
		__m512 x = _mm512_loadu_ps(in + i);
		__m512i high = round_to_halves(x);
		__m512 rest = _mm512_sub_ps(
			x, _mm512_castsi512_ps(_mm512_slli_epi32(high, 16)));
		_mm256_storeu_si256((__m256i *)(halves + i),
				    _mm512_cvtepi32_epi16(high));
		_mm256_storeu_si256(
			(__m256i *)(halves + depth + i),
			_mm512_cvtepi32_epi16(round_to_halves(rest)));
	}
}

/* A part of the depth: weights from the first strip on, halves of the first
 * row, out of that row and strip. */
struct part {
	float *out;
	const char *weights;
	const uint16_t *halves;
	int depth, n_places;
	bool is_first; /* out has nothing yet */
	bool is_ahead; /* weights are fetched ahead */
};

/* --- Few rows */

/* The chains of the coarse halves and of the fine ones. */
struct chains {
	__m512 even, odd;
};

INLINE __m512
broadcast_half(uint16_t half)
{
	return _mm512_castsi512_ps(
		_mm512_set1_epi32((int)((uint32_t)half << 16)));
}

INLINE void
add_pair(struct chains *chains, __m512 even, __m512 odd, const uint16_t *x)
{
	chains->even =
		_mm512_fmadd_ps(broadcast_half(x[0]), even, chains->even);
	chains->odd = _mm512_fmadd_ps(broadcast_half(x[1]), odd, chains->odd);
}

/* TILE_DEPTH places: sums (strips) += those of one row */
INLINE void
add_places(__m512 *sums, const struct part *part, int place, int strips)
{
	struct chains coarse[PANEL_STRIPS], fine[PANEL_STRIPS];
	const char *weights = part->weights + 2 * PANEL_ROWS * place;
	const uint16_t *x = part->halves + place;

	EACH (int s = 0; s < strips; s++)
		coarse[s] = fine[s] = (struct chains){_mm512_setzero_ps(),
						      _mm512_setzero_ps()};
	for (int k = 0; k < TILE_DEPTH; k += 2, weights += 4 * PANEL_ROWS)
		EACH (int s = 0; s < strips; s++) {
			if (part->is_ahead)
				_mm_prefetch(weights + AHEAD + 64 * s,
					     _MM_HINT_T0);
			__m512i pairs = _mm512_loadu_si512(weights + 64 * s);
			__m512 even = _mm512_castsi512_ps(
				_mm512_slli_epi32(pairs, 16));
			__m512 odd = _mm512_castsi512_ps(_mm512_and_si512(
				pairs, _mm512_set1_epi32((int)0xffff0000)));
			add_pair(coarse + s, even, odd, x + k);
			add_pair(fine + s, even, odd, x + part->depth + k);
		}
	EACH (int s = 0; s < strips; s++) {
		sums[s] = _mm512_add_ps(
			sums[s], _mm512_add_ps(coarse[s].even, coarse[s].odd));
		sums[s] = _mm512_add_ps(
			sums[s], _mm512_add_ps(fine[s].even, fine[s].odd));
	}
}

INLINE void
run_row(const struct part *part, int strips)
{
	__m512 sums[PANEL_STRIPS];

	EACH (int s = 0; s < strips; s++)
		sums[s] = part->is_first ? _mm512_setzero_ps()
					 : _mm512_loadu_ps(part->out + 16 * s);
	for (int k = 0; k < part->n_places; k += TILE_DEPTH)
		add_places(sums, part, k, strips);
	EACH (int s = 0; s < strips; s++)
		_mm512_storeu_ps(part->out + 16 * s, sums[s]);
}

INLINE void
run_rows(struct part part, int n, int strips)
{
	for (int i = 0; i < n; i++) {
		part.is_ahead = i == 0;
		run_row(&part, strips);
		part.out += PANEL_ROWS;
		part.halves += 2 * part.depth;
	}
}

/* --- Tiles: those of sums are of a strip each, and those of rows of the coarse
 * halves and of the fine ones */

/* The bytes of TILE_DEPTH halves. */
#define DEPTH_BYTES (2 * TILE_DEPTH)

/* Tiles are named by figures: they become part of the instruction's name. */
#define ADD_STRIP(strip, weight_tile, weights)                     \
	do {                                                       \
		_tile_loadd(weight_tile, (weights) + 64 * (strip), \
			    4 * PANEL_ROWS);                       \
		_tile_dpbf16ps(strip, 4, weight_tile);             \
		_tile_dpbf16ps(strip, 5, weight_tile);             \
	} while (0)

#define BEGIN_STRIP(strip, part)                                       \
	do {                                                           \
		if ((part)->is_first)                                  \
			_tile_zero(strip);                             \
		else                                                   \
			_tile_loadd(strip, (part)->out + 16 * (strip), \
				    4 * PANEL_ROWS);                   \
	} while (0)

#define END_STRIP(strip, part) \
	_tile_stored(strip, (part)->out + 16 * (strip), 4 * PANEL_ROWS)

/* As many rows as tiles are configured for. */
static void
run_tile(const struct part *part)
{
	size_t apart = 4 * (size_t)part->depth;

	BEGIN_STRIP(0, part);
	BEGIN_STRIP(1, part);
	BEGIN_STRIP(2, part);
	BEGIN_STRIP(3, part);
	for (int k = 0; k < part->n_places; k += TILE_DEPTH) {
		const char *weights = part->weights + 2 * PANEL_ROWS * k;
		_tile_loadd(4, part->halves + k, apart);
		_tile_loadd(5, part->halves + part->depth + k, apart);
		ADD_STRIP(0, 6, weights);
		ADD_STRIP(1, 7, weights);
		ADD_STRIP(2, 6, weights);
		ADD_STRIP(3, 7, weights);
	}
	END_STRIP(0, part);
	END_STRIP(1, part);
	END_STRIP(2, part);
	END_STRIP(3, part);
}

/* The part after this one. */
static void
fetch_part(const struct part *part)
{
	const char *next = part->weights + 2 * PANEL_ROWS * part->n_places;

	for (int i = 0; i < 2 * PANEL_ROWS * part->n_places; i += 64)
		_mm_prefetch(next + i, _MM_HINT_T1);
}

static void
run_tiles(struct part part, int n)
{
	int rest = n % TILE_ROWS;

	fetch_part(&part);
	configure_tiles(TILE_ROWS, DEPTH_BYTES);
	for (; n >= TILE_ROWS; n -= TILE_ROWS) {
		run_tile(&part);
		part.out += TILE_ROWS * PANEL_ROWS;
		part.halves += 2 * TILE_ROWS * part.depth;
	}
	if (rest > 0) {
		configure_tiles(rest, DEPTH_BYTES);
		run_tile(&part);
	}
}

/* What is below the normal numbers is zero to vectors, too, as long. */
#define ZERO_SUBNORMAL 0x8040

void
matmul_bf16_amx(float *out, const void *panel, int first_strip, int n_strips,
		const struct activations *x, int first, int n)
{
	unsigned int state = _mm_getcsr();
	bool has_tiles = n_strips == PANEL_STRIPS && n > FEW_ROWS;

	_mm_setcsr(state | ZERO_SUBNORMAL);
	for (int k = 0; k < x->depth; k += CHUNK_DEPTH) {
		int left = x->depth - k;
		struct part part = {
			.out = out + first_strip * STRIP_ROWS,
			.weights = (const char *)panel + 2 * PANEL_ROWS * k +
				   64 * first_strip,
			.halves = x->halves + 2 * (size_t)first * x->depth + k,
			.depth = x->depth,
			.n_places = left < CHUNK_DEPTH ? left : CHUNK_DEPTH,
			.is_first = k == 0,
		};
		if (has_tiles)
			run_tiles(part, n);
		else if (n_strips == PANEL_STRIPS)
			run_rows(part, n, PANEL_STRIPS);
		else
			run_rows(part, n, 1);
	}
	if (has_tiles)
		_tile_release();
	_mm_setcsr(state);
}
