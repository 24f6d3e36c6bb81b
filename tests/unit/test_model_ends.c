/* The engine: each request has one end, whatever comes between. */
#include "engine_fixture.h"

#include "base/time.h"

static void
cancel_itself(struct outcome *outcome)
{
	engine_cancel(outcome->engine, outcome->id);
}

static void
cancel_other(struct outcome *outcome)
{
	const struct outcome *other = outcome->arg;

	engine_cancel(outcome->engine, other->id);
}

static void
test_cancelling_what_goes_on_ends_it_at_once(void **state)
{
	int prompt[10];
	struct engine_request request = plain_request(prompt, 10, 50);
	static struct outcome outcome, alone;

	(void)state;
	memset(&outcome, 0, sizeof outcome);
	make_tokens(prompt, 10, 1);
	run_alone(&alone, &request);
	struct engine *engine = begin_engine(&plain_settings);
	outcome.act = cancel_itself;
	outcome.act_at = 3;
	expect_taken(engine, &request, &outcome);
	wait_for_ends(&outcome, 1);
	assert_int_equal(outcome.end, GENERATION_CANCELLED);
	assert_int_equal(outcome.n, 3);
	assert_true(is_beginning(&outcome, &alone));
	assert_false(engine_cancel(engine, outcome.id));
	assert_false(engine_cancel(engine, outcome.id + 1));
	assert_false(engine_cancel(engine, 0));
	expect_wiped(engine);
	engine_free(engine);
	assert_int_equal(outcome.n_ends, 1);
	assert_int_equal(outcome.n_calls, 4);
}

/* One goes on, a row each step; its fifth token comes while the other, of
 * three rows a step, is in the midst of its prompt. */
static void
test_cancelling_a_prompt_ends_it_at_once(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[100];
	struct engine_request first = plain_request(prompt, 4, 60);
	struct engine_request second = plain_request(prompt, 100, 5);
	static struct outcome outcomes[2], alone;
	struct engine_counts counts;

	(void)state;
	memset(outcomes, 0, sizeof outcomes);
	make_tokens(prompt, 100, 1);
	run_alone(&alone, &first);
	settings.max_rows = 4;
	settings.max_running = 2;
	struct engine *engine = begin_engine(&settings);
	submit_gated(engine, &first, outcomes, 1);
	expect_taken(engine, &second, outcomes + 1);
	pthread_mutex_lock(&outcomes_lock);
	outcomes[0].act = cancel_other;
	outcomes[0].act_at = 5;
	outcomes[0].arg = outcomes + 1;
	pthread_mutex_unlock(&outcomes_lock);
	open_gate();
	wait_for_ends(outcomes, 2);
	expect_same(outcomes, &alone);
	assert_int_equal(outcomes[1].end, GENERATION_CANCELLED);
	assert_int_equal(outcomes[1].n, 0);
	assert_int_equal(outcomes[1].n_calls, 1);
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.prompt_tokens, 4 + 4 * 3);
	assert_int_equal(counts.n_ended[GENERATION_CANCELLED], 1);
	expect_wiped(engine);
	engine_free(engine);
}

static void
test_what_waits_can_be_cancelled_and_has_a_deadline(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[10];
	struct engine_request request = plain_request(prompt, 10, 20);
	static struct outcome outcomes[4], alone;

	(void)state;
	memset(outcomes, 0, sizeof outcomes);
	make_tokens(prompt, 10, 1);
	run_alone(&alone, &request);
	settings.max_running = 1;
	struct engine *engine = begin_engine(&settings);
	submit_gated(engine, &request, outcomes, 2);
	expect_taken(engine, &request, outcomes + 1);
	request.generation.deadline_us = time_mono_us();
	expect_taken(engine, &request, outcomes + 2);
	request.generation.deadline_us = 0;
	expect_taken(engine, &request, outcomes + 3);
	assert_true(engine_cancel(engine, outcomes[1].id));
	open_gate();
	wait_for_ends(outcomes, 4);
	assert_int_equal(outcomes[1].end, GENERATION_CANCELLED);
	assert_int_equal(outcomes[2].end, GENERATION_DEADLINE);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(outcomes[i].n, 0);
		assert_int_equal(outcomes[i].n_calls, 1);
		assert_true(outcomes[i].order < outcomes[0].order);
	}
	expect_same(outcomes, &alone);
	expect_same(outcomes + 3, &alone);
	engine_free(engine);
}

static void
wait_for_deadline(struct outcome *outcome)
{
	const int64_t *deadline = outcome->arg;

	while (time_mono_us() < *deadline)
		continue;
}

static void
test_a_deadline_ends_what_goes_on(void **state)
{
	int prompt[10];
	struct engine_request request = plain_request(prompt, 10, 100);
	static struct outcome outcome;
	int64_t deadline = time_mono_us() + 300000;

	(void)state;
	memset(&outcome, 0, sizeof outcome);
	make_tokens(prompt, 10, 1);
	struct engine *engine = begin_engine(&plain_settings);
	request.generation.deadline_us = deadline;
	outcome.act = wait_for_deadline;
	outcome.act_at = 3;
	outcome.arg = &deadline;
	expect_taken(engine, &request, &outcome);
	wait_for_ends(&outcome, 1);
	assert_int_equal(outcome.end, GENERATION_DEADLINE);
	assert_in_range(outcome.n, 0, 3);
	engine_free(engine);
}

#define N_THREADS 4
#define N_EACH 200

struct sender {
	pthread_t thread;
	struct engine *engine;
	struct outcome outcomes[N_EACH];
	int n_taken, n_busy;
	bool is_refused;
};

static void *
send_until_refused(void *arg)
{
	struct sender *sender = arg;
	int prompt[10];
	struct engine_request request = plain_request(prompt, 10, 150);

	make_tokens(prompt, 10, 1);
	while (!sender->is_refused && sender->n_taken < N_EACH) {
		enum engine_answer answer =
			submit(sender->engine, &request,
			       sender->outcomes + sender->n_taken, NULL);
		sender->n_taken += answer == ENGINE_TAKEN;
		sender->n_busy += answer == ENGINE_BUSY;
		sender->is_refused = answer == ENGINE_REFUSED;
	}
	return NULL;
}

static void
test_shutting_down_ends_each_once(void **state)
{
	static struct sender senders[N_THREADS];
	struct engine_counts counts;
	int64_t n_taken = 0, n_ended = 0;

	(void)state;
	memset(senders, 0, sizeof senders);
	struct engine *engine = begin_engine(&plain_settings);
	for (int i = 0; i < N_THREADS; i++) {
		senders[i].engine = engine;
		pthread_create(&senders[i].thread, NULL, send_until_refused,
			       senders + i);
	}
	wait_for_calls(senders[0].outcomes, 3);
	engine_close(engine);
	for (int i = 0; i < N_THREADS; i++) {
		pthread_join(senders[i].thread, NULL);
		for (int k = 0; k < senders[i].n_taken; k++)
			assert_int_equal(senders[i].outcomes[k].n_ends, 1);
		n_taken += senders[i].n_taken;
	}
	engine_read_counts(engine, &counts);
	for (int end = 0; end < N_GENERATION_ENDS; end++)
		n_ended += counts.n_ended[end];
	assert_int_equal(counts.n_taken, n_taken);
	assert_int_equal(n_ended, n_taken);
	assert_true(counts.n_ended[GENERATION_CANCELLED] > 0);
	assert_int_equal(counts.n_waiting + counts.n_running, 0);
	assert_int_equal(counts.blocks_in_use, 0);
	engine_free(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_cancelling_what_goes_on_ends_it_at_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_cancelling_a_prompt_ends_it_at_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_what_waits_can_be_cancelled_and_has_a_deadline,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_deadline_ends_what_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_shutting_down_ends_each_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
