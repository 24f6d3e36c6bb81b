/* Slips of the finger, told from other words by how they differ. */
#ifndef TEXT_SLIP_H
#define TEXT_SLIP_H

#include <stdbool.h>

/* Of two words that are one edit apart (a letter more, less, other, or two
 * exchanged): is the first the second one misspelt, and hardly ever a word of
 * its own?  That is so where two letters are exchanged, where one stands once
 * for twice or twice for once, where one is missing within, and within long
 * words.  Otherwise it may as well be another word, as "speed" and "spend" are.
 * How often either is so stands in doc/HACKING.md. */
bool text_is_slip(const char *said, const char *meant);

#endif
