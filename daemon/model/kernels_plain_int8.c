/* Attention over keys and values in int8 in plain C.  Any thread: nothing is
 * kept. */
#include <math.h>
#include <string.h>

#include "model/kernels.h"

/* By which numbers (n) become whole ones up to steps, and back. */
struct steps {
	float inverse, scale;
};

static struct steps
find_steps(const float *in, int n, int steps)
{
	float max = 0;

	for (int i = 0; i < n; i++)
		max = fmaxf(max, fabsf(in[i]));
	/* Below, its inverse would be infinite. */
	return (struct steps){max > 1e-30F ? (float)steps / max : 0,
			      max / (float)steps};
}

static int
take_steps(float number, struct steps steps)
{
	return (int)nearbyintf(number * steps.inverse);
}

static const uint8_t *
bytes_of(const void *numbers)
{
	return (const uint8_t *)numbers + KV_SCALES_BYTES;
}

/* Of 16 bits rather than 8: what is left of a whole number, in parts of it. */
#define QUERY_PARTS 254

/* scores (KV_BLOCK) of the positions of one block */
static void
score_block(float *scores, const float *query, const void *keys, int width)
{
	struct steps steps = find_steps(query, width, 127);
	const float *scales = keys;

	for (int t = 0; t < KV_BLOCK; t++) {
		int sum = 0, fine = 0;
		for (int d = 0; d < width; d++) {
			int key = bytes_of(keys)[d / 4 * 4 * KV_BLOCK + 4 * t +
						 d % 4] -
				  ZERO_POINT_INT8;
			int whole = take_steps(query[d], steps);
			float rest = query[d] * steps.inverse - (float)whole;
			sum += key * whole;
			fine += key * (int)nearbyintf(rest * QUERY_PARTS);
		}
		scores[t] = ((float)sum + (float)fine / QUERY_PARTS) *
			    (scales[t] * (steps.scale / sqrtf((float)width)));
	}
}

/* sum (width) += values of one block * weights (KV_BLOCK) */
static void
add_block(float *sum, float *weights, const void *values, int width)
{
	int padded = round_up(width, STRIP_ROWS);

	for (int t = 0; t < KV_BLOCK; t++)
		weights[t] *= ((const float *)values)[t];
	struct steps steps = find_steps(weights, KV_BLOCK, 255);
	for (int d = 0; d < width; d++) {
		int whole = 0;
		for (int t = 0; t < KV_BLOCK; t++) {
			int value = (int8_t)bytes_of(
				values)[(t / 4 * padded + d) * 4 + t % 4];
			whole += value * take_steps(weights[t], steps);
		}
		sum[d] += (float)whole * steps.scale;
	}
}

static void
attend_row(const struct attention *a, int row)
{
	int n = a->position + row + 1;

	for (int t = 0; t < n; t += KV_BLOCK)
		score_block(a->scores + t, a->queries + row * a->query_stride,
			    a->keys[t / KV_BLOCK], a->width);
	kernels_plain.softmax(a->scores, n);
	memset(a->sums, 0, (size_t)a->width * sizeof *a->sums);
	for (int t = 0; t < n; t += KV_BLOCK)
		add_block(a->sums, a->scores + t, a->values[t / KV_BLOCK],
			  a->width);
	memcpy(a->out + row * a->out_stride, a->sums,
	       (size_t)a->width * sizeof *a->sums);
}

void
attend_int8_plain(const struct attention *attention)
{
	for (int row = 0; row < attention->n; row++)
		attend_row(attention, row);
}

void
keep_int8_plain(void *keys, void *values, const float *key, const float *value,
		int width, int position)
{
	struct steps of_key = find_steps(key, width, 127);
	struct steps of_value = find_steps(value, width, 127);
	int place = position % KV_BLOCK, padded = round_up(width, STRIP_ROWS);
	uint8_t *to_key = (uint8_t *)keys + KV_SCALES_BYTES + 4 * place;
	int8_t *to_value = (int8_t *)values + KV_SCALES_BYTES +
			   place / 4 * 4 * padded + place % 4;

	((float *)keys)[place] = of_key.scale;
	((float *)values)[place] = of_value.scale;
	for (int d = 0; d < padded; d++) {
		int whole = d < width ? take_steps(key[d], of_key) : 0;
		to_key[d / 4 * 4 * KV_BLOCK + d % 4] =
			(uint8_t)(whole + ZERO_POINT_INT8);
		whole = d < width ? take_steps(value[d], of_value) : 0;
		to_value[4 * d] = (int8_t)whole;
	}
}
