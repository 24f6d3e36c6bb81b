/* What tests of the generator share: numbers by chance, the sets of kernels
 * that this processor has, matrices to multiply. */
#ifndef TESTS_UNIT_KERNEL_FIXTURE_H
#define TESTS_UNIT_KERNEL_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "model/half.h"
#include "model/kernels.h"
#include "model/packed.h"

/* Numbers of about a normal distribution, the same in every run. */
struct chance {
	uint64_t state;
};

static inline float
chance_normal(struct chance *chance)
{
	float sum = 0;

	for (int i = 0; i < 4; i++) {
		chance->state = chance->state * 6364136223846793005U +
				1442695040888963407U;
		sum += (float)(chance->state >> 40) * 0x1p-24F - 0.5F;
	}
	return sum * 1.732F;
}

static inline int
chance_below(struct chance *chance, int n)
{
	chance->state =
		chance->state * 6364136223846793005U + 1442695040888963407U;
	return (int)((chance->state >> 33) % (uint64_t)n);
}

/* Zeroed, aligned to 64 bytes; the test ends if there is no memory. */
static inline void *
aligned_zeros(size_t size)
{
	size = (size + 127) / 64 * 64;
	void *memory = aligned_alloc(64, size);

	assert_non_null(memory);
	memset(memory, 0, size);
	return memory;
}

static inline float *
normal_floats(struct chance *chance, size_t n)
{
	float *floats = aligned_zeros(n * sizeof *floats);

	for (size_t i = 0; i < n; i++)
		floats[i] = chance_normal(chance);
	return floats;
}

/* W (n_rows, depth), as floats and packed, with a bias. */
struct test_matrix {
	float *numbers, *bias;
	struct packed packed;
};

static inline void
test_matrix_init(struct test_matrix *matrix, struct chance *chance,
		 enum packing packing, int n_rows, int depth)
{
	struct packed *packed = &matrix->packed;

	matrix->numbers = normal_floats(chance, (size_t)n_rows * (size_t)depth);
	matrix->bias = normal_floats(chance, (size_t)n_rows);
	packed_init(packed, packing, n_rows, depth);
	packed->panels = aligned_zeros(packed_panels_bytes(packed));
	packed->bias = aligned_zeros(packed_bias_bytes(packed));
	packed_fill(packed, &(struct matrix){matrix->numbers, (size_t)depth, 1},
		    0, packed->n_panels);
	packed_fill_bias(packed, matrix->bias);
}

static inline void
test_matrix_release(struct test_matrix *matrix)
{
	free(matrix->numbers);
	free(matrix->bias);
	free(matrix->packed.panels);
	free(matrix->packed.bias);
}

/* x (n, depth) by chance, as floats and in whole numbers. */
static inline struct activations
test_activations(struct chance *chance, const struct packed *packed, int n)
{
	size_t padded = (size_t)packed->padded, size = (size_t)n * padded;
	struct activations x = {
		.depth = packed->padded,
		.values = aligned_zeros(size * sizeof *x.values),
		.quants = aligned_zeros(size),
		.blocks = aligned_zeros(size / QUANT_BLOCK * sizeof *x.blocks),
		.halves = aligned_zeros(2 * size * sizeof *x.halves),
	};

	for (size_t i = 0; i < size; i++)
		if (i % padded < (size_t)packed->depth)
			x.values[i] = chance_normal(chance);
	for (size_t i = 0; i < (size_t)n; i++)
		kernels_plain.quantize(x.quants + i * padded,
				       x.blocks + i * padded / QUANT_BLOCK,
				       x.values + i * padded, packed->padded,
				       packed->packing == PACKED_INT4
					       ? ZERO_POINT_INT4
					       : ZERO_POINT_INT8);
	/* bf16 of a number, and of what that leaves */
	for (size_t i = 0; i < size; i++) {
		size_t at = i / padded * 2 * padded + i % padded;
		uint16_t half = bfloat_of_float(x.values[i]);
		x.halves[at] = half;
		x.halves[at + padded] =
			bfloat_of_float(x.values[i] - bfloat_to_float(half));
	}
	return x;
}

static inline void
test_activations_release(struct activations *x)
{
	free(x->values);
	free(x->quants);
	free(x->blocks);
	free(x->halves);
}

/* Call it for each set that this processor has. */
static inline void
for_each_set(void (*run)(const struct kernels *))
{
	for (const struct kernels *const *set = kernels_all; *set; set++)
		if ((*set)->is_supported())
			run(*set);
}

#endif
