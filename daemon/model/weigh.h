/* Kernels that a choice among scores needs.  They are written once, with
 * vectors of the compiler's, of which a processor has whole registers or
 * halves; each operation is rounded alone and sums are made in one order.  So
 * all sets of kernels give the same bits, plain C included: with the same
 * logits a seed draws the same token everywhere.  Any thread: nothing is kept.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/inline.h"

/* Who includes this says how many bytes a register has. */
#define LANES 8
#define WIDTH (VECTOR_BYTES / (int)sizeof(double))
#define N_VECTORS (LANES / WIDTH)
#define EACH_VECTOR EACH (int v = 0; v < N_VECTORS; v++)

typedef double vector __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t vector_bits __attribute__((vector_size(VECTOR_BYTES)));
typedef float half_vector __attribute__((vector_size(VECTOR_BYTES / 2)));

/* The numbers that are worked on together, whatever the registers are. */
struct lanes {
	vector part[N_VECTORS];
};

/* e^x for x <= 0: 2^n * e^r with n whole and |r| <= ln 2 / 2, where the Taylor
 * series up to r^12 / 12! is off by less than 2e-16.  With the roundings the
 * relative error is below 1e-15; below -708 it is zero. */
INLINE void
exp_lanes(struct lanes *x)
{
	static const double terms[] = {1 / 39916800.0,
				       1 / 3628800.0,
				       1 / 362880.0,
				       1 / 40320.0,
				       1 / 5040.0,
				       1 / 720.0,
				       1 / 120.0,
				       1 / 24.0,
				       1 / 6.0,
				       1 / 2.0,
				       1,
				       1};
	/* Added, it leaves n in the lowest bits. */
	const double whole = 0x1.8p52;
	struct lanes r, sum;
	vector_bits power[N_VECTORS], is_there[N_VECTORS];

	EACH_VECTOR
	{
		is_there[v] = x->part[v] >= -708.0;
		vector y = (vector)((vector_bits)x->part[v] & is_there[v]);
		vector n = y * 0x1.71547652b82fep+0 + whole;
		power[v] = (vector_bits)n << 52;
		n -= whole;
		/* ln 2 in two parts, of which the first times n is exact */
		r.part[v] = y - n * 0x1.62e42feep-1 - n * 0x1.a39ef35793c76p-33;
		sum.part[v] = r.part[v] * (1 / 479001600.0) + terms[0];
	}
	EACH (int i = 1; i < 12; i++)
		EACH_VECTOR
	sum.part[v] = sum.part[v] * r.part[v] + terms[i];
	EACH_VECTOR
	x->part[v] =
		(vector)(((vector_bits)sum.part[v] + power[v]) & is_there[v]);
}

/* The weights of LANES scores. */
INLINE void
weigh_lanes(double *weights, const float *scores, struct lanes *sum,
	    struct lanes *moment, double highest, double inverse)
{
	struct lanes x, weight;

	EACH_VECTOR
	{
		half_vector narrow;
		memcpy(&narrow, scores + v * WIDTH, sizeof narrow);
		x.part[v] =
			(__builtin_convertvector(narrow, vector) - highest) *
			inverse;
		weight.part[v] = x.part[v];
	}
	exp_lanes(&weight);
	EACH_VECTOR
	{
		memcpy(weights + v * WIDTH, weight.part + v, sizeof(vector));
		sum->part[v] += weight.part[v];
		/* Where a weight is zero x may be infinite. */
		vector_bits is_there = weight.part[v] > 0.0;
		moment->part[v] += weight.part[v] *
				   (vector)((vector_bits)x.part[v] & is_there);
	}
}

static double
add_up(const struct lanes *lanes)
{
	double x[LANES];

	memcpy(x, lanes->part, sizeof x);
	for (int n = LANES / 2; n > 0; n /= 2)
		for (int i = 0; i < n; i++)
			x[i] += x[i + n];
	return x[0];
}

static struct mass
weigh(double *weights, const float *scores, int n, float highest,
      double inverse)
{
	struct lanes sum = {0}, moment = {0};
	float rest[LANES];
	double rest_weights[LANES];
	int i;

	for (i = 0; i + LANES <= n; i += LANES)
		weigh_lanes(weights + i, scores + i, &sum, &moment,
			    (double)highest, inverse);
	if (i < n) {
		for (int lane = 0; lane < LANES; lane++)
			rest[lane] =
				lane < n - i ? scores[i + lane] : -INFINITY;
		weigh_lanes(rest_weights, rest, &sum, &moment, (double)highest,
			    inverse);
		memcpy(weights + i, rest_weights,
		       (size_t)(n - i) * sizeof *weights);
	}
	return (struct mass){add_up(&sum), add_up(&moment)};
}

#define SCORES (VECTOR_BYTES / (int)sizeof(float))

typedef float score_vector __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t score_bits __attribute__((vector_size(VECTOR_BYTES)));

/* a where the mask is, b elsewhere */
INLINE void
choose_scores(score_vector *out, const score_bits *mask, const score_vector *a,
	      const score_vector *b)
{
	*out = (score_vector)(((score_bits)*a & *mask) |
			      ((score_bits)*b & ~*mask));
}

INLINE void
mend_scores(float *out, const float *in, score_vector *highest)
{
	const score_vector zero = {0};
	const score_vector lowest = zero - INFINITY, limit = zero + FLT_MAX;
	score_vector x;

	memcpy(&x, in, sizeof x);
	score_bits is_number = x == x;
	choose_scores(&x, &is_number, &x, &lowest);
	score_bits is_over = x > limit;
	choose_scores(&x, &is_over, &limit, &x);
	memcpy(out, &x, sizeof x);
	score_bits is_higher = x > *highest;
	choose_scores(highest, &is_higher, &x, highest);
}

static float
highest_of(const float *scores, int n)
{
	float highest = -INFINITY;

	for (int i = 0; i < n; i++)
		highest = scores[i] > highest ? scores[i] : highest;
	return highest;
}

static void
mend(float *out, const float *in, int n, float *maxima)
{
	float scores[SCORE_BLOCK];
	int i;

	for (i = 0; i + SCORE_BLOCK <= n; i += SCORE_BLOCK) {
		score_vector highest = (score_vector){0} - INFINITY;
		EACH (int k = 0; k < SCORE_BLOCK; k += SCORES)
			mend_scores(out + i + k, in + i + k, &highest);
		memcpy(scores, &highest, sizeof highest);
		maxima[i / SCORE_BLOCK] = highest_of(scores, SCORES);
	}
	if (i == n)
		return;
	for (int k = 0; i + k < n; k++) {
		float x = in[i + k] == in[i + k] ? in[i + k] : -INFINITY;
		out[i + k] = x > FLT_MAX ? FLT_MAX : x;
	}
	maxima[i / SCORE_BLOCK] = highest_of(out + i, n - i);
}
