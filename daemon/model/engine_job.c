#include "model/engine_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "model/stop.h"

/* --- Lists */

/* Below 0 there are none. */
static size_t
count(int n)
{
	return n > 0 ? (size_t)n : 0;
}

static size_t
count_lists(const struct sampling *sampling)
{
	size_t n = count(sampling->n_biases) + count(sampling->n_bad_words) +
		   count(sampling->n_ends);

	if (n > ENGINE_LIST_MAX)
		return n;
	for (int i = 0; i < sampling->n_biases; i++)
		n += count(sampling->biases[i].sequence.n);
	for (int i = 0; i < sampling->n_bad_words; i++)
		n += count(sampling->bad_words[i].n);
	return n;
}

static void *
copy_array(struct arena *arena, const void *from, int n, size_t size)
{
	void *to = arena_array(arena, count(n), size);

	if (n > 0)
		memcpy(to, from, (size_t)n * size);
	return to;
}

static void
copy_sequence(struct arena *arena, struct token_sequence *sequence)
{
	sequence->ids = copy_array(arena, sequence->ids, sequence->n,
				   sizeof *sequence->ids);
}

static void
copy_sampling(struct arena *arena, struct sampling *sampling)
{
	struct token_bias *biases = copy_array(
		arena, sampling->biases, sampling->n_biases, sizeof *biases);
	struct token_sequence *bad_words =
		copy_array(arena, sampling->bad_words, sampling->n_bad_words,
			   sizeof *bad_words);

	for (int i = 0; i < sampling->n_biases; i++)
		copy_sequence(arena, &biases[i].sequence);
	for (int i = 0; i < sampling->n_bad_words; i++)
		copy_sequence(arena, bad_words + i);
	sampling->biases = biases;
	sampling->bad_words = bad_words;
	sampling->ends = copy_array(arena, sampling->ends, sampling->n_ends,
				    sizeof *sampling->ends);
}

/* --- Jobs */

static int
check(const struct engine_request *request, struct err *err)
{
	if (request->n_shared_prompt < 0 ||
	    request->n_shared_prompt > request->generation.n_prompt)
		return err_set(err,
			       "%d tokens of the prompt are shared, but it has "
			       "%d",
			       request->n_shared_prompt,
			       request->generation.n_prompt);
	if (count_lists(&request->generation.sampling) > ENGINE_LIST_MAX)
		return err_set(err,
			       "the lists of a request have up to %d numbers",
			       ENGINE_LIST_MAX);
	return 0;
}

struct engine_job *
engine_job_new(const struct engine_request *request,
	       const struct model_config *config, struct err *err)
{
	struct generation_request copy = request->generation;

	if (check(request, err))
		return NULL;
	struct engine_job *job = mem_new(sizeof *job);
	copy_sampling(&job->lists, &copy.sampling);
	if (copy.stops)
		copy.stops = copy_array(&job->lists, copy.stops, 1,
					sizeof *copy.stops);
	job->sequence.generation = generation_prepare(&copy, config, err);
	if (!job->sequence.generation) {
		engine_job_free(job);
		return NULL;
	}
	job->sequence.n_shared_prompt = request->n_shared_prompt;
	job->run = request->run;
	job->arg = request->arg;
	job->submitted_us = time_mono_us();
	return job;
}

void
engine_job_free(struct engine_job *job)
{
	if (!job)
		return;
	generation_free(job->sequence.generation);
	arena_release(&job->lists);
	free(job);
}
