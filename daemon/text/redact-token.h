/* What stands between blanks: may it be a password? */
#ifndef TEXT_REDACT_TOKEN_H
#define TEXT_REDACT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_MAX 128 /* visible characters; what is longer is read so far */

struct text_token {
	size_t start, end; /* without quotes around it and punctuation */
	uint32_t flags;	   /* of the word that it is or begins with */
	size_t n, n_digits, n_letters; /* characters */
	bool is_quoted;
	bool is_cut;	  /* it goes on */
	bool is_word;	  /* nothing but letters */
	bool is_compound; /* words joined by dashes or dots */
	bool is_ended;	  /* punctuation that ends something follows */
	bool is_secret;	  /* looks like a password: digits and letters, or
			   * symbols within, or 4 digits and more */
	bool is_code;	  /* 5 to 12 capitals and digits */
	bool is_address;  /* of mail or web */
};

/* Read the token at i, which is visible; it ends at a blank or, if may_quote,
 * at the quote that closes the one it begins with. */
void token_read(const char *text, size_t len, size_t i, bool may_quote,
		struct text_token *);

#endif
