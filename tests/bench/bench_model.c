/* What a step of the generator costs: bench_model [--synthetic distilgpt2]
 * [--weights f32|bf16|int8|int4] [--threads T] [--prompt P] [--tokens N]
 * [--batch B] [--kv f32|f16] [--kernels NAME] [--chunk ROWS].
 *
 * Keys and values are kept in f32 with weights in f32, otherwise in f16.
 *
 * Each of B sequences reads a prompt of P tokens, and then goes on for N, all
 * together.  Tokens per second are summed over the batch; nothing is sampled.
 * The bandwidth is that of reading the packed weights by as many threads in the
 * same run, between the repetitions, so that what else the machine does weighs
 * on both: decode_of_bandwidth is the share of the time of a step that reading
 * its weights alone would take. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "model/compute.h"
#include "model/forward.h"
#include "model/kernels.h"
#include "model/kv.h"
#include "model/model.h"
#include "model/weights.h"

#define REPETITIONS 5
#define READ_BYTES (256 << 10)

static const struct {
	const char *name;
	struct model_config config;
} shapes[] = {
	{"distilgpt2", {6, 12, 768, 3072, 1024, 50257, 1e-5F, true, 50256}},
	{"gpt2", {12, 12, 768, 3072, 1024, 50257, 1e-5F, true, 50256}},
};

struct options {
	const struct model_config *config;
	const struct kernels *kernels;
	int packing, kv_type;
	int threads, prompt, tokens, batch, chunk;
};

struct bench {
	struct options options;
	struct model model;
	struct kv kv;
	struct compute *compute;
	struct forward *forward;
	struct forward_row *rows; /* (batch * prompt), as they come */
	int **blocks;		  /* (batch) */
	float *logits;		  /* (batch, V) */
};

struct rate {
	double sum, best;
	int n;
};

static void
add_rate(struct rate *rate, double value)
{
	rate->sum += value;
	rate->n++;
	if (value > rate->best)
		rate->best = value;
}

static void
die(const char *words)
{
	fprintf(stderr, "bench_model: %s\n", words);
	exit(2);
}

static double
seconds_since(int64_t start_us)
{
	return (double)(time_mono_us() - start_us) * 1e-6;
}

/* --- Reading alone */

struct reading {
	const unsigned char *memory;
	size_t bytes;
	uint64_t sums[COMPUTE_THREADS_MAX];
};

static void
read_chunk(void *arg, int chunk, int thread)
{
	struct reading *reading = arg;
	size_t start = (size_t)chunk * READ_BYTES;
	const uint64_t *words = (const uint64_t *)(reading->memory + start);
	uint64_t sums[8] = {0};

	for (size_t i = 0; i < READ_BYTES / sizeof *words; i += 8) {
		__builtin_prefetch(words + i + 512);
		for (int lane = 0; lane < 8; lane++)
			sums[lane] += words[i + (size_t)lane];
	}
	for (int lane = 0; lane < 8; lane++)
		reading->sums[thread] += sums[lane];
}

/* Bytes per second of reading what a step reads. */
static double
read_weights(struct bench *bench)
{
	struct reading reading = {.memory = bench->model.memory};
	int n_chunks = (int)(bench->model.bytes_per_token / READ_BYTES);
	int64_t start = time_mono_us();

	compute_run(bench->compute, read_chunk, &reading, n_chunks);
	return (double)n_chunks * READ_BYTES / seconds_since(start);
}

/* --- Steps */

static struct forward_row
make_row(const struct bench *bench, int sequence, int position, bool has_logits)
{
	int n_vocab = bench->model.config.n_vocab;

	return (struct forward_row){
		.token = (int)(random() % n_vocab),
		.position = position,
		.blocks = bench->blocks[sequence],
		.logits = has_logits ? bench->logits + (size_t)sequence *
							       (size_t)n_vocab
				     : NULL,
	};
}

/* All prompts, in steps of up to a chunk of rows. */
static double
run_prompts(struct bench *bench)
{
	const struct options *options = &bench->options;
	int n = options->batch * options->prompt;

	for (int i = 0; i < n; i++) {
		int position = i % options->prompt;
		bench->rows[i] = make_row(bench, i / options->prompt, position,
					  position == options->prompt - 1);
	}
	int64_t start = time_mono_us();
	for (int i = 0; i < n; i += options->chunk)
		forward_run(bench->forward, bench->rows + i,
			    n - i < options->chunk ? n - i : options->chunk);
	return n / seconds_since(start);
}

static double
run_tokens(struct bench *bench)
{
	const struct options *options = &bench->options;
	int64_t start = time_mono_us();

	for (int t = 0; t < options->tokens; t++) {
		for (int s = 0; s < options->batch; s++)
			bench->rows[s] =
				make_row(bench, s, options->prompt + t, true);
		forward_run(bench->forward, bench->rows, options->batch);
	}
	return options->tokens * options->batch / seconds_since(start);
}

static long
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static void
measure(struct bench *bench)
{
	struct rate prefill = {0}, decode = {0}, bandwidth = {0};
	const struct options *options = &bench->options;
	size_t bytes = bench->model.bytes_per_token;

	for (int i = 0; i <= REPETITIONS; i++) {
		double rates[] = {run_prompts(bench), run_tokens(bench), 0};
		/* A step is short: the best of a few readings beside it. */
		for (int j = 0; j < 5; j++) {
			double rate = read_weights(bench);
			rates[2] = rate > rates[2] ? rate : rates[2];
		}
		if (i == 0) /* to warm up */
			continue;
		add_rate(&prefill, rates[0]);
		add_rate(&decode, rates[1]);
		add_rate(&bandwidth, rates[2]);
	}
	double per_step = (double)bytes / options->batch;
	printf("{\"weights\":\"%s\",\"kernels\":\"%s\",\"kv\":\"%s\","
	       "\"threads\":%d,\"batch\":%d,"
	       "\"prefill\":{\"mean\":%.1f,\"best\":%.1f},"
	       "\"decode\":{\"mean\":%.1f,\"best\":%.1f},"
	       "\"bytes_per_token\":%zu,\"rss_bytes\":%ld,"
	       "\"read_bytes_per_second\":{\"mean\":%.3g,\"best\":%.3g},"
	       "\"decode_of_bandwidth\":{\"mean\":%.3f,\"best\":%.3f}}\n",
	       packing_name(bench->model.packing), options->kernels->name,
	       options->kv_type == KV_F16 ? "f16" : "f32", options->threads,
	       options->batch, prefill.sum / prefill.n, prefill.best,
	       decode.sum / decode.n, decode.best, bytes, resident_bytes(),
	       bandwidth.sum / bandwidth.n, bandwidth.best,
	       decode.sum * per_step / bandwidth.sum,
	       decode.best * per_step / bandwidth.best);
}

static void
prepare(struct bench *bench)
{
	const struct options *options = &bench->options;
	struct model_weights weights;
	struct err err = {""};
	int length = options->prompt + options->tokens;
	int per_sequence = (length + KV_BLOCK - 1) / KV_BLOCK;

	if (model_weights_make(&weights, options->config, 1, &err) < 0)
		die(err.text);
	bench->compute = compute_new(options->threads, &err);
	if (!bench->compute ||
	    model_init(&bench->model, &weights, (enum packing)options->packing,
		       bench->compute, &err) < 0 ||
	    kv_init(&bench->kv, options->config, (enum kv_type)options->kv_type,
		    options->batch * per_sequence, &err) < 0)
		die(err.text);
	model_weights_release(&weights);
	int max_rows = options->chunk > options->batch ? options->chunk
						       : options->batch;
	bench->forward = forward_new(&bench->model, &bench->kv, bench->compute,
				     options->kernels, max_rows, &err);
	if (!bench->forward)
		die(err.text);
	size_t batch = (size_t)options->batch;
	bench->rows = calloc(batch * (size_t)length, sizeof *bench->rows);
	bench->blocks = calloc(batch, sizeof *bench->blocks);
	bench->logits = calloc(batch * (size_t)options->config->n_vocab,
			       sizeof *bench->logits);
	for (size_t s = 0; s < batch; s++) {
		bench->blocks[s] = calloc((size_t)per_sequence, sizeof(int));
		for (int b = 0; b < per_sequence; b++)
			bench->blocks[s][b] = kv_take(&bench->kv);
	}
}

static int
number_option(const char *text, int max)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end || end == text || number < 1 || number > max)
		die("a number is out of range");
	return (int)number;
}

static const struct model_config *
find_shape(const char *name)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i].config;
	die("shapes are distilgpt2 and gpt2");
	return NULL;
}

static void
read_options(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{"synthetic", required_argument, NULL, 's'},
		{"weights", required_argument, NULL, 'w'},
		{"threads", required_argument, NULL, 't'},
		{"prompt", required_argument, NULL, 'p'},
		{"tokens", required_argument, NULL, 'n'},
		{"batch", required_argument, NULL, 'b'},
		{"kv", required_argument, NULL, 'k'},
		{"kernels", required_argument, NULL, 'i'},
		{"chunk", required_argument, NULL, 'c'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (option) {
		case 's':
			options->config = find_shape(optarg);
			break;
		case 'w':
			options->packing = packing_find(optarg);
			break;
		case 't':
			options->threads =
				number_option(optarg, COMPUTE_THREADS_MAX);
			break;
		case 'p':
			options->prompt = number_option(optarg, 1023);
			break;
		case 'n':
			options->tokens = number_option(optarg, 1023);
			break;
		case 'b':
			options->batch = number_option(optarg, 1024);
			break;
		case 'k':
			options->kv_type =
				strcmp(optarg, "f16") ? KV_F32 : KV_F16;
			break;
		case 'i':
			options->kernels = kernels_find(optarg);
			break;
		case 'c':
			options->chunk = number_option(optarg, 1 << 16);
			break;
		default:
			exit(2);
		}
	if (options->packing < 0)
		die("weights are f32, bf16, int8 and int4");
	if (options->kv_type < 0)
		options->kv_type =
			options->packing == PACKED_F32 ? KV_F32 : KV_F16;
	if (!options->kernels)
		die("this processor has no such kernels");
	if (options->prompt + options->tokens > options->config->n_positions)
		die("prompt and tokens do not fit in the model's positions");
}

int
main(int argc, char **argv)
{
	struct bench bench = {
		.options =
			{
				.config = find_shape("distilgpt2"),
				.kernels = kernels_best(),
				.packing = PACKED_INT8,
				.kv_type = -1,
				.threads = 2,
				.prompt = 512,
				.tokens = 64,
				.batch = 1,
				.chunk = 512,
			},
	};

	read_options(&bench.options, argc, argv);
	prepare(&bench);
	measure(&bench);
	return 0;
}
