/* From the last block to logits. */
#include "model/compute.h"
#include "model/forward_parts.h"

/* Of allowed tokens, that a thread takes at once. */
#define CHUNK_TOKENS 32

static void
norm_wanted_row(struct forward *forward, int i)
{
	const struct model *model = forward->model;

	forward_norm_row(forward, i, forward->wanted[i], model->ln_f_weight,
			 model->ln_f_bias);
}

/* One strip of the head for one row, its lanes to sums. */
static void
run_strip(struct forward *forward, int i, int strip, float *sums)
{
	const struct packed *head = &forward->model->head;

	forward->kernels->matmul[head->packing](
		sums,
		head->panels +
			(size_t)(strip / PANEL_STRIPS) * head->panel_bytes,
		strip % PANEL_STRIPS, 1, &forward->narrow, i, 1);
}

struct allowed_loop {
	struct forward *forward;
	int i; /* of the row in narrow */
	const struct forward_row *row;
};

/* A strip is the least that can be read: its lanes share their lines. */
static void
run_allowed(void *arg, int chunk, int thread)
{
	struct allowed_loop *loop = arg;
	const struct forward_row *row = loop->row;
	float *sums = loop->forward->scratch[thread].sums;
	int first = chunk * CHUNK_TOKENS, have = -1;

	for (int a = first; a < row->n_allowed && a < first + CHUNK_TOKENS;
	     a++) {
		int token = row->allowed[a];
		if (token / STRIP_ROWS != have) {
			have = token / STRIP_ROWS;
			run_strip(loop->forward, loop->i, have, sums);
		}
		row->logits[a] = sums[token % PANEL_ROWS] +
				 loop->forward->model->head.bias[token];
	}
}

/* Rows that want logits of all tokens first, those with a list after them. */
void
forward_run_head(struct forward *forward)
{
	int n_all = 0, n_wanted = 0;

	for (int row = 0; row < forward->n_rows; row++)
		if (forward->rows[row].logits &&
		    forward->rows[row].n_allowed == 0)
			forward->wanted[n_all++] = row;
	n_wanted = n_all;
	for (int row = 0; row < forward->n_rows; row++)
		if (forward->rows[row].logits &&
		    forward->rows[row].n_allowed > 0)
			forward->wanted[n_wanted++] = row;
	forward->n_wanted = n_wanted;
	forward_for_rows(forward, norm_wanted_row, n_wanted);
	struct product product = {
		.forward = forward,
		.packed = &forward->model->head,
		.x = &forward->narrow,
		.n = n_all,
		.finish = FINISH_PLAIN,
	};
	if (n_all > 0)
		forward_run_product(&product);
	for (int i = n_all; i < n_wanted; i++) {
		struct allowed_loop loop = {forward, i,
					    forward->rows + forward->wanted[i]};
		compute_run(forward->compute, run_allowed, &loop,
			    (loop.row->n_allowed + CHUNK_TOKENS - 1) /
				    CHUNK_TOKENS);
	}
}
