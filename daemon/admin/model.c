/* Models: what stands in a directory, and the verbs about them. */
#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "model/file.h"
#include "model/tokenizer.h"
#include "model/weights.h"

/* A directory without a vocabulary can be asked for its weights. */
static int
add_tokenizer(json_t *result, const char *dir, int n_vocab, struct err *err)
{
	if (!model_file_exists(dir, "vocab.json")) {
		json_object_set_new(result, "tokens", json_null());
		return 0;
	}
	struct tokenizer *tokenizer = tokenizer_open(dir, err);
	if (!tokenizer)
		return -1;
	int size = tokenizer_size(tokenizer);
	tokenizer_free(tokenizer);
	if (size > n_vocab)
		return err_set(err,
			       "%s: vocab.json has ids up to %d, but the "
			       "model's vocab_size is %d",
			       dir, size - 1, n_vocab);
	json_set_int(result, "tokens", size);
	return 0;
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

static int
run_info(struct admin_call *call, struct err *err)
{
	const char *dir = admin_text(call, "model");
	struct model_weights weights;
	struct model_source source;

	if (model_weights_load(&weights, dir, &source, err))
		return -1;
	json_t *result = json_object();
	json_set_text(result, "file", source.path);
	json_set_int(result, "file_bytes", source.bytes);
	json_set_int(result, "tensors", source.n_tensors);
	json_set_text(result, "dtype", source.dtype);
	add_config(result, &weights.config);
	int rc = add_tokenizer(result, dir, weights.config.n_vocab, err);
	model_weights_release(&weights);
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

	fprintf(out, "%s, a GPT-2 model of type %s\n",
		json_get_text(result, "file", ""),
		json_get_text(result, "dtype", ""));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		fprintf(out, "  %-20s %lld\n", rows[i][1],
			(long long)json_get_int(result, rows[i][0], 0));
	fprintf(out, "  %-20s %s\n", "head",
		json_get_bool(result, "tied", true)
			? "the same as the embedding"
			: "its own");
	if (json_get_int(result, "tokens", 0))
		fprintf(out, "  %-20s %lld tokens\n", "tokenizer",
			(long long)json_get_int(result, "tokens", 0));
	else
		fprintf(out, "  %-20s none: vocab.json is missing\n",
			"tokenizer");
}

static const struct admin_argument info_arguments[] = {
	{"--model", ADMIN_TEXT, true, "DIR",
	 "a directory with config.json and model.safetensors"},
	{0},
};

const struct admin_command admin_model_commands[] = {
	{"model", "info", "Read a model whole, check it, and say what it is.",
	 ADMIN_NO_DESK, info_arguments, run_info, print_info},
	{"model", "tokenize", "Text to tokens, and back.", ADMIN_NO_DESK,
	 model_tokenize_arguments, model_tokenize, model_print_tokenize},
	{"model", "pull", "Fetch a public model, and check every byte of it.",
	 ADMIN_NO_DESK, model_pull_arguments, model_pull, model_print_pull},
	{"model", "logits", "What a model expects next, as numbers.",
	 ADMIN_NO_DESK, model_logits_arguments, model_logits,
	 model_print_logits},
	{"model", "generate", "Let a model go on with a text.", ADMIN_NO_DESK,
	 model_generate_arguments, model_generate, model_print_generate},
	{"model", "bench", "Measure how fast a model is here.", ADMIN_NO_DESK,
	 model_bench_arguments, model_bench, model_print_bench},
	{0},
};
