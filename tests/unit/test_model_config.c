/* Shapes of models: config.json, limits, and how many parameters a shape has.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "model/config.h"

/* The file of distilgpt2, but for keys that say nothing of its shape. */
#define DISTILGPT2                                                       \
	"{\"_num_labels\": 1, \"activation_function\": \"gelu_new\","    \
	"\"architectures\": [\"GPT2LMHeadModel\"], \"attn_pdrop\": 0.1," \
	"\"bos_token_id\": 50256, \"eos_token_id\": 50256,"              \
	"\"id2label\": {\"0\": \"LABEL_0\"}, \"layer_norm_epsilon\": "   \
	"1e-05, \"model_type\": \"gpt2\", \"n_ctx\": 1024, \"n_embd\": " \
	"768, \"n_head\": 12, \"n_layer\": 6, \"n_positions\": 1024,"    \
	"\"summary_activation\": null, \"task_specific_params\": "       \
	"{\"text-generation\": {\"max_length\": 50}}, \"vocab_size\": "  \
	"50257}"

static struct model_config
get_distilgpt2(void)
{
	return *model_config_find("distilgpt2");
}

static struct model_config
read_text(const char *text)
{
	struct model_config config = {0};
	struct err err = {0};

	if (model_config_read(&config, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.text);
	return config;
}

static void
expect_words(const char *text, const char *words)
{
	struct model_config config = get_distilgpt2(), before = config;
	struct err err = {0};

	assert_int_equal(model_config_read(&config, text, strlen(text), &err),
			 -1);
	assert_string_equal(err.text, words);
	assert_memory_equal(&config, &before, sizeof config);
}

static void
expect_refused(const struct model_config *config, const char *words)
{
	struct err err = {0};

	assert_int_equal(model_config_check(config, &err), -1);
	assert_string_equal(err.text, words);
}

static void
test_parameters_of_known_shapes(void **state)
{
	struct model_config config = get_distilgpt2();
	struct err err = {0};

	(void)state;
	assert_int_equal(model_config_check(&config, &err), 0);
	assert_int_equal(model_config_parameters(&config), 81912576);
	config.n_layers = 12;
	assert_int_equal(model_config_parameters(&config), 124439808);
	config.is_tied = false;
	assert_int_equal(model_config_parameters(&config),
			 124439808 + 38597376);
}

static void
test_a_shape_outside_the_limits_is_refused(void **state)
{
	struct model_config config = get_distilgpt2();

	(void)state;
	config.n_layers = 0;
	expect_refused(&config, "n_layer is 0, not between 1 and 512");
	config = get_distilgpt2();
	config.n_vocab = MODEL_VOCAB_MAX + 1;
	expect_refused(&config,
		       "vocab_size is 1048577, not between 1 and 1048576");
	config = get_distilgpt2();
	config.n_heads = 7;
	expect_refused(&config, "n_embd 768 is no multiple of n_head 7");
	config = get_distilgpt2();
	config.layer_norm_eps = 0;
	expect_refused(&config, "layer_norm_epsilon is not between 0 and 1");
	config = get_distilgpt2();
	config.eos_token = 50257;
	expect_refused(&config, "eos_token_id 50257 is not in the vocabulary");
	config = get_distilgpt2();
	config.n_layers = config.n_heads = 512;
	config.n_embd = MODEL_EMBD_MAX;
	config.n_inner = MODEL_INNER_MAX;
	expect_refused(&config, "a model of 1650216714240 parameters is too "
				"large");
}

static void
test_the_file_of_a_public_model_is_read(void **state)
{
	struct model_config config = read_text(DISTILGPT2);

	(void)state;
	assert_int_equal(config.n_layers, 6);
	assert_int_equal(config.n_heads, 12);
	assert_int_equal(config.n_embd, 768);
	assert_int_equal(config.n_inner, 3072);
	assert_int_equal(config.n_positions, 1024);
	assert_int_equal(config.n_vocab, 50257);
	assert_true(config.layer_norm_eps == 1e-5F);
	assert_true(config.is_tied);
	assert_int_equal(config.eos_token, 50256);
}

static void
test_absent_keys_have_the_defaults_of_the_reference(void **state)
{
	struct model_config config = read_text("{}");
	struct model_config gpt2 = *model_config_find("gpt2");

	(void)state;
	assert_int_equal(config.n_layers, 12);
	assert_int_equal(model_config_parameters(&config),
			 model_config_parameters(&gpt2));
	assert_int_equal(config.eos_token, 50256);
	config = read_text("{\"n_inner\": null, \"n_embd\": 96}");
	assert_int_equal(config.n_inner, 384);
	config = read_text("{\"n_inner\": 100, \"n_embd\": 96}");
	assert_int_equal(config.n_inner, 100);
	config = read_text("{\"vocab_size\": 300}");
	assert_int_equal(config.eos_token, -1);
	config = read_text("{\"vocab_size\": 300, \"eos_token_id\": [299]}");
	assert_int_equal(config.eos_token, 299);
	config = read_text("{\"eos_token_id\": null}");
	assert_int_equal(config.eos_token, -1);
}

static void
test_names_of_other_architectures_and_unknown_keys_are_taken(void **state)
{
	struct model_config config = read_text(
		"{\"hidden_size\": 64, \"num_attention_heads\": 4, "
		"\"num_hidden_layers\": 3, \"max_position_embeddings\": 32, "
		"\"surprise\": [1, {\"a\": null}], "
		"\"tie_word_embeddings\": false, "
		"\"activation_function\": \"gelu_pytorch_tanh\", "
		"\"reorder_and_upcast_attn\": true}");

	(void)state;
	assert_int_equal(config.n_layers, 3);
	assert_int_equal(config.n_heads, 4);
	assert_int_equal(config.n_embd, 64);
	assert_int_equal(config.n_positions, 32);
	assert_false(config.is_tied);
}

static void
test_another_function_is_refused(void **state)
{
	(void)state;
	expect_words("{\"model_type\": \"llama\"}",
		     "model_type is 'llama'; only gpt2 can be read");
	expect_words("{\"model_type\": 2}",
		     "model_type is 'no text'; only gpt2 can be read");
	expect_words("{\"activation_function\": \"gelu\"}",
		     "activation_function is 'gelu'; only gelu_new is "
		     "supported");
	expect_words("{\"activation_function\": [1]}",
		     "activation_function is 'no text'; only gelu_new is "
		     "supported");
	expect_words("{\"scale_attn_by_inverse_layer_idx\": true}",
		     "scale_attn_by_inverse_layer_idx is true, which is not "
		     "supported");
	expect_words("{\"scale_attn_weights\": false}",
		     "scale_attn_weights is false, which is not supported");
	expect_words("{\"add_cross_attention\": true}",
		     "add_cross_attention is true, which is not supported");
	expect_words("{\"add_cross_attention\": 1}",
		     "add_cross_attention is neither true nor false");
	expect_words("{\"quantization_config\": {}}",
		     "the model is quantised (quantization_config); give the "
		     "one it was made of");
}

static void
test_values_of_a_wrong_kind_are_refused(void **state)
{
	(void)state;
	expect_words("[]", "there is no object in it");
	expect_words("", "not JSON: there is nothing");
	expect_words("{\"n_layer\": \"6\"}", "n_layer is no whole number");
	expect_words("{\"n_layer\": 6.0}", "n_layer is no whole number");
	expect_words("{\"n_head\": -1}", "n_head is -1, which is no size");
	expect_words("{\"vocab_size\": 4611686018427387904}",
		     "vocab_size is 4611686018427387904, which is no size");
	expect_words("{\"n_embd\": 2147483647}",
		     "n_embd is 2147483647, not between 1 and 16384");
	expect_words("{\"n_inner\": 65537}",
		     "n_inner is 65537, not between 1 and 65536");
	expect_words("{\"layer_norm_epsilon\": true}",
		     "layer_norm_epsilon is no number");
	expect_words("{\"layer_norm_epsilon\": 1e300}",
		     "layer_norm_epsilon is not between 0 and 1");
	expect_words("{\"eos_token_id\": 50257}",
		     "eos_token_id 50257 is not in the vocabulary");
	expect_words("{\"eos_token_id\": -1}",
		     "eos_token_id -1 is not in the vocabulary");
	expect_words("{\"eos_token_id\": [1, 2]}",
		     "eos_token_id is not one whole number");
}

static void
test_a_file_without_end_is_refused(void **state)
{
	size_t len = MODEL_CONFIG_BYTES_MAX + 1;
	char *text = calloc(len, 1);
	struct model_config config;
	struct err err = {0};

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	assert_int_equal(model_config_read(&config, text, len, &err), -1);
	assert_string_equal(err.text, "it has more than 1048576 bytes");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters_of_known_shapes),
		cmocka_unit_test(test_a_shape_outside_the_limits_is_refused),
		cmocka_unit_test(test_the_file_of_a_public_model_is_read),
		cmocka_unit_test(
			test_absent_keys_have_the_defaults_of_the_reference),
		cmocka_unit_test(
			test_names_of_other_architectures_and_unknown_keys_are_taken),
		cmocka_unit_test(test_another_function_is_refused),
		cmocka_unit_test(test_values_of_a_wrong_kind_are_refused),
		cmocka_unit_test(test_a_file_without_end_is_refused),
	};

	return cmocka_run_group_tests_name("model_config", tests, NULL, NULL);
}
