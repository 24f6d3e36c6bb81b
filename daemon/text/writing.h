/* How an approved text is written, for checks of packs and entries. */
#ifndef TEXT_WRITING_H
#define TEXT_WRITING_H

#include <stddef.h>

/* Words as a reader counts them: what stands between white space. */
size_t text_count_words(const char *text);

/* English words by which a text says that something was done, as "I have
 * blocked your card" or "your request was processed": an assistant that can
 * only answer never did it.  A condition ("once your card has been blocked") is
 * no such claim.  They stand in the text, *len_r bytes; NULL: it has none. */
const char *text_find_claim(const char *text, size_t *len_r);

/* English words with which a text begins, and which answer nothing: "please
 * note".  NULL: it begins with others. */
const char *text_find_preamble(const char *text);

#endif
