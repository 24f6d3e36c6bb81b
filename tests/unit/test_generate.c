/* Generations: each against a loop that computes one row after the other and
 * chooses from all logits, however steps are put together. */
#include "test.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "kernel_fixture.h"
#include "model/compute.h"
#include "model/draft.h"
#include "model/generate.h"
#include "model/kv.h"
#include "model/logits.h"
#include "model/model.h"
#include "model/stop.h"
#include "model/weights.h"
#include "vocab_fixture.h"

#define VOCAB 280 /* more than there are tokens, as in padded models */
#define POSITIONS 70
#define BLOCKS 40
#define MAX_ROWS 64
#define END_TOKEN 256

static const struct model_config config = {
	.n_layers = 2,
	.n_heads = 3,
	.n_embd = 60,
	.n_inner = 130,
	.n_positions = POSITIONS,
	.n_vocab = VOCAB,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = END_TOKEN,
};

static struct {
	struct model_weights weights;
	struct model model;
	struct kv kv;
	struct compute *compute;
	struct forward *forward;
	struct step step;
	struct sampler sampler;
	struct tokenizer *tokenizer;
} desk;

static void
desk_init(enum packing packing, int n_threads)
{
	memset(&desk, 0, sizeof desk);
	assert_int_equal(model_weights_make(&desk.weights, &config, 3, &err),
			 0);
	desk.compute = compute_new(n_threads, &err);
	assert_int_equal(model_init(&desk.model, &desk.weights, packing,
				    desk.compute, &err),
			 0);
	assert_int_equal(kv_init(&desk.kv, &config, KV_F32, BLOCKS, &err), 0);
	desk.forward = forward_new(&desk.model, &desk.kv, desk.compute,
				   kernels_best(), MAX_ROWS, &err);
	assert_non_null(desk.forward);
	assert_int_equal(step_init(&desk.step, VOCAB, MAX_ROWS, 24, &err), 0);
	assert_int_equal(sampler_init(&desk.sampler, VOCAB, &err), 0);
	start_vocab();
	desk.tokenizer = make_tokenizer();
	release_vocab();
}

static void
desk_release(void)
{
	tokenizer_free(desk.tokenizer);
	sampler_release(&desk.sampler);
	step_release(&desk.step);
	forward_free(desk.forward);
	compute_free(desk.compute);
	kv_release(&desk.kv);
	model_release(&desk.model);
	model_weights_release(&desk.weights);
}

static int
setup(void **state)
{
	(void)state;
	desk_init(PACKED_F32, 1);
	return 0;
}

/* All blocks are back, and nothing is left in them. */
static int
teardown(void **state)
{
	size_t bytes = BLOCKS * desk.kv.block_bytes;

	(void)state;
	int n_free = desk.kv.n_free;
	size_t used = 0;
	for (size_t i = 0; i < bytes; i++)
		used += desk.kv.memory[i] != 0;
	desk_release();
	return n_free == BLOCKS && used == 0 ? 0 : -1;
}

static const int prompt[] = {84,  104, 101, 32, 110, 105, 103, 104, 116, 32,
			     115, 107, 121, 84, 104, 101, 32,  110, 105, 103};
#define N_PROMPT 20

static struct generation_request
plain_request(void)
{
	return (struct generation_request){
		.prompt = prompt,
		.n_prompt = N_PROMPT,
		.sampling = sampling_greedy,
		.max_tokens = 40,
		.has_logprobs = true,
	};
}

static struct generation *
begin(const struct generation_request *request)
{
	struct generation *generation =
		generation_new(request, &config, &desk.kv, &err);

	if (!generation)
		fail_msg("%s", err.text);
	return generation;
}

/* --- One row after the other */

struct naive {
	int tokens[POSITIONS + 1], n;
	float logprobs[POSITIONS + 1];
};

static void
naive_generate(struct naive *naive, const struct generation_request *request)
{
	int blocks[(POSITIONS + KV_BLOCK - 1) / KV_BLOCK], all[POSITIONS + 1];
	float values[VOCAB];
	const struct logits logits = {values, NULL, VOCAB};
	int n = request->n_prompt, n_blocks = 0;

	naive->n = 0;
	memcpy(all, request->prompt, (size_t)n * sizeof *all);
	for (int i = 0; naive->n < request->max_tokens; i++) {
		if (i % KV_BLOCK == 0)
			blocks[n_blocks++] = kv_take(&desk.kv);
		struct forward_row row = {all[i], i, blocks, values, NULL, 0};
		forward_run(desk.forward, &row, 1);
		if (i < n - 1)
			continue;
		int token = sample_token(&desk.sampler, &request->sampling,
					 &logits, all, n, request->n_prompt);
		naive->logprobs[naive->n] = (float)((double)values[token] -
						    logits_log_sum(&logits));
		naive->tokens[naive->n++] = all[n++] = token;
	}
	while (n_blocks > 0)
		kv_give(&desk.kv, blocks[--n_blocks]);
}

static void
expect_naive(const struct generation *generation, const struct naive *naive)
{
	int n, n_logprobs;
	const int *tokens = generation_tokens(generation, &n);
	const float *logprobs = generation_logprobs(generation, &n_logprobs);

	assert_int_equal(n, naive->n);
	assert_int_equal(n_logprobs, n);
	assert_memory_equal(tokens, naive->tokens, (size_t)n * sizeof *tokens);
	assert_memory_equal(logprobs, naive->logprobs,
			    (size_t)n * sizeof *logprobs);
}

/* Alone, in steps of at most so many rows. */
static void
run_in_parts(struct generation *generation, int max_rows)
{
	for (;;) {
		step_clear(&desk.step);
		if (!generation_join(generation, &desk.step, max_rows))
			break;
		assert_true(desk.step.n_rows <= max_rows);
		forward_run(desk.forward, desk.step.rows, desk.step.n_rows);
		generation_take(generation, &desk.sampler);
	}
}

static void
test_parts_of_the_prompt_change_nothing(void **state)
{
	struct generation_request request = plain_request();
	struct naive naive;

	(void)state;
	naive_generate(&naive, &request);
	for (int max_rows = 1; max_rows <= 24; max_rows++) {
		struct generation *generation = begin(&request);
		run_in_parts(generation, max_rows);
		expect_naive(generation, &naive);
		assert_int_equal(generation_end(generation), GENERATION_LENGTH);
		assert_int_equal(generation_counts(generation).steps,
				 (N_PROMPT + max_rows - 1) / max_rows + 39);
		generation_free(generation);
	}
}

/* Settings under which a model that was never trained repeats itself, and some
 * under which it does not. */
static void
vary_sampling(struct sampling *sampling, int i)
{
	*sampling = sampling_greedy;
	sampling->temperature = (float[]){0, 0.05F, 0.1F, 0.3F}[i % 4];
	sampling->seed = (uint64_t)i;
	if (i % 3 == 1)
		sampling->repetition_penalty = 1.1F;
	if (i % 5 == 2)
		sampling->no_repeat_ngram = 3;
	if (i % 7 == 3)
		sampling->top_p = 0.8F;
	if (i % 7 == 4)
		sampling->typical_p = 0.7F;
}

static void
check_drafts(enum packing packing)
{
	struct generation_request request = plain_request();
	struct generation_counts sum = {0};

	desk_init(packing, 2);
	for (int i = 0; i < 60; i++) {
		struct naive naive;
		vary_sampling(&request.sampling, i);
		request.max_drafts = 1 + i % DRAFT_MAX;
		naive_generate(&naive, &request);
		struct generation *generation = begin(&request);
		run_in_parts(generation, i % 2 ? MAX_ROWS : 9);
		expect_naive(generation, &naive);
		struct generation_counts counts = generation_counts(generation);
		sum.steps += counts.steps;
		sum.drafts += counts.drafts;
		sum.drafts_right += counts.drafts_right;
		generation_free(generation);
	}
	/* They were tried, some were right, and some were not. */
	assert_true(sum.drafts_right > 200);
	assert_true(sum.drafts > sum.drafts_right + 100);
	assert_true(sum.steps < 60 * 40);
	desk_release();
}

static void
test_drafts_change_nothing(void **state)
{
	(void)state;
	for (int packing = 0; packing < N_PACKINGS; packing++)
		check_drafts((enum packing)packing);
}

/* Twelve at once, that begin at different times, in steps that are too small
 * for all. */
static void
test_company_changes_nothing(void **state)
{
	struct generation *generations[12];
	static struct naive naive[12];
	struct generation_request request = plain_request();
	int n_running = 12;

	(void)state;
	desk_init(PACKED_INT8, 2);
	for (int i = 0; i < 12; i++) {
		vary_sampling(&request.sampling, i);
		request.prompt = prompt + i % 5;
		request.n_prompt = 3 + i;
		request.max_tokens = 20 + i % 4;
		request.max_drafts = i % 2 ? 7 : 0;
		naive_generate(naive + i, &request);
		generations[i] = begin(&request);
	}
	for (int round = 0; n_running > 0; round++) {
		step_clear(&desk.step);
		for (int i = 0; i < 12 && 3 * i <= round; i++)
			generation_join(generations[(i + round) % 12],
					&desk.step, 1 + round % 6);
		if (desk.step.n_rows > 0)
			forward_run(desk.forward, desk.step.rows,
				    desk.step.n_rows);
		n_running = 0;
		for (int i = 0; i < 12; i++) {
			generation_take(generations[i], &desk.sampler);
			n_running += !generation_end(generations[i]);
		}
	}
	for (int i = 0; i < 12; i++) {
		expect_naive(generations[i], naive + i);
		generation_free(generations[i]);
	}
	desk_release();
}

/* --- What is allowed */

/* After an even token some of the odd ones, after one of three odd ones the
 * one that follows it, and so on. */
struct rule {
	int ids[VOCAB];
	int lists[POSITIONS + 1][8];
	int forced_by; /* after a token below, one alone may come */
};

static int
allow_some(void *arg, const int *tokens, int n, const int **ids_r)
{
	struct rule *rule = arg;
	int last = tokens[n - 1], *list = rule->lists[n % POSITIONS];

	*ids_r = list;
	if (last < rule->forced_by) {
		list[0] = last + 17;
		return 1;
	}
	for (int i = 0; i < 8; i++)
		list[i] = (last % 16) + 30 * i;
	return 8;
}

/* The same by banning all others. */
static void
naive_allowed(struct naive *naive, const struct generation_request *request)
{
	struct generation_request one = *request;
	int all[POSITIONS + 1], n = request->n_prompt;

	memcpy(all, request->prompt, (size_t)n * sizeof *all);
	for (naive->n = 0; naive->n < request->max_tokens; naive->n++) {
		struct token_bias biases[VOCAB];
		const int *ids;
		struct rule *rule = request->allow_arg;
		int n_ids = allow_some(rule, all, n, &ids), n_biases = 0;
		for (int v = 0; v < VOCAB; v++) {
			bool is_allowed = false;
			for (int i = 0; i < n_ids; i++)
				is_allowed |= ids[i] == v;
			rule->ids[v] = v;
			if (!is_allowed)
				biases[n_biases++] = (struct token_bias){
					{rule->ids + v, 1}, -INFINITY};
		}
		struct naive next;
		one.prompt = all;
		one.n_prompt = n;
		one.max_tokens = 1;
		one.sampling.biases = biases;
		one.sampling.n_biases = n_biases;
		naive_generate(&next, &one);
		naive->tokens[naive->n] = all[n++] = next.tokens[0];
	}
}

static void
test_those_allowed_alone_come(void **state)
{
	static struct rule rule;
	struct generation_request request = plain_request();
	struct naive naive;
	int n;

	(void)state;
	request.allow = allow_some;
	request.allow_arg = &rule;
	for (int i = 0; i < 12; i++) {
		rule.forced_by = i % 3 ? 100 : 0;
		request.max_drafts = i % 4 ? 6 : 0;
		naive_allowed(&naive, &request);
		struct generation *generation = begin(&request);
		generation_run(generation, desk.forward, &desk.step,
			       &desk.sampler);
		const int *tokens = generation_tokens(generation, &n);
		assert_int_equal(n, 40);
		assert_memory_equal(tokens, naive.tokens, 40 * sizeof *tokens);
		if (rule.forced_by)
			assert_true(generation_counts(generation).steps < 30);
		generation_free(generation);
	}
}

/* --- What is computed of the head */

#define STRIPS (5 * PANEL_STRIPS)

static struct {
	struct kernels kernels;
	bool was_read[STRIPS];
} watch;

static void
watch_matmul(float *out, const void *panel, int first_strip, int n_strips,
	     const struct activations *x, int first, int n)
{
	const struct packed *head = &desk.model.head;
	const unsigned char *at = panel;

	if (at >= head->panels &&
	    at < head->panels + packed_panels_bytes(head)) {
		size_t i = (size_t)(at - head->panels) / head->panel_bytes;
		for (int strip = 0; strip < n_strips; strip++)
			watch.was_read[(int)i * PANEL_STRIPS + first_strip +
				       strip] = true;
	}
	kernels_best()->matmul[head->packing](out, panel, first_strip, n_strips,
					      x, first, n);
}

static void
watch_head(enum packing packing)
{
	memset(&watch, 0, sizeof watch);
	watch.kernels = *kernels_best();
	watch.kernels.matmul[packing] = watch_matmul;
	forward_free(desk.forward);
	desk.forward = forward_new(&desk.model, &desk.kv, desk.compute,
				   &watch.kernels, MAX_ROWS, &err);
	assert_non_null(desk.forward);
}

static const int few[] = {5, 70, 71, 200, 279};

static int
allow_few(void *arg, const int *tokens, int n, const int **ids_r)
{
	(void)arg;
	(void)tokens;
	(void)n;
	*ids_r = few;
	return 5;
}

/* Which strips were read for a generation; the number of them. */
static int
count_strips(const struct generation_request *request)
{
	int n, n_strips = 0;

	memset(watch.was_read, 0, sizeof watch.was_read);
	struct generation *generation = begin(request);
	generation_run(generation, desk.forward, &desk.step, &desk.sampler);
	const int *tokens = generation_tokens(generation, &n);
	assert_int_equal(n, request->max_tokens);
	for (int i = 0; request->allow && i < n; i++)
		assert_true(tokens[i] == 5 || tokens[i] == 70 ||
			    tokens[i] == 71 || tokens[i] == 200 ||
			    tokens[i] == 279);
	generation_free(generation);
	for (int strip = 0; strip < STRIPS; strip++)
		n_strips += watch.was_read[strip];
	return n_strips;
}

static void
test_of_the_head_only_what_is_allowed_is_read(void **state)
{
	struct generation_request request = plain_request();

	(void)state;
	for (int packing = 0; packing < N_PACKINGS; packing++) {
		desk_init((enum packing)packing, 2);
		watch_head((enum packing)packing);
		request.allow = NULL;
		assert_in_range(count_strips(&request),
				(VOCAB + STRIP_ROWS - 1) / STRIP_ROWS, STRIPS);
		request.allow = allow_few;
		assert_int_equal(count_strips(&request), 4);
		for (int i = 0; i < 5; i++)
			assert_true(watch.was_read[few[i] / STRIP_ROWS]);
		desk_release();
	}
}

static int
allow_none_after_three(void *arg, const int *tokens, int n, const int **ids_r)
{
	(void)arg;
	*ids_r = tokens;
	return n < N_PROMPT + 3 ? -1 : 0;
}

static void
test_nothing_allowed_is_an_end(void **state)
{
	struct generation_request request = plain_request();
	int n;

	(void)state;
	request.allow = allow_none_after_three;
	for (request.max_drafts = 0; request.max_drafts < 8;
	     request.max_drafts += 7) {
		struct generation *generation = begin(&request);
		generation_run(generation, desk.forward, &desk.step,
			       &desk.sampler);
		assert_int_equal(generation_end(generation),
				 GENERATION_IMPOSSIBLE);
		generation_tokens(generation, &n);
		assert_int_equal(n, 3);
		generation_free(generation);
	}
}

/* --- Ends */

static void
test_a_token_that_ends_is_the_last(void **state)
{
	struct generation_request request = plain_request();
	struct naive naive;
	int n;

	(void)state;
	vary_sampling(&request.sampling, 3);
	naive_generate(&naive, &request);
	const int end = naive.tokens[12];
	int first = 0;
	while (naive.tokens[first] != end)
		first++;
	request.sampling.ends = &end;
	request.sampling.n_ends = 1;
	for (request.max_drafts = 0; request.max_drafts < 8;
	     request.max_drafts += 7) {
		struct generation *generation = begin(&request);
		generation_run(generation, desk.forward, &desk.step,
			       &desk.sampler);
		assert_int_equal(generation_end(generation), GENERATION_END);
		const int *tokens = generation_tokens(generation, &n);
		assert_int_equal(n, first + 1);
		assert_int_equal(tokens[first], end);
		generation_free(generation);
	}
}

static void
test_positions_are_used_to_the_last(void **state)
{
	struct generation_request request = plain_request();
	int n;

	(void)state;
	request.max_tokens = 1000000000;
	request.max_drafts = 8;
	struct generation *generation = begin(&request);
	generation_run(generation, desk.forward, &desk.step, &desk.sampler);
	assert_int_equal(generation_end(generation), GENERATION_POSITIONS);
	generation_tokens(generation, &n);
	assert_int_equal(n, POSITIONS - N_PROMPT + 1);
	generation_free(generation);
}

static void
test_deadline_and_cancel_end_at_the_next_step(void **state)
{
	struct generation_request request = plain_request();
	int n;

	(void)state;
	struct generation *generation = begin(&request);
	for (int i = 0; i < 3; i++) {
		step_clear(&desk.step);
		assert_true(generation_join(generation, &desk.step, 64) > 0);
		forward_run(desk.forward, desk.step.rows, desk.step.n_rows);
		generation_take(generation, &desk.sampler);
	}
	generation_cancel(generation);
	step_clear(&desk.step);
	assert_int_equal(generation_join(generation, &desk.step, 64), 0);
	generation_take(generation, &desk.sampler);
	assert_int_equal(generation_end(generation), GENERATION_CANCELLED);
	generation_tokens(generation, &n);
	assert_int_equal(n, 3);
	generation_free(generation);

	request.deadline_us = time_mono_us();
	generation = begin(&request);
	generation_run(generation, desk.forward, &desk.step, &desk.sampler);
	assert_int_equal(generation_end(generation), GENERATION_DEADLINE);
	assert_string_equal(generation_end_name(GENERATION_DEADLINE),
			    "deadline");
	generation_free(generation);
}

/* --- Text */

/* What a text of tokens is: bytes, mended as a whole. */
static void
naive_text(struct buf *out, const struct naive *naive)
{
	struct buf bytes;

	buf_init(&bytes, 1000);
	buf_clear(out);
	for (int i = 0; i < naive->n; i++)
		if (naive->tokens[i] < 256)
			buf_addc(&bytes, (char)naive->tokens[i]);
		else if (naive->tokens[i] == END_TOKEN)
			buf_adds(&bytes, "<|endoftext|>");
	if (utf8_mend(out, buf_str(&bytes), bytes.len) < bytes.len)
		buf_adds(out, "\uFFFD");
	buf_release(&bytes);
}

static void
test_text_is_whole_characters_and_only_grows(void **state)
{
	struct generation_request request = plain_request();
	struct naive naive;
	struct buf text;
	size_t len, before = 0;

	(void)state;
	buf_init(&text, 1000);
	request.tokenizer = desk.tokenizer;
	for (int i = 0; i < 20; i++, before = 0) {
		vary_sampling(&request.sampling, 3);
		request.sampling.temperature = 2;
		request.sampling.seed = (uint64_t)i;
		naive_generate(&naive, &request);
		naive_text(&text, &naive);
		struct generation *generation = begin(&request);
		while (step_clear(&desk.step),
		       generation_join(generation, &desk.step, 64)) {
			forward_run(desk.forward, desk.step.rows,
				    desk.step.n_rows);
			generation_take(generation, &desk.sampler);
			const char *now = generation_text(generation, &len);
			assert_true(len >= before && len <= text.len);
			assert_memory_equal(now, buf_str(&text), len);
			assert_true(utf8_is_valid(now, len));
			before = len;
		}
		assert_int_equal(len, text.len);
		generation_free(generation);
	}
	buf_release(&text);
}

static void
test_a_stop_string_ends_the_text_before_it(void **state)
{
	struct generation_request request = plain_request();
	struct stop_strings stops = {.n = 0};
	struct naive naive;
	struct buf text;
	size_t len;
	int n_found = 0;

	(void)state;
	buf_init(&text, 1000);
	request.tokenizer = desk.tokenizer;
	request.stops = &stops;
	request.max_drafts = 5;
	request.sampling.temperature = 2;
	for (int i = 0; i < 40; i++) {
		request.sampling.seed = (uint64_t)i;
		naive_generate(&naive, &request);
		naive_text(&text, &naive);
		size_t at = utf8_cut(buf_str(&text), text.len, text.len / 2);
		size_t end = utf8_cut(buf_str(&text), text.len, at + 5);
		stops.n = 0;
		assert_int_equal(stop_strings_add(&stops, text.data + at,
						  end - at, NULL),
				 0);
		struct generation *generation = begin(&request);
		generation_run(generation, desk.forward, &desk.step,
			       &desk.sampler);
		const char *now = generation_text(generation, &len);
		assert_int_equal(generation_end(generation), GENERATION_STOP);
		const char *first =
			memmem(text.data, text.len, text.data + at, end - at);
		assert_int_equal(len, first - text.data);
		assert_memory_equal(now, text.data, len);
		n_found += len == at;
		generation_free(generation);
	}
	assert_true(n_found > 20);
	buf_release(&text);
}

/* --- Requests */

static void
expect_refused(const struct generation_request *request, const char *words)
{
	assert_null(generation_new(request, &config, &desk.kv, &err));
	if (!strstr(err.text, words))
		fail_msg("%s, not %s", err.text, words);
}

static void
test_bad_requests_are_refused(void **state)
{
	struct generation_request good = plain_request(), bad = good;
	struct generation *generations[BLOCKS];
	const struct stop_strings stops = {.n = 0};
	int many[POSITIONS + 1] = {0}, n = 0;

	(void)state;
	bad.n_prompt = 0;
	expect_refused(&bad, "the prompt is empty");
	bad.prompt = many;
	bad.n_prompt = POSITIONS + 1;
	expect_refused(&bad, "the prompt has 71 tokens, the model 70");
	bad.n_prompt = POSITIONS;
	many[POSITIONS - 1] = VOCAB;
	expect_refused(&bad, "the prompt has token 280, but ids are 0 to 279");
	bad = good;
	bad.max_tokens = 0;
	expect_refused(&bad, "one token at least");
	bad = good;
	bad.max_drafts = DRAFT_MAX + 1;
	expect_refused(&bad, "0 to 15 drafts");
	bad = good;
	bad.stops = &stops;
	expect_refused(&bad, "stop strings need a tokenizer");
	bad = good;
	bad.sampling.top_p = 2;
	expect_refused(&bad, "top-p is 2");
	/* 59 positions are four blocks. */
	for (; n < BLOCKS / 4; n++)
		generations[n] = begin(&good);
	expect_refused(&good, "busy: 4 blocks of keys and values are needed");
	while (n > 0)
		generation_free(generations[--n]);
	generation_free(NULL);
}

/* --- Drafts by themselves */

static void
expect_draft(const int *tokens, int n, int n_found, const int *found)
{
	int out[4];

	assert_int_equal(draft_find(tokens, n, 4, out), n_found);
	assert_memory_equal(out, found, (size_t)n_found * sizeof *out);
}

static void
test_drafts_follow_the_longest_match(void **state)
{
	(void)state;
	/* nothing, or one token alone, is no match */
	expect_draft((int[]){1, 2}, 2, 0, NULL);
	expect_draft((int[]){1, 2, 3, 2}, 4, 0, NULL);
	expect_draft((int[]){1, 2, 3, 4, 5, 6, 1, 2}, 8, 4,
		     (int[]){3, 4, 5, 6});
	/* the longer one, though it is farther */
	expect_draft((int[]){9, 1, 2, 3, 4, 5, 6, 1, 2, 7, 9, 1, 2}, 13, 4,
		     (int[]){3, 4, 5, 6});
	/* the nearer one */
	expect_draft((int[]){1, 2, 3, 8, 1, 2, 4, 8, 1, 2}, 10, 4,
		     (int[]){4, 8, 1, 2});
	/* around */
	expect_draft((int[]){1, 2, 1, 2}, 4, 4, (int[]){1, 2, 1, 2});
	expect_draft((int[]){1, 1, 1}, 3, 4, (int[]){1, 1, 1, 1});
}

static void
test_drafts_are_as_many_as_were_right(void **state)
{
	struct draft_pace pace;

	(void)state;
	draft_pace_init(&pace, 8);
	assert_int_equal(draft_pace_next(&pace), 4);
	draft_pace_learn(&pace, 4, 4);
	assert_int_equal(draft_pace_next(&pace), 8);
	draft_pace_learn(&pace, 8, 8);
	assert_int_equal(draft_pace_next(&pace), 8);
	draft_pace_learn(&pace, 8, 2);
	assert_int_equal(draft_pace_next(&pace), 3);
	for (int pause = 1; pause <= 64; pause *= 2) {
		draft_pace_learn(&pace, 3, 0);
		for (int i = 0; i < (pause < 32 ? pause : 32); i++)
			assert_int_equal(draft_pace_next(&pace), 0);
		assert_int_equal(draft_pace_next(&pace), 1);
	}
	draft_pace_init(&pace, 0);
	assert_int_equal(draft_pace_next(&pace), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_parts_of_the_prompt_change_nothing, setup,
			teardown),
		cmocka_unit_test(test_drafts_change_nothing),
		cmocka_unit_test(test_company_changes_nothing),
		cmocka_unit_test_setup_teardown(test_those_allowed_alone_come,
						setup, teardown),
		cmocka_unit_test(test_of_the_head_only_what_is_allowed_is_read),
		cmocka_unit_test_setup_teardown(test_nothing_allowed_is_an_end,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_token_that_ends_is_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_positions_are_used_to_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_deadline_and_cancel_end_at_the_next_step, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_text_is_whole_characters_and_only_grows, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_stop_string_ends_the_text_before_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_bad_requests_are_refused,
						setup, teardown),
		cmocka_unit_test(test_drafts_follow_the_longest_match),
		cmocka_unit_test(test_drafts_are_as_many_as_were_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
