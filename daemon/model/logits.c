#include "model/logits.h"

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

double
logits_log_sum(const struct logits *logits)
{
	float max = -INFINITY;
	double sum = 0;

	for (int i = 0; i < logits->n; i++)
		max = fmaxf(max, logits_mend(logits->values[i]));
	if (isinf(max))
		return -INFINITY;
	for (int i = 0; i < logits->n; i++)
		sum += exp((double)logits_mend(logits->values[i]) -
			   (double)max);
	return (double)max + log(sum);
}
