/* How the rows of a step are shared out.
 *
 * What goes on comes first, each with the rows that it has, mostly one, and
 * with drafts while few run.  A row is left for whoever comes after.  Prompts
 * have the rest, at least KV_BLOCK rows at a time, as small parts would only
 * make all first tokens late; who had none is the first of the next step.  A
 * prompt whose next block an older one is about to compute waits for that. */
#include "model/engine_batch.h"

#include <limits.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/compute.h"
#include "model/config.h"
#include "model/draft.h"
#include "model/engine.h"
#include "model/forward.h"
#include "model/model.h"
#include "model/warp.h"

#define ROWS_MAX 4096

/* --- Making */

static int
check_range(const char *name, int value, int min, int max, struct err *err)
{
	if (value >= min && value <= max)
		return 0;
	return err_set(err, "%s: %d, not %d to %d", name, value, min, max);
}

static int
check_settings(const struct engine_settings *settings, struct err *err)
{
	if (check_range("rows of a step", settings->max_rows, 1, ROWS_MAX,
			err) ||
	    check_range("sequences that run", settings->max_running, 1,
			settings->max_rows, err) ||
	    check_range("requests that wait", settings->max_waiting, 0, 1 << 20,
			err) ||
	    check_range("percentage of shared prefixes",
			settings->prefix_percent, 0, 100, err))
		return -1;
	return check_range("sequences with drafts", settings->drafts_below, 0,
			   ROWS_MAX, err);
}

static int
count_blocks(const struct engine_settings *settings,
	     const struct model_config *config)
{
	size_t n =
		settings->kv_bytes / kv_block_bytes(config, settings->kv_type);

	return n < INT_MAX / 2 ? (int)n : INT_MAX / 2;
}

/* All that run want one at least, and those with drafts all that there are. */
static int
count_logits(const struct engine_settings *settings)
{
	int n_with_drafts =
		smaller(settings->drafts_below - 1, settings->max_running);
	int n = n_with_drafts * (1 + DRAFT_MAX);

	return n > settings->max_running ? n : settings->max_running;
}

static int
init_arena(struct engine_batch *batch, const struct engine_settings *settings,
	   const struct model_config *config, struct err *err)
{
	int n_blocks = count_blocks(settings, config);
	int64_t n_kept = (int64_t)n_blocks * settings->prefix_percent / 100;

	if (n_blocks < 1)
		return err_set(
			err,
			"%zu bytes for keys and values, but %d positions "
			"take %zu",
			settings->kv_bytes, KV_BLOCK,
			kv_block_bytes(config, settings->kv_type));
	if (kv_init(&batch->kv, config, settings->kv_type, n_blocks, err))
		return -1;
	return prefixes_init(&batch->prefixes, &batch->kv, (int)n_kept, err);
}

static int
init_steps(struct engine_batch *batch, const struct engine_settings *settings,
	   const struct model *model, struct err *err)
{
	int n_vocab = model->config.n_vocab;

	batch->compute = compute_new(settings->n_threads, err);
	if (!batch->compute)
		return -1;
	batch->forward = forward_new(model, &batch->kv, batch->compute,
				     kernels_best(), settings->max_rows, err);
	if (!batch->forward ||
	    step_init(&batch->step, n_vocab, settings->max_rows,
		      count_logits(settings), err))
		return -1;
	return sampler_init(&batch->sampler, n_vocab, err);
}

int
engine_batch_init(struct engine_batch *batch,
		  const struct engine_settings *settings,
		  const struct model *model, struct err *err)
{
	*batch = (struct engine_batch){0};
	if (check_settings(settings, err))
		return -1;
	batch->max_running = settings->max_running;
	batch->max_rows = settings->max_rows;
	batch->drafts_below = settings->drafts_below;
	batch->running = mem_array((size_t)settings->max_running,
				   sizeof *batch->running);
	if (!batch->running)
		err_set(err, "no memory for sequences");
	else if (!init_arena(batch, settings, &model->config, err) &&
		 !init_steps(batch, settings, model, err))
		return 0;
	engine_batch_release(batch);
	return -1;
}

void
engine_batch_release(struct engine_batch *batch)
{
	prefixes_release(&batch->prefixes);
	sampler_release(&batch->sampler);
	step_release(&batch->step);
	forward_free(batch->forward);
	compute_free(batch->compute);
	kv_release(&batch->kv);
	free(batch->running);
	*batch = (struct engine_batch){0};
}

size_t
engine_batch_plan_bytes(const struct engine_settings *settings,
			const struct model_config *config)
{
	size_t vocab = (size_t)config->n_vocab;

	return (size_t)count_blocks(settings, config) *
		       kv_block_bytes(config, settings->kv_type) +
	       forward_plan_bytes(config, settings->n_threads,
				  settings->max_rows) +
	       (size_t)count_logits(settings) * vocab * sizeof(float) +
	       vocab * (sizeof(float) + 1 + 2 * sizeof(struct ranked));
}

int
engine_batch_positions(const struct engine_settings *settings,
		       const struct model_config *config)
{
	int64_t n = (int64_t)count_blocks(settings, config) * KV_BLOCK;

	return n < config->n_positions ? (int)n : config->n_positions;
}

/* --- Who runs */

bool
engine_batch_add(struct engine_batch *batch, struct sequence *sequence)
{
	if (batch->n_running == batch->max_running ||
	    !generation_start(sequence->generation, &batch->kv,
			      &batch->prefixes, sequence->n_shared_prompt))
		return false;
	batch->running[batch->n_running++] = sequence;
	return true;
}

void
engine_batch_remove(struct engine_batch *batch, struct sequence *sequence)
{
	int i = 0;

	while (batch->running[i] != sequence)
		i++;
	if (i < batch->turn)
		batch->turn--;
	batch->n_running--;
	for (; i < batch->n_running; i++)
		batch->running[i] = batch->running[i + 1];
	generation_share(sequence->generation);
	generation_give_blocks(sequence->generation);
}

/* --- A step */

static bool
is_running(const struct sequence *sequence)
{
	return generation_end(sequence->generation) == GENERATION_RUNS;
}

static bool
is_prompt(const struct sequence *sequence)
{
	return is_running(sequence) &&
	       generation_is_prompt(sequence->generation);
}

/* Up to that many rows, and drafts only while few run.  The number of rows that
 * are no drafts. */
static int
join(struct engine_batch *batch, struct sequence *sequence, int max_rows)
{
	int n_drafts = batch->n_running < batch->drafts_below ? DRAFT_MAX : 0;
	int n_pending = generation_pending(sequence->generation);
	int n = generation_join(sequence->generation, &batch->step,
				smaller(n_pending + n_drafts, max_rows));

	sequence->is_in_step = n > 0;
	return smaller(n, n_pending);
}

static void
put_going_on(struct engine_batch *batch)
{
	const struct step *step = &batch->step;
	int n_others = batch->n_running;

	for (int i = 0; i < batch->n_running; i++) {
		struct sequence *sequence = batch->running[i];
		if (is_prompt(sequence))
			continue;
		n_others--;
		if (is_running(sequence))
			join(batch, sequence,
			     step->max_rows - step->n_rows - n_others);
	}
}

/* Only for an older one, so that nobody waits for himself. */
static bool
awaits_another(const struct engine_batch *batch, int i)
{
	for (int older = 0; older < i; older++)
		if (is_prompt(batch->running[older]) &&
		    generation_can_await(batch->running[i]->generation,
					 batch->running[older]->generation))
			return true;
	return false;
}

static bool
wants_prompt_rows(const struct engine_batch *batch, int i)
{
	return is_prompt(batch->running[i]) && !awaits_another(batch, i);
}

static int
count_prompts(const struct engine_batch *batch)
{
	int n = 0;

	for (int i = 0; i < batch->n_running; i++)
		n += wants_prompt_rows(batch, i);
	return n;
}

static void
put_prompts(struct engine_batch *batch)
{
	int n_left = count_prompts(batch), n = batch->n_running;
	int first = batch->turn;

	for (int k = 0; k < n && n_left > 0; k++) {
		int i = (first + k) % n;
		int room = batch->max_rows - batch->step.n_rows;
		if (!wants_prompt_rows(batch, i))
			continue;
		batch->turn = i;
		if (room == 0)
			return;
		int part = (room + n_left - 1) / n_left;
		batch->n_prompt_rows += join(batch, batch->running[i],
					     part > KV_BLOCK ? part : KV_BLOCK);
		n_left--;
	}
	batch->turn = n > 0 ? (batch->turn + 1) % n : 0;
}

void
engine_batch_step(struct engine_batch *batch)
{
	step_clear(&batch->step);
	for (int i = 0; i < batch->n_running; i++) {
		struct sequence *sequence = batch->running[i];
		sequence->is_in_step = false;
		generation_check(sequence->generation);
		generation_share(sequence->generation);
	}
	put_going_on(batch);
	put_prompts(batch);
	if (batch->step.n_rows == 0)
		return;
	forward_run(batch->forward, batch->step.rows, batch->step.n_rows);
	batch->n_steps++;
	batch->n_rows += batch->step.n_rows;
	for (int i = 0; i < batch->n_running; i++)
		if (batch->running[i]->is_in_step)
			generation_take(batch->running[i]->generation,
					&batch->sampler);
}
