/* Function words of languages, folded; without negations and question words,
 * which say what a question is about. */
#ifndef TEXT_STOPWORDS_H
#define TEXT_STOPWORDS_H

#include <stddef.h>

/* The words of a language (its BCP 47 tag; only what stands before the first
 * '-' counts), sorted by strcmp(), n of them; NULL: none are known. */
const char *const *stopwords_of(const char *language, size_t *n_r);

#endif
