/* Generations: how one is made, and what there is of it. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/generation.h"
#include "model/kv.h"

const char *
generation_end_name(enum generation_end end)
{
	static const char *const names[N_GENERATION_ENDS] = {
		"",	    "end",	 "stop",       "length",   "positions",
		"deadline", "cancelled", "impossible", "no_memory"};

	return names[end];
}

/* --- Making */

/* The last token that is generated needs none. */
static int
count_positions(const struct generation_request *request,
		const struct model_config *config)
{
	int left = config->n_positions - request->n_prompt;

	return request->n_prompt + (request->max_tokens - 1 < left
					    ? request->max_tokens - 1
					    : left);
}

int
generation_blocks(const struct generation_request *request,
		  const struct model_config *config)
{
	return (count_positions(request, config) + KV_BLOCK - 1) / KV_BLOCK;
}

static int
check_request(const struct generation_request *request,
	      const struct model_config *config, struct err *err)
{
	if (request->n_prompt < 1)
		return err_set(err, "the prompt is empty");
	if (request->n_prompt > config->n_positions)
		return err_set(err,
			       "the prompt has %d tokens, the model %d "
			       "positions",
			       request->n_prompt, config->n_positions);
	for (int i = 0; i < request->n_prompt; i++)
		if (request->prompt[i] < 0 ||
		    request->prompt[i] >= config->n_vocab)
			return err_set(err,
				       "the prompt has token %d, but ids are "
				       "0 to %d",
				       request->prompt[i], config->n_vocab - 1);
	if (request->max_tokens < 1)
		return err_set(err, "one token at least is generated");
	if (request->max_drafts < 0 || request->max_drafts > DRAFT_MAX)
		return err_set(err, "there are 0 to %d drafts", DRAFT_MAX);
	if (request->stops && !request->tokenizer)
		return err_set(err, "stop strings need a tokenizer");
	return sampling_check(&request->sampling, config->n_vocab, err);
}

static int
make_room(struct generation *generation, int positions, struct err *err)
{
	const struct generation_request *request = &generation->request;

	generation->n_blocks = (positions + KV_BLOCK - 1) / KV_BLOCK;
	generation->max_tokens = positions + 1 + DRAFT_MAX;
	generation->blocks = mem_array((size_t)generation->n_blocks,
				       sizeof *generation->blocks);
	generation->tokens = mem_array((size_t)generation->max_tokens,
				       sizeof *generation->tokens);
	if (request->has_logprobs)
		generation->logprobs = mem_array((size_t)request->max_tokens,
						 sizeof *generation->logprobs);
	if (generation->blocks && generation->tokens &&
	    (generation->logprobs || !request->has_logprobs))
		return 0;
	return err_set(err, "no memory for a generation");
}

struct generation *
generation_prepare(const struct generation_request *request,
		   const struct model_config *config, struct err *err)
{
	if (check_request(request, config, err))
		return NULL;
	struct generation *generation = mem_new(sizeof *generation);
	int positions = count_positions(request, config);
	generation->request = *request;
	generation->request.max_tokens = positions - request->n_prompt + 1;
	generation->n_positions = config->n_positions;
	generation->n_vocab = config->n_vocab;
	atomic_init(&generation->is_cancelled, false);
	draft_pace_init(&generation->pace, request->max_drafts);
	output_init(&generation->output, request->tokenizer, request->stops);
	if (make_room(generation, positions, err)) {
		generation_free(generation);
		return NULL;
	}
	memcpy(generation->tokens, request->prompt,
	       (size_t)request->n_prompt * sizeof(int));
	generation->request.prompt = generation->tokens;
	generation->n_tokens = request->n_prompt;
	return generation;
}

struct generation *
generation_new(const struct generation_request *request,
	       const struct model_config *config, struct kv *kv,
	       struct err *err)
{
	struct generation *generation =
		generation_prepare(request, config, err);

	if (!generation || generation_start(generation, kv, NULL, 0))
		return generation;
	err_set(err,
		"busy: %d blocks of keys and values are needed, %d are free",
		generation->n_blocks, kv->n_free);
	generation_free(generation);
	return NULL;
}

void
generation_free(struct generation *generation)
{
	if (!generation)
		return;
	generation_give_blocks(generation);
	if (generation->tokens)
		explicit_bzero(generation->tokens,
			       (size_t)generation->max_tokens *
				       sizeof *generation->tokens);
	output_release(&generation->output);
	free(generation->blocks);
	free(generation->tokens);
	free(generation->logprobs);
	explicit_bzero(generation, sizeof *generation);
	free(generation);
}

void
generation_cancel(struct generation *generation)
{
	atomic_store_explicit(&generation->is_cancelled, true,
			      memory_order_relaxed);
}

/* --- What there is */

enum generation_end
generation_end(const struct generation *generation)
{
	return generation->end;
}

const int *
generation_tokens(const struct generation *generation, int *n_r)
{
	*n_r = generation_count_new(generation);
	return generation->tokens + generation->request.n_prompt;
}

const float *
generation_logprobs(const struct generation *generation, int *n_r)
{
	*n_r = generation->logprobs ? generation_count_new(generation) : 0;
	return generation->logprobs;
}

const char *
generation_text(const struct generation *generation, size_t *len_r)
{
	*len_r = generation->output.text.len;
	return buf_str(&generation->output.text);
}

struct generation_counts
generation_counts(const struct generation *generation)
{
	return generation->counts;
}
