/* A step of the model for rows of many sequences at once. */
#ifndef MODEL_FORWARD_H
#define MODEL_FORWARD_H

#include <stddef.h>

struct compute;
struct err;
struct forward;
struct kernels;
struct kv;
struct model;
struct model_config;

/* One token of one sequence.  Rows of the same sequence stand together, one
 * position after the other, and have the same pointer to blocks: its blocks of
 * keys and values, KV_BLOCK positions each, up to that of the position.  What
 * was before the first of these positions is there from earlier steps.  A row
 * has the same bits in whatever company it comes, and however many threads
 * there are. */
struct forward_row {
	int token, position;
	const int *blocks;
	/* NULL, or room for the logits of the next token: of all, or of those
	 * allowed alone, in their order. */
	float *logits;
	const int *allowed;
	int n_allowed; /* 0: all */
};

/* Room for steps of up to max_rows; all else is borrowed until the end.  NULL
 * and *err if there is no memory for it. */
struct forward *forward_new(const struct model *, struct kv *, struct compute *,
			    const struct kernels *, int max_rows, struct err *);
void forward_free(struct forward *);
/* Bytes that it takes. */
size_t forward_plan_bytes(const struct model_config *, int n_threads,
			  int max_rows);

/* Compute 1 ... max_rows rows: their keys and values go to their blocks, and
 * logits where they are wanted.  Nothing is allocated.  One step at a time. */
void forward_run(struct forward *, const struct forward_row *rows, int n_rows);

#endif
