/* A step of the model.  On the thread that calls, and those of its compute.
 *
 * Five loops a block: the products for q | k | v, attention, its projection,
 * and the two products of the inner layer.  What is done for each row alone,
 * norms and whole numbers, is too short to share when there are few rows, and
 * the caller does it between two loops. */
#include "model/forward.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "model/compute.h"
#include "model/kernels.h"
#include "model/kv.h"
#include "model/model.h"

/* Rows whose sums stay in the first cache; tiles of 3 and 6 fill it. */
#define SUM_ROWS 48
/* Of weights, that a thread takes at once. */
#define CHUNK_BYTES (64 << 10)
/* Of rows, likewise; fewer are not shared. */
#define CHUNK_ROWS 8
#define CHUNK_TOKENS 32

/* What each thread has for itself. */
struct scratch {
	float *sums;   /* (SUM_ROWS, PANEL_ROWS) */
	float *scores; /* (ATTENTION_ROWS, positions) */
	float *heads;  /* (ATTENTION_ROWS, padded width of a head) */
	const void **keys, **values;
};

/* Rows of one sequence. */
struct run {
	int first, n;
};

struct forward {
	const struct model *model;
	struct kv *kv;
	struct compute *compute;
	const struct kernels *kernels;
	int max_rows;
	/* N = max_rows, D and F as in model.h */
	float *x;		   /* (N, D), what blocks add to */
	float *qkv;		   /* (N, 3D) */
	struct activations narrow; /* (N, D): what goes into D-wide products */
	struct activations wide;   /* (N, F) */
	struct run *runs;	   /* (N) */
	int *wanted;		   /* (N), rows that want all logits */
	struct scratch *scratch;   /* a thread each */
	unsigned char *memory;
	/* The present step. */
	const struct forward_row *rows;
	int n_rows, n_runs, n_wanted, layer;
};

/* --- Memory */

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

/* --- Rows */

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

static void
quantize_row(struct forward *forward, struct activations *x, int row)
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

/* What is done for rows from one loop to the next. */
typedef void row_fn(struct forward *, int row);

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

/* narrow (to) = norm of x (from), ready for a product. */
static void
norm_row(struct forward *forward, int to, int from, const float *weight,
	 const float *bias)
{
	const struct model_config *config = &forward->model->config;
	struct activations *narrow = &forward->narrow;

	forward->kernels->layernorm(
		narrow->values + (size_t)to * (size_t)narrow->depth,
		forward->x + (size_t)from * (size_t)config->n_embd, weight,
		bias, config->layer_norm_eps, config->n_embd);
	quantize_row(forward, narrow, to);
}

static void
norm_1_row(struct forward *forward, int row)
{
	const struct block *block = forward->model->blocks + forward->layer;

	norm_row(forward, row, row, block->ln_1_weight, block->ln_1_bias);
}

static void
norm_2_row(struct forward *forward, int row)
{
	const struct block *block = forward->model->blocks + forward->layer;

	norm_row(forward, row, row, block->ln_2_weight, block->ln_2_bias);
}

static void
norm_wanted_row(struct forward *forward, int i)
{
	const struct model *model = forward->model;

	norm_row(forward, i, forward->wanted[i], model->ln_f_weight,
		 model->ln_f_bias);
}

static void
quantize_narrow_row(struct forward *forward, int row)
{
	quantize_row(forward, &forward->narrow, row);
}

static void
quantize_wide_row(struct forward *forward, int row)
{
	quantize_row(forward, &forward->wide, row);
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

static void
for_rows(struct forward *forward, row_fn *run, int n)
{
	struct row_loop loop = {forward, run, n};

	compute_run(forward->compute, run_some_rows, &loop,
		    (n + CHUNK_ROWS - 1) / CHUNK_ROWS);
}

/* --- Products */

struct product {
	struct forward *forward;
	const struct packed *packed;
	const struct activations *x;
	int n; /* rows of x */
	enum finish finish;
	float *out; /* (n, out_stride), or NULL: logits of the wanted rows */
	size_t out_stride;
	int panels_per_chunk;
};

static float *
product_out(const struct product *product, int row)
{
	const struct forward *forward = product->forward;

	if (product->out)
		return product->out + (size_t)row * product->out_stride;
	return forward->rows[forward->wanted[row]].logits;
}

static void
run_panel(const struct product *product, int panel, float *sums)
{
	const struct packed *packed = product->packed;
	const struct kernels *kernels = product->forward->kernels;
	int first = panel * PANEL_ROWS, lanes = packed->n_rows - first;

	if (lanes > PANEL_ROWS)
		lanes = PANEL_ROWS;
	for (int row = 0; row < product->n; row += SUM_ROWS) {
		int left = product->n - row;
		int n = left < SUM_ROWS ? left : SUM_ROWS;
		kernels->matmul[packed->packing](
			sums,
			packed->panels + (size_t)panel * packed->panel_bytes, 0,
			PANEL_STRIPS, product->x, row, n);
		for (int i = 0; i < n; i++)
			kernels->finish[product->finish](
				product_out(product, row + i) + first,
				sums + i * PANEL_ROWS, packed->bias + first,
				lanes);
	}
}

static void
run_panels(void *arg, int chunk, int thread)
{
	const struct product *product = arg;
	int first = chunk * product->panels_per_chunk;
	int end = first + product->panels_per_chunk;

	if (end > product->packed->n_panels)
		end = product->packed->n_panels;
	for (int panel = first; panel < end; panel++)
		run_panel(product, panel,
			  product->forward->scratch[thread].sums);
}

static void
run_product(struct product *product)
{
	const struct packed *packed = product->packed;
	int per_chunk = (int)(CHUNK_BYTES / packed->panel_bytes);

	product->panels_per_chunk = per_chunk < 1 ? 1 : per_chunk;
	compute_run(product->forward->compute, run_panels, product,
		    (packed->n_panels + product->panels_per_chunk - 1) /
			    product->panels_per_chunk);
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

/* --- The head */

/* One strip of the head for one row, its lanes to sums. */
static void
run_strip(struct forward *forward, int i, int strip, float *sums)
{
	const struct packed *head = &forward->model->head;

	forward->kernels->matmul[head->packing](
		sums,
		head->panels +
			(size_t)(strip / PANEL_STRIPS) * head->panel_bytes,
		strip % PANEL_STRIPS, 1, &forward->narrow, i, 1);
}

struct allowed_loop {
	struct forward *forward;
	int i; /* of the row in narrow */
	const struct forward_row *row;
};

/* A strip is the least that can be read: its lanes share their lines. */
static void
run_allowed(void *arg, int chunk, int thread)
{
	struct allowed_loop *loop = arg;
	const struct forward_row *row = loop->row;
	float *sums = loop->forward->scratch[thread].sums;
	int first = chunk * CHUNK_TOKENS, have = -1;

	for (int a = first; a < row->n_allowed && a < first + CHUNK_TOKENS;
	     a++) {
		int token = row->allowed[a];
		if (token / STRIP_ROWS != have) {
			have = token / STRIP_ROWS;
			run_strip(loop->forward, loop->i, have, sums);
		}
		row->logits[a] = sums[token % PANEL_ROWS] +
				 loop->forward->model->head.bias[token];
	}
}

/* Rows that want logits of all tokens first, those with a list after them. */
static void
run_head(struct forward *forward)
{
	int n_all = 0, n_wanted = 0;

	for (int row = 0; row < forward->n_rows; row++)
		if (forward->rows[row].logits &&
		    forward->rows[row].n_allowed == 0)
			forward->wanted[n_all++] = row;
	n_wanted = n_all;
	for (int row = 0; row < forward->n_rows; row++)
		if (forward->rows[row].logits &&
		    forward->rows[row].n_allowed > 0)
			forward->wanted[n_wanted++] = row;
	forward->n_wanted = n_wanted;
	for_rows(forward, norm_wanted_row, n_wanted);
	struct product product = {
		.forward = forward,
		.packed = &forward->model->head,
		.x = &forward->narrow,
		.n = n_all,
		.finish = FINISH_PLAIN,
	};
	if (n_all > 0)
		run_product(&product);
	for (int i = n_all; i < n_wanted; i++) {
		struct allowed_loop loop = {forward, i,
					    forward->rows + forward->wanted[i]};
		compute_run(forward->compute, run_allowed, &loop,
			    (loop.row->n_allowed + CHUNK_TOKENS - 1) /
				    CHUNK_TOKENS);
	}
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

	for_rows(forward, norm_1_row, n);
	run_product(&attn);
	compute_run(forward->compute, attend_run, forward,
		    forward->n_runs * config->n_heads);
	for_rows(forward, quantize_narrow_row, n);
	run_product(&attn_proj);
	for_rows(forward, norm_2_row, n);
	run_product(&fc);
	for_rows(forward, quantize_wide_row, n);
	run_product(&proj);
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
	for_rows(forward, embed_row, n_rows);
	for (forward->layer = 0;
	     forward->layer < forward->model->config.n_layers; forward->layer++)
		run_block(forward);
	run_head(forward);
	forward->rows = NULL;
}
