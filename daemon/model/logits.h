/* Logits of the next token: of all tokens, or of those on a list. */
#ifndef MODEL_LOGITS_H
#define MODEL_LOGITS_H

#include <float.h>
#include <math.h>

/* Borrowed. */
struct logits {
	const float *values; /* (n) */
	const int *ids;	     /* (n), ascending; NULL: 0 ... n - 1 */
	int n;
};

struct token_score {
	int id;
	float score;
};

/* The token that stands at a place. */
static inline int
logits_id(const struct logits *logits, int place)
{
	return logits->ids ? logits->ids[place] : place;
}

/* A logit that one can calculate with, for whatever a model yields: NaN is
 * -INFINITY, INFINITY the highest number. */
static inline float
logits_mend(float logit)
{
	float mended = logit == logit ? logit : -INFINITY;

	return mended > FLT_MAX ? FLT_MAX : mended;
}

/* Where a token stands in values; -1: it is not on the list. */
int logits_find(const struct logits *, int id);
/* The k highest, or fewer if there are no more: descending, of equal ones the
 * lowest id first.  What is no number is left out.  The number of them. */
int logits_top(const struct logits *, int k, struct token_score *out);
/* log of the sum of e^values: what is to be taken off a logit for the natural
 * logarithm of its token's probability.  What is no number counts as
 * impossible, infinity as the highest number; -INFINITY: all are impossible. */
double logits_log_sum(const struct logits *);

#endif
