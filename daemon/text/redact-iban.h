/* IBANs as people write them. */
#ifndef TEXT_REDACT_IBAN_H
#define TEXT_REDACT_IBAN_H

#include <stdbool.h>
#include <stddef.h>

struct found_iban {
	bool is_ok;   /* country, length, form and check digits are right */
	size_t end;   /* in the text */
	char last[4]; /* characters, in upper case */
};

/* Whether an IBAN begins at i, with the letters of its country: compact or in
 * groups, of either case; it ends where its country's length says, whatever
 * follows.  One with wrong check digits must stand by itself; is_beside, behind
 * a word that says that it is one, it may have any length. */
bool iban_find(const char *text, size_t len, size_t i, bool is_beside,
	       struct found_iban *);

#endif
