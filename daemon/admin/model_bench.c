/* What a step of a model costs.
 *
 * Each of B sequences reads a prompt of P tokens, and then goes on for N, all
 * together.  Tokens per second are summed over the batch; nothing is sampled.
 * The bandwidth is that of reading the packed weights by as many threads in the
 * same run, between the repetitions, so that what else the machine does weighs
 * on both: decode_of_bandwidth is the share of the time of a step that reading
 * its weights alone would take. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/model_open.h"
#include "admin/model_speed.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "model/compute.h"
#include "model/kernels.h"

#define REPETITIONS 5
#define BATCH_MAX 1024
#define CHUNK_MAX 65536

struct bench {
	struct opened opened;
	struct speed_shape shape;
	enum kv_type kv_type;
	struct speed speed;
};

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
	double per_step = (double)model->bytes_per_token / bench->shape.batch;
	json_t *result = json_object();

	for (int i = 0; i <= REPETITIONS; i++) {
		double rates[] = {speed_prompts(&bench->speed),
				  speed_tokens(&bench->speed),
				  speed_reading(&bench->speed)};
		if (i == 0) /* to warm up */
			continue;
		rate_add(&prefill, rates[0]);
		rate_add(&decode, rates[1]);
		rate_add(&read, rates[2]);
	}
	json_set_text(result, "weights", packing_name(model->packing));
	json_set_text(result, "kernels", bench->opened.kernels->name);
	json_set_text(result, "kv", kv_type_name((enum kv_type)bench->kv_type));
	json_set_int(result, "threads",
		     compute_n_threads(bench->opened.compute));
	json_set_int(result, "batch", bench->shape.batch);
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
	int found = type ? kv_type_find(type)
			 : (int)kv_type_for(bench->opened.model.packing);

	if (found < 0)
		return err_misuse(err, "--kv is f32, f16 or int8");
	bench->kv_type = (enum kv_type)found;
	return 0;
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

	if (model_number(call, "prompt", 512, 1, positions,
			 &bench->shape.prompt, err) ||
	    model_number(call, "tokens", 64, 1, positions, &bench->shape.tokens,
			 err) ||
	    model_number(call, "batch", 1, 1, BATCH_MAX, &bench->shape.batch,
			 err) ||
	    model_number(call, "chunk", 512, 1, CHUNK_MAX, &bench->shape.chunk,
			 err) ||
	    read_kv(bench, admin_text(call, "kv"), err) ||
	    read_kernels(bench, admin_text(call, "kernels"), err))
		return -1;
	if (bench->shape.prompt + bench->shape.tokens > positions)
		return err_misuse(
			err,
			"--prompt and --tokens are more than the model's "
			"%d positions",
			positions);
	return 0;
}

int
model_bench(struct admin_call *call, struct err *err)
{
	struct bench bench = {0};
	int rc = model_open(&bench.opened, call, err);

	if (!rc)
		rc = read_arguments(&bench, call, err);
	if (!rc)
		rc = speed_init(&bench.speed, &bench.opened, &bench.shape,
				bench.kv_type, err);
	if (!rc)
		call->result = measure(&bench);
	speed_release(&bench.speed);
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
