/* What a generation is to the files that make one, generate.c, step it,
 * generate_step.c, and let it share what others computed, generate_share.c. */
#ifndef MODEL_GENERATION_H
#define MODEL_GENERATION_H

#include <stdatomic.h>

#include "model/draft.h"
#include "model/generate.h"
#include "model/logits.h"
#include "model/output.h"

struct prefixes;

/* Tokens stand one after the other: the prompt, what was generated, drafts.
 * Keys and values are there of the first n_kept; the last of the others is
 * followed by the next. */
struct generation {
	struct generation_request request;
	int n_positions, n_vocab;
	struct kv *kv; /* NULL: it has not started, and has no blocks */
	int *blocks, n_blocks;
	struct prefixes *prefixes; /* NULL: nothing is shared */
	/* Of the blocks, those at the beginning that are not its own, and how
	 * many may become so. */
	int n_held, n_shared;
	int *tokens;
	int n_tokens, n_kept;
	int max_tokens;	 /* of all these */
	float *logprobs; /* (request.max_tokens), if they are wanted */
	enum generation_end end;
	atomic_bool is_cancelled;
	struct draft_pace pace;
	struct generation_counts counts;
	struct output output;
	/* The present step: its rows, of them drafts at the end, and the logits
	 * after the last row that is none, and after each draft. */
	int n_rows, n_drafts, n_logits;
	struct logits logits[DRAFT_MAX + 1];
};

/* Tokens that were generated. */
static inline int
generation_count_new(const struct generation *generation)
{
	return generation->n_tokens - generation->request.n_prompt;
}

#endif
