/* The store thread: it takes what was submitted, in order, and works it off in
 * batches (batch.c), with checkpoints (checkpoint.c) and the slices of a
 * backup between them.
 *
 * thread_submit(), thread_call() and thread_run() are for any thread; what is
 * static here runs on the store thread unless it says otherwise. */
#include "store/thread.h"

#include <assert.h>
#include <signal.h>

#include "store/batch.h"
#include "store/checkpoint.h"

/* Writes that may wait; tasks may always. */
#define QUEUE_MAX 4096
#define GATHER_LEAST 8 /* writes that are worth waiting for */
#define GATHER_MAX_US 2000
#define COPY_AGAIN_US 1000000

struct store_waiter {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool is_answered;
};

/* Something to run between batches. */
struct task {
	struct job job;
	void (*fn)(void *arg);
	void *arg;
	struct store_waiter waiter;
	bool was_run;
};

static void
waiter_init(struct store_waiter *waiter)
{
	*waiter = (struct store_waiter){.is_answered = false};
	pthread_mutex_init(&waiter->lock, NULL);
	pthread_cond_init(&waiter->answered, NULL);
}

/* On the thread that waits. */
static void
waiter_wait(struct store_waiter *waiter)
{
	pthread_mutex_lock(&waiter->lock);
	while (!waiter->is_answered)
		pthread_cond_wait(&waiter->answered, &waiter->lock);
	pthread_mutex_unlock(&waiter->lock);
	pthread_cond_destroy(&waiter->answered);
	pthread_mutex_destroy(&waiter->lock);
}

/* The waiter is gone as soon as the lock is free. */
static void
waiter_wake(struct store_waiter *waiter)
{
	pthread_mutex_lock(&waiter->lock);
	waiter->is_answered = true;
	pthread_cond_signal(&waiter->answered);
	pthread_mutex_unlock(&waiter->lock);
}

static void
run_done(struct job *job)
{
	struct store_write *write = container_of(job, struct store_write, job);

	if (write->done)
		write->done(write);
}

void
thread_answer(struct store_write *write)
{
	write->job.run = run_done;
	if (!write->reply_to) {
		run_done(&write->job);
		return;
	}
	bool is_taken = queue_push(write->reply_to, &write->job);
	assert(is_taken);
}

/* Tells a write from a task; the queue does not run its jobs itself. */
static void
run_nothing(struct job *job)
{
	(void)job;
}

void
thread_submit(struct store_thread *t, struct store_write *write)
{
	write->job.run = run_nothing;
	if (queue_length(&t->queue) < QUEUE_MAX &&
	    queue_push(&t->queue, &write->job))
		return;
	write->status = STORE_BUSY;
	err_set(&write->err, "the store has too much to do: try again");
	thread_answer(write);
}

static void
wake_caller(struct store_write *write)
{
	waiter_wake(write->waiter);
}

enum store_status
thread_call(struct store_thread *t, struct store_write *write)
{
	struct store_waiter waiter;

	waiter_init(&waiter);
	write->waiter = &waiter;
	write->reply_to = NULL;
	write->done = wake_caller;
	thread_submit(t, write);
	waiter_wait(&waiter);
	return write->status;
}

static void
run_task(struct job *job)
{
	struct task *task = container_of(job, struct task, job);

	task->fn(task->arg);
	task->was_run = true;
	waiter_wake(&task->waiter);
}

int
thread_run(struct store_thread *t, void (*fn)(void *arg), void *arg,
	   struct err *err)
{
	struct task task = {.job.run = run_task, .fn = fn, .arg = arg};

	waiter_init(&task.waiter);
	if (!queue_push(&t->queue, &task.job))
		waiter_wake(&task.waiter);
	waiter_wait(&task.waiter);
	if (!task.was_run)
		return err_set(err, "the store is going down");
	return 0;
}

static void
append(struct store_thread *t, struct job *job)
{
	*t->last = job;
	while (*t->last) {
		t->last = &(*t->last)->next;
		atomic_fetch_add(&t->n_taken, 1);
	}
}

static struct job *
next_job(struct store_thread *t)
{
	struct job *job = t->first;

	t->first = job->next;
	if (!t->first)
		t->last = &t->first;
	job->next = NULL;
	atomic_fetch_sub(&t->n_taken, 1);
	return job;
}

/* Where a flush takes long, those who write again as soon as they are answered
 * fall into two halves, of which each waits for the flush of the other.  So a
 * batch waits for as many as there were last time, but a part of what the
 * flush takes at most; where few write, or the disk is fast, it hardly does. */
static void
gather(struct store_thread *t)
{
	size_t n = atomic_load(&t->n_taken);
	size_t wanted = t->n_expected < BATCH_MAX_WRITES ? t->n_expected
							 : BATCH_MAX_WRITES;
	int64_t max_us = t->commit_us / 4;

	if (wanted >= GATHER_LEAST && n < wanted)
		queue_gather(&t->queue, wanted - n,
			     max_us < GATHER_MAX_US ? max_us : GATHER_MAX_US);
}

/* While nothing is taken in, no write may come behind which the log could be
 * copied back; and what is in the way of that ends without a word. */
static struct job *
wait_for_job(struct store_thread *t)
{
	while ((t->has_old_log || t->needs_space) &&
	       !queue_gather(&t->queue, 1, COPY_AGAIN_US)) {
		witness_begin(&t->witness);
		checkpoint_if_due(t);
		witness_end(&t->witness);
	}
	return queue_wait(&t->queue);
}

/* Fill up the own list, so that a batch can have what came meanwhile; but
 * leave what is beyond that in the queue, which has a limit. */
static bool
take_jobs(struct store_thread *t)
{
	if (!t->first) {
		struct job *job = wait_for_job(t);
		if (!job)
			return false;
		append(t, job);
	}
	gather(t);
	if (atomic_load(&t->n_taken) < BATCH_MAX_WRITES)
		append(t, queue_take_all(&t->queue));
	return true;
}

/* Back to the head of the list. */
static void
give_back(struct store_thread *t, struct job *jobs)
{
	struct job *later = t->first;

	atomic_store(&t->n_taken, 0);
	t->first = NULL;
	t->last = &t->first;
	append(t, jobs);
	append(t, later);
}

static void
answer_broken(struct store_thread *t, struct store_write *write)
{
	write->status = STORE_BROKEN;
	write->err = t->why;
	thread_answer(write);
}

static bool
is_write(const struct job *job)
{
	return job->run == run_nothing;
}

static void
refuse_all(struct store_thread *t)
{
	while (t->first) {
		struct job *job = next_job(t);
		if (is_write(job))
			answer_broken(
				t, container_of(job, struct store_write, job));
		else
			waiter_wake(
				&container_of(job, struct task, job)->waiter);
	}
}

void
thread_break(struct store_thread *t, const struct err *why)
{
	if (atomic_load(&t->is_broken))
		return;
	t->why = *why;
	db_leave_log(&t->writer.db);
	atomic_store(&t->is_broken, true);
	append(t, queue_take_all(&t->queue));
	refuse_all(t);
	if (t->broken)
		t->broken(t->broken_arg, t->why.text);
}

static void
run_writes(struct store_thread *t)
{
	struct batch batch;

	batch_init(&batch);
	while (t->first && is_write(t->first) && batch.n < BATCH_MAX_WRITES)
		batch_add(&batch, next_job(t));
	batch_run(&batch, t);
	if (batch.rest)
		give_back(t, batch.rest);
	if (batch.is_broken)
		thread_break(t, &batch.err);
}

static void
run_next(struct store_thread *t)
{
	if (atomic_load(&t->is_broken)) {
		refuse_all(t);
	} else if (is_write(t->first)) {
		run_writes(t);
		checkpoint_if_due(t);
	} else {
		struct job *job = next_job(t);
		job->run(job);
	}
}

static void *
work(void *arg)
{
	struct store_thread *t = arg;

	while (take_jobs(t)) {
		witness_begin(&t->witness);
		run_next(t);
		witness_end(&t->witness);
	}
	return NULL;
}

int
thread_start(struct store_thread *t, struct err *err)
{
	sigset_t all, before;

	t->last = &t->first;
	queue_init(&t->queue, 0, NULL, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&t->thread, NULL, work, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		queue_release(&t->queue);
		return err_set(err, "cannot start the store's thread");
	}
	pthread_setname_np(t->thread, "store");
	witness_join(&t->witness, "store");
	return 0;
}

void
thread_stop(struct store_thread *t)
{
	queue_close(&t->queue);
	pthread_join(t->thread, NULL);
	witness_leave(&t->witness);
	queue_release(&t->queue);
}
