/* A converted model, which may be anybody's, opened.  Any thread: nothing is
 * kept. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/compute.h"
#include "model/file.h"
#include "model/image_parts.h"
#include "model/tokenizer.h"

#define AGAIN "copy it again, or make it anew with 'tellerctl model convert'"

/* ---- The header */

static int
wrong_version(uint32_t version, struct err *err)
{
	if (version > IMAGE_VERSION)
		return err_set(err,
			       "it is of version %lu, of a newer program than "
			       "this one, which reads version %d: make it anew "
			       "with this one's 'tellerctl model convert'",
			       (unsigned long)version, IMAGE_VERSION);
	return err_set(err,
		       "it is of version %lu, which is no longer read: make it "
		       "anew with 'tellerctl model convert'",
		       (unsigned long)version);
}

/* What a version has no use for yet: where it means something, a reader that
 * passes over it reads something else than what was written. */
static bool
has_unused(const struct image_header *header)
{
	static const uint8_t zeros[sizeof header->unused];

	return header->reserved != 0 ||
	       memcmp(header->unused, zeros, sizeof zeros) != 0;
}

/* Whether it is what it was when it was written. */
static int
check_header(const struct image_header *header, struct err *err)
{
	uint8_t sum[SHA256_SIZE];

	if (memcmp(header->magic, image_magic, sizeof header->magic) != 0)
		return err_set(err, "it is no converted model");
	if (header->version != IMAGE_VERSION)
		return wrong_version(header->version, err);
	image_header_sum(header, sum);
	if (memcmp(header->sum, sum, sizeof sum) != 0)
		return err_set(err, "its header is damaged: " AGAIN);
	if (has_unused(header))
		return err_set(err, "its header says something that this "
				    "program does not know: make it anew with "
				    "this one's 'tellerctl model convert'");
	return 0;
}

static int
read_shape(const struct image_header *header, struct model *model,
	   struct err *err)
{
	const struct model_config config = {
		.n_layers = header->n_layers,
		.n_heads = header->n_heads,
		.n_embd = header->n_embd,
		.n_inner = header->n_inner,
		.n_positions = header->n_positions,
		.n_vocab = header->n_vocab,
		.layer_norm_eps = header->layer_norm_eps,
		.is_tied = header->is_tied == 1,
		.eos_token = header->eos_token,
	};

	if (header->packing >= N_PACKINGS)
		return err_set(err, "its weights are packed in no known way");
	if (header->is_tied > 1)
		return err_set(err, "whether it has a head is not known");
	if (model_config_check(&config, err))
		return -1;
	return model_shape(model, &config, (enum packing)header->packing, err);
}

/* Sizes follow from the shape; what is there, and what the header says, is
 * compared with that before anything is looked for. */
static int
check_sizes(const struct image_header *header, const struct image *image,
	    uint64_t file_bytes, struct image_plan *plan, struct err *err)
{
	if (header->numbers_bytes != image->model.numbers_bytes)
		return err_set(err,
			       "it has %llu bytes of numbers, where its shape "
			       "needs %zu",
			       (unsigned long long)header->numbers_bytes,
			       image->model.numbers_bytes);
	if (header->vocab_bytes > TOKENIZER_FILE_MAX ||
	    header->merges_bytes > TOKENIZER_FILE_MAX ||
	    (header->merges_bytes > 0 && header->vocab_bytes == 0))
		return err_set(err, "its vocabulary is of no possible size");
	image_plan_make(plan, header->vocab_bytes, header->merges_bytes,
			header->numbers_bytes);
	if (header->file_bytes != plan->end)
		return err_set(err,
			       "it says that it has %llu bytes, where its "
			       "parts are %llu",
			       (unsigned long long)header->file_bytes,
			       (unsigned long long)plan->end);
	if (file_bytes != plan->end)
		return err_set(err, "it has %llu bytes, not %llu: " AGAIN,
			       (unsigned long long)file_bytes,
			       (unsigned long long)plan->end);
	return 0;
}

/* ---- All other bytes */

struct checking {
	const char *path;
	struct image_plan plan;
	uint8_t *sums;
	uint8_t *buffer; /* a part for each thread */
	uint8_t *copy;	 /* where the file is copied to, or NULL */
	int fd;
	atomic_int bad; /* a part, or -1 */
};

/* Read, lest a disk that fails is a SIGBUS here. */
static int
check_part(const struct checking *checking, int part, uint8_t *buffer,
	   struct err *err)
{
	uint64_t at = checking->plan.vocab + (uint64_t)part * IMAGE_PART;
	size_t len = (size_t)image_part_bytes(&checking->plan, (uint64_t)part);
	uint8_t *out = checking->copy ? checking->copy + at : buffer;
	uint8_t sum[SHA256_SIZE];

	if (model_file_read_at(checking->fd, checking->path, (int64_t)at, out,
			       len, err))
		return -1;
	crypto_sha256(out, len, sum);
	if (memcmp(sum, checking->sums + (size_t)part * SHA256_SIZE,
		   sizeof sum) == 0)
		return 0;
	return err_set(err,
		       "%s: its bytes from %llu to %llu are damaged: " AGAIN,
		       checking->path, (unsigned long long)at,
		       (unsigned long long)(at + len - 1));
}

static void
run_part(void *arg, int part, int thread)
{
	struct checking *checking = arg;
	uint8_t *buffer = checking->buffer + (uint64_t)thread * IMAGE_PART;

	if (atomic_load(&checking->bad) < 0 &&
	    check_part(checking, part, buffer, NULL))
		atomic_store(&checking->bad, part);
}

static int
check_parts(struct checking *checking, struct compute *compute, struct err *err)
{
	compute_run(compute, run_part, checking, (int)checking->plan.n_parts);
	if (checking->bad < 0)
		return 0;
	/* Again, for the words. */
	if (check_part(checking, checking->bad, checking->buffer, err))
		return -1;
	return err_set(err, "%s changed while it was read", checking->path);
}

static int
read_sums(struct checking *checking, const struct image_header *header,
	  struct err *err)
{
	const struct image_plan *plan = &checking->plan;
	size_t len = (size_t)(plan->vocab - plan->sums);
	uint8_t sum[SHA256_SIZE];

	checking->sums = mem_array(len, 1);
	if (!checking->sums)
		return err_set(err, "there is no memory for its sums");
	if (model_file_read_at(checking->fd, checking->path,
			       (int64_t)plan->sums, checking->sums, len, err))
		return -1;
	crypto_sha256(checking->sums, len, sum);
	if (memcmp(sum, header->sums_sum, sizeof sum) != 0)
		return err_set(err, "%s: its sums are damaged: " AGAIN,
			       checking->path);
	return 0;
}

static int
check_bytes(struct checking *checking, const struct image_header *header,
	    struct compute *compute, struct err *err)
{
	checking->bad = -1;
	checking->buffer =
		mem_array((size_t)compute_n_threads(compute), IMAGE_PART);
	int rc = checking->buffer
			 ? read_sums(checking, header, err)
			 : err_set(err, "there is no memory to read a model");
	if (!rc)
		rc = check_parts(checking, compute, err);
	free(checking->sums);
	free(checking->buffer);
	return rc;
}

/* ---- The file */

/* Nobody else can cut it short, or write to it. */
static bool
is_ours(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 &&
	       (status.st_uid == 0 || status.st_uid == geteuid()) &&
	       (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int
map(struct image *image, int fd, struct err *err)
{
	struct model *model = &image->model;

	image->model.is_mapped = is_ours(fd);
	if (!image->model.is_mapped)
		return model_map_memory(model, image->bytes, err);
	void *memory = mmap(NULL, image->bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return err_errno(err, "it cannot be mapped");
	model->memory = memory;
	model->memory_bytes = image->bytes;
	return 0;
}

static void
place_texts(struct image *image, const struct image_plan *plan)
{
	const char *memory = image->model.memory;

	image->vocab = memory + plan->vocab;
	image->merges = memory + plan->merges;
}

static int
read_header(struct image *image, const char *path, int fd,
	    struct image_header *header, struct image_plan *plan,
	    struct err *err)
{
	if (image->bytes < sizeof *header)
		return err_set(err, "%s: it is cut short: " AGAIN, path);
	if (model_file_read_at(fd, path, 0, header, sizeof *header, err))
		return -1;
	if (check_header(header, err) ||
	    read_shape(header, &image->model, err) ||
	    check_sizes(header, image, image->bytes, plan, err))
		return err_prefix(err, "%s", path);
	image->vocab_len = header->vocab_bytes;
	image->merges_len = header->merges_bytes;
	return 0;
}

/* The parts that have texts; the last of them may have numbers as well. */
static int
read_texts(struct image *image, const char *path, int fd,
	   struct compute *compute, struct err *err)
{
	struct checking checking = {.path = path, .fd = fd};
	struct image_plan *plan = &checking.plan;
	struct image_header header;

	if (read_header(image, path, fd, &header, plan, err))
		return -1;
	plan->n_parts =
		(plan->numbers - plan->vocab + IMAGE_PART - 1) / IMAGE_PART;
	if (model_map_memory(&image->model,
			     plan->vocab + plan->n_parts * IMAGE_PART, err))
		return err_prefix(err, "%s", path);
	checking.copy = image->model.memory;
	if (check_bytes(&checking, &header, compute, err))
		return -1;
	place_texts(image, plan);
	return 0;
}

static int
read_all(struct image *image, const char *path, int fd, struct compute *compute,
	 struct err *err)
{
	struct checking checking = {.path = path, .fd = fd};
	struct image_header header;

	if (read_header(image, path, fd, &header, &checking.plan, err))
		return -1;
	if (map(image, fd, err))
		return err_prefix(err, "%s", path);
	if (!image->model.is_mapped)
		checking.copy = image->model.memory;
	if (check_bytes(&checking, &header, compute, err))
		return -1;
	place_texts(image, &checking.plan);
	model_place(&image->model, (const unsigned char *)image->model.memory +
					   checking.plan.numbers);
	if (!model_is_finite(&image->model, compute))
		return err_set(err,
			       "%s holds numbers that are not finite (NaN or "
			       "infinite): the model is broken",
			       path);
	return 0;
}

/* The header alone. */
static int
read_shape_only(struct image *image, const char *path, int fd,
		struct compute *compute, struct err *err)
{
	struct image_header header;
	struct image_plan plan;

	(void)compute;
	return read_header(image, path, fd, &header, &plan, err);
}

typedef int read_fn(struct image *, const char *path, int fd, struct compute *,
		    struct err *);

static int
open_file(struct image *image, const char *path, read_fn *read,
	  struct compute *compute, struct err *err)
{
	int64_t size;
	int fd = model_file_open(path, &size, err);

	*image = (struct image){0};
	if (fd < 0)
		return -1;
	image->bytes = (uint64_t)size;
	int rc = read(image, path, fd, compute, err);
	close(fd);
	if (rc)
		model_release(&image->model);
	return rc;
}

int
image_open(struct image *image, const char *path, struct compute *compute,
	   struct err *err)
{
	return open_file(image, path, read_all, compute, err);
}

int
image_open_texts(struct image *image, const char *path, struct compute *compute,
		 struct err *err)
{
	return open_file(image, path, read_texts, compute, err);
}

int
image_look(struct image *image, const char *path, struct err *err)
{
	return open_file(image, path, read_shape_only, NULL, err);
}
