/* The shape of a model.  Any thread: nothing is kept. */
#include "model/config.h"

#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

#define DEPTH_MAX 32

/* ---- Limits */

static int
check_size(const char *name, int value, int max, struct err *err)
{
	if (value >= 1 && value <= max)
		return 0;
	return err_set(err, "%s is %d, not between 1 and %d", name, value, max);
}

int
model_config_check(const struct model_config *config, struct err *err)
{
	const struct {
		const char *name;
		int value, max;
	} sizes[] = {
		{"n_layer", config->n_layers, MODEL_LAYERS_MAX},
		{"n_head", config->n_heads, MODEL_HEADS_MAX},
		{"n_embd", config->n_embd, MODEL_EMBD_MAX},
		{"n_inner", config->n_inner, MODEL_INNER_MAX},
		{"n_positions", config->n_positions, MODEL_POSITIONS_MAX},
		{"vocab_size", config->n_vocab, MODEL_VOCAB_MAX},
	};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (check_size(sizes[i].name, sizes[i].value, sizes[i].max,
			       err))
			return -1;
	if (config->n_embd % config->n_heads)
		return err_set(err, "n_embd %d is no multiple of n_head %d",
			       config->n_embd, config->n_heads);
	if (!(config->layer_norm_eps > 0 && config->layer_norm_eps < 1))
		return err_set(err,
			       "layer_norm_epsilon is not between 0 and 1");
	if (config->eos_token < -1 || config->eos_token >= config->n_vocab)
		return err_set(err, "eos_token_id %d is not in the vocabulary",
			       config->eos_token);
	if (model_config_parameters(config) > MODEL_PARAMETERS_MAX)
		return err_set(err, "a model of %lld parameters is too large",
			       (long long)model_config_parameters(config));
	return 0;
}

int64_t
model_config_parameters(const struct model_config *config)
{
	int64_t width = config->n_embd, inner = config->n_inner;
	int64_t attention = 4 * width * width + 4 * width;
	int64_t mlp = 2 * width * inner + inner + width;
	int64_t block = attention + mlp + 4 * width;
	int64_t vocab = config->n_vocab * width;

	return vocab * (config->is_tied ? 1 : 2) + config->n_positions * width +
	       config->n_layers * block + 2 * width;
}

/* ---- Public models */

#define SHAPE(layers, heads, embd)                                            \
	{                                                                     \
		.n_layers = layers, .n_heads = heads, .n_embd = embd,         \
		.n_inner = 4 * (embd), .n_positions = 1024, .n_vocab = 50257, \
		.layer_norm_eps = 1e-5F, .is_tied = true, .eos_token = 50256  \
	}

static const struct {
	const char *name;
	struct model_config config;
} shapes[] = {
	{"gpt2", SHAPE(12, 12, 768)},
	{"distilgpt2", SHAPE(6, 12, 768)},
	{"gpt2-medium", SHAPE(24, 16, 1024)},
	{"gpt2-large", SHAPE(36, 20, 1280)},
	{"gpt2-xl", SHAPE(48, 25, 1600)},
};

const struct model_config *
model_config_find(const char *name)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i].config;
	return NULL;
}

/* ---- config.json */

/* The value under a key, or under the name that other architectures have for
 * it, which the reference library takes as well; a null is as absent. */
static const json_t *
find(const json_t *document, const char *key, const char *other)
{
	const json_t *value = json_object_get(document, key);

	if (!value && other)
		value = json_object_get(document, other);
	return json_is_null(value) ? NULL : value;
}

static int
read_size(const json_t *document, const char *key, const char *other, int *size,
	  struct err *err)
{
	const json_t *value = find(document, key, other);

	if (!value)
		return 0;
	if (!json_is_integer(value))
		return err_set(err, "%s is no whole number", key);
	json_int_t number = json_integer_value(value);
	if (number < 1 || number > INT_MAX)
		return err_set(
			err, "%s is %" JSON_INTEGER_FORMAT ", which is no size",
			key, number);
	*size = (int)number;
	return 0;
}

static int
read_flag(const json_t *document, const char *key, bool *flag, struct err *err)
{
	const json_t *value = find(document, key, NULL);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return err_set(err, "%s is neither true nor false", key);
	*flag = json_is_true(value);
	return 0;
}

/* Flags that change what the model computes; the value that we have. */
static int
check_flags(const json_t *document, struct err *err)
{
	static const struct {
		const char *key;
		bool has;
	} flags[] = {
		{"scale_attn_weights", true},
		{"scale_attn_by_inverse_layer_idx", false},
		{"add_cross_attention", false},
		{"is_encoder_decoder", false},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		bool value = flags[i].has;
		if (read_flag(document, flags[i].key, &value, err))
			return -1;
		if (value != flags[i].has)
			return err_set(err, "%s is %s, which is not supported",
				       flags[i].key, value ? "true" : "false");
	}
	return 0;
}

/* The tanh form of GELU, by the names of those that are the same formula. */
static bool
is_gelu_tanh(const char *name)
{
	return strcmp(name, "gelu_new") == 0 ||
	       strcmp(name, "gelu_pytorch_tanh") == 0;
}

static int
check_kind(const json_t *document, struct err *err)
{
	const json_t *type = find(document, "model_type", NULL);
	const json_t *gelu = find(document, "activation_function", NULL);

	if (type && (!json_is_string(type) ||
		     strcmp(json_string_value(type), "gpt2") != 0))
		return err_set(err, "model_type is '%s'; only gpt2 can be read",
			       json_is_string(type) ? json_string_value(type)
						    : "no text");
	if (gelu &&
	    (!json_is_string(gelu) || !is_gelu_tanh(json_string_value(gelu))))
		return err_set(err,
			       "activation_function is '%s'; only gelu_new is "
			       "supported",
			       json_is_string(gelu) ? json_string_value(gelu)
						    : "no text");
	if (find(document, "quantization_config", NULL))
		return err_set(err, "the model is quantised "
				    "(quantization_config); give the one it "
				    "was made of");
	return check_flags(document, err);
}

/* A number; an absent one is 50256, if that is in the vocabulary, a null none;
 * some files have a list of one. */
static int
read_eos(const json_t *document, struct model_config *config, struct err *err)
{
	const json_t *value = json_object_get(document, "eos_token_id");

	if (!value && config->n_vocab <= config->eos_token)
		config->eos_token = -1;
	if (!value)
		return 0;
	if (json_is_null(value)) {
		config->eos_token = -1;
		return 0;
	}
	if (json_is_array(value) && json_array_size(value) == 1)
		value = json_array_get(value, 0);
	if (!json_is_integer(value))
		return err_set(err, "eos_token_id is not one whole number");
	json_int_t number = json_integer_value(value);
	if (number < 0 || number >= config->n_vocab)
		return err_set(err,
			       "eos_token_id %" JSON_INTEGER_FORMAT
			       " is not in the vocabulary",
			       number);
	config->eos_token = (int)number;
	return 0;
}

static int
read_epsilon(const json_t *document, struct model_config *config,
	     struct err *err)
{
	const json_t *value = find(document, "layer_norm_epsilon", NULL);

	if (value && !json_is_number(value))
		return err_set(err, "layer_norm_epsilon is no number");
	if (value)
		config->layer_norm_eps = (float)json_number_value(value);
	return 0;
}

static int
read_document(struct model_config *config, const json_t *document,
	      struct err *err)
{
	if (!json_is_object(document))
		return err_set(err, "there is no object in it");
	if (check_kind(document, err) ||
	    read_size(document, "n_layer", "num_hidden_layers",
		      &config->n_layers, err) ||
	    read_size(document, "n_head", "num_attention_heads",
		      &config->n_heads, err) ||
	    read_size(document, "n_embd", "hidden_size", &config->n_embd,
		      err) ||
	    read_size(document, "n_positions", "max_position_embeddings",
		      &config->n_positions, err) ||
	    read_size(document, "vocab_size", NULL, &config->n_vocab, err) ||
	    check_size("n_embd", config->n_embd, MODEL_EMBD_MAX, err))
		return -1;
	config->n_inner = 4 * config->n_embd;
	if (read_size(document, "n_inner", NULL, &config->n_inner, err) ||
	    read_flag(document, "tie_word_embeddings", &config->is_tied, err) ||
	    read_epsilon(document, config, err) ||
	    read_eos(document, config, err))
		return -1;
	return model_config_check(config, err);
}

int
model_config_read(struct model_config *config, const char *text, size_t len,
		  struct err *err)
{
	struct model_config read = *model_config_find("gpt2");

	if (len > MODEL_CONFIG_BYTES_MAX)
		return err_set(err, "it has more than %zu bytes",
			       MODEL_CONFIG_BYTES_MAX);
	json_t *document = json_read(text, len, DEPTH_MAX, err);
	if (!document)
		return -1;
	int ret = read_document(&read, document, err);
	json_decref(document);
	if (!ret)
		*config = read;
	return ret;
}
