/* Packing of weights.  Any thread: nothing is kept. */
#include "model/packed.h"

#include <math.h>
#include <string.h>

#include "model/half.h"

void
packed_init(struct packed *packed, enum packing packing, int n_rows, int depth)
{
	*packed = (struct packed){
		.packing = packing,
		.n_rows = n_rows,
		.depth = depth,
		.n_panels = (n_rows + PANEL_ROWS - 1) / PANEL_ROWS,
		.padded = round_up(depth, QUANT_BLOCK),
	};
	packed->panel_bytes = panel_bytes(packing, packed->padded);
}

size_t
packed_panels_bytes(const struct packed *packed)
{
	return (size_t)packed->n_panels * packed->panel_bytes;
}

size_t
packed_bias_bytes(const struct packed *packed)
{
	return (size_t)packed->n_panels * PANEL_ROWS * sizeof(float);
}

/* One block of one row: numbers (QUANT_BLOCK) to its lane. */
typedef void put_fn(unsigned char *panel, int lane, int k,
		    const float *numbers);

static void
put_f32(unsigned char *panel, int lane, int k, const float *numbers)
{
	float *out = (float *)panel + (size_t)k * PANEL_ROWS + lane;

	for (int i = 0; i < QUANT_BLOCK; i++)
		out[i * PANEL_ROWS] = numbers[i];
}

static void
put_bf16(unsigned char *panel, int lane, int k, const float *numbers)
{
	uint16_t *out = (uint16_t *)panel + (size_t)k * PANEL_ROWS + 2 * lane;

	for (int i = 0; i < QUANT_BLOCK; i++)
		out[i / 2 * 2 * PANEL_ROWS + i % 2] =
			bfloat_of_float(numbers[i]);
}

/* The scale by which max becomes steps, rounded away from zero, so that
 * nothing exceeds steps. */
static uint16_t
scale_for(float max, int steps)
{
	float scale = max / (float)steps;
	uint16_t half = bfloat_of_float(scale);

	return fabsf(bfloat_to_float(half)) < fabsf(scale) ? half + 1 : half;
}

static float
largest(const float *numbers)
{
	float max = 0;

	for (int i = 0; i < QUANT_BLOCK; i++)
		if (fabsf(numbers[i]) > fabsf(max))
			max = numbers[i];
	return max;
}

static void
put_int8(unsigned char *panel, int lane, int k, const float *numbers)
{
	uint8_t *block = panel + (size_t)(k / QUANT_BLOCK) * INT8_BLOCK_BYTES;
	uint16_t half = scale_for(fabsf(largest(numbers)), 127);
	float scale = bfloat_to_float(half);

	memcpy(block + 2 * lane, &half, sizeof half);
	block += 2 * PANEL_ROWS + 4 * lane;
	for (int i = 0; i < QUANT_BLOCK; i++) {
		float whole = scale > 0 ? nearbyintf(numbers[i] / scale) : 0;
		block[i / 4 * 4 * PANEL_ROWS + i % 4] =
			(uint8_t)((int)whole + ZERO_POINT_INT8);
	}
}

/* -8 ... 7 */
static int
whole_int4(float number, float scale)
{
	float whole = scale != 0 ? nearbyintf(number / scale) : 0;

	return (int)fmaxf(-8, fminf(7, whole));
}

static float
error_int4(const float *numbers, float scale)
{
	float sum = 0;

	for (int i = 0; i < QUANT_BLOCK; i++) {
		float off = numbers[i] -
			    scale * (float)whole_int4(numbers[i], scale);
		sum += off * off;
	}
	return sum;
}

/* The largest number, with its sign, may become -8 or 7; a few scales around
 * that are tried for the least squared error. */
static uint16_t
scale_int4(const float *numbers)
{
	float max = largest(numbers), best_error = INFINITY;
	uint16_t best = 0;

	for (int eighths = 48; eighths <= 72; eighths += 4)
		for (int sign = -1; sign <= 1; sign += 2) {
			uint16_t half = bfloat_of_float(
				max * 8 / (float)(sign * eighths));
			float error =
				error_int4(numbers, bfloat_to_float(half));
			if (error < best_error) {
				best_error = error;
				best = half;
			}
		}
	return best;
}

static void
put_int4(unsigned char *panel, int lane, int k, const float *numbers)
{
	uint8_t *block = panel + (size_t)(k / QUANT_BLOCK) * INT4_BLOCK_BYTES;
	uint16_t half = scale_int4(numbers);
	float scale = bfloat_to_float(half);

	memcpy(block + 2 * lane, &half, sizeof half);
	block += 2 * PANEL_ROWS + 4 * lane;
	for (int i = 0; i < QUANT_BLOCK; i++) {
		uint8_t *byte = block + i / 8 * 4 * PANEL_ROWS + i % 4;
		int bits = whole_int4(numbers[i], scale) + ZERO_POINT_INT4;
		*byte = (uint8_t)(i % 8 < 4 ? bits : *byte | bits << 4);
	}
}

static put_fn *const puts_all[N_PACKINGS] = {put_f32, put_bf16, put_int8,
					     put_int4};

static void
fill_lane(const struct packed *packed, const struct matrix *matrix,
	  unsigned char *panel, int lane, int row)
{
	for (int k = 0; k < packed->padded; k += QUANT_BLOCK) {
		float numbers[QUANT_BLOCK] = {0};
		for (int i = 0; i < QUANT_BLOCK; i++)
			if (row < packed->n_rows && k + i < packed->depth)
				numbers[i] =
					matrix->numbers
						[(size_t)row *
							 matrix->row_stride +
						 (size_t)(k + i) *
							 matrix->depth_stride];
		puts_all[packed->packing](panel, lane, k, numbers);
	}
}

void
packed_fill(struct packed *packed, const struct matrix *matrix, int first,
	    int n)
{
	for (int p = first; p < first + n; p++)
		for (int lane = 0; lane < PANEL_ROWS; lane++)
			fill_lane(packed, matrix,
				  packed->panels +
					  (size_t)p * packed->panel_bytes,
				  lane, p * PANEL_ROWS + lane);
}

void
packed_fill_bias(struct packed *packed, const float *bias)
{
	memset(packed->bias, 0, packed_bias_bytes(packed));
	if (bias)
		memcpy(packed->bias, bias,
		       (size_t)packed->n_rows * sizeof *bias);
}

typedef float get_fn(const unsigned char *panel, int lane, int k);

static float
get_f32(const unsigned char *panel, int lane, int k)
{
	return ((const float *)panel)[(size_t)k * PANEL_ROWS + lane];
}

static float
get_bf16(const unsigned char *panel, int lane, int k)
{
	const uint16_t *pairs = (const uint16_t *)panel;

	return bfloat_to_float(
		pairs[(size_t)(k / 2) * 2 * PANEL_ROWS + 2 * lane + k % 2]);
}

static float
scale_of(const unsigned char *block, int lane)
{
	uint16_t half;

	memcpy(&half, block + 2 * lane, sizeof half);
	return bfloat_to_float(half);
}

static float
get_int8(const unsigned char *panel, int lane, int k)
{
	const uint8_t *block =
		panel + (size_t)(k / QUANT_BLOCK) * INT8_BLOCK_BYTES;
	int i = k % QUANT_BLOCK;
	int whole = block[2 * PANEL_ROWS + i / 4 * 4 * PANEL_ROWS + 4 * lane +
			  i % 4] -
		    ZERO_POINT_INT8;

	return scale_of(block, lane) * (float)whole;
}

static float
get_int4(const unsigned char *panel, int lane, int k)
{
	const uint8_t *block =
		panel + (size_t)(k / QUANT_BLOCK) * INT4_BLOCK_BYTES;
	int i = k % QUANT_BLOCK;
	int byte = block[2 * PANEL_ROWS + i / 8 * 4 * PANEL_ROWS + 4 * lane +
			 i % 4];
	int whole = (i % 8 < 4 ? byte & 15 : byte >> 4) - ZERO_POINT_INT4;

	return scale_of(block, lane) * (float)whole;
}

static get_fn *const gets_all[N_PACKINGS] = {get_f32, get_bf16, get_int8,
					     get_int4};

void
packed_row(const struct packed *packed, int row, float *out)
{
	const unsigned char *panel =
		packed->panels +
		(size_t)(row / PANEL_ROWS) * packed->panel_bytes;

	for (int k = 0; k < packed->depth; k++)
		out[k] = gets_all[packed->packing](panel, row % PANEL_ROWS, k);
}

static const char *const names[N_PACKINGS] = {"f32", "bf16", "int8", "int4"};

int
packing_find(const char *name)
{
	for (int i = 0; i < N_PACKINGS; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

const char *
packing_name(enum packing packing)
{
	return names[packing];
}
