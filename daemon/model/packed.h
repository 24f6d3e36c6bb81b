/* Matrices of weights as the kernels read them. */
#ifndef MODEL_PACKED_H
#define MODEL_PACKED_H

#include <stdint.h>

#include "model/kernels.h"

struct err;

/* y (n_rows) = W x (depth) + bias.  Read-only once it is filled, and shared. */
struct packed {
	enum packing packing;
	int n_rows, depth;    /* of the model */
	int n_panels, padded; /* panels; depth to whole QUANT_BLOCKs */
	size_t panel_bytes;
	unsigned char *panels; /* (n_panels), aligned to 64 */
	float *bias;	       /* (n_panels, PANEL_ROWS), aligned to 64 */
};

/* Everything but panels and bias, for which the caller finds so many bytes,
 * each a multiple of 64. */
void packed_init(struct packed *, enum packing, int n_rows, int depth);
size_t packed_panels_bytes(const struct packed *);
size_t packed_bias_bytes(const struct packed *);

/* Where the number of a row at some place of the depth stands:
 * numbers[row * row_stride + place * depth_stride].  Files have most matrices
 * as (depth, rows), and the embedding as (rows, depth). */
struct matrix {
	const float *numbers;
	size_t row_stride, depth_stride;
};

/* Panels first ... first + n - 1 of a matrix of finite numbers; what fills
 * them up is zero. */
void packed_fill(struct packed *, const struct matrix *, int first, int n);
/* bias (n_rows), or NULL for zeros. */
void packed_fill_bias(struct packed *, const float *bias);

/* Whether the numbers of a panel are finite, or the scales of whole ones. */
bool packed_is_finite(const struct packed *, int panel);

/* out (depth) = one row, as the kernels take it. */
void packed_row(const struct packed *, int row, float *out);

/* "f32", "bf16", "int8", "int4"; -1 for any other name. */
int packing_find(const char *name);
const char *packing_name(enum packing);

#endif
