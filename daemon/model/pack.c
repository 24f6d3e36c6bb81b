/* From numbers to panels, a tile at a time: QUANT_BLOCK places along the depth
 * of all rows of a panel, the rows side by side, four of them in a vector that
 * every processor has.  Vectors are written out, as compilers make none of
 * loops with comparisons.  Each row's numbers come out as if it were alone.
 * Any thread: nothing is kept. */
#include <stdbool.h>
#include <string.h>

#include "model/half.h"
#include "model/packed.h"

#define QUAD 4
#define ROW_QUADS (PANEL_ROWS / QUAD)

typedef float quad __attribute__((vector_size(QUAD * sizeof(float))));
typedef int32_t whole_quad __attribute__((vector_size(QUAD * sizeof(int32_t))));
typedef uint32_t bits_quad
	__attribute__((vector_size(QUAD * sizeof(uint32_t))));

union tile {
	float numbers[QUANT_BLOCK][PANEL_ROWS];
	quad quads[QUANT_BLOCK][ROW_QUADS];
};

/* ---- Reading */

static bool
is_inside(const struct packed *packed, int row, int k)
{
	return row + PANEL_ROWS <= packed->n_rows &&
	       k + QUANT_BLOCK <= packed->depth;
}

/* Rows side by side, as in most of a file's matrices. */
static void
read_turned(union tile *tile, const float *from, size_t depth_stride)
{
	for (int i = 0; i < QUANT_BLOCK; i++)
		memcpy(tile->numbers[i], from + (size_t)i * depth_stride,
		       sizeof tile->numbers[i]);
}

/* Places side by side, as in the embedding. */
static void
read_straight(union tile *tile, const float *from, size_t row_stride)
{
	for (int lane = 0; lane < PANEL_ROWS; lane++)
		for (int i = 0; i < QUANT_BLOCK; i++)
			tile->numbers[i][lane] =
				from[(size_t)lane * row_stride + (size_t)i];
}

/* At the edges of the matrix, where zeros fill up. */
static void
read_edge(union tile *tile, const struct packed *packed,
	  const struct matrix *matrix, int row, int k)
{
	memset(tile, 0, sizeof *tile);
	for (int i = 0; i < QUANT_BLOCK && k + i < packed->depth; i++)
		for (int lane = 0;
		     lane < PANEL_ROWS && row + lane < packed->n_rows; lane++)
			tile->numbers[i][lane] =
				matrix->numbers[(size_t)(row + lane) *
							matrix->row_stride +
						(size_t)(k + i) *
							matrix->depth_stride];
}

static void
read_tile(union tile *tile, const struct packed *packed,
	  const struct matrix *matrix, int row, int k)
{
	const float *from = matrix->numbers + (size_t)row * matrix->row_stride +
			    (size_t)k * matrix->depth_stride;

	if (!is_inside(packed, row, k))
		read_edge(tile, packed, matrix, row, k);
	else if (matrix->row_stride == 1)
		read_turned(tile, from, matrix->depth_stride);
	else if (matrix->depth_stride == 1)
		read_straight(tile, from, matrix->row_stride);
	else
		read_edge(tile, packed, matrix, row, k);
}

/* ---- Numbers of four rows */

static inline quad
quad_where(whole_quad mask, quad yes, quad no)
{
	return (quad)((mask & (whole_quad)yes) | (~mask & (whole_quad)no));
}

static inline quad
quad_min(quad a, quad b)
{
	return quad_where(a < b, a, b);
}

static inline quad
quad_max(quad a, quad b)
{
	return quad_where(a > b, a, b);
}

static inline quad
quad_abs(quad a)
{
	return (quad)((bits_quad)a & 0x7FFFFFFF);
}

static inline quad
quad_set(float number)
{
	return (quad){number, number, number, number};
}

/* The nearest whole number, ties to even, of one below 2^22: where the last
 * place of a float is 1, adding rounds. */
static inline quad
quad_nearest(quad a)
{
	return a + 0x1.8p23F - 0x1.8p23F;
}

/* bfloat_of_float() and bfloat_to_float() */
static inline bits_quad
quad_halve(quad a)
{
	bits_quad bits = (bits_quad)a;

	return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

static inline quad
quad_unhalve(bits_quad halves)
{
	return (quad)(halves << 16);
}

/* What to divide by: where there is no scale, all becomes 0. */
static inline quad
quad_divisor(quad scale)
{
	return quad_where(scale != 0, scale, quad_set(__builtin_inff()));
}

/* Of each row the number that is largest without its sign; the first one. */
static inline quad
find_largest(const union tile *tile, int q)
{
	quad max = {0};

	for (int i = 0; i < QUANT_BLOCK; i++) {
		quad numbers = tile->quads[i][q];
		max = quad_where(quad_abs(numbers) > quad_abs(max), numbers,
				 max);
	}
	return max;
}

/* The scale by which the largest becomes 127, rounded away from zero, so that
 * nothing exceeds that. */
static inline bits_quad
find_scale_int8(const union tile *tile, int q)
{
	quad scale = quad_abs(find_largest(tile, q)) / 127;
	bits_quad halves = quad_halve(scale);

	return halves - (bits_quad)(quad_unhalve(halves) < scale);
}

/* What is tried for int4, and how good it is. */
struct best_int4 {
	bits_quad halves;
	quad error;
};

static inline void
keep_better(struct best_int4 *best, bits_quad halves, quad error)
{
	whole_quad is_less = error < best->error;

	best->halves = (bits_quad)quad_where(is_less, (quad)halves,
					     (quad)best->halves);
	best->error = quad_where(is_less, error, best->error);
}

/* A scale and the same with the other sign, by which what was -8 ... 7 times
 * the scale is -7 ... 8 times; halves are rounded alike with both signs. */
static inline void
try_int4(struct best_int4 *best, const union tile *tile, int q, quad scale)
{
	bits_quad halves = quad_halve(scale);
	quad error = {0}, error_turned = {0};

	scale = quad_unhalve(halves);
	quad by = quad_divisor(scale);
	for (int i = 0; i < QUANT_BLOCK; i++) {
		quad numbers = tile->quads[i][q];
		quad whole = quad_nearest(numbers / by);
		quad most =
			quad_min(quad_max(whole, quad_set(-7)), quad_set(7));
		quad off = numbers -
			   scale * quad_where(whole < -7, quad_set(-8), most);
		quad off_turned =
			numbers -
			scale * quad_where(whole > 7, quad_set(8), most);
		error += off * off;
		error_turned += off_turned * off_turned;
	}
	keep_better(best, halves ^ 0x8000, error_turned);
	keep_better(best, halves, error);
}

/* The largest number, with its sign, may become -8 or 7; a few scales around
 * that are tried for the least squared error. */
static inline bits_quad
find_scale_int4(const union tile *tile, int q)
{
	struct best_int4 best = {.error = quad_set(__builtin_inff())};
	quad max = find_largest(tile, q) * 8;

	for (int eighths = 48; eighths <= 72; eighths += 4)
		try_int4(&best, tile, q, max / (float)eighths);
	return best.halves;
}

/* ---- Writing */

typedef void put_fn(unsigned char *panel, int k, const union tile *);

static void
put_f32(unsigned char *panel, int k, const union tile *tile)
{
	memcpy((float *)panel + (size_t)k * PANEL_ROWS, tile, sizeof *tile);
}

static void
put_bf16(unsigned char *panel, int k, const union tile *tile)
{
	bits_quad *out = (bits_quad *)panel + (size_t)(k / 2) * ROW_QUADS;

	for (int i = 0; i < QUANT_BLOCK; i += 2)
		for (int q = 0; q < ROW_QUADS; q++)
			*out++ = quad_halve(tile->quads[i][q]) |
				 quad_halve(tile->quads[i + 1][q]) << 16;
}

static quad
put_scales(unsigned char *block, int q, bits_quad halves)
{
	for (int i = 0; i < QUAD; i++)
		((uint16_t *)block)[QUAD * q + i] = (uint16_t)halves[i];
	return quad_unhalve(halves);
}

static inline bits_quad
bits_of(quad whole, int zero_point)
{
	return (bits_quad) __builtin_convertvector(whole, whole_quad) +
	       (uint32_t)zero_point;
}

/* Four numbers of a row are the bytes of one word, the first the lowest. */
static void
put_int8(unsigned char *panel, int k, const union tile *tile)
{
	uint8_t *block = panel + (size_t)(k / QUANT_BLOCK) * INT8_BLOCK_BYTES;
	bits_quad *out = (bits_quad *)(block + 2 * PANEL_ROWS);

	for (int q = 0; q < ROW_QUADS; q++) {
		quad by = quad_divisor(
			put_scales(block, q, find_scale_int8(tile, q)));
		for (int i = 0; i < QUANT_BLOCK; i += 4) {
			bits_quad word = {0};
			for (int j = 0; j < 4; j++)
				word |= bits_of(quad_nearest(
							tile->quads[i + j][q] /
							by),
						ZERO_POINT_INT8)
					<< 8 * j;
			out[i / 4 * ROW_QUADS + q] = word;
		}
	}
}

/* -8 ... 7 */
static inline bits_quad
bits_int4(quad numbers, quad by)
{
	quad whole = quad_nearest(numbers / by);

	return bits_of(quad_max(quad_min(whole, quad_set(7)), quad_set(-8)),
		       ZERO_POINT_INT4);
}

/* Eight numbers of a row in one word: four in the lower halves of the bytes. */
static void
put_int4(unsigned char *panel, int k, const union tile *tile)
{
	uint8_t *block = panel + (size_t)(k / QUANT_BLOCK) * INT4_BLOCK_BYTES;
	bits_quad *out = (bits_quad *)(block + 2 * PANEL_ROWS);

	for (int q = 0; q < ROW_QUADS; q++) {
		quad by = quad_divisor(
			put_scales(block, q, find_scale_int4(tile, q)));
		for (int i = 0; i < QUANT_BLOCK; i += 8) {
			bits_quad word = {0};
			for (int j = 0; j < 8; j++)
				word |= bits_int4(tile->quads[i + j][q], by)
					<< (8 * (j % 4) + 4 * (j / 4));
			out[i / 8 * ROW_QUADS + q] = word;
		}
	}
}

static put_fn *const puts_all[N_PACKINGS] = {put_f32, put_bf16, put_int8,
					     put_int4};

void
packed_fill(struct packed *packed, const struct matrix *matrix, int first,
	    int n)
{
	union tile tile;

	for (int p = first; p < first + n; p++) {
		unsigned char *panel =
			packed->panels + (size_t)p * packed->panel_bytes;
		for (int k = 0; k < packed->padded; k += QUANT_BLOCK) {
			read_tile(&tile, packed, matrix, p * PANEL_ROWS, k);
			puts_all[packed->packing](panel, k, &tile);
		}
	}
}
