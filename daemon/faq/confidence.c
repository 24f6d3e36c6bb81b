#include <math.h>

#include "faq/index.h"

/* The logistic model's weights. */
#define BIAS (-4.0)
#define BY_CLOSENESS 4.5
#define BY_COVERAGE 3.5
#define BY_MARGIN 1.5

double
candidates_confidence(const struct candidate *list, size_t n)
{
	if (!n)
		return 0;
	if (list[0].is_exact)
		return 0.99;
	double first = (double)list[0].score;
	double next = n > 1 ? (double)list[1].score : 0;
	double margin = first > 0 ? (first - next) / first : 0;
	double x = BIAS + BY_CLOSENESS * (double)list[0].closeness +
		   BY_COVERAGE * (double)list[0].coverage + BY_MARGIN * margin;
	return 1 / (1 + exp(-x));
}
