/* What a customer wants: the intents of a desk, with probabilities, learnt from
 * examples.
 *
 * A linear model over words, pairs of words and runs of characters.  The same
 * examples in the same order give the same classifier, to the bit.  One is
 * trained once, then only read, by any number of threads at a time. */
#ifndef NLU_CLASSIFIER_H
#define NLU_CLASSIFIER_H

#include <stddef.h>

#include "base/crypto.h"

struct err;

struct classifier;
struct classifier_builder;

/* Texts are read as of this language (BCP 47). */
struct classifier_builder *classifier_builder_new(const char *language);
void classifier_builder_free(struct classifier_builder *);
/* A text that a customer who has this intent may write.  Both are copied.
 * Examples after the first 50,000 are left out, and those of intents after the
 * first 1,000.  0, or -1 and *err. */
int classifier_builder_add(struct classifier_builder *, const char *text,
			   const char *intent, struct err *);
/* SHA-256 of all that makes the classifier: who has the same hash has the same
 * classifier.  0, or -1: no memory. */
int classifier_builder_hash(const struct classifier_builder *,
			    uint8_t out[SHA256_SIZE]);
/* The classifier of what was added, or of a part, taken evenly, where there are
 * so many examples of so many intents that all would take too long; the builder
 * is freed either way.  NULL and *err when there is no memory. */
struct classifier *classifier_train(struct classifier_builder *, struct err *);
void classifier_free(struct classifier *);

size_t classifier_count(const struct classifier *); /* of intents */
size_t classifier_bytes(const struct classifier *);

struct guess {
	const char *intent; /* borrowed until classifier_free() */
	float probability;
};

/* The k most probable intents of a text, best first; equals as they came.  How
 * many: 0 when nothing of the text is in any example, or there are fewer than
 * two intents, or more to learn than there may be. */
size_t classifier_guess(const struct classifier *, const char *text, size_t len,
			struct guess *out, size_t k);

#endif
