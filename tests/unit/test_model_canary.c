/* Nobody reads what is another's: conversations that each have a pattern of
 * tokens of their own, interleaved at random by many threads, which cancel some
 * of them, give what each gives alone; and what was given back is all zeros.
 * TELLERD_CANARIES says how many; 10,000 without sanitizers. */
#include "engine_fixture.h"

#include <stdlib.h>
#include <time.h>

#include "base/time.h"

#define N_CONVERSATIONS 250
#define N_BEGINNINGS 3
#define N_BEGINNING 35 /* two whole blocks of it can be shared */
#define N_SECRET 14
#define N_PROMPT (N_BEGINNING + N_SECRET)
#define N_SENDERS 6
#define N_AT_ONCE 5

static struct conversation {
	int prompt[N_PROMPT];
	struct engine_request request;
	struct outcome alone;
} conversations[N_CONVERSATIONS];

/* Only the secret differs: neither the seed nor the other settings. */
static void
make_conversation(struct conversation *conversation, int i)
{
	struct chance beginning = {(uint64_t)(i % N_BEGINNINGS)};
	struct chance secret = {(uint64_t)(1000 + 7 * i)};

	for (int k = 0; k < N_PROMPT; k++)
		conversation->prompt[k] = chance_below(
			k < N_BEGINNING ? &beginning : &secret, VOCAB);
	conversation->request = (struct engine_request){
		.generation = {.prompt = conversation->prompt,
			       .n_prompt = N_PROMPT,
			       .sampling = sampling_greedy,
			       .max_tokens = 5 + i % 7,
			       .max_drafts = i % 2 ? 4 : 0,
			       .has_logprobs = true},
		.n_shared_prompt = i % 5 ? N_BEGINNING : 0,
	};
	conversation->request.generation.sampling.temperature = 0.3F;
	run_alone(&conversation->alone, &conversation->request);
}

/* A leak could not be seen if all said the same. */
static void
expect_different(void)
{
	for (int i = 0; i < N_CONVERSATIONS; i++)
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(conversations[i].alone.logprobs,
						conversations[k].alone.logprobs,
						3 * sizeof(float));
}

struct sender {
	pthread_t thread;
	struct engine *engine;
	int n_to_send, n_busy, n_cancelled, n_wrong;
	struct chance chance;
};

static void
sleep_a_little(struct chance *chance)
{
	struct timespec time = {.tv_nsec = 1000 * chance_below(chance, 300)};

	nanosleep(&time, NULL);
}

static void
send_one(struct sender *sender, struct engine_request *request,
	 struct outcome *outcome)
{
	struct err err;

	memset(outcome, 0, sizeof *outcome);
	while (submit(sender->engine, request, outcome, &err) == ENGINE_BUSY) {
		sender->n_busy++;
		sleep_a_little(&sender->chance);
	}
}

/* Cancelled ones have said a part of the same. */
static void
check_one(struct sender *sender, const struct conversation *conversation,
	  const struct outcome *outcome)
{
	const struct outcome *alone = &conversation->alone;
	bool is_cancelled = outcome->end == GENERATION_CANCELLED ||
			    outcome->end == GENERATION_DEADLINE;

	sender->n_cancelled += is_cancelled;
	sender->n_wrong += outcome->n_ends != 1;
	sender->n_wrong += !is_beginning(outcome, alone);
	sender->n_wrong += !is_cancelled && (outcome->n != alone->n ||
					     outcome->end != alone->end);
}

static void
send_some(struct sender *sender, struct outcome *outcomes, int n)
{
	const struct conversation *sent[N_AT_ONCE];
	struct chance *chance = &sender->chance;

	for (int i = 0; i < n; i++) {
		sent[i] = conversations + chance_below(chance, N_CONVERSATIONS);
		struct engine_request request = sent[i]->request;
		if (chance_below(chance, 20) == 0)
			request.generation.deadline_us =
				time_mono_us() + chance_below(chance, 3000);
		send_one(sender, &request, outcomes + i);
	}
	for (int i = 0; i < n; i++)
		if (chance_below(chance, 8) == 0) {
			sleep_a_little(chance);
			engine_cancel(sender->engine, outcomes[i].id);
		}
	wait_for_ends(outcomes, n);
	for (int i = 0; i < n; i++)
		check_one(sender, sent[i], outcomes + i);
}

static void *
send_all(void *arg)
{
	struct sender *sender = arg;
	struct outcome *outcomes = calloc(N_AT_ONCE, sizeof *outcomes);

	for (int left = sender->n_to_send; left > 0; left -= N_AT_ONCE)
		send_some(sender, outcomes,
			  left < N_AT_ONCE ? left : N_AT_ONCE);
	free(outcomes);
	return NULL;
}

static int
count_canaries(void)
{
	const char *wanted = getenv("TELLERD_CANARIES");
	const char *sanitizers = getenv("SANITIZERS");
	int n = wanted ? (int)strtol(wanted, NULL, 10) : 0;

	if (n > 0)
		return n;
	return sanitizers && strcmp(sanitizers, "no") != 0 ? 1000 : 10000;
}

static void
start_senders(struct sender *senders, struct engine *engine, int n)
{
	for (int i = 0; i < N_SENDERS; i++) {
		senders[i] = (struct sender){
			.engine = engine,
			.n_to_send = (n + i) / N_SENDERS,
			.chance = {(uint64_t)(99 + i)},
		};
		assert_int_equal(pthread_create(&senders[i].thread, NULL,
						send_all, senders + i),
				 0);
	}
}

/* Few blocks, so that what one gave back is the next one's at once. */
static void
test_nobody_reads_what_is_anothers(void **state)
{
	const struct engine_settings settings = {
		.n_threads = 2,
		.kv_type = KV_F32,
		.kv_bytes = 28 * kv_block_bytes(&config, KV_F32),
		.max_rows = 40,
		.max_running = 9,
		.max_waiting = 12,
		.prefix_percent = 20,
		.drafts_below = 4,
	};
	struct sender senders[N_SENDERS];
	struct engine_counts counts;
	struct blocks_look found;
	struct chance chance = {5};
	int n = count_canaries(), n_busy = 0, n_cancelled = 0;

	(void)state;
	desk_init(PACKED_F32, KV_F32);
	for (int i = 0; i < N_CONVERSATIONS; i++)
		make_conversation(conversations + i, i);
	expect_different();
	struct engine *engine = begin_engine(&settings);
	start_senders(senders, engine, n);
	/* At any time what is free is all zeros. */
	for (int i = 0; i < 20; i++) {
		engine_look(engine, look_at_blocks, &found);
		assert_int_equal(found.n_dirty_free, 0);
		sleep_a_little(&chance);
	}
	for (int i = 0; i < N_SENDERS; i++) {
		pthread_join(senders[i].thread, NULL);
		assert_int_equal(senders[i].n_wrong, 0);
		n_busy += senders[i].n_busy;
		n_cancelled += senders[i].n_cancelled;
	}
	expect_wiped(engine);
	engine_read_counts(engine, &counts);
	assert_int_equal(counts.n_taken, n);
	assert_int_equal(counts.n_busy, n_busy);
	assert_int_equal(counts.n_ended[GENERATION_CANCELLED] +
				 counts.n_ended[GENERATION_DEADLINE],
			 n_cancelled);
	assert_true(n_cancelled > n / 100);
	assert_true(counts.prefix_hits > n / 4);
	assert_true(counts.prefix_evictions > 0);
	print_message("# %d generations, %d of them cut off, %d times busy\n",
		      n, n_cancelled, n_busy);
	engine_free(engine);
	desk_release();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_reads_what_is_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
