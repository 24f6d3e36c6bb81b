/* What guessing from the prompt brings where an answer copies its passage.
 *
 *   bench_lookup [WEIGHTS [THREADS]]
 *
 * A model with weights from a seed copies nothing, and a trained one cannot be
 * had without a download.  So one is made that has the size and the steps of
 * distilgpt2, but always says the next number after a token: its embeddings are
 * so much greater than what its layers add that they pass through, and its head
 * is the embedding moved by one token.  It does not know of drafts, and what it
 * says is copied as far as the passage has these tokens in this order:
 *
 *   whole    the answer stands in the passage as it is
 *   spans    in pieces of 16 tokens, in another order
 *   none     nowhere
 *   false    each two of its tokens do, but others come after them
 *
 * So this says what a step with drafts is worth, not how often drafts are
 * right: that depends on the model and the answers.  A prompt of 512 tokens is
 * read, which is not counted, then 64 are said, the best one each time; with
 * and without drafts in turn, once to warm up and then five times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/model_open.h"
#include "admin/model_speed.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/compute.h"
#include "model/draft.h"
#include "model/kernels.h"
#include "model/weights.h"

#define PROMPT 512
#define ANSWER 64
#define SPAN 16
#define FIRST 20000 /* the answer's first token */
#define STEP_ROWS 512
#define REPETITIONS 5
#define GREATER 60 /* embeddings than a seed makes them */

struct bench {
	struct opened opened;
	int prompt[PROMPT];
	int answer[ANSWER];
	struct generation_counts counts;
};

static void
fail(const char *words)
{
	fprintf(stderr, "bench_lookup: %s\n", words);
	exit(1);
}

/* ---- The model */

/* The memory of weights is ours to write as long as nobody else has them. */
static void
make_counting(struct model_weights *weights)
{
	size_t width = (size_t)weights->config.n_embd;
	size_t n_vocab = (size_t)weights->config.n_vocab;
	float *wte = (float *)weights->wte, *head = (float *)weights->head;

	for (size_t i = 0; i < n_vocab * width; i++)
		wte[i] *= GREATER;
	memcpy(head, wte + (n_vocab - 1) * width, width * sizeof *wte);
	memcpy(head + width, wte, (n_vocab - 1) * width * sizeof *wte);
}

static void
open_model(struct opened *opened, const char *type, int n_threads,
	   struct err *err)
{
	struct model_config config = *model_config_find("distilgpt2");
	struct model_weights weights;
	int packing = packing_find(type);

	if (packing < 0)
		fail("WEIGHTS is f32, bf16, int8 or int4");
	config.is_tied = false;
	*opened = (struct opened){.kernels = kernels_best(),
				  .compute = compute_new(n_threads, err)};
	if (!opened->compute || model_weights_make(&weights, &config, 1, err))
		fail(err->text);
	make_counting(&weights);
	if (model_init(&opened->model, &weights, (enum packing)packing,
		       opened->compute, err))
		fail(err->text);
	model_weights_release(&weights);
	int n_blocks = (PROMPT + ANSWER + KV_BLOCK - 1) / KV_BLOCK;
	if (model_room(opened, kv_type_for((enum packing)packing), n_blocks,
		       STEP_ROWS, DRAFT_MAX + 1, err))
		fail(err->text);
}

/* ---- The passage */

static int
filler(int place)
{
	return 1000 + place * 7919 % 10000;
}

static void
put_whole(int *passage)
{
	for (int i = 0; i < ANSWER + 1; i++)
		passage[i] = FIRST + i;
}

static void
put_spans(int *passage)
{
	int n_spans = ANSWER / SPAN;

	for (int i = 0; i < ANSWER; i++)
		passage[i] = FIRST + (i / SPAN + n_spans / 2) % n_spans * SPAN +
			     i % SPAN;
}

static void
put_none(int *passage)
{
	(void)passage;
}

static void
put_false(int *passage)
{
	for (int i = 0; i < ANSWER; i++) {
		passage[3 * i] = FIRST + i;
		passage[3 * i + 1] = FIRST + i + 1;
	}
}

static const struct passage {
	const char *name;
	void (*put)(int *passage);
} passages[] = {{"whole", put_whole},
		{"spans", put_spans},
		{"none", put_none},
		{"false", put_false}};

static void
write_prompt(struct bench *bench, const struct passage *passage)
{
	for (int i = 0; i < PROMPT; i++)
		bench->prompt[i] = filler(i);
	passage->put(bench->prompt + PROMPT / 4);
	bench->prompt[PROMPT - 1] = FIRST - 1;
}

/* ---- Answers */

static void
run_step(struct generation *generation, struct opened *opened)
{
	struct step *step = &opened->step;

	step_clear(step);
	if (generation_join(generation, step, STEP_ROWS) == 0)
		fail("an answer ended too soon");
	forward_run(opened->forward, step->rows, step->n_rows);
	generation_take(generation, &opened->sampler);
}

static void
check_answer(const struct generation *generation, struct bench *bench)
{
	int n;
	const int *tokens = generation_tokens(generation, &n);

	for (int i = 0; i < ANSWER; i++)
		if (n != ANSWER || tokens[i] != FIRST + i)
			fail("the model does not say the next number");
	bench->counts = generation_counts(generation);
}

/* Tokens per second after the prompt, whose last step says the first. */
static double
time_answer(struct bench *bench, int max_drafts)
{
	struct opened *opened = &bench->opened;
	struct generation_request request = {.prompt = bench->prompt,
					     .n_prompt = PROMPT,
					     .sampling = sampling_greedy,
					     .max_tokens = ANSWER,
					     .max_drafts = max_drafts};
	struct err err;
	int n;
	struct generation *generation = generation_new(
		&request, &opened->model.config, &opened->kv, &err);

	if (!generation)
		fail(err.text);
	for (n = 0; n == 0; generation_tokens(generation, &n))
		run_step(generation, opened);
	int64_t start = time_mono_us();
	while (generation_end(generation) == GENERATION_RUNS)
		run_step(generation, opened);
	double seconds = (double)(time_mono_us() - start) * 1e-6;
	check_answer(generation, bench);
	generation_free(generation);
	return (ANSWER - n) / seconds;
}

static void
measure(struct bench *bench, const struct passage *passage)
{
	struct rate plain = {0}, guessed = {0};

	write_prompt(bench, passage);
	for (int i = 0; i <= REPETITIONS; i++) {
		double one = time_answer(bench, 0);
		double other = time_answer(bench, DRAFT_MAX);
		if (i == 0) /* to warm up */
			continue;
		rate_add(&plain, one);
		rate_add(&guessed, other);
	}
	printf("%-6s  plain %6.1f tokens/s, best %6.1f; with drafts %6.1f, "
	       "best %6.1f: %.2fx; %d of %d drafts right, %d steps\n",
	       passage->name, plain.sum / plain.n, plain.best,
	       guessed.sum / guessed.n, guessed.best, guessed.sum / plain.sum,
	       bench->counts.drafts_right, bench->counts.drafts,
	       bench->counts.steps);
}

int
main(int argc, char **argv)
{
	struct bench *bench = mem_new(sizeof *bench);
	const char *type = argc > 1 ? argv[1] : "int8";
	int n_threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2;
	struct err err;

	open_model(&bench->opened, type, n_threads, &err);
	printf("%s weights, %s kernels, %d threads\n", type,
	       bench->opened.kernels->name, n_threads);
	for (size_t i = 0; i < sizeof passages / sizeof *passages; i++)
		measure(bench, &passages[i]);
	model_close(&bench->opened);
	free(bench);
	return 0;
}
