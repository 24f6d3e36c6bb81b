#include "admin/model_open.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "model/compute.h"
#include "model/encoder.h"
#include "model/kernels.h"
#include "model/load.h"
#include "model/tokenizer.h"
#include "model/weights.h"

/* ---- Arguments */

int
model_number(const struct admin_call *call, const char *name, int fallback,
	     int min, int max, int *out, struct err *err)
{
	int64_t number = admin_number(call, name, fallback);

	if (number < min || number > max)
		return err_misuse(err, "--%s is %d to %d", name, min, max);
	*out = (int)number;
	return 0;
}

int
model_real(const struct admin_call *call, const char *name, float fallback,
	   float *out, struct err *err)
{
	const char *text = admin_text(call, name);
	char *end;

	if (!text) {
		*out = fallback;
		return 0;
	}
	float number = strtof(text, &end);
	if (end == text || *end)
		return err_misuse(err, "--%s: '%s' is no number", name, text);
	*out = number;
	return 0;
}

/* "464", up to a comma or the end. */
static int
read_id(const char *text, char **end_r)
{
	long number = -1;

	errno = 0;
	if (*text >= '0' && *text <= '9')
		number = strtol(text, end_r, 10);
	if (errno || number < 0 || number > INT_MAX)
		return -1;
	return **end_r == ',' || !**end_r ? (int)number : -1;
}

int
model_read_ids(const char *option, const char *text, struct token_list *ids,
	       struct err *err)
{
	for (;;) {
		char *end;
		int id = read_id(text, &end);
		if (id < 0)
			return err_misuse(err,
					  "%s: tokens are numbers with commas "
					  "between, as 464,3290",
					  option);
		if (token_list_add(ids, &id, 1))
			return err_misuse(err, "%s: there are too many tokens",
					  option);
		if (!*end)
			return 0;
		text = end + 1;
	}
}

int
model_check_ids(const char *option, const struct token_list *ids, int n_vocab,
		struct err *err)
{
	if (ids->n == 0)
		return err_misuse(err, "%s is empty", option);
	for (size_t i = 0; i < ids->n; i++)
		if (ids->ids[i] >= n_vocab)
			return err_misuse(err,
					  "%s has token %d, but ids are 0 to "
					  "%d",
					  option, ids->ids[i], n_vocab - 1);
	return 0;
}

int
model_encode(const struct opened *opened, const char *option, const char *text,
	     size_t len, struct token_list *ids, struct err *err)
{
	if (!opened->tokenizer)
		return err_misuse(err,
				  "%s: a text needs vocab.json and merges.txt "
				  "in the model's directory; tokens do not",
				  option);
	struct encoder *encoder = encoder_new(opened->tokenizer);
	int rc = encoder_encode(encoder, text, len, ids, err);
	encoder_free(encoder);
	return rc ? err_prefix(err, "%s", option) : 0;
}

/* ---- Weights */

/* "gpt2-medium:7" */
static int
make_weights(struct model_weights *weights, const char *text, struct err *err)
{
	char name[32];
	size_t len = strcspn(text, ":");
	uint64_t seed = 1;
	char *end;

	if (text[len]) {
		errno = 0;
		seed = strtoull(text + len + 1, &end, 10);
		if (!isdigit((unsigned char)text[len + 1]) || *end || errno)
			return err_misuse(err, "--synthetic: '%s' is no seed",
					  text + len + 1);
	}
	if (len >= sizeof name)
		len = sizeof name - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	const struct model_config *config = model_config_find(name);
	if (!config)
		return err_misuse(
			err,
			"--synthetic: there is no shape '%s'; there are "
			"distilgpt2, gpt2, gpt2-medium, gpt2-large and "
			"gpt2-xl",
			name);
	return model_weights_make(weights, config, seed, err);
}

static int
open_synthetic(struct model *model, const char *shape, int packing,
	       struct compute *compute, struct err *err)
{
	struct model_weights weights;

	if (make_weights(&weights, shape, err))
		return -1;
	int rc = model_init(model, &weights,
			    packing < 0 ? PACKED_F32 : (enum packing)packing,
			    compute, err);
	model_weights_release(&weights);
	return rc;
}

int
model_open(struct opened *opened, const struct admin_call *call,
	   struct err *err)
{
	const char *type = admin_text(call, "weights");
	const char *path = admin_text(call, "model");
	const char *shape = admin_text(call, "synthetic");
	int packing = type ? packing_find(type) : MODEL_PACKING_ANY;
	int n_threads;

	*opened = (struct opened){.kernels = kernels_best()};
	if (type && packing < 0)
		return err_misuse(err, "--weights is f32, bf16, int8 or int4");
	if (!path == !shape)
		return err_misuse(err, "one of --model and --synthetic says "
				       "which model");
	if (model_number(call, "threads", compute_n_processors(), 1,
			 COMPUTE_THREADS_MAX, &n_threads, err))
		return -1;
	opened->compute = compute_new(n_threads, err);
	if (!opened->compute)
		return -1;
	if (shape)
		return open_synthetic(&opened->model, shape, packing,
				      opened->compute, err);
	return model_load(&opened->model, &opened->tokenizer, path, packing,
			  opened->compute, err);
}

int
model_room(struct opened *opened, enum kv_type type, int n_blocks, int max_rows,
	   int max_logits, struct err *err)
{
	int n_vocab = opened->model.config.n_vocab;

	if (kv_init(&opened->kv, &opened->model.config, type, n_blocks, err) ||
	    step_init(&opened->step, n_vocab, max_rows, max_logits, err) ||
	    sampler_init(&opened->sampler, n_vocab, err))
		return -1;
	opened->forward =
		forward_new(&opened->model, &opened->kv, opened->compute,
			    opened->kernels, max_rows, err);
	return opened->forward ? 0 : -1;
}

void
model_close(struct opened *opened)
{
	forward_free(opened->forward);
	sampler_release(&opened->sampler);
	step_release(&opened->step);
	kv_release(&opened->kv);
	tokenizer_free(opened->tokenizer);
	model_release(&opened->model);
	compute_free(opened->compute);
}
