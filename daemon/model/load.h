/* A model to compute with, from whatever a path names: a directory with
 * config.json and model.safetensors, or a converted model. */
#ifndef MODEL_LOAD_H
#define MODEL_LOAD_H

#include <stdbool.h>

#include "model/config.h"
#include "model/packed.h"

struct compute;
struct err;
struct model;
struct tokenizer;

#define MODEL_PACKING_ANY (-1)

/* The weights are packed as asked, f32 if in any way.  A converted model is
 * packed already: it is refused if in another way than asked.  *tokenizer_r is
 * NULL when there is no vocabulary; all its ids are the model's.  The bits of
 * the numbers are the same from both.  0, or -1 and *err, which names what it
 * is about; nothing to release then. */
int model_load(struct model *, struct tokenizer **tokenizer_r, const char *path,
	       int packing, struct compute *, struct err *);
/* What a path names, before the time and the memory that it takes: a shape, how
 * it will be packed (as asked, or as it is), and whether there are weights and
 * a vocabulary.  0, or -1 and *err. */
struct model_look {
	struct model_config config;
	enum packing packing;
	bool has_vocabulary;
};
int model_look(struct model_look *, const char *path, int packing,
	       struct err *);
/* The tokenizer alone, which must be there; of a converted model the numbers
 * are not read.  NULL and *err. */
struct tokenizer *model_load_tokenizer(const char *path, struct err *);
/* Whether the model has all ids of its vocabulary.  0, or -1 and *err. */
int model_check_tokenizer(const struct tokenizer *, int n_vocab,
			  const char *path, struct err *);

#endif
