#include "model/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "model/engine_thread.h"
#include "model/model.h"

const int engine_bounds_ms[ENGINE_N_BOUNDS] = {
	5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000};

/* --- Beginning and end */

/* Signals are for the thread that made us. */
static int
start_thread(struct engine *engine, struct err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&engine->thread, NULL, engine_work, engine);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		errno = failed;
		return err_errno(err, "cannot start the engine's thread");
	}
	engine->has_thread = true;
	pthread_setname_np(engine->thread, "model/engine");
	witness_join(&engine->witness, "model/engine");
	return 0;
}

struct engine *
engine_new(const struct engine_settings *settings, const struct model *model,
	   struct err *err)
{
	struct engine *engine = mem_new(sizeof *engine);

	pthread_mutex_init(&engine->lock, NULL);
	pthread_cond_init(&engine->filled, NULL);
	pthread_cond_init(&engine->changed, NULL);
	job_list_init(&engine->incoming);
	job_list_init(&engine->waiting);
	engine->config = &model->config;
	if (!engine_batch_init(&engine->batch, settings, model, err)) {
		engine->max_inside =
			settings->max_running + settings->max_waiting;
		engine->n_blocks = engine->batch.kv.n_blocks;
		engine_count_state(&engine->counts, &engine->batch);
		if (!start_thread(engine, err))
			return engine;
	}
	engine_free(engine);
	return NULL;
}

void
engine_begin_close(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->is_closing = true;
	pthread_cond_signal(&engine->filled);
	pthread_mutex_unlock(&engine->lock);
}

void
engine_close(struct engine *engine)
{
	engine_begin_close(engine);
	pthread_mutex_lock(&engine->lock);
	while (!engine->is_closed)
		pthread_cond_wait(&engine->changed, &engine->lock);
	pthread_mutex_unlock(&engine->lock);
}

void
engine_free(struct engine *engine)
{
	if (!engine)
		return;
	if (engine->has_thread) {
		engine_close(engine);
		pthread_join(engine->thread, NULL);
		witness_leave(&engine->witness);
	}
	engine_batch_release(&engine->batch);
	idmap_release(&engine->ids);
	pthread_cond_destroy(&engine->changed);
	pthread_cond_destroy(&engine->filled);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

size_t
engine_plan_bytes(const struct engine_settings *settings,
		  const struct model_config *config)
{
	return engine_batch_plan_bytes(settings, config);
}

int
engine_positions(const struct engine_settings *settings,
		 const struct model_config *config)
{
	return engine_batch_positions(settings, config);
}

size_t
engine_kv_bytes(const struct model_config *config, enum kv_type type,
		int n_positions)
{
	size_t n_blocks = ((size_t)n_positions + KV_BLOCK - 1) / KV_BLOCK;

	return n_blocks * kv_block_bytes(config, type);
}

/* --- Any thread */

static int
check_blocks(const struct engine *engine, const struct engine_request *request,
	     struct err *err)
{
	int n = generation_blocks(&request->generation, engine->config);

	if (n <= engine->n_blocks)
		return 0;
	return err_set(err,
		       "%d blocks of keys and values are needed, but there are "
		       "%d in all",
		       n, engine->n_blocks);
}

static enum engine_answer
put_in(struct engine *engine, struct engine_job *job, uint64_t *id_r,
       struct err *err)
{
	if (engine->is_closing) {
		err_set(err, "the engine is shutting down");
		return ENGINE_REFUSED;
	}
	if (engine->n_inside >= engine->max_inside) {
		err_set(err, "busy: %d requests wait or run", engine->n_inside);
		return ENGINE_BUSY;
	}
	job->id = ++engine->last_id;
	if (id_r)
		*id_r = job->id;
	idmap_put(&engine->ids, job->id, job->sequence.generation);
	job_list_add(&engine->incoming, job);
	engine->n_inside++;
	pthread_cond_signal(&engine->filled);
	return ENGINE_TAKEN;
}

enum engine_answer
engine_submit(struct engine *engine, const struct engine_request *request,
	      uint64_t *id_r, struct err *err)
{
	enum engine_answer answer = ENGINE_REFUSED;
	struct engine_job *job = engine_job_new(request, engine->config, err);
	bool is_possible = job && !check_blocks(engine, request, err);

	pthread_mutex_lock(&engine->lock);
	if (is_possible)
		answer = put_in(engine, job, id_r, err);
	engine->counts.n_taken += answer == ENGINE_TAKEN;
	engine->counts.n_busy += answer == ENGINE_BUSY;
	engine->counts.n_refused += answer == ENGINE_REFUSED;
	pthread_mutex_unlock(&engine->lock);
	if (answer != ENGINE_TAKEN)
		engine_job_free(job);
	return answer;
}

/* What is among the ids is not freed as long as the lock is held. */
bool
engine_cancel(struct engine *engine, uint64_t id)
{
	pthread_mutex_lock(&engine->lock);
	struct generation *generation = id ? idmap_get(&engine->ids, id) : NULL;
	if (generation)
		generation_cancel(generation);
	pthread_mutex_unlock(&engine->lock);
	return generation;
}

void
engine_read_counts(struct engine *engine, struct engine_counts *out)
{
	pthread_mutex_lock(&engine->lock);
	*out = engine->counts;
	out->n_waiting = engine->n_inside - out->n_running;
	pthread_mutex_unlock(&engine->lock);
}

void
engine_look(struct engine *engine, void (*look)(void *, const struct kv *),
	    void *arg)
{
	pthread_mutex_lock(&engine->lock);
	while (engine->look)
		pthread_cond_wait(&engine->changed, &engine->lock);
	engine->look_arg = arg;
	engine->look = look;
	pthread_cond_signal(&engine->filled);
	while (engine->look)
		pthread_cond_wait(&engine->changed, &engine->lock);
	pthread_mutex_unlock(&engine->lock);
}
