#include "model/logits.h"

#include "model/kernels.h"

int
logits_find(const struct logits *logits, int id)
{
	int first = 0, end = logits->n;

	if (!logits->ids)
		return id >= 0 && id < logits->n ? id : -1;
	while (first < end) {
		int middle = first + (end - first) / 2;
		if (logits->ids[middle] < id)
			first = middle + 1;
		else
			end = middle;
	}
	return first < logits->n && logits->ids[first] == id ? first : -1;
}

/* Places come in ascending order of ids, so that one that is no higher than
 * the lowest of k goes behind it.  The few that do not are put in order. */
int
logits_top(const struct logits *logits, int k, struct token_score *out)
{
	int n = 0;

	for (int i = 0; i < logits->n; i++) {
		float value = logits->values[i];
		if (isnan(value) || k <= 0 ||
		    (n == k && !(value > out[k - 1].score)))
			continue;
		int place = n < k ? n++ : k - 1;
		while (place > 0 && value > out[place - 1].score) {
			out[place] = out[place - 1];
			place--;
		}
		out[place] = (struct token_score){logits_id(logits, i), value};
	}
	return n;
}

/* Blocks that stay in the first cache. */
#define BLOCK (8 * SCORE_BLOCK)

static float
find_highest(const struct logits *logits, const struct kernels *kernels)
{
	float mended[BLOCK], maxima[BLOCK / SCORE_BLOCK];
	float highest = -INFINITY;

	for (int i = 0; i < logits->n; i += BLOCK) {
		int n = logits->n - i < BLOCK ? logits->n - i : BLOCK;
		kernels->mend(mended, logits->values + i, n, maxima);
		for (int b = 0; b * SCORE_BLOCK < n; b++)
			highest = fmaxf(highest, maxima[b]);
	}
	return highest;
}

double
logits_log_sum(const struct logits *logits)
{
	const struct kernels *kernels = kernels_best();
	float mended[BLOCK], maxima[BLOCK / SCORE_BLOCK];
	float highest = find_highest(logits, kernels);
	double weights[BLOCK], sum = 0;

	if (isinf(highest))
		return -INFINITY;
	for (int i = 0; i < logits->n; i += BLOCK) {
		int n = logits->n - i < BLOCK ? logits->n - i : BLOCK;
		kernels->mend(mended, logits->values + i, n, maxima);
		sum += kernels->weigh(weights, mended, n, highest, 1).sum;
	}
	return (double)highest + log(sum);
}
