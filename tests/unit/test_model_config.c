/* Shapes of models: limits, and how many parameters a shape has. */
#include "test.h"

#include <string.h>

#include "model/config.h"

static const struct model_config distilgpt2 = {
	.n_layers = 6,
	.n_heads = 12,
	.n_embd = 768,
	.n_inner = 3072,
	.n_positions = 1024,
	.n_vocab = 50257,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = 50256,
};

static void
expect_refused(const struct model_config *config, const char *words)
{
	struct err err = {""};

	assert_int_equal(model_config_check(config, &err), -1);
	assert_string_equal(err.text, words);
}

static void
test_parameters_of_known_shapes(void **state)
{
	struct model_config config = distilgpt2;
	struct err err = {""};

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
	struct model_config config = distilgpt2;

	(void)state;
	config.n_layers = 0;
	expect_refused(&config, "n_layer is 0, not between 1 and 512");
	config = distilgpt2;
	config.n_vocab = MODEL_VOCAB_MAX + 1;
	expect_refused(&config,
		       "vocab_size is 1048577, not between 1 and 1048576");
	config = distilgpt2;
	config.n_heads = 7;
	expect_refused(&config, "n_embd 768 is no multiple of n_head 7");
	config = distilgpt2;
	config.layer_norm_eps = 0;
	expect_refused(&config, "layer_norm_epsilon is not between 0 and 1");
	config = distilgpt2;
	config.eos_token = 50257;
	expect_refused(&config, "eos_token_id 50257 is not in the vocabulary");
	config = distilgpt2;
	config.n_layers = config.n_heads = 512;
	config.n_embd = MODEL_EMBD_MAX;
	config.n_inner = MODEL_INNER_MAX;
	expect_refused(&config, "a model of 1650216714240 parameters is too "
				"large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters_of_known_shapes),
		cmocka_unit_test(test_a_shape_outside_the_limits_is_refused),
	};

	return cmocka_run_group_tests_name("model_config", tests, NULL, NULL);
}
