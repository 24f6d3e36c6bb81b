/* Words of a text, as terms of an index: folded, stemmed, stop words marked. */
#ifndef TEXT_TOKENS_H
#define TEXT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TOKENS_MAX 4096 /* of one text; what follows is not looked at */

struct token {
	uint32_t term, term_len; /* in tokens.text, NUL behind: the stem */
	uint32_t word, word_len; /* in tokens.text, NUL behind: as folded */
	bool is_stop;		 /* a function word of the language */
	bool is_number;		 /* holds a digit: is never corrected */
};

/* The result and the work space of one thread; init once, use many times. */
struct tokens {
	struct token *list;
	size_t n, size;
	struct buf text;
	struct text_stemmer *stemmer; /* of the language last used */
};

void tokens_init(struct tokens *);
void tokens_release(struct tokens *);

/* Split text into words (letters, digits, inner apostrophes and dots between
 * digits; marks such as [card ok ...1111] give the word "card") and stem them
 * as the language (BCP 47; unknown: not stemmed) asks.  Replaces what was in
 * tokens.  0, or -1 when there is no memory. */
int tokens_split(struct tokens *, const char *text, size_t len,
		 const char *language);

const char *token_term(const struct tokens *, size_t i);
const char *token_word(const struct tokens *, size_t i);
bool tokens_have_term(const struct tokens *, const char *term);

/* Negations and question words stay significant even where they are stop
 * words of the language: "not", "without", "how", "where" are never stops. */
bool text_is_stop_word(const char *folded, const char *language);

#endif
