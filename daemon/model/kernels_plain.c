/* The kernels in plain C: what the others are held to, and what runs where
 * there are no others.  Any thread: nothing is kept. */
#include <math.h>
#include <string.h>

#include "model/half.h"
#include "model/kernels.h"

static bool
is_supported(void)
{
	return true;
}

/* The sums of one block of the depth go to those before it. */
static void
add_sums(float *out, const float *sums, int lanes, bool is_first)
{
	for (int lane = 0; lane < lanes; lane++)
		out[lane] = is_first ? sums[lane] : out[lane] + sums[lane];
}

/* One block of the depth: x (depth), weights (depth, PANEL_ROWS). */
static void
sum_f32(float *sums, const float *x, const float *weights, int depth, int lanes)
{
	for (int k = 0; k < depth; k++)
		for (int lane = 0; lane < lanes; lane++)
			sums[lane] += x[k] * weights[k * PANEL_ROWS + lane];
}

/* The same with weights (depth / 2, PANEL_ROWS, 2). */
static void
sum_bf16(float *sums, const float *x, const uint16_t *weights, int depth,
	 int lanes)
{
	for (int k = 0; k < depth; k += 2) {
		const uint16_t *pairs = weights + k * PANEL_ROWS;
		for (int lane = 0; lane < lanes; lane++) {
			sums[lane] += x[k] * bfloat_to_float(pairs[2 * lane]);
			sums[lane] +=
				x[k + 1] * bfloat_to_float(pairs[2 * lane + 1]);
		}
	}
}

static void
matmul_f32(float *out, const void *panel, int first_strip, int n_strips,
	   const struct activations *x, int first, int n)
{
	const float *weights = (const float *)panel + first_strip * STRIP_ROWS;
	const float *row = x->values + (size_t)first * x->depth;
	int lanes = n_strips * STRIP_ROWS;

	out += first_strip * STRIP_ROWS;
	for (int i = 0; i < n; i++, out += PANEL_ROWS, row += x->depth)
		for (int k = 0; k < x->depth; k += SUM_BLOCK) {
			float sums[PANEL_ROWS] = {0};
			int left = x->depth - k;
			sum_f32(sums, row + k, weights + k * PANEL_ROWS,
				left < SUM_BLOCK ? left : SUM_BLOCK, lanes);
			add_sums(out, sums, lanes, k == 0);
		}
}

static void
matmul_bf16(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	const uint16_t *weights =
		(const uint16_t *)panel + 2 * first_strip * STRIP_ROWS;
	const float *row = x->values + (size_t)first * x->depth;
	int lanes = n_strips * STRIP_ROWS;

	out += first_strip * STRIP_ROWS;
	for (int i = 0; i < n; i++, out += PANEL_ROWS, row += x->depth)
		for (int k = 0; k < x->depth; k += SUM_BLOCK) {
			float sums[PANEL_ROWS] = {0};
			int left = x->depth - k;
			sum_bf16(sums, row + k, weights + k * PANEL_ROWS,
				 left < SUM_BLOCK ? left : SUM_BLOCK, lanes);
			add_sums(out, sums, lanes, k == 0);
		}
}

/* The number of one lane and one place of a block of int8 or int4. */
static int
weight_int8(const uint8_t *block, int lane, int k)
{
	return block[k / 4 * 4 * PANEL_ROWS + 4 * lane + k % 4];
}

static int
weight_int4(const uint8_t *block, int lane, int k)
{
	int byte = block[k / 8 * 4 * PANEL_ROWS + 4 * lane + k % 4];

	return k % 8 < 4 ? byte & 15 : byte >> 4;
}

/* One lane of one block: behind the scales (PANEL_ROWS) are the numbers. */
static float
block_product(const uint8_t *block, int lane, const int8_t *x,
	      const struct quant_block *scaled,
	      int (*weight)(const uint8_t *, int, int))
{
	uint16_t scale;
	int32_t sum = scaled->offset;

	memcpy(&scale, block + 2 * lane, sizeof scale);
	for (int k = 0; k < QUANT_BLOCK; k++)
		sum += weight(block + 2 * PANEL_ROWS, lane, k) * x[k];
	return (float)sum * bfloat_to_float(scale) * scaled->scale;
}

static void
matmul_blocks(float *out, const uint8_t *panel, size_t block_bytes,
	      int (*weight)(const uint8_t *, int, int), int first_strip,
	      int n_strips, const struct activations *x, int first, int n)
{
	int n_blocks = x->depth / QUANT_BLOCK;

	for (int i = 0; i < n; i++) {
		const int8_t *row = x->quants + (size_t)(first + i) * x->depth;
		const struct quant_block *blocks =
			x->blocks + (size_t)(first + i) * n_blocks;
		for (int lane = first_strip * STRIP_ROWS;
		     lane < (first_strip + n_strips) * STRIP_ROWS; lane++) {
			float sum = 0;
			for (int b = 0; b < n_blocks; b++)
				sum += block_product(panel + b * block_bytes,
						     lane,
						     row + b * QUANT_BLOCK,
						     blocks + b, weight);
			out[i * PANEL_ROWS + lane] = sum;
		}
	}
}

static void
matmul_int8(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	matmul_blocks(out, panel, INT8_BLOCK_BYTES, weight_int8, first_strip,
		      n_strips, x, first, n);
}

static void
matmul_int4(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	matmul_blocks(out, panel, INT4_BLOCK_BYTES, weight_int4, first_strip,
		      n_strips, x, first, n);
}

static void
finish_plain(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i++)
		out[i] = sums[i] + bias[i];
}

static void
finish_add(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i++)
		out[i] += sums[i] + bias[i];
}

/* gelu_new of GPT-2: the form with tanh, not the one with erf. */
static void
finish_gelu(float *out, const float *sums, const float *bias, int n)
{
	for (int i = 0; i < n; i++) {
		float x = sums[i] + bias[i];
		float inner = 0.7978845608F * (x + 0.044715F * x * x * x);
		out[i] = 0.5F * x * (1 + tanhf(inner));
	}
}

static void
layernorm(float *out, const float *in, const float *weight, const float *bias,
	  float eps, int width)
{
	float sum = 0, squares = 0;

	for (int i = 0; i < width; i++)
		sum += in[i];
	float mean = sum / (float)width;
	for (int i = 0; i < width; i++)
		squares += (in[i] - mean) * (in[i] - mean);
	float scale = 1 / sqrtf(squares / (float)width + eps);
	for (int i = 0; i < width; i++)
		out[i] = (in[i] - mean) * scale * weight[i] + bias[i];
}

static void
quantize(int8_t *quants, struct quant_block *blocks, const float *in, int depth,
	 int zero_point)
{
	for (int b = 0; b < depth / QUANT_BLOCK; b++) {
		const float *x = in + b * QUANT_BLOCK;
		float max = 0;
		for (int k = 0; k < QUANT_BLOCK; k++)
			max = fmaxf(max, fabsf(x[k]));
		/* Below, its inverse would be infinite. */
		float inverse = max > 1e-30F ? 127 / max : 0;
		int sum = 0;
		for (int k = 0; k < QUANT_BLOCK; k++) {
			int quant = (int)nearbyintf(x[k] * inverse);
			quants[b * QUANT_BLOCK + k] = (int8_t)quant;
			sum += quant;
		}
		blocks[b].scale = max / 127;
		blocks[b].offset = -zero_point * sum;
	}
}

static void
softmax(float *x, int n)
{
	float max = x[0], sum = 0;

	for (int i = 1; i < n; i++)
		max = fmaxf(max, x[i]);
	for (int i = 0; i < n; i++)
		sum += x[i] = expf(x[i] - max);
	for (int i = 0; i < n; i++)
		x[i] /= sum;
	for (int i = n; i < round_up(n, STRIP_ROWS); i++)
		x[i] = 0;
}

static float
kv_f32(const void *numbers, size_t i)
{
	return ((const float *)numbers)[i];
}

static float
kv_f16(const void *numbers, size_t i)
{
	return half_to_float(((const uint16_t *)numbers)[i]);
}

typedef float kv_fn(const void *numbers, size_t i);

static void
attend_row(const struct attention *a, int row, kv_fn *number)
{
	const float *query = a->queries + row * a->query_stride;
	float *out = a->out + row * a->out_stride;
	int n = a->position + row + 1;
	size_t padded = (size_t)round_up(a->width, STRIP_ROWS);

	for (int t = 0; t < n; t++) {
		const void *keys = a->keys[t / KV_BLOCK];
		float score = 0;
		for (int d = 0; d < a->width; d++)
			score += query[d] * number(keys, (size_t)d * KV_BLOCK +
								 t % KV_BLOCK);
		a->scores[t] = score / sqrtf((float)a->width);
	}
	softmax(a->scores, n);
	for (int d = 0; d < a->width; d++) {
		float sum = 0;
		for (int t = 0; t < n; t++)
			sum += a->scores[t] *
			       number(a->values[t / KV_BLOCK],
				      t % KV_BLOCK * padded + (size_t)d);
		out[d] = sum;
	}
}

static void
attend_f32(const struct attention *attention)
{
	for (int row = 0; row < attention->n; row++)
		attend_row(attention, row, kv_f32);
}

static void
attend_f16(const struct attention *attention)
{
	for (int row = 0; row < attention->n; row++)
		attend_row(attention, row, kv_f16);
}

static void
keep_f16(void *keys, void *values, const float *key, const float *value,
	 int width, int position)
{
	size_t place = (size_t)position % KV_BLOCK;
	uint16_t *row = (uint16_t *)values +
			place * (size_t)round_up(width, STRIP_ROWS);

	for (int d = 0; d < width; d++) {
		((uint16_t *)keys)[(size_t)d * KV_BLOCK + place] =
			half_of_float(key[d]);
		row[d] = half_of_float(value[d]);
	}
}

const struct kernels kernels_plain = {
	.name = "plain",
	.is_supported = is_supported,
	.matmul = {matmul_f32, matmul_bf16, matmul_int8, matmul_int4},
	.finish = {finish_plain, finish_add, finish_gelu},
	.layernorm = layernorm,
	.quantize = quantize,
	.softmax = softmax,
	.attend = {attend_f32, attend_f16},
	.keep = {kv_keep_f32, keep_f16},
};
