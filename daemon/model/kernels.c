/* Which kernels this processor can run.  Any thread. */
#include "model/kernels.h"

#include <stdatomic.h>
#include <string.h>

/* The answer is kept: where the processor is a virtual one, asking it takes
 * longer than choosing a token. */
const struct kernels *
kernels_best(void)
{
	static _Atomic(const struct kernels *) best;
	const struct kernels *found =
		atomic_load_explicit(&best, memory_order_relaxed);
	const struct kernels *const *kernels = kernels_all;

	if (found)
		return found;
	while (!(*kernels)->is_supported())
		kernels++;
	atomic_store_explicit(&best, *kernels, memory_order_relaxed);
	return *kernels;
}

const struct kernels *
kernels_find(const char *name)
{
	for (const struct kernels *const *kernels = kernels_all; *kernels;
	     kernels++)
		if (strcmp((*kernels)->name, name) == 0)
			return (*kernels)->is_supported() ? *kernels : NULL;
	return NULL;
}

size_t
panel_bytes(enum packing packing, int depth)
{
	size_t blocks = (size_t)depth / QUANT_BLOCK;

	switch (packing) {
	case PACKED_F32:
		return (size_t)depth * PANEL_ROWS * sizeof(float);
	case PACKED_BF16:
		return (size_t)depth * PANEL_ROWS * sizeof(uint16_t);
	case PACKED_INT8:
		return blocks * INT8_BLOCK_BYTES;
	case PACKED_INT4:
		return blocks * INT4_BLOCK_BYTES;
	}
	return 0;
}

void
kv_keep_f32(void *keys, void *values, const float *key, const float *value,
	    int width, int position)
{
	size_t place = (size_t)position % KV_BLOCK;
	float *row =
		(float *)values + place * (size_t)round_up(width, STRIP_ROWS);

	for (int d = 0; d < width; d++)
		((float *)keys)[(size_t)d * KV_BLOCK + place] = key[d];
	memcpy(row, value, (size_t)width * sizeof *value);
}
