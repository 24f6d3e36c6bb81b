/* A GPT-2 model as the kernels read it: the weights of weights.h, packed. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

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
	unsigned char *memory; /* all of these numbers, mapped */
	size_t memory_bytes;
	size_t bytes_per_token; /* of weights that a step for one row reads */
};

/* Copied, so that the weights may go.  0, or -1 and *err if there is no memory
 * for it. */
int model_init(struct model *, const struct model_weights *, enum packing,
	       struct compute *, struct err *);
void model_release(struct model *);

#endif
