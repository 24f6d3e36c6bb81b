/* Kernels: the plain ones against double loops, each other set against the
 * plain one over all shapes, and that a row has the same bits in whatever
 * company. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "kernel_fixture.h"
#include "model/logits.h"

/* More than two tiles of any kernel, and a rest. */
#define N_MAX 35

static void
expect_near(const float *a, const float *b, size_t n, double bound)
{
	for (size_t i = 0; i < n; i++)
		if (!(fabs((double)a[i] - (double)b[i]) <=
		      bound * (1 + fabs((double)b[i]))))
			fail_msg("%zu: %.9g, not %.9g", i, (double)a[i],
				 (double)b[i]);
}

/* A product by one set and by the plain one, strips alone and together. */
static void
expect_product(const struct kernels *set, enum packing packing, int depth,
	       int n)
{
	struct chance chance = {(uint64_t)(depth * 100 + n)};
	struct test_matrix matrix;
	size_t size = N_MAX * PANEL_ROWS;
	float *plain = aligned_zeros(size * sizeof *plain);
	float *out = aligned_zeros(size * sizeof *out);
	float *strips = aligned_zeros(size * sizeof *strips);

	test_matrix_init(&matrix, &chance, packing, PANEL_ROWS, depth);
	struct activations x = test_activations(&chance, &matrix.packed, n + 1);
	kernels_plain.matmul[packing](plain, matrix.packed.panels, 0,
				      PANEL_STRIPS, &x, 1, n);
	set->matmul[packing](out, matrix.packed.panels, 0, PANEL_STRIPS, &x, 1,
			     n);
	expect_near(out, plain, size, 1e-5 * sqrt(depth));
	for (int strip = 0; strip < PANEL_STRIPS; strip++)
		set->matmul[packing](strips, matrix.packed.panels, strip, 1, &x,
				     1, n);
	assert_memory_equal(strips, out, size * sizeof *out);
	test_activations_release(&x);
	test_matrix_release(&matrix);
	free(plain);
	free(out);
	free(strips);
}

static void
expect_products(const struct kernels *set)
{
	static const int depths[] = {1,	 31, 32, 33,  63, 64,
				     65, 96, 97, 130, 300};

	for (enum packing packing = 0; packing < N_PACKINGS; packing++)
		for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
			for (int n = 1; n <= N_MAX; n++)
				if (n <= 7 || n == 16 || n >= N_MAX - 2)
					expect_product(set, packing, depths[i],
						       n);
}

static void
test_products_of_all_shapes(void **state)
{
	(void)state;
	for_each_set(expect_products);
}

/* Each row of N_MAX, alone and in every smaller batch. */
static void
expect_same_bits(const struct kernels *set)
{
	float *all = aligned_zeros(N_MAX * PANEL_ROWS * sizeof *all);
	float *some = aligned_zeros(N_MAX * PANEL_ROWS * sizeof *some);

	for (enum packing packing = 0; packing < N_PACKINGS; packing++) {
		struct chance chance = {packing};
		struct test_matrix matrix;
		test_matrix_init(&matrix, &chance, packing, PANEL_ROWS, 200);
		struct activations x =
			test_activations(&chance, &matrix.packed, N_MAX);
		set->matmul[packing](all, matrix.packed.panels, 0, PANEL_STRIPS,
				     &x, 0, N_MAX);
		for (int n = 1; n < N_MAX; n++)
			for (int first = 0; first + n <= N_MAX; first++) {
				set->matmul[packing](some, matrix.packed.panels,
						     0, PANEL_STRIPS, &x, first,
						     n);
				assert_memory_equal(
					some, all + first * PANEL_ROWS,
					(size_t)n * PANEL_ROWS * sizeof *all);
			}
		test_activations_release(&x);
		test_matrix_release(&matrix);
	}
	free(all);
	free(some);
}

static void
test_a_row_has_the_same_bits_in_any_batch(void **state)
{
	(void)state;
	for_each_set(expect_same_bits);
}

static double
naive_gelu(double x)
{
	return 0.5 * x *
	       (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
}

static void
expect_finishes(const struct kernels *set)
{
	struct chance chance = {5};
	float *sums = normal_floats(&chance, PANEL_ROWS);
	float *bias = normal_floats(&chance, PANEL_ROWS);
	float *out = normal_floats(&chance, PANEL_ROWS + 1);
	float before[PANEL_ROWS + 1];

	for (int i = 0; i < PANEL_ROWS; i++)
		sums[i] *= 8; /* both ends of gelu */
	for (int n = 1; n <= PANEL_ROWS; n++)
		for (enum finish finish = 0; finish < N_FINISHES; finish++) {
			memcpy(before, out, sizeof before);
			set->finish[finish](out, sums, bias, n);
			for (int i = 0; i < n; i++) {
				double sum = (double)(sums[i] + bias[i]);
				double want = finish == FINISH_PLAIN ? sum
					      : finish == FINISH_ADD
						      ? sum + (double)before[i]
						      : naive_gelu(sum);
				assert_true(fabs((double)out[i] - want) <=
					    1e-6 * (1 + fabs(want)));
			}
			assert_memory_equal(out + n, before + n,
					    sizeof before -
						    (size_t)n * sizeof *out);
		}
	free(sums);
	free(bias);
	free(out);
}

static void
test_sums_are_finished(void **state)
{
	(void)state;
	for_each_set(expect_finishes);
}

/* From far below to far above, against libm in double. */
static void
expect_gelu(const struct kernels *set)
{
	float zeros[STRIP_ROWS] __attribute__((aligned(64))) = {0};
	float x[STRIP_ROWS] __attribute__((aligned(64)));
	float out[STRIP_ROWS];

	for (double base = -30; base < 30; base += 0.0157) {
		for (int i = 0; i < STRIP_ROWS; i++)
			x[i] = (float)(base + i * 0.001);
		set->finish[FINISH_GELU](out, x, zeros, STRIP_ROWS);
		for (int i = 0; i < STRIP_ROWS; i++) {
			double want = naive_gelu((double)x[i]);
			assert_true(fabs((double)out[i] - want) <=
				    1e-6 * fabs(want) + 1e-6);
		}
	}
}

static void
test_gelu_is_near_everywhere(void **state)
{
	(void)state;
	for_each_set(expect_gelu);
}

static void
expect_layernorm(const struct kernels *set)
{
	static const int widths[] = {1, 5, 16, 17, 40, 768, 1601};
	struct chance chance = {11};
	float *in = normal_floats(&chance, 2000);
	float *weight = normal_floats(&chance, 2000);
	float *bias = normal_floats(&chance, 2000);
	float *out = aligned_zeros(2000 * sizeof *out);

	for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
		int width = widths[w];
		double mean = 0, variance = 0;
		for (int i = 0; i < width; i++)
			mean += (double)in[i] / width;
		for (int i = 0; i < width; i++)
			variance += ((double)in[i] - mean) *
				    ((double)in[i] - mean) / width;
		out[width] = 77;
		set->layernorm(out, in, weight, bias, 1e-5F, width);
		for (int i = 0; i < width; i++) {
			double want = ((double)in[i] - mean) /
					      sqrt(variance + 1e-5) *
					      (double)weight[i] +
				      (double)bias[i];
			assert_true(fabs((double)out[i] - want) <= 2e-5);
		}
		assert_true(out[width] == 77);
	}
	free(in);
	free(weight);
	free(bias);
	free(out);
}

static void
test_layernorm_of_odd_widths(void **state)
{
	(void)state;
	for_each_set(expect_layernorm);
}

static void
expect_softmax(const struct kernels *set)
{
	struct chance chance = {13};
	float x[80], in[80];

	for (int n = 1; n <= 70; n++) {
		double sum = 0, all = 0;
		for (int i = 0; i < 80; i++)
			x[i] = in[i] = 9 * chance_normal(&chance) - 60;
		if (n > 2)
			in[1] = x[1] = -INFINITY;
		for (int i = 0; i < n; i++)
			sum += exp((double)in[i]);
		set->softmax(x, n);
		for (int i = 0; i < n; i++) {
			double want = exp((double)in[i]) / sum;
			assert_true(fabs((double)x[i] - want) <= 2e-6 * want);
			all += (double)x[i];
		}
		assert_true(fabs(all - 1) < 1e-5);
		for (int i = n; i < round_up(n, STRIP_ROWS); i++)
			assert_true(x[i] == 0);
	}
}

static void
test_softmax_sums_to_one(void **state)
{
	(void)state;
	for_each_set(expect_softmax);
}

/* The whole numbers of every set are those of the plain one. */
static void
expect_quants(const struct kernels *set)
{
	struct chance chance = {17};
	const int n = 40 * QUANT_BLOCK;
	float *x = normal_floats(&chance, n);
	int8_t quants[40 * QUANT_BLOCK], plain[40 * QUANT_BLOCK];
	struct quant_block blocks[40], plain_blocks[40];

	memset(x, 0, QUANT_BLOCK * sizeof *x);
	x[QUANT_BLOCK] = 1e30F;
	set->quantize(quants, blocks, x, n, 128);
	kernels_plain.quantize(plain, plain_blocks, x, n, 128);
	assert_memory_equal(quants, plain, sizeof quants);
	assert_memory_equal(blocks, plain_blocks, sizeof blocks);
	free(x);
}

static void
test_activations_become_the_same_numbers(void **state)
{
	(void)state;
	for_each_set(expect_quants);
}

/* Against the C library's, in long double; the logarithm 0 is exactly 1. */
static void
test_weights_are_near_everywhere(void **state)
{
	double weight;

	(void)state;
	for (float x = 0; x > -707; x -= 0.0137F) {
		struct mass mass = kernels_plain.weigh(&weight, &x, 1, 0, 1);
		long double e = expl((long double)x);
		assert_true(fabsl((weight - e) / e) < 1e-15L);
		assert_true(mass.sum == weight);
		assert_true(mass.moment == weight * (double)x);
	}
	float zeros[] = {-709, -1e30F, -INFINITY}, two = -2.5F;
	for (int i = 0; i < 3; i++) {
		struct mass mass =
			kernels_plain.weigh(&weight, zeros + i, 1, 0, 1);
		assert_true(weight == 0 && mass.sum == 0 && mass.moment == 0);
	}
	kernels_plain.weigh(&weight, &two, 1, -2.5F, 1e6);
	assert_true(weight == 1);
	kernels_plain.weigh(&weight, &two, 1, -1.5F, 3);
	assert_true(fabs(weight / exp(-3) - 1) < 2e-15);
}

#define SCORES 700

static void
make_scores(float *scores, struct chance *chance, bool is_odd)
{
	const float odd[] = {NAN, INFINITY, -INFINITY, -0.0F, 3e38F, -3e38F};

	for (int i = 0; i < SCORES; i++)
		scores[i] = is_odd && chance_below(chance, 5) == 0
				    ? odd[chance_below(chance, 6)]
				    : -60 + 20 * chance_normal(chance);
}

static void
expect_same_weights(const struct kernels *set)
{
	struct chance chance = {7};
	float scores[SCORES], out[2][SCORES], maxima[2][SCORES];
	double weights[2][SCORES];

	for (int n = 0; n < SCORES; n++) {
		make_scores(scores, &chance, n % 2);
		kernels_plain.mend(out[0], scores, n, maxima[0]);
		memcpy(out[1], scores, sizeof scores);
		set->mend(out[1], out[1], n, maxima[1]);
		size_t bytes = (size_t)n * sizeof(float);
		assert_memory_equal(out[0], out[1], bytes);
		float highest = -INFINITY;
		for (int i = 0; i < n; i++) {
			assert_true(out[0][i] == logits_mend(scores[i]));
			highest = fmaxf(highest, out[0][i]);
			float block = maxima[0][i / SCORE_BLOCK];
			assert_true(out[0][i] <= block &&
				    block == maxima[1][i / SCORE_BLOCK]);
		}
		struct mass plain = kernels_plain.weigh(weights[0], out[0], n,
							highest, 0.7);
		struct mass mass =
			set->weigh(weights[1], out[0], n, highest, 0.7);
		assert_memory_equal(weights[0], weights[1], 2 * bytes);
		assert_memory_equal(&plain, &mass, sizeof mass);
	}
}

static void
test_weights_have_the_same_bits_by_every_set(void **state)
{
	(void)state;
	for_each_set(expect_same_weights);
}

/* Two halves have 16 bits of a number: the nearest bf16, and that of the rest,
 * in any size a float has. */
static void
expect_halves(const struct kernels *set)
{
	struct chance chance = {19};
	const int n = 40 * QUANT_BLOCK;
	uint16_t halves[2 * 40 * QUANT_BLOCK];

	if (!set->split)
		return;
	float *x = normal_floats(&chance, (size_t)n);
	for (int i = 0; i < n; i++)
		x[i] = ldexpf(x[i], chance_below(&chance, 160) - 80);
	x[0] = 0;
	set->split(halves, x, n);
	for (int i = 0; i < n; i++) {
		float half = bfloat_to_float(bfloat_of_float(x[i]));
		assert_int_equal(halves[i], bfloat_of_float(x[i]));
		assert_int_equal(halves[n + i], bfloat_of_float(x[i] - half));
		float sum = half + bfloat_to_float(halves[n + i]);
		assert_true(fabsf(sum - x[i]) <= 0x1p-17F * fabsf(x[i]));
	}
	free(x);
}

static void
test_halves_are_those_of_the_number(void **state)
{
	(void)state;
	for_each_set(expect_halves);
}

static void
test_sets_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(kernels_find("plain"), &kernels_plain);
	assert_ptr_equal(kernels_find(kernels_best()->name), kernels_best());
	assert_null(kernels_find("abacus"));
	for (const struct kernels *const *set = kernels_all; *set; set++)
		print_message("# %s: %s\n", (*set)->name,
			      (*set)->is_supported() ? "tried"
						     : "not on this processor");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_products_of_all_shapes),
		cmocka_unit_test(test_a_row_has_the_same_bits_in_any_batch),
		cmocka_unit_test(test_sums_are_finished),
		cmocka_unit_test(test_gelu_is_near_everywhere),
		cmocka_unit_test(test_layernorm_of_odd_widths),
		cmocka_unit_test(test_softmax_sums_to_one),
		cmocka_unit_test(test_activations_become_the_same_numbers),
		cmocka_unit_test(test_weights_are_near_everywhere),
		cmocka_unit_test(test_weights_have_the_same_bits_by_every_set),
		cmocka_unit_test(test_halves_are_those_of_the_number),
		cmocka_unit_test(test_sets_are_found_by_name),
	};

	return cmocka_run_group_tests_name("model_kernels", tests, NULL, NULL);
}
