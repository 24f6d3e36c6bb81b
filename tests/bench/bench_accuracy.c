/* What weights, keys and values in fewer bits do to the logits of a model:
 * bench_accuracy [POSITIONS [SHAPE | DIR [WEIGHTS]]], against f32 in all; 2,000
 * positions of distilgpt2 with weights from a seed, and weights of all types,
 * without these.  Texts of LENGTH
 * tokens, by chance.
 *
 * For each way: how often the highest logit is that of the same token, the
 * mean and the worst divergence (KL, in nats), and the error of a logit against
 * their spread, both as roots of mean squares. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/compute.h"
#include "model/forward.h"
#include "model/kernels.h"
#include "model/kv.h"
#include "model/logits.h"
#include "model/model.h"
#include "model/weights.h"

#define LENGTH 500
#define CHUNK 50
#define SEED 1

struct way {
	enum packing packing;
	enum kv_type kv_type;
	struct kv kv;
	struct forward *forward;
	int *blocks;
	float *logits; /* (CHUNK, n_vocab) */
	double divergence, worst, error;
	int n_same;
};

struct bench {
	struct model_weights weights;
	struct compute *compute;
	struct model models[N_PACKINGS];
	struct way ways[N_PACKINGS * N_KV_TYPES]; /* the first: f32 in all */
	double spread;
	int n_positions, only; /* packing; -1: all */
};

static bool
is_wanted(const struct bench *bench, int way)
{
	return way == 0 || bench->only < 0 || bench->only == way / N_KV_TYPES;
}

static void
check(int rc, const struct err *err)
{
	if (rc) {
		fprintf(stderr, "bench_accuracy: %s\n", err->text);
		exit(1);
	}
}

static void
open_way(struct bench *bench, int i)
{
	struct err err = {0};
	struct way *way = bench->ways + i;
	const struct model_config *config = &bench->weights.config;
	int n_blocks = LENGTH / KV_BLOCK + 1;

	way->packing = (enum packing)(i / N_KV_TYPES);
	way->kv_type = (enum kv_type)(i % N_KV_TYPES);
	check(kv_init(&way->kv, config, way->kv_type, n_blocks, &err), &err);
	way->forward = forward_new(bench->models + way->packing, &way->kv,
				   bench->compute, kernels_best(), CHUNK, &err);
	way->blocks = mem_array((size_t)n_blocks, sizeof *way->blocks);
	way->logits =
		mem_array((size_t)config->n_vocab, CHUNK * sizeof *way->logits);
	if (!way->blocks || !way->logits)
		err_set(&err, "no memory");
	check(!way->forward || !way->blocks || !way->logits, &err);
	for (int b = 0; b < n_blocks; b++)
		way->blocks[b] = kv_take(&way->kv);
}

static void
open_all(struct bench *bench, const char *name)
{
	struct err err = {0};
	const struct model_config *config = model_config_find(name);

	check(config ? model_weights_make(&bench->weights, config, SEED, &err)
		     : model_weights_load(&bench->weights, name, NULL, &err),
	      &err);
	bench->compute = compute_new((int)sysconf(_SC_NPROCESSORS_ONLN), &err);
	check(!bench->compute, &err);
	for (enum packing packing = 0; packing < N_PACKINGS; packing++)
		check(model_init(bench->models + packing, &bench->weights,
				 packing, bench->compute, &err),
		      &err);
	for (int i = 0; i < N_PACKINGS * N_KV_TYPES; i++)
		if (is_wanted(bench, i))
			open_way(bench, i);
}

/* CHUNK positions of one text. */
static void
run_way(struct way *way, const int *tokens, int position, int n_vocab)
{
	struct forward_row rows[CHUNK];

	for (int i = 0; i < CHUNK; i++)
		rows[i] = (struct forward_row){
			.token = tokens[i],
			.position = position + i,
			.blocks = way->blocks,
			.logits = way->logits + (size_t)i * (size_t)n_vocab,
		};
	forward_run(way->forward, rows, CHUNK);
}

static double
spread_of(const float *logits, int n)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < n; i++) {
		sum += (double)logits[i];
		squares += (double)logits[i] * (double)logits[i];
	}
	return squares / n - sum / n * (sum / n);
}

static void
compare(struct way *way, const float *want, const float *have, int n)
{
	struct logits a = {want, NULL, n}, b = {have, NULL, n};
	struct token_score best[2];
	double log_a = logits_log_sum(&a), log_b = logits_log_sum(&b);
	double divergence = 0, mean = 0, squares = 0;

	for (int i = 0; i < n; i++) {
		double off = (double)have[i] - (double)want[i];
		mean += off / n;
		squares += off * off / n;
		divergence +=
			exp((double)want[i] - log_a) * (log_b - log_a - off);
	}
	logits_top(&a, 1, best);
	logits_top(&b, 1, best + 1);
	way->n_same += best[0].id == best[1].id;
	way->divergence += divergence;
	way->worst = fmax(way->worst, divergence);
	/* What is added to all changes nothing. */
	way->error += squares - mean * mean;
}

static void
run_chunk(struct bench *bench, const int *tokens, int position)
{
	int n = bench->weights.config.n_vocab;
	const float *want = bench->ways[0].logits;

	for (int w = 0; w < N_PACKINGS * N_KV_TYPES; w++) {
		struct way *way = bench->ways + w;
		if (!is_wanted(bench, w))
			continue;
		run_way(way, tokens, position, n);
		for (int i = 0; i < CHUNK; i++) {
			size_t place = (size_t)i * (size_t)n;
			if (w == 0)
				bench->spread += spread_of(want + place, n);
			else
				compare(way, want + place, way->logits + place,
					n);
		}
	}
	bench->n_positions += CHUNK;
}

static void
print_way(const struct bench *bench, const struct way *way)
{
	int n = bench->n_positions;

	printf("%-5s kv %-5s top-1 %6.2f %%  KL %.6f, worst %.6f  "
	       "error %.5f of the spread\n",
	       packing_name(way->packing), kv_type_name(way->kv_type),
	       100.0 * way->n_same / n, way->divergence / n, way->worst,
	       sqrt(way->error / bench->spread));
}

int
main(int argc, char **argv)
{
	static struct bench bench;
	int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 2000, tokens[CHUNK];
	uint32_t chance = 1;

	bench.only = argc > 3 ? packing_find(argv[3]) : -1;
	open_all(&bench, argc > 2 ? argv[2] : "distilgpt2");
	for (int first = 0; first < n; first += CHUNK) {
		for (int i = 0; i < CHUNK; i++) {
			chance = chance * 1664525 + 1013904223;
			tokens[i] =
				(int)((chance >> 8) %
				      (uint32_t)bench.weights.config.n_vocab);
		}
		run_chunk(&bench, tokens, first % LENGTH);
	}
	printf("%d positions, logits spread by %.3f\n", bench.n_positions,
	       sqrt(bench.spread / bench.n_positions));
	for (int i = 1; i < N_PACKINGS * N_KV_TYPES; i++)
		if (is_wanted(&bench, i))
			print_way(&bench, bench.ways + i);
	return 0;
}
