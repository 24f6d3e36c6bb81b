/* The prompt of a draft: instructions, approved entries, what was said, and
 * the question, in this order, so that prompts begin alike and the engine
 * computes the beginning once. */
#ifndef DIALOG_PROMPT_H
#define DIALOG_PROMPT_H

#include <stddef.h>

struct encoder;
struct err;
struct token_list;

/* Texts, borrowed; each ends as it is to end. */
struct prompt {
	const char *instructions;
	const char *const *passages; /* best first */
	size_t n_passages;
	const char *const *history; /* oldest first */
	size_t n_history;
	const char *question;
};

/* What became of it. */
struct prompt_parts {
	size_t n_shared;	      /* leading tokens that are nobody's own */
	size_t n_passages, n_history; /* of those there were, that fit */
};

/* Add its tokens to out, at most max, 16 or more: instructions and passages
 * have half of that, the question what it needs of the rest, or its end, and
 * history, from the newest on, what is left.  0, or -1 and *err. */
int prompt_encode(const struct prompt *, struct encoder *, size_t max,
		  struct token_list *out, struct prompt_parts *, struct err *);

#endif
