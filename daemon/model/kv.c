/* The arena of keys and values.  One thread at a time. */
#include "model/kv.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"

static size_t
head_bytes(const struct model_config *config, enum kv_type type)
{
	static const size_t sizes[N_KV_TYPES] = {4, 2, 1};
	int padded = round_up(config->n_embd / config->n_heads, STRIP_ROWS);

	return (size_t)KV_BLOCK * (size_t)padded * sizes[type] +
	       (type == KV_INT8 ? KV_SCALES_BYTES : 0);
}

static const char *const names[N_KV_TYPES] = {"f32", "f16", "int8"};

int
kv_type_find(const char *name)
{
	for (int i = 0; i < N_KV_TYPES; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

const char *
kv_type_name(enum kv_type type)
{
	return names[type];
}

enum kv_type
kv_type_for(enum packing packing)
{
	static const enum kv_type types[N_PACKINGS] = {KV_F32, KV_F16, KV_INT8,
						       KV_INT8};

	return types[packing];
}

size_t
kv_block_bytes(const struct model_config *config, enum kv_type type)
{
	return (size_t)config->n_layers * (size_t)config->n_heads * 2 *
	       head_bytes(config, type);
}

static size_t
arena_bytes(const struct kv *kv)
{
	return (size_t)kv->n_blocks * kv->block_bytes;
}

int
kv_init(struct kv *kv, const struct model_config *config, enum kv_type type,
	int n_blocks, struct err *err)
{
	size_t bytes = kv_block_bytes(config, type);

	if (n_blocks < 1 || (size_t)n_blocks > PTRDIFF_MAX / bytes)
		return err_set(err, "%d blocks of keys and values", n_blocks);
	*kv = (struct kv){
		.type = type,
		.n_blocks = n_blocks,
		.n_free = n_blocks,
		.n_heads = config->n_heads,
		.head_bytes = head_bytes(config, type),
		.block_bytes = bytes,
		.free = mem_array((size_t)n_blocks, sizeof *kv->free),
	};
	void *memory = mmap(NULL, arena_bytes(kv), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!kv->free || memory == MAP_FAILED) {
		kv_release(kv);
		return err_errno(err, "no memory for keys and values");
	}
	madvise(memory, arena_bytes(kv), MADV_HUGEPAGE);
	kv->memory = memory;
	for (int i = 0; i < n_blocks; i++)
		kv->free[i] = n_blocks - 1 - i;
	return 0;
}

void
kv_release(struct kv *kv)
{
	if (kv->memory)
		munmap(kv->memory, arena_bytes(kv));
	free(kv->free);
	*kv = (struct kv){0};
}

int
kv_take(struct kv *kv)
{
	return kv->n_free > 0 ? kv->free[--kv->n_free] : -1;
}

void
kv_give(struct kv *kv, int block)
{
	assert(block >= 0 && block < kv->n_blocks && kv->n_free < kv->n_blocks);
	memset(kv->memory + (size_t)block * kv->block_bytes, 0,
	       kv->block_bytes);
	kv->free[kv->n_free++] = block;
}
