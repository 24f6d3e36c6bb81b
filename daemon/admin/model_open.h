/* A model that a command computes with, by its arguments. */
#ifndef ADMIN_MODEL_OPEN_H
#define ADMIN_MODEL_OPEN_H

#include "admin/admin.h"
#include "model/generate.h"
#include "model/kv.h"
#include "model/model.h"

struct compute;
struct err;
struct kernels;
struct tokenizer;

/* Rows of the arguments that say which. */
#define MODEL_OPEN_ARGUMENTS                                          \
	{"--model", ADMIN_TEXT, false, "DIR",                         \
	 "a directory of the hub, or a converted model"},             \
		{"--synthetic", ADMIN_TEXT, false, "SHAPE[:SEED]",    \
		 "the shape of a public model, weights from a seed"}, \
		{"--weights", ADMIN_TEXT, false, "TYPE",              \
		 "f32 (without it), bf16, int8 or int4"},             \
	{                                                             \
		"--threads", ADMIN_NUMBER, false, "N",                \
			"how many; else one for each processor"       \
	}

struct opened {
	struct model model;
	struct compute *compute;
	const struct kernels *kernels;
	struct tokenizer *tokenizer; /* NULL: there is no vocabulary */
	/* By model_room(): */
	struct kv kv;
	struct forward *forward;
	struct step step;
	struct sampler sampler;
};

/* 0, or -1 and *err; to be closed in either case. */
int model_open(struct opened *, const struct admin_call *, struct err *);
/* Room for steps of so many rows and logits, and for so many blocks of keys and
 * values.  0, or -1 and *err. */
int model_room(struct opened *, enum kv_type, int n_blocks, int max_rows,
	       int max_logits, struct err *);
void model_close(struct opened *);

/* A number of the call within limits; fallback if it has none.  0, or -1 and
 * *err. */
int model_number(const struct admin_call *, const char *name, int fallback,
		 int min, int max, int *out, struct err *);
/* The same for a text that is a number with a fraction; without limits. */
int model_real(const struct admin_call *, const char *name, float fallback,
	       float *out, struct err *);

/* Tokens of an option, "464,3290". */
struct token_list;
int model_read_ids(const char *option, const char *text, struct token_list *,
		   struct err *);
/* Whether a vocabulary of that size has them, and there is one.  0, or -1 and
 * *err. */
int model_check_ids(const char *option, const struct token_list *, int n_vocab,
		    struct err *);
/* Tokens of a text that an option gives; there must be a vocabulary. */
int model_encode(const struct opened *, const char *option, const char *text,
		 size_t len, struct token_list *, struct err *);

#endif
