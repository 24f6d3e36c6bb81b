/* The beginning of a vocab.json: the 256 bytes, under the characters that stand
 * for them, with their values as ids. */
#ifndef TESTS_UNIT_BYTE_VOCAB_H
#define TESTS_UNIT_BYTE_VOCAB_H

#include "base/buf.h"

/* What comes next begins with a comma or ends with a brace. */
static inline void
add_byte_vocab(struct buf *vocab)
{
	unsigned int next = 0x100;

	for (unsigned int byte = 0; byte < 256; byte++) {
		int is_seen = (byte >= 33 && byte <= 126) ||
			      (byte >= 161 && byte <= 172) || byte >= 174;
		buf_addf(vocab, "%c\"\\u%04x\": %u", byte ? ',' : '{',
			 is_seen ? byte : next++, byte);
	}
}

#endif
