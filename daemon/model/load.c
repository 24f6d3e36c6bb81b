/* From a path to a model.  Any thread: nothing is kept. */
#include "model/load.h"

#include "base/err.h"
#include "model/compute.h"
#include "model/file.h"
#include "model/image.h"
#include "model/model.h"
#include "model/tokenizer.h"
#include "model/weights.h"

int
model_check_tokenizer(const struct tokenizer *tokenizer, int n_vocab,
		      const char *path, struct err *err)
{
	int size = tokenizer_size(tokenizer);

	if (size <= n_vocab)
		return 0;
	return err_set(err,
		       "%s: vocab.json has ids up to %d, but the model's "
		       "vocab_size is %d",
		       path, size - 1, n_vocab);
}

/* ---- A directory */

static int
load_weights(struct model *model, const char *dir, enum packing packing,
	     struct compute *compute, struct err *err)
{
	struct model_weights weights;

	if (model_weights_load(&weights, dir, NULL, err))
		return -1;
	int rc = model_init(model, &weights, packing, compute, err);
	model_weights_release(&weights);
	return rc;
}

static int
load_directory(struct model *model, struct tokenizer **tokenizer_r,
	       const char *dir, int packing, struct compute *compute,
	       struct err *err)
{
	enum packing wanted = packing < 0 ? PACKED_F32 : (enum packing)packing;

	if (load_weights(model, dir, wanted, compute, err))
		return -1;
	if (!model_file_exists(dir, "vocab.json"))
		return 0;
	*tokenizer_r = tokenizer_open(dir, err);
	return *tokenizer_r ? 0 : -1;
}

/* ---- A converted model */

static int
wrong_packing(const char *path, enum packing is, enum packing wanted,
	      struct err *err)
{
	return err_set(err,
		       "%s was converted to %s, not %s: convert its model anew",
		       path, packing_name(is), packing_name(wanted));
}

static int
look_at_image(struct model_look *look, const char *path, int packing,
	      struct err *err)
{
	struct image image;

	if (image_look(&image, path, err))
		return -1;
	enum packing is = image.model.packing;
	*look = (struct model_look){image.model.config, is,
				    image.vocab_len > 0};
	model_release(&image.model);
	return packing >= 0 && is != (enum packing)packing
		       ? wrong_packing(path, is, (enum packing)packing, err)
		       : 0;
}

static struct tokenizer *
make_tokenizer(const struct image *image, const char *path, struct err *err)
{
	struct tokenizer *tokenizer =
		tokenizer_new(image->vocab, image->vocab_len, image->merges,
			      image->merges_len, err);

	if (!tokenizer)
		err_prefix(err, "%s", path);
	return tokenizer;
}

static int
load_image(struct model *model, struct tokenizer **tokenizer_r,
	   const char *path, int packing, struct compute *compute,
	   struct err *err)
{
	struct model_look look;
	struct image image;

	if (look_at_image(&look, path, packing, err) ||
	    image_open(&image, path, compute, err))
		return -1;
	*model = image.model;
	if (image.vocab_len == 0)
		return 0;
	*tokenizer_r = make_tokenizer(&image, path, err);
	return *tokenizer_r ? 0 : -1;
}

/* ---- Both */

int
model_load(struct model *model, struct tokenizer **tokenizer_r,
	   const char *path, int packing, struct compute *compute,
	   struct err *err)
{
	*model = (struct model){0};
	*tokenizer_r = NULL;
	int rc = image_is(path) ? load_image(model, tokenizer_r, path, packing,
					     compute, err)
				: load_directory(model, tokenizer_r, path,
						 packing, compute, err);
	if (!rc && *tokenizer_r)
		rc = model_check_tokenizer(*tokenizer_r, model->config.n_vocab,
					   path, err);
	if (!rc)
		return 0;
	tokenizer_free(*tokenizer_r);
	*tokenizer_r = NULL;
	model_release(model);
	return -1;
}

int
model_look(struct model_look *look, const char *path, int packing,
	   struct err *err)
{
	if (image_is(path))
		return look_at_image(look, path, packing, err);
	*look = (struct model_look){
		.packing = packing < 0 ? PACKED_F32 : (enum packing)packing,
		.has_vocabulary = model_file_exists(path, "vocab.json"),
	};
	return model_weights_look(&look->config, path, err);
}

struct tokenizer *
model_load_tokenizer(const char *path, struct err *err)
{
	struct tokenizer *tokenizer = NULL;
	struct image image;

	if (!image_is(path))
		return tokenizer_open(path, err);
	struct compute *compute = compute_new(1, err);
	if (compute && image_open_texts(&image, path, compute, err) == 0) {
		if (image.vocab_len > 0)
			tokenizer = make_tokenizer(&image, path, err);
		else
			err_set(err, "%s was converted without a vocabulary",
				path);
		model_release(&image.model);
	}
	compute_free(compute);
	return tokenizer;
}
