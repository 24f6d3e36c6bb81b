/* The writing thread.  Private to this layer; store.h has its contract. */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/witness.h"
#include "store/space.h"
#include "store/writer.h"

struct store_thread {
	/* The opener's until thread_start() and after thread_stop(). */
	struct writer writer;
	struct space space;
	int64_t wal_limit_bytes;
	void (*broken)(void *arg, const char *why);
	void *broken_arg;

	struct queue queue;
	pthread_t thread;
	struct witness witness;
	atomic_bool is_broken, is_full;
	atomic_bool is_held; /* the old log, by another program */
	_Atomic uint64_t commits, writes;
	_Atomic size_t n_taken; /* from the queue, and not answered */

	/* The thread's own. */
	struct job *first, **last; /* taken from the queue, not begun */
	size_t n_expected;	   /* writes of a batch, by the last one */
	int64_t commit_us;	   /* that it took to commit */
	int page_bytes;
	int checkpoint_frames;	     /* in the log when last tried */
	int64_t checkpoint_after_us; /* monotonic: not before it */
	bool needs_space;	     /* to copy the log back */
	bool has_old_log; /* of a process that died, and not copied back */
	struct err why;	  /* it is broken */
};

/* writer, space and the settings are there, the rest is zero.  0, or -1 and
 * *err. */
int thread_start(struct store_thread *, struct err *);
/* Works off what was submitted, then ends. */
void thread_stop(struct store_thread *);

void thread_submit(struct store_thread *, struct store_write *);
enum store_status thread_call(struct store_thread *, struct store_write *);
/* Run fn(arg) there, outside any transaction, and wait for it.  0, or -1 and
 * *err when it cannot. */
int thread_run(struct store_thread *, void (*fn)(void *arg), void *arg,
	       struct err *);

/* For checkpoint.c too: nothing may be written any more.  Everything
 * that waits is answered, then the owner is told. */
void thread_break(struct store_thread *, const struct err *why);
/* Tell the writer what became of it; the write is his again. */
void thread_answer(struct store_write *);

#endif
