/* Steps of a small model: against a forward pass in double that is nothing but
 * loops, and that a row has the same bits in whatever company it comes. */
#include "test.h"

#include <math.h>
#include <stdio.h>

#include "kernel_fixture.h"
#include "model/compute.h"
#include "model/forward.h"
#include "model/kv.h"
#include "model/model.h"
#include "model/weights.h"

/* Nothing of it is a multiple of what kernels like. */
static const struct model_config config = {
	.n_layers = 2,
	.n_heads = 3,
	.n_embd = 60,
	.n_inner = 130,
	.n_positions = 70,
	.n_vocab = 203,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = -1,
};

#define VOCAB 203
#define LENGTH 50
#define SEQUENCES 4

/* A model, and sequences of tokens with blocks of their own. */
struct desk {
	struct model_weights weights;
	struct model model;
	struct kv kv;
	struct compute *compute;
	struct forward *forward;
	int tokens[SEQUENCES][LENGTH];
	int blocks[SEQUENCES][5];
};

struct setting {
	const struct kernels *kernels;
	enum packing packing;
	enum kv_type kv;
	int n_threads;
};

static void
desk_init(struct desk *desk, const struct setting *setting)
{
	struct err err = {0};
	struct chance chance = {1};

	memset(desk, 0, sizeof *desk);
	if (model_weights_make(&desk->weights, &config, 7, &err) < 0)
		fail_msg("%s", err.text);
	desk->compute = compute_new(setting->n_threads, &err);
	assert_non_null(desk->compute);
	assert_int_equal(model_init(&desk->model, &desk->weights,
				    setting->packing, desk->compute, &err),
			 0);
	assert_int_equal(
		kv_init(&desk->kv, &config, setting->kv, 5 * SEQUENCES, &err),
		0);
	desk->forward = forward_new(&desk->model, &desk->kv, desk->compute,
				    setting->kernels, SEQUENCES * LENGTH, &err);
	assert_non_null(desk->forward);
	for (int s = 0; s < SEQUENCES; s++)
		for (int t = 0; t < LENGTH; t++)
			desk->tokens[s][t] = chance_below(&chance, VOCAB);
	for (int i = 0; i < 5; i++) /* not side by side */
		for (int s = 0; s < SEQUENCES; s++)
			desk->blocks[s][i] = kv_take(&desk->kv);
}

static void
desk_release(struct desk *desk)
{
	forward_free(desk->forward);
	compute_free(desk->compute);
	kv_release(&desk->kv);
	model_release(&desk->model);
	model_weights_release(&desk->weights);
}

static struct forward_row
desk_row(const struct desk *desk, int sequence, int position, float *logits)
{
	return (struct forward_row){
		.token = desk->tokens[sequence][position],
		.position = position,
		.blocks = desk->blocks[sequence],
		.logits = logits,
	};
}

/* --- A forward pass in double: y = x W + b with W (in, out) */

static void
naive_linear(double *y, const double *x, const float *w, const float *b,
	     int n_in, int n_out)
{
	for (int o = 0; o < n_out; o++) {
		y[o] = b ? (double)b[o] : 0;
		for (int i = 0; i < n_in; i++)
			y[o] += x[i] * (double)w[i * n_out + o];
	}
}

static void
naive_norm(double *y, const double *x, const float *w, const float *b)
{
	int width = config.n_embd;
	double mean = 0, variance = 0;

	for (int i = 0; i < width; i++)
		mean += x[i] / width;
	for (int i = 0; i < width; i++)
		variance += (x[i] - mean) * (x[i] - mean) / width;
	for (int i = 0; i < width; i++)
		y[i] = (x[i] - mean) / sqrt(variance + 1e-5) * (double)w[i] +
		       (double)b[i];
}

/* out (T, D) += attention over qkv (T, 3D), projected */
static void
naive_attention(double *out, const double *qkv, int head, int t)
{
	int width = config.n_embd, size = width / config.n_heads;
	double weights[LENGTH], sum = 0;
	const double *q = qkv + t * 3 * width + head * size;

	for (int s = 0; s <= t; s++) {
		const double *k = qkv + s * 3 * width + width + head * size;
		double score = 0;
		for (int d = 0; d < size; d++)
			score += q[d] * k[d];
		weights[s] = exp(score / sqrt(size));
		sum += weights[s];
	}
	for (int d = 0; d < size; d++) {
		out[head * size + d] = 0;
		for (int s = 0; s <= t; s++)
			out[head * size + d] += weights[s] / sum *
						qkv[s * 3 * width + 2 * width +
						    head * size + d];
	}
}

static void
naive_block(double *x, const struct model_layer *layer, int n)
{
	int width = config.n_embd, inner = config.n_inner;
	double *qkv = calloc((size_t)(n * 3 * width), sizeof *qkv);
	double y[200], z[200];

	for (int t = 0; t < n; t++) {
		naive_norm(y, x + t * width, layer->ln_1_weight,
			   layer->ln_1_bias);
		naive_linear(qkv + t * 3 * width, y, layer->attn_weight,
			     layer->attn_bias, width, 3 * width);
	}
	for (int t = 0; t < n; t++) {
		for (int head = 0; head < config.n_heads; head++)
			naive_attention(y, qkv, head, t);
		naive_linear(z, y, layer->attn_proj_weight,
			     layer->attn_proj_bias, width, width);
		for (int i = 0; i < width; i++)
			x[t * width + i] += z[i];
		naive_norm(y, x + t * width, layer->ln_2_weight,
			   layer->ln_2_bias);
		naive_linear(z, y, layer->fc_weight, layer->fc_bias, width,
			     inner);
		for (int i = 0; i < inner; i++)
			z[i] = 0.5 * z[i] *
			       (1 +
				tanh(0.7978845608028654 *
				     (z[i] + 0.044715 * z[i] * z[i] * z[i])));
		naive_linear(y, z, layer->proj_weight, layer->proj_bias, inner,
			     width);
		for (int i = 0; i < width; i++)
			x[t * width + i] += y[i];
	}
	free(qkv);
}

/* logits (n, V) */
static void
naive_forward(const struct model_weights *weights, const int *tokens, int n,
	      double *logits)
{
	int width = config.n_embd;
	double *x = calloc((size_t)(n * width), sizeof *x), y[200];

	for (int t = 0; t < n; t++)
		for (int i = 0; i < width; i++)
			x[t * width + i] =
				(double)weights->wte[tokens[t] * width + i] +
				(double)weights->wpe[t * width + i];
	for (int l = 0; l < config.n_layers; l++)
		naive_block(x, weights->layers + l, n);
	for (int t = 0; t < n; t++) {
		naive_norm(y, x + t * width, weights->ln_f_weight,
			   weights->ln_f_bias);
		for (int v = 0; v < VOCAB; v++) {
			logits[t * VOCAB + v] = 0;
			for (int i = 0; i < width; i++)
				logits[t * VOCAB + v] +=
					y[i] *
					(double)weights->head[v * width + i];
		}
	}
	free(x);
}

/* --- Tests */

/* Of the spread of logits: what each mode may be off by. */
static const double error_of[N_PACKINGS] = {1e-5, 0.02, 0.04, 0.5};
static const double error_of_kv[N_KV_TYPES] = {0, 2e-3, 0.02};

static void
expect_logits(const struct setting *setting)
{
	struct desk desk;
	double *want = calloc(LENGTH * VOCAB, sizeof *want), spread = 0;
	float *logits = calloc(LENGTH * VOCAB, sizeof *logits);
	struct forward_row rows[LENGTH];

	desk_init(&desk, setting);
	for (int t = 0; t < LENGTH; t++)
		rows[t] = desk_row(&desk, 0, t, logits + t * VOCAB);
	forward_run(desk.forward, rows, LENGTH);
	naive_forward(&desk.weights, desk.tokens[0], LENGTH, want);
	for (int i = 0; i < LENGTH * VOCAB; i++)
		spread += want[i] * want[i] / (LENGTH * VOCAB);
	spread = sqrt(spread);
	double error =
		fmax(error_of[setting->packing], error_of_kv[setting->kv]);
	double worst = 0;
	for (int i = 0; i < LENGTH * VOCAB; i++)
		worst = fmax(worst, fabs((double)logits[i] - want[i]) / spread);
	if (worst > error)
		fail_msg("%s %s: off by %g of the spread",
			 setting->kernels->name, packing_name(setting->packing),
			 worst);
	desk_release(&desk);
	free(want);
	free(logits);
}

static void
for_each_setting(void (*run)(const struct setting *))
{
	for (const struct kernels *const *set = kernels_all; *set; set++)
		for (enum packing packing = 0; packing < N_PACKINGS; packing++)
			for (enum kv_type kv = 0; kv < N_KV_TYPES; kv++)
				if ((*set)->is_supported())
					run(&(struct setting){*set, packing, kv,
							      2});
}

static void
test_logits_are_those_of_the_model(void **state)
{
	(void)state;
	for_each_setting(expect_logits);
}

/* All rows of all sequences, one row a step and one thread: what every other
 * way must give.  (SEQUENCES, LENGTH, VOCAB) */
static float *
logits_one_by_one(struct setting setting)
{
	struct desk desk;
	float *logits = calloc(SEQUENCES * LENGTH * VOCAB, sizeof *logits);

	setting.n_threads = 1;
	desk_init(&desk, &setting);
	for (int s = 0; s < SEQUENCES; s++)
		for (int t = 0; t < LENGTH; t++) {
			struct forward_row row = desk_row(
				&desk, s, t, logits + (s * LENGTH + t) * VOCAB);
			forward_run(desk.forward, &row, 1);
		}
	desk_release(&desk);
	return logits;
}

/* Sequences advance by pieces of any length, some in one step, some alone. */
static void
expect_same_bits(const struct setting *setting)
{
	float *want = logits_one_by_one(*setting);
	float *logits = calloc(SEQUENCES * LENGTH * VOCAB, sizeof *logits);
	struct forward_row rows[SEQUENCES * LENGTH];
	struct chance chance = {42};
	struct desk desk;
	int done[SEQUENCES] = {0}, left = SEQUENCES * LENGTH;

	desk_init(&desk, setting);
	while (left > 0) {
		int n = 0;
		for (int s = 0; s < SEQUENCES; s++) {
			int take = chance_below(&chance, 3)
					   ? chance_below(&chance, 12)
					   : 1;
			for (; take > 0 && done[s] < LENGTH; take--) {
				int t = done[s]++;
				rows[n++] = desk_row(&desk, s, t,
						     logits + (s * LENGTH + t) *
								      VOCAB);
			}
		}
		left -= n;
		if (n > 0)
			forward_run(desk.forward, rows, n);
	}
	assert_memory_equal(logits, want,
			    SEQUENCES * LENGTH * VOCAB * sizeof *logits);
	desk_release(&desk);
	free(want);
	free(logits);
}

static void
test_a_row_has_the_same_bits_in_any_company(void **state)
{
	(void)state;
	for_each_setting(expect_same_bits);
	expect_same_bits(
		&(struct setting){kernels_best(), PACKED_INT8, KV_F32, 1});
	expect_same_bits(
		&(struct setting){kernels_best(), PACKED_F32, KV_F32, 3});
}

/* A sequence goes on from another's first blocks as from its own. */
static void
expect_shared_prefix(const struct setting *setting)
{
	float logits[2][VOCAB];
	struct forward_row rows[LENGTH];
	struct desk desk;

	desk_init(&desk, setting);
	for (int t = 0; t < LENGTH; t++)
		rows[t] = desk_row(&desk, 0, t,
				   t == LENGTH - 1 ? logits[0] : NULL);
	forward_run(desk.forward, rows, LENGTH);
	for (int b = 0; b < 2; b++)
		desk.blocks[1][b] = desk.blocks[0][b];
	for (int t = 2 * KV_BLOCK; t < LENGTH; t++) {
		rows[t].blocks = desk.blocks[1];
		rows[t].logits = t == LENGTH - 1 ? logits[1] : NULL;
	}
	forward_run(desk.forward, rows + 2 * KV_BLOCK, LENGTH - 2 * KV_BLOCK);
	assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
	desk_release(&desk);
}

static void
test_a_shared_prefix_is_as_good_as_ones_own(void **state)
{
	(void)state;
	for_each_setting(expect_shared_prefix);
}

/* Rows that want some logits, none and all, in one step. */
static void
expect_allowed(const struct setting *setting)
{
	static const int allowed[] = {202, 0, 5, 64, 63, 127, 128, 5};
	const int n_allowed = sizeof allowed / sizeof *allowed;
	float *want = logits_one_by_one(*setting);
	float some[8], all[VOCAB];
	struct desk desk;

	desk_init(&desk, setting);
	struct forward_row rows[] = {
		desk_row(&desk, 0, 0, some),
		desk_row(&desk, 1, 0, NULL),
		desk_row(&desk, 2, 0, all),
	};
	rows[0].allowed = allowed;
	rows[0].n_allowed = n_allowed;
	forward_run(desk.forward, rows, 3);
	for (int i = 0; i < n_allowed; i++)
		assert_memory_equal(some + i, want + allowed[i], sizeof *some);
	assert_memory_equal(all, want + 2 * LENGTH * VOCAB, sizeof all);
	desk_release(&desk);
	free(want);
}

static void
test_allowed_tokens_have_the_logits_they_have_among_all(void **state)
{
	(void)state;
	for_each_setting(expect_allowed);
}

static void
expect_same_sums(const struct kernels *a, const struct kernels *b,
		 enum packing packing, enum kv_type kv)
{
	float *first = logits_one_by_one((struct setting){a, packing, kv, 1});
	float *second = logits_one_by_one((struct setting){b, packing, kv, 1});

	assert_memory_equal(first, second,
			    SEQUENCES * LENGTH * VOCAB * sizeof *first);
	free(first);
	free(second);
}

/* Tiles have an order of their own for weights in bf16. */
static void
test_sets_with_fused_sums_agree_to_the_bit(void **state)
{
	const struct kernels *a = kernels_find("avx2");

	(void)state;
	if (!a || a == kernels_best())
		test_skip("this processor has no two such sets");
	for (const struct kernels *const *set = kernels_all; *set != a; set++)
		for (int i = 0; i < N_PACKINGS * N_KV_TYPES; i++) {
			enum packing packing = (enum packing)(i / N_KV_TYPES);
			if (!(*set)->is_supported() ||
			    (packing == PACKED_BF16 && (*set)->split))
				continue;
			expect_same_sums(a, *set, packing,
					 (enum kv_type)(i % N_KV_TYPES));
		}
}

static void
test_blocks_are_wiped_when_given_back(void **state)
{
	struct setting setting = {kernels_best(), PACKED_F32, KV_F32, 1};
	struct forward_row rows[LENGTH];
	struct desk desk;

	(void)state;
	desk_init(&desk, &setting);
	assert_int_equal(kv_take(&desk.kv), -1);
	for (int t = 0; t < LENGTH; t++)
		rows[t] = desk_row(&desk, 0, t, NULL);
	forward_run(desk.forward, rows, LENGTH);
	for (int b = 0; b < 5; b++)
		kv_give(&desk.kv, desk.blocks[0][b]);
	assert_int_equal(desk.kv.n_free, 5);
	size_t bytes = (size_t)desk.kv.n_blocks * desk.kv.block_bytes;
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(desk.kv.memory[i], 0);
	desk_release(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logits_are_those_of_the_model),
		cmocka_unit_test(test_a_row_has_the_same_bits_in_any_company),
		cmocka_unit_test(test_a_shared_prefix_is_as_good_as_ones_own),
		cmocka_unit_test(
			test_allowed_tokens_have_the_logits_they_have_among_all),
		cmocka_unit_test(test_sets_with_fused_sums_agree_to_the_bit),
		cmocka_unit_test(test_blocks_are_wiped_when_given_back),
	};

	return cmocka_run_group_tests_name("model_forward", tests, NULL, NULL);
}
