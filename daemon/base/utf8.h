/* UTF-8: decoding, checking, repairing (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Decode the character at the start of text (len bytes, at least 1).
 * Returns its length in bytes and sets *c_r; an ill-formed sequence is one
 * byte long and gives U+FFFD. */
size_t utf8_decode(const char *text, size_t len, uint32_t *c_r);
/* Encode c into out (4 bytes); the number of bytes, 0 for no character. */
size_t utf8_encode(uint32_t c, char out[4]);
bool utf8_is_valid(const char *text, size_t len);
/* Characters in text, each ill-formed byte counting as one. */
size_t utf8_count(const char *text, size_t len);
/* The largest length <= max at which text can be cut between characters. */
size_t utf8_cut(const char *text, size_t len, size_t max);
/* Add text to out with ill-formed bytes and NUL as U+FFFD.  0, or -1. */
int utf8_repair(struct buf *out, const char *text, size_t len);
/* Add text to out with each maximal part of an ill-formed sequence as one
 * U+FFFD (Unicode, section 3.9, as Python's "replace" does).  A character
 * that the end cuts off is left, up to 3 bytes: returns how many were taken.
 * Whether all of it fit says out->failed. */
size_t utf8_mend(struct buf *out, const char *text, size_t len);
/* What may not reach a log or a terminal as it is: C0, DEL, C1, the line and
 * paragraph separators, and what turns the direction of text. */
bool utf8_is_control(uint32_t c);

#endif
