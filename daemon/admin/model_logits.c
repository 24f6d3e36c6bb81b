/* What a model expects next: the logits of the next token. */
#include "admin/model_open.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "model/encoder.h"
#include "model/logits.h"

#define STEP_ROWS 512
#define TOP_MAX 1000

/* The whole sequence, of which logits of the last position are wanted. */
static int
run_ids(struct opened *opened, const struct token_list *ids, struct err *err)
{
	const struct generation_request request = {
		.prompt = ids->ids,
		.n_prompt = (int)ids->n,
		.sampling = sampling_greedy,
		.max_tokens = 1,
	};
	const struct model_config *config = &opened->model.config;

	if (model_check_ids("--ids", ids, config->n_vocab, err))
		return -1;
	if (ids->n > (size_t)config->n_positions)
		return err_misuse(err, "--ids: the model has %d positions",
				  config->n_positions);
	if (model_room(opened, KV_F32, generation_blocks(&request, config),
		       STEP_ROWS, 1, err))
		return -1;
	struct generation *generation =
		generation_new(&request, config, &opened->kv, err);
	if (!generation)
		return -1;
	generation_run(generation, opened->forward, &opened->step,
		       &opened->sampler);
	generation_free(generation);
	return 0;
}

/* Descending, of equal ones the lowest id first. */
static json_t *
list_top(const struct opened *opened, int n)
{
	struct token_score top[TOP_MAX];
	const struct logits logits = {opened->step.logits, NULL,
				      opened->step.n_vocab};
	json_t *list = json_array();

	n = logits_top(&logits, n, top);
	for (int i = 0; i < n; i++) {
		json_t *pair = json_array();
		json_array_append_new(pair, json_integer(top[i].id));
		json_array_append_new(pair, json_real((double)top[i].score));
		json_array_append_new(list, pair);
	}
	return list;
}

int
model_logits(struct admin_call *call, struct err *err)
{
	struct token_list ids = {.max = MODEL_POSITIONS_MAX};
	struct opened opened = {0};
	int n, rc = -1;

	if (!model_read_ids("--ids", admin_text(call, "ids"), &ids, err) &&
	    !model_number(call, "top", 10, 1, TOP_MAX, &n, err) &&
	    !model_open(&opened, call, err) && !run_ids(&opened, &ids, err)) {
		call->result = json_object();
		json_object_set_new(call->result, "top", list_top(&opened, n));
		rc = 0;
	}
	model_close(&opened);
	token_list_release(&ids);
	return rc;
}

void
model_print_logits(const json_t *result, FILE *out)
{
	const json_t *pair;
	size_t i;

	json_array_foreach (json_object_get(result, "top"), i, pair)
		fprintf(out, "%8lld  %.9g\n",
			(long long)json_integer_value(json_array_get(pair, 0)),
			json_real_value(json_array_get(pair, 1)));
}

const struct admin_argument model_logits_arguments[] = {
	MODEL_OPEN_ARGUMENTS,
	{"--ids", ADMIN_TEXT, true, "ID,...", "the tokens before"},
	{"--top", ADMIN_NUMBER, false, "N", "how many; 10 without it"},
	{0},
};
