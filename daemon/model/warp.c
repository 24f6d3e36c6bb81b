/* Nothing is sorted: what a rule leaves out is all behind one border, which is
 * found as in quickselect, in a time that grows with their number alone.  And
 * few are looked at: of which tokens a rule can keep none, one sum over all
 * tells before. */
#include "model/warp.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/border.h"
#include "model/sample.h"

/* --- Borders */

static struct ranked
warp_border(const struct warp *warp, double limit)
{
	return border_find(warp->kept, warp->n, limit, warp->other);
}

/* Leave out what is behind the border; with its equals, or without. */
static void
keep_up_to(struct warp *warp, const struct ranked *border, bool has_equals)
{
	int n = 0;

	for (int i = 0; i < warp->n; i++) {
		const struct ranked *item = warp->kept + i;
		if (has_equals ? item->rank <= border->rank
			       : !ranked_is_before(border, item))
			warp->kept[n++] = *item;
	}
	warp->n = n;
}

/* --- What may come at all */

/* Those of a score that is possible, and as high. */
static void
gather(struct warp *warp, float least)
{
	const struct logits *scores = &warp->scores;

	warp->n = 0;
	least = fmaxf(least, -FLT_MAX);
	for (int b = 0; b < scores->n; b += SCORE_BLOCK) {
		int end = b + SCORE_BLOCK < scores->n ? b + SCORE_BLOCK
						      : scores->n;
		if (!(warp->maxima[b / SCORE_BLOCK] >= least))
			continue;
		for (int i = b; i < end; i++) {
			float score = scores->values[i];
			warp->kept[warp->n] = (struct ranked){
				.score = score, .id = logits_id(scores, i)};
			warp->n += score >= least;
		}
	}
}

/* Each of k blocks has one that is as high as the k-th of the highest of all
 * blocks, so that the k-th of all is no lower. */
static float
least_of_top_k(struct warp *warp, int k)
{
	int n = (warp->scores.n + SCORE_BLOCK - 1) / SCORE_BLOCK;

	if (k > n)
		return -INFINITY;
	for (int i = 0; i < n; i++)
		warp->kept[i] = (struct ranked){-(double)warp->maxima[i], 1,
						warp->maxima[i], i};
	warp->n = n;
	return warp_border(warp, k).score;
}

static void
rank_by_score(struct warp *warp)
{
	for (int i = 0; i < warp->n; i++)
		warp->kept[i].rank = -(double)warp->kept[i].score;
}

static void
keep_top_k(struct warp *warp, int k)
{
	gather(warp, least_of_top_k(warp, k));
	if (k >= warp->n)
		return;
	rank_by_score(warp);
	for (int i = 0; i < warp->n; i++)
		warp->kept[i].weight = 1;
	struct ranked border = warp_border(warp, k);
	keep_up_to(warp, &border, true);
}

/* --- Weights */

/* What is kept has weights: so has all that may come. */
static void
weigh_kept(struct warp *warp)
{
	float scores[SCORE_BLOCK];
	double weights[SCORE_BLOCK];

	for (int first = 0; first < warp->n; first += SCORE_BLOCK) {
		struct ranked *items = warp->kept + first;
		int n = warp->n - first < SCORE_BLOCK ? warp->n - first
						      : SCORE_BLOCK;
		for (int i = 0; i < n; i++)
			scores[i] = items[i].score;
		warp->kernels->weigh(weights, scores, n, warp->highest,
				     warp->inverse);
		for (int i = 0; i < n; i++)
			items[i].weight = weights[i];
	}
}

/* The logarithm of a token's weight. */
static double
exponent_of(const struct warp *warp, const struct ranked *item)
{
	return ((double)item->score - (double)warp->highest) * warp->inverse;
}

/* After a rule: what is kept is all that may come. */
static void
sum_kept(struct warp *warp)
{
	struct mass mass = {0};

	for (int i = 0; i < warp->n; i++) {
		const struct ranked *item = warp->kept + i;
		mass.sum += item->weight;
		if (item->weight > 0)
			mass.moment += item->weight * exponent_of(warp, item);
	}
	warp->mass = mass;
}

/* Of all scores from one of the blocks on. */
static struct mass
weigh_block(const struct warp *warp, int first, double *weights)
{
	int left = warp->scores.n - first;

	return warp->kernels->weigh(weights, warp->scores.values + first,
				    left < MASS_BLOCK ? left : MASS_BLOCK,
				    warp->highest, warp->inverse);
}

static void
sum_all(struct warp *warp)
{
	double weights[MASS_BLOCK];

	warp->mass = (struct mass){0};
	for (int i = 0; i < warp->scores.n; i += MASS_BLOCK) {
		struct mass mass = weigh_block(warp, i, weights);
		warp->sums[i / MASS_BLOCK] = mass.sum;
		warp->mass.sum += mass.sum;
		warp->mass.moment += mass.moment;
	}
}

/* Of the probabilities of what may come, in nats: the mean of -log(w / sum). */
static double
entropy_of(const struct warp *warp)
{
	return log(warp->mass.sum) - warp->mass.moment / warp->mass.sum;
}

/* --- Rules */

/* The reference leaves out, from below, what adds up to 1 - p at most. */
static void
keep_top_p(struct warp *warp, double p)
{
	rank_by_score(warp);
	struct ranked border = warp_border(warp, p * warp->mass.sum);
	keep_up_to(warp, &border, false);
}

/* Those of so much weight, and the most probable. */
static void
keep_weight(struct warp *warp, double least)
{
	float highest = -INFINITY;
	int n = 0;

	for (int i = 0; i < warp->n; i++)
		highest = fmaxf(highest, warp->kept[i].score);
	for (int i = 0; i < warp->n; i++)
		if (warp->kept[i].weight >= least ||
		    warp->kept[i].score == highest)
			warp->kept[n++] = warp->kept[i];
	warp->n = n;
}

/* What is about as probable as one may expect: nearest to the entropy first
 * (Meister et al. 2022). */
static void
keep_typical(struct warp *warp, double p)
{
	/* -log(w / sum) - entropy, where log(sum) is in both */
	double mean = warp->mass.moment / warp->mass.sum;

	for (int i = 0; i < warp->n; i++)
		warp->kept[i].rank =
			fabs(mean - exponent_of(warp, warp->kept + i));
	struct ranked border = warp_border(warp, p * warp->mass.sum);
	keep_up_to(warp, &border, true);
}

/* Below an epsilon that falls where there is much to choose from (Hewitt et
 * al. 2022). */
static double
weight_of_eta(const struct warp *warp, double epsilon)
{
	double eta = fmin(epsilon, sqrt(epsilon) * exp(-entropy_of(warp)));

	return eta * warp->mass.sum;
}

static bool
has_rules(const struct sampling *sampling)
{
	return sampling->top_p < 1 || sampling->min_p > 0 ||
	       sampling->typical_p < 1 || sampling->epsilon_cutoff > 0 ||
	       sampling->eta_cutoff > 0;
}

/* A weight below which the first rule keeps nothing.  All tokens of less than
 * (1 - p) * sum / n have less than (1 - p) * sum together, and top-p leaves out
 * as much, from below.  So does typical, where those of less than sum * e^(-2
 * entropy) are farther from the entropy than any that is more probable. */
static double
least_weight(const struct warp *warp, const struct sampling *sampling)
{
	double sum = warp->mass.sum, n = warp->scores.n;

	if (sampling->top_p < 1)
		return (1 - (double)sampling->top_p) * sum / n;
	if (sampling->min_p > 0)
		return (double)sampling->min_p;
	if (sampling->typical_p < 1)
		return fmin((1 - (double)sampling->typical_p) * sum / n,
			    sum * exp(-2 * entropy_of(warp)));
	if (sampling->epsilon_cutoff > 0)
		return (double)sampling->epsilon_cutoff * sum;
	return weight_of_eta(warp, (double)sampling->eta_cutoff);
}

/* Those that the first rule may keep, and some more, as what is computed here
 * is rounded. */
static void
gather_for_rules(struct warp *warp, const struct sampling *sampling)
{
	double weight = 0.999 * fmin(1, least_weight(warp, sampling));
	double least = (double)warp->highest + log(weight) / warp->inverse;

	gather(warp, least > -FLT_MAX ? nextafterf((float)least, -INFINITY)
				      : -INFINITY);
	weigh_kept(warp);
}

static void
apply_rules(struct warp *warp, const struct sampling *sampling)
{
	if (sampling->top_p < 1) {
		keep_top_p(warp, (double)sampling->top_p);
		sum_kept(warp);
	}
	if (sampling->min_p > 0) {
		keep_weight(warp, (double)sampling->min_p);
		sum_kept(warp);
	}
	if (sampling->typical_p < 1) {
		keep_typical(warp, (double)sampling->typical_p);
		sum_kept(warp);
	}
	if (sampling->epsilon_cutoff > 0) {
		keep_weight(warp,
			    (double)sampling->epsilon_cutoff * warp->mass.sum);
		sum_kept(warp);
	}
	if (sampling->eta_cutoff > 0) {
		keep_weight(warp,
			    weight_of_eta(warp, (double)sampling->eta_cutoff));
		sum_kept(warp);
	}
}

/* --- The draw */

static int
draw_kept(const struct warp *warp, double chance)
{
	double left = chance * warp->mass.sum;
	int last = -1;

	for (int i = 0; i < warp->n; i++) {
		if (!(warp->kept[i].weight > 0))
			continue;
		last = warp->kept[i].id;
		left -= warp->kept[i].weight;
		if (left < 0)
			break;
	}
	return last;
}

/* The same where nothing is left out: first the block, then the token. */
static int
draw_any(const struct warp *warp, double chance)
{
	double weights[MASS_BLOCK], left = chance * warp->mass.sum;
	int n = warp->scores.n, block = 0, last = -1;

	for (int b = 0; b * MASS_BLOCK < n; b++) {
		if (!(warp->sums[b] > 0))
			continue;
		block = b;
		if (left < warp->sums[b])
			break;
		left -= warp->sums[b];
	}
	weigh_block(warp, block * MASS_BLOCK, weights);
	for (int i = 0; i < MASS_BLOCK && block * MASS_BLOCK + i < n; i++) {
		if (!(weights[i] > 0))
			continue;
		last = block * MASS_BLOCK + i;
		left -= weights[i];
		if (left < 0)
			break;
	}
	return logits_id(&warp->scores, last);
}

static float
highest_of(const struct warp *warp)
{
	float highest = -INFINITY;

	for (int i = 0; i < warp->scores.n; i += SCORE_BLOCK)
		highest = fmaxf(highest, warp->maxima[i / SCORE_BLOCK]);
	return highest;
}

int
warp_choose(struct warp *warp, const struct sampling *sampling, double chance)
{
	int k = sampling->top_k;

	warp->highest = highest_of(warp);
	warp->inverse = 1 / (double)sampling->temperature;
	if (warp->highest == -INFINITY)
		return -1;
	if (k > 0 && k < warp->scores.n) {
		keep_top_k(warp, k);
		weigh_kept(warp);
		sum_kept(warp);
	} else {
		sum_all(warp);
		if (!has_rules(sampling))
			return draw_any(warp, chance);
		gather_for_rules(warp, sampling);
	}
	apply_rules(warp, sampling);
	return draw_kept(warp, chance);
}
