/* Queues between threads: a mailbox with a wake call-back, and a pool of
 * threads that works one off.
 *
 * A thing that crosses threads embeds a struct job.  Whoever has it may touch
 * it: the sender until queue_push() returns true, the receiver afterwards. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job {
	struct job *next;
	void (*run)(struct job *);
};

/* The struct of that type whose member is at ptr. */
/* clang-format off */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
/* clang-format on */

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *first, **last;
	size_t n, max;
	size_t n_wanted; /* by queue_gather() */
	bool is_closed;
	void (*wake)(void *arg);
	void *wake_arg;
};

/* Holds up to max jobs (0: no limit).  wake(arg), if not NULL, is called on
 * the pushing thread, outside the lock, whenever an empty queue got a job. */
void queue_init(struct queue *, size_t max, void (*wake)(void *), void *arg);
/* The queue is empty and nobody waits on it. */
void queue_release(struct queue *);

/* Append; false, and the job stays the caller's, when full or closed. */
bool queue_push(struct queue *, struct job *);
/* Everything that is there, oldest first, linked by next; NULL if nothing. */
struct job *queue_take_all(struct queue *);
/* The oldest; waits for one.  NULL once the queue is closed and empty. */
struct job *queue_wait(struct queue *);
/* Wait until there are n, but not longer than max_us; who pushes wakes nobody
 * before.  For a queue that one thread takes from.  false: the time was over
 * first, and the queue is not closed. */
bool queue_gather(struct queue *, size_t n, int64_t max_us);
/* From now on nothing can be pushed; waiters get what is left, then NULL. */
void queue_close(struct queue *);
size_t queue_length(struct queue *);

/* n_threads that run the jobs pushed to them, each oldest first. */
struct pool;
/* name: up to 11 characters, the threads are called name/0, name/1, ... and
 * take no signals.  NULL if the system gives no more threads. */
struct pool *pool_new(const char *name, int n_threads, size_t max_jobs);
/* No job of it takes long: its threads are witnesses of that, by their names
 * (base/witness.h). */
void pool_watch(struct pool *);
bool pool_push(struct pool *, struct job *); /* as queue_push() */
size_t pool_length(struct pool *);
/* Is every job that was pushed at its end? */
bool pool_is_idle(const struct pool *);
/* Runs what is queued, then ends the threads. */
void pool_free(struct pool *);

#endif
