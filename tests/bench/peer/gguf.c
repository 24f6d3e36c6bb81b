/* GGUF, version 3 (docs/gguf.md of ggml): a head of keys with values, the list
 * of tensors with sizes innermost first, and their numbers, each tensor at a
 * multiple of 32 bytes.  Names are those of the peer's GPT-2.  Its matrices are
 * rows of outputs, where those of a layer in our files are rows of inputs. */
#include "peer/gguf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/layout.h"
#include "model/weights.h"

#define GGUF_VERSION 3
#define ALIGNMENT 32
#define TYPE_F32 0
enum value_type { VALUE_U32 = 4, VALUE_F32 = 6, VALUE_TEXT = 8 };

static const struct {
	const char *ours, *theirs;
} names[] = {
	{"wte.weight", "token_embd.weight"},
	{"wpe.weight", "position_embd.weight"},
	{"ln_f.", "output_norm."},
	{"lm_head.weight", "output.weight"},
	{"ln_1.", "attn_norm."},
	{"attn.c_attn.", "attn_qkv."},
	{"attn.c_proj.", "attn_output."},
	{"ln_2.", "ffn_norm."},
	{"mlp.c_fc.", "ffn_up."},
	{"mlp.c_proj.", "ffn_down."},
};

/* ---- What a head is made of, all in the order of this machine's bytes */

static void
put(FILE *file, const void *bytes, size_t len)
{
	fwrite(bytes, 1, len, file);
}

static void
put_u32(FILE *file, uint32_t number)
{
	put(file, &number, sizeof number);
}

static void
put_u64(FILE *file, uint64_t number)
{
	put(file, &number, sizeof number);
}

static void
put_text(FILE *file, const char *text)
{
	put_u64(file, strlen(text));
	put(file, text, strlen(text));
}

static void
put_key(FILE *file, const char *key, enum value_type type)
{
	put_text(file, key);
	put_u32(file, (uint32_t)type);
}

static void
put_keys(FILE *file, const struct model_config *config)
{
	const struct {
		const char *key;
		int value;
	} sizes[] = {
		{"gpt2.context_length", config->n_positions},
		{"gpt2.embedding_length", config->n_embd},
		{"gpt2.block_count", config->n_layers},
		{"gpt2.feed_forward_length", config->n_inner},
		{"gpt2.attention.head_count", config->n_heads},
		{"gpt2.vocab_size", config->n_vocab},
	};
	size_t n_sizes = sizeof sizes / sizeof *sizes;

	put_u64(file, n_sizes + 3);
	put_key(file, "general.architecture", VALUE_TEXT);
	put_text(file, "gpt2");
	for (size_t i = 0; i < n_sizes; i++) {
		put_key(file, sizes[i].key, VALUE_U32);
		put_u32(file, (uint32_t)sizes[i].value);
	}
	put_key(file, "gpt2.attention.layer_norm_epsilon", VALUE_F32);
	put(file, &config->layer_norm_eps, sizeof config->layer_norm_eps);
	put_key(file, "tokenizer.ggml.model", VALUE_TEXT);
	put_text(file, "no_vocab");
}

/* ---- Tensors */

/* "h.3.ln_1.bias" is "blk.3.attn_norm.bias". */
static void
name_tensor(const struct layout_tensor *tensor, char *out, size_t size)
{
	const char *name = tensor->name;
	int len = 0;

	if (tensor->layer >= 0) {
		name = strchr(strchr(name, '.') + 1, '.') + 1;
		len = snprintf(out, size, "blk.%d.", tensor->layer);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i].ours);
		if (strncmp(name, names[i].ours, n) == 0)
			snprintf(out + len, size - (size_t)len, "%s%s",
				 names[i].theirs, name + n);
	}
}

static bool
is_transposed(const struct layout_tensor *tensor)
{
	return tensor->layer >= 0 && tensor->rank == 2;
}

static uint64_t
padded_bytes(const struct layout_tensor *tensor)
{
	uint64_t bytes = (uint64_t)tensor->count * sizeof(float);

	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void
put_tensors(FILE *file, const struct layout *layout)
{
	uint64_t offset = 0;

	for (size_t i = 0; i < layout->n; i++) {
		const struct layout_tensor *tensor = &layout->tensors[i];
		bool is_swapped = tensor->rank == 1 || is_transposed(tensor);
		char name[64];

		name_tensor(tensor, name, sizeof name);
		put_text(file, name);
		put_u32(file, (uint32_t)tensor->rank);
		for (int d = 0; d < tensor->rank; d++)
			put_u64(file, (uint64_t)tensor
					      ->shape[is_swapped ? d : 1 - d]);
		put_u32(file, TYPE_F32);
		put_u64(file, offset);
		offset += padded_bytes(tensor);
	}
}

static void
pad(FILE *file, uint64_t at)
{
	static const char zeros[ALIGNMENT];

	put(file, zeros, (size_t)((ALIGNMENT - at % ALIGNMENT) % ALIGNMENT));
}

/* Row by row of the transposed matrix. */
static void
put_columns(FILE *file, const float *data, const int64_t *shape, float *column)
{
	for (int64_t j = 0; j < shape[1]; j++) {
		for (int64_t i = 0; i < shape[0]; i++)
			column[i] = data[i * shape[1] + j];
		put(file, column, (size_t)shape[0] * sizeof *column);
	}
}

/* The list has places in memory of its own; the numbers are those of the
 * weights. */
static const float *
data_of(const struct model_weights *weights, const struct layout_tensor *tensor)
{
	const char *base =
		tensor->layer < 0
			? (const char *)weights
			: (const char *)&weights->layers[tensor->layer];

	return *(const float *const *)(const void *)(base + tensor->member);
}

static void
put_data(FILE *file, const struct model_weights *weights,
	 const struct layout *layout, float *column)
{
	for (size_t i = 0; i < layout->n; i++) {
		const struct layout_tensor *tensor = &layout->tensors[i];
		const float *data = data_of(weights, tensor);
		size_t bytes = (size_t)tensor->count * sizeof *data;

		if (is_transposed(tensor))
			put_columns(file, data, tensor->shape, column);
		else
			put(file, data, bytes);
		pad(file, bytes);
	}
}

static int
write_all(FILE *file, const struct model_weights *weights,
	  const struct layout *layout, struct err *err)
{
	const struct model_config *config = &weights->config;
	int longest = config->n_inner > config->n_embd ? config->n_inner
						       : config->n_embd;
	float *column = mem_array((size_t)longest, sizeof *column);

	if (!column)
		return err_set(err, "no memory for a column");
	put(file, "GGUF", 4);
	put_u32(file, GGUF_VERSION);
	put_u64(file, layout->n);
	put_keys(file, config);
	put_tensors(file, layout);
	pad(file, (uint64_t)ftello(file));
	put_data(file, weights, layout, column);
	free(column);
	return 0;
}

int
gguf_write(const char *path, const struct model_weights *weights,
	   struct err *err)
{
	struct layout layout;
	FILE *file = fopen(path, "wb");

	if (!file)
		return err_errno(err, "%s", path);
	int rc = layout_open(&layout, &weights->config, err);
	if (!rc) {
		rc = write_all(file, weights, &layout, err);
		layout_release(&layout);
	}
	bool has_failed = ferror(file) != 0;
	if (fclose(file) || has_failed)
		return err_errno(err, "%s", path);
	return rc;
}
