/* What a model says: the logits of the next token, or tokens and their text. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "admin/model_open.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "model/draft.h"
#include "model/encoder.h"
#include "model/logits.h"
#include "model/stop.h"

#define STEP_ROWS 512
#define TOP_MAX 1000

/* ---- Logits */

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

	if (ids->n > (size_t)config->n_positions)
		return err_set(err, "--ids: the model has %d positions",
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

	if (!model_read_ids(admin_text(call, "ids"), &ids, err) &&
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

/* ---- Generating */

struct generating {
	struct opened opened;
	struct token_list prompt;
	struct stop_strings stops;
	struct generation_request request;
};

static int
read_prompt(struct generating *work, const struct admin_call *call,
	    struct err *err)
{
	const char *text = admin_text(call, "prompt");
	const char *ids = admin_text(call, "ids");
	int rc = -1;

	if (!text == !ids)
		return err_set(err, "one of --prompt and --ids says what comes "
				    "before");
	if (ids)
		return model_read_ids(ids, &work->prompt, err);
	if (!work->opened.tokenizer)
		return err_set(err, "--prompt needs vocab.json and merges.txt "
				    "in the model's directory; --ids does not");
	struct encoder *encoder = encoder_new(work->opened.tokenizer);
	rc = encoder_encode(encoder, text, strlen(text), &work->prompt, err);
	encoder_free(encoder);
	return rc;
}

static int
read_seed(const struct admin_call *call, uint64_t *seed, struct err *err)
{
	int64_t number = admin_number(call, "seed", 0);

	if (number < 0)
		return err_set(err, "--seed is 0 or more");
	*seed = (uint64_t)number;
	return 0;
}

static int
read_sampling(struct sampling *sampling, const struct admin_call *call,
	      struct err *err)
{
	*sampling = sampling_greedy;
	if (model_real(call, "temperature", 0, &sampling->temperature, err) ||
	    model_number(call, "top-k", 0, 0, INT_MAX, &sampling->top_k, err) ||
	    model_real(call, "top-p", 1, &sampling->top_p, err) ||
	    model_real(call, "min-p", 0, &sampling->min_p, err) ||
	    model_real(call, "typical-p", 1, &sampling->typical_p, err) ||
	    model_real(call, "repetition-penalty", 1,
		       &sampling->repetition_penalty, err) ||
	    model_number(call, "no-repeat-ngram", 0, 0, INT_MAX,
			 &sampling->no_repeat_ngram, err))
		return -1;
	return read_seed(call, &sampling->seed, err);
}

/* All that can be said without a model. */
static int
read_options(struct generating *work, const struct admin_call *call,
	     struct err *err)
{
	struct generation_request *request = &work->request;
	const char *stop = admin_text(call, "stop");

	if (read_sampling(&request->sampling, call, err) ||
	    model_number(call, "max-tokens", 20, 1, INT_MAX,
			 &request->max_tokens, err) ||
	    model_number(call, "drafts", 0, 0, DRAFT_MAX, &request->max_drafts,
			 err))
		return -1;
	request->has_logprobs = admin_flag(call, "logprobs");
	if (!stop)
		return 0;
	request->stops = &work->stops;
	return stop_strings_add(&work->stops, stop, strlen(stop), err);
}

static int
read_request(struct generating *work, const struct admin_call *call,
	     struct err *err)
{
	struct generation_request *request = &work->request;
	const struct model_config *config = &work->opened.model.config;

	if (read_prompt(work, call, err))
		return -1;
	/* It is checked before anything is made that is as long. */
	if (work->prompt.n == 0)
		return err_set(err, "the prompt is empty");
	if (work->prompt.n > (size_t)config->n_positions)
		return err_set(err,
			       "the prompt has %zu tokens, the model %d "
			       "positions",
			       work->prompt.n, config->n_positions);
	request->prompt = work->prompt.ids;
	request->n_prompt = (int)work->prompt.n;
	request->tokenizer = work->opened.tokenizer;
	if (config->eos_token >= 0) {
		request->sampling.ends = &config->eos_token;
		request->sampling.n_ends = 1;
	}
	return 0;
}

static json_t *
list_logprobs(const struct generation *generation)
{
	int n;
	const float *logprobs = generation_logprobs(generation, &n);
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_real((double)logprobs[i]));
	return list;
}

static json_t *
describe(const struct generation *generation,
	 const struct generation_request *request)
{
	struct generation_counts counts = generation_counts(generation);
	json_t *result = json_object(), *ids = json_array();
	size_t len;
	int n;
	const int *tokens = generation_tokens(generation, &n);
	const char *text = generation_text(generation, &len);

	for (int i = 0; i < n; i++)
		json_array_append_new(ids, json_integer(tokens[i]));
	json_object_set_new(result, "ids", ids);
	json_object_set_new(result, "text",
			    request->tokenizer ? json_stringn(text, len)
					       : json_null());
	json_set_text(result, "end",
		      generation_end_name(generation_end(generation)));
	if (request->has_logprobs)
		json_object_set_new(result, "logprobs",
				    list_logprobs(generation));
	json_set_int(result, "steps", counts.steps);
	json_set_int(result, "drafts", counts.drafts);
	json_set_int(result, "drafts_right", counts.drafts_right);
	return result;
}

static int
generate(struct generating *work, struct admin_call *call, struct err *err)
{
	struct opened *opened = &work->opened;
	const struct model_config *config = &opened->model.config;
	const struct generation_request *request = &work->request;

	if (read_request(work, call, err) ||
	    model_room(opened, KV_F32, generation_blocks(request, config),
		       STEP_ROWS, DRAFT_MAX + 1, err))
		return -1;
	struct generation *generation =
		generation_new(request, config, &opened->kv, err);
	if (!generation)
		return -1;
	generation_run(generation, opened->forward, &opened->step,
		       &opened->sampler);
	call->result = describe(generation, request);
	generation_free(generation);
	return 0;
}

int
model_generate(struct admin_call *call, struct err *err)
{
	struct generating work = {.prompt = {.max = MODEL_POSITIONS_MAX}};
	int rc = read_options(&work, call, err);

	if (!rc)
		rc = model_open(&work.opened, call, err);
	if (!rc)
		rc = generate(&work, call, err);
	model_close(&work.opened);
	token_list_release(&work.prompt);
	return rc;
}

void
model_print_generate(const json_t *result, FILE *out)
{
	const json_t *id;
	const char *text = json_get_text(result, "text", NULL);
	size_t i;

	if (text) {
		fprintf(out, "%s\n", text);
		return;
	}
	json_array_foreach (json_object_get(result, "ids"), i, id)
		fprintf(out, "%s%lld", i ? "," : "",
			(long long)json_integer_value(id));
	fprintf(out, "\n");
}

const struct admin_argument model_generate_arguments[] = {
	MODEL_OPEN_ARGUMENTS,
	{"--prompt", ADMIN_TEXT, false, "TEXT", "what comes before"},
	{"--ids", ADMIN_TEXT, false, "ID,...", "the same as tokens"},
	{"--max-tokens", ADMIN_NUMBER, false, "N",
	 "at most so many; 20 without it"},
	{"--stop", ADMIN_TEXT, false, "TEXT", "end before this"},
	{"--temperature", ADMIN_TEXT, false, "T",
	 "by chance; greedy without it, and for 0"},
	{"--top-k", ADMIN_NUMBER, false, "K", "of the K best alone"},
	{"--top-p", ADMIN_TEXT, false, "P",
	 "of the fewest whose probabilities add up to P"},
	{"--min-p", ADMIN_TEXT, false, "P",
	 "of those with P times the highest probability"},
	{"--typical-p", ADMIN_TEXT, false, "P",
	 "of those nearest to the entropy that add up to P"},
	{"--repetition-penalty", ADMIN_TEXT, false, "F",
	 "for each token that was there, the prompt included"},
	{"--no-repeat-ngram", ADMIN_NUMBER, false, "N",
	 "no N tokens twice, the prompt included"},
	{"--seed", ADMIN_NUMBER, false, "N", "of chance; 0 without it"},
	{"--drafts", ADMIN_NUMBER, false, "N",
	 "try up to N tokens a step that came before; changes the time alone"},
	{"--logprobs", ADMIN_FLAG, false, NULL,
	 "the logarithm of each token's probability, too"},
	{0},
};
