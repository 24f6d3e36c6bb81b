/* Queues between threads and pools of threads.  Every function may run on any
 * thread, but a queue or pool is made and ended by its owner alone. */
#include "base/queue.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/witness.h"

void
queue_init(struct queue *queue, size_t max, void (*wake)(void *), void *arg)
{
	pthread_condattr_t monotonic;

	*queue = (struct queue){.max = max, .wake = wake, .wake_arg = arg};
	queue->last = &queue->first;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void
queue_release(struct queue *queue)
{
	assert(!queue->first);
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
}

bool
queue_push(struct queue *queue, struct job *job)
{
	pthread_mutex_lock(&queue->lock);
	bool has_room = !queue->max || queue->n < queue->max;
	bool is_taken = has_room && !queue->is_closed;
	bool is_first = is_taken && queue->n == 0;
	if (is_taken) {
		job->next = NULL;
		*queue->last = job;
		queue->last = &job->next;
		queue->n++;
		if (queue->n >= queue->n_wanted)
			pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	if (is_first && queue->wake)
		queue->wake(queue->wake_arg);
	return is_taken;
}

struct job *
queue_take_all(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	struct job *first = queue->first;
	queue->first = NULL;
	queue->last = &queue->first;
	queue->n = 0;
	pthread_mutex_unlock(&queue->lock);
	return first;
}

struct job *
queue_wait(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->is_closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	struct job *job = queue->first;
	if (job) {
		queue->first = job->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->n--;
		job->next = NULL;
	}
	pthread_mutex_unlock(&queue->lock);
	return job;
}

bool
queue_gather(struct queue *queue, size_t n, int64_t max_us)
{
	int64_t end_us = time_mono_us() + max_us;
	struct timespec end = {.tv_sec = end_us / 1000000,
			       .tv_nsec = end_us % 1000000 * 1000};
	int error = 0;

	pthread_mutex_lock(&queue->lock);
	queue->n_wanted = n;
	while (queue->n < n && !queue->is_closed && !error)
		error = pthread_cond_timedwait(&queue->filled, &queue->lock,
					       &end);
	queue->n_wanted = 0;
	bool is_over = queue->n < n && !queue->is_closed;
	pthread_mutex_unlock(&queue->lock);
	return !is_over;
}

void
queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

size_t
queue_length(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	size_t n = queue->n;
	pthread_mutex_unlock(&queue->lock);
	return n;
}

struct worker {
	struct pool *pool;
	pthread_t thread;
	struct witness witness;
	char name[WITNESS_NAME_SIZE];
};

struct pool {
	struct queue queue;
	atomic_size_t unfinished; /* jobs pushed and not run to their end */
	int n_threads;
	struct worker workers[];
};

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct pool *pool = worker->pool;
	struct job *job;

	witness_be(&worker->witness);
	while ((job = queue_wait(&pool->queue))) {
		witness_begin(&worker->witness);
		job->run(job);
		witness_end(&worker->witness);
		atomic_fetch_sub(&pool->unfinished, 1);
	}
	return NULL;
}

/* Signals go to the thread that made us, which waits for them. */
static int
start_thread(struct pool *pool, const char *name)
{
	struct worker *worker = &pool->workers[pool->n_threads];
	sigset_t all, before;

	worker->pool = pool;
	snprintf(worker->name, sizeof worker->name, "%.11s/%d", name,
		 pool->n_threads);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, NULL, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return -1;
	pthread_setname_np(worker->thread, worker->name);
	pool->n_threads++;
	return 0;
}

struct pool *
pool_new(const char *name, int n_threads, size_t max_jobs)
{
	assert(n_threads > 0);
	struct pool *pool = mem_new(sizeof *pool +
				    (size_t)n_threads * sizeof(struct worker));
	queue_init(&pool->queue, max_jobs, NULL, NULL);
	for (int i = 0; i < n_threads; i++) {
		if (start_thread(pool, name) < 0) {
			pool_free(pool);
			return NULL;
		}
	}
	return pool;
}

void
pool_watch(struct pool *pool)
{
	for (int i = 0; i < pool->n_threads; i++)
		witness_join(&pool->workers[i].witness, pool->workers[i].name);
}

bool
pool_push(struct pool *pool, struct job *job)
{
	atomic_fetch_add(&pool->unfinished, 1);
	if (queue_push(&pool->queue, job))
		return true;
	atomic_fetch_sub(&pool->unfinished, 1);
	return false;
}

bool
pool_is_idle(const struct pool *pool)
{
	return atomic_load(&pool->unfinished) == 0;
}

size_t
pool_length(struct pool *pool)
{
	return queue_length(&pool->queue);
}

void
pool_free(struct pool *pool)
{
	if (!pool)
		return;
	queue_close(&pool->queue);
	for (int i = 0; i < pool->n_threads; i++) {
		pthread_join(pool->workers[i].thread, NULL);
		witness_leave(&pool->workers[i].witness);
	}
	queue_release(&pool->queue);
	free(pool);
}
