/* The engine's thread: it takes requests in, steps those that run, and tells
 * what came of them. */
#include "model/engine_thread.h"

#include "base/queue.h"
#include "base/time.h"

/* --- What comes in */

static bool
has_nothing(const struct engine *engine)
{
	return !engine->incoming.first && !engine->look &&
	       !engine->is_closing && engine->n_inside == 0;
}

static void
cancel_all(struct engine *engine)
{
	for (struct engine_job *job = engine->waiting.first; job;
	     job = job->next)
		generation_cancel(job->sequence.generation);
	for (int i = 0; i < engine->batch.n_running; i++)
		generation_cancel(engine->batch.running[i]->generation);
}

static void
take_incoming(struct engine *engine)
{
	struct engine_job *next;

	for (struct engine_job *job = engine->incoming.first; job; job = next) {
		next = job->next;
		job_list_add(&engine->waiting, job);
	}
	job_list_init(&engine->incoming);
}

/* Nothing was done since the look was taken: only this thread changes what is
 * looked at. */
static void
let_look(struct engine *engine)
{
	engine->look(engine->look_arg, &engine->batch.kv);
	pthread_mutex_lock(&engine->lock);
	engine->look = NULL;
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

/* Sleeps when there is nothing to do.  false: it is closed, and all have
 * ended. */
static bool
wait_for_work(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	while (has_nothing(engine))
		pthread_cond_wait(&engine->filled, &engine->lock);
	take_incoming(engine);
	bool is_closing = engine->is_closing, wants_look = engine->look;
	bool goes_on = !is_closing || engine->n_inside > 0;
	if (!goes_on) {
		engine->is_closed = true;
		pthread_cond_broadcast(&engine->changed);
	}
	pthread_mutex_unlock(&engine->lock);
	if (wants_look)
		let_look(engine);
	if (is_closing)
		cancel_all(engine);
	return goes_on;
}

/* --- What comes of it */

static void
count_first(struct engine_counts *now, const struct engine_job *job)
{
	int64_t us = time_mono_us() - job->submitted_us;
	int i = 0;

	while (i < ENGINE_N_BOUNDS && us > engine_bounds_ms[i] * INT64_C(1000))
		i++;
	now->first_buckets[i]++;
	now->n_firsts++;
	now->first_sum_us += us;
	if (us > now->first_max_us)
		now->first_max_us = us;
}

/* Whether there are new tokens. */
static bool
count_new(struct engine_counts *now, struct engine_job *job)
{
	int n, n_before = job->n_told;

	generation_tokens(job->sequence.generation, &n);
	if (n == n_before)
		return false;
	if (n_before == 0)
		count_first(now, job);
	now->new_tokens += n - n_before;
	job->n_told = n;
	return true;
}

static void
count_end(struct engine_counts *now, const struct engine_job *job)
{
	const struct generation *generation = job->sequence.generation;
	struct generation_counts counts = generation_counts(generation);

	now->n_ended[generation_end(generation)]++;
	now->drafts += counts.drafts;
	now->drafts_right += counts.drafts_right;
	now->prompt_tokens_kept += counts.prompt_kept;
	if (counts.prompt_kept > 0)
		now->prefix_hits++;
	else if (counts.prompt_shared > 0)
		now->prefix_misses++;
}

static bool
has_ended(const struct engine_job *job)
{
	return generation_end(job->sequence.generation) != GENERATION_RUNS;
}

static void
add_end(struct engine *engine, struct job_list *news, struct engine_job *job)
{
	count_end(&engine->now, job);
	job_list_add(news, job);
}

/* First come, first served: nobody overtakes one whose blocks are not free. */
static void
begin_waiting(struct engine *engine, struct job_list *news)
{
	struct engine_job **at = &engine->waiting.first, *job;
	bool has_room = true;

	while ((job = *at)) {
		generation_check(job->sequence.generation);
		bool is_over = has_ended(job);
		if (!is_over && has_room)
			job->has_begun = has_room = engine_batch_add(
				&engine->batch, &job->sequence);
		if (!is_over && !job->has_begun) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		if (is_over)
			add_end(engine, news, job);
	}
	engine->waiting.last = at;
}

/* Those that run and have new tokens or an end; these run no longer. */
static void
find_news(struct engine *engine, struct job_list *news)
{
	struct engine_batch *batch = &engine->batch;

	for (int i = 0; i < batch->n_running;) {
		struct engine_job *job = container_of(
			batch->running[i], struct engine_job, sequence);
		bool is_new = count_new(&engine->now, job);
		if (has_ended(job)) {
			engine_batch_remove(batch, &job->sequence);
			add_end(engine, news, job);
			continue;
		}
		if (is_new)
			job_list_add(news, job);
		i++;
	}
}

void
engine_count_state(struct engine_counts *counts,
		   const struct engine_batch *batch)
{
	counts->steps = batch->n_steps;
	counts->rows = batch->n_rows;
	counts->prompt_tokens = batch->n_prompt_rows;
	counts->prefix_evictions = batch->prefixes.n_evicted;
	counts->n_running = batch->n_running;
	counts->blocks = batch->kv.n_blocks;
	counts->blocks_of_prefixes = batch->prefixes.n_kept;
	counts->blocks_in_use = batch->kv.n_blocks - batch->kv.n_free -
				batch->prefixes.n_unused;
}

static void
publish(struct engine *engine, const struct job_list *news)
{
	struct engine_counts *now = &engine->now;

	engine_count_state(now, &engine->batch);
	pthread_mutex_lock(&engine->lock);
	for (const struct engine_job *job = news->first; job; job = job->next)
		if (has_ended(job)) {
			idmap_remove(&engine->ids, job->id);
			engine->n_inside--;
		}
	now->n_taken = engine->counts.n_taken;
	now->n_busy = engine->counts.n_busy;
	now->n_refused = engine->counts.n_refused;
	engine->counts = *now;
	pthread_mutex_unlock(&engine->lock);
}

static void
tell(const struct job_list *news)
{
	struct engine_job *next;

	for (struct engine_job *job = news->first; job; job = next) {
		next = job->next;
		if (job->run)
			job->run(job->arg, job->sequence.generation);
		if (has_ended(job))
			engine_job_free(job);
	}
}

void *
engine_work(void *arg)
{
	struct engine *engine = arg;

	while (wait_for_work(engine)) {
		struct job_list news;
		witness_begin(&engine->witness);
		job_list_init(&news);
		begin_waiting(engine, &news);
		engine_batch_step(&engine->batch);
		find_news(engine, &news);
		publish(engine, &news);
		tell(&news);
		witness_end(&engine->witness);
	}
	return NULL;
}
