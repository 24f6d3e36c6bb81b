/* The kernels in plain C: what the others are held to, and what runs where
 * there are no others.  Any thread: nothing is kept. */
#include <math.h>
#include <string.h>

#include "model/half.h"
#include "model/kernels.h"

#define VECTOR_BYTES 16
#include "model/weigh.h"

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

/* One block of the depth: x (QUANT_BLOCK), weights (QUANT_BLOCK / 4,
 * PANEL_ROWS, 4). */
static void
sum_int8(int32_t *sums, const int8_t *x, const uint8_t *weights, int lanes)
{
	for (int k = 0; k < QUANT_BLOCK; k += 4) {
		const uint8_t *quads = weights + k * PANEL_ROWS;
		for (int i = 0; i < 4 * lanes; i += 4)
			sums[i / 4] += quads[i] * x[k] +
				       quads[i + 1] * x[k + 1] +
				       quads[i + 2] * x[k + 2] +
				       quads[i + 3] * x[k + 3];
	}
}

/* The same with weights (QUANT_BLOCK / 8, PANEL_ROWS, 4): the low halves, and
 * the high halves, are four along the depth. */
static void
sum_int4(int32_t *sums, const int8_t *x, const uint8_t *weights, int lanes)
{
	for (int k = 0; k < QUANT_BLOCK; k += 8) {
		const uint8_t *quads = weights + k / 2 * PANEL_ROWS;
		for (int i = 0; i < 4 * lanes; i++)
			sums[i / 4] += (quads[i] & 15) * x[k + i % 4] +
				       (quads[i] >> 4) * x[k + 4 + i % 4];
	}
}

typedef void sum_block_fn(int32_t *sums, const int8_t *x,
			  const uint8_t *weights, int lanes);

/* out (lanes) += one block, from its scales (PANEL_ROWS) on */
static void
add_block(float *out, const uint8_t *block, int first_strip, int lanes,
	  const int8_t *x, const struct quant_block *scaled, sum_block_fn *sum)
{
	int32_t sums[PANEL_ROWS];
	int first = first_strip * STRIP_ROWS;

	for (int lane = 0; lane < lanes; lane++)
		sums[lane] = scaled->offset;
	sum(sums, x, block + 2 * PANEL_ROWS + 4 * first, lanes);
	for (int lane = 0; lane < lanes; lane++) {
		uint16_t scale;
		memcpy(&scale, block + 2 * (first + lane), sizeof scale);
		out[lane] += (float)sums[lane] *
			     (bfloat_to_float(scale) * scaled->scale);
	}
}

static void
matmul_blocks(float *out, const uint8_t *panel, size_t block_bytes,
	      sum_block_fn *sum, int first_strip, int n_strips,
	      const struct activations *x, int first, int n)
{
	int n_blocks = x->depth / QUANT_BLOCK, lanes = n_strips * STRIP_ROWS;

	out += first_strip * STRIP_ROWS;
	for (int i = 0; i < n; i++, out += PANEL_ROWS) {
		size_t row = (size_t)(first + i) * (size_t)n_blocks;
		memset(out, 0, (size_t)lanes * sizeof *out);
		for (int b = 0; b < n_blocks; b++)
			add_block(out, panel + b * block_bytes, first_strip,
				  lanes,
				  x->quants + (row + (size_t)b) * QUANT_BLOCK,
				  x->blocks + row + b, sum);
	}
}

static void
matmul_int8(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	matmul_blocks(out, panel, INT8_BLOCK_BYTES, sum_int8, first_strip,
		      n_strips, x, first, n);
}

static void
matmul_int4(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	matmul_blocks(out, panel, INT4_BLOCK_BYTES, sum_int4, first_strip,
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

/* out (n) = numbers i ... i + n - 1 */
typedef void widen_fn(float *out, const void *numbers, size_t i, int n);

static void
widen_f32(float *out, const void *numbers, size_t i, int n)
{
	memcpy(out, (const float *)numbers + i, (size_t)n * sizeof *out);
}

static void
widen_f16(float *out, const void *numbers, size_t i, int n)
{
	for (int j = 0; j < n; j++)
		out[j] = half_to_float(
			((const uint16_t *)numbers)[i + (size_t)j]);
}

/* scores (KV_BLOCK) of the positions of one block */
static void
score_block(float *scores, const float *query, const void *keys, int width,
	    widen_fn *widen)
{
	memset(scores, 0, KV_BLOCK * sizeof *scores);
	for (int d = 0; d < width; d++) {
		float key[KV_BLOCK];
		widen(key, keys, (size_t)d * KV_BLOCK, KV_BLOCK);
		for (int t = 0; t < KV_BLOCK; t++)
			scores[t] += query[d] * key[t];
	}
	for (int t = 0; t < KV_BLOCK; t++)
		scores[t] /= sqrtf((float)width);
}

static void
attend_row(const struct attention *a, int row, widen_fn *widen)
{
	int n = a->position + row + 1;
	size_t padded = (size_t)round_up(a->width, STRIP_ROWS);
	size_t bytes = (size_t)a->width * sizeof(float);
	float *value = a->sums, *sum = a->sums + padded;

	for (int t = 0; t < n; t += KV_BLOCK)
		score_block(a->scores + t, a->queries + row * a->query_stride,
			    a->keys[t / KV_BLOCK], a->width, widen);
	softmax(a->scores, n);
	memset(sum, 0, bytes);
	for (int t = 0; t < n; t++) {
		widen(value, a->values[t / KV_BLOCK], t % KV_BLOCK * padded,
		      a->width);
		for (int d = 0; d < a->width; d++)
			sum[d] += a->scores[t] * value[d];
	}
	memcpy(a->out + row * a->out_stride, sum, bytes);
}

static void
attend_f32(const struct attention *attention)
{
	for (int row = 0; row < attention->n; row++)
		attend_row(attention, row, widen_f32);
}

static void
attend_f16(const struct attention *attention)
{
	for (int row = 0; row < attention->n; row++)
		attend_row(attention, row, widen_f16);
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
	.attend = {attend_f32, attend_f16, attend_int8_plain},
	.keep = {kv_keep_f32, keep_f16, keep_int8_plain},
	.weigh = weigh,
	.mend = mend,
};
