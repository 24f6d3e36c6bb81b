/* Threads that share a loop.
 *
 * A step of the generator is some thirty short loops with a barrier after each,
 * so that a thread which is late by a time slice of the system holds up all.
 * Chunks are therefore small and taken one by one; and whoever waits longer
 * than WAIT_US sleeps, which gives its processor to the thread it waits for, if
 * a stranger has that one's.  To spin on would be faster only on a machine that
 * does nothing else.
 *
 * `work` holds the number of the loop and how many of its chunks nobody has
 * taken, in one word: what a late thread takes is of the loop that it has seen,
 * or nothing.  The other fields of a loop are written before `work`, and not
 * again before all chunks are done, so that whoever has a chunk may read them.
 * A sleeper says so before it looks a last time, and who changes something does
 * so before it looks for sleepers; both in one order for all threads. */
#include "model/compute.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"

#define WAIT_US 8
#define CHUNKS_MASK UINT32_MAX

struct worker {
	pthread_t thread;
	struct compute *compute;
	int number;
};

struct compute {
	compute_fn *run;
	void *arg;
	int n_chunks;
	alignas(64) _Atomic uint64_t work; /* loop << 32 | chunks to take */
	alignas(64) _Atomic int n_pending; /* chunks not done */
	alignas(64) _Atomic int n_asleep;
	_Atomic bool is_caller_asleep;
	_Atomic bool is_ending;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	int n_workers;
	struct worker workers[COMPUTE_THREADS_MAX];
};

/* A chunk of that loop that nobody has taken, or -1. */
static int
take_chunk(struct compute *compute, uint32_t loop)
{
	uint64_t work = atomic_load(&compute->work);

	while (work >> 32 == loop && (work & CHUNKS_MASK))
		if (atomic_compare_exchange_weak(&compute->work, &work,
						 work - 1))
			return compute->n_chunks - (int)(work & CHUNKS_MASK);
	return -1;
}

static void
wake(struct compute *compute, pthread_cond_t *cond)
{
	pthread_mutex_lock(&compute->lock);
	pthread_cond_broadcast(cond);
	pthread_mutex_unlock(&compute->lock);
}

static void
run_chunks(struct compute *compute, uint32_t loop, int thread)
{
	int chunk;

	while ((chunk = take_chunk(compute, loop)) >= 0) {
		compute->run(compute->arg, chunk, thread);
		if (atomic_fetch_sub(&compute->n_pending, 1) == 1 &&
		    atomic_load(&compute->is_caller_asleep))
			wake(compute, &compute->emptied);
	}
}

static bool
has_work(struct compute *compute, uint32_t seen)
{
	return atomic_load(&compute->work) >> 32 != seen ||
	       atomic_load(&compute->is_ending);
}

static void
wait_for_work(struct compute *compute, uint32_t seen)
{
	int64_t end = time_mono_us() + WAIT_US;

	while (time_mono_us() < end)
		if (has_work(compute, seen))
			return;
	pthread_mutex_lock(&compute->lock);
	atomic_fetch_add(&compute->n_asleep, 1);
	while (!has_work(compute, seen))
		pthread_cond_wait(&compute->filled, &compute->lock);
	atomic_fetch_sub(&compute->n_asleep, 1);
	pthread_mutex_unlock(&compute->lock);
}

static void *
worker_main(void *arg)
{
	struct worker *worker = arg;
	struct compute *compute = worker->compute;
	uint32_t loop = 0;

	for (;;) {
		wait_for_work(compute, loop);
		if (atomic_load(&compute->is_ending))
			return NULL;
		loop = (uint32_t)(atomic_load(&compute->work) >> 32);
		run_chunks(compute, loop, worker->number);
	}
}

static void
wait_for_end(struct compute *compute)
{
	int64_t end = time_mono_us() + WAIT_US;

	while (time_mono_us() < end)
		if (atomic_load(&compute->n_pending) == 0)
			return;
	pthread_mutex_lock(&compute->lock);
	atomic_store(&compute->is_caller_asleep, true);
	while (atomic_load(&compute->n_pending) > 0)
		pthread_cond_wait(&compute->emptied, &compute->lock);
	atomic_store(&compute->is_caller_asleep, false);
	pthread_mutex_unlock(&compute->lock);
}

void
compute_run(struct compute *compute, compute_fn *run, void *arg, int n_chunks)
{
	if (n_chunks <= 1 || compute->n_workers == 0) {
		for (int chunk = 0; chunk < n_chunks; chunk++)
			run(arg, chunk, 0);
		return;
	}
	uint32_t loop = (uint32_t)(atomic_load(&compute->work) >> 32) + 1;
	compute->run = run;
	compute->arg = arg;
	compute->n_chunks = n_chunks;
	atomic_store(&compute->n_pending, n_chunks);
	atomic_store(&compute->work, (uint64_t)loop << 32 | (uint32_t)n_chunks);
	if (atomic_load(&compute->n_asleep) > 0)
		wake(compute, &compute->filled);
	run_chunks(compute, loop, 0);
	wait_for_end(compute);
}

/* Workers take no signals: those are for the thread that called. */
static int
start_worker(struct compute *compute, struct err *err)
{
	struct worker *worker = compute->workers + compute->n_workers;
	char name[16];
	sigset_t all, before;

	worker->compute = compute;
	worker->number = compute->n_workers + 1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		errno = failed;
		return err_errno(err, "cannot start a thread to compute");
	}
	snprintf(name, sizeof name, "model/%d", worker->number);
	pthread_setname_np(worker->thread, name);
	compute->n_workers++;
	return 0;
}

struct compute *
compute_new(int n_threads, struct err *err)
{
	if (n_threads < 1 || n_threads > COMPUTE_THREADS_MAX) {
		err_set(err, "%d threads to compute, not between 1 and %d",
			n_threads, COMPUTE_THREADS_MAX);
		return NULL;
	}
	struct compute *compute =
		aligned_alloc(alignof(struct compute), sizeof *compute);
	if (!compute)
		mem_exhausted();
	*compute = (struct compute){0};
	pthread_mutex_init(&compute->lock, NULL);
	pthread_cond_init(&compute->filled, NULL);
	pthread_cond_init(&compute->emptied, NULL);
	while (compute->n_workers < n_threads - 1)
		if (start_worker(compute, err) < 0) {
			compute_free(compute);
			return NULL;
		}
	return compute;
}

void
compute_free(struct compute *compute)
{
	if (!compute)
		return;
	atomic_store(&compute->is_ending, true);
	wake(compute, &compute->filled);
	for (int i = 0; i < compute->n_workers; i++)
		pthread_join(compute->workers[i].thread, NULL);
	pthread_cond_destroy(&compute->emptied);
	pthread_cond_destroy(&compute->filled);
	pthread_mutex_destroy(&compute->lock);
	free(compute);
}

int
compute_n_threads(const struct compute *compute)
{
	return compute->n_workers + 1;
}
