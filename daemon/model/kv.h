/* Keys and values of all sequences, in blocks of KV_BLOCK positions from one
 * arena of a fixed size.  One thread at a time. */
#ifndef MODEL_KV_H
#define MODEL_KV_H

#include <stddef.h>

#include "model/kernels.h"

struct err;
struct model_config;

/* A block has, for each layer and head, keys and values, as attention of
 * kernels.h takes them. */
struct kv {
	enum kv_type type;
	int n_blocks, n_free;
	int n_heads;
	size_t head_bytes; /* keys, or values, of one head */
	size_t block_bytes;
	int *free; /* a stack: the first n_free */
	unsigned char *memory;
};

/* "f32", "f16", "int8"; -1 for any other name. */
int kv_type_find(const char *name);
const char *kv_type_name(enum kv_type);
/* What adds no error to speak of to that of the weights. */
enum kv_type kv_type_for(enum packing);

/* Bytes of one block. */
size_t kv_block_bytes(const struct model_config *, enum kv_type);
/* 0, or -1 and *err if there is no memory for so many. */
int kv_init(struct kv *, const struct model_config *, enum kv_type,
	    int n_blocks, struct err *);
void kv_release(struct kv *);

/* A block, all zeros, or -1 if there is none. */
int kv_take(struct kv *);
/* What was in it is wiped. */
void kv_give(struct kv *, int block);

/* Keys of one head; its values follow at head_bytes. */
static inline unsigned char *
kv_keys(const struct kv *kv, int block, int layer, int head)
{
	return kv->memory + (size_t)block * kv->block_bytes +
	       ((size_t)layer * (size_t)kv->n_heads + (size_t)head) * 2 *
		       kv->head_bytes;
}

#endif
