/* One turn's way over the threads: read and decided on a worker, committed by
 * the store, ended on the loop. */
#ifndef DIALOG_TURN_JOB_H
#define DIALOG_TURN_JOB_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/queue.h"
#include "dialog/turn.h"

struct knowledge;
struct library;
struct loop;
struct pool;
struct store;

enum turn_outcome {
	TURN_COMMITTED,
	TURN_NOTHING, /* no message was queued */
	TURN_STALE,   /* the customer wrote more: again */
	TURN_LATER,   /* no room or no memory now: again after a while */
	TURN_REFUSED, /* the store cannot take it, now or later */
	TURN_LOST     /* the store is going down: the next start goes on */
};

struct turn_job {
	struct job job;
	struct store *store;
	struct loop *loop;
	struct library *library;
	struct arena arena;
	int64_t conversation_id;
	const char *desk;  /* in the arena */
	const char *cases; /* plugin that is told of cases; "" if none */
	bool is_final;	   /* commit even if more was written meanwhile */
	const struct conversation *conversation;
	const struct message *messages;
	size_t n_messages; /* all that were queued */
	struct turn_result result;
	struct store_finish_turn finish;
	struct case_draft draft; /* that finish may have */
	int64_t decide_us;
	enum turn_outcome outcome;
	/* On the loop, once; then turn_job_free(). */
	void (*ended)(struct turn_job *);
	void *arg;
};

struct turn_job *turn_job_new(struct store *, struct loop *, struct library *,
			      int64_t conversation_id, const char *desk,
			      const char *cases);
/* false: the workers' queue is full; the job stays the caller's. */
bool turn_job_start(struct turn_job *, struct pool *workers);
void turn_job_free(struct turn_job *);

#endif
