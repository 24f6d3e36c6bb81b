/* A step of the model.  On the thread that calls, and those of its compute.
 *
 * Five loops a block: the products for q | k | v, attention, its projection,
 * and the two products of the inner layer.  What is done for each row alone,
 * norms and whole numbers, is too short to share when there are few rows, and
 * the caller does it between two loops. */
#include "model/forward.h"

#include <assert.h>
#include <stdbool.h>

#include "model/compute.h"
#include "model/forward_parts.h"

/* --- Rows */

static void
embed_row(struct forward *forward, int row)
{
	const struct model *model = forward->model;
	const struct forward_row *input = forward->rows + row;
	int width = model->config.n_embd;
	float *x = forward->x + (size_t)row * (size_t)width;
	const float *position =
		model->positions + (size_t)input->position * (size_t)width;

	packed_row(&model->embedding, input->token, x);
	for (int i = 0; i < width; i++)
		x[i] += position[i];
}

static void
norm_1_row(struct forward *forward, int row)
{
	const struct block *block = forward->model->blocks + forward->layer;

	forward_norm_row(forward, row, row, block->ln_1_weight,
			 block->ln_1_bias);
}

static void
norm_2_row(struct forward *forward, int row)
{
	const struct block *block = forward->model->blocks + forward->layer;

	forward_norm_row(forward, row, row, block->ln_2_weight,
			 block->ln_2_bias);
}

static void
quantize_narrow_row(struct forward *forward, int row)
{
	forward_quantize_row(forward, &forward->narrow, row);
}

static void
quantize_wide_row(struct forward *forward, int row)
{
	forward_quantize_row(forward, &forward->wide, row);
}

/* --- Attention */

static void
keep_run(struct forward *forward, const struct run *run, int head)
{
	const struct model_config *config = &forward->model->config;
	const struct kv *kv = forward->kv;
	int width = config->n_embd / config->n_heads;

	for (int row = run->first; row < run->first + run->n; row++) {
		const struct forward_row *input = forward->rows + row;
		const float *qkv = forward->qkv +
				   (size_t)row * 3 * (size_t)config->n_embd +
				   (size_t)(head * width);
		unsigned char *keys =
			kv_keys(kv, input->blocks[input->position / KV_BLOCK],
				forward->layer, head);
		forward->kernels->keep[kv->type](
			keys, keys + kv->head_bytes, qkv + config->n_embd,
			qkv + 2 * config->n_embd, width, input->position);
	}
}

/* One head of one sequence.  Its keys and values are used by nobody else, so
 * that they need not be there before the loop begins. */
static void
attend_run(void *arg, int chunk, int thread)
{
	struct forward *forward = arg;
	const struct model_config *config = &forward->model->config;
	const struct run *run = forward->runs + chunk / config->n_heads;
	const struct forward_row *first = forward->rows + run->first;
	const struct scratch *scratch = forward->scratch + thread;
	const struct kv *kv = forward->kv;
	int head = chunk % config->n_heads;
	int width = config->n_embd / config->n_heads;
	size_t place = (size_t)(head * width), row = (size_t)run->first;

	keep_run(forward, run, head);
	for (int b = 0; b <= (first->position + run->n - 1) / KV_BLOCK; b++) {
		unsigned char *keys =
			kv_keys(kv, first->blocks[b], forward->layer, head);
		scratch->keys[b] = keys;
		scratch->values[b] = keys + kv->head_bytes;
	}
	struct attention attention = {
		.width = width,
		.keys = scratch->keys,
		.values = scratch->values,
		.query_stride = 3 * (size_t)config->n_embd,
		.queries =
			forward->qkv + row * 3 * (size_t)config->n_embd + place,
		.out_stride = (size_t)forward->narrow.depth,
		.out = forward->narrow.values +
		       row * (size_t)forward->narrow.depth + place,
		.position = first->position,
		.n = run->n,
		.scores = scratch->scores,
		.sums = scratch->heads,
	};
	forward->kernels->attend[kv->type](&attention);
}

/* --- The step */

static void
run_block(struct forward *forward)
{
	const struct block *block = forward->model->blocks + forward->layer;
	const struct model_config *config = &forward->model->config;
	int n = forward->n_rows;
	size_t width = (size_t)config->n_embd;
	struct product attn = {forward,	     &block->attn, &forward->narrow, n,
			       FINISH_PLAIN, forward->qkv, 3 * width,	     0};
	struct product attn_proj = {forward,
				    &block->attn_proj,
				    &forward->narrow,
				    n,
				    FINISH_ADD,
				    forward->x,
				    width,
				    0};
	struct product fc = {forward,
			     &block->fc,
			     &forward->narrow,
			     n,
			     FINISH_GELU,
			     forward->wide.values,
			     (size_t)forward->wide.depth,
			     0};
	struct product proj = {forward,	   &block->proj, &forward->wide, n,
			       FINISH_ADD, forward->x,	 width,		 0};

	forward_for_rows(forward, norm_1_row, n);
	forward_run_product(&attn);
	compute_run(forward->compute, attend_run, forward,
		    forward->n_runs * config->n_heads);
	forward_for_rows(forward, quantize_narrow_row, n);
	forward_run_product(&attn_proj);
	forward_for_rows(forward, norm_2_row, n);
	forward_run_product(&fc);
	forward_for_rows(forward, quantize_wide_row, n);
	forward_run_product(&proj);
}

static void
find_runs(struct forward *forward)
{
	forward->n_runs = 0;
	for (int row = 0; row < forward->n_rows; row++) {
		const struct forward_row *input = forward->rows + row;
		assert(input->token >= 0 &&
		       input->token < forward->model->config.n_vocab);
		assert(input->position >= 0 &&
		       input->position < forward->model->config.n_positions);
		if (row == 0 || input->blocks != input[-1].blocks)
			forward->runs[forward->n_runs++] = (struct run){row, 1};
		else {
			assert(input->position == input[-1].position + 1);
			forward->runs[forward->n_runs - 1].n++;
		}
	}
}

void
forward_run(struct forward *forward, const struct forward_row *rows, int n_rows)
{
	assert(n_rows >= 1 && n_rows <= forward->max_rows);
	forward->rows = rows;
	forward->n_rows = n_rows;
	find_runs(forward);
	forward_for_rows(forward, embed_row, n_rows);
	for (forward->layer = 0;
	     forward->layer < forward->model->config.n_layers; forward->layer++)
		run_block(forward);
	forward_run_head(forward);
	forward->rows = NULL;
}
