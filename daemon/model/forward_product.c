/* Products of weights and rows, and what is done with their sums. */
#include "model/compute.h"
#include "model/forward_parts.h"

/* Of weights, that a thread takes at once. */
#define CHUNK_BYTES (64 << 10)

static float *
product_out(const struct product *product, int row)
{
	const struct forward *forward = product->forward;

	if (product->out)
		return product->out + (size_t)row * product->out_stride;
	return forward->rows[forward->wanted[row]].logits;
}

static void
run_panel(const struct product *product, int panel, float *sums)
{
	const struct packed *packed = product->packed;
	const struct kernels *kernels = product->forward->kernels;
	int first = panel * PANEL_ROWS, lanes = packed->n_rows - first;

	if (lanes > PANEL_ROWS)
		lanes = PANEL_ROWS;
	for (int row = 0; row < product->n; row += SUM_ROWS) {
		int left = product->n - row;
		int n = left < SUM_ROWS ? left : SUM_ROWS;
		kernels->matmul[packed->packing](
			sums,
			packed->panels + (size_t)panel * packed->panel_bytes, 0,
			PANEL_STRIPS, product->x, row, n);
		for (int i = 0; i < n; i++)
			kernels->finish[product->finish](
				product_out(product, row + i) + first,
				sums + i * PANEL_ROWS, packed->bias + first,
				lanes);
	}
}

static void
run_panels(void *arg, int chunk, int thread)
{
	const struct product *product = arg;
	int first = chunk * product->panels_per_chunk;
	int end = first + product->panels_per_chunk;

	if (end > product->packed->n_panels)
		end = product->packed->n_panels;
	for (int panel = first; panel < end; panel++)
		run_panel(product, panel,
			  product->forward->scratch[thread].sums);
}

void
forward_run_product(struct product *product)
{
	const struct packed *packed = product->packed;
	int per_chunk = (int)(CHUNK_BYTES / packed->panel_bytes);

	product->panels_per_chunk = per_chunk < 1 ? 1 : per_chunk;
	compute_run(product->forward->compute, run_panels, product,
		    (packed->n_panels + product->panels_per_chunk - 1) /
			    product->panels_per_chunk);
}
