/* The engine: whose rows are in a step, and what requests share. */
#include "engine_fixture.h"

#define N_LONG 120

/* --- Prompts and those that go on */

/* What became of a step, for the rows of all. */
static void
expect_rows(struct engine *engine, int max_rows)
{
	struct engine_counts counts;

	engine_read_counts(engine, &counts);
	assert_true(counts.rows <= counts.steps * max_rows);
}

struct race {
	struct outcome *other;
	int n_before; /* calls before the other's first token */
};

static void
note_race(struct outcome *outcome)
{
	struct race *race = outcome->arg;

	pthread_mutex_lock(&outcomes_lock);
	if (race->other->n == 0)
		race->n_before = outcome->n_calls;
	outcome->act_at++;
	pthread_mutex_unlock(&outcomes_lock);
}

/* Each step has a row for what goes on, so that a prompt in the remaining 15
 * takes 8 steps, in which 8 tokens come. */
static void
test_a_long_prompt_holds_nobody_up(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[N_LONG];
	struct engine_request first = plain_request(prompt, 4, 60);
	struct engine_request second = plain_request(prompt, N_LONG, 5);
	static struct outcome outcomes[2], alone[2];
	struct race race = {outcomes + 1, 0};

	(void)state;
	make_tokens(prompt, N_LONG, 1);
	run_alone(alone, &first);
	run_alone(alone + 1, &second);
	settings.max_rows = 16;
	settings.drafts_below = 0;
	struct engine *engine = begin_engine(&settings);
	submit_gated(engine, &first, outcomes, 1);
	expect_taken(engine, &second, outcomes + 1);
	pthread_mutex_lock(&outcomes_lock);
	outcomes[0].act = note_race;
	outcomes[0].act_at = 2;
	outcomes[0].arg = &race;
	pthread_mutex_unlock(&outcomes_lock);
	open_gate();
	wait_for_ends(outcomes, 2);
	/* Of one step the older one is told first. */
	assert_int_equal(race.n_before, 1 + N_LONG / 15);
	expect_same(outcomes, alone);
	expect_same(outcomes + 1, alone + 1);
	expect_rows(engine, 16);
	engine_free(engine);
}

static void
test_a_short_prompt_need_not_wait_for_a_long_one(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[N_LONG];
	struct engine_request requests[3] = {plain_request(prompt, 4, 1),
					     plain_request(prompt, N_LONG, 1),
					     plain_request(prompt + 5, 20, 1)};
	static struct outcome outcomes[3];

	(void)state;
	make_tokens(prompt, N_LONG, 1);
	settings.max_rows = 16;
	struct engine *engine = begin_engine(&settings);
	submit_gated(engine, requests, outcomes, 1);
	for (int i = 1; i < 3; i++)
		expect_taken(engine, requests + i, outcomes + i);
	open_gate();
	wait_for_ends(outcomes, 3);
	assert_true(outcomes[2].order < outcomes[1].order);
	engine_free(engine);
}

struct stream {
	struct engine *engine;
	struct engine_request request;
	const struct outcome *long_one;
	int n_ended_before; /* the long one */
};

/* Each ends at its first token, and the next one comes, until the engine is
 * closed. */
static void
note_stream(void *arg, const struct generation *generation)
{
	struct stream *stream = arg;

	(void)generation;
	pthread_mutex_lock(&outcomes_lock);
	stream->n_ended_before += stream->long_one->n == 0;
	pthread_mutex_unlock(&outcomes_lock);
	engine_submit(stream->engine, &stream->request, NULL, NULL);
}

/* Short prompts that never cease, and a long one, of which there is as much in
 * a step as of each of them. */
static void
test_a_long_prompt_does_not_starve(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[N_LONG];
	struct engine_request request = plain_request(prompt, N_LONG, 2);
	static struct outcome gated, outcome, alone;
	struct stream streams[3];

	(void)state;
	make_tokens(prompt, N_LONG, 1);
	run_alone(&alone, &request);
	settings.max_running = settings.max_rows = 4;
	struct engine *engine = begin_engine(&settings);
	struct engine_request gate = plain_request(prompt, 4, 1);
	submit_gated(engine, &gate, &gated, 1);
	for (int i = 0; i < 3; i++) {
		streams[i] = (struct stream){
			.engine = engine,
			.request = plain_request(prompt + i, 10, 1),
			.long_one = &outcome,
		};
		streams[i].request.run = note_stream;
		streams[i].request.arg = streams + i;
		assert_int_equal(
			engine_submit(engine, &streams[i].request, NULL, NULL),
			ENGINE_TAKEN);
	}
	expect_taken(engine, &request, &outcome);
	open_gate();
	wait_for_ends(&outcome, 1);
	engine_close(engine);
	expect_same(&outcome, &alone);
	/* 4 rows a step: it has one step in four.  30 steps of its own are 90
	 * of others, of 3 each. */
	for (int i = 0; i < 3; i++)
		assert_in_range(streams[i].n_ended_before, 1, 60);
	expect_rows(engine, 4);
	engine_free(engine);
}

/* What goes on may have many rows at once when tokens were forced; there is one
 * left for each of the others. */
static int
force_many(void *arg, const int *tokens, int n, const int **ids_r)
{
	int *next = (int *)arg + n;

	if (n % 12 == 0)
		return -1;
	*next = (tokens[n - 1] + 31) % VOCAB;
	*ids_r = next;
	return 1;
}

/* Steps so far, at the first call and at the last. */
static void
note_steps(struct outcome *outcome)
{
	struct engine_counts counts;
	int64_t *steps = outcome->arg;

	engine_read_counts(outcome->engine, &counts);
	if (steps[0] == 0)
		steps[0] = counts.steps;
	steps[1] = counts.steps;
	outcome->act_at++;
}

static void
test_forced_tokens_leave_room_for_others(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[40], next[4][POSITIONS + 1];
	int64_t steps[4][2] = {{0}};
	struct engine_request requests[4];
	static struct outcome gated, outcomes[4], alone[4];

	(void)state;
	make_tokens(prompt, 40, 1);
	settings.max_rows = settings.max_running = 4;
	struct engine *engine = begin_engine(&settings);
	struct engine_request gate = plain_request(prompt, 4, 1);
	submit_gated(engine, &gate, &gated, 1);
	for (int i = 0; i < 4; i++) {
		requests[i] = plain_request(prompt + i, 12 + i, 60);
		if (i % 2 == 0) {
			requests[i].generation.max_drafts = 7;
			requests[i].generation.allow = force_many;
			requests[i].generation.allow_arg = next[i];
		}
		outcomes[i].act = note_steps;
		outcomes[i].act_at = 1;
		outcomes[i].arg = steps[i];
		run_alone(alone + i, requests + i);
		expect_taken(engine, requests + i, outcomes + i);
	}
	open_gate();
	wait_for_ends(outcomes, 4);
	engine_close(engine);
	for (int i = 0; i < 4; i++) {
		expect_same(outcomes + i, alone + i);
		if (i % 2)
			assert_int_equal(steps[i][1] - steps[i][0], 59);
	}
	/* The last one begins long before the first one ends. */
	assert_true(steps[3][0] < steps[0][1]);
	expect_rows(engine, 4);
	engine_free(engine);
}

/* --- What is shared */

static int64_t
prompt_tokens_kept(struct engine *engine)
{
	struct engine_counts counts;

	engine_read_counts(engine, &counts);
	return counts.prompt_tokens_kept;
}

static int
blocks_of_prefixes(struct engine *engine)
{
	struct engine_counts counts;

	engine_read_counts(engine, &counts);
	return counts.blocks_of_prefixes;
}

/* A request to its end, and what it was spared. */
static int
run_one(struct engine *engine, struct engine_request *request)
{
	static struct outcome outcome, alone;
	int64_t before = prompt_tokens_kept(engine);

	memset(&outcome, 0, sizeof outcome);
	run_alone(&alone, request);
	expect_taken(engine, request, &outcome);
	wait_for_ends(&outcome, 1);
	expect_same(&outcome, &alone);
	return (int)(prompt_tokens_kept(engine) - before);
}

static void
test_whole_blocks_of_what_is_nobodys_are_kept(void **state)
{
	int prompt[N_LONG];
	struct engine_request request = plain_request(prompt, N_LONG, 5);

	(void)state;
	make_tokens(prompt, N_LONG, 1);
	struct engine *engine = begin_engine(&plain_settings);
	assert_int_equal(run_one(engine, &request), 0);
	assert_int_equal(blocks_of_prefixes(engine), 0);
	request.n_shared_prompt = 40;
	assert_int_equal(run_one(engine, &request), 0);
	assert_int_equal(blocks_of_prefixes(engine), 2);
	assert_int_equal(run_one(engine, &request), 32);
	expect_wiped(engine);
	/* A longer beginning goes on behind the shorter one. */
	request.n_shared_prompt = N_LONG;
	assert_int_equal(run_one(engine, &request), 32);
	assert_int_equal(blocks_of_prefixes(engine), 7);
	/* Not the last token, from which the first new one comes. */
	request.generation.n_prompt = request.n_shared_prompt = 64;
	assert_int_equal(run_one(engine, &request), 48);
	/* What is not said to be nobody's is not taken, either. */
	request.n_shared_prompt = 15;
	assert_int_equal(run_one(engine, &request), 0);
	/* The same block behind another one is another. */
	request.n_shared_prompt = 64;
	prompt[3] = (prompt[3] + 1) % VOCAB;
	assert_int_equal(run_one(engine, &request), 0);
	assert_int_equal(blocks_of_prefixes(engine), 10);
	prompt[20] = (prompt[20] + 1) % VOCAB;
	assert_int_equal(run_one(engine, &request), 16);
	expect_wiped(engine);
	engine_free(engine);
}

/* The second and the third wait for what the first one computes. */
static void
test_who_begins_alike_at_once_computes_once(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompts[4][N_LONG];
	struct engine_request requests[4];
	static struct outcome outcomes[4], alone[4];
	struct engine_counts counts;

	(void)state;
	settings.max_rows = 24;
	settings.prefix_percent = 100;
	struct engine *engine = begin_engine(&settings);
	for (int i = 0; i < 4; i++) {
		make_tokens(prompts[i], N_LONG, 1);
		make_tokens(prompts[i] + 70, N_LONG - 70, (uint64_t)(10 + i));
		requests[i] = plain_request(prompts[i], N_LONG - i, 5);
		requests[i].n_shared_prompt = 70;
		run_alone(alone + i, requests + i);
	}
	struct engine_request gate = plain_request(prompts[0], 4, 1);
	submit_gated(engine, &gate, outcomes, 1);
	for (int i = 1; i < 4; i++)
		expect_taken(engine, requests + i, outcomes + i);
	open_gate();
	wait_for_ends(outcomes, 4);
	for (int i = 1; i < 4; i++)
		expect_same(outcomes + i, alone + i);
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.prompt_tokens_kept, 2 * 64);
	assert_int_equal(counts.prefix_hits, 2);
	assert_int_equal(counts.prefix_misses, 1);
	assert_int_equal(counts.blocks_of_prefixes, 4);
	engine_free(engine);
}

/* Room for 3 blocks, and two beginnings of 2: the older one makes room. */
static void
test_the_longest_unused_makes_room(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompts[2][40];
	struct engine_request requests[2];

	(void)state;
	settings.kv_bytes = 30 * kv_block_bytes(&config, KV_F32);
	settings.prefix_percent = 10;
	struct engine *engine = begin_engine(&settings);
	for (int i = 0; i < 2; i++) {
		make_tokens(prompts[i], 40, (uint64_t)(1 + i));
		requests[i] = plain_request(prompts[i], 40, 3);
		requests[i].n_shared_prompt = 32;
		assert_int_equal(run_one(engine, requests + i), 0);
	}
	assert_int_equal(blocks_of_prefixes(engine), 3);
	expect_wiped(engine);
	assert_int_equal(run_one(engine, requests + 1), 32);
	/* Of the first one the second block is gone; it is computed again. */
	assert_int_equal(run_one(engine, requests), 16);
	assert_int_equal(run_one(engine, requests), 32);
	expect_wiped(engine);
	engine_free(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_long_prompt_holds_nobody_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_short_prompt_need_not_wait_for_a_long_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_long_prompt_does_not_starve, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_forced_tokens_leave_room_for_others, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_whole_blocks_of_what_is_nobodys_are_kept, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_who_begins_alike_at_once_computes_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_the_longest_unused_makes_room, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
