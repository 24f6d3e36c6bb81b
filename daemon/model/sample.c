/* What is done to logits before one is chosen; on the thread that calls.  How
 * one is chosen by chance is in warp.c. */
#include "model/sample.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/kernels.h"
#include "model/logits.h"
#include "model/warp.h"

const struct sampling sampling_greedy = {
	.repetition_penalty = 1,
	.top_p = 1,
	.typical_p = 1,
};

/* --- Settings */

static int
check_ids(const char *what, const int *ids, int n, int n_vocab, struct err *err)
{
	if (n < 1)
		return err_set(err, "%s is empty", what);
	for (int i = 0; i < n; i++)
		if (ids[i] < 0 || ids[i] >= n_vocab)
			return err_set(err,
				       "%s has token %d, but ids are 0 to "
				       "%d",
				       what, ids[i], n_vocab - 1);
	return 0;
}

static int
check_lists(const struct sampling *sampling, int n_vocab, struct err *err)
{
	for (int i = 0; i < sampling->n_biases; i++) {
		const struct token_bias *bias = sampling->biases + i;
		if (check_ids("a bias", bias->sequence.ids, bias->sequence.n,
			      n_vocab, err))
			return -1;
		if (isnan(bias->bias) || bias->bias == INFINITY)
			return err_set(err, "a bias is no number");
	}
	for (int i = 0; i < sampling->n_bad_words; i++)
		if (check_ids("a bad word", sampling->bad_words[i].ids,
			      sampling->bad_words[i].n, n_vocab, err))
			return -1;
	if (sampling->n_ends == 0)
		return 0;
	return check_ids("the list of tokens that end a text", sampling->ends,
			 sampling->n_ends, n_vocab, err);
}

/* NaN is in no range. */
static int
check_range(const char *name, float value, float min, float max,
	    struct err *err)
{
	if (value >= min && value <= max)
		return 0;
	return err_set(err, "%s is %g, not %g to %g", name, (double)value,
		       (double)min, (double)max);
}

#define FACTOR_MIN 1e-3F
#define FACTOR_MAX 1e3F

int
sampling_check(const struct sampling *sampling, int n_vocab, struct err *err)
{
	if (check_range("the repetition penalty", sampling->repetition_penalty,
			FACTOR_MIN, FACTOR_MAX, err))
		return -1;
	if (sampling->temperature != 0 &&
	    check_range("the temperature", sampling->temperature, 1e-6F,
			FACTOR_MAX, err))
		return -1;
	if (check_range("top-p", sampling->top_p, 0, 1, err) ||
	    check_range("min-p", sampling->min_p, 0, 1, err))
		return -1;
	if (!(sampling->typical_p > 0 && sampling->typical_p <= 1))
		return err_set(err, "typical-p is %g, not above 0 and up to 1",
			       (double)sampling->typical_p);
	if (check_range("epsilon", sampling->epsilon_cutoff, 0, 1, err) ||
	    check_range("eta", sampling->eta_cutoff, 0, 1, err))
		return -1;
	if (sampling->top_k < 0 || sampling->no_repeat_ngram < 0 ||
	    sampling->min_new_tokens < 0)
		return err_set(err, "top-k, the length of n-grams and the "
				    "least number of tokens are 0 or more");
	return check_lists(sampling, n_vocab, err);
}

bool
sampling_is_end(const struct sampling *sampling, int id)
{
	for (int i = 0; i < sampling->n_ends; i++)
		if (sampling->ends[i] == id)
			return true;
	return false;
}

/* --- Room */

int
sampler_init(struct sampler *sampler, int n_vocab, struct err *err)
{
	size_t n = (size_t)n_vocab;

	*sampler = (struct sampler){
		.n_vocab = n_vocab,
		.kernels = kernels_best(),
		.scores = mem_array(n, sizeof *sampler->scores),
		.maxima =
			mem_array(n / SCORE_BLOCK + 1, sizeof *sampler->maxima),
		.sums = mem_array(n / MASS_BLOCK + 1, sizeof *sampler->sums),
		.seen = mem_array(n, sizeof *sampler->seen),
		.kept = mem_array(n, sizeof *sampler->kept),
		.other = mem_array(n, sizeof *sampler->other),
	};
	if (sampler->scores && sampler->maxima && sampler->sums &&
	    sampler->seen && sampler->kept && sampler->other)
		return 0;
	sampler_release(sampler);
	return err_set(err, "no memory to sample from %d tokens", n_vocab);
}

void
sampler_release(struct sampler *sampler)
{
	free(sampler->scores);
	free(sampler->maxima);
	free(sampler->sums);
	free(sampler->seen);
	free(sampler->kept);
	free(sampler->other);
	*sampler = (struct sampler){0};
}

/* --- Processors */

/* What they work on. */
struct choice {
	const struct sampling *sampling;
	const struct logits *logits;
	float *scores; /* (logits->n) */
	unsigned char *seen;
	const int *tokens;
	int n, n_prompt;
};

static void
add_to(struct choice *choice, int id, float bias)
{
	int place = logits_find(choice->logits, id);

	if (place >= 0)
		choice->scores[place] += bias;
}

static void
add_sequence(struct choice *choice, const struct token_sequence *sequence,
	     float bias)
{
	int before = sequence->n - 1;

	if (before > 0 &&
	    (sequence->n > choice->n ||
	     memcmp(choice->tokens + choice->n - before, sequence->ids,
		    (size_t)before * sizeof *sequence->ids) != 0))
		return;
	add_to(choice, sequence->ids[before], bias);
}

static void
add_biases(struct choice *choice)
{
	const struct sampling *sampling = choice->sampling;

	for (int i = 0; i < sampling->n_biases; i++)
		add_sequence(choice, &sampling->biases[i].sequence,
			     sampling->biases[i].bias);
}

static void
normalize(struct choice *choice)
{
	const struct logits scores = {choice->scores, NULL, choice->logits->n};
	double sum = logits_log_sum(&scores);

	if (isinf(sum))
		return;
	for (int i = 0; i < scores.n; i++)
		choice->scores[i] = (float)((double)choice->scores[i] - sum);
}

static void
penalize_repetition(struct choice *choice)
{
	const struct sampling *sampling = choice->sampling;
	float penalty = sampling->repetition_penalty;

	if (penalty == 1)
		return;
	if (sampling->is_penalty_normalized)
		normalize(choice);
	memset(choice->seen, 0, (size_t)choice->logits->n);
	for (int i = sampling->is_penalty_of_output ? choice->n_prompt : 0;
	     i < choice->n; i++) {
		int place = logits_find(choice->logits, choice->tokens[i]);
		if (place < 0 || choice->seen[place])
			continue;
		choice->seen[place] = 1;
		float *score = choice->scores + place;
		*score = *score < 0 || sampling->is_penalty_normalized
				 ? *score * penalty
				 : *score / penalty;
	}
}

/* What came after an earlier occurrence of the last tokens. */
static void
ban_ngrams(struct choice *choice)
{
	int before = choice->sampling->no_repeat_ngram - 1;
	int first = choice->sampling->is_ngram_of_output ? choice->n_prompt : 0;
	const int *last = choice->tokens + choice->n - before;

	if (before < 0 || choice->n - first < before)
		return;
	for (int i = first; i + before < choice->n; i++)
		if (memcmp(choice->tokens + i, last,
			   (size_t)before * sizeof *last) == 0)
			add_to(choice, choice->tokens[i + before], -INFINITY);
}

/* A token that ends a text is not bad alone. */
static void
ban_words(struct choice *choice)
{
	const struct sampling *sampling = choice->sampling;

	for (int i = 0; i < sampling->n_bad_words; i++) {
		const struct token_sequence *word = sampling->bad_words + i;
		if (word->n > 1 || !sampling_is_end(sampling, word->ids[0]))
			add_sequence(choice, word, -INFINITY);
	}
}

static void
ban_ends(struct choice *choice)
{
	const struct sampling *sampling = choice->sampling;

	if (choice->n - choice->n_prompt >= sampling->min_new_tokens)
		return;
	for (int i = 0; i < sampling->n_ends; i++)
		add_to(choice, sampling->ends[i], -INFINITY);
}

/* --- The choice */

/* false: the scores are the logits, mended. */
static bool
has_processors(const struct sampling *sampling)
{
	return sampling->n_biases || sampling->repetition_penalty != 1 ||
	       sampling->no_repeat_ngram || sampling->n_bad_words ||
	       (sampling->n_ends && sampling->min_new_tokens);
}

static void
process(struct choice *choice)
{
	add_biases(choice);
	penalize_repetition(choice);
	ban_ngrams(choice);
	ban_words(choice);
	ban_ends(choice);
}

/* -INFINITY is above nothing. */
static int
find_highest(const struct choice *choice, const float *maxima)
{
	const struct logits *logits = choice->logits;
	float highest = -INFINITY;
	int first = -1;

	for (int i = 0; i < logits->n; i += SCORE_BLOCK) {
		if (!(maxima[i / SCORE_BLOCK] > highest))
			continue;
		highest = maxima[i / SCORE_BLOCK];
		first = i;
	}
	if (first < 0)
		return -1;
	while (choice->scores[first] < highest)
		first++;
	return logits_id(logits, first);
}

static int
choose_by_chance(const struct sampler *sampler, const struct choice *choice)
{
	const struct sampling *sampling = choice->sampling;
	struct warp warp = {
		.kernels = sampler->kernels,
		.scores = {choice->scores, choice->logits->ids,
			   choice->logits->n},
		.maxima = sampler->maxima,
		.kept = sampler->kept,
		.other = sampler->other,
		.sums = sampler->sums,
	};

	return warp_choose(
		&warp, sampling,
		sample_chance(sampling->seed,
			      (uint64_t)(choice->n - choice->n_prompt)));
}

int
sample_token(struct sampler *sampler, const struct sampling *sampling,
	     const struct logits *logits, const int *tokens, int n,
	     int n_prompt)
{
	struct choice choice = {
		.sampling = sampling,
		.logits = logits,
		.scores = sampler->scores,
		.seen = sampler->seen,
		.tokens = tokens,
		.n = n,
		.n_prompt = n_prompt,
	};

	assert(logits->n >= 0 && logits->n <= sampler->n_vocab);
	assert(n >= n_prompt && n_prompt >= 0);
	sampler->kernels->mend(choice.scores, logits->values, logits->n,
			       sampler->maxima);
	if (has_processors(sampling)) {
		process(&choice);
		sampler->kernels->mend(choice.scores, choice.scores, logits->n,
				       sampler->maxima);
	}
	return sampling->temperature == 0
		       ? find_highest(&choice, sampler->maxima)
		       : choose_by_chance(sampler, &choice);
}

static uint64_t
mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
	z = (z ^ z >> 27) * 0x94D049BB133111EBU;
	return z ^ z >> 31;
}

/* The seed is mixed, lest seeds that stand close draw the same numbers one
 * after the other. */
double
sample_chance(uint64_t seed, uint64_t draw)
{
	const uint64_t step = 0x9E3779B97F4A7C15U;
	uint64_t bits = mix(mix(seed + step) + (draw + 1) * step);

	return (double)(bits >> 11) * 0x1p-53;
}
