/* The limits of a model's shape.  Any thread: nothing is kept. */
#include "model/config.h"

#include <math.h>
#include <stddef.h>

#include "base/err.h"

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
