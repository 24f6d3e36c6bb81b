/* The words of a pack by number, and texts as such numbers.
 *
 * A word has two numbers: one that all its forms share (its stem: "blocks",
 * "blocked") and one of its own.  Apostrophes count for nothing, as customers
 * leave them out.  A word the pack does not have, and that is one slip of the
 * keyboard from one it has, is read as that one. */
#ifndef NLU_VOCABULARY_H
#define NLU_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct vocabulary;

/* Numbers are 1, 2, ...; 0: no phrase has that word. */
struct heard {
	uint32_t stem, word;
};

struct vocabulary *vocabulary_new(const char *language);
void vocabulary_free(struct vocabulary *);

/* The number of a word as a phrase has it: of all its forms, or of this form
 * alone.  0, or -1 and *err, when text is not exactly one word. */
int vocabulary_add(struct vocabulary *, const char *text, bool is_exact,
		   uint32_t *number_r, struct err *);
/* One more than the highest number. */
uint32_t vocabulary_size(const struct vocabulary *);

/* The words of this text are spelt as they should be.  To be called after
 * everything was added. */
void vocabulary_learn(struct vocabulary *, const char *text, size_t len);

/* The words of a text, in order; the first max of them.  How many. */
size_t vocabulary_hear(const struct vocabulary *, const char *text, size_t len,
		       struct heard *out, size_t max);

#endif
