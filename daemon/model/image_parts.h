/* What image_open.c and image_write.c share. */
#ifndef MODEL_IMAGE_PARTS_H
#define MODEL_IMAGE_PARTS_H

#include <stdint.h>

#include "base/crypto.h"
#include "model/image.h"

struct image_header {
	char magic[16];
	uint32_t version, packing;
	int32_t n_layers, n_heads, n_embd, n_inner, n_positions, n_vocab;
	int32_t eos_token;
	uint32_t is_tied;
	float layer_norm_eps;
	uint32_t reserved; /* 0 */
	uint64_t vocab_bytes, merges_bytes, numbers_bytes, file_bytes;
	uint8_t unused[3936]; /* 0 */
	uint8_t sums_sum[SHA256_SIZE];
	uint8_t sum[SHA256_SIZE]; /* of what stands before it */
};

extern const char image_magic[16];

/* Where the sections are in the file. */
struct image_plan {
	uint64_t sums, vocab, merges, numbers, end;
	uint64_t n_parts; /* of vocab ... end */
};

/* By sizes within the limits. */
void image_plan_make(struct image_plan *, uint64_t vocab_bytes,
		     uint64_t merges_bytes, uint64_t numbers_bytes);
/* Bytes of a part, which is less than n_parts. */
uint64_t image_part_bytes(const struct image_plan *, uint64_t part);
/* The sum of the header. */
void image_header_sum(const struct image_header *, uint8_t out[SHA256_SIZE]);

#endif
