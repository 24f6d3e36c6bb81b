/* One mapping holds all weights.  Any thread. */
#include "model/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/weights.h"

#define ALIGNMENT 64 /* a line of the cache, and the widest vector */

/* Sizes of a shape. */
enum size { NONE, WIDTH, WIDTH_3, INNER, VOCAB, POSITIONS };

struct row {
	const char *name;
	size_t member; /* where the pointer to it stands */
	enum layout_kind kind;
	enum size sizes[2]; /* NONE: rank 1 */
};

#define OF_MODEL(member) offsetof(struct model_weights, member)
#define OF_LAYER(member) offsetof(struct model_layer, member)

static const struct row model_rows[] = {
	{"wte.weight", OF_MODEL(wte), LAYOUT_MATRIX, {VOCAB, WIDTH}},
	{"wpe.weight", OF_MODEL(wpe), LAYOUT_MATRIX, {POSITIONS, WIDTH}},
	{"ln_f.weight", OF_MODEL(ln_f_weight), LAYOUT_GAIN, {WIDTH}},
	{"ln_f.bias", OF_MODEL(ln_f_bias), LAYOUT_BIAS, {WIDTH}},
	{"lm_head.weight", OF_MODEL(head), LAYOUT_MATRIX, {VOCAB, WIDTH}},
};

/* Each behind "h.N.". */
static const struct row layer_rows[] = {
	{"ln_1.weight", OF_LAYER(ln_1_weight), LAYOUT_GAIN, {WIDTH}},
	{"ln_1.bias", OF_LAYER(ln_1_bias), LAYOUT_BIAS, {WIDTH}},
	{"attn.c_attn.weight",
	 OF_LAYER(attn_weight),
	 LAYOUT_MATRIX,
	 {WIDTH, WIDTH_3}},
	{"attn.c_attn.bias", OF_LAYER(attn_bias), LAYOUT_BIAS, {WIDTH_3}},
	{"attn.c_proj.weight",
	 OF_LAYER(attn_proj_weight),
	 LAYOUT_RESIDUAL,
	 {WIDTH, WIDTH}},
	{"attn.c_proj.bias", OF_LAYER(attn_proj_bias), LAYOUT_BIAS, {WIDTH}},
	{"ln_2.weight", OF_LAYER(ln_2_weight), LAYOUT_GAIN, {WIDTH}},
	{"ln_2.bias", OF_LAYER(ln_2_bias), LAYOUT_BIAS, {WIDTH}},
	{"mlp.c_fc.weight", OF_LAYER(fc_weight), LAYOUT_MATRIX, {WIDTH, INNER}},
	{"mlp.c_fc.bias", OF_LAYER(fc_bias), LAYOUT_BIAS, {INNER}},
	{"mlp.c_proj.weight",
	 OF_LAYER(proj_weight),
	 LAYOUT_RESIDUAL,
	 {INNER, WIDTH}},
	{"mlp.c_proj.bias", OF_LAYER(proj_bias), LAYOUT_BIAS, {WIDTH}},
};

#define N_MODEL_ROWS (sizeof model_rows / sizeof *model_rows)
#define N_LAYER_ROWS (sizeof layer_rows / sizeof *layer_rows)

static int64_t
size_of(const struct model_config *config, enum size size)
{
	switch (size) {
	case WIDTH:
		return config->n_embd;
	case WIDTH_3:
		return 3 * (int64_t)config->n_embd;
	case INNER:
		return config->n_inner;
	case VOCAB:
		return config->n_vocab;
	case POSITIONS:
		return config->n_positions;
	case NONE:
		break;
	}
	return 1;
}

static void
add(struct layout *layout, const struct model_config *config,
    const struct row *row, int layer)
{
	struct layout_tensor *tensor = &layout->tensors[layout->n++];
	int64_t rows = size_of(config, row->sizes[0]);
	int64_t columns = size_of(config, row->sizes[1]);

	*tensor = (struct layout_tensor){
		.kind = row->kind,
		.rank = row->sizes[1] == NONE ? 1 : 2,
		.shape = {rows, columns},
		.count = rows * columns,
		.layer = layer,
		.member = row->member,
	};
	if (layer < 0)
		snprintf(tensor->name, sizeof tensor->name, "%s", row->name);
	else
		snprintf(tensor->name, sizeof tensor->name, "h.%d.%s", layer,
			 row->name);
}

int
layout_open(struct layout *layout, const struct model_config *config,
	    struct err *err)
{
	size_t n_layers = (size_t)config->n_layers;

	*layout = (struct layout){0};
	layout->tensors = mem_array(N_MODEL_ROWS + n_layers * N_LAYER_ROWS,
				    sizeof *layout->tensors);
	if (!layout->tensors)
		return err_set(err, "there is no memory for %zu layers",
			       n_layers);
	for (size_t i = 0; i < N_MODEL_ROWS; i++)
		if (model_rows[i].member != OF_MODEL(head) || !config->is_tied)
			add(layout, config, &model_rows[i], -1);
	for (int layer = 0; layer < config->n_layers; layer++)
		for (size_t i = 0; i < N_LAYER_ROWS; i++)
			add(layout, config, &layer_rows[i], layer);
	return 0;
}

void
layout_release(struct layout *layout)
{
	free(layout->tensors);
	*layout = (struct layout){0};
}

const struct layout_tensor *
layout_find(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->n; i++)
		if (strcmp(layout->tensors[i].name, name) == 0)
			return &layout->tensors[i];
	return NULL;
}

/* Bytes of a tensor, up to where the next one may begin. */
static size_t
room_of(const struct layout_tensor *tensor)
{
	size_t bytes = (size_t)tensor->count * sizeof(float);

	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int
take_memory(const struct layout *layout, struct model_weights *weights,
	    struct err *err)
{
	size_t bytes = 0, n_layers = (size_t)weights->config.n_layers;

	for (size_t i = 0; i < layout->n; i++)
		bytes += room_of(&layout->tensors[i]);
	weights->layers = mem_array(n_layers, sizeof *weights->layers);
	if (!weights->layers)
		return err_set(err, "there is no memory for %zu layers",
			       n_layers);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return err_errno(err, "%zu bytes for the weights", bytes);
	weights->memory = memory;
	weights->memory_bytes = bytes;
	return 0;
}

int
layout_place(struct layout *layout, const struct model_config *config,
	     struct model_weights *weights, struct err *err)
{
	*weights = (struct model_weights){.config = *config};
	if (take_memory(layout, weights, err)) {
		model_weights_release(weights);
		return -1;
	}
	char *next = weights->memory;
	for (size_t i = 0; i < layout->n; i++) {
		struct layout_tensor *tensor = &layout->tensors[i];
		char *base = tensor->layer < 0
				     ? (char *)weights
				     : (char *)&weights->layers[tensor->layer];
		tensor->data = (float *)next;
		*(const float **)(base + tensor->member) = tensor->data;
		next += room_of(tensor);
	}
	if (config->is_tied)
		weights->head = weights->wte;
	return 0;
}

void
model_weights_release(struct model_weights *weights)
{
	if (weights->memory)
		munmap(weights->memory, weights->memory_bytes);
	free(weights->layers);
	*weights = (struct model_weights){0};
}
