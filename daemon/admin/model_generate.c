/* Tokens that a model goes on with, and their text. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "admin/model_open.h"
#include "admin/model_sampling.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "model/draft.h"
#include "model/encoder.h"
#include "model/stop.h"

#define STEP_ROWS 512

struct generating {
	struct opened opened;
	struct token_list prompt, allowed;
	struct stop_strings stops;
	struct sampling_lists lists;
	struct generation_request request;
	int max_ms; /* 0: no limit */
};

/* ---- Options */

static int
read_stops(struct generating *work, const struct admin_call *call,
	   struct err *err)
{
	const char *stop;
	struct err why = {0};

	for (size_t i = 0; (stop = admin_text_at(call, "stop", i)); i++)
		if (stop_strings_add(&work->stops, stop, strlen(stop), &why))
			return err_misuse(err, "--stop: %s", why.text);
	if (work->stops.n > 0)
		work->request.stops = &work->stops;
	return 0;
}

/* A vocabulary stands in a directory. */
static int
check_texts(const struct admin_call *call, struct err *err)
{
	static const char *const options[] = {"prompt", "stop"};

	if (!admin_text(call, "prompt") == !admin_text(call, "ids"))
		return err_misuse(err, "one of --prompt and --ids says what "
				       "comes before");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (admin_text(call, "synthetic") &&
		    json_object_get(call->arguments, options[i]))
			return err_misuse(err,
					  "--%s: a synthetic model has no "
					  "vocabulary; --ids gives it tokens",
					  options[i]);
	return 0;
}

/* All that can be said without a model. */
static int
read_options(struct generating *work, const struct admin_call *call,
	     struct err *err)
{
	struct generation_request *request = &work->request;
	const char *allowed = admin_text(call, "allow-ids");

	if (check_texts(call, err) ||
	    sampling_read(&request->sampling, call, err) ||
	    model_number(call, "max-tokens", 20, 1, INT_MAX,
			 &request->max_tokens, err) ||
	    model_number(call, "max-time", 0, 0, INT_MAX, &work->max_ms, err) ||
	    model_number(call, "drafts", 0, 0, DRAFT_MAX, &request->max_drafts,
			 err))
		return -1;
	if (allowed &&
	    model_read_ids("--allow-ids", allowed, &work->allowed, err))
		return -1;
	request->has_logprobs = admin_flag(call, "logprobs");
	return read_stops(work, call, err);
}

/* ---- What the model has to know them */

static int
read_prompt(struct generating *work, const struct admin_call *call,
	    struct err *err)
{
	const char *text = admin_text(call, "prompt");
	const char *ids = admin_text(call, "ids");
	const char *option = ids ? "--ids" : "--prompt";
	const struct model_config *config = &work->opened.model.config;
	int rc = ids ? model_read_ids(option, ids, &work->prompt, err)
		     : model_encode(&work->opened, option, text, strlen(text),
				    &work->prompt, err);

	if (rc || model_check_ids(option, &work->prompt, config->n_vocab, err))
		return -1;
	/* Before anything is made that is as long. */
	if (work->prompt.n > (size_t)config->n_positions)
		return err_misuse(err,
				  "%s has %zu tokens, the model %d positions",
				  option, work->prompt.n, config->n_positions);
	work->request.prompt = work->prompt.ids;
	work->request.n_prompt = (int)work->prompt.n;
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int
allow_listed(void *arg, const int *tokens, int n, const int **ids_r)
{
	const struct token_list *allowed = arg;

	(void)tokens;
	(void)n;
	*ids_r = allowed->ids;
	return (int)allowed->n;
}

/* In ascending order, each once. */
static int
prepare_allowed(struct generating *work, struct err *err)
{
	struct token_list *allowed = &work->allowed;
	size_t n = 0;

	if (allowed->n == 0)
		return 0;
	if (model_check_ids("--allow-ids", allowed,
			    work->opened.model.config.n_vocab, err))
		return -1;
	qsort(allowed->ids, allowed->n, sizeof *allowed->ids, compare_ids);
	for (size_t i = 0; i < allowed->n; i++)
		if (n == 0 || allowed->ids[n - 1] != allowed->ids[i])
			allowed->ids[n++] = allowed->ids[i];
	allowed->n = n;
	work->request.allow = allow_listed;
	work->request.allow_arg = allowed;
	return 0;
}

static int
prepare_request(struct generating *work, const struct admin_call *call,
		struct err *err)
{
	struct generation_request *request = &work->request;
	const struct model_config *config = &work->opened.model.config;

	if (read_prompt(work, call, err) || prepare_allowed(work, err) ||
	    sampling_lists_read(&work->lists, &request->sampling, call,
				&work->opened, err))
		return -1;
	request->tokenizer = work->opened.tokenizer;
	if (request->stops && !request->tokenizer)
		return err_misuse(err, "--stop: a text needs vocab.json and "
				       "merges.txt in the model's directory");
	if (config->eos_token >= 0) {
		request->sampling.ends = &config->eos_token;
		request->sampling.n_ends = 1;
	}
	return 0;
}

/* ---- What comes of it */

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
	struct generation_request *request = &work->request;

	if (prepare_request(work, call, err) ||
	    model_room(opened, KV_F32, generation_blocks(request, config),
		       STEP_ROWS, DRAFT_MAX + 1, err))
		return -1;
	if (work->max_ms > 0)
		request->deadline_us =
			time_mono_us() + (int64_t)work->max_ms * 1000;
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
	struct generating work = {
		.prompt = {.max = MODEL_POSITIONS_MAX},
		.allowed = {.max = MODEL_VOCAB_MAX},
	};
	int rc = read_options(&work, call, err);

	if (!rc)
		rc = model_open(&work.opened, call, err);
	if (!rc)
		rc = generate(&work, call, err);
	sampling_lists_release(&work.lists);
	model_close(&work.opened);
	token_list_release(&work.prompt);
	token_list_release(&work.allowed);
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
	{"--max-time", ADMIN_NUMBER, false, "MS",
	 "for at most so many milliseconds, without loading"},
	{"--stop", ADMIN_TEXTS, false, "TEXT", "end before this, or another"},
	SAMPLING_ARGUMENTS,
	{"--allow-ids", ADMIN_TEXT, false, "ID,...", "none but these tokens"},
	{"--drafts", ADMIN_NUMBER, false, "N",
	 "try up to N tokens a step that came before; changes the time alone"},
	{"--logprobs", ADMIN_FLAG, false, NULL,
	 "the logarithm of each token's probability, too"},
	{0},
};
