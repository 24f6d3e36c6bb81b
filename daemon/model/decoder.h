/* Tokens to text, as they come. */
#ifndef MODEL_DECODER_H
#define MODEL_DECODER_H

#include "base/buf.h"

struct err;
struct tokenizer;

/* Belongs to one thread at a time. */
struct decoder {
	const struct tokenizer *tokenizer;
	struct buf held; /* the beginning of a character, up to 3 bytes */
};

/* The tokenizer is borrowed. */
void decoder_init(struct decoder *, const struct tokenizer *);
void decoder_release(struct decoder *);
/* Add the text of one more token to out, in whole characters: what begins one
 * is held back, and each maximal ill-formed part is U+FFFD, so that out is
 * well-formed after each call.  The spaces of the tokens stay as they are.
 * 0, or -1 and *err: there is no such token, or out is full. */
int decoder_add(struct decoder *, int id, struct buf *out, struct err *);
/* There are no more: what is held back is U+FFFD.  Empty for reuse. */
void decoder_end(struct decoder *, struct buf *out);

#endif
