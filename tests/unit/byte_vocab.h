/* The beginning of a vocab.json: the 256 bytes, under the characters that stand
 * for them, with their values as ids. */
#ifndef TESTS_UNIT_BYTE_VOCAB_H
#define TESTS_UNIT_BYTE_VOCAB_H

#include <stdbool.h>

#include "base/buf.h"

/* Bytes that stand for themselves in files of vocabularies. */
static inline bool
is_seen(int byte)
{
	return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) ||
	       (byte >= 174 && byte <= 255);
}

/* What comes next begins with a comma or ends with a brace. */
static inline void
add_byte_vocab(struct buf *vocab)
{
	unsigned int next = 0x100;

	for (int byte = 0; byte < 256; byte++)
		buf_addf(vocab, "%c\"\\u%04x\": %d", byte ? ',' : '{',
			 is_seen(byte) ? (unsigned int)byte : next++, byte);
}

#endif
