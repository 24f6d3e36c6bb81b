/* International bank account numbers (ISO 13616). */
#ifndef TEXT_IBAN_H
#define TEXT_IBAN_H

#include <stdbool.h>
#include <stddef.h>

#define IBAN_LENGTH_MAX 34

/* The form of a country's IBAN behind its four first characters, for each of
 * them one of n (digit), a (letter), c (either), written as in the register,
 * "4a14n"; NULL: no such country.  Letters of either case. */
const char *iban_form(char first, char second);

/* How many characters an IBAN of that form has, the first four included. */
size_t iban_length(const char *form);

/* Whether character i (from 0, of the whole IBAN) may be c, a digit or an
 * upper-case letter, in an IBAN of that form. */
bool iban_allows(const char *form, size_t i, char c);

/* Whether the check digits are right (ISO 7064, mod 97-10).  Digits and
 * upper-case letters. */
bool iban_is_valid(const char *iban, size_t len);

#endif
