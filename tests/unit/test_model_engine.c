/* The engine: what comes of a request is what comes of it alone, and what is
 * taken in. */
#include "engine_fixture.h"

#include "model/stop.h"
#include "vocab_fixture.h"

/* --- The same in any company */

#define N_MIXED 36

struct mixed {
	int prompts[N_MIXED][POSITIONS];
	struct engine_request requests[N_MIXED];
	struct outcome alone[N_MIXED];
};

/* Some begin alike, with 20, 48 or 75 tokens. */
static void
make_mixed(struct mixed *mixed)
{
	for (int i = 0; i < N_MIXED; i++) {
		static const int lengths[] = {20, 48, 75};
		struct engine_request *request = mixed->requests + i;
		int *prompt = mixed->prompts[i], n = lengths[i % 3];
		*request = plain_request(prompt, n + 1 + i % 17, 10 + i % 9);
		make_tokens(prompt, n, (uint64_t)(i % 3));
		make_tokens(prompt + n, 1 + i % 17, (uint64_t)(100 + i));
		/* What goes on as it began is what drafts are right about. */
		if (i % 4 == 0)
			memcpy(prompt + n, prompt,
			       (size_t)(1 + i % 17) * sizeof *prompt);
		request->n_shared_prompt = i % 5 ? n : 0;
		struct sampling *sampling = &request->generation.sampling;
		sampling->temperature = (float[]){0, 0.05F, 0.3F}[i % 3];
		sampling->seed = (uint64_t)i;
		if (i % 7 == 2)
			sampling->repetition_penalty = 1.2F;
		request->generation.max_drafts = i % 2 ? 0 : 8;
		run_alone(mixed->alone + i, request);
	}
}

static struct engine_counts
run_mixed(const struct mixed *mixed, const struct engine_settings *settings)
{
	struct engine *engine = begin_engine(settings);
	struct engine_counts counts;

	for (int round = 0; round < 2; round++) {
		static struct outcome outcomes[N_MIXED];
		memset(outcomes, 0, sizeof outcomes);
		for (int i = 0; i < N_MIXED; i++) {
			int k = (i * 7 + round) % N_MIXED;
			struct engine_request request = mixed->requests[k];
			expect_taken(engine, &request, outcomes + k);
		}
		wait_for_ends(outcomes, N_MIXED);
		for (int i = 0; i < N_MIXED; i++)
			expect_same(outcomes + i, mixed->alone + i);
	}
	expect_wiped(engine);
	engine_read_counts(engine, &counts);
	engine_free(engine);
	return counts;
}

static void
expect_sums(const struct mixed *mixed, const struct engine_counts *counts)
{
	int64_t n_prompt = 0, n_new = 0;

	for (int i = 0; i < N_MIXED; i++) {
		n_prompt += 2 * mixed->requests[i].generation.n_prompt;
		n_new += 2 * mixed->alone[i].n;
	}
	assert_int_equal(counts->n_taken, 2 * N_MIXED);
	assert_int_equal(counts->n_ended[GENERATION_LENGTH], 2 * N_MIXED);
	assert_int_equal(counts->n_firsts, 2 * N_MIXED);
	assert_int_equal(counts->prompt_tokens + counts->prompt_tokens_kept,
			 n_prompt);
	assert_int_equal(counts->new_tokens, n_new);
	assert_true(counts->drafts >= counts->drafts_right);
}

static void
check_mixed(enum packing packing, enum kv_type kv_type)
{
	static struct mixed mixed;
	struct engine_settings settings = plain_settings;

	desk_init(packing, kv_type);
	make_mixed(&mixed);
	settings.kv_type = kv_type;
	struct engine_counts counts = run_mixed(&mixed, &settings);
	expect_sums(&mixed, &counts);
	assert_true(counts.prefix_hits > N_MIXED);
	assert_true(counts.prompt_tokens_kept > N_MIXED * KV_BLOCK);

	/* Nothing is shared; little room in a step; other threads. */
	settings.prefix_percent = 0;
	settings.max_rows = settings.max_running = 3;
	settings.drafts_below = 0;
	settings.n_threads = 2;
	counts = run_mixed(&mixed, &settings);
	expect_sums(&mixed, &counts);
	assert_int_equal(counts.prompt_tokens_kept, 0);
	assert_int_equal(counts.drafts, 0);

	/* Drafts in any company; so few blocks that prefixes make room. */
	settings.prefix_percent = 100;
	settings.max_rows = 40;
	settings.max_running = 12;
	settings.drafts_below = 13;
	settings.kv_bytes = 17 * kv_block_bytes(&config, kv_type);
	counts = run_mixed(&mixed, &settings);
	expect_sums(&mixed, &counts);
	assert_true(counts.prefix_evictions > 0);
	assert_true(counts.drafts_right > 0);
	assert_true(counts.drafts > counts.drafts_right);
	desk_release();
}

static void
test_company_changes_nothing(void **state)
{
	(void)state;
	for (int packing = 0; packing < N_PACKINGS; packing++)
		for (int kv_type = 0; kv_type < N_KV_TYPES; kv_type++)
			check_mixed((enum packing)packing,
				    (enum kv_type)kv_type);
}

/* --- What is taken in */

static void
test_a_full_queue_is_busy(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[10];
	struct engine_request request = plain_request(prompt, 10, 5);
	static struct outcome outcomes[7], alone;
	struct engine_counts counts;

	(void)state;
	memset(outcomes, 0, sizeof outcomes);
	make_tokens(prompt, 10, 1);
	run_alone(&alone, &request);
	settings.max_running = 2;
	settings.max_waiting = 3;
	struct engine *engine = begin_engine(&settings);
	submit_gated(engine, &request, outcomes, 1);
	for (int i = 1; i < 5; i++)
		expect_taken(engine, &request, outcomes + i);
	assert_int_equal(submit(engine, &request, outcomes + 5, &err),
			 ENGINE_BUSY);
	assert_string_equal(err.text, "busy: 5 requests wait or run");
	open_gate();
	wait_for_ends(outcomes, 5);
	expect_taken(engine, &request, outcomes + 6);
	wait_for_ends(outcomes + 6, 1);
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.n_busy, 1);
	assert_int_equal(counts.n_taken, 6);
	assert_int_equal(outcomes[5].n_calls, 0);
	for (int i = 0; i < 7; i++)
		if (i != 5)
			expect_same(outcomes + i, &alone);
	engine_free(engine);
}

static void
expect_refused(struct engine *engine, struct engine_request request,
	       const char *words)
{
	struct outcome outcome = {.n = 0};

	assert_int_equal(submit(engine, &request, &outcome, &err),
			 ENGINE_REFUSED);
	if (!strstr(err.text, words))
		fail_msg("%s, not %s", err.text, words);
	assert_int_equal(outcome.n_calls, 0);
}

static void
test_what_can_never_be_is_refused(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[POSITIONS + 1] = {0};
	struct engine_request request = plain_request(prompt, 10, 5);
	struct engine_counts counts;

	(void)state;
	settings.kv_bytes = 4 * kv_block_bytes(&config, KV_F32) + 1;
	struct engine *engine = begin_engine(&settings);
	request.generation.n_prompt = POSITIONS + 1;
	expect_refused(engine, request, "the prompt has 161 tokens");
	request.generation.n_prompt = 50;
	request.generation.max_tokens = 16;
	expect_refused(engine, request,
		       "5 blocks of keys and values are needed, but there are "
		       "4 in all");
	request.generation.max_tokens = 15;
	request.n_shared_prompt = 51;
	expect_refused(engine, request, "51 tokens of the prompt are shared");
	request.n_shared_prompt = 0;
	request.generation.sampling.n_ends = ENGINE_LIST_MAX + 1;
	expect_refused(engine, request, "lists of a request");
	request.generation.sampling.n_ends = 0;
	request.generation.sampling.top_p = 2;
	expect_refused(engine, request, "top-p");
	engine_close(engine);
	request.generation.sampling.top_p = 1;
	expect_refused(engine, request, "shutting down");
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.n_refused, 6);
	assert_int_equal(counts.steps, 0);
	assert_int_equal(counts.blocks, 4);
	engine_free(engine);
	engine_free(NULL);
}

static void
expect_no_engine(struct engine_settings settings, const char *words)
{

	assert_null(engine_new(&settings, &desk.model, &err));
	if (!strstr(err.text, words))
		fail_msg("%s, not %s", err.text, words);
}

static void
test_settings_have_ranges(void **state)
{
	struct engine_settings settings = plain_settings;

	(void)state;
	settings.max_running = settings.max_rows + 1;
	expect_no_engine(settings, "sequences that run: 33, not 1 to 32");
	settings = plain_settings;
	settings.kv_bytes = 100;
	expect_no_engine(settings, "100 bytes for keys and values");
	settings = plain_settings;
	settings.n_threads = 0;
	expect_no_engine(settings, "0 threads to compute");
	settings = plain_settings;
	settings.prefix_percent = 101;
	expect_no_engine(settings, "percentage of shared prefixes");
	/* The arena is what it says, and the rest is there. */
	settings = plain_settings;
	size_t bytes = engine_plan_bytes(&settings, &config);
	settings.kv_bytes += 100 * kv_block_bytes(&config, KV_F32);
	assert_int_equal(engine_plan_bytes(&settings, &config) - bytes,
			 100 * kv_block_bytes(&config, KV_F32));
	assert_true(bytes > plain_settings.kv_bytes + 8 * VOCAB * 4);
}

/* The engine's thread is held up in run(), so that a close which waited would
 * never return. */
static void
test_a_close_that_is_begun_does_not_wait(void **state)
{
	static struct outcome gated, queued;
	int prompt[4] = {0};
	struct engine_request gate = plain_request(prompt, 4, 100);
	struct engine_request request = plain_request(prompt, 4, 5);

	(void)state;
	struct engine *engine = begin_engine(&plain_settings);
	submit_gated(engine, &gate, &gated, 1);
	expect_taken(engine, &request, &queued);
	engine_begin_close(engine);
	expect_refused(engine, request, "shutting down");
	assert_int_equal(gated.n_ends + queued.n_ends, 0);
	open_gate();
	engine_close(engine);
	assert_int_equal(gated.end, GENERATION_CANCELLED);
	assert_int_equal(queued.end, GENERATION_CANCELLED);
	assert_int_equal(gated.n_ends + queued.n_ends, 2);
	engine_free(engine);
}

static void
test_positions_are_the_arenas_or_the_models(void **state)
{
	struct engine_settings settings = plain_settings;

	(void)state;
	assert_int_equal(engine_positions(&settings, &config), POSITIONS);
	settings.kv_bytes = engine_kv_bytes(&config, KV_F32, 17);
	assert_int_equal(engine_positions(&settings, &config), 2 * KV_BLOCK);
	settings.kv_bytes--;
	assert_int_equal(engine_positions(&settings, &config), KV_BLOCK);
	settings.kv_bytes = SIZE_MAX;
	assert_int_equal(engine_positions(&settings, &config), POSITIONS);
}

/* What a request refers to, which is gone when the engine reads its own. */
struct given {
	int prompt[12], ids[3];
	struct token_bias bias;
	struct token_sequence bad;
	struct stop_strings stops;
};

static struct engine_request
give_nothing(struct given *given)
{
	memset(given, 0, sizeof *given);
	make_tokens(given->prompt, 12, 5);
	struct engine_request request = plain_request(given->prompt, 12, 30);
	request.generation.sampling.temperature = 0.3F;
	return request;
}

/* What would come first is bad. */
static struct engine_request
give_bad_word(struct given *given, const struct outcome *plain)
{
	struct engine_request request = give_nothing(given);
	struct sampling *sampling = &request.generation.sampling;

	given->ids[0] = plain->tokens[0];
	given->bad = (struct token_sequence){given->ids, 1};
	sampling->bad_words = &given->bad;
	sampling->n_bad_words = 1;
	return request;
}

/* Another comes, and is the end. */
static struct engine_request
give_bias_and_end(struct given *given, const struct outcome *plain)
{
	struct engine_request request = give_nothing(given);
	struct sampling *sampling = &request.generation.sampling;

	given->ids[1] = given->ids[2] = (plain->tokens[0] + 1) % VOCAB;
	given->bias = (struct token_bias){{given->ids + 1, 1}, 50};
	sampling->biases = &given->bias;
	sampling->ends = given->ids + 2;
	sampling->n_biases = sampling->n_ends = 1;
	return request;
}

static struct engine_request
give_stops(struct given *given, const struct outcome *plain)
{
	struct engine_request request = give_nothing(given);
	size_t at = utf8_cut(plain->text, plain->text_len, plain->text_len / 2);
	size_t end = utf8_cut(plain->text, plain->text_len, at + 6);

	if (stop_strings_add(&given->stops, plain->text + at, end - at, &err))
		fail_msg("%s", err.text);
	request.generation.stops = &given->stops;
	return request;
}

static void
test_lists_and_stop_strings_are_copied(void **state)
{
	static struct outcome gated, outcomes[3], alone[3], plain;
	struct given given[3];
	int prompt[4] = {0};

	(void)state;
	start_vocab();
	struct tokenizer *tokenizer = make_tokenizer();
	release_vocab();
	struct engine_request requests[3] = {give_nothing(given)};
	requests[0].generation.tokenizer = tokenizer;
	run_alone(&plain, requests);
	requests[0] = give_bad_word(given, &plain);
	requests[1] = give_bias_and_end(given + 1, &plain);
	requests[2] = give_stops(given + 2, &plain);
	struct engine *engine = begin_engine(&plain_settings);
	struct engine_request gate = plain_request(prompt, 4, 3);
	submit_gated(engine, &gate, &gated, 1);
	for (int i = 0; i < 3; i++) {
		requests[i].generation.tokenizer = tokenizer;
		run_alone(alone + i, requests + i);
		expect_taken(engine, requests + i, outcomes + i);
	}
	assert_int_not_equal(alone[0].tokens[0], plain.tokens[0]);
	assert_int_equal(alone[1].end, GENERATION_END);
	assert_int_equal(alone[2].end, GENERATION_STOP);
	memset(given, 0, sizeof given);
	open_gate();
	wait_for_ends(outcomes, 3);
	for (int i = 0; i < 3; i++)
		expect_same(outcomes + i, alone + i);
	engine_free(engine);
	tokenizer_free(tokenizer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_company_changes_nothing),
		cmocka_unit_test_setup_teardown(test_a_full_queue_is_busy,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_can_never_be_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings_have_ranges,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_close_that_is_begun_does_not_wait, setup,
			teardown),
		cmocka_unit_test(test_positions_are_the_arenas_or_the_models),
		cmocka_unit_test_setup_teardown(
			test_lists_and_stop_strings_are_copied, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
