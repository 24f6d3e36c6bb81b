/* A step as it is put together: rows of several generations, and room for the
 * logits that they want. */
#ifndef MODEL_STEP_H
#define MODEL_STEP_H

#include "model/forward.h"

struct err;

struct step {
	struct forward_row *rows; /* (max_rows) */
	float *logits;		  /* (max_logits, V) */
	int n_rows, max_rows, n_logits, max_logits, n_vocab;
};

/* 0, or -1 and *err: no memory. */
int step_init(struct step *, int n_vocab, int max_rows, int max_logits,
	      struct err *);
void step_release(struct step *);
void step_clear(struct step *);

/* Of two limits, which is what a share of a step mostly is. */
static inline int
smaller(int a, int b)
{
	return a < b ? a : b;
}

#endif
