#include "admin/model_sampling.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "admin/model_open.h"
#include "base/err.h"
#include "base/mem.h"

/* Tokens of one bad word. */
#define WORD_MAX 1024

/* ---- Numbers */

static int
read_seed(const struct admin_call *call, uint64_t *seed, struct err *err)
{
	int64_t number = admin_number(call, "seed", 0);

	if (number < 0)
		return err_misuse(err, "--seed is 0 or more");
	*seed = (uint64_t)number;
	return 0;
}

static int
read_scope(struct sampling *sampling, const struct admin_call *call,
	   struct err *err)
{
	const char *scope = admin_text(call, "repetition-scope");
	bool is_of_output = scope && strcmp(scope, "output") == 0;

	if (scope && !is_of_output && strcmp(scope, "all") != 0)
		return err_misuse(err, "--repetition-scope is all or output");
	sampling->is_penalty_of_output = is_of_output;
	sampling->is_ngram_of_output = is_of_output;
	sampling->is_penalty_normalized =
		admin_flag(call, "normalized-penalty");
	return 0;
}

/* Each number is in its range; lists come later. */
static int
check(const struct sampling *sampling, int n_vocab, struct err *err)
{
	struct err why = {0};

	if (sampling_check(sampling, n_vocab, &why))
		return err_misuse(err, "%s", why.text);
	return 0;
}

int
sampling_read(struct sampling *sampling, const struct admin_call *call,
	      struct err *err)
{
	*sampling = sampling_greedy;
	if (model_real(call, "temperature", 0, &sampling->temperature, err) ||
	    model_number(call, "top-k", 0, 0, INT_MAX, &sampling->top_k, err) ||
	    model_real(call, "top-p", 1, &sampling->top_p, err) ||
	    model_real(call, "min-p", 0, &sampling->min_p, err) ||
	    model_real(call, "typical-p", 1, &sampling->typical_p, err) ||
	    model_real(call, "epsilon-cutoff", 0, &sampling->epsilon_cutoff,
		       err) ||
	    model_real(call, "eta-cutoff", 0, &sampling->eta_cutoff, err) ||
	    model_real(call, "repetition-penalty", 1,
		       &sampling->repetition_penalty, err) ||
	    model_number(call, "no-repeat-ngram", 0, 0, INT_MAX,
			 &sampling->no_repeat_ngram, err) ||
	    model_number(call, "min-tokens", 0, 0, INT_MAX,
			 &sampling->min_new_tokens, err) ||
	    read_seed(call, &sampling->seed, err) ||
	    read_scope(sampling, call, err))
		return -1;
	return check(sampling, 1, err);
}

/* ---- Lists */

static size_t
count_texts(const struct admin_call *call, const char *name)
{
	return json_array_size(json_object_get(call->arguments, name));
}

/* Digits and commas alone are ids. */
static bool
is_ids(const char *text)
{
	return text[strspn(text, "0123456789,")] == '\0';
}

static int
read_words(struct sampling_lists *lists, const struct admin_call *call,
	   const struct opened *opened, struct err *err)
{
	size_t n = count_texts(call, "bad-words");

	lists->words = mem_array(n + 1, sizeof *lists->words);
	lists->bad_words = mem_array(n + 1, sizeof *lists->bad_words);
	if (!lists->words || !lists->bad_words)
		return err_set(err, "no memory for %zu bad words", n);
	for (; lists->n_words < n; lists->n_words++) {
		struct token_list *word = lists->words + lists->n_words;
		const char *text =
			admin_text_at(call, "bad-words", lists->n_words);
		*word = (struct token_list){.max = WORD_MAX};
		int rc =
			is_ids(text)
				? model_read_ids("--bad-words", text, word, err)
				: model_encode(opened, "--bad-words", text,
					       strlen(text), word, err);
		lists->bad_words[lists->n_words] =
			(struct token_sequence){word->ids, (int)word->n};
		if (rc || model_check_ids("--bad-words", word,
					  opened->model.config.n_vocab, err)) {
			lists->n_words++;
			return -1;
		}
	}
	return 0;
}

/* "464=-1.5" */
static int
read_bias(const char *text, int *id, float *bias, struct err *err)
{
	char *end = NULL, *number_end = NULL;
	long number = -1;

	if (*text >= '0' && *text <= '9')
		number = strtol(text, &end, 10);
	if (number >= 0 && number <= INT_MAX && *end == '=')
		*bias = strtof(end + 1, &number_end);
	if (!number_end || number_end == end + 1 || *number_end)
		return err_misuse(err,
				  "--logit-bias: '%s' is no token and number, "
				  "as 464=-1.5",
				  text);
	*id = (int)number;
	return 0;
}

static bool
has_bias(const struct sampling_lists *lists, int id)
{
	for (size_t i = 0; i < lists->n_biases; i++)
		if (lists->bias_ids[i] == id)
			return true;
	return false;
}

static int
read_biases(struct sampling_lists *lists, const struct admin_call *call,
	    struct err *err)
{
	size_t n = count_texts(call, "logit-bias");

	lists->biases = mem_array(n + 1, sizeof *lists->biases);
	lists->bias_ids = mem_array(n + 1, sizeof *lists->bias_ids);
	if (!lists->biases || !lists->bias_ids)
		return err_set(err, "no memory for %zu biases", n);
	for (size_t i = 0; i < n; i++) {
		struct token_bias *bias = lists->biases + i;
		int *id = lists->bias_ids + i;
		if (read_bias(admin_text_at(call, "logit-bias", i), id,
			      &bias->bias, err))
			return -1;
		if (has_bias(lists, *id))
			return err_misuse(err,
					  "--logit-bias: token %d is there "
					  "twice",
					  *id);
		bias->sequence = (struct token_sequence){id, 1};
		lists->n_biases++;
	}
	return 0;
}

int
sampling_lists_read(struct sampling_lists *lists, struct sampling *sampling,
		    const struct admin_call *call, const struct opened *opened,
		    struct err *err)
{
	if (read_words(lists, call, opened, err) ||
	    read_biases(lists, call, err))
		return -1;
	sampling->bad_words = lists->bad_words;
	sampling->n_bad_words = (int)lists->n_words;
	sampling->biases = lists->biases;
	sampling->n_biases = (int)lists->n_biases;
	return check(sampling, opened->model.config.n_vocab, err);
}

void
sampling_lists_release(struct sampling_lists *lists)
{
	for (size_t i = 0; i < lists->n_words; i++)
		token_list_release(lists->words + i);
	free(lists->words);
	free(lists->bad_words);
	free(lists->biases);
	free(lists->bias_ids);
	*lists = (struct sampling_lists){0};
}
