/* A GPT-2 model as the kernels read it: the weights of weights.h, packed. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/config.h"
#include "model/packed.h"

struct compute;
struct err;
struct model_weights;

/* D = n_embd, F = n_inner, as in weights.h.  Norms (D) are floats. */
struct block {
	float *ln_1_weight, *ln_1_bias, *ln_2_weight, *ln_2_bias;
	struct packed attn;	 /* (3D, D): q | k | v */
	struct packed attn_proj; /* (D, D) */
	struct packed fc;	 /* (F, D) */
	struct packed proj;	 /* (D, F) */
};

/* Read-only, and shared by all threads. */
struct model {
	struct model_config config;
	enum packing packing;
	struct block *blocks; /* config.n_layers */
	struct packed head;   /* (V, D) */
	/* The rows of wte.  int8 and int4 have them as bfloat16, apart from the
	 * head, as they are looked up one by one and cost no traffic. */
	struct packed embedding;
	float *positions; /* (n_positions, D) */
	float *ln_f_weight, *ln_f_bias;
	const unsigned char *numbers; /* all of these, one behind the other */
	size_t numbers_bytes;
	void *memory; /* what is mapped for them */
	size_t memory_bytes;
	bool is_mapped; /* a file's pages; else memory of this process */
	size_t bytes_per_token; /* of weights that a step for one row reads */
};

/* Copied, so that the weights may go.  0, or -1 and *err if there is no memory
 * for it. */
int model_init(struct model *, const struct model_weights *, enum packing,
	       struct compute *, struct err *);
void model_release(struct model *);

/* Everything but the numbers, for a shape that was checked; numbers_bytes says
 * how many bytes of them there are.  0, or -1 and *err if there is no memory;
 * nothing to release then. */
int model_shape(struct model *, const struct model_config *, enum packing,
		struct err *);
/* The numbers begin at that place, aligned to 64: the norms, matrices and
 * biases of each block in the order of struct block, the last norm, the head,
 * positions and the embedding, if that is not the head; each at a multiple of
 * 64 from the beginning.  Files have them so: another order is another
 * IMAGE_VERSION. */
void model_place(struct model *, const unsigned char *numbers);
/* So many bytes of zeroed memory for a shaped model, in large pages where the
 * system has them: a step reads all weights once, and would miss the
 * translation of each small page.  0, or -1 and *err. */
int model_map_memory(struct model *, size_t bytes, struct err *);
/* Whether all numbers are finite; of whole numbers, their scales. */
bool model_is_finite(const struct model *, struct compute *);

#endif
