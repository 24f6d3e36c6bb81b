/* Payment card numbers: issuer ranges and the check digit (ISO/IEC 7812). */
#ifndef TEXT_CARD_H
#define TEXT_CARD_H

#include <stdbool.h>
#include <stddef.h>

#define CARD_DIGITS_MIN 12
#define CARD_DIGITS_MAX 19

/* Whether an issuer gives out numbers of n digits ('0' .. '9') that begin as
 * these do. */
bool card_has_issuer(const char *digits, size_t n);

/* Whether the last of n digits is the Luhn check digit of the others. */
bool card_passes_luhn(const char *digits, size_t n);

#endif
