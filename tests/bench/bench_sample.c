/* What a choice among as many tokens as GPT-2 has takes, in microseconds:
 * processor time of the best of many rows, for logits spread as those of a
 * trained model (a few that may come, and a long tail), and for flat ones. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "model/kernels.h"
#include "model/logits.h"
#include "model/sample.h"

#define VOCAB 50257
#define ROWS 200

static unsigned state = 1;

static double
chance(void)
{
	state = state * 1664525 + 1013904223;
	return (double)(state >> 8) * 0x1p-24;
}

static double
normal(void)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += chance();
	return sum - 6;
}

/* Peaked: probabilities fall with a power of 1.5 of the rank, and their entropy
 * is about 3 nats, as that of distilgpt2 on ordinary text. */
static void
fill(float *logits, bool is_peaked)
{
	for (int i = 0; i < VOCAB; i++)
		logits[i] = (float)(is_peaked ? -60 - 1.5 * log(1 + i)
					      : -70 + 0.5 * normal());
	for (int i = 0; i < VOCAB; i++) {
		int other = i + (int)(chance() * (VOCAB - i));
		float logit = logits[i];
		logits[i] = logits[other];
		logits[other] = logit;
	}
}

static double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static const struct {
	const char *name;
	struct sampling sampling;
} cases[] = {
	{"greedy", {.temperature = 0}},
	{"temperature", {.temperature = 1}},
	{"temperature, top-k 50", {.temperature = 1, .top_k = 50}},
	{"temperature, top-k 50, top-p 0.9",
	 {.temperature = 0.8F, .top_k = 50, .top_p = 0.9F}},
	{"temperature, top-p 0.9", {.temperature = 1, .top_p = 0.9F}},
	{"temperature, min-p 0.05", {.temperature = 1, .min_p = 0.05F}},
	{"temperature, typical-p 0.9", {.temperature = 1, .typical_p = 0.9F}},
	{"repetition penalty, n-grams, all of these",
	 {.temperature = 0.8F,
	  .top_k = 50,
	  .top_p = 0.9F,
	  .min_p = 0.05F,
	  .typical_p = 0.95F,
	  .repetition_penalty = 1.1F,
	  .no_repeat_ngram = 3}},
};

static void
measure(struct sampler *sampler, const struct logits *logits, int which)
{
	struct sampling sampling = cases[which].sampling;
	int tokens[512], n = sizeof tokens / sizeof *tokens, sum = 0;
	double best = INFINITY;

	if (sampling.repetition_penalty == 0)
		sampling.repetition_penalty = 1;
	if (sampling.top_p == 0)
		sampling.top_p = 1;
	if (sampling.typical_p == 0)
		sampling.typical_p = 1;
	for (int i = 0; i < n; i++)
		tokens[i] = (int)(chance() * VOCAB);
	for (sampling.seed = 0; sampling.seed < ROWS; sampling.seed++) {
		double start = microseconds();
		sum += sample_token(sampler, &sampling, logits, tokens, n, n);
		best = fmin(best, microseconds() - start);
	}
	printf("  %-44s %8.1f us (%d)\n", cases[which].name, best, sum % 10);
}

static void
measure_log_sum(const struct logits *logits)
{
	double best = INFINITY, sum = 0;

	for (int i = 0; i < ROWS; i++) {
		double start = microseconds();
		sum += logits_log_sum(logits);
		best = fmin(best, microseconds() - start);
	}
	printf("  %-44s %8.1f us (%.3f)\n", "sum for a log-probability", best,
	       sum / ROWS);
}

int
main(void)
{
	static float values[VOCAB];
	const struct logits logits = {values, NULL, VOCAB};
	struct sampler sampler;
	struct err err = {0};

	if (sampler_init(&sampler, VOCAB, &err)) {
		fprintf(stderr, "bench_sample: %s\n", err.text);
		return 1;
	}
	for (const struct kernels *const *set = kernels_all; *set; set++) {
		if (!(*set)->is_supported())
			continue;
		sampler.kernels = *set;
		for (int flat = 0; flat < 2; flat++) {
			fill(values, !flat);
			printf("%s, %s logits\n", (*set)->name,
			       flat ? "flat" : "peaked");
			for (int i = 0; i < (int)(sizeof cases / sizeof *cases);
			     i++)
				measure(&sampler, &logits, i);
			measure_log_sum(&logits);
		}
	}
	sampler_release(&sampler);
	return 0;
}
