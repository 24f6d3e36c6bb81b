/* The model that the settings name, in memory. */
#ifndef DIALOG_GENERATOR_MODEL_H
#define DIALOG_GENERATOR_MODEL_H

#include "model/model.h"

struct err;
struct tokenizer;

struct generator_model {
	struct model model;
	struct tokenizer *tokenizer;
};

/* Is there such a model, with a vocabulary, as far as can be said without
 * reading its weights?  0 and its shape, or -1 and *err. */
int generator_model_check(const char *path, enum packing, struct model_config *,
			  struct err *);
/* 0, or -1 and *err, which names the file; to be released either way. */
int generator_model_load(struct generator_model *, const char *path,
			 enum packing, int n_threads, struct err *);
void generator_model_release(struct generator_model *);

#endif
