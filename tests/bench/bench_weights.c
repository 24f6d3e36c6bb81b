/* How far packed weights are from those in f32.
 *
 *   bench_weights [DIR IDS]
 *
 * Without arguments the weights are from a seed, in the shape of distilgpt2,
 * and so are the tokens; else DIR has a model, and the file IDS tokens, as
 * `tellerctl model tokenize --json` prints them.  2,000 positions in windows of
 * up to 1,000: how often both have the same first token, and the mean of the
 * Kullback-Leibler divergence of their distributions.  Keys and values are as
 * in `tellerctl model bench`: f32 beside weights in f32, f16 beside others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/model_open.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/kernels.h"
#include "model/logits.h"

#define POSITIONS 2000
#define WINDOW 1000
#define ROWS 20 /* of a step; windows are whole steps */

struct engine {
	struct opened opened;
	int *blocks;
};

struct comparison {
	int n, n_same;
	double divergence;
};

static void
fail(const char *words)
{
	fprintf(stderr, "bench_weights: %s\n", words);
	exit(1);
}

/* ---- The models */

static void
open_engine(struct engine *engine, const char *dir, enum packing packing,
	    int window)
{
	json_t *arguments = json_object();
	struct admin_call call = {.arguments = arguments};
	enum kv_type kv = kv_type_for(packing);
	int n_blocks = (window + KV_BLOCK - 1) / KV_BLOCK;
	struct err err;

	json_set_text(arguments, dir ? "model" : "synthetic",
		      dir ? dir : "distilgpt2");
	json_set_text(arguments, "weights", packing_name(packing));
	if (model_open(&engine->opened, &call, &err) ||
	    model_room(&engine->opened, kv, n_blocks, ROWS, ROWS, &err))
		fail(err.text);
	json_decref(arguments);
	engine->blocks = mem_array((size_t)n_blocks, sizeof *engine->blocks);
	if (!engine->blocks)
		mem_exhausted();
	for (int i = 0; i < n_blocks; i++)
		engine->blocks[i] = kv_take(&engine->opened.kv);
}

static void
close_engine(struct engine *engine)
{
	free(engine->blocks);
	model_close(&engine->opened);
}

/* The logits (n, V) of positions first ... first + n - 1 of a window. */
static const float *
run(struct engine *engine, const int *tokens, int first, int n)
{
	struct step *step = &engine->opened.step;

	for (int i = 0; i < n; i++)
		step->rows[i] = (struct forward_row){
			.token = tokens[first + i],
			.position = first + i,
			.blocks = engine->blocks,
			.logits = step->logits +
				  (size_t)i * (size_t)step->n_vocab,
		};
	forward_run(engine->opened.forward, step->rows, n);
	return step->logits;
}

/* ---- Tokens */

static int *
read_tokens(const char *path, int n_vocab, int *n_r)
{
	json_error_t error;
	json_t *document = json_load_file(path, 0, &error);
	const json_t *ids = json_object_get(document, "ids");
	int n = json_array_size(ids) < POSITIONS ? (int)json_array_size(ids)
						 : POSITIONS;
	int *tokens = mem_new((size_t)POSITIONS * sizeof *tokens);

	if (n == 0)
		fail("there are no tokens in the file");
	for (int i = 0; i < n; i++) {
		json_int_t id =
			json_integer_value(json_array_get(ids, (size_t)i));
		if (id < 0 || id >= n_vocab)
			fail("the model has no such tokens");
		tokens[i] = (int)id;
	}
	json_decref(document);
	*n_r = n;
	return tokens;
}

static int *
make_tokens(int n_vocab, int *n_r)
{
	int *tokens = mem_new((size_t)POSITIONS * sizeof *tokens);

	for (int i = 0; i < POSITIONS; i++)
		tokens[i] = (int)(sample_chance(1, (uint64_t)i) * n_vocab);
	*n_r = POSITIONS;
	return tokens;
}

/* ---- The comparison */

/* The sum of p (log p - log q). */
static double
divergence(const struct logits *p, const struct logits *q)
{
	double log_p = logits_log_sum(p), log_q = logits_log_sum(q), sum = 0;

	for (int i = 0; i < p->n; i++) {
		double log_p_i = (double)p->values[i] - log_p;
		double log_q_i = (double)q->values[i] - log_q;
		sum += exp(log_p_i) * (log_p_i - log_q_i);
	}
	return sum;
}

static void
compare(struct comparison *comparison, const float *exact, const float *packed,
	int n_vocab)
{
	struct logits p = {.values = exact, .n = n_vocab};
	struct logits q = {.values = packed, .n = n_vocab};
	struct token_score first_p, first_q;

	logits_top(&p, 1, &first_p);
	logits_top(&q, 1, &first_q);
	comparison->n++;
	comparison->n_same += first_p.id == first_q.id;
	comparison->divergence += divergence(&p, &q);
}

static struct comparison
compare_all(struct engine *exact, struct engine *packed, const int *tokens,
	    int n, int window)
{
	int n_vocab = exact->opened.model.config.n_vocab;
	struct comparison comparison = {0};

	for (int start = 0; start < n; start += window) {
		int end = n - start < window ? n - start : window;
		for (int i = 0; i < end; i += ROWS) {
			int rows = end - i < ROWS ? end - i : ROWS;
			const float *p = run(exact, tokens + start, i, rows);
			const float *q = run(packed, tokens + start, i, rows);
			for (int r = 0; r < rows; r++)
				compare(&comparison,
					p + (size_t)r * (size_t)n_vocab,
					q + (size_t)r * (size_t)n_vocab,
					n_vocab);
		}
	}
	return comparison;
}

static int
window_of(const struct engine *engine)
{
	int n_positions = engine->opened.model.config.n_positions;

	return n_positions < WINDOW ? n_positions : WINDOW;
}

int
main(int argc, char **argv)
{
	const char *dir = argc > 2 ? argv[1] : NULL;
	struct engine exact, packed;
	int n, *tokens;

	if (argc == 2)
		fail("bench_weights [DIR IDS]");
	open_engine(&exact, dir, PACKED_F32, WINDOW);
	int n_vocab = exact.opened.model.config.n_vocab;
	tokens = dir ? read_tokens(argv[2], n_vocab, &n)
		     : make_tokens(n_vocab, &n);
	printf("%d positions, %s kernels, beside f32\n", n,
	       exact.opened.kernels->name);
	for (int packing = PACKED_F32 + 1; packing < N_PACKINGS; packing++) {
		open_engine(&packed, dir, (enum packing)packing, WINDOW);
		struct comparison comparison = compare_all(
			&exact, &packed, tokens, n, window_of(&exact));
		printf("%-5s  the same first token %6.2f %%, mean divergence "
		       "%.2e nats\n",
		       packing_name((enum packing)packing),
		       100.0 * comparison.n_same / comparison.n,
		       comparison.divergence / comparison.n);
		fflush(stdout);
		close_engine(&packed);
	}
	free(tokens);
	close_engine(&exact);
	return 0;
}
