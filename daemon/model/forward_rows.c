/* What is done for each row alone. */
#include <stdbool.h>

#include "model/compute.h"
#include "model/forward_parts.h"

/* Of rows, that a thread takes at once; fewer are not shared. */
#define CHUNK_ROWS 8

static bool
has_quants(const struct forward *forward)
{
	return forward->model->packing == PACKED_INT8 ||
	       forward->model->packing == PACKED_INT4;
}

static bool
has_halves(const struct forward *forward)
{
	return forward->model->packing == PACKED_BF16 &&
	       forward->kernels->split;
}

void
forward_quantize_row(struct forward *forward, struct activations *x, int row)
{
	size_t at = (size_t)row * (size_t)x->depth;

	if (has_halves(forward))
		forward->kernels->split(x->halves + 2 * at, x->values + at,
					x->depth);
	if (has_quants(forward))
		forward->kernels->quantize(
			x->quants + at, x->blocks + at / QUANT_BLOCK,
			x->values + at, x->depth,
			forward->model->packing == PACKED_INT8
				? ZERO_POINT_INT8
				: ZERO_POINT_INT4);
}

void
forward_norm_row(struct forward *forward, int to, int from, const float *weight,
		 const float *bias)
{
	const struct model_config *config = &forward->model->config;
	struct activations *narrow = &forward->narrow;

	forward->kernels->layernorm(
		narrow->values + (size_t)to * (size_t)narrow->depth,
		forward->x + (size_t)from * (size_t)config->n_embd, weight,
		bias, config->layer_norm_eps, config->n_embd);
	forward_quantize_row(forward, narrow, to);
}

struct row_loop {
	struct forward *forward;
	row_fn *run;
	int n;
};

static void
run_some_rows(void *arg, int chunk, int thread)
{
	struct row_loop *loop = arg;
	int first = chunk * CHUNK_ROWS;

	(void)thread;
	for (int row = first; row < loop->n && row < first + CHUNK_ROWS; row++)
		loop->run(loop->forward, row);
}

void
forward_for_rows(struct forward *forward, row_fn *run, int n)
{
	struct row_loop loop = {forward, run, n};

	compute_run(forward->compute, run_some_rows, &loop,
		    (n + CHUNK_ROWS - 1) / CHUNK_ROWS);
}
