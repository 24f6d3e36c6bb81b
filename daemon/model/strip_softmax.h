/* Softmax, and what attention over each type of keys and values needs, for
 * whatever a strip is: the file that includes this has included a strip_*.h
 * before. */
#ifndef MODEL_STRIP_SOFTMAX_H
#define MODEL_STRIP_SOFTMAX_H

#include <math.h>
#include <string.h>

/* The first n of x, at most a strip, and zeros behind them. */
static inline strip
load_first(const float *x, int n)
{
	float lanes[STRIP_ROWS] = {0};

	if (n >= STRIP_ROWS)
		return strip_load(x);
	memcpy(lanes, x, (size_t)n * sizeof *x);
	return strip_load(lanes);
}

static inline void
store_first(float *x, strip a, int n)
{
	float lanes[STRIP_ROWS];

	if (n >= STRIP_ROWS) {
		strip_store(x, a);
		return;
	}
	strip_store(lanes, a);
	memcpy(x, lanes, (size_t)n * sizeof *x);
}

/* e^x: 2^n * e^r with n whole and |r| <= ln 2 / 2, where the Taylor series up
 * to r^7 / 7! is off by less than 6e-9.  With the roundings the relative error
 * is below 2e-7 for x of -87 ... 88; below -87 it is zero, and what is above
 * 88 is taken for 88. */
static inline strip
strip_exp(strip x)
{
	strip y = strip_min(strip_max(x, strip_set(-87)), strip_set(88));
	strip n = strip_round(strip_mul(y, strip_set(1.44269504F)));
	/* ln 2 in two parts, of which the first times n is exact */
	strip r = strip_fma(n, strip_set(-0.693359375F), y);
	r = strip_fma(n, strip_set(2.12194440e-4F), r);
	strip sum = strip_set(1 / 5040.0F);
	static const float terms[] = {
		1 / 720.0F, 1 / 120.0F, 1 / 24.0F, 1 / 6.0F, 0.5F, 1, 1};
	for (int i = 0; i < 7; i++)
		sum = strip_fma(sum, r, strip_set(terms[i]));
	return strip_where_above(strip_scale(sum, n), x, -87);
}

static inline void
softmax(float *x, int n)
{
	strip lowest = strip_set(-INFINITY), max = lowest;
	strip sum = strip_set(0);

	for (int i = 0; i < n; i += STRIP_ROWS)
		max = strip_max(max,
				strip_first(strip_load(x + i), lowest, n - i));
	max = strip_set(strip_largest(max));
	for (int i = 0; i < n; i += STRIP_ROWS) {
		strip y = strip_exp(strip_sub(strip_load(x + i), max));
		y = strip_first(y, strip_set(0), n - i);
		sum = strip_add(sum, y);
		strip_store(x + i, y);
	}
	strip scale = strip_set(1 / strip_sum(sum));
	for (int i = 0; i < n; i += STRIP_ROWS)
		strip_store(x + i, strip_mul(strip_load(x + i), scale));
}

/* The weights of n positions of their scores (n_scores), of which there are
 * whole blocks; what fills up becomes zero. */
static inline void
weigh_positions(float *scores, int n, size_t n_scores)
{
	size_t end = (size_t)round_up(n, STRIP_ROWS);

	softmax(scores, n); /* which sees to the last block */
	memset(scores + end, 0, (n_scores - end) * sizeof *scores);
}

/* Blocks that keys and values are asked for ahead of their use: those of one
 * head lie far apart, and no processor guesses where the next one is. */
#define BLOCKS_AHEAD 2

/* What is read BLOCKS_AHEAD blocks after block b of the keys, of n: the first
 * values come after the last keys. */
static inline const char *
after_keys(const struct attention *a, int b, int n)
{
	int next = b + BLOCKS_AHEAD;

	if (next < n)
		return a->keys[next];
	return a->values[next - n < n ? next - n : 0];
}

static inline const char *
after_values(const struct attention *a, int b, int n)
{
	return a->values[b + BLOCKS_AHEAD < n ? b + BLOCKS_AHEAD : n - 1];
}

#endif
