/* Any thread: nothing is kept. */
#include <math.h>

#include "faq/index.h"

/* The weights of a logistic model of the first candidate's numbers, as
 * `tests/bench/calibrate.py --fit` prints them; what they were fitted to, and
 * how good they are, stands in doc/HACKING.md. */
#define BIAS (-1.972)
#define BY_CLOSENESS 1.005
#define BY_SUPPORT 2.170
#define BY_MARGIN 2.503
#define BY_CLOSENESS_AND_MARGIN 2.189
/* By the logarithm of what was matched at all: a common word or two say
 * nothing, however well they match. */
#define BY_MATCHED 2.055
#define MATCHED_MIN 0.05
/* Not fitted, as the sets have few slips: the least that keeps "speed limit on
 * motorways" from being certain of what is said of a "spend limit". */
#define BY_GUESSED 2.5

/* The very words of an entry leave no doubt; those of two entries do not tell
 * which is meant. */
#define EXACT 0.99
#define AMBIGUOUS 0.5
/* A word says what a question is about, if its stem does not stand for another
 * word ("continue", "continuous"), and not what is asked. */
#define LONE 0.5

double
candidates_confidence(const struct candidate *list, size_t n)
{
	if (n == 0)
		return 0;
	if (list[0].is_exact)
		return n > 1 && list[1].is_exact ? AMBIGUOUS : EXACT;
	double closeness = (double)list[0].closeness;
	double margin = (double)list[0].margin;
	double matched = (double)list[0].match * (double)list[0].weight;
	double x = BIAS + BY_CLOSENESS * closeness +
		   BY_SUPPORT * (double)list[0].support + BY_MARGIN * margin +
		   BY_CLOSENESS_AND_MARGIN * closeness * margin +
		   BY_MATCHED * log(fmax(matched, MATCHED_MIN));
	/* The more certain, the more a doubtful reading matters. */
	double doubt = BY_GUESSED * (double)list[0].guessed / (1 + exp(-x));
	double confidence = 1 / (1 + exp(doubt - x));
	return list[0].is_lone ? fmin(confidence, LONE) : confidence;
}
