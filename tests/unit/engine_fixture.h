/* What tests of the engine share: a small model, requests, what became of
 * them, and what becomes of the same ones alone. */
#ifndef TESTS_UNIT_ENGINE_FIXTURE_H
#define TESTS_UNIT_ENGINE_FIXTURE_H

#include "test.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "kernel_fixture.h"
#include "model/compute.h"
#include "model/draft.h"
#include "model/engine.h"
#include "model/forward.h"
#include "model/kv.h"
#include "model/model.h"
#include "model/weights.h"

#define VOCAB 280
#define POSITIONS 160
#define ALONE_BLOCKS (POSITIONS / KV_BLOCK)
#define ALONE_ROWS 64
#define TEXT_ROOM 1024

static const struct model_config config = {
	.n_layers = 2,
	.n_heads = 2,
	.n_embd = 32,
	.n_inner = 64,
	.n_positions = POSITIONS,
	.n_vocab = VOCAB,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = -1,
};

static const struct engine_settings plain_settings = {
	.n_threads = 1,
	.kv_type = KV_F32,
	.kv_bytes = 1 << 20,
	.max_rows = 32,
	.max_running = 8,
	.max_waiting = 100,
	.prefix_percent = 50,
	.drafts_below = 4,
};

static struct {
	struct model_weights weights;
	struct model model;
	/* One that runs alone has these. */
	struct compute *compute;
	struct kv kv;
	struct forward *forward;
	struct step step;
	struct sampler sampler;
} desk;

static inline void
desk_init(enum packing packing, enum kv_type kv_type)
{
	struct err err;

	memset(&desk, 0, sizeof desk);
	desk.compute = compute_new(1, &err);
	if (model_weights_make(&desk.weights, &config, 3, &err) ||
	    model_init(&desk.model, &desk.weights, packing, desk.compute,
		       &err) ||
	    kv_init(&desk.kv, &config, kv_type, ALONE_BLOCKS, &err) ||
	    step_init(&desk.step, VOCAB, ALONE_ROWS, 1 + DRAFT_MAX, &err) ||
	    sampler_init(&desk.sampler, VOCAB, &err))
		fail_msg("%s", err.text);
	desk.forward = forward_new(&desk.model, &desk.kv, desk.compute,
				   kernels_best(), ALONE_ROWS, &err);
	assert_non_null(desk.forward);
}

static inline void
desk_release(void)
{
	forward_free(desk.forward);
	sampler_release(&desk.sampler);
	step_release(&desk.step);
	kv_release(&desk.kv);
	model_release(&desk.model);
	model_weights_release(&desk.weights);
	compute_free(desk.compute);
}

static inline struct engine *
begin_engine(const struct engine_settings *settings)
{
	struct err err;
	struct engine *engine = engine_new(settings, &desk.model, &err);

	if (!engine)
		fail_msg("%s", err.text);
	return engine;
}

/* --- What became of a request */

struct outcome {
	int tokens[POSITIONS + 1], n;
	float logprobs[POSITIONS + 1];
	char text[TEXT_ROOM];
	size_t text_len;
	enum generation_end end;
	int n_calls, n_ends;
	int order; /* of its end among those of the test */
	/* At that call of its run(), on the engine's thread. */
	int act_at;
	void (*act)(struct outcome *);
	struct engine *engine;
	uint64_t id;
	void *arg;
};

static pthread_mutex_t outcomes_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t outcomes_changed = PTHREAD_COND_INITIALIZER;

static int n_outcomes;

static inline void
outcome_fill(struct outcome *outcome, const struct generation *generation)
{
	int n;
	const int *tokens = generation_tokens(generation, &outcome->n);
	const float *logprobs = generation_logprobs(generation, &n);
	const char *text = generation_text(generation, &outcome->text_len);

	memcpy(outcome->tokens, tokens, (size_t)outcome->n * sizeof *tokens);
	memcpy(outcome->logprobs, logprobs, (size_t)n * sizeof *logprobs);
	if (outcome->text_len > TEXT_ROOM)
		outcome->text_len = TEXT_ROOM;
	memcpy(outcome->text, text, outcome->text_len);
	outcome->end = generation_end(generation);
}

/* The run() of requests. */
static inline void
outcome_note(void *arg, const struct generation *generation)
{
	struct outcome *outcome = arg;

	pthread_mutex_lock(&outcomes_lock);
	outcome_fill(outcome, generation);
	outcome->n_calls++;
	if (outcome->end != GENERATION_RUNS) {
		outcome->n_ends++;
		outcome->order = ++n_outcomes;
	}
	void (*act)(struct outcome *) =
		outcome->n_calls == outcome->act_at ? outcome->act : NULL;
	pthread_cond_broadcast(&outcomes_changed);
	pthread_mutex_unlock(&outcomes_lock);
	if (act)
		act(outcome);
}

static inline void
wait_for_calls(const struct outcome *outcome, int n_calls)
{
	pthread_mutex_lock(&outcomes_lock);
	while (outcome->n_calls < n_calls)
		pthread_cond_wait(&outcomes_changed, &outcomes_lock);
	pthread_mutex_unlock(&outcomes_lock);
}

static inline void
wait_for_ends(const struct outcome *outcomes, int n)
{
	pthread_mutex_lock(&outcomes_lock);
	for (int i = 0; i < n; i++)
		while (outcomes[i].n_ends == 0)
			pthread_cond_wait(&outcomes_changed, &outcomes_lock);
	pthread_mutex_unlock(&outcomes_lock);
}

static inline enum engine_answer
submit(struct engine *engine, struct engine_request *request,
       struct outcome *outcome, struct err *err)
{
	request->run = outcome_note;
	request->arg = outcome;
	outcome->engine = engine;
	return engine_submit(engine, request, &outcome->id, err);
}

static inline void
expect_taken(struct engine *engine, struct engine_request *request,
	     struct outcome *outcome)
{
	struct err err = {0};

	if (submit(engine, request, outcome, &err) != ENGINE_TAKEN)
		fail_msg("%s", err.text);
}

/* The same request with nobody else, in steps of its own. */
static inline void
run_alone(struct outcome *outcome, const struct engine_request *request)
{
	struct err err;
	struct generation *generation =
		generation_new(&request->generation, &config, &desk.kv, &err);

	if (!generation)
		fail_msg("%s", err.text);
	generation_run(generation, desk.forward, &desk.step, &desk.sampler);
	outcome_fill(outcome, generation);
	generation_free(generation);
}

static inline bool
is_beginning(const struct outcome *outcome, const struct outcome *alone)
{
	size_t n = (size_t)outcome->n;

	return outcome->n <= alone->n &&
	       memcmp(outcome->tokens, alone->tokens, n * sizeof(int)) == 0 &&
	       memcmp(outcome->logprobs, alone->logprobs, n * sizeof(float)) ==
		       0;
}

static inline void
expect_same(const struct outcome *outcome, const struct outcome *alone)
{
	assert_int_equal(outcome->n, alone->n);
	assert_true(is_beginning(outcome, alone));
	assert_int_equal(outcome->end, alone->end);
	assert_int_equal(outcome->text_len, alone->text_len);
	assert_memory_equal(outcome->text, alone->text, alone->text_len);
	assert_int_equal(outcome->n_ends, 1);
}

/* --- A gate: run() waits there, and with it the engine */

static bool is_gate_open;

static inline void
wait_at_gate(struct outcome *outcome)
{
	(void)outcome;
	pthread_mutex_lock(&outcomes_lock);
	while (!is_gate_open)
		pthread_cond_wait(&outcomes_changed, &outcomes_lock);
	pthread_mutex_unlock(&outcomes_lock);
}

static inline void
open_gate(void)
{
	pthread_mutex_lock(&outcomes_lock);
	is_gate_open = true;
	pthread_cond_broadcast(&outcomes_changed);
	pthread_mutex_unlock(&outcomes_lock);
}

/* --- Requests */

static inline int
setup(void **state)
{
	(void)state;
	is_gate_open = false;
	desk_init(PACKED_F32, KV_F32);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	desk_release();
	return 0;
}

static inline struct engine_request
plain_request(const int *prompt, int n_prompt, int max_tokens)
{
	return (struct engine_request){
		.generation = {.prompt = prompt,
			       .n_prompt = n_prompt,
			       .sampling = sampling_greedy,
			       .max_tokens = max_tokens,
			       .has_logprobs = true},
	};
}

/* Tokens of any kind, the same for the same seed. */
static inline void
make_tokens(int *tokens, int n, uint64_t seed)
{
	struct chance chance = {seed * 977 + 1};

	for (int i = 0; i < n; i++)
		tokens[i] = chance_below(&chance, VOCAB);
}

/* One that occupies the engine: it is at the gate after its first token. */
static inline void
submit_gated(struct engine *engine, struct engine_request *request,
	     struct outcome *outcome, int n_calls)
{
	outcome->act = wait_at_gate;
	outcome->act_at = n_calls;
	expect_taken(engine, request, outcome);
	wait_for_calls(outcome, n_calls);
}

/* --- Blocks */

struct blocks_look {
	int n_free, n_dirty_free, n_dirty;
};

static inline void
look_at_blocks(void *arg, const struct kv *kv)
{
	struct blocks_look *found = arg;
	bool *is_free = calloc((size_t)kv->n_blocks, sizeof *is_free);

	*found = (struct blocks_look){.n_free = kv->n_free};
	for (int i = 0; i < kv->n_free; i++)
		is_free[kv->free[i]] = true;
	for (int i = 0; i < kv->n_blocks; i++) {
		const unsigned char *block =
			kv->memory + (size_t)i * kv->block_bytes;
		bool is_dirty = block[0] != 0 ||
				memcmp(block, block + 1, kv->block_bytes - 1);
		found->n_dirty += is_dirty;
		found->n_dirty_free += is_dirty && is_free[i];
	}
	free(is_free);
}

/* Nothing runs: all that is not zero is blocks of prefixes. */
static inline void
expect_wiped(struct engine *engine)
{
	struct blocks_look found;
	struct engine_counts counts;

	engine_look(engine, look_at_blocks, &found);
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.n_running, 0);
	assert_int_equal(counts.blocks_in_use, 0);
	assert_int_equal(found.n_dirty_free, 0);
	assert_int_equal(found.n_dirty, counts.blocks_of_prefixes);
	assert_int_equal(found.n_free + counts.blocks_of_prefixes,
			 counts.blocks);
}

#endif
