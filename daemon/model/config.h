/* The shape of a GPT-2 model: config.json of its directory. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* n_embd is a multiple of n_heads. */
struct model_config {
	int n_layers, n_heads, n_embd, n_inner, n_positions, n_vocab;
	float layer_norm_eps;
	bool is_tied;  /* the head is wte */
	int eos_token; /* -1: none */
};

/* What no model that we know exceeds: gpt2-xl has 48 layers, 25 heads, 1,600
 * wide, 1.6 thousand million parameters.  Products of these fit in 63 bits. */
#define MODEL_LAYERS_MAX 512
#define MODEL_HEADS_MAX 512
#define MODEL_EMBD_MAX 16384
#define MODEL_INNER_MAX (4 * MODEL_EMBD_MAX)
#define MODEL_POSITIONS_MAX (1 << 17)
#define MODEL_VOCAB_MAX (1 << 20)
#define MODEL_PARAMETERS_MAX ((int64_t)1 << 34)
#define MODEL_CONFIG_BYTES_MAX ((size_t)1 << 20)

/* Read the text of a config.json.  Absent keys have the defaults of GPT2Config
 * in the reference library (distilgpt2 and gpt2 differ in n_layer alone);
 * keys that we do not know are left alone; what would make it another
 * function than the one computed here is refused.  0, or -1 and *err. */
int model_config_read(struct model_config *, const char *text, size_t len,
		      struct err *);
/* Whether it is a shape within the limits.  0, or -1 and *err. */
int model_config_check(const struct model_config *, struct err *);
/* Numbers of a model of this shape, which was checked: weights and biases,
 * the head counted only where it is not wte. */
int64_t model_config_parameters(const struct model_config *);
/* The shape of a public model by its name: distilgpt2, gpt2, gpt2-medium,
 * gpt2-large, gpt2-xl.  NULL if it is none of these. */
const struct model_config *model_config_find(const char *name);

#endif
