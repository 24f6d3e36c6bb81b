/* Models: what one is, and the verbs about them. */
#include <sys/stat.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "model/compute.h"
#include "model/file.h"
#include "model/image.h"
#include "model/load.h"
#include "model/model.h"
#include "model/tokenizer.h"
#include "model/weights.h"

/* NULL: there is none, which is well. */
static void
add_tokenizer(json_t *result, const struct tokenizer *tokenizer)
{
	if (tokenizer)
		json_set_int(result, "tokens", tokenizer_size(tokenizer));
	else
		json_object_set_new(result, "tokens", json_null());
}

/* The shape by the names of config.json. */
static void
add_config(json_t *result, const struct model_config *config)
{
	json_set_int(result, "n_layer", config->n_layers);
	json_set_int(result, "n_head", config->n_heads);
	json_set_int(result, "n_embd", config->n_embd);
	json_set_int(result, "n_inner", config->n_inner);
	json_set_int(result, "n_positions", config->n_positions);
	json_set_int(result, "vocab_size", config->n_vocab);
	json_set_real(result, "layer_norm_epsilon",
		      (double)config->layer_norm_eps);
	if (config->eos_token < 0)
		json_object_set_new(result, "eos_token_id", json_null());
	else
		json_set_int(result, "eos_token_id", config->eos_token);
	json_set_bool(result, "tied", config->is_tied);
	json_set_int(result, "parameters", model_config_parameters(config));
}

/* A directory without a vocabulary can be asked for its weights. */
static int
describe_directory(json_t *result, const char *dir, struct err *err)
{
	struct tokenizer *tokenizer = NULL;
	struct model_weights weights;
	struct model_source source;
	int rc = 0;

	if (model_weights_load(&weights, dir, &source, err))
		return -1;
	json_set_text(result, "file", source.path);
	json_set_int(result, "file_bytes", source.bytes);
	json_set_int(result, "tensors", source.n_tensors);
	json_set_text(result, "dtype", source.dtype);
	json_set_bool(result, "converted", false);
	json_set_bool(result, "mapped", false);
	add_config(result, &weights.config);
	if (model_file_exists(dir, "vocab.json")) {
		tokenizer = tokenizer_open(dir, err);
		rc = tokenizer ? model_check_tokenizer(tokenizer,
						       weights.config.n_vocab,
						       dir, err)
			       : -1;
	}
	add_tokenizer(result, tokenizer);
	tokenizer_free(tokenizer);
	model_weights_release(&weights);
	return rc;
}

static int
describe_converted(json_t *result, const char *path, struct err *err)
{
	struct compute *compute = compute_new(compute_n_processors(), err);
	struct tokenizer *tokenizer;
	struct model model;
	struct stat status;
	int rc = compute ? model_load(&model, &tokenizer, path,
				      MODEL_PACKING_ANY, compute, err)
			 : -1;

	compute_free(compute);
	if (rc)
		return -1;
	json_set_text(result, "file", path);
	json_set_int(result, "file_bytes",
		     stat(path, &status) ? 0 : status.st_size);
	json_object_set_new(result, "tensors", json_null());
	json_set_text(result, "dtype", packing_name(model.packing));
	json_set_bool(result, "converted", true);
	json_set_bool(result, "mapped", model.is_mapped);
	add_config(result, &model.config);
	add_tokenizer(result, tokenizer);
	tokenizer_free(tokenizer);
	model_release(&model);
	return 0;
}

static int
run_info(struct admin_call *call, struct err *err)
{
	const char *path = admin_text(call, "model");
	json_t *result = json_object();
	int rc = image_is(path) ? describe_converted(result, path, err)
				: describe_directory(result, path, err);

	if (rc)
		json_decref(result);
	else
		call->result = result;
	return rc;
}

static void
print_info(const json_t *result, FILE *out)
{
	static const char *const rows[][2] = {
		{"n_layer", "layers"},
		{"n_head", "heads"},
		{"n_embd", "width"},
		{"n_inner", "inner width"},
		{"n_positions", "positions"},
		{"vocab_size", "vocabulary"},
		{"parameters", "parameters"},
		{"tensors", "tensors in the file"},
		{"file_bytes", "bytes of the file"},
	};

	fprintf(out, "%s, a GPT-2 model %s %s\n",
		json_get_text(result, "file", ""),
		json_get_bool(result, "converted", false) ? "converted to"
							  : "of type",
		json_get_text(result, "dtype", ""));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (json_is_integer(json_object_get(result, rows[i][0])))
			fprintf(out, "  %-20s %lld\n", rows[i][1],
				(long long)json_get_int(result, rows[i][0], 0));
	fprintf(out, "  %-20s %s\n", "head",
		json_get_bool(result, "tied", true)
			? "the same as the embedding"
			: "its own");
	if (json_get_bool(result, "converted", false))
		fprintf(out, "  %-20s %s\n", "mapped",
			json_get_bool(result, "mapped", false)
				? "yes"
				: "no, copied: others may write to it");
	if (json_get_int(result, "tokens", 0))
		fprintf(out, "  %-20s %lld tokens\n", "tokenizer",
			(long long)json_get_int(result, "tokens", 0));
	else
		fprintf(out, "  %-20s none\n", "tokenizer");
}

static const struct admin_argument info_arguments[] = {
	{"--model", ADMIN_TEXT, true, "DIR",
	 "a directory of the hub, or a converted model"},
	{0},
};

const struct admin_command admin_model_commands[] = {
	{"model", "info", "Read a model whole, check it, and say what it is.",
	 ADMIN_NO_DESK, info_arguments, run_info, print_info},
	{"model", "tokenize", "Text to tokens, and back.", ADMIN_NO_DESK,
	 model_tokenize_arguments, model_tokenize, model_print_tokenize},
	{"model", "convert", "Make one file of a model, which starts at once.",
	 ADMIN_NO_DESK | ADMIN_PUBLIC, model_convert_arguments, model_convert,
	 model_print_convert},
	{"model", "pull", "Fetch a public model, and check every byte of it.",
	 ADMIN_NO_DESK, model_pull_arguments, model_pull, model_print_pull},
	{"model", "logits", "What a model expects next, as numbers.",
	 ADMIN_NO_DESK, model_logits_arguments, model_logits,
	 model_print_logits},
	{"model", "generate", "Let a model go on with a text.", ADMIN_NO_DESK,
	 model_generate_arguments, model_generate, model_print_generate},
	{"model", "perplexity", "How well a model foretells a text.",
	 ADMIN_NO_DESK, model_perplexity_arguments, model_perplexity,
	 model_print_perplexity},
	{"model", "bench", "Measure how fast a model is here.", ADMIN_NO_DESK,
	 model_bench_arguments, model_bench, model_print_bench},
	{0},
};
