/* One file of a model, packed as the kernels read it. */
#include <errno.h>
#include <string.h>

#include "admin/model_open.h"
#include "admin/model_verbs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "model/file.h"
#include "model/image.h"
#include "model/tokenizer.h"

/* The texts that the tokenizer was read from. */
static int
read_texts(const struct opened *opened, const char *dir, struct buf *vocab,
	   struct buf *merges, struct err *err)
{
	return opened->tokenizer ? tokenizer_read(dir, vocab, merges, err) : 0;
}

static int
write_image(struct admin_call *call, const struct opened *opened,
	    const struct buf *vocab, const struct buf *merges, struct err *err)
{
	const struct image image = {
		.model = opened->model,
		.vocab = buf_str(vocab),
		.vocab_len = vocab->len,
		.merges = buf_str(merges),
		.merges_len = merges->len,
	};

	return image_write(&image, opened->compute, call->put, call->put_arg,
			   err);
}

static json_t *
describe(const struct opened *opened)
{
	const struct model *model = &opened->model;
	json_t *result = json_object();

	json_set_text(result, "weights", packing_name(model->packing));
	json_set_int(result, "parameters",
		     model_config_parameters(&model->config));
	json_set_int(result, "number_bytes", (json_int_t)model->numbers_bytes);
	if (opened->tokenizer)
		json_set_int(result, "tokens",
			     tokenizer_size(opened->tokenizer));
	else
		json_object_set_new(result, "tokens", json_null());
	return result;
}

int
model_convert(struct admin_call *call, struct err *err)
{
	const char *path = admin_text(call, "model");
	struct opened opened = {0};
	struct buf vocab, merges;
	int rc = -1;

	if (path && image_is(path))
		return err_set(err, "%s is converted already", path);
	buf_init(&vocab, TOKENIZER_FILE_MAX);
	buf_init(&merges, TOKENIZER_FILE_MAX);
	if (!model_open(&opened, call, err) &&
	    !read_texts(&opened, path, &vocab, &merges, err))
		rc = write_image(call, &opened, &vocab, &merges, err);
	if (!rc)
		call->result = describe(&opened);
	buf_release(&vocab);
	buf_release(&merges);
	model_close(&opened);
	return rc;
}

void
model_print_convert(const json_t *result, FILE *out)
{
	fprintf(out, "%lld parameters in %s, %.1f MB of numbers%s\n",
		(long long)json_get_int(result, "parameters", 0),
		json_get_text(result, "weights", ""),
		(double)json_get_int(result, "number_bytes", 0) * 1e-6,
		json_get_int(result, "tokens", 0) ? ", and the vocabulary"
						  : "");
}

const struct admin_argument model_convert_arguments[] = {
	MODEL_OPEN_ARGUMENTS,
	{"--output", ADMIN_OUTPUT, true, "FILE", "where to: model.tellerd"},
	{0},
};
