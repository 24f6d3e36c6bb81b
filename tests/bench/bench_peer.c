/* Our generator beside llama.cpp: the same shape, the same seeded weights, the
 * same processors, in turn.
 *
 *   bench_peer LIBRARIES FILES WEIGHTS TYPE [NAME=NUMBER ...]
 *
 * LIBRARIES is the directory with the peer's libraries, FILES one for its model
 * files, which are made if they are not there.  WEIGHTS are ours (f32, bf16,
 * int8, int4), TYPE is the peer's (F32, F16, BF16, Q8_0, Q4_0, "Q4_0 pure").
 * Each of batch sequences reads a prompt and goes on by so many tokens, as in
 * `tellerctl model bench`; with busy=1 another process takes the last
 * processor in every second turn.  After one turn to warm up there are five, or
 * so many as turns says.  One JSON document comes out, with the greatest
 * difference of the logits of both after the same tokens. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/model_open.h"
#include "admin/model_speed.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/kernels.h"
#include "peer/busy.h"
#include "peer/peer.h"

#define SHAPE "distilgpt2"
#define CHECKED 200 /* tokens whose logits are compared */

struct settings {
	int threads, batch, prompt, tokens, turns, busy;
	int rows, flash, unified, kv32; /* the peer's */
};

struct side {
	struct rate prefill, decode;
};

struct pair {
	struct side ours, theirs;
	struct rate reading;
};

struct bench {
	struct settings settings;
	struct opened opened;
	struct speed speed;
	struct peer *peer;
	int *tokens;		      /* (prompt), by chance */
	int *together;		      /* (batch) */
	struct pair alone, beside;    /* another process */
	double difference, magnitude; /* of logits */
	bool has_same_first;
	double their_prefill, their_decode; /* of the last turn */
};

static void
stop(const struct err *err)
{
	fprintf(stderr, "bench_peer: %s\n", err->text);
	exit(1);
}

/* Both configure the tiles of AMX for the thread they are called on, and the
 * peer only once, so that it gets threads which are not ours. */
static void
run_apart(struct bench *bench, void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, bench))
		mem_exhausted();
	pthread_join(thread, NULL);
	sleep(1); /* until its threads are asleep */
}

/* ---- Arguments */

static void
read_setting(struct settings *settings, const char *text)
{
	const struct {
		const char *name;
		int *place;
	} rows[] = {
		{"threads", &settings->threads}, {"batch", &settings->batch},
		{"prompt", &settings->prompt},	 {"tokens", &settings->tokens},
		{"turns", &settings->turns},	 {"busy", &settings->busy},
		{"rows", &settings->rows},	 {"flash", &settings->flash},
		{"unified", &settings->unified}, {"kv32", &settings->kv32},
	};
	size_t len = strcspn(text, "=");

	for (size_t i = 0; text[len] && i < sizeof rows / sizeof *rows; i++)
		if (strlen(rows[i].name) == len &&
		    strncmp(text, rows[i].name, len) == 0) {
			*rows[i].place = (int)strtol(text + len + 1, NULL, 10);
			return;
		}
	fprintf(stderr, "bench_peer: there is no setting '%s'\n", text);
	exit(2);
}

/* ---- Opening */

static void
open_peer(struct bench *bench, char **argv, struct err *err)
{
	const struct settings *settings = &bench->settings;
	struct peer_options options = {
		.threads = settings->threads,
		.batch = settings->batch,
		.positions = settings->prompt + settings->tokens,
		.rows = settings->rows,
		.has_flash = settings->flash != 0,
		.is_unified = settings->unified != 0,
		.has_f32_kv = settings->kv32 != 0,
	};
	char path[4096];

	if (peer_load(argv[1], err) ||
	    peer_file(path, sizeof path, argv[2], SHAPE, argv[4], err))
		stop(err);
	bench->peer = peer_open(path, &options, err);
	if (!bench->peer)
		stop(err);
}

static void
open_ours(struct bench *bench, const char *weights, struct err *err)
{
	const struct settings *settings = &bench->settings;
	json_t *arguments = json_object();
	struct admin_call call = {.arguments = arguments};
	struct speed_shape shape = {settings->prompt, settings->tokens,
				    settings->batch, settings->prompt};

	json_set_text(arguments, "synthetic", SHAPE);
	json_set_text(arguments, "weights", weights);
	json_set_int(arguments, "threads", settings->threads);
	if (model_open(&bench->opened, &call, err) ||
	    speed_init(&bench->speed, &bench->opened, &shape,
		       kv_type_for(bench->opened.model.packing), err))
		stop(err);
	json_decref(arguments);
}

static void
take_tokens(struct bench *bench)
{
	int n_vocab = bench->opened.model.config.n_vocab;
	const struct settings *settings = &bench->settings;
	unsigned chance = 1;

	bench->tokens =
		mem_array((size_t)settings->prompt, sizeof *bench->tokens);
	bench->together =
		mem_array((size_t)settings->batch, sizeof *bench->together);
	if (!bench->tokens || !bench->together)
		mem_exhausted();
	for (int i = 0; i < settings->prompt; i++) {
		chance = chance * 1664525 + 1013904223;
		bench->tokens[i] = (int)(chance >> 8) % n_vocab;
	}
	for (int i = 0; i < settings->batch; i++)
		bench->together[i] = bench->tokens[i % settings->prompt];
}

static void
check_step(const float *logits)
{
	struct err err;

	if (logits)
		return;
	err_set(&err, "a step of the peer failed");
	stop(&err);
}

/* ---- The same function? */

static int
first_of(const float *logits, int n)
{
	int best = 0;

	for (int i = 1; i < n; i++)
		if (logits[i] > logits[best])
			best = i;
	return best;
}

/* The logits after the first tokens, as compare() finds them. */
static void
read_ours(struct bench *bench)
{
	int n = bench->settings.prompt < CHECKED ? bench->settings.prompt
						 : CHECKED;
	struct forward_row *rows = bench->speed.rows;
	float *logits = bench->opened.step.logits;

	for (int i = 0; i < n; i++)
		rows[i] = (struct forward_row){
			.token = bench->tokens[i],
			.position = i,
			.blocks = bench->speed.blocks,
			.logits = i == n - 1 ? logits : NULL,
		};
	forward_run(bench->opened.forward, rows, n);
}

static void *
compare(void *arg)
{
	struct bench *bench = arg;
	int n = bench->settings.prompt < CHECKED ? bench->settings.prompt
						 : CHECKED;
	int n_vocab = bench->opened.model.config.n_vocab;
	const float *ours = bench->opened.step.logits;

	const float *theirs = peer_read(bench->peer, 0, 0, bench->tokens, n);
	check_step(theirs);
	for (int i = 0; i < n_vocab; i++) {
		double ours_i = (double)ours[i];
		bench->difference = fmax(bench->difference,
					 fabs(ours_i - (double)theirs[i]));
		bench->magnitude = fmax(bench->magnitude, fabs(ours_i));
	}
	bench->has_same_first =
		first_of(ours, n_vocab) == first_of(theirs, n_vocab);
	return NULL;
}

/* ---- Turns */

static double
seconds_since(int64_t start_us)
{
	return (double)(time_mono_us() - start_us) * 1e-6;
}

static void *
run_peer(void *arg)
{
	struct bench *bench = arg;
	const struct settings *settings = &bench->settings;
	double n = settings->batch;

	peer_clear(bench->peer);
	int64_t start = time_mono_us();
	for (int s = 0; s < settings->batch; s++)
		check_step(peer_read(bench->peer, s, 0, bench->tokens,
				     settings->prompt));
	bench->their_prefill = n * settings->prompt / seconds_since(start);
	start = time_mono_us();
	for (int t = 0; t < settings->tokens; t++)
		check_step(peer_step(bench->peer, settings->prompt + t,
				     bench->together));
	bench->their_decode = n * settings->tokens / seconds_since(start);
	return NULL;
}

static void
run_turn(struct bench *bench, struct pair *pair, bool is_counted)
{
	double reading = speed_reading(&bench->speed);
	double prefill = speed_prompts(&bench->speed);
	double decode = speed_tokens(&bench->speed);

	run_apart(bench, run_peer);
	if (!is_counted)
		return;
	rate_add(&pair->reading, reading);
	rate_add(&pair->ours.prefill, prefill);
	rate_add(&pair->ours.decode, decode);
	rate_add(&pair->theirs.prefill, bench->their_prefill);
	rate_add(&pair->theirs.decode, bench->their_decode);
}

static void
run_turns(struct bench *bench)
{
	for (int i = 0; i <= bench->settings.turns; i++) {
		run_turn(bench, &bench->alone, i > 0);
		if (!bench->settings.busy)
			continue;
		pid_t busy = busy_start();
		run_turn(bench, &bench->beside, i > 0);
		if (busy > 0)
			busy_stop(busy);
	}
}

/* ---- Figures */

static json_t *
rate_json(const struct rate *rate)
{
	json_t *object = json_object();

	json_set_real(object, "mean", rate->sum / rate->n);
	json_set_real(object, "best", rate->best);
	return object;
}

static json_t *
side_json(const struct side *side)
{
	json_t *object = json_object();

	json_object_set_new(object, "prefill", rate_json(&side->prefill));
	json_object_set_new(object, "decode", rate_json(&side->decode));
	return object;
}

static void
set_pair(json_t *result, const struct pair *pair)
{
	json_object_set_new(result, "ours", side_json(&pair->ours));
	json_object_set_new(result, "theirs", side_json(&pair->theirs));
	json_object_set_new(result, "read_bytes_per_second",
			    rate_json(&pair->reading));
}

static void
print(const struct bench *bench, char **argv)
{
	const struct settings *settings = &bench->settings;
	json_t *result = json_object();

	json_set_text(result, "peer", peer_version());
	json_set_text(result, "features", peer_features());
	json_set_text(result, "kernels", bench->opened.kernels->name);
	json_set_text(result, "weights", argv[3]);
	json_set_text(result, "type", argv[4]);
	json_set_int(result, "threads", settings->threads);
	json_set_int(result, "batch", settings->batch);
	json_set_bool(result, "busy", settings->busy != 0);
	set_pair(result, settings->busy ? &bench->beside : &bench->alone);
	if (settings->busy) {
		json_t *alone = json_object();
		set_pair(alone, &bench->alone);
		json_object_set_new(result, "alone", alone);
	}
	json_set_int(result, "bytes_per_token",
		     (int64_t)bench->opened.model.bytes_per_token);
	json_set_real(result, "logits_differ_by", bench->difference);
	json_set_real(result, "logits_up_to", bench->magnitude);
	json_set_bool(result, "same_first", bench->has_same_first);
	json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(result);
}

int
main(int argc, char **argv)
{
	struct bench bench = {
		.settings = {.threads = 2,
			     .batch = 1,
			     .prompt = 512,
			     .tokens = 64,
			     .turns = 5,
			     .rows = 512,
			     .flash = 1},
	};
	struct err err;

	if (argc < 5) {
		fputs("usage: bench_peer LIBRARIES FILES WEIGHTS TYPE "
		      "[NAME=NUMBER ...]\n",
		      stderr);
		return 2;
	}
	for (int i = 5; i < argc; i++)
		read_setting(&bench.settings, argv[i]);
	open_peer(&bench, argv, &err);
	open_ours(&bench, argv[3], &err);
	take_tokens(&bench);
	read_ours(&bench);
	run_apart(&bench, compare);
	run_turns(&bench);
	print(&bench, argv);
	peer_close(bench.peer);
	speed_release(&bench.speed);
	model_close(&bench.opened);
	free(bench.tokens);
	free(bench.together);
	return 0;
}
