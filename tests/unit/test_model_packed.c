/* Packed weights: what comes out of them again, and what products with them
 * are, against plain double loops over the numbers that were packed. */
#include "test.h"

#include <math.h>

#include "kernel_fixture.h"
#include "model/half.h"

/* Of the largest number of a block: half a step of its scale.  int4 may cut the
 * largest off, to 7/9 of it, where that is better for all others. */
static const double error_of[N_PACKINGS] = {0, 1.0 / 256, 0.5 / 126,
					    2.0 / 9 + 1.0 / 256};

static double
largest_of_block(const float *row, int depth, int k)
{
	double max = 0;

	k = k / QUANT_BLOCK * QUANT_BLOCK;
	for (int i = k; i < depth && i < k + QUANT_BLOCK; i++)
		max = fmax(max, fabs(row[i]));
	return max;
}

static void
expect_rows(enum packing packing, int n_rows, int depth)
{
	struct chance chance = {(uint64_t)(depth * 100 + n_rows)};
	struct test_matrix matrix;
	float *out = aligned_zeros((size_t)depth * sizeof *out);

	test_matrix_init(&matrix, &chance, packing, n_rows, depth);
	for (int row = 0; row < n_rows; row++) {
		const float *numbers = matrix.numbers + row * depth;
		packed_row(&matrix.packed, row, out);
		for (int k = 0; k < depth; k++) {
			double off = fabs((double)out[k] - numbers[k]);
			double max = largest_of_block(numbers, depth, k);
			assert_true(off <= max * error_of[packing]);
		}
	}
	test_matrix_release(&matrix);
	free(out);
}

static void
test_rows_come_back(void **state)
{
	(void)state;
	for (enum packing packing = 0; packing < N_PACKINGS; packing++) {
		expect_rows(packing, 1, 1);
		expect_rows(packing, 70, 33);
		expect_rows(packing, 64, 96);
		expect_rows(packing, 129, 31);
	}
}

/* A file's (depth, rows) and (rows, depth) become the same. */
static void
test_both_layouts_pack_alike(void **state)
{
	struct chance chance = {7};
	const int rows = 130, depth = 77;
	float *turned = aligned_zeros(sizeof *turned * rows * depth);
	struct test_matrix matrix;

	(void)state;
	test_matrix_init(&matrix, &chance, PACKED_INT4, rows, depth);
	for (int row = 0; row < rows; row++)
		for (int k = 0; k < depth; k++)
			turned[k * rows + row] =
				matrix.numbers[row * depth + k];
	size_t size = packed_panels_bytes(&matrix.packed);
	struct packed other = matrix.packed;
	other.panels = aligned_zeros(size);
	packed_fill(&other, &(struct matrix){turned, 1, rows}, 0,
		    other.n_panels);
	assert_memory_equal(other.panels, matrix.packed.panels, size);
	free(other.panels);
	free(turned);
	test_matrix_release(&matrix);
}

/* One row's block as plain loops pack it: the bits of its scale, and its whole
 * numbers. */
struct plain_block {
	uint16_t half;
	int wholes[QUANT_BLOCK];
};

static float
plain_largest(const float *numbers)
{
	float max = 0;

	for (int i = 0; i < QUANT_BLOCK; i++)
		if (fabsf(numbers[i]) > fabsf(max))
			max = numbers[i];
	return max;
}

static void
plain_int8(struct plain_block *block, const float *numbers)
{
	float exact = fabsf(plain_largest(numbers)) / 127;

	block->half = bfloat_of_float(exact);
	block->half += bfloat_to_float(block->half) < exact;
	float scale = bfloat_to_float(block->half);
	for (int i = 0; i < QUANT_BLOCK; i++)
		block->wholes[i] =
			scale > 0 ? (int)nearbyintf(numbers[i] / scale) : 0;
}

static int
plain_whole_int4(float number, float scale)
{
	float whole = scale != 0 ? nearbyintf(number / scale) : 0;

	return (int)fmaxf(-8, fminf(7, whole));
}

static float
plain_error_int4(const float *numbers, float scale)
{
	float sum = 0;

	for (int i = 0; i < QUANT_BLOCK; i++) {
		float whole = (float)plain_whole_int4(numbers[i], scale);
		float off = numbers[i] - scale * whole;
		sum += off * off;
	}
	return sum;
}

static void
plain_int4(struct plain_block *block, const float *numbers)
{
	float max = plain_largest(numbers), best = INFINITY;

	block->half = 0;
	for (int eighths = 48; eighths <= 72; eighths += 4)
		for (int sign = -1; sign <= 1; sign += 2) {
			uint16_t half = bfloat_of_float(
				max * 8 / (float)(sign * eighths));
			float error = plain_error_int4(numbers,
						       bfloat_to_float(half));
			if (error < best) {
				best = error;
				block->half = half;
			}
		}
	for (int i = 0; i < QUANT_BLOCK; i++)
		block->wholes[i] = plain_whole_int4(
			numbers[i], bfloat_to_float(block->half));
}

/* Where kernels.h says that it stands. */
static int
whole_at(enum packing packing, const uint8_t *block, int lane, int i)
{
	const uint8_t *words = block + 2 * PANEL_ROWS + 4 * lane;

	if (packing == PACKED_INT8)
		return words[i / 4 * 4 * PANEL_ROWS + i % 4] - ZERO_POINT_INT8;
	int byte = words[i / 8 * 4 * PANEL_ROWS + i % 4];
	return (i % 8 < 4 ? byte & 15 : byte >> 4) - ZERO_POINT_INT4;
}

static void
expect_block(enum packing packing, const uint8_t *block, int lane,
	     const float *numbers)
{
	struct plain_block plain;
	uint16_t half;

	if (packing == PACKED_INT8)
		plain_int8(&plain, numbers);
	else
		plain_int4(&plain, numbers);
	memcpy(&half, block + 2 * lane, sizeof half);
	assert_int_equal(half, plain.half);
	for (int i = 0; i < QUANT_BLOCK; i++)
		assert_int_equal(whole_at(packing, block, lane, i),
				 plain.wholes[i]);
}

/* The block k of each row of a panel holds numbers of another size, among them
 * those that have no place for a scale. */
static void
test_blocks_are_those_of_plain_loops(void **state)
{
	static const float sizes[] = {1,     0.02F,  1e-38F, 1e-44F,
				      1e38F, 3e-42F, 0,	     -0.5F};
	const int n_sizes = sizeof sizes / sizeof *sizes;
	const int depth = n_sizes * QUANT_BLOCK;
	static const size_t block_bytes[] = {0, 0, INT8_BLOCK_BYTES,
					     INT4_BLOCK_BYTES};
	struct chance chance = {21};
	float *numbers = normal_floats(&chance, (size_t)depth * PANEL_ROWS);

	(void)state;
	for (int i = 0; i < depth * PANEL_ROWS; i++)
		numbers[i] *= sizes[i % depth / QUANT_BLOCK];
	for (int packing = PACKED_INT8; packing < N_PACKINGS; packing++) {
		struct packed packed;
		packed_init(&packed, (enum packing)packing, PANEL_ROWS, depth);
		packed.panels = aligned_zeros(packed_panels_bytes(&packed));
		packed_fill(&packed,
			    &(struct matrix){numbers, (size_t)depth, 1}, 0, 1);
		for (int b = 0; b < n_sizes; b++)
			for (int lane = 0; lane < PANEL_ROWS; lane++)
				expect_block(
					(enum packing)packing,
					packed.panels +
						(size_t)b *
							block_bytes[packing],
					lane,
					numbers + lane * depth +
						b * QUANT_BLOCK);
		free(packed.panels);
	}
	free(numbers);
}

/* sum of |x w|, to which errors are in proportion, in *scale_r */
static double
naive_product(const struct packed *packed, int row, const float *x,
	      double *scale_r)
{
	float weights[512];
	double sum = 0, scale = 0;

	packed_row(packed, row, weights);
	for (int k = 0; k < packed->depth; k++) {
		sum += (double)x[k] * (double)weights[k];
		scale += fabs((double)x[k] * (double)weights[k]);
	}
	*scale_r = scale;
	return sum;
}

/* x as its whole numbers stand for it */
static void
value_quants(const struct activations *x, int row, float *out)
{
	const struct quant_block *blocks =
		x->blocks + row * (x->depth / QUANT_BLOCK);

	for (int k = 0; k < x->depth; k++)
		out[k] = (float)x->quants[row * x->depth + k] *
			 blocks[k / QUANT_BLOCK].scale;
}

static void
expect_products(enum packing packing, int n_rows, int depth)
{
	struct chance chance = {(uint64_t)(depth * 1000 + n_rows)};
	struct test_matrix matrix;
	const int n = 3;
	float *out = aligned_zeros(n * PANEL_ROWS * sizeof *out);

	test_matrix_init(&matrix, &chance, packing, n_rows, depth);
	struct activations x = test_activations(&chance, &matrix.packed, n);
	for (int p = 0; p < matrix.packed.n_panels; p++) {
		kernels_plain.matmul[packing](
			out,
			matrix.packed.panels +
				(size_t)p * matrix.packed.panel_bytes,
			0, PANEL_STRIPS, &x, 0, n);
		for (int i = 0; i < n * PANEL_ROWS; i++) {
			int row = p * PANEL_ROWS + i % PANEL_ROWS;
			float values[512];
			double scale, sum;
			if (row >= n_rows)
				continue;
			if (packing == PACKED_INT8 || packing == PACKED_INT4)
				value_quants(&x, i / PANEL_ROWS, values);
			else
				memcpy(values,
				       x.values + i / PANEL_ROWS * x.depth,
				       (size_t)x.depth * sizeof *values);
			sum = naive_product(&matrix.packed, row, values,
					    &scale);
			assert_true(fabs(sum - (double)out[i]) <= 1e-5 * scale);
		}
	}
	test_activations_release(&x);
	test_matrix_release(&matrix);
	free(out);
}

static void
test_plain_products(void **state)
{
	(void)state;
	for (enum packing packing = 0; packing < N_PACKINGS; packing++) {
		expect_products(packing, 1, 1);
		expect_products(packing, 70, 33);
		expect_products(packing, 128, 257);
		expect_products(packing, 5, 512);
	}
}

static void
test_whole_numbers_are_near(void **state)
{
	struct chance chance = {3};
	float x[4 * QUANT_BLOCK];
	int8_t quants[4 * QUANT_BLOCK];
	struct quant_block blocks[4];

	(void)state;
	for (int i = 0; i < 4 * QUANT_BLOCK; i++)
		x[i] = i < 2 * QUANT_BLOCK ? chance_normal(&chance) : 0;
	x[3 * QUANT_BLOCK + 1] = 1e-38F; /* nothing, rather than infinite */
	kernels_plain.quantize(quants, blocks, x, 4 * QUANT_BLOCK, 8);
	for (int b = 0; b < 4; b++) {
		int sum = 0;
		for (int i = b * QUANT_BLOCK; i < (b + 1) * QUANT_BLOCK; i++) {
			double off = fabs((double)quants[i] *
						  (double)blocks[b].scale -
					  (double)x[i]);
			assert_true(off <=
				    0.5001 * (double)blocks[b].scale + 1e-37);
			sum += quants[i];
		}
		assert_int_equal(blocks[b].offset, -8 * sum);
	}
}

static void
test_halves_of_every_value(void **state)
{
	(void)state;
	for (uint32_t bits = 0; bits < 0x10000; bits++) {
		float value = half_to_float((uint16_t)bits);
		if (isnan(value))
			continue;
		assert_int_equal(half_of_float(value), bits);
		assert_true(!!isinf(value) == ((bits & 0x7fff) == 0x7c00));
	}
	assert_true(half_to_float(0x3c00) == 1);
	assert_true(half_to_float(0x0001) == 0x1p-24F);
	assert_true(half_to_float(0xfbff) == -65504);
	/* ties go to the even one */
	assert_int_equal(half_of_float(1 + 0x1p-11F), 0x3c00);
	assert_int_equal(half_of_float(1 + 3 * 0x1p-11F), 0x3c02);
	assert_int_equal(half_of_float(65519), 0x7bff);
	assert_int_equal(half_of_float(65520), 0x7c00);
	assert_int_equal(half_of_float(0x1p-25F), 0);
	assert_int_equal(half_of_float(1.5F * 0x1p-24F), 2);
	assert_int_equal(bfloat_of_float(1 + 0x1p-8F), 0x3f80);
	assert_int_equal(bfloat_of_float(1 + 3 * 0x1p-8F), 0x3f82);
}

static void
test_names_of_packings(void **state)
{
	(void)state;
	for (enum packing packing = 0; packing < N_PACKINGS; packing++)
		assert_int_equal(packing_find(packing_name(packing)), packing);
	assert_int_equal(packing_find("int5"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_come_back),
		cmocka_unit_test(test_both_layouts_pack_alike),
		cmocka_unit_test(test_blocks_are_those_of_plain_loops),
		cmocka_unit_test(test_plain_products),
		cmocka_unit_test(test_whole_numbers_are_near),
		cmocka_unit_test(test_halves_of_every_value),
		cmocka_unit_test(test_names_of_packings),
	};

	return cmocka_run_group_tests_name("model_packed", tests, NULL, NULL);
}
