/* Secrets that only the words beside them give away: PIN, CVV, one-time codes
 * and passwords.  The words come one by one; what is remembered of them is
 * small, so that the whole is linear. */
#ifndef TEXT_REDACT_SECRET_H
#define TEXT_REDACT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/redact.h"

struct number;
struct word;

/* A piece of the text that is to be masked. */
struct secret {
	enum redact_kind kind;
	size_t start, end;
};

enum link {
	LINK_NONE,
	LINK_WEAK,   /* "changed it to" */
	LINK_STRONG, /* "is", ":", "=" */
};

/* What was read so far and still counts.  Zeroed: nothing; so it is again
 * behind whatever was masked, so that masked text is read as it was. */
struct secrets {
	/* The keyword that waits for its secret. */
	uint32_t key;	/* one of WORD_KEYS, or 0 */
	size_t key_end; /* in the text */
	int key_words;	/* behind it */
	enum link link; /* that stands directly before what comes */
	bool is_near;	/* nothing but words that may stand between */
	bool is_wide;	/* no "and", no comma, no other noun */
	bool is_ended;	/* its sentence ended directly behind it */
	/* The last noun that says what a number is of: one of WORD_CARD,
	 * WORD_IBAN, WORD_OTHER, or 0. */
	uint32_t noun;
	int noun_words;
	/* The last words. */
	uint32_t last, before_last;
	/* A token that "is my PIN" may follow, and how far that got. */
	struct secret candidate;
	size_t candidate_digits;
	bool is_candidate, is_candidate_secret, is_candidate_code;
	bool is_candidate_mine; /* "is my", not only "is" */
	int candidate_words;
	/* The last digits that were words: "one two three four". */
	size_t spoken_start, spoken_end, spoken_digits;
	/* A card stands before it, and so many digits that may be of the
	 * expiry date: a CVV may follow. */
	bool is_behind_card;
	size_t expiry_digits;
};

/* Blank-parted tokens, as the driver finds them. */
struct token_place {
	size_t start;		   /* of the one it is in */
	size_t before, before_end; /* the one before; equal: there is none */
};

/* The next word, which begins at start.  Whether what stood before it is a
 * secret. */
bool secrets_word(struct secrets *, const char *text, size_t len,
		  const struct word *word, size_t start,
		  const struct token_place *place, struct secret *found);

/* The next punctuation: c as glyph_read() gives it, '\n' for a line's end. */
void secrets_mark(struct secrets *, const char *text, size_t len, char c,
		  size_t i, const struct token_place *place);

/* A number whose digits are words was read. */
void secrets_spoken(struct secrets *, const struct number *);

/* The next number.  Whether it begins with a secret. */
bool secrets_number(struct secrets *, const char *text, size_t len,
		    const struct number *, struct secret *found);

/* Whether the token at i is a password, or a code of letters and digits. */
bool secrets_token(struct secrets *, const char *text, size_t len, size_t i,
		   struct secret *found);

/* For redact-beside.c: whether a secret of that keyword may have n digits, what
 * it then is, and that a word with these flags, or a number (0), that is no
 * secret stands behind the keyword. */
bool secret_fits(uint32_t key, size_t n);
enum redact_kind secret_kind(uint32_t key, size_t n);
void secrets_pass(struct secrets *, uint32_t flags);

/* Nothing but a card stands before what comes. */
void secrets_card(struct secrets *);

#endif
