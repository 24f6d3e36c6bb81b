/* Kernels that work on one row of numbers, for whatever a strip is: the file
 * that includes this has included a strip_*.h before. */
#include "model/strip_softmax.h"

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
