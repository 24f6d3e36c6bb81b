/* How a generation goes into steps, and what it takes out of them. */
#include "base/time.h"
#include "model/generation.h"
#include "model/step.h"

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
		generation->logprobs[generation_count_new(generation)] =
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
	else if (generation_count_new(generation) == request->max_tokens)
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

void
generation_check(struct generation *generation)
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

int
generation_pending(const struct generation *generation)
{
	return generation->n_tokens - generation->n_kept;
}

bool
generation_is_prompt(const struct generation *generation)
{
	return generation_count_new(generation) == 0;
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
room_for_rows(const struct step *step)
{
	return smaller(step->max_rows - step->n_rows,
		       step->max_logits - step->n_logits);
}

/* No draft can be the last token that is generated. */
static void
put_drafts(struct generation *generation, struct step *step, int max)
{
	int left = generation->request.max_tokens -
		   generation_count_new(generation) - 1;
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
	int pending = generation_pending(generation);
	int room = smaller(max_rows, step->max_rows - step->n_rows);

	generation->n_rows = generation->n_drafts = generation->n_logits = 0;
	generation_check(generation);
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
