#include "dialog/generator_model.h"

#include "base/err.h"
#include "model/compute.h"
#include "model/load.h"
#include "model/tokenizer.h"

static int
refuse_without_words(const char *path, struct err *err)
{
	return err_set(err,
		       "%s: there is no vocabulary, vocab.json and merges.txt; "
		       "'tellerctl model pull' fetches a whole model",
		       path);
}

int
generator_model_check(const char *path, enum packing packing,
		      struct model_config *config, struct err *err)
{
	struct model_look look;
	if (model_look(&look, path, (int)packing, err))
		return -1;
	*config = look.config;
	return look.has_vocabulary ? 0 : refuse_without_words(path, err);
}

int
generator_model_load(struct generator_model *made, const char *path,
		     enum packing packing, int n_threads, struct err *err)
{
	*made = (struct generator_model){.tokenizer = NULL};
	struct compute *compute = compute_new(n_threads, err);
	int rc = compute ? model_load(&made->model, &made->tokenizer, path,
				      (int)packing, compute, err)
			 : -1;
	compute_free(compute);
	if (!rc && !made->tokenizer)
		rc = refuse_without_words(path, err);
	return rc;
}

void
generator_model_release(struct generator_model *made)
{
	tokenizer_free(made->tokenizer);
	model_release(&made->model);
	made->tokenizer = NULL;
}
