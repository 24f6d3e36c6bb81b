/* The weights of a GPT-2 model in f32, as its files have them. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "model/config.h"

struct err;

/* Matrices are row-major and laid out as in the files: y = x W + b, W (in,
 * out).  D = n_embd, F = n_inner, V = n_vocab, P = n_positions.  Each begins
 * at a multiple of 64 bytes.  All is owned by struct model_weights, read-only
 * and shared by all threads. */
struct model_layer {
	const float *ln_1_weight, *ln_1_bias; /* (D) */
	const float *attn_weight, *attn_bias; /* (D, 3D), (3D): q | k | v */
	const float *attn_proj_weight, *attn_proj_bias; /* (D, D), (D) */
	const float *ln_2_weight, *ln_2_bias;		/* (D) */
	const float *fc_weight, *fc_bias;		/* (D, F), (F) */
	const float *proj_weight, *proj_bias;		/* (F, D), (D) */
};

struct model_weights {
	struct model_config config;
	const float *wte;		      /* (V, D) */
	const float *wpe;		      /* (P, D) */
	struct model_layer *layers;	      /* config.n_layers */
	const float *ln_f_weight, *ln_f_bias; /* (D) */
	const float *head;		      /* (V, D); wte itself when tied */
	void *memory;			      /* all of the above */
	size_t memory_bytes;
};

/* What the file that weights were read from is, for people. */
struct model_source {
	char path[256];
	char dtype[16]; /* "F32", "F16", "BF16", or "mixed" */
	int64_t bytes;
	int n_tensors; /* in the files, with those that are left alone */
};

/* Read config.json of a directory and its model.safetensors, or the parts that
 * their index names, with or without "transformer." before the names.  A head
 * of its own that has the numbers of wte is wte.  The weights are finite.
 * *source_r may be NULL.  0, or -1 and *err, which names the file and says what
 * to do; nothing to release then. */
int model_weights_load(struct model_weights *, const char *dir,
		       struct model_source *source_r, struct err *);
/* The shape alone, by config.json; there are weights, but nothing of them is
 * read.  0, or -1 and *err. */
int model_weights_look(struct model_config *, const char *dir, struct err *);
/* Weights from a seed, the same on every machine: N(0, 0.02) like a GPT-2 that
 * was not trained (0.02 / sqrt(2 n_layers) in both projections back to the
 * residual), but no bias is 0 and no gain 1, so that each number counts.  0,
 * or -1 and *err: config was refused, there is no memory. */
int model_weights_make(struct model_weights *, const struct model_config *,
		       uint64_t seed, struct err *);
/* Also of zeroed weights. */
void model_weights_release(struct model_weights *);

#endif
