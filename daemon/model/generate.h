/* A generation: a prompt, and the tokens that a model goes on with.  It owns
 * what is its own and runs nothing: whoever steps generations puts rows of
 * several into one step, computes it, and lets each take what is its own.
 *
 *	step_clear(step);
 *	for each: generation_join(generation, step, rows_each);
 *	forward_run(forward, step->rows, step->n_rows);
 *	for each: generation_take(generation, sampler);
 *
 * What comes of it depends on the request alone: not on the others, not on how
 * many rows fit, not on the drafts.  One thread at a time, but for
 * generation_cancel(). */
#ifndef MODEL_GENERATE_H
#define MODEL_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sample.h"
#include "model/step.h"

struct err;
struct forward;
struct generation;
struct kv;
struct model_config;
struct prefixes;
struct stop_strings;
struct tokenizer;

/* The tokens that may come after n tokens: their number, and ascending ids,
 * borrowed until the step is taken, in which it is asked for several n; -1:
 * all may; 0: none may.  Where few may come only their logits are computed, and
 * one alone, unless it is the first, is said without a step. */
typedef int allow_fn(void *arg, const int *tokens, int n, const int **ids_r);

struct generation_request {
	const int *prompt; /* (n_prompt), 1 or more; copied */
	int n_prompt;
	/* A copy is kept; the lists in it, and all below, are borrowed until
	 * the generation is freed. */
	struct sampling sampling;
	const struct tokenizer *tokenizer; /* NULL: no text is wanted */
	const struct stop_strings *stops;  /* NULL: none */
	allow_fn *allow;		   /* NULL: all tokens may come */
	void *allow_arg;
	int max_tokens; /* 1 or more */
	int max_drafts; /* in a step, up to DRAFT_MAX; 0: none */
	bool has_logprobs;
	int64_t deadline_us; /* by time_mono_us(); 0: none */
};

enum generation_end {
	GENERATION_RUNS,
	GENERATION_END,	      /* a token that ends a text */
	GENERATION_STOP,      /* a stop string */
	GENERATION_LENGTH,    /* max_tokens */
	GENERATION_POSITIONS, /* the model has no more */
	GENERATION_DEADLINE,
	GENERATION_CANCELLED,
	GENERATION_IMPOSSIBLE, /* no token may come */
	GENERATION_NO_MEMORY   /* for the text */
};
#define N_GENERATION_ENDS 9
/* A word for programs: "end", "stop", "length", ... */
const char *generation_end_name(enum generation_end);

/* Blocks of keys and values that a request takes, all at once, so that what
 * has begun can go on to its end. */
int generation_blocks(const struct generation_request *,
		      const struct model_config *);
/* One that has no blocks yet, on any thread.  NULL and *err: the request is
 * refused. */
struct generation *generation_prepare(const struct generation_request *,
				      const struct model_config *,
				      struct err *);
/* Before its first step: its blocks.  Where prefixes are not NULL, those of its
 * n_shared_prompt first tokens that are whole blocks are shared: it begins
 * behind what is there of them, and they are kept there when they have been
 * computed.  false: there are too few blocks, and nothing was done. */
bool generation_start(struct generation *, struct kv *, struct prefixes *,
		      int n_shared_prompt);
/* After its last step: they go back.  So they do when it is freed. */
void generation_give_blocks(struct generation *);
/* Both.  NULL and *err: the request is refused, or there are too few blocks. */
struct generation *generation_new(const struct generation_request *,
				  const struct model_config *, struct kv *,
				  struct err *);
/* Its blocks go back, and all is wiped. */
void generation_free(struct generation *);

/* Any thread: it ends at its next step at the latest. */
void generation_cancel(struct generation *);

enum generation_end generation_end(const struct generation *);
/* What was generated so far, with the token that ended it; borrowed until the
 * next step. */
const int *generation_tokens(const struct generation *, int *n_r);
/* The natural logarithms of their probabilities, by the model's logits as they
 * came, among all tokens or those allowed; none unless they were wanted. */
const float *generation_logprobs(const struct generation *, int *n_r);
/* The text up to a stop string, in whole characters; it only grows.  While it
 * goes on, what may be the beginning of a stop string or the rest of a
 * character is held back. */
const char *generation_text(const struct generation *, size_t *len_r);
/* Steps in which it had rows, drafts that were tried, those that were right,
 * tokens of the prompt that could be shared, those that others had computed. */
struct generation_counts {
	int steps, drafts, drafts_right, prompt_shared, prompt_kept;
};
struct generation_counts generation_counts(const struct generation *);

/* --- Steps */

/* Whether it was cancelled or its time is over: then it ends.  Joining asks
 * this, too; it is for those that do not join. */
void generation_check(struct generation *);
/* Rows that it has, without drafts; what has generated nothing has those of its
 * prompt alone. */
int generation_pending(const struct generation *);
bool generation_is_prompt(const struct generation *);
/* Between two steps: take and give what can be shared of the prompt. */
void generation_share(struct generation *);
/* The other one computes what this one could share next. */
bool generation_can_await(const struct generation *,
			  const struct generation *other);

/* Put rows of a generation that is in no step into this one: its prompt in
 * parts of at most max_rows, then what came last, with drafts.  The number of
 * rows; 0: it has ended, or nothing fits. */
int generation_join(struct generation *, struct step *, int max_rows);
/* The step that it joined was computed: take what came of it. */
void generation_take(struct generation *, struct sampler *);

/* One alone, to its end. */
void generation_run(struct generation *, struct forward *, struct step *,
		    struct sampler *);

#endif
