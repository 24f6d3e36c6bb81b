/* The tensors of a model, by name, shape and place. */
#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct model_config;
struct model_weights;

enum layout_kind {
	LAYOUT_MATRIX,	 /* weights, and embeddings */
	LAYOUT_RESIDUAL, /* weights of a projection back to the residual */
	LAYOUT_GAIN,	 /* of a layer norm */
	LAYOUT_BIAS
};

struct layout_tensor {
	char name[40]; /* as in files, without "transformer." */
	enum layout_kind kind;
	int rank; /* 1 or 2 */
	int64_t shape[2], count;
	float *data;   /* NULL until layout_place() */
	int layer;     /* -1: of none */
	size_t member; /* where in the layer, or the model, its pointer is */
};

struct layout {
	struct layout_tensor *tensors;
	size_t n;
};

/* List the tensors of this shape, which was checked.  The head is one,
 * "lm_head.weight", unless config says that it is tied.  0, or -1 and *err;
 * nothing to release then. */
int layout_open(struct layout *, const struct model_config *, struct err *);
void layout_release(struct layout *);
/* Take zeroed memory for weights of the same shape and point each member of
 * *weights, and the data of each tensor, into it.  The weights outlive the
 * list.  0, or -1 and *err; nothing to release then. */
int layout_place(struct layout *, const struct model_config *,
		 struct model_weights *, struct err *);
/* NULL: a model of this shape has no such tensor. */
const struct layout_tensor *layout_find(const struct layout *,
					const char *name);

#endif
