/* What the engine costs beside its steps: 16 sequences through it, and the same
 * ones stepped by hand on one thread, of a model in the shape of distilgpt2 and
 * of one so small that little but the engine is left.  Tokens a second, the
 * best of five. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/time.h"
#include "model/compute.h"
#include "model/engine.h"
#include "model/forward.h"
#include "model/kv.h"
#include "model/model.h"
#include "model/weights.h"

#define N_SEQUENCES 16
#define N_PROMPT 64
#define N_TOKENS 64
#define N_ROUNDS 5
#define MAX_ROWS 64

static const struct model_config tiny = {
	.n_layers = 1,
	.n_heads = 2,
	.n_embd = 32,
	.n_inner = 64,
	.n_positions = 256,
	.n_vocab = 512,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = -1,
};

static struct err err;

static void
fail_if(bool is_wrong)
{
	if (!is_wrong)
		return;
	fprintf(stderr, "bench_engine: %s\n", err.text);
	exit(1);
}

static struct generation_request
make_request(int prompt[N_PROMPT], int i)
{
	for (int k = 0; k < N_PROMPT; k++)
		prompt[k] = (i * 131 + k * 17) % 512;
	return (struct generation_request){
		.prompt = prompt,
		.n_prompt = N_PROMPT,
		.sampling = sampling_greedy,
		.max_tokens = N_TOKENS,
	};
}

/* --- By hand */

struct hand {
	const struct model *model;
	struct compute *compute;
	struct kv kv;
	struct forward *forward;
	struct step step;
	struct sampler sampler;
	int n_steps;
};

static void
hand_init(struct hand *hand, const struct model *model, int n_threads)
{
	int n_blocks = N_SEQUENCES * (N_PROMPT + N_TOKENS) / KV_BLOCK;

	*hand = (struct hand){.model = model};
	hand->compute = compute_new(n_threads, &err);
	fail_if(!hand->compute);
	fail_if(kv_init(&hand->kv, &model->config, KV_F16, n_blocks, &err));
	hand->forward = forward_new(model, &hand->kv, hand->compute,
				    kernels_best(), MAX_ROWS, &err);
	fail_if(!hand->forward);
	fail_if(step_init(&hand->step, model->config.n_vocab, MAX_ROWS,
			  N_SEQUENCES, &err));
	fail_if(sampler_init(&hand->sampler, model->config.n_vocab, &err));
}

static void
hand_release(struct hand *hand)
{
	sampler_release(&hand->sampler);
	step_release(&hand->step);
	forward_free(hand->forward);
	kv_release(&hand->kv);
	compute_free(hand->compute);
}

static bool
hand_step(struct hand *hand, struct generation **generations)
{
	struct step *step = &hand->step;

	step_clear(step);
	for (int i = 0; i < N_SEQUENCES; i++)
		generation_join(generations[i], step, MAX_ROWS / N_SEQUENCES);
	if (step->n_rows == 0)
		return false;
	forward_run(hand->forward, step->rows, step->n_rows);
	for (int i = 0; i < N_SEQUENCES; i++)
		generation_take(generations[i], &hand->sampler);
	hand->n_steps++;
	return true;
}

static void
hand_run(struct hand *hand)
{
	struct generation *generations[N_SEQUENCES];
	int prompt[N_PROMPT];

	hand->n_steps = 0;
	for (int i = 0; i < N_SEQUENCES; i++) {
		struct generation_request request = make_request(prompt, i);
		generations[i] = generation_new(&request, &hand->model->config,
						&hand->kv, &err);
		fail_if(!generations[i]);
	}
	while (hand_step(hand, generations))
		continue;
	for (int i = 0; i < N_SEQUENCES; i++)
		generation_free(generations[i]);
}

/* --- Through the engine */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int n_left;
} ends = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void
note_end(void *arg, const struct generation *generation)
{
	(void)arg;
	if (generation_end(generation) == GENERATION_RUNS)
		return;
	pthread_mutex_lock(&ends.lock);
	if (--ends.n_left == 0)
		pthread_cond_signal(&ends.changed);
	pthread_mutex_unlock(&ends.lock);
}

static struct engine *
make_engine(const struct model *model, int n_threads)
{
	const struct engine_settings settings = {
		.n_threads = n_threads,
		.kv_type = KV_F16,
		.kv_bytes = N_SEQUENCES * (N_PROMPT + N_TOKENS) / KV_BLOCK *
			    kv_block_bytes(&model->config, KV_F16),
		.max_rows = MAX_ROWS,
		.max_running = N_SEQUENCES,
		.max_waiting = N_SEQUENCES,
		.prefix_percent = 50,
		.drafts_below = 4,
	};
	struct engine *engine = engine_new(&settings, model, &err);

	fail_if(!engine);
	return engine;
}

static void
engine_run(struct engine *engine)
{
	int prompt[N_PROMPT];

	ends.n_left = N_SEQUENCES;
	for (int i = 0; i < N_SEQUENCES; i++) {
		struct engine_request request = {
			.generation = make_request(prompt, i),
			.run = note_end,
		};
		fail_if(engine_submit(engine, &request, NULL, &err) !=
			ENGINE_TAKEN);
	}
	pthread_mutex_lock(&ends.lock);
	while (ends.n_left > 0)
		pthread_cond_wait(&ends.changed, &ends.lock);
	pthread_mutex_unlock(&ends.lock);
}

/* --- Both, one after the other, so that other programs disturb both */

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
measure(const char *name, const struct model_config *config,
	enum packing packing, int n_threads)
{
	struct model_weights weights;
	struct model model;
	struct hand hand;
	struct engine_counts counts;
	int64_t by_hand = INT64_MAX, by_engine = INT64_MAX;

	fail_if(model_weights_make(&weights, config, 1, &err));
	struct compute *compute = compute_new(n_threads, &err);
	fail_if(!compute);
	fail_if(model_init(&model, &weights, packing, compute, &err));
	model_weights_release(&weights);
	compute_free(compute);
	hand_init(&hand, &model, n_threads);
	struct engine *engine = make_engine(&model, n_threads);
	for (int round = 0; round <= N_ROUNDS; round++) {
		int64_t start = time_mono_us();
		hand_run(&hand);
		int64_t middle = time_mono_us();
		engine_run(engine);
		int64_t end = time_mono_us();
		if (round == 0)
			continue;
		by_hand = smaller(by_hand, middle - start);
		by_engine = smaller(by_engine, end - middle);
	}
	engine_read_counts(engine, &counts);
	const double n_tokens = N_SEQUENCES * N_TOKENS;
	printf("%-18s by hand %9.0f tokens/s, %6.1f us a step; "
	       "engine %9.0f tokens/s, %6.1f us a step\n",
	       name, n_tokens * 1e6 / (double)by_hand,
	       (double)by_hand / hand.n_steps,
	       n_tokens * 1e6 / (double)by_engine,
	       (double)by_engine * (N_ROUNDS + 1) / (double)counts.steps);
	engine_free(engine);
	hand_release(&hand);
	model_release(&model);
}

int
main(void)
{
	const struct model_config *distilgpt2 = model_config_find("distilgpt2");

	printf("%d sequences, a prompt of %d tokens, %d new ones each\n",
	       N_SEQUENCES, N_PROMPT, N_TOKENS);
	measure("distilgpt2 int8", distilgpt2, PACKED_INT8, 2);
	measure("tiny f32", &tiny, PACKED_F32, 1);
	return 0;
}
