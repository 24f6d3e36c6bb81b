/* The memory of steps: all of it in one block, placed once. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "model/compute.h"
#include "model/forward_parts.h"

struct placing {
	unsigned char *memory; /* NULL: only counted */
	size_t used;
};

static void *
place(struct placing *placing, size_t n, size_t size)
{
	void *at = placing->memory ? placing->memory + placing->used : NULL;

	placing->used += (n * size + 63) / 64 * 64;
	return at;
}

static void
place_activations(struct placing *placing, struct activations *x, int rows,
		  int depth)
{
	x->depth = round_up(depth, QUANT_BLOCK);
	size_t n = (size_t)rows * (size_t)x->depth;
	x->values = place(placing, n, sizeof *x->values);
	x->quants = place(placing, n, sizeof *x->quants);
	x->blocks = place(placing, n / QUANT_BLOCK, sizeof *x->blocks);
	x->halves = place(placing, 2 * n, sizeof *x->halves);
}

static void
place_scratch(struct placing *placing, struct scratch *scratch,
	      const struct model_config *config)
{
	int width = round_up(config->n_embd / config->n_heads, STRIP_ROWS);
	size_t positions = (size_t)round_up(config->n_positions, KV_BLOCK);

	scratch->sums = place(placing, SUM_ROWS * PANEL_ROWS, sizeof(float));
	scratch->scores =
		place(placing, ATTENTION_ROWS * positions, sizeof(float));
	scratch->heads =
		place(placing, (size_t)(ATTENTION_ROWS * width), sizeof(float));
	scratch->keys = place(placing, positions / KV_BLOCK, sizeof(void *));
	scratch->values = place(placing, positions / KV_BLOCK, sizeof(void *));
}

static size_t
place_all(struct forward *forward, const struct model_config *config,
	  int n_threads, unsigned char *memory)
{
	struct placing placing = {memory, 0};
	size_t n = (size_t)forward->max_rows, width = (size_t)config->n_embd;

	forward->x = place(&placing, n * width, sizeof(float));
	forward->qkv = place(&placing, 3 * n * width, sizeof(float));
	place_activations(&placing, &forward->narrow, forward->max_rows,
			  config->n_embd);
	place_activations(&placing, &forward->wide, forward->max_rows,
			  config->n_inner);
	forward->runs = place(&placing, n, sizeof *forward->runs);
	forward->wanted = place(&placing, n, sizeof *forward->wanted);
	struct scratch *scratch =
		place(&placing, (size_t)n_threads, sizeof *scratch);
	for (int i = 0; i < n_threads; i++) {
		struct scratch counted;
		place_scratch(&placing, scratch ? scratch + i : &counted,
			      config);
	}
	forward->scratch = scratch;
	return placing.used;
}

struct forward *
forward_new(const struct model *model, struct kv *kv, struct compute *compute,
	    const struct kernels *kernels, int max_rows, struct err *err)
{
	struct forward *forward = calloc(1, sizeof *forward);

	if (!forward) {
		err_set(err, "no memory for steps");
		return NULL;
	}
	forward->model = model;
	forward->kv = kv;
	forward->compute = compute;
	forward->kernels = kernels;
	forward->max_rows = max_rows;
	int n_threads = compute_n_threads(compute);
	size_t bytes = place_all(forward, &model->config, n_threads, NULL);
	forward->memory = aligned_alloc(64, bytes);
	if (!forward->memory) {
		err_set(err, "no memory for steps of %d rows", max_rows);
		forward_free(forward);
		return NULL;
	}
	/* What fills rows up stays zero from here on. */
	memset(forward->memory, 0, bytes);
	place_all(forward, &model->config, n_threads, forward->memory);
	return forward;
}

size_t
forward_plan_bytes(const struct model_config *config, int n_threads,
		   int max_rows)
{
	struct forward counted = {.max_rows = max_rows};

	return place_all(&counted, config, n_threads, NULL);
}

void
forward_free(struct forward *forward)
{
	if (!forward)
		return;
	free(forward->memory);
	free(forward);
}
