/* What a classifier is made of, for the files of classifier.h. */
#ifndef NLU_CLASSIFIER_PARTS_H
#define NLU_CLASSIFIER_PARTS_H

#include "base/hash.h"
#include "base/mem.h"
#include "nlu/classifier.h"
#include "text/dictionary.h"
#include "text/linear.h"
#include "text/ngram.h"
#include "text/tokens.h"

/* Words of a text that are looked at. */
#define CLASSIFIED_WORDS_MAX 512

struct known_word {
	uint32_t count; /* how often examples have it */
	uint32_t stem;	/* in classifier->stems */
};

struct classifier {
	char language[16];
	struct dictionary intents;
	struct dictionary words;  /* of the examples, folded */
	struct known_word *known; /* by word */
	struct dictionary stems;
	struct idmap features; /* key -> number + 1 */
	float *weights;	       /* by feature: its idf */
	float unknown_weight;  /* of a feature that no example has */
	uint32_t n_features;
	struct linear model;
	float scale; /* of scores, for probabilities */
};

/* The work space for reading texts. */
struct reading {
	struct tokens tokens;
	struct ngrams ngrams;
	size_t n_words; /* features of words; those of characters follow */
};

void reading_init(struct reading *);
void reading_release(struct reading *);
/* Read a text into the features that it has, known or not.  A word that no
 * example has, and that no number is in, is read as the most frequent one that
 * is one edit away.  0, or -1: no memory. */
int reading_read(struct reading *, const struct classifier *, const char *text,
		 size_t len);
/* The second half of it: the features of reading->tokens. */
int reading_spell(struct reading *, const struct classifier *);

#define NO_FEATURE UINT32_MAX /* that no example has */

/* Give features of one kind, and how often a text has them, their weights in
 * place, so that they make a vector of length 1.  Those that are not known have
 * their part of that, and are left out: the less of a text is known, the less
 * sure is what is made of it.  How many are left. */
size_t classifier_weigh(const struct classifier *, uint32_t *features,
			float *values, size_t n);

#endif
