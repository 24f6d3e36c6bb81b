/* What weights, keys and values in fewer bits do to the logits of a model,
 * beside f32 in all.
 *
 *   bench_accuracy [--model PATH --ids FILE | --synthetic SHAPE[:SEED]]
 *                  [--other PATH] [--weights TYPE] [--kv TYPE]
 *                  [--positions N] [--threads N]
 *
 * Without arguments weights are from a seed, in the shape of distilgpt2.  PATH
 * is a directory of the hub or a converted model.  One that was converted has
 * weights of one type: of those in f32 --model is the one, of others --other is
 * compared.  FILE has tokens, as `tellerctl model tokenize --json` prints them;
 * without it they are by chance.  2,000 positions, in texts of up to 1,000.
 * --weights and --kv, which is int8 without it, are one way; else those of the
 * table below are measured.
 *
 * For each way: how often the highest logit is that of the same token, the
 * mean and the worst divergence (KL, in nats), and the error of a logit against
 * their spread, both as roots of mean squares. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/model_open.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/kernels.h"
#include "model/logits.h"

#define POSITIONS 2000
#define TEXT_MAX 1000
#define ROWS 20 /* of a step */

/* What is measured unless the arguments ask for one. */
static const struct way {
	enum packing packing;
	enum kv_type kv;
} ways[] = {
	{PACKED_F32, KV_F16},  {PACKED_F32, KV_INT8},  {PACKED_BF16, KV_F16},
	{PACKED_INT8, KV_F16}, {PACKED_INT8, KV_INT8}, {PACKED_INT4, KV_INT8},
};

struct engine {
	struct opened opened;
	int *blocks;
};

struct comparison {
	int n, n_same;
	double divergence, worst, error, spread;
};

struct bench {
	json_t *arguments;
	struct engine exact;
	int *tokens, n, text_len;
};

__attribute__((format(printf, 1, 2), noreturn)) static void
fail(const char *format, ...)
{
	va_list list;

	fputs("bench_accuracy: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

/* ---- Arguments */

static json_t *
read_arguments(int argc, char **argv)
{
	static const char *const names[] = {"model", "ids",	"synthetic",
					    "other", "weights", "kv"};
	static const char *const numbers[] = {"positions", "threads"};
	json_t *arguments = json_object();

	for (int i = 1; i < argc; i += 2) {
		const char *name = argv[i] + 2;
		bool is_known = false;
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc)
			fail("arguments are --NAME VALUE");
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (strcmp(name, names[k]) == 0) {
				json_set_text(arguments, name, argv[i + 1]);
				is_known = true;
			}
		for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
			if (strcmp(name, numbers[k]) == 0) {
				json_set_int(arguments, name,
					     strtol(argv[i + 1], NULL, 10));
				is_known = true;
			}
		if (!is_known)
			fail("there is no argument %s", argv[i]);
	}
	if (!json_object_get(arguments, "model") &&
	    !json_object_get(arguments, "synthetic"))
		json_set_text(arguments, "synthetic", "distilgpt2");
	return arguments;
}

/* ---- The models */

/* weights NULL: what the model has. */
static void
open_engine(struct engine *engine, const json_t *asked, const char *path,
	    const char *weights, enum kv_type kv)
{
	json_t *arguments = json_copy((json_t *)asked);
	struct admin_call call = {.arguments = arguments};
	int n_blocks = (TEXT_MAX + KV_BLOCK - 1) / KV_BLOCK;
	struct err err;

	json_object_del(arguments, "weights");
	if (weights)
		json_set_text(arguments, "weights", weights);
	if (path) {
		json_object_del(arguments, "synthetic");
		json_set_text(arguments, "model", path);
	}
	if (model_open(&engine->opened, &call, &err) ||
	    model_room(&engine->opened, kv, n_blocks, ROWS, ROWS, &err))
		fail("%s", err.text);
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

/* The logits (n, V) of positions first ... first + n - 1 of a text. */
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

static int
read_tokens(int *tokens, int n_max, const char *path, int n_vocab)
{
	json_error_t error;
	json_t *document = json_load_file(path, 0, &error);
	const json_t *ids = json_object_get(document, "ids");
	int n = 0;

	for (; n < n_max && (size_t)n < json_array_size(ids); n++) {
		json_int_t id =
			json_integer_value(json_array_get(ids, (size_t)n));
		if (id < 0 || id >= n_vocab)
			fail("%s: the model has no token %lld", path,
			     (long long)id);
		tokens[n] = (int)id;
	}
	if (n == 0)
		fail("%s: there are no tokens in it", path);
	json_decref(document);
	return n;
}

static int
make_tokens(int *tokens, int n, int n_vocab)
{
	for (int i = 0; i < n; i++)
		tokens[i] = (int)(sample_chance(1, (uint64_t)i) * n_vocab);
	return n;
}

/* ---- The comparison */

/* What is added to all logits changes nothing, and is no error. */
static void
compare(struct comparison *sum, const float *want, const float *have, int n)
{
	struct logits p = {.values = want, .n = n},
		      q = {.values = have, .n = n};
	double log_p = logits_log_sum(&p), log_q = logits_log_sum(&q);
	double divergence = 0, off_mean = 0, mean = 0;
	struct token_score best[2];

	for (int i = 0; i < n; i++) {
		double off = (double)have[i] - (double)want[i];
		off_mean += off / n;
		mean += (double)want[i] / n;
		divergence +=
			exp((double)want[i] - log_p) * (log_q - log_p - off);
	}
	for (int i = 0; i < n; i++) {
		double from_mean = (double)want[i] - mean;
		double off = (double)have[i] - (double)want[i] - off_mean;
		sum->spread += from_mean * from_mean / n;
		sum->error += off * off / n;
	}
	logits_top(&p, 1, best);
	logits_top(&q, 1, best + 1);
	sum->n++;
	sum->n_same += best[0].id == best[1].id;
	sum->divergence += divergence;
	sum->worst = fmax(sum->worst, divergence);
}

static struct comparison
compare_all(struct bench *bench, struct engine *other)
{
	int n_vocab = bench->exact.opened.model.config.n_vocab;
	struct comparison sum = {0};

	for (int start = 0; start < bench->n; start += bench->text_len) {
		const int *text = bench->tokens + start;
		int left = bench->n - start;
		int end = left < bench->text_len ? left : bench->text_len;
		for (int i = 0; i < end; i += ROWS) {
			int rows = end - i < ROWS ? end - i : ROWS;
			const float *want = run(&bench->exact, text, i, rows);
			const float *have = run(other, text, i, rows);
			for (size_t r = 0; r < (size_t)rows; r++)
				compare(&sum, want + r * (size_t)n_vocab,
					have + r * (size_t)n_vocab, n_vocab);
		}
	}
	return sum;
}

static void
measure(struct bench *bench, const char *path, const char *weights,
	enum kv_type kv)
{
	struct engine other;

	open_engine(&other, bench->arguments, path, weights, kv);
	if (other.opened.model.config.n_vocab !=
		    bench->exact.opened.model.config.n_vocab ||
	    other.opened.model.config.n_positions < bench->text_len)
		fail("--other has another shape than --model");
	struct comparison sum = compare_all(bench, &other);
	printf("%-4s  kv %-4s  top-1 %6.2f %%  KL %.7f, worst %.6f  "
	       "error %.4f of the spread\n",
	       packing_name(other.opened.model.packing), kv_type_name(kv),
	       100.0 * sum.n_same / sum.n, sum.divergence / sum.n, sum.worst,
	       sqrt(sum.error / sum.spread));
	fflush(stdout);
	close_engine(&other);
}

static void
prepare(struct bench *bench)
{
	struct admin_call call = {.arguments = bench->arguments};
	const char *ids = json_get_text(bench->arguments, "ids", NULL);
	const struct model_config *config = &bench->exact.opened.model.config;
	struct err err;
	int n;

	if (model_number(&call, "positions", POSITIONS, 1, 1 << 24, &n, &err))
		fail("%s", err.text);
	open_engine(&bench->exact, bench->arguments, NULL, "f32", KV_F32);
	bench->text_len =
		config->n_positions < TEXT_MAX ? config->n_positions : TEXT_MAX;
	bench->tokens = mem_new((size_t)n * sizeof *bench->tokens);
	bench->n = ids ? read_tokens(bench->tokens, n, ids, config->n_vocab)
		       : make_tokens(bench->tokens, n, config->n_vocab);
	printf("%d positions, %s kernels\n", bench->n,
	       bench->exact.opened.kernels->name);
}

int
main(int argc, char **argv)
{
	struct bench bench = {.arguments = read_arguments(argc, argv)};
	const char *path = json_get_text(bench.arguments, "other", NULL);
	const char *weights = json_get_text(bench.arguments, "weights", NULL);
	const char *name = json_get_text(bench.arguments, "kv", NULL);
	int kv = name ? kv_type_find(name) : (int)KV_INT8;

	if (kv < 0)
		fail("--kv is f32, f16 or int8");
	prepare(&bench);
	if (path || weights || name)
		measure(&bench, path, path || weights ? weights : "f32",
			(enum kv_type)kv);
	for (size_t i = 0;
	     !path && !weights && !name && i < sizeof ways / sizeof *ways; i++)
		measure(&bench, NULL, packing_name(ways[i].packing),
			ways[i].kv);
	free(bench.tokens);
	close_engine(&bench.exact);
	json_decref(bench.arguments);
	return 0;
}
