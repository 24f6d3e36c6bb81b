/* The choice of the next token: against a slow reference that does what the
 * formulas say, one after the other, with everything sorted; and what the
 * reference library's own tests say about its processors. */
#include "test.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/kernels.h"
#include "model/logits.h"
#include "model/sample.h"

/* Some blocks of each size that a choice works by, and a rest. */
#define VOCAB_MAX 2500
#define TOKENS_MAX 40

/* The same in every run. */
static uint64_t chance_state = 1;

static double
chance(void)
{
	chance_state =
		chance_state * 6364136223846793005U + 1442695040888963407U;
	return (double)(chance_state >> 11) * 0x1p-53;
}

static int
below(int n)
{
	return (int)(chance() * n);
}

/* --- The slow reference: scores (V) of all tokens, -INFINITY: banned */

struct slow {
	float scores[VOCAB_MAX];
	double p[VOCAB_MAX]; /* of what is left */
	int order[VOCAB_MAX];
	int n_vocab;
};

struct past {
	int tokens[TOKENS_MAX];
	int n, n_prompt;
};

static void
slow_sequence(struct slow *slow, const struct past *past,
	      const struct token_sequence *sequence, float bias)
{
	if (sequence->n > 1 && sequence->n > past->n)
		return;
	for (int i = 0; i < sequence->n - 1; i++)
		if (past->tokens[past->n - sequence->n + 1 + i] !=
		    sequence->ids[i])
			return;
	slow->scores[sequence->ids[sequence->n - 1]] += bias;
}

static void
slow_log_softmax(struct slow *slow)
{
	double sum = 0, max = -INFINITY;

	for (int v = 0; v < slow->n_vocab; v++)
		max = fmax(max, (double)slow->scores[v]);
	for (int v = 0; v < slow->n_vocab; v++)
		sum += exp((double)slow->scores[v] - max);
	for (int v = 0; v < slow->n_vocab; v++)
		slow->scores[v] =
			(float)((double)slow->scores[v] - (max + log(sum)));
}

static void
slow_penalty(struct slow *slow, const struct sampling *sampling,
	     const struct past *past)
{
	float penalty = sampling->repetition_penalty;

	if (penalty != 1 && sampling->is_penalty_normalized)
		slow_log_softmax(slow);
	for (int v = 0; v < slow->n_vocab; v++) {
		bool is_said = false;
		for (int i = 0; i < past->n; i++)
			if (past->tokens[i] == v &&
			    (i >= past->n_prompt ||
			     !sampling->is_penalty_of_output))
				is_said = true;
		float s = slow->scores[v];
		if (is_said && sampling->is_penalty_normalized)
			slow->scores[v] = penalty == 1 ? s : s * penalty;
		else if (is_said)
			slow->scores[v] = s < 0 ? s * penalty : s / penalty;
	}
}

/* Would v repeat an n-gram that is there? */
static bool
slow_repeats(const struct past *past, int first, int n, int v)
{
	for (int i = first; i + n <= past->n; i++) {
		bool is_same = past->tokens[i + n - 1] == v;
		for (int j = 0; j < n - 1; j++)
			if (past->tokens[i + j] !=
			    past->tokens[past->n - n + 1 + j])
				is_same = false;
		if (is_same)
			return true;
	}
	return false;
}

static void
slow_process(struct slow *slow, const struct sampling *sampling,
	     const struct past *past)
{
	int n = sampling->no_repeat_ngram;
	int first = sampling->is_ngram_of_output ? past->n_prompt : 0;

	for (int i = 0; i < sampling->n_biases; i++)
		slow_sequence(slow, past, &sampling->biases[i].sequence,
			      sampling->biases[i].bias);
	slow_penalty(slow, sampling, past);
	for (int v = 0; n > 0 && v < slow->n_vocab; v++)
		if (past->n - first + 1 >= n && slow_repeats(past, first, n, v))
			slow->scores[v] = -INFINITY;
	for (int i = 0; i < sampling->n_bad_words; i++) {
		const struct token_sequence *word = sampling->bad_words + i;
		if (word->n == 1 && word->ids[0] == sampling->ends[0])
			continue;
		slow_sequence(slow, past, word, -INFINITY);
	}
	if (past->n - past->n_prompt < sampling->min_new_tokens)
		slow->scores[sampling->ends[0]] = -INFINITY;
}

static void
slow_softmax(struct slow *slow, double temperature)
{
	double sum = 0, max = -INFINITY;

	for (int v = 0; v < slow->n_vocab; v++)
		max = fmax(max, (double)slow->scores[v] / temperature);
	for (int v = 0; v < slow->n_vocab; v++) {
		slow->p[v] = exp((double)slow->scores[v] / temperature - max);
		sum += slow->p[v];
	}
	for (int v = 0; v < slow->n_vocab; v++)
		slow->p[v] /= sum;
}

static double slow_keys[VOCAB_MAX];

static int
compare_keys(const void *a, const void *b)
{
	int v = *(const int *)a, w = *(const int *)b;

	if (slow_keys[v] != slow_keys[w])
		return slow_keys[v] < slow_keys[w] ? -1 : 1;
	return v < w ? -1 : 1;
}

/* By ascending keys. */
static void
slow_sort(struct slow *slow)
{
	for (int v = 0; v < slow->n_vocab; v++)
		slow->order[v] = v;
	qsort(slow->order, (size_t)slow->n_vocab, sizeof *slow->order,
	      compare_keys);
}

static void
slow_top_k(struct slow *slow, int k)
{
	if (k == 0)
		return;
	for (int v = 0; v < slow->n_vocab; v++)
		slow_keys[v] = -(double)slow->scores[v];
	slow_sort(slow);
	int last = (k < slow->n_vocab ? k : slow->n_vocab) - 1;
	float kth = slow->scores[slow->order[last]];
	for (int v = 0; v < slow->n_vocab; v++)
		if (slow->scores[v] < kth)
			slow->scores[v] = -INFINITY;
}

/* From below: what adds up to no more than 1 - p goes; the best stays. */
static void
slow_top_p(struct slow *slow, double p, double temperature)
{
	double sum = 0;

	if (p >= 1)
		return;
	slow_softmax(slow, temperature);
	for (int v = 0; v < slow->n_vocab; v++)
		slow_keys[v] = -(double)slow->scores[v];
	slow_sort(slow);
	for (int i = slow->n_vocab - 1; i > 0; i--) {
		sum += slow->p[slow->order[i]];
		if (sum <= 1 - p)
			slow->scores[slow->order[i]] = -INFINITY;
	}
}

static void
slow_min_p(struct slow *slow, double min_p, double temperature)
{
	double max = 0;

	slow_softmax(slow, temperature);
	for (int v = 0; v < slow->n_vocab; v++)
		max = fmax(max, slow->p[v]);
	for (int v = 0; v < slow->n_vocab; v++)
		if (slow->p[v] < min_p * max)
			slow->scores[v] = -INFINITY;
}

static void
slow_typical(struct slow *slow, double mass, double temperature)
{
	double entropy = 0, sum = 0;
	int last = 0;

	if (mass >= 1)
		return;
	slow_softmax(slow, temperature);
	for (int v = 0; v < slow->n_vocab; v++)
		if (slow->p[v] > 0)
			entropy -= slow->p[v] * log(slow->p[v]);
	for (int v = 0; v < slow->n_vocab; v++)
		slow_keys[v] = fabs(-log(slow->p[v]) - entropy);
	slow_sort(slow);
	for (int i = 0; i < slow->n_vocab; i++) {
		sum += slow->p[slow->order[i]];
		last += sum < mass;
	}
	if (last > slow->n_vocab - 1)
		last = slow->n_vocab - 1;
	double border = slow_keys[slow->order[last]];
	for (int v = 0; v < slow->n_vocab; v++)
		if (slow_keys[v] > border)
			slow->scores[v] = -INFINITY;
}

/* Less than epsilon goes, but not the best. */
static void
slow_epsilon(struct slow *slow, double epsilon)
{
	double max = 0;

	for (int v = 0; v < slow->n_vocab; v++)
		max = fmax(max, slow->p[v]);
	for (int v = 0; v < slow->n_vocab; v++)
		if (slow->p[v] < epsilon && slow->p[v] < max)
			slow->scores[v] = -INFINITY;
}

static void
slow_eta(struct slow *slow, double epsilon)
{
	double entropy = 0;

	for (int v = 0; v < slow->n_vocab; v++)
		if (slow->p[v] > 0)
			entropy -= slow->p[v] * log(slow->p[v]);
	slow_epsilon(slow, fmin(epsilon, sqrt(epsilon) * exp(-entropy)));
}

static void
slow_warp(struct slow *slow, const struct sampling *sampling)
{
	double temperature = (double)sampling->temperature;

	slow_top_k(slow, sampling->top_k);
	slow_top_p(slow, (double)sampling->top_p, temperature);
	slow_min_p(slow, (double)sampling->min_p, temperature);
	slow_typical(slow, (double)sampling->typical_p, temperature);
	slow_softmax(slow, temperature);
	if (sampling->epsilon_cutoff > 0)
		slow_epsilon(slow, (double)sampling->epsilon_cutoff);
	slow_softmax(slow, temperature);
	if (sampling->eta_cutoff > 0)
		slow_eta(slow, (double)sampling->eta_cutoff);
	slow_softmax(slow, temperature);
}

/* The first token up to which there is more than that probability. */
static int
slow_draw(const struct slow *slow, double at)
{
	double sum = 0;

	for (int v = 0; v < slow->n_vocab; v++) {
		sum += slow->p[v];
		if (sum > at)
			return v;
	}
	return -1;
}

static int
slow_argmax(const struct slow *slow)
{
	int best = 0;

	for (int v = 1; v < slow->n_vocab; v++)
		if (slow->scores[v] > slow->scores[best])
			best = v;
	return isinf(slow->scores[best]) ? -1 : best;
}

/* --- Cases by chance */

#define LISTS 3

struct scene {
	float logits[VOCAB_MAX];
	struct past past;
	struct sampling sampling;
	int ids[2 * LISTS][3], end;
	struct token_bias biases[LISTS];
	struct token_sequence words[LISTS];
	int n_vocab;
};

/* A few ids come often, so that there is something to repeat. */
static int
some_id(const struct scene *scene)
{
	return below(chance() < 0.7 ? 4 : scene->n_vocab);
}

/* One in three ends what was said last. */
static struct token_sequence
some_sequence(struct scene *scene, int *ids)
{
	int n = 1 + below(3);

	for (int i = 0; i < n; i++)
		ids[i] = some_id(scene);
	if (n > 1 && scene->past.n >= n && chance() < 0.4)
		memcpy(ids, scene->past.tokens + scene->past.n - n + 1,
		       (size_t)(n - 1) * sizeof *ids);
	return (struct token_sequence){ids, n};
}

static void
make_logits(struct scene *scene)
{
	double offset = chance() < 0.5 ? -60 : 0;
	double spread = 0.5 + 6 * chance();
	bool has_ties = chance() < 0.3;

	for (int v = 0; v < scene->n_vocab; v++) {
		double x = chance() + chance() + chance() - 1.5;
		x = offset + spread * 2 * x;
		scene->logits[v] = (float)(has_ties ? round(2 * x) / 2 : x);
	}
}

static void
make_scene(struct scene *scene)
{
	struct sampling *sampling = &scene->sampling;

	memset(scene, 0, sizeof *scene);
	double size = chance();
	scene->n_vocab = size < 0.5    ? 5 + below(20)
			 : size < 0.97 ? 5 + below(295)
				       : VOCAB_MAX - below(200);
	scene->past.n = 1 + below(TOKENS_MAX);
	scene->past.n_prompt = below(scene->past.n + 1);
	for (int i = 0; i < scene->past.n; i++)
		scene->past.tokens[i] = some_id(scene);
	make_logits(scene);
	for (int i = 0; i < LISTS; i++) {
		scene->biases[i].sequence = some_sequence(scene, scene->ids[i]);
		scene->biases[i].bias =
			chance() < 0.2 ? -INFINITY : (float)(4 * chance() - 2);
		scene->words[i] = some_sequence(scene, scene->ids[LISTS + i]);
	}
	scene->end = below(scene->n_vocab);
	*sampling = sampling_greedy;
	sampling->biases = scene->biases;
	sampling->n_biases = below(LISTS + 1);
	sampling->bad_words = scene->words;
	sampling->n_bad_words = below(LISTS + 1);
	sampling->ends = &scene->end;
	sampling->n_ends = 1;
	sampling->min_new_tokens = below(12);
	if (chance() < 0.5)
		sampling->repetition_penalty = (float)(0.5 + chance());
	sampling->is_penalty_of_output = chance() < 0.5;
	sampling->is_penalty_normalized = chance() < 0.3;
	sampling->no_repeat_ngram = below(5);
	sampling->is_ngram_of_output = chance() < 0.5;
}

static void
make_warps(struct sampling *sampling, int n_vocab)
{
	sampling->temperature = (float)(0.1 + 2 * chance());
	if (chance() < 0.5)
		sampling->top_k = 1 + below(n_vocab + 5);
	if (chance() < 0.5)
		sampling->top_p = (float)chance();
	if (chance() < 0.3)
		sampling->min_p = (float)(chance() * chance());
	if (chance() < 0.3)
		sampling->typical_p = (float)(0.05 + 0.95 * chance());
	if (chance() < 0.3)
		sampling->epsilon_cutoff = (float)(0.3 * chance() * chance());
	if (chance() < 0.3)
		sampling->eta_cutoff = (float)(0.3 * chance() * chance());
}

static int
scene_sample(struct sampler *sampler, const struct scene *scene)
{
	const struct logits logits = {scene->logits, NULL, scene->n_vocab};

	return sample_token(sampler, &scene->sampling, &logits,
			    scene->past.tokens, scene->past.n,
			    scene->past.n_prompt);
}

/* The same by every set of kernels that this processor has. */
static int
scene_sample_by_all(struct sampler *sampler, const struct scene *scene)
{
	int token = scene_sample(sampler, scene);

	for (const struct kernels *const *set = kernels_all; *set; set++) {
		if (!(*set)->is_supported())
			continue;
		sampler->kernels = *set;
		assert_int_equal(scene_sample(sampler, scene), token);
	}
	sampler->kernels = kernels_best();
	return token;
}

static void
slow_begin(struct slow *slow, const struct scene *scene)
{
	slow->n_vocab = scene->n_vocab;
	memcpy(slow->scores, scene->logits, sizeof slow->scores);
	slow_process(slow, &scene->sampling, &scene->past);
}

static void
test_greedy_is_what_the_formulas_say(void **state)
{
	struct sampler sampler;
	static struct scene scene;
	static struct slow slow;

	(void)state;
	assert_int_equal(sampler_init(&sampler, VOCAB_MAX, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		make_scene(&scene);
		struct err err = {0};
		if (sampling_check(&scene.sampling, scene.n_vocab, &err))
			fail_msg("%s", err.text);
		slow_begin(&slow, &scene);
		assert_int_equal(scene_sample(&sampler, &scene),
				 slow_argmax(&slow));
	}
	sampler_release(&sampler);
}

static void
test_draws_are_what_the_formulas_say(void **state)
{
	struct sampler sampler;
	static struct scene scene;
	static struct slow slow;
	int n_different = 0;

	(void)state;
	assert_int_equal(sampler_init(&sampler, VOCAB_MAX, NULL), 0);
	for (int i = 0; i < 5000; i++) {
		make_scene(&scene);
		make_warps(&scene.sampling, scene.n_vocab);
		slow_begin(&slow, &scene);
		if (slow_argmax(&slow) < 0)
			continue;
		slow_warp(&slow, &scene.sampling);
		int draw = scene.past.n - scene.past.n_prompt, first = -1;
		for (uint64_t seed = 0; seed < 30; seed++) {
			scene.sampling.seed = seed;
			double at = sample_chance(seed, (uint64_t)draw);
			int token = seed == 0 ? scene_sample_by_all(&sampler,
								    &scene)
					      : scene_sample(&sampler, &scene);
			/* A number on a border may fall to either side. */
			if (token != slow_draw(&slow, at - 1e-12))
				assert_int_equal(token,
						 slow_draw(&slow, at + 1e-12));
			n_different += first >= 0 && token != first;
			first = token;
		}
	}
	/* It was not greedy in disguise. */
	assert_true(n_different > 20000);
	sampler_release(&sampler);
}

static void
test_a_list_gives_what_all_with_no_others_allowed_give(void **state)
{
	struct sampler sampler;
	static struct scene scene;

	(void)state;
	assert_int_equal(sampler_init(&sampler, VOCAB_MAX, NULL), 0);
	for (int i = 0; i < 5000; i++) {
		float values[VOCAB_MAX];
		int ids[VOCAB_MAX], n = 0;
		make_scene(&scene);
		scene.sampling.is_penalty_normalized = false;
		if (i % 2)
			make_warps(&scene.sampling, scene.n_vocab);
		for (int v = 0; v < scene.n_vocab; v++)
			if (chance() < 0.3) {
				values[n] = scene.logits[v];
				ids[n++] = v;
			} else {
				scene.logits[v] = -INFINITY;
			}
		const struct logits list = {values, ids, n};
		for (scene.sampling.seed = 0; scene.sampling.seed < 5;
		     scene.sampling.seed++)
			assert_int_equal(sample_token(&sampler, &scene.sampling,
						      &list, scene.past.tokens,
						      scene.past.n,
						      scene.past.n_prompt),
					 scene_sample(&sampler, &scene));
	}
	sampler_release(&sampler);
}

/* --- By hand */

static struct sampler small_sampler;

static int
setup_small(void **state)
{
	(void)state;
	return sampler_init(&small_sampler, VOCAB_MAX, NULL);
}

static int
teardown_small(void **state)
{
	(void)state;
	sampler_release(&small_sampler);
	return 0;
}

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* A bit for each token that comes at all. */
static unsigned
reachable(const struct sampling *sampling, const float *values, int n)
{
	const struct logits logits = {values, NULL, n};
	struct sampling seeded = *sampling;
	unsigned bits = 0;

	for (seeded.seed = 0; seeded.seed < 2000; seeded.seed++)
		bits |= 1U << sample_token(&small_sampler, &seeded, &logits,
					   NULL, 0, 0);
	return bits;
}

static void
test_ties_go_to_the_lowest_id(void **state)
{
	const float values[] = {-68.5F, -68, -70, -68, -68};
	const struct logits logits = {values, NULL, COUNT(values)};
	struct token_score top[10];

	(void)state;
	assert_int_equal(sample_token(&small_sampler, &sampling_greedy, &logits,
				      NULL, 0, 0),
			 1);
	assert_int_equal(logits_top(&logits, 4, top), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(top[i].id, ((int[]){1, 3, 4, 0})[i]);
	assert_int_equal(logits_top(&logits, 10, top), 5);
	assert_int_equal(logits_top(&logits, 0, top), 0);
}

static void
test_top_k_keeps_those_equal_to_the_last(void **state)
{
	const float values[] = {1, 3, 2, 2, 2, 0};
	struct sampling sampling = sampling_greedy;

	(void)state;
	sampling.temperature = 1;
	sampling.top_k = 2;
	assert_int_equal(reachable(&sampling, values, 6), 0x1E);
	sampling.top_k = 1;
	assert_int_equal(reachable(&sampling, values, 6), 0x02);
}

/* Probabilities 1/4 each: two are 1/2, and one more for 0.51. */
static void
test_top_p_keeps_the_fewest_that_reach_it(void **state)
{
	const float values[] = {-50, -50, -50, -50};
	struct sampling sampling = sampling_greedy;

	(void)state;
	sampling.temperature = 1;
	sampling.top_p = 0.5F;
	assert_int_equal(reachable(&sampling, values, 4), 0x3);
	sampling.top_p = 0.51F;
	assert_int_equal(reachable(&sampling, values, 4), 0x7);
	sampling.top_p = 0;
	assert_int_equal(reachable(&sampling, values, 4), 0x1);
}

static void
test_min_p_is_relative_to_the_best(void **state)
{
	/* probabilities as 8 : 4 : 2 : 1 */
	const float values[] = {2.0794415F, 1.3862944F, 0.6931472F, 0};
	struct sampling sampling = sampling_greedy;

	(void)state;
	sampling.temperature = 1;
	sampling.min_p = 0.24F;
	assert_int_equal(reachable(&sampling, values, 4), 0x7);
	sampling.min_p = 0.26F;
	assert_int_equal(reachable(&sampling, values, 4), 0x3);
}

/* 0.5, 0.3 and twenty of 0.01: the entropy is 1.63, which is nearer to -log
 * 0.3 than to -log 0.5. */
static void
test_typical_may_leave_out_the_most_probable(void **state)
{
	float values[22];
	struct sampling sampling = sampling_greedy;

	(void)state;
	for (int i = 0; i < 22; i++)
		values[i] = logf(i == 0 ? 0.5F : i == 1 ? 0.3F : 0.01F);
	sampling.temperature = 1;
	sampling.typical_p = 0.2F;
	assert_int_equal(reachable(&sampling, values, 22), 0x2);
	sampling.typical_p = 0.5F;
	assert_int_equal(reachable(&sampling, values, 22), 0x3);
}

static void
test_frequencies_are_the_probabilities(void **state)
{
	const float values[] = {logf(0.5F), logf(0.3F), logf(0.2F)};
	const struct logits logits = {values, NULL, 3};
	struct sampling sampling = sampling_greedy;
	int counts[3] = {0};

	(void)state;
	sampling.temperature = 1;
	for (sampling.seed = 0; sampling.seed < 100000; sampling.seed++)
		counts[sample_token(&small_sampler, &sampling, &logits, NULL, 0,
				    0)]++;
	/* five standard deviations */
	for (int i = 0; i < 3; i++)
		assert_in_range(counts[i], ((int[]){49200, 29200, 19300})[i],
				((int[]){50800, 30800, 20700})[i]);
}

static void
test_chances_are_the_same_everywhere(void **state)
{
	(void)state;
	assert_true(sample_chance(0, 0) == 0x1.4e0dba5e9a32fp-1);
	assert_true(sample_chance(0, 1) == 0x1.6705460be8829p-1);
	assert_true(sample_chance(1, 0) == 0x1.7906ac21d0e58p-2);
	assert_true(sample_chance(42, 7) == 0x1.782d47a99890cp-1);
	assert_true(sample_chance(UINT64_MAX, 1000) == 0x1.15943cc274da0p-5);
}

/* Greedy text of distilgpt2 for "I'm not going to" (transformers,
 * logits_process.py), its ids made small: "'m not" is said a second time. */
static void
test_no_bigram_comes_twice(void **state)
{
	static const int tokens[] = {40, 110, 40 + 7, 101, 28, 107, 49,
				     28, 66,  46,     13,  31, 110};
	float values[VOCAB_MAX] = {0};
	const struct logits logits = {values, NULL, VOCAB_MAX};
	struct sampling sampling = sampling_greedy;

	(void)state;
	values[47] = 2; /* " not" */
	values[55] = 1;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, tokens, 13, 5),
		47);
	sampling.no_repeat_ngram = 2;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, tokens, 13, 5),
		55);
	sampling.is_ngram_of_output = true; /* it was in the prompt */
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, tokens, 13, 5),
		47);
}

/* With logits about -68, 1.1 is 6.8 nats: nothing of the prompt comes again. */
static void
test_a_penalty_on_logits_of_distilgpt2_is_a_ban(void **state)
{
	const float values[] = {-68.0F, -74.7F, -74.9F};
	const struct logits logits = {values, NULL, 3};
	const int prompt[] = {0, 0, 0};
	struct sampling sampling = sampling_greedy;

	(void)state;
	sampling.repetition_penalty = 1.1F;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, prompt, 3, 3),
		1);
	sampling.is_penalty_of_output = true;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, prompt, 3, 3),
		0);
	/* -0.002 * 1.1 */
	sampling.is_penalty_of_output = false;
	sampling.is_penalty_normalized = true;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, prompt, 3, 3),
		0);
}

/* As CTranslate2's test suppresses (" first", " time"). */
static void
test_a_bad_word_of_two_tokens_bans_the_second_after_the_first(void **state)
{
	const float values[] = {0, 3, 2, 1};
	const struct logits logits = {values, NULL, 4};
	const int pair[] = {2, 1}, end[] = {1};
	const struct token_sequence words[] = {{pair, 2}, {end, 1}};
	struct sampling sampling = sampling_greedy;

	(void)state;
	sampling.bad_words = words;
	sampling.n_bad_words = 1;
	assert_int_equal(sample_token(&small_sampler, &sampling, &logits,
				      (int[]){0, 2}, 2, 1),
			 2);
	assert_int_equal(sample_token(&small_sampler, &sampling, &logits,
				      (int[]){2, 0}, 2, 1),
			 1);
	/* The end of a text is no bad word, but any other token is. */
	sampling.bad_words = words + 1;
	assert_int_equal(sample_token(&small_sampler, &sampling, &logits,
				      (int[]){2, 0}, 2, 1),
			 2);
	sampling.ends = end;
	sampling.n_ends = 1;
	assert_int_equal(sample_token(&small_sampler, &sampling, &logits,
				      (int[]){2, 0}, 2, 1),
			 1);
}

/* --- What no model should yield */

static void
test_what_is_no_number_is_never_chosen(void **state)
{
	const float values[] = {NAN, -INFINITY, -3, NAN, -2, -FLT_MAX};
	const struct logits logits = {values, NULL, COUNT(values)};
	struct sampling sampling = sampling_greedy;
	struct token_score top[6];

	(void)state;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, NULL, 0, 0),
		4);
	sampling.temperature = 1;
	assert_int_equal(reachable(&sampling, values, COUNT(values)), 0x14);
	assert_int_equal(logits_top(&logits, 6, top), 4);
	assert_int_equal(top[0].id, 4);
	assert_true(fabs(logits_log_sum(&logits) - log(exp(-2) + exp(-3))) <
		    1e-12);
}

static void
test_infinity_is_the_highest_number(void **state)
{
	const float values[] = {FLT_MAX, 3, INFINITY, INFINITY};
	const struct logits logits = {values, NULL, COUNT(values)};
	struct sampling sampling = sampling_greedy;

	(void)state;
	assert_int_equal(
		sample_token(&small_sampler, &sampling, &logits, NULL, 0, 0),
		0);
	sampling.temperature = 0.5F;
	sampling.typical_p = 0.9F;
	assert_int_equal(reachable(&sampling, values, COUNT(values)), 0xD);
	assert_true(isfinite(logits_log_sum(&logits)));
}

static void
test_nothing_possible_is_no_token(void **state)
{
	float values[] = {NAN, -INFINITY, NAN};
	const struct logits logits = {values, NULL, 3};
	const struct logits none = {values, NULL, 0};
	struct sampling sampling = sampling_greedy;

	(void)state;
	for (int i = 0; i < 2; i++, sampling.temperature = 1) {
		assert_int_equal(sample_token(&small_sampler, &sampling,
					      &logits, NULL, 0, 0),
				 -1);
		assert_int_equal(sample_token(&small_sampler, &sampling, &none,
					      NULL, 0, 0),
				 -1);
	}
	assert_true(logits_log_sum(&logits) == -INFINITY);
}

/* Bits by chance, all settings on: it ends, with a token of the row. */
static void
test_any_bits_are_survived(void **state)
{
	static struct scene scene;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		make_scene(&scene);
		make_warps(&scene.sampling, scene.n_vocab);
		for (int v = 0; v < scene.n_vocab; v++) {
			uint32_t bits = (uint32_t)(chance() * 0x1p32);
			memcpy(scene.logits + v, &bits, sizeof bits);
		}
		int token = scene_sample(&small_sampler, &scene);
		assert_in_range(token + 1, 0, scene.n_vocab);
	}
}

static void
test_settings_out_of_range_are_refused(void **state)
{
	const int ids[] = {5, 10};
	const struct token_bias bias = {{ids, 2}, 1}, nan = {{ids, 1}, NAN};
	const struct token_sequence word = {ids, 2}, empty = {ids, 0};
	const struct {
		struct sampling sampling;
		const char *words;
	} bad[] = {
		{{.top_p = 1, .typical_p = 1}, "repetition penalty is 0"},
		{{.repetition_penalty = NAN}, "repetition penalty is nan"},
		{{.repetition_penalty = 1, .temperature = -1}, "temperature"},
		{{.repetition_penalty = 1, .temperature = INFINITY},
		 "temperature"},
		{{.repetition_penalty = 1, .top_p = 1.5F}, "top-p is 1.5"},
		{{.repetition_penalty = 1, .min_p = -1}, "min-p is -1"},
		{{.repetition_penalty = 1}, "typical-p is 0"},
		{{.repetition_penalty = 1, .typical_p = 1, .eta_cutoff = 2},
		 "eta is 2"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .epsilon_cutoff = NAN},
		 "epsilon is nan"},
		{{.repetition_penalty = 1, .typical_p = 1, .top_k = -1},
		 "top-k"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .biases = &bias,
		  .n_biases = 1},
		 "a bias has token 10, but ids are 0 to 9"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .biases = &nan,
		  .n_biases = 1},
		 "a bias is no number"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .bad_words = &word,
		  .n_bad_words = 1},
		 "a bad word has token 10"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .bad_words = &empty,
		  .n_bad_words = 1},
		 "a bad word is empty"},
		{{.repetition_penalty = 1,
		  .typical_p = 1,
		  .ends = ids,
		  .n_ends = 2},
		 "end a text has token 10"},
	};

	(void)state;
	assert_int_equal(sampling_check(&sampling_greedy, 10, NULL), 0);
	for (int i = 0; i < COUNT(bad); i++) {
		struct err err = {0};
		assert_int_equal(sampling_check(&bad[i].sampling, 10, &err),
				 -1);
		if (!strstr(err.text, bad[i].words))
			fail_msg("%s, not %s", err.text, bad[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greedy_is_what_the_formulas_say),
		cmocka_unit_test(test_draws_are_what_the_formulas_say),
		cmocka_unit_test(
			test_a_list_gives_what_all_with_no_others_allowed_give),
		cmocka_unit_test(test_ties_go_to_the_lowest_id),
		cmocka_unit_test(test_top_k_keeps_those_equal_to_the_last),
		cmocka_unit_test(test_top_p_keeps_the_fewest_that_reach_it),
		cmocka_unit_test(test_min_p_is_relative_to_the_best),
		cmocka_unit_test(test_typical_may_leave_out_the_most_probable),
		cmocka_unit_test(test_frequencies_are_the_probabilities),
		cmocka_unit_test(test_chances_are_the_same_everywhere),
		cmocka_unit_test(test_no_bigram_comes_twice),
		cmocka_unit_test(
			test_a_penalty_on_logits_of_distilgpt2_is_a_ban),
		cmocka_unit_test(
			test_a_bad_word_of_two_tokens_bans_the_second_after_the_first),
		cmocka_unit_test(test_what_is_no_number_is_never_chosen),
		cmocka_unit_test(test_infinity_is_the_highest_number),
		cmocka_unit_test(test_nothing_possible_is_no_token),
		cmocka_unit_test(test_any_bits_are_survived),
		cmocka_unit_test(test_settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, setup_small, teardown_small);
}
