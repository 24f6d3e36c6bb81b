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

#endif
