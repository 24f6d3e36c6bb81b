/* The inner loops of the generator, one table of them for each set of
 * instructions.  Any thread: nothing is kept.
 *
 * Weights are packed in panels of PANEL_ROWS rows of outputs, which lie in the
 * lanes of a vector, so that each output is one chain of additions along the
 * depth and nothing is added across lanes.  What is computed for one row of
 * activations therefore never depends on which rows stand beside it:
 *
 *   f32, bf16   the sum of SUM_BLOCK products, each added to the one before;
 *               these sums are added in order (tiles of AMX have an order of
 *               their own for bf16, see kernels_amx_bf16.c);
 *   int8, int4  whole numbers in blocks of QUANT_BLOCK, then scale of weights
 *               * scale of activations * whole number, added in order. */
#ifndef MODEL_KERNELS_H
#define MODEL_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRIP_ROWS 16 /* what is computed together at least */
#define PANEL_STRIPS 4
#define PANEL_ROWS (PANEL_STRIPS * STRIP_ROWS)
#define QUANT_BLOCK 32
#define SUM_BLOCK 64
#define KV_BLOCK 16 /* positions */

enum packing { PACKED_F32, PACKED_BF16, PACKED_INT8, PACKED_INT4 };
#define N_PACKINGS 4
enum kv_type { KV_F32, KV_F16, KV_INT8 };
#define N_KV_TYPES 3
#define KV_SCALES_BYTES (KV_BLOCK * 4)

/* What became of QUANT_BLOCK activations. */
struct quant_block {
	float scale;	/* of the whole numbers */
	int32_t offset; /* -zero point of the weights * sum of the numbers */
};

/* Rows of activations.  depth is a multiple of QUANT_BLOCK; what fills a row
 * up is zero. */
struct activations {
	int depth;
	float *values;		    /* (N, depth) */
	int8_t *quants;		    /* (N, depth), for int8 and int4 */
	struct quant_block *blocks; /* (N, depth / QUANT_BLOCK), likewise */
	uint16_t *halves;	    /* (N, 2, depth), for bf16 by split() */
};

/* out (n, PANEL_ROWS) = rows first ... first + n - 1 of x times the strips
 * strip ... strip + n_strips - 1 of a panel, transposed; the other columns of
 * out are untouched.  n_strips is 1 or PANEL_STRIPS; out is aligned to 64. */
typedef void matmul_fn(float *out, const void *panel, int first_strip,
		       int n_strips, const struct activations *x, int first,
		       int n);

/* One head of one sequence.  Keys and values lie in blocks of KV_BLOCK
 * positions: keys (width, KV_BLOCK), values (KV_BLOCK, padded width), where
 * the padded width is the next multiple of STRIP_ROWS.
 *
 * In int8 a position has one scale for its keys of this head and one for its
 * values: scales (KV_BLOCK) as floats, and then keys (padded width / 4,
 * KV_BLOCK, 4) with ZERO_POINT_INT8, values (KV_BLOCK / 4, padded width, 4)
 * signed.  Queries become whole numbers then, twice -127 ... 127 as each is a
 * sum of a coarse and a fine one, with one scale for a row; the weights of
 * positions, times the scales of their values, 0 ... 255, with one for a row
 * and each block. */
struct attention {
	int width;
	const void *const *keys, *const *values; /* a block each */
	const float *queries; /* (n, width), rows apart by query_stride */
	float *out;	      /* (n, width), likewise by out_stride */
	size_t query_stride, out_stride;
	int position, n; /* of the first row; of rows, one position each */
	/* (ATTENTION_ROWS, positions up to the last, to whole blocks) and
	 * (ATTENTION_ROWS, padded width), aligned to 64 */
	float *scores, *sums;
};
#define ATTENTION_ROWS 6

/* softmax(q k^T / sqrt(width)) v, each row up to its own position */
typedef void attend_fn(const struct attention *);
/* Put keys and values (width) of one position in its block. */
typedef void keep_fn(void *keys, void *values, const float *key,
		     const float *value, int width, int position);

/* What is done with the sums of a panel for one row of activations: out
 * (n) = sums + bias, the same added to out, or gelu of it. */
enum finish { FINISH_PLAIN, FINISH_ADD, FINISH_GELU };
#define N_FINISHES 3

/* Of weights: their sum, and that of each times its logarithm. */
struct mass {
	double sum, moment;
};
#define SCORE_BLOCK 64

struct kernels {
	const char *name;
	bool (*is_supported)(void);
	matmul_fn *matmul[N_PACKINGS];
	/* bias and sums have whole strips, aligned to 64. */
	void (*finish[N_FINISHES])(float *out, const float *sums,
				   const float *bias, int n);
	/* out (width) = layer norm of in (width): biased variance, eps inside
	 * the root. */
	void (*layernorm)(float *out, const float *in, const float *weight,
			  const float *bias, float eps, int width);
	/* in (depth) as whole numbers of -127 ... 127 */
	void (*quantize)(int8_t *quants, struct quant_block *blocks,
			 const float *in, int depth, int zero_point);
	/* halves (2, depth) = bf16 of in (depth), and of what that leaves;
	 * NULL: products with bf16 take activations in f32. */
	void (*split)(uint16_t *halves, const float *in, int depth);
	/* x (n) = softmax of x; room for whole strips, what fills up becomes
	 * zero. */
	void (*softmax)(float *x, int n);
	attend_fn *attend[N_KV_TYPES];
	keep_fn *keep[N_KV_TYPES];
	/* Of these two all sets give the same bits, see weigh.h. */
	/* weights (n) = e^((scores - highest) * inverse), where no score is
	 * above the highest: relative error below 1e-15 + 3e-16 * |exponent|;
	 * zero for exponents below -708. */
	struct mass (*weigh)(double *weights, const float *scores, int n,
			     float highest, double inverse);
	/* out (n) = in (n), mended as by logits_mend(); maxima: the highest of
	 * each SCORE_BLOCK of out.  out may be in. */
	void (*mend)(float *out, const float *in, int n, float *maxima);
};

/* The sets that this program has, best first, to the last, plain C, which runs
 * everywhere; NULL after that. */
extern const struct kernels *const kernels_all[];
extern const struct kernels kernels_plain;
/* The best that this processor has. */
const struct kernels *kernels_best(void);
/* NULL: there is none of that name, or this processor lacks it. */
const struct kernels *kernels_find(const char *name);

/* Zero points of the unsigned weights of int8 and int4. */
#define ZERO_POINT_INT8 128
#define ZERO_POINT_INT4 8

/* Bytes of a panel of that depth, a multiple of QUANT_BLOCK.
 *
 *   f32   (depth, PANEL_ROWS)
 *   bf16  (depth / 2, PANEL_ROWS, 2)
 *   int8  for each block: scales (PANEL_ROWS) bf16; (8, PANEL_ROWS, 4) bytes
 *   int4  the same with (4, PANEL_ROWS, 4) bytes: the low halves are four
 *         numbers along the depth, the high halves the four after those */
size_t panel_bytes(enum packing, int depth);

#define INT8_BLOCK_BYTES (PANEL_ROWS * (2 + QUANT_BLOCK))
#define INT4_BLOCK_BYTES (PANEL_ROWS * (2 + QUANT_BLOCK / 2))

/* keep[KV_F32] of all sets */
keep_fn kv_keep_f32;
/* Those of plain C. */
attend_fn attend_int8_plain;
keep_fn keep_int8_plain;

/* The next multiple of step. */
static inline int
round_up(int n, int step)
{
	return (n + step - 1) / step * step;
}

#endif
