/* Threads that share a loop.
 *
 * A step of the generator is some thirty short loops with a barrier after each,
 * so that a thread which is late by a time slice of the system holds up all.
 * Chunks are therefore small and taken one by one; and whoever waits longer
 * than WAIT_US sleeps.  To spin on would be faster only on a machine that does
 * nothing else.
 *
 * The system leaves a thread behind a stranger for the stranger's slice, which
 * is longer than a step, while the processor that a sleeper left does nothing.
 * So whoever is about to sleep looks whether a thread that has chunks is idle,
 * by its clock, and moves it (seat.h):
 *
 *   The caller   waits for a worker: it takes the worker in on its processor
 *                until the worker's chunks are done, and has it back then.
 *   A worker     waits for the caller: they change places.
 *
 * So the caller has a processor for itself, if there is one, and workers use of
 * the others what strangers leave.  Nobody is bound for longer than that takes,
 * lest all programs that do the same meet on the same processors.
 *
 * `work` holds the number of the loop and how many of its chunks nobody has
 * taken, in one word: what a late thread takes is of the loop that it has seen,
 * or nothing.  The other fields of a loop are written before `work`, and not
 * again before all chunks are done, so that whoever has a chunk may read them.
 * A sleeper says so before it looks a last time, and who changes something does
 * so before it looks for sleepers; both in one order for all threads.  Likewise
 * with `is_busy`, which says who may be moved, and with who moves them. */
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
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/seat.h"

#define WAIT_US 8
#define LOOK_US 500 /* asleep, while others have chunks */
#define CHUNKS_MASK UINT32_MAX

/* A thread; the first is the caller's, whoever calls. */
struct member {
	alignas(64) struct seat seat;
	/* It takes chunks, and the caller until the loop ends. */
	_Atomic bool is_busy;
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
	_Atomic bool is_moving_caller;
	_Atomic long n_moves;
	pthread_mutex_t lock; /* and who holds it may move others */
	pthread_cond_t filled, emptied;
	int n_members;
	struct member members[COMPUTE_THREADS_MAX];
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
run_chunks(struct member *member, uint32_t loop)
{
	struct compute *compute = member->compute;
	int chunk;

	while ((chunk = take_chunk(compute, loop)) >= 0) {
		compute->run(compute->arg, chunk, member->number);
		if (atomic_fetch_sub(&compute->n_pending, 1) == 1 &&
		    atomic_load(&compute->is_caller_asleep))
			wake(compute, &compute->emptied);
	}
}

/* --- Moving who is late */

/* A processor that the caller may use and no member is on, or -1. */
static int
find_processor(struct compute *compute)
{
	cpu_set_t free;

	if (pthread_getaffinity_np(compute->members[0].seat.thread, sizeof free,
				   &free))
		return -1;
	for (int i = 0; i < compute->n_members; i++)
		CPU_CLR((size_t)compute->members[i].seat.processor, &free);
	for (int processor = 0; processor < CPU_SETSIZE; processor++)
		if (CPU_ISSET((size_t)processor, &free))
			return processor;
	return -1;
}

/* The caller waits, with the lock. */
static void
help_workers(struct compute *compute)
{
	int here = seat_note(&compute->members[0].seat);

	for (int i = 1; i < compute->n_members; i++) {
		struct member *member = compute->members + i;
		if (!atomic_load(&member->is_busy) ||
		    !seat_is_idle(&member->seat))
			continue;
		int home = member->seat.processor;
		if (home == here)
			home = find_processor(compute);
		if (home < 0 || !seat_invite(&member->seat, here, home))
			continue;
		atomic_fetch_add(&compute->n_moves, 1);
		if (!atomic_load(&member->is_busy))
			seat_go_home(&member->seat);
	}
}

/* It has chunks to do, or to notice that all are done. */
static bool
is_caller_late(struct compute *compute)
{
	const struct member *caller = compute->members;

	return atomic_load(&caller->is_busy) &&
	       (!atomic_load(&compute->is_caller_asleep) ||
		atomic_load(&compute->n_pending) == 0) &&
	       seat_is_idle(&caller->seat);
}

/* A worker waits.  The caller goes first: who moves itself may have to wait
 * for its new processor. */
static void
help_caller(struct member *member)
{
	struct compute *compute = member->compute;
	struct seat *caller = &compute->members[0].seat;
	int place = -1;

	if (pthread_mutex_trylock(&compute->lock))
		return;
	atomic_store(&compute->is_moving_caller, true);
	if (is_caller_late(compute)) {
		int here = seat_note(&member->seat);
		place = caller->processor;
		if (place == here)
			place = find_processor(compute);
		else if (!seat_move(caller, here))
			place = -1;
	}
	atomic_store(&compute->is_moving_caller, false);
	pthread_mutex_unlock(&compute->lock);
	if (place >= 0 && seat_move(&member->seat, place))
		atomic_fetch_add(&compute->n_moves, 1);
}

/* --- Waiting */

static bool
has_work(struct compute *compute, uint32_t seen)
{
	return atomic_load(&compute->work) >> 32 != seen ||
	       atomic_load(&compute->is_ending);
}

/* With the lock; for LOOK_US at most. */
static void
sleep_a_while(struct compute *compute, pthread_cond_t *cond)
{
	time_cond_wait(cond, &compute->lock, time_mono_us() + LOOK_US);
}

/* Until there is work, or false: it is time to look after the caller. */
static bool
sleep_for_work(struct compute *compute, uint32_t seen)
{
	bool is_time = false;

	pthread_mutex_lock(&compute->lock);
	atomic_fetch_add(&compute->n_asleep, 1);
	while (!has_work(compute, seen) && !is_time) {
		is_time = atomic_load(&compute->members[0].is_busy);
		if (is_time)
			sleep_a_while(compute, &compute->filled);
		else
			pthread_cond_wait(&compute->filled, &compute->lock);
	}
	atomic_fetch_sub(&compute->n_asleep, 1);
	pthread_mutex_unlock(&compute->lock);
	return has_work(compute, seen);
}

static void
wait_for_work(struct member *member, uint32_t seen)
{
	struct compute *compute = member->compute;
	int64_t end = time_mono_us() + WAIT_US;

	while (time_mono_us() < end)
		if (has_work(compute, seen))
			return;
	do
		help_caller(member);
	while (!sleep_for_work(compute, seen));
}

static void *
worker_main(void *arg)
{
	struct member *member = arg;
	struct compute *compute = member->compute;
	uint32_t loop = 0;

	seat_take(&member->seat);
	for (;;) {
		wait_for_work(member, loop);
		if (atomic_load(&compute->is_ending))
			return NULL;
		seat_note(&member->seat);
		atomic_store(&member->is_busy, true);
		loop = (uint32_t)(atomic_load(&compute->work) >> 32);
		run_chunks(member, loop);
		atomic_store(&member->is_busy, false);
		seat_go_home(&member->seat);
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
	while (atomic_load(&compute->n_pending) > 0) {
		help_workers(compute);
		sleep_a_while(compute, &compute->emptied);
	}
	atomic_store(&compute->is_caller_asleep, false);
	pthread_mutex_unlock(&compute->lock);
}

/* Nobody moves the thread that called once this has returned. */
static void
leave_loop(struct compute *compute)
{
	atomic_store(&compute->members[0].is_busy, false);
	if (atomic_load(&compute->is_moving_caller)) {
		pthread_mutex_lock(&compute->lock);
		pthread_mutex_unlock(&compute->lock);
	}
}

void
compute_run(struct compute *compute, compute_fn *run, void *arg, int n_chunks)
{
	struct member *caller = compute->members;

	if (n_chunks <= 1 || compute->n_members == 1) {
		for (int chunk = 0; chunk < n_chunks; chunk++)
			run(arg, chunk, 0);
		return;
	}
	uint32_t loop = (uint32_t)(atomic_load(&compute->work) >> 32) + 1;
	compute->run = run;
	compute->arg = arg;
	compute->n_chunks = n_chunks;
	seat_take(&caller->seat);
	atomic_store(&caller->is_busy, true);
	atomic_store(&compute->n_pending, n_chunks);
	atomic_store(&compute->work, (uint64_t)loop << 32 | (uint32_t)n_chunks);
	if (atomic_load(&compute->n_asleep) > 0)
		wake(compute, &compute->filled);
	run_chunks(caller, loop);
	wait_for_end(compute);
	leave_loop(compute);
}

/* Workers take no signals: those are for the thread that called. */
static int
start_worker(struct compute *compute, struct err *err)
{
	struct member *member = compute->members + compute->n_members;
	char name[16];
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&member->thread, NULL, worker_main, member);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		errno = failed;
		return err_errno(err, "cannot start a thread to compute");
	}
	snprintf(name, sizeof name, "model/%d", member->number);
	pthread_setname_np(member->thread, name);
	compute->n_members++;
	return 0;
}

/* A lock, and conditions that know the time. */
static void
init_waiting(struct compute *compute)
{
	pthread_mutex_init(&compute->lock, NULL);
	time_cond_init(&compute->filled);
	time_cond_init(&compute->emptied);
}

int
compute_n_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > COMPUTE_THREADS_MAX ? COMPUTE_THREADS_MAX : (int)n;
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
	*compute = (struct compute){.n_members = 1};
	init_waiting(compute);
	for (int i = 0; i < n_threads; i++) {
		compute->members[i].compute = compute;
		compute->members[i].number = i;
	}
	while (compute->n_members < n_threads)
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
	for (int i = 1; i < compute->n_members; i++)
		pthread_join(compute->members[i].thread, NULL);
	pthread_cond_destroy(&compute->emptied);
	pthread_cond_destroy(&compute->filled);
	pthread_mutex_destroy(&compute->lock);
	free(compute);
}

int
compute_n_threads(const struct compute *compute)
{
	return compute->n_members;
}

long
compute_n_moves(const struct compute *compute)
{
	return atomic_load(&compute->n_moves);
}
