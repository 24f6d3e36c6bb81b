/* A converted model, written.  Any thread: nothing is kept. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/compute.h"
#include "model/image_parts.h"

/* What stands somewhere in the file. */
struct section {
	uint64_t at, len;
	const void *data;
};
#define N_SECTIONS 3

struct writing {
	struct image_plan plan;
	struct section sections[N_SECTIONS];
	uint8_t *sums;	 /* whole pages */
	uint8_t *buffer; /* a part for each thread */
};

/* The bytes of a part; what lies between sections is zero. */
static void
gather(const struct writing *writing, uint64_t part, uint8_t *out)
{
	uint64_t begin = writing->plan.vocab + part * IMAGE_PART;
	uint64_t end = begin + image_part_bytes(&writing->plan, part);

	memset(out, 0, end - begin);
	for (int i = 0; i < N_SECTIONS; i++) {
		const struct section *section = &writing->sections[i];
		uint64_t from = section->at > begin ? section->at : begin;
		uint64_t to = section->at + section->len;
		if (to > end)
			to = end;
		if (from < to)
			memcpy(out + (from - begin),
			       (const uint8_t *)section->data +
				       (from - section->at),
			       to - from);
	}
}

static void
sum_part(void *arg, int part, int thread)
{
	const struct writing *writing = arg;
	uint8_t *buffer = writing->buffer + (uint64_t)thread * IMAGE_PART;

	gather(writing, (uint64_t)part, buffer);
	crypto_sha256(buffer, image_part_bytes(&writing->plan, (uint64_t)part),
		      writing->sums + (size_t)part * SHA256_SIZE);
}

static void
fill_header(struct image_header *header, const struct image *image,
	    const struct writing *writing)
{
	const struct model_config *config = &image->model.config;
	const struct image_plan *plan = &writing->plan;

	*header = (struct image_header){
		.version = IMAGE_VERSION,
		.packing = image->model.packing,
		.n_layers = config->n_layers,
		.n_heads = config->n_heads,
		.n_embd = config->n_embd,
		.n_inner = config->n_inner,
		.n_positions = config->n_positions,
		.n_vocab = config->n_vocab,
		.eos_token = config->eos_token,
		.is_tied = config->is_tied,
		.layer_norm_eps = config->layer_norm_eps,
		.vocab_bytes = image->vocab_len,
		.merges_bytes = image->merges_len,
		.numbers_bytes = image->model.numbers_bytes,
		.file_bytes = plan->end,
	};
	memcpy(header->magic, image_magic, sizeof header->magic);
	crypto_sha256(writing->sums, plan->vocab - plan->sums,
		      header->sums_sum);
	image_header_sum(header, header->sum);
}

static int
put_all(const struct image *image, const struct writing *writing,
	image_put_fn *put, void *arg)
{
	const struct image_plan *plan = &writing->plan;
	struct image_header header;

	fill_header(&header, image, writing);
	if (put(arg, &header, sizeof header) ||
	    put(arg, writing->sums, plan->vocab - plan->sums))
		return -1;
	for (uint64_t part = 0; part < plan->n_parts; part++) {
		gather(writing, part, writing->buffer);
		if (put(arg, writing->buffer, image_part_bytes(plan, part)))
			return -1;
	}
	return 0;
}

int
image_write(const struct image *image, struct compute *compute,
	    image_put_fn *put, void *arg, struct err *err)
{
	const struct model *model = &image->model;
	struct writing writing = {0};
	struct image_plan *plan = &writing.plan;
	int rc = -1;

	image_plan_make(plan, image->vocab_len, image->merges_len,
			model->numbers_bytes);
	writing.sections[0] =
		(struct section){plan->vocab, image->vocab_len, image->vocab};
	writing.sections[1] = (struct section){plan->merges, image->merges_len,
					       image->merges};
	writing.sections[2] = (struct section){
		plan->numbers, model->numbers_bytes, model->numbers};
	writing.sums = mem_array(plan->vocab - plan->sums, 1);
	writing.buffer =
		mem_array((size_t)compute_n_threads(compute), IMAGE_PART);
	if (!writing.sums || !writing.buffer) {
		err_set(err, "there is no memory to write a model");
	} else {
		compute_run(compute, sum_part, &writing, (int)plan->n_parts);
		rc = put_all(image, &writing, put, arg);
	}
	free(writing.sums);
	free(writing.buffer);
	return rc;
}
