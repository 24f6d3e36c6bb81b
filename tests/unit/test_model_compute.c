/* Threads that share a loop: every chunk once, nothing after the end. */
#include "test.h"

#include <stdatomic.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chunk_runs_once),
		cmocka_unit_test(test_sleepers_are_woken),
		cmocka_unit_test(test_threads_that_were_never_used_end),
		cmocka_unit_test(test_a_wrong_number_of_threads_is_refused),
	};

	return cmocka_run_group_tests_name("model_compute", tests, NULL, NULL);
}
