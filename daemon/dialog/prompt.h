/* The prompt of a draft: instructions, approved entries, what was said, and
 * the question, in this order, so that prompts begin alike and the engine
 * computes the beginning once. */
#ifndef DIALOG_PROMPT_H
#define DIALOG_PROMPT_H

#include <stddef.h>

struct encoder;
struct err;
struct token_list;

#define PROMPT_PASSAGES_MAX 8

/* Texts, borrowed; each ends as it is to end. */
struct prompt {
	const char *instructions;
	const char *const *passages; /* best first */
	size_t n_passages;	     /* up to PROMPT_PASSAGES_MAX */
	const char *const *history;  /* oldest first */
	size_t n_history;
	const char *question;
};

/* What became of it. */
struct prompt_parts {
	size_t n_shared; /* leading tokens that are nobody's own */
	size_t n_history;
	size_t n_passages; /* that fit, and which they are, ascending */
	size_t passages[PROMPT_PASSAGES_MAX];
};

/* Add its tokens to out, at most max, 16 or more: instructions and passages
 * have half of that, where a passage that has no room leaves it to the next
 * one, the question what it needs of the rest, or its end, and history, from
 * the newest on, what is left.  0, or -1 and *err. */
int prompt_encode(const struct prompt *, struct encoder *, size_t max,
		  struct token_list *out, struct prompt_parts *, struct err *);

#endif
