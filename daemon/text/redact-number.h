/* Numbers as people write them: digits in groups. */
#ifndef TEXT_REDACT_NUMBER_H
#define TEXT_REDACT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_DIGITS_MAX 23 /* a card, its expiry date and its CVV */

/* Groups of digits, parted by a few blanks, dashes, dots and the like, or by
 * a word for one of them.  What is without width parts nothing. */
struct number {
	char digits[NUMBER_DIGITS_MAX]; /* '0' .. '9' */
	size_t n;
	struct digit_group {
		size_t start, end; /* in the text */
		size_t n;
		char joiner;   /* behind it, as glyph_read() gives it; 0: none,
				* or more than one */
		bool is_loose; /* a list or a table may be parted so, too */
	} groups[NUMBER_DIGITS_MAX];
	size_t n_groups;
	bool is_parted; /* behind the last group stands a mark, which was a
			 * part of the number */
	bool is_long;	/* the first group has more digits; its end is right */
	bool is_spoken; /* the first group is a word */
};

/* Read the number that begins at i, with a digit or a word for one, up to the
 * last group that fits whole. */
void number_read(const char *text, size_t len, size_t i, struct number *);

/* A card among the groups, from the first on. */
struct number_card {
	bool is_ok;	 /* issuer, length and check digit are right */
	size_t n;	 /* digits */
	size_t n_groups; /* ... in so many groups */
	size_t end;	 /* in the text */
};

/* Whether the number begins with a card.  is_beside: a word before it says that
 * it is one; is_other: that it is something else. */
bool number_find_card(const struct number *, bool is_beside, bool is_other,
		      struct number_card *);

#endif
