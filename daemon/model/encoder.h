/* Text to tokens.  An encoder belongs to one thread at a time. */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include <stddef.h>

struct encoder;
struct err;
struct tokenizer;

/* A single piece of text without a place to split, as a word or a row of
 * dashes, has at most this: what bounds the memory of encoding, 32 times it
 * (128 MiB).  Ordinary pieces have ten bytes. */
#define ENCODER_PIECE_MAX ((size_t)4 << 20)

/* Ids of tokens, growing up to max.  Zeroed with a max, it is empty. */
struct token_list {
	int *ids;
	size_t n, size, max;
};
void token_list_release(struct token_list *);
/* 0, or -1 and the list as it was: the maximum is reached, or no memory. */
int token_list_add(struct token_list *, const int *ids, size_t n);

/* The tokenizer is borrowed.  It keeps what frequent words were encoded to:
 * 512 KiB, whatever comes. */
struct encoder *encoder_new(const struct tokenizer *);
void encoder_free(struct encoder *);
/* Add the tokens of a text to out: each maximal ill-formed part counts as
 * U+FFFD; NUL is a character like others; "<|endoftext|>" is a text.  Takes
 * O(n log n) time whatever the text is.  0, or -1 and *err with out as it
 * was. */
int encoder_encode(struct encoder *, const char *text, size_t len,
		   struct token_list *out, struct err *);

#endif
