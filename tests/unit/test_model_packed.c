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
	const int rows = 67, depth = 45;
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
		cmocka_unit_test(test_plain_products),
		cmocka_unit_test(test_whole_numbers_are_near),
		cmocka_unit_test(test_halves_of_every_value),
		cmocka_unit_test(test_names_of_packings),
	};

	return cmocka_run_group_tests_name("model_packed", tests, NULL, NULL);
}
