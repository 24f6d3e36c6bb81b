/* A converted model from anybody, who knows how to make its sums.  The input is
 * a byte of flags, the header from its version on, and bytes that are repeated
 * to fill the rest of the file, as long as the header says.  What is taken has
 * only numbers that are finite, wherever they are looked for. */
#include "fuzz.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "model/compute.h"
#include "model/image_parts.h"
#include "model/tokenizer.h"

enum flags { SUM_HEADER = 1, SUM_PARTS = 2, COPY = 4, CUT = 8 };

#define FILE_MAX ((uint64_t)4 << 20)

struct file {
	union {
		struct image_header header;
		uint8_t bytes[FILE_MAX];
	};
	uint64_t len;
};

static struct file file;

static bool
has_room(const struct image_header *header)
{
	return header->vocab_bytes < FILE_MAX &&
	       header->merges_bytes < FILE_MAX &&
	       header->numbers_bytes < FILE_MAX;
}

static void
fill(const uint8_t *data, size_t size, const struct image_plan *plan)
{
	for (uint64_t i = plan->vocab; size > 0 && i < plan->end; i++)
		file.bytes[i] = data[(i - plan->vocab) % size];
}

static void
add_sums(const struct image_plan *plan)
{
	uint8_t *sums = file.bytes + plan->sums;

	for (uint64_t part = 0; part < plan->n_parts; part++)
		crypto_sha256(file.bytes + plan->vocab + part * IMAGE_PART,
			      image_part_bytes(plan, part),
			      sums + part * SHA256_SIZE);
	crypto_sha256(sums, plan->vocab - plan->sums, file.header.sums_sum);
}

static void
make(const uint8_t *data, size_t size)
{
	const size_t at = offsetof(struct image_header, version);
	const size_t room = offsetof(struct image_header, unused) - at;
	size_t len = size - 1 < room ? size - 1 : room;
	struct image_plan plan;

	memset(&file, 0, sizeof file.header);
	memcpy(file.header.magic, image_magic, sizeof file.header.magic);
	memcpy(file.bytes + at, data + 1, len);
	file.len = sizeof file.header;
	if (has_room(&file.header)) {
		image_plan_make(&plan, file.header.vocab_bytes,
				file.header.merges_bytes,
				file.header.numbers_bytes);
		if (plan.end <= FILE_MAX) {
			memset(file.bytes + file.len, 0, plan.end - file.len);
			fill(data + 1 + len, size - 1 - len, &plan);
			file.len = plan.end;
			if (data[0] & SUM_PARTS)
				add_sums(&plan);
		}
	}
	if (data[0] & SUM_HEADER)
		image_header_sum(&file.header, file.header.sum);
}

static void
expect_finite(const struct packed *packed)
{
	float *row = calloc((size_t)packed->depth, sizeof *row);

	for (int i = 0; row && i < packed->n_rows; i++) {
		packed_row(packed, i, row);
		for (int k = 0; k < packed->depth; k++)
			assert(!isnan(row[k]));
		assert(isfinite(packed->bias[i]));
	}
	free(row);
}

static void
use(const struct image *image)
{
	const struct model *model = &image->model;
	struct err err = {0};

	for (int i = 0; i < model->config.n_layers; i++) {
		expect_finite(&model->blocks[i].attn);
		expect_finite(&model->blocks[i].attn_proj);
		expect_finite(&model->blocks[i].fc);
		expect_finite(&model->blocks[i].proj);
	}
	expect_finite(&model->head);
	expect_finite(&model->embedding);
	tokenizer_free(tokenizer_new(image->vocab, image->vocab_len,
				     image->merges, image->merges_len, &err));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct compute *compute;
	struct image image;
	struct err err = {0};
	char path[32];

	if (size == 0)
		return 0;
	if (!compute)
		compute = compute_new(1, &err);
	make(data, size);
	int fd = memfd_create("model", MFD_CLOEXEC);
	uint64_t len = data[0] & CUT ? file.len / 2 : file.len;
	if (fd < 0 || write(fd, file.bytes, len) != (ssize_t)len ||
	    fchmod(fd, data[0] & COPY ? 0666 : 0644))
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int rc = image_open(&image, path, compute, &err);
	assert((rc < 0) == (err.text[0] != '\0'));
	if (rc == 0) {
		assert(image.model.is_mapped == !(data[0] & COPY));
		use(&image);
		model_release(&image.model);
	}
	close(fd);
	return 0;
}
