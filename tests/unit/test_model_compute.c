/* Threads that share a loop: every chunk once, nothing after the end; and one
 * that others wait for is moved, within what it may use. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/compute.h"

#define CHUNKS_MAX 100

struct loop {
	int n_threads;
	int counts[CHUNKS_MAX]; /* not atomic: TSan sees a chunk run twice */
	int numbers[CHUNKS_MAX];
	int number;
	_Atomic int busy[COMPUTE_THREADS_MAX];
	_Atomic int n_wrong;
	int pause_us; /* of every seventh chunk */
};

static void
count_chunk(void *arg, int chunk, int thread)
{
	struct loop *loop = arg;

	if (thread < 0 || thread >= loop->n_threads ||
	    atomic_fetch_add(&loop->busy[thread], 1))
		atomic_fetch_add(&loop->n_wrong, 1);
	loop->counts[chunk]++;
	loop->numbers[chunk] = loop->number;
	if (loop->pause_us && chunk % 7 == 0)
		usleep((useconds_t)loop->pause_us);
	atomic_fetch_sub(&loop->busy[thread], 1);
}

static void
expect_loops(int n_threads, int n_loops, int pause_us)
{
	struct loop *loop = calloc(1, sizeof *loop);
	struct err err = {0};
	struct compute *compute = compute_new(n_threads, &err);

	assert_non_null(compute);
	assert_int_equal(compute_n_threads(compute), n_threads);
	loop->n_threads = n_threads;
	loop->pause_us = pause_us;
	for (loop->number = 1; loop->number <= n_loops; loop->number++) {
		int n_chunks = loop->number % CHUNKS_MAX;
		memset(loop->counts, 0, sizeof loop->counts);
		compute_run(compute, count_chunk, loop, n_chunks);
		for (int chunk = 0; chunk < CHUNKS_MAX; chunk++)
			assert_int_equal(loop->counts[chunk], chunk < n_chunks);
		for (int chunk = 0; chunk < n_chunks; chunk++)
			assert_int_equal(loop->numbers[chunk], loop->number);
	}
	assert_int_equal(loop->n_wrong, 0);
	compute_free(compute);
	free(loop);
}

static void
test_every_chunk_runs_once(void **state)
{
	(void)state;
	expect_loops(1, 200, 0);
	expect_loops(2, 5000, 0);
	expect_loops(3, 2000, 0);
	expect_loops(8, 500, 0);
}

/* Chunks that take longer than anybody waits awake. */
static void
test_sleepers_are_woken(void **state)
{
	(void)state;
	expect_loops(2, 100, 100);
	expect_loops(4, 100, 60);
}

static void
test_threads_that_were_never_used_end(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++)
		compute_free(compute_new(1 + i % 5, NULL));
	compute_free(NULL);
}

static void
test_a_wrong_number_of_threads_is_refused(void **state)
{
	struct err err = {0};

	(void)state;
	assert_null(compute_new(0, &err));
	assert_string_equal(err.text,
			    "0 threads to compute, not between 1 and 64");
	assert_null(compute_new(65, &err));
}

/* --- A thread that is held in its first chunk until it has been moved */

#define HELD_CHUNKS 8
#define HOLD_MS 10000 /* at most */

struct holding {
	struct compute *compute;
	int held_thread;
	int hold_ms;
	_Atomic bool has_begun, was_held;
	cpu_set_t allowed; /* of all threads, before and after */
	_Atomic int counts[HELD_CHUNKS];
	_Atomic int n_looks, n_elsewhere; /* at sets; sets that are others */
};

/* Others leave a chunk for the thread that is to be held.  It sleeps, as to the
 * system a thread behind a stranger does no more than that. */
static void
run_held(void *arg, int chunk, int thread)
{
	struct holding *holding = arg;

	atomic_fetch_add(&holding->counts[chunk], 1);
	if (thread != holding->held_thread) {
		while (!atomic_load(&holding->has_begun))
			usleep(100);
		return;
	}
	if (atomic_exchange(&holding->has_begun, true))
		return;
	for (int ms = 0;
	     ms < holding->hold_ms && compute_n_moves(holding->compute) == 0;
	     ms++)
		usleep(1000);
	atomic_store(&holding->was_held, true);
}

/* Each thread has one of the chunks. */
static void
look_at_set(void *arg, int chunk, int thread)
{
	struct holding *holding = arg;
	cpu_set_t allowed;

	(void)chunk;
	(void)thread;
	pthread_getaffinity_np(pthread_self(), sizeof allowed, &allowed);
	if (!CPU_EQUAL(&allowed, &holding->allowed))
		atomic_fetch_add(&holding->n_elsewhere, 1);
	atomic_fetch_add(&holding->n_looks, 1);
	while (atomic_load(&holding->n_looks) < 2)
		usleep(100);
}

/* How often threads were moved. */
static long
hold_thread(int held_thread, int hold_ms)
{
	struct holding holding = {.held_thread = held_thread,
				  .hold_ms = hold_ms};

	pthread_getaffinity_np(pthread_self(), sizeof holding.allowed,
			       &holding.allowed);
	holding.compute = compute_new(2, NULL);
	assert_non_null(holding.compute);
	compute_run(holding.compute, run_held, &holding, HELD_CHUNKS);
	assert_true(holding.was_held);
	for (int chunk = 0; chunk < HELD_CHUNKS; chunk++)
		assert_int_equal(holding.counts[chunk], 1);
	long n_moves = compute_n_moves(holding.compute);
	compute_run(holding.compute, look_at_set, &holding, 2);
	assert_int_equal(holding.n_elsewhere, 0);
	compute_free(holding.compute);
	return n_moves;
}

static void
need_two_processors(void)
{
	cpu_set_t allowed;

	assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
	if (CPU_COUNT(&allowed) < 2)
		test_skip("one processor: there is no other to move to");
}

static void
test_a_worker_that_is_held_is_taken_in(void **state)
{
	(void)state;
	need_two_processors();
	assert_true(hold_thread(1, HOLD_MS) > 0);
}

static void
test_a_caller_that_is_held_changes_places(void **state)
{
	(void)state;
	need_two_processors();
	assert_true(hold_thread(0, HOLD_MS) > 0);
}

/* A loop ends without moves too, and nobody leaves what he may use. */
static void
test_nobody_is_moved_out_of_his_set(void **state)
{
	cpu_set_t before, one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(hold_thread(0, 20), 0);
	assert_int_equal(hold_thread(1, 20), 0);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chunk_runs_once),
		cmocka_unit_test(test_sleepers_are_woken),
		cmocka_unit_test(test_threads_that_were_never_used_end),
		cmocka_unit_test(test_a_worker_that_is_held_is_taken_in),
		cmocka_unit_test(test_a_caller_that_is_held_changes_places),
		cmocka_unit_test(test_nobody_is_moved_out_of_his_set),
		cmocka_unit_test(test_a_wrong_number_of_threads_is_refused),
	};

	return cmocka_run_group_tests_name("model_compute", tests, NULL, NULL);
}
