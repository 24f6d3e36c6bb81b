/* Features of a text for a linear model: its words, pairs of neighbours, and
 * runs of characters within words, each as a number. */
#ifndef TEXT_NGRAM_H
#define TEXT_NGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Runs of so many bytes, the marks before and behind a word included. */
#define NGRAM_BYTES_MIN 2
#define NGRAM_BYTES_MAX 5
/* Of one word; what follows is not looked at. */
#define NGRAM_WORD_MAX 64

/* One feature: a hash of it, never 0 and the same in every run, and how often
 * it was added. */
struct ngram {
	uint64_t key;
	float count;
};

/* A list that grows.  Zeroed: empty. */
struct ngrams {
	struct ngram *list;
	size_t n, size;
};

void ngrams_release(struct ngrams *);
void ngrams_clear(struct ngrams *); /* for reuse */

/* Each of these: 0, or -1 when there is no memory. */

/* A word, or with `next` two that stand beside one another. */
int ngrams_add_word(struct ngrams *, const char *word, const char *next);
/* The runs of bytes of <word>. */
int ngrams_add_runs(struct ngrams *, const char *word);

/* Bring equal features from place `first` on together, by key. */
void ngrams_join(struct ngrams *, size_t first);

#endif
