/* What a step of a model costs.
 *
 * Each of B sequences reads a prompt of P tokens, and then goes on for N, all
 * together.  Tokens per second are summed over the batch; nothing is sampled.
 * The bandwidth is that of reading the packed weights by as many threads in the
 * same run, between the repetitions, so that what else the machine does weighs
 * on both: decode_of_bandwidth is the share of the time of a step that reading
 * its weights alone would take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/model_open.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/compute.h"
#include "model/kernels.h"

#define REPETITIONS 5
#define READINGS 5
#define READ_BYTES (256 << 10)
#define BATCH_MAX 1024
#define CHUNK_MAX 65536

struct bench {
	struct opened opened;
	int kv_type;
	int prompt, tokens, batch, chunk;
	int per_sequence;	  /* blocks of one */
	int *blocks;		  /* (batch, per_sequence) */
	struct forward_row *rows; /* (batch * prompt), as they come */
	unsigned chance;
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

static double
seconds_since(int64_t start_us)
{
	return (double)(time_mono_us() - start_us) * 1e-6;
}

/* ---- Reading alone */

struct reading {
	const unsigned char *memory;
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

/* Bytes per second of reading what a step reads: as a step is short, the best
 * of a few readings. */
static double
read_weights(struct bench *bench)
{
	const struct model *model = &bench->opened.model;
	struct reading reading = {.memory = model->memory};
	int n_chunks = (int)(model->bytes_per_token / READ_BYTES);
	double best = 0;

	for (int i = 0; i < READINGS; i++) {
		int64_t start = time_mono_us();
		compute_run(bench->opened.compute, read_chunk, &reading,
			    n_chunks);
		double rate =
			(double)n_chunks * READ_BYTES / seconds_since(start);
		best = rate > best ? rate : best;
	}
	return best;
}

/* ---- Steps */

static struct forward_row
make_row(struct bench *bench, int sequence, int position, bool has_logits)
{
	struct step *step = &bench->opened.step;
	size_t place = (size_t)sequence * (size_t)step->n_vocab;

	bench->chance = bench->chance * 1664525 + 1013904223;
	return (struct forward_row){
		.token = (int)(bench->chance >> 8) % step->n_vocab,
		.position = position,
		.blocks = bench->blocks + sequence * bench->per_sequence,
		.logits = has_logits ? step->logits + place : NULL,
	};
}

/* All prompts, in steps of up to a chunk of rows. */
static double
run_prompts(struct bench *bench)
{
	int n = bench->batch * bench->prompt;

	for (int i = 0; i < n; i++) {
		int position = i % bench->prompt;
		bench->rows[i] = make_row(bench, i / bench->prompt, position,
					  position == bench->prompt - 1);
	}
	int64_t start = time_mono_us();
	for (int i = 0; i < n; i += bench->chunk)
		forward_run(bench->opened.forward, bench->rows + i,
			    n - i < bench->chunk ? n - i : bench->chunk);
	return n / seconds_since(start);
}

static double
run_tokens(struct bench *bench)
{
	int64_t start = time_mono_us();

	for (int t = 0; t < bench->tokens; t++) {
		for (int s = 0; s < bench->batch; s++)
			bench->rows[s] =
				make_row(bench, s, bench->prompt + t, true);
		forward_run(bench->opened.forward, bench->rows, bench->batch);
	}
	return bench->tokens * bench->batch / seconds_since(start);
}

static int64_t
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void
set_rate(json_t *result, const char *key, double mean, double best)
{
	json_t *rate = json_object();

	json_set_real(rate, "mean", mean);
	json_set_real(rate, "best", best);
	json_object_set_new(result, key, rate);
}

static json_t *
measure(struct bench *bench)
{
	struct rate prefill = {0}, decode = {0}, read = {0};
	const struct model *model = &bench->opened.model;
	double per_step = (double)model->bytes_per_token / bench->batch;
	json_t *result = json_object();

	for (int i = 0; i <= REPETITIONS; i++) {
		double rates[] = {run_prompts(bench), run_tokens(bench),
				  read_weights(bench)};
		if (i == 0) /* to warm up */
			continue;
		add_rate(&prefill, rates[0]);
		add_rate(&decode, rates[1]);
		add_rate(&read, rates[2]);
	}
	json_set_text(result, "weights", packing_name(model->packing));
	json_set_text(result, "kernels", bench->opened.kernels->name);
	json_set_text(result, "kv", kv_type_name((enum kv_type)bench->kv_type));
	json_set_int(result, "threads",
		     compute_n_threads(bench->opened.compute));
	json_set_int(result, "batch", bench->batch);
	set_rate(result, "prefill", prefill.sum / prefill.n, prefill.best);
	set_rate(result, "decode", decode.sum / decode.n, decode.best);
	json_set_int(result, "bytes_per_token",
		     (int64_t)model->bytes_per_token);
	json_set_int(result, "rss_bytes", resident_bytes());
	set_rate(result, "read_bytes_per_second", read.sum / read.n, read.best);
	set_rate(result, "decode_of_bandwidth",
		 decode.sum * per_step / read.sum,
		 decode.best * per_step / read.best);
	return result;
}

/* ---- Arguments */

static int
read_kv(struct bench *bench, const char *type, struct err *err)
{
	bench->kv_type = type ? kv_type_find(type)
			      : (int)kv_type_for(bench->opened.model.packing);
	return bench->kv_type < 0 ? err_misuse(err, "--kv is f32, f16 or "
							  "int8")
				      : 0;
}

static int
read_kernels(struct bench *bench, const char *name, struct err *err)
{
	if (!name)
		return 0;
	bench->opened.kernels = kernels_find(name);
	return bench->opened.kernels
		       ? 0
		       : err_misuse(err,
				    "--kernels: this processor has no kernels "
				    "'%s'",
				    name);
}

static int
read_arguments(struct bench *bench, const struct admin_call *call,
	       struct err *err)
{
	int positions = bench->opened.model.config.n_positions;

	if (model_number(call, "prompt", 512, 1, positions, &bench->prompt,
			 err) ||
	    model_number(call, "tokens", 64, 1, positions, &bench->tokens,
			 err) ||
	    model_number(call, "batch", 1, 1, BATCH_MAX, &bench->batch, err) ||
	    model_number(call, "chunk", 512, 1, CHUNK_MAX, &bench->chunk,
			 err) ||
	    read_kv(bench, admin_text(call, "kv"), err) ||
	    read_kernels(bench, admin_text(call, "kernels"), err))
		return -1;
	if (bench->prompt + bench->tokens > positions)
		return err_misuse(
			err,
			"--prompt and --tokens are more than the model's "
			"%d positions",
			positions);
	return 0;
}

static int
prepare(struct bench *bench, struct err *err)
{
	int length = bench->prompt + bench->tokens;
	int max_rows =
		bench->chunk > bench->batch ? bench->chunk : bench->batch;

	bench->per_sequence = (length + KV_BLOCK - 1) / KV_BLOCK;
	int n_blocks = bench->batch * bench->per_sequence;
	if (model_room(&bench->opened, (enum kv_type)bench->kv_type, n_blocks,
		       max_rows, bench->batch, err))
		return -1;
	bench->blocks = mem_array((size_t)n_blocks, sizeof *bench->blocks);
	bench->rows = mem_array((size_t)bench->batch * (size_t)bench->prompt,
				sizeof *bench->rows);
	if (!bench->blocks || !bench->rows)
		return err_set(err, "no memory for so many sequences");
	for (int i = 0; i < n_blocks; i++)
		bench->blocks[i] = kv_take(&bench->opened.kv);
	return 0;
}

int
model_bench(struct admin_call *call, struct err *err)
{
	struct bench bench = {.chance = 1};
	int rc = model_open(&bench.opened, call, err);

	if (!rc)
		rc = read_arguments(&bench, call, err);
	if (!rc)
		rc = prepare(&bench, err);
	if (!rc)
		call->result = measure(&bench);
	free(bench.blocks);
	free(bench.rows);
	model_close(&bench.opened);
	return rc;
}

static void
print_rate(const json_t *result, const char *key, const char *label,
	   const char *unit, double scale, FILE *out)
{
	const json_t *rate = json_object_get(result, key);

	fprintf(out, "%-10s %9.1f %s, best %.1f\n", label,
		json_number_value(json_object_get(rate, "mean")) * scale, unit,
		json_number_value(json_object_get(rate, "best")) * scale);
}

void
model_print_bench(const json_t *result, FILE *out)
{
	fprintf(out,
		"%s weights, %s kernels, kv in %s, %lld threads, %lld "
		"sequences\n",
		json_get_text(result, "weights", ""),
		json_get_text(result, "kernels", ""),
		json_get_text(result, "kv", ""),
		(long long)json_get_int(result, "threads", 0),
		(long long)json_get_int(result, "batch", 0));
	print_rate(result, "prefill", "prefill", "tokens/s", 1, out);
	print_rate(result, "decode", "decode", "tokens/s", 1, out);
	print_rate(result, "read_bytes_per_second", "reading", "GB/s", 1e-9,
		   out);
	print_rate(result, "decode_of_bandwidth", "decode at",
		   "% of the bandwidth", 100, out);
	fprintf(out, "%.1f MB of weights a step, %.1f MB resident\n",
		(double)json_get_int(result, "bytes_per_token", 0) * 1e-6,
		(double)json_get_int(result, "rss_bytes", 0) * 1e-6);
}

const struct admin_argument model_bench_arguments[] = {
	MODEL_OPEN_ARGUMENTS,
	{"--prompt", ADMIN_NUMBER, false, "N", "tokens; 512 without it"},
	{"--tokens", ADMIN_NUMBER, false, "N",
	 "one after the other; 64 without it"},
	{"--batch", ADMIN_NUMBER, false, "N", "sequences; 1 without it"},
	{"--kv", ADMIN_TEXT, false, "TYPE",
	 "keys and values in f32, f16 or int8; else what suits the weights"},
	{"--kernels", ADMIN_TEXT, false, "NAME", "not the best that there are"},
	{"--chunk", ADMIN_NUMBER, false, "N",
	 "rows of a prompt in a step; 512 without it"},
	{0},
};
