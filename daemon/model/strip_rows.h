/* Kernels that work on one row of numbers, for whatever a strip is: the file
 * that includes this has included a strip_*.h before. */
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

/* x / 2 * (1 + tanh(u)) is x / (1 + e^-2u). */
static inline strip
strip_gelu(strip x)
{
	strip cubic = strip_mul(strip_mul(x, x), strip_set(0.044715F));
	strip inner = strip_mul(strip_fma(cubic, x, x),
				strip_set(-2 * 0.7978845608F));

	return strip_div(x, strip_add(strip_set(1), strip_exp(inner)));
}

static void
finish_plain(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i += STRIP_ROWS) {
		strip sum =
			strip_add(strip_load(sums + i), strip_load(bias + i));
		store_first(out + i, sum, n - i);
	}
}

static void
finish_add(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i += STRIP_ROWS) {
		strip sum =
			strip_add(strip_load(sums + i), strip_load(bias + i));
		sum = strip_add(load_first(out + i, n - i), sum);
		store_first(out + i, sum, n - i);
	}
}

static void
finish_gelu(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i += STRIP_ROWS) {
		strip sum =
			strip_add(strip_load(sums + i), strip_load(bias + i));
		store_first(out + i, strip_gelu(sum), n - i);
	}
}

static void
layernorm(float *out, const float *in, const float *weight, const float *bias,
	  float eps, int width)
{
	strip sum = strip_set(0), squares = strip_set(0);

	for (int i = 0; i < width; i += STRIP_ROWS)
		sum = strip_add(sum, load_first(in + i, width - i));
	strip mean = strip_set(strip_sum(sum) / (float)width);
	for (int i = 0; i < width; i += STRIP_ROWS) {
		strip x = strip_sub(load_first(in + i, width - i), mean);
		x = strip_first(x, strip_set(0), width - i);
		squares = strip_fma(x, x, squares);
	}
	float variance = strip_sum(squares) / (float)width;
	strip scale = strip_set(1 / sqrtf(variance + eps));
	for (int i = 0; i < width; i += STRIP_ROWS) {
		strip x = strip_sub(load_first(in + i, width - i), mean);
		x = strip_fma(strip_mul(x, scale),
			      load_first(weight + i, width - i),
			      load_first(bias + i, width - i));
		store_first(out + i, x, width - i);
	}
}

static void
quantize(int8_t *quants, struct quant_block *blocks, const float *in, int depth,
	 int zero_point)
{
	for (int b = 0; b < depth / QUANT_BLOCK; b++) {
		strip x = strip_load(in + b * QUANT_BLOCK);
		strip y = strip_load(in + b * QUANT_BLOCK + STRIP_ROWS);
		float max =
			strip_largest(strip_max(strip_abs(x), strip_abs(y)));
		/* Below, its inverse would be infinite. */
		strip inverse = strip_set(max > 1e-30F ? 127 / max : 0);
		x = strip_round(strip_mul(x, inverse));
		y = strip_round(strip_mul(y, inverse));
		strip_store_int8(quants + b * QUANT_BLOCK, x);
		strip_store_int8(quants + b * QUANT_BLOCK + STRIP_ROWS, y);
		/* Sums of small whole numbers are exact. */
		int sum = (int)strip_sum(strip_add(x, y));
		blocks[b].scale = max / 127;
		blocks[b].offset = -zero_point * sum;
	}
}

static void
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
