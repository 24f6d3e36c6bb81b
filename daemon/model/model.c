/* Packing a model.  Any thread: nothing is kept. */
#include "model/model.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/compute.h"
#include "model/tensor.h"
#include "model/weights.h"

#define HUGE_PAGE ((size_t)2 << 20)

/* Numbers are placed one after the other, each at a multiple of 64 bytes: once
 * without memory, to know how much there is, and once with it. */
struct placing {
	unsigned char *numbers; /* NULL: only counted */
	size_t used;
};

static void *
place(struct placing *placing, size_t bytes)
{
	void *at = placing->numbers ? placing->numbers + placing->used : NULL;

	placing->used += (bytes + 63) / 64 * 64;
	return at;
}

static float *
place_floats(struct placing *placing, int rows, int width)
{
	return place(placing, (size_t)rows * (size_t)width * sizeof(float));
}

static void
place_packed(struct placing *placing, struct packed *packed)
{
	packed->panels = place(placing, packed_panels_bytes(packed));
	packed->bias = place(placing, packed_bias_bytes(packed));
}

static bool
has_own_embedding(const struct model *model)
{
	return !model->config.is_tied || model->packing == PACKED_INT8 ||
	       model->packing == PACKED_INT4;
}

static void
place_block(struct placing *placing, struct block *block, int width)
{
	block->ln_1_weight = place_floats(placing, 1, width);
	block->ln_1_bias = place_floats(placing, 1, width);
	block->ln_2_weight = place_floats(placing, 1, width);
	block->ln_2_bias = place_floats(placing, 1, width);
	place_packed(placing, &block->attn);
	place_packed(placing, &block->attn_proj);
	place_packed(placing, &block->fc);
	place_packed(placing, &block->proj);
}

void
model_place(struct model *model, const unsigned char *numbers)
{
	/* Read-only when it is a file's; nobody fills those. */
	struct placing placing = {(unsigned char *)(uintptr_t)numbers, 0};
	int width = model->config.n_embd;

	for (int i = 0; i < model->config.n_layers; i++)
		place_block(&placing, model->blocks + i, width);
	model->ln_f_weight = place_floats(&placing, 1, width);
	model->ln_f_bias = place_floats(&placing, 1, width);
	place_packed(&placing, &model->head);
	model->bytes_per_token = placing.used;
	model->positions =
		place_floats(&placing, model->config.n_positions, width);
	if (has_own_embedding(model))
		place_packed(&placing, &model->embedding);
	else
		model->embedding = model->head;
	model->numbers = numbers;
	model->numbers_bytes = placing.used;
}

int
model_map_memory(struct model *model, size_t bytes, struct err *err)
{
	bytes = (bytes + HUGE_PAGE - 1) & -HUGE_PAGE;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return err_errno(err, "no memory for the model");
	madvise(memory, bytes, MADV_HUGEPAGE);
	model->memory = memory;
	model->memory_bytes = bytes;
	return 0;
}

int
model_shape(struct model *model, const struct model_config *config,
	    enum packing packing, struct err *err)
{
	int width = config->n_embd, inner = config->n_inner;

	*model = (struct model){.config = *config, .packing = packing};
	model->blocks =
		mem_array((size_t)config->n_layers, sizeof *model->blocks);
	if (!model->blocks)
		return err_set(err, "no memory for the model");
	for (int i = 0; i < config->n_layers; i++) {
		struct block *block = model->blocks + i;
		packed_init(&block->attn, packing, 3 * width, width);
		packed_init(&block->attn_proj, packing, width, width);
		packed_init(&block->fc, packing, inner, width);
		packed_init(&block->proj, packing, width, inner);
	}
	packed_init(&model->head, packing, config->n_vocab, width);
	packed_init(&model->embedding,
		    packing == PACKED_F32 ? PACKED_F32 : PACKED_BF16,
		    config->n_vocab, width);
	model_place(model, NULL);
	return 0;
}

/* Panels of one matrix are packed by all threads. */
struct filling {
	struct packed *packed;
	struct matrix matrix;
};

static void
fill_panel(void *arg, int panel, int thread)
{
	struct filling *filling = arg;

	(void)thread;
	packed_fill(filling->packed, &filling->matrix, panel, 1);
}

static void
fill(struct compute *compute, struct packed *packed, struct matrix matrix,
     const float *bias)
{
	struct filling filling = {packed, matrix};

	compute_run(compute, fill_panel, &filling, packed->n_panels);
	packed_fill_bias(packed, bias);
}

static void
copy(float *to, const float *from, int64_t n)
{
	memcpy(to, from, (size_t)n * sizeof *to);
}

/* Files have matrices as (in, out). */
static struct matrix
turned(const float *numbers, int n_out)
{
	return (struct matrix){numbers, 1, (size_t)n_out};
}

static void
fill_block(struct compute *compute, struct block *block,
	   const struct model_layer *layer, const struct model_config *config)
{
	int width = config->n_embd, inner = config->n_inner;

	copy(block->ln_1_weight, layer->ln_1_weight, width);
	copy(block->ln_1_bias, layer->ln_1_bias, width);
	copy(block->ln_2_weight, layer->ln_2_weight, width);
	copy(block->ln_2_bias, layer->ln_2_bias, width);
	fill(compute, &block->attn, turned(layer->attn_weight, 3 * width),
	     layer->attn_bias);
	fill(compute, &block->attn_proj, turned(layer->attn_proj_weight, width),
	     layer->attn_proj_bias);
	fill(compute, &block->fc, turned(layer->fc_weight, inner),
	     layer->fc_bias);
	fill(compute, &block->proj, turned(layer->proj_weight, width),
	     layer->proj_bias);
}

int
model_init(struct model *model, const struct model_weights *weights,
	   enum packing packing, struct compute *compute, struct err *err)
{
	const struct model_config *config = &weights->config;
	int width = config->n_embd;

	if (model_shape(model, config, packing, err))
		return -1;
	if (model_map_memory(model, model->numbers_bytes, err)) {
		model_release(model);
		return -1;
	}
	model_place(model, model->memory);
	for (int i = 0; i < config->n_layers; i++)
		fill_block(compute, model->blocks + i, weights->layers + i,
			   config);
	struct matrix wte = {weights->wte, (size_t)width, 1};
	struct matrix head = {weights->head, (size_t)width, 1};
	fill(compute, &model->head, head, NULL);
	if (has_own_embedding(model))
		fill(compute, &model->embedding, wte, NULL);
	copy(model->positions, weights->wpe,
	     (int64_t)config->n_positions * width);
	copy(model->ln_f_weight, weights->ln_f_weight, width);
	copy(model->ln_f_bias, weights->ln_f_bias, width);
	return 0;
}

/* ---- Looking at all numbers */

struct looking {
	const struct packed *packed;
	atomic_bool is_broken;
};

static void
look_at_panel(void *arg, int panel, int thread)
{
	struct looking *looking = arg;

	(void)thread;
	if (!packed_is_finite(looking->packed, panel))
		atomic_store(&looking->is_broken, true);
}

static bool
is_finite(const struct packed *packed, struct compute *compute)
{
	struct looking looking = {.packed = packed};

	compute_run(compute, look_at_panel, &looking, packed->n_panels);
	return !looking.is_broken &&
	       tensor_is_finite(packed->bias, packed->n_rows);
}

static bool
is_block_finite(const struct block *block, int width, struct compute *compute)
{
	return tensor_is_finite(block->ln_1_weight, width) &&
	       tensor_is_finite(block->ln_1_bias, width) &&
	       tensor_is_finite(block->ln_2_weight, width) &&
	       tensor_is_finite(block->ln_2_bias, width) &&
	       is_finite(&block->attn, compute) &&
	       is_finite(&block->attn_proj, compute) &&
	       is_finite(&block->fc, compute) &&
	       is_finite(&block->proj, compute);
}

bool
model_is_finite(const struct model *model, struct compute *compute)
{
	int width = model->config.n_embd;
	int64_t n_positions = model->config.n_positions;

	for (int i = 0; i < model->config.n_layers; i++)
		if (!is_block_finite(model->blocks + i, width, compute))
			return false;
	return tensor_is_finite(model->ln_f_weight, width) &&
	       tensor_is_finite(model->ln_f_bias, width) &&
	       tensor_is_finite(model->positions, n_positions * width) &&
	       is_finite(&model->head, compute) &&
	       is_finite(&model->embedding, compute);
}

void
model_release(struct model *model)
{
	if (model->memory)
		munmap(model->memory, model->memory_bytes);
	free(model->blocks);
	*model = (struct model){0};
}
