#include "dialog/generator_model.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/compute.h"
#include "model/file.h"
#include "model/tokenizer.h"
#include "model/weights.h"

static int
read_config(const char *dir, struct model_config *config, struct err *err)
{
	struct buf text;
	buf_init(&text, MODEL_CONFIG_BYTES_MAX);
	int rc = model_file_read(dir, "config.json", &text, err);
	if (!rc && model_config_read(config, text.data, text.len, err))
		rc = err_prefix(err, "%s/config.json", dir);
	buf_release(&text);
	return rc;
}

int
generator_model_check(const char *path, struct model_config *config,
		      struct err *err)
{
	static const char *const names[] = {"model.safetensors", "vocab.json",
					    "merges.txt"};
	if (read_config(path, config, err))
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!model_file_exists(path, names[i]))
			return err_set(err,
				       "there is no %s/%s; 'tellerctl model "
				       "pull' fetches a whole model",
				       path, names[i]);
	return 0;
}

static int
open_tokenizer(struct generator_model *made, const char *dir, struct err *err)
{
	made->tokenizer = tokenizer_open(dir, err);
	if (!made->tokenizer)
		return -1;
	int size = tokenizer_size(made->tokenizer);
	if (size > made->model.config.n_vocab)
		return err_set(err,
			       "%s: vocab.json has ids up to %d, but the "
			       "model's vocab_size is %d",
			       dir, size - 1, made->model.config.n_vocab);
	return 0;
}

/* The vocabulary first: it is soon read. */
int
generator_model_load(struct generator_model *made, const char *path,
		     enum packing packing, int n_threads, struct err *err)
{
	struct model_weights weights = {0};
	*made = (struct generator_model){.tokenizer = NULL};
	struct compute *compute = compute_new(n_threads, err);
	int rc = compute ? model_weights_load(&weights, path, NULL, err) : -1;
	if (!rc)
		rc = model_init(&made->model, &weights, packing, compute, err);
	model_weights_release(&weights);
	compute_free(compute);
	return rc ? -1 : open_tokenizer(made, path, err);
}

void
generator_model_release(struct generator_model *made)
{
	tokenizer_free(made->tokenizer);
	model_release(&made->model);
	made->tokenizer = NULL;
}
