/* How well a model foretells a text.  The figure depends on how the text is cut
 * more than on anything else, so that it comes with its recipe:
 *
 *   blocks   the text in blocks of N tokens, one after the other; each token is
 *            foretold by those before it in its block, the first of a block
 *            is not, and what fills no block is left out (transformers,
 *            run_clm.py);
 *   sliding  blocks of N tokens that begin S tokens apart; of each, those that
 *            no earlier block had are foretold, so that with S below N every
 *            token counts but the first; with S = N the first of each block
 *            has nothing before it (transformers, perplexity of fixed-length
 *            models). */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/model_open.h"
#include "admin/model_text.h"
#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/compute.h"
#include "model/encoder.h"
#include "model/kernels.h"
#include "model/logits.h"

#define TOKENS_MAX ((size_t)64 << 20)
/* Of a step: rows, and those of them after which a token is foretold, which
 * need room for as many logits as there are tokens. */
#define ROWS_MAX 512
#define LOGITS_MAX 128
#define PROGRESS_US 200000

/* A block of the text. */
struct window {
	size_t begin, end;
	size_t fresh; /* the first token that is foretold */
};

struct measuring {
	struct opened opened;
	struct token_list tokens;
	int64_t words; /* of the text; 0: not asked for */
	size_t block, stride;
	bool is_sliding, has_start;
	/* Where rows are taken from: a place in a window. */
	struct window window;
	size_t at, n_windows;
	/* Blocks of keys and values, (n_slots, per_slot): windows take turns.
	 */
	int *blocks;
	size_t n_slots, per_slot;
	/* Of the present step. */
	int targets[LOGITS_MAX];
	double losses[LOGITS_MAX];
	/* Of all so far. */
	double sum;
	size_t n, drawn_us;
};

/* ---- Windows */

/* The tokens that are used at all. */
static size_t
used_tokens(const struct measuring *work)
{
	size_t n = work->tokens.n;

	return work->is_sliding || n < work->block ? n : n - n % work->block;
}

static struct window
window_at(const struct measuring *work, size_t begin, size_t covered)
{
	size_t end = begin + work->block, n = used_tokens(work);

	return (struct window){
		.begin = begin,
		.end = end < n ? end : n,
		.fresh = covered > begin ? covered : begin + 1,
	};
}

/* false: there is no other. */
static bool
next_window(struct measuring *work)
{
	if (work->window.end == used_tokens(work))
		return false;
	work->window = window_at(work, work->window.begin + work->stride,
				 work->window.end);
	work->at = work->window.begin;
	work->n_windows++;
	return true;
}

/* ---- Steps */

/* The row of a token, after which the next one is foretold. */
static void
put_row(struct measuring *work)
{
	struct step *step = &work->opened.step;
	size_t slot = work->n_windows % work->n_slots;
	struct forward_row *row = step->rows + step->n_rows++;

	*row = (struct forward_row){
		.token = work->tokens.ids[work->at],
		.position = (int)(work->at - work->window.begin),
		.blocks = work->blocks + slot * work->per_slot,
	};
	if (++work->at < work->window.fresh)
		return;
	row->logits =
		step->logits + (size_t)step->n_logits * (size_t)step->n_vocab;
	work->targets[step->n_logits++] = work->tokens.ids[work->at];
}

/* As many rows as fit.  false: there are none left. */
static bool
fill_step(struct measuring *work)
{
	struct step *step = &work->opened.step;

	step_clear(step);
	while (step->n_rows < step->max_rows &&
	       step->n_logits < step->max_logits) {
		if (work->at + 1 < work->window.end)
			put_row(work);
		else if (!next_window(work))
			break;
	}
	return step->n_rows > 0;
}

static void
measure_row(void *arg, int i, int thread)
{
	struct measuring *work = arg;
	const struct step *step = &work->opened.step;
	const struct logits logits = {step->logits +
					      (size_t)i * (size_t)step->n_vocab,
				      NULL, step->n_vocab};

	(void)thread;
	work->losses[i] = logits_log_sum(&logits) -
			  (double)logits_mend(logits.values[work->targets[i]]);
}

static void
show_progress(struct measuring *work)
{
	size_t now_us = (size_t)time_mono_us();

	if (!isatty(STDERR_FILENO) || now_us - work->drawn_us < PROGRESS_US)
		return;
	work->drawn_us = now_us;
	fprintf(stderr, "\r%zu of %zu tokens", work->n, used_tokens(work));
}

static void
measure(struct measuring *work)
{
	struct opened *opened = &work->opened;

	work->window = window_at(work, 0, 0);
	work->n_windows = 1;
	while (fill_step(work)) {
		forward_run(opened->forward, opened->step.rows,
			    opened->step.n_rows);
		compute_run(opened->compute, measure_row, work,
			    opened->step.n_logits);
		for (int i = 0; i < opened->step.n_logits; i++)
			work->sum += work->losses[i];
		work->n += (size_t)opened->step.n_logits;
		show_progress(work);
	}
	if (work->drawn_us)
		fprintf(stderr, "\r\033[K");
}

/* A step has rows of no more windows than there are slots: each but the last
 * has a row for each of its tokens but one. */
static int
make_room(struct measuring *work, struct err *err)
{
	size_t rows = work->block - 1;

	work->per_slot = (rows + KV_BLOCK - 1) / KV_BLOCK;
	work->n_slots = ROWS_MAX / rows + 3;
	size_t n = work->n_slots * work->per_slot;
	if (model_room(&work->opened, KV_F32, (int)n, ROWS_MAX, LOGITS_MAX,
		       err))
		return -1;
	work->blocks = mem_array(n, sizeof *work->blocks);
	if (!work->blocks)
		return err_set(err, "no memory for a block of %zu tokens",
			       work->block);
	for (size_t i = 0; i < n; i++)
		work->blocks[i] = kv_take(&work->opened.kv);
	return 0;
}

/* ---- Arguments */

static int
read_recipe(struct measuring *work, const struct admin_call *call,
	    struct err *err)
{
	int positions = work->opened.model.config.n_positions, block, stride;

	if (positions < 2)
		return err_set(err, "the model has one position alone");
	if (model_number(call, "block", positions, 2, positions, &block, err) ||
	    model_number(call, "stride", block, 1, block, &stride, err))
		return -1;
	work->is_sliding = json_object_get(call->arguments, "stride") != NULL;
	work->has_start = admin_flag(call, "start");
	work->block = (size_t)block;
	work->stride = (size_t)stride;
	return 0;
}

static int
add_start(struct measuring *work, struct err *err)
{
	int start = work->opened.model.config.eos_token;

	if (!work->has_start)
		return 0;
	if (start < 0)
		return err_misuse(err, "--start: no token ends a text of this "
				       "model, so none begins one");
	return token_list_add(&work->tokens, &start, 1);
}

static int
read_tokens(struct measuring *work, const struct admin_call *call,
	    struct err *err)
{
	const char *ids = admin_text(call, "ids");
	const char *path = admin_text(call, "FILE");
	int n_vocab = work->opened.model.config.n_vocab;
	int64_t *words = admin_flag(call, "words") ? &work->words : NULL;

	if (add_start(work, err))
		return -1;
	if (ids ? model_read_ids("--ids", ids, &work->tokens, err)
		: model_read_text(&work->opened, path ? path : "-",
				  &work->tokens, words, err))
		return -1;
	if (work->tokens.n < 2)
		return err_misuse(err, "there is nothing to foretell: two "
				       "tokens are needed at least");
	return model_check_ids(ids ? "--ids" : "the text", &work->tokens,
			       n_vocab, err);
}

static int
check_call(const struct admin_call *call, struct err *err)
{
	bool has_ids = admin_text(call, "ids") != NULL;

	if (has_ids && admin_text(call, "FILE"))
		return err_misuse(err, "one of --ids and FILE is the text");
	if (has_ids && admin_flag(call, "words"))
		return err_misuse(err, "--words: tokens have no words");
	if (!has_ids && admin_text(call, "synthetic"))
		return err_misuse(err, "a synthetic model has no vocabulary; "
				       "--ids gives it tokens");
	return 0;
}

/* ---- What comes of it */

static json_t *
describe_recipe(const struct measuring *work)
{
	const struct model *model = &work->opened.model;
	json_t *recipe = json_object();

	json_set_text(recipe, "name", work->is_sliding ? "sliding" : "blocks");
	json_set_int(recipe, "block", (int64_t)work->block);
	json_set_int(recipe, "stride", (int64_t)work->stride);
	json_set_bool(recipe, "start", work->has_start);
	json_set_text(recipe, "weights", packing_name(model->packing));
	return recipe;
}

static json_t *
describe(const struct measuring *work)
{
	json_t *result = json_object();
	double n = (double)work->n;

	json_set_real(result, "nll", work->sum / n);
	json_set_real(result, "perplexity", exp(work->sum / n));
	json_set_int(result, "tokens", (int64_t)work->n);
	json_set_real(result, "nll_sum", work->sum);
	if (work->words > 0) {
		json_set_int(result, "words", work->words);
		json_set_real(result, "word_perplexity",
			      exp(work->sum / (double)work->words));
	}
	json_set_int(result, "text_tokens", (int64_t)work->tokens.n);
	json_set_int(result, "left_out",
		     (int64_t)(work->tokens.n - used_tokens(work)));
	json_set_int(result, "windows", (int64_t)work->n_windows);
	json_object_set_new(result, "recipe", describe_recipe(work));
	return result;
}

int
model_perplexity(struct admin_call *call, struct err *err)
{
	struct measuring work = {.tokens = {.max = TOKENS_MAX}};
	int rc = check_call(call, err);

	if (!rc)
		rc = model_open(&work.opened, call, err);
	if (!rc)
		rc = read_recipe(&work, call, err);
	if (!rc)
		rc = read_tokens(&work, call, err);
	if (!rc)
		rc = make_room(&work, err);
	if (!rc) {
		measure(&work);
		call->result = describe(&work);
	}
	free(work.blocks);
	model_close(&work.opened);
	token_list_release(&work.tokens);
	return rc;
}

void
model_print_perplexity(const json_t *result, FILE *out)
{
	const json_t *recipe = json_object_get(result, "recipe");

	fprintf(out, "perplexity %.4f, %.6f nats a token\n",
		json_number_value(json_object_get(result, "perplexity")),
		json_number_value(json_object_get(result, "nll")));
	if (json_object_get(result, "words"))
		fprintf(out, "perplexity %.4f a word, of %lld\n",
			json_number_value(
				json_object_get(result, "word_perplexity")),
			(long long)json_get_int(result, "words", 0));
	fprintf(out,
		"%lld tokens foretold in %lld %s of %lld, %lld apart%s; "
		"weights in %s\n",
		(long long)json_get_int(result, "tokens", 0),
		(long long)json_get_int(result, "windows", 0),
		json_get_text(recipe, "name", ""),
		(long long)json_get_int(recipe, "block", 0),
		(long long)json_get_int(recipe, "stride", 0),
		json_get_bool(recipe, "start", false) ? ", after a start" : "",
		json_get_text(recipe, "weights", ""));
}

const struct admin_argument model_perplexity_arguments[] = {
	MODEL_OPEN_ARGUMENTS,
	{"--block", ADMIN_NUMBER, false, "N",
	 "tokens of a block; all positions of the model without it"},
	{"--stride", ADMIN_NUMBER, false, "N",
	 "blocks that begin N tokens apart; else one after the other"},
	{"--start", ADMIN_FLAG, false, NULL,
	 "the token that ends a text stands before it"},
	{"--words", ADMIN_FLAG, false, NULL, "the same for a word, too"},
	{"--ids", ADMIN_TEXT, false, "ID,...", "the text as tokens"},
	{"FILE", ADMIN_PATH, false, NULL, "the text; else stdin"},
	{0},
};
