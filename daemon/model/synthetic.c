/* Weights from a seed.  Each number is a function of seed, tensor and place,
 * by whole numbers and one multiplication, so that no library and no order of
 * work can change a bit.  Any thread. */
#include "model/weights.h"

#include <math.h>

#include "model/layout.h"

/* GPT2Config.initializer_range */
#define DEVIATION 0.02

/* SplitMix64 (Steele, Lea, Flood 2014): the i-th number of the stream that
 * begins at key. */
static uint64_t
draw(uint64_t key, uint64_t i)
{
	uint64_t z = key + i * 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

/* Nearly normal: the sum of four evenly distributed numbers of 16 bits, less
 * its mean; exact in a float.  Its deviation is 65536 / sqrt(3). */
static float
draw_normal(uint64_t key, uint64_t i)
{
	uint64_t bits = draw(key, i);
	int32_t sum = (int32_t)((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) +
				(bits >> 32 & 0xFFFF) + (bits >> 48));

	return (float)(sum - 2 * 65535);
}

static void
fill(const struct layout_tensor *tensor, int n_layers, uint64_t key)
{
	/* The square root is exact by IEEE 754, as are the divisions. */
	double deviation = DEVIATION;
	if (tensor->kind == LAYOUT_RESIDUAL)
		deviation /= sqrt(2.0 * n_layers);
	float scale = (float)(deviation * sqrt(3.0) / 65536);

	for (int64_t i = 0; i < tensor->count; i++)
		tensor->data[i] = draw_normal(key, (uint64_t)i) * scale;
	/* Apart from it, lest both are fused where the CPU can. */
	for (int64_t i = 0; tensor->kind == LAYOUT_GAIN && i < tensor->count;
	     i++)
		tensor->data[i] += 1;
}

int
model_weights_make(struct model_weights *weights,
		   const struct model_config *config, uint64_t seed,
		   struct err *err)
{
	struct layout layout;

	if (model_config_check(config, err) ||
	    layout_open(&layout, config, err))
		return -1;
	int ret = layout_place(&layout, config, weights, err);
	for (size_t i = 0; !ret && i < layout.n; i++)
		fill(&layout.tensors[i], config->n_layers, draw(seed, i + 1));
	layout_release(&layout);
	return ret;
}
