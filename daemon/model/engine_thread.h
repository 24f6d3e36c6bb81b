/* What the engine's thread shares with those that use it.
 *
 * Others see what stands under the lock alone: requests that came, the ids of
 * all that have not ended, and numbers as of the last step.  Those that wait
 * and those that run are the thread's own.  A request is taken off the ids
 * before its last call of run(), and freed after it. */
#ifndef MODEL_ENGINE_THREAD_H
#define MODEL_ENGINE_THREAD_H

#include <pthread.h>

#include "base/hash.h"
#include "base/witness.h"
#include "model/engine_job.h"

/* Oldest first. */
struct job_list {
	struct engine_job *first, **last;
};

struct engine {
	const struct model_config *config;
	int max_inside; /* requests that wait or run */
	int n_blocks;
	pthread_t thread;
	bool has_thread;
	struct witness witness;

	pthread_mutex_t lock;
	pthread_cond_t filled, changed;
	struct job_list incoming;
	struct idmap ids;
	uint64_t last_id;
	int n_inside;
	bool is_closing, is_closed;
	void (*look)(void *, const struct kv *);
	void *look_arg;
	struct engine_counts counts;

	/* The thread's own. */
	struct engine_batch batch;
	struct job_list waiting;
	struct engine_counts now;
};

static inline void
job_list_init(struct job_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static inline void
job_list_add(struct job_list *list, struct engine_job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
}

/* The thread's main(). */
void *engine_work(void *engine);
/* In *counts, what there is of a batch. */
void engine_count_state(struct engine_counts *counts,
			const struct engine_batch *);

#endif
