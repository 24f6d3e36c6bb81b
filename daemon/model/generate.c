#include "model/generate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/config.h"
#include "model/draft.h"
#include "model/kv.h"
#include "model/logits.h"
#include "model/output.h"

/* Tokens stand one after the other: the prompt, what was generated, drafts.
 * Keys and values are there of the first n_kept; the last of the others is
 * followed by the next. */
struct generation {
	struct generation_request request;
	int n_positions, n_vocab;
	struct kv *kv;
	int *blocks, n_blocks;
	int *tokens;
	int n_tokens, n_kept;
	int max_tokens;	 /* of all these */
	float *logprobs; /* (request.max_tokens), if they are wanted */
	enum generation_end end;
	atomic_bool is_cancelled;
	struct draft_pace pace;
	struct generation_counts counts;
	struct output output;
	/* The present step: its rows, of them drafts at the end, and the logits
	 * after the last row that is none, and after each draft. */
	int n_rows, n_drafts, n_logits;
	struct logits logits[DRAFT_MAX + 1];
};

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
take_blocks(struct generation *generation, int n, struct err *err)
{
	if (n > generation->kv->n_free)
		return err_set(err,
			       "busy: %d blocks of keys and values are needed, "
			       "%d are free",
			       n, generation->kv->n_free);
	generation->blocks = mem_array((size_t)n, sizeof(int));
	if (!generation->blocks)
		return err_set(err, "no memory for a generation");
	while (generation->n_blocks < n)
		generation->blocks[generation->n_blocks++] =
			kv_take(generation->kv);
	return 0;
}

struct generation *
generation_new(const struct generation_request *request,
	       const struct model_config *config, struct kv *kv,
	       struct err *err)
{
	if (check_request(request, config, err))
		return NULL;
	struct generation *generation = mem_new(sizeof *generation);
	int positions = count_positions(request, config);
	generation->request = *request;
	generation->request.max_tokens = positions - request->n_prompt + 1;
	generation->n_positions = config->n_positions;
	generation->n_vocab = config->n_vocab;
	generation->kv = kv;
	atomic_init(&generation->is_cancelled, false);
	draft_pace_init(&generation->pace, request->max_drafts);
	output_init(&generation->output, request->tokenizer, request->stops);
	generation->max_tokens = positions + 1 + DRAFT_MAX;
	generation->tokens = mem_array((size_t)generation->max_tokens,
				       sizeof *generation->tokens);
	if (request->has_logprobs)
		generation->logprobs =
			mem_array((size_t)generation->request.max_tokens,
				  sizeof *generation->logprobs);
	if (!generation->tokens ||
	    (request->has_logprobs && !generation->logprobs))
		err_set(err, "no memory for a generation");
	else if (!take_blocks(generation, generation_blocks(request, config),
			      err)) {
		memcpy(generation->tokens, request->prompt,
		       (size_t)request->n_prompt * sizeof(int));
		generation->request.prompt = generation->tokens;
		generation->n_tokens = request->n_prompt;
		return generation;
	}
	generation_free(generation);
	return NULL;
}

void
generation_free(struct generation *generation)
{
	if (!generation)
		return;
	for (int i = 0; i < generation->n_blocks; i++)
		kv_give(generation->kv, generation->blocks[i]);
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

static int
count_new(const struct generation *generation)
{
	return generation->n_tokens - generation->request.n_prompt;
}

const int *
generation_tokens(const struct generation *generation, int *n_r)
{
	*n_r = count_new(generation);
	return generation->tokens + generation->request.n_prompt;
}

const float *
generation_logprobs(const struct generation *generation, int *n_r)
{
	*n_r = generation->logprobs ? count_new(generation) : 0;
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

/* --- One more token */

/* A stop string ends a generation, also one in what was held back to the
 * end. */
static void
heed(struct generation *generation, enum output_state state)
{
	if (state == OUTPUT_STOPPED)
		generation->end = GENERATION_STOP;
	else if (state == OUTPUT_FULL)
		generation->end = GENERATION_NO_MEMORY;
}

static void
end_generation(struct generation *generation, enum generation_end end)
{
	if (!generation->end)
		generation->end = end;
	heed(generation, output_end(&generation->output));
}

static float
find_logprob(const struct logits *logits, int token)
{
	float logit = logits_mend(logits->values[logits_find(logits, token)]);

	return (float)((double)logit - logits_log_sum(logits));
}

/* The next token, chosen from these logits. */
static void
add_token(struct generation *generation, const struct logits *logits, int token)
{
	const struct generation_request *request = &generation->request;

	if (request->has_logprobs)
		generation->logprobs[count_new(generation)] =
			find_logprob(logits, token);
	generation->tokens[generation->n_tokens++] = token;
	if (sampling_is_end(&request->sampling, token))
		generation->end = GENERATION_END;
	else
		heed(generation, output_add(&generation->output, token));
	if (generation->end)
		end_generation(generation, generation->end);
	else if (generation->n_tokens > generation->n_positions)
		end_generation(generation, GENERATION_POSITIONS);
	else if (count_new(generation) == request->max_tokens)
		end_generation(generation, GENERATION_LENGTH);
}

/* Choose it.  false: there is none, and it has ended. */
static bool
choose(struct generation *generation, struct sampler *sampler,
       const struct logits *logits)
{
	const struct generation_request *request = &generation->request;
	int token = sample_token(sampler, &request->sampling, logits,
				 generation->tokens, generation->n_tokens,
				 request->n_prompt);

	if (token < 0)
		end_generation(generation, GENERATION_IMPOSSIBLE);
	else
		add_token(generation, logits, token);
	return token >= 0;
}

/* --- Into a step */

/* The tokens that may come after the first n, as logits without values. */
static struct logits
find_allowed(const struct generation *generation, int n)
{
	const struct generation_request *request = &generation->request;
	struct logits logits = {.n = generation->n_vocab};
	int n_ids = -1;

	if (request->allow)
		n_ids = request->allow(request->allow_arg, generation->tokens,
				       n, &logits.ids);
	if (n_ids < 0)
		logits.ids = NULL;
	else
		logits.n = n_ids;
	return logits;
}

static void
check_end(struct generation *generation)
{
	int64_t deadline = generation->request.deadline_us;

	if (generation->end)
		return;
	if (atomic_load_explicit(&generation->is_cancelled,
				 memory_order_relaxed))
		end_generation(generation, GENERATION_CANCELLED);
	else if (deadline && time_mono_us() >= deadline)
		end_generation(generation, GENERATION_DEADLINE);
}

static void
put_row(struct generation *generation, struct step *step, float *logits,
	const struct logits *allowed)
{
	int position = generation->n_kept + generation->n_rows++;

	step->rows[step->n_rows++] = (struct forward_row){
		.token = generation->tokens[position],
		.position = position,
		.blocks = generation->blocks,
		.logits = logits,
		.allowed = allowed ? allowed->ids : NULL,
		.n_allowed = allowed && allowed->ids ? allowed->n : 0,
	};
}

/* A row after which the next token is wanted, if there is one. */
static bool
put_last_row(struct generation *generation, struct step *step)
{
	int n = generation->n_kept + generation->n_rows + 1;
	struct logits allowed = find_allowed(generation, n);

	if (allowed.n == 0)
		return false;
	allowed.values =
		step->logits + (size_t)step->n_logits++ * (size_t)step->n_vocab;
	generation->logits[generation->n_logits++] = allowed;
	put_row(generation, step, (float *)allowed.values, &allowed);
	return true;
}

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

static int
room_for_rows(const struct step *step)
{
	return smaller(step->max_rows - step->n_rows,
		       step->max_logits - step->n_logits);
}

/* No draft can be the last token that is generated. */
static void
put_drafts(struct generation *generation, struct step *step, int max)
{
	int left = generation->request.max_tokens - count_new(generation) - 1;
	int n = draft_pace_next(&generation->pace);

	n = smaller(smaller(n, left), smaller(max, room_for_rows(step)));
	if (n <= 0)
		return;
	n = draft_find(generation->tokens, generation->n_tokens, n,
		       generation->tokens + generation->n_tokens);
	while (generation->n_drafts < n && put_last_row(generation, step))
		generation->n_drafts++;
}

int
generation_join(struct generation *generation, struct step *step, int max_rows)
{
	int pending = generation->n_tokens - generation->n_kept;
	int room = smaller(max_rows, step->max_rows - step->n_rows);

	generation->n_rows = generation->n_drafts = generation->n_logits = 0;
	check_end(generation);
	if (generation->end || room <= 0)
		return 0;
	while (generation->n_rows < smaller(room, pending - 1))
		put_row(generation, step, NULL, NULL);
	if (generation->n_rows == pending - 1 && generation->n_rows < room &&
	    step->n_logits < step->max_logits) {
		if (put_last_row(generation, step))
			put_drafts(generation, step, room - pending);
		else
			end_generation(generation, GENERATION_IMPOSSIBLE);
	}
	return generation->n_rows;
}

/* --- Out of a step */

static void
take_tokens(struct generation *generation, struct sampler *sampler)
{
	int n_right = 0;

	for (int i = 0; i < generation->n_logits; i++) {
		/* A draft, if there is one, stands where the token will. */
		int draft = generation->tokens[generation->n_tokens];
		if (!choose(generation, sampler, generation->logits + i) ||
		    i == generation->n_drafts ||
		    generation->tokens[generation->n_tokens - 1] != draft)
			break;
		n_right++;
		if (generation->end)
			break;
	}
	generation->n_kept += n_right;
	generation->counts.drafts += generation->n_drafts;
	generation->counts.drafts_right += n_right;
	draft_pace_learn(&generation->pace, generation->n_drafts, n_right);
}

/* As long as one token alone may come, nothing need be computed. */
static void
add_forced(struct generation *generation, struct sampler *sampler)
{
	static const float value = 0;

	while (generation->request.allow && !generation->end) {
		struct logits logits =
			find_allowed(generation, generation->n_tokens);
		if (logits.n != 1 || !logits.ids)
			break;
		logits.values = &value;
		choose(generation, sampler, &logits);
	}
}

void
generation_take(struct generation *generation, struct sampler *sampler)
{
	if (generation->n_rows == 0)
		return;
	generation->counts.steps++;
	generation->n_kept += generation->n_rows - generation->n_drafts;
	generation->n_rows = 0;
	if (generation->end)
		return;
	take_tokens(generation, sampler);
	add_forced(generation, sampler);
}

void
generation_run(struct generation *generation, struct forward *forward,
	       struct step *step, struct sampler *sampler)
{
	for (;;) {
		step_clear(step);
		if (generation_join(generation, step, step->max_rows) == 0)
			break;
		forward_run(forward, step->rows, step->n_rows);
		generation_take(generation, sampler);
	}
}
