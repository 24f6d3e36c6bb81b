/* How tokens are chosen, by the arguments of a call. */
#ifndef ADMIN_MODEL_SAMPLING_H
#define ADMIN_MODEL_SAMPLING_H

#include <stddef.h>

#include "model/encoder.h"
#include "model/sample.h"

struct admin_call;
struct err;
struct opened;

/* Rows of the arguments that say how. */
#define SAMPLING_ARGUMENTS                                                    \
	{"--temperature", ADMIN_TEXT, false, "T",                             \
	 "by chance; greedy without it, and for 0"},                          \
		{"--top-k", ADMIN_NUMBER, false, "K", "of the K best alone"}, \
		{"--top-p", ADMIN_TEXT, false, "P",                           \
		 "of the fewest whose probabilities add up to P"},            \
		{"--min-p", ADMIN_TEXT, false, "P",                           \
		 "of those with P times the highest probability"},            \
		{"--typical-p", ADMIN_TEXT, false, "P",                       \
		 "of those nearest to the entropy that add up to P"},         \
		{"--epsilon-cutoff", ADMIN_TEXT, false, "P",                  \
		 "of those with a probability of P"},                         \
		{"--eta-cutoff", ADMIN_TEXT, false, "P",                      \
		 "the same, with less where the entropy is high"},            \
		{"--seed", ADMIN_NUMBER, false, "N",                          \
		 "of chance; 0 without it"},                                  \
		{"--repetition-penalty", ADMIN_TEXT, false, "F",              \
		 "for each token that was there"},                            \
		{"--normalized-penalty", ADMIN_FLAG, false, NULL,             \
		 "on logarithms of probabilities, not on logits"},            \
		{"--no-repeat-ngram", ADMIN_NUMBER, false, "N",               \
		 "no N tokens twice"},                                        \
		{"--repetition-scope", ADMIN_TEXT, false, "SCOPE",            \
		 "what was there is all (without it), or the output alone"},  \
		{"--bad-words", ADMIN_TEXTS, false, "TEXT|ID,...",            \
		 "never this text, nor another"},                             \
		{"--logit-bias", ADMIN_TEXTS, false, "ID=NUMBER",             \
		 "added to the logit of a token, and of another"},            \
	{                                                                     \
		"--min-tokens", ADMIN_NUMBER, false, "N",                     \
			"so many before the one that ends a text"             \
	}

/* All but lists.  0, or -1 and *err. */
int sampling_read(struct sampling *, const struct admin_call *, struct err *);

/* What the lists of a sampling borrow; zeroed, it is empty. */
struct sampling_lists {
	struct token_list *words; /* (n_words) */
	struct token_sequence *bad_words;
	size_t n_words;
	struct token_bias *biases; /* (n_biases) */
	int *bias_ids;
	size_t n_biases;
};

/* Lists, which go to the sampling as well; for the vocabulary of a model.  0,
 * or -1 and *err; to be released in either case. */
int sampling_lists_read(struct sampling_lists *, struct sampling *,
			const struct admin_call *, const struct opened *,
			struct err *);
void sampling_lists_release(struct sampling_lists *);

#endif
