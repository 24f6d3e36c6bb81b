/* What a step is made of, for the files of forward.h. */
#ifndef MODEL_FORWARD_PARTS_H
#define MODEL_FORWARD_PARTS_H

#include "model/forward.h"
#include "model/kernels.h"
#include "model/kv.h"
#include "model/model.h"

/* Rows whose sums stay in the first cache; tiles of 3 and 6 fill it. */
#define SUM_ROWS 48

/* What each thread has for itself. */
struct scratch {
	float *sums;   /* (SUM_ROWS, PANEL_ROWS) */
	float *scores; /* (ATTENTION_ROWS, positions) */
	float *heads;  /* (ATTENTION_ROWS, padded width of a head) */
	const void **keys, **values;
};

/* Rows of one sequence. */
struct run {
	int first, n;
};

struct forward {
	const struct model *model;
	struct kv *kv;
	struct compute *compute;
	const struct kernels *kernels;
	int max_rows;
	/* N = max_rows, D and F as in model.h */
	float *x;		   /* (N, D), what blocks add to */
	float *qkv;		   /* (N, 3D) */
	struct activations narrow; /* (N, D): what goes into D-wide products */
	struct activations wide;   /* (N, F) */
	struct run *runs;	   /* (N) */
	int *wanted;		   /* (N), rows that want all logits */
	struct scratch *scratch;   /* a thread each */
	unsigned char *memory;
	/* The present step. */
	const struct forward_row *rows;
	int n_rows, n_runs, n_wanted, layer;
};

/* --- Rows */

/* What is done for rows from one loop to the next. */
typedef void row_fn(struct forward *, int row);
/* run for rows 0 ... n - 1, shared if there are many. */
void forward_for_rows(struct forward *, row_fn *run, int n);
/* One row as the kernels take it, beside its values. */
void forward_quantize_row(struct forward *, struct activations *, int row);
/* narrow (to) = norm of x (from), ready for a product. */
void forward_norm_row(struct forward *, int to, int from, const float *weight,
		      const float *bias);

/* --- Products */

struct product {
	struct forward *forward;
	const struct packed *packed;
	const struct activations *x;
	int n; /* rows of x */
	enum finish finish;
	float *out; /* (n, out_stride), or NULL: logits of the wanted rows */
	size_t out_stride;
	int panels_per_chunk;
};

/* All panels, shared. */
void forward_run_product(struct product *);

/* --- The head */

/* Logits of the rows that want some: of all tokens, or of those allowed. */
void forward_run_head(struct forward *);

#endif
