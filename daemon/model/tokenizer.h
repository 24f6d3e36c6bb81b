/* Byte-level BPE: the vocabulary of a GPT-2 model, from vocab.json and
 * merges.txt of its directory.
 *
 * A tokenizer never changes once it is made, and any number of threads share
 * it; an encoder or a decoder, which borrows it, belongs to one at a time. */
#ifndef MODEL_TOKENIZER_H
#define MODEL_TOKENIZER_H

#include <stddef.h>

struct buf;
struct err;
struct merges;
struct tokenizer;

/* Files of more bytes are refused; those of GPT-2 have 1,042,301 and 456,318.
 */
#define TOKENIZER_FILE_MAX ((size_t)8 << 20)

/* NULL and *err, which names the file and the line. */
struct tokenizer *tokenizer_open(const char *dir, struct err *);
/* Add the texts of both files, which have room for TOKENIZER_FILE_MAX.  0, or
 * -1 and *err. */
int tokenizer_read(const char *dir, struct buf *vocab, struct buf *merges,
		   struct err *);
/* The same as tokenizer_open() from the texts of both files. */
struct tokenizer *tokenizer_new(const char *vocab, size_t vocab_len,
				const char *merges, size_t merges_len,
				struct err *);
void tokenizer_free(struct tokenizer *);

/* Ids are less than this; some below it may be of no token. */
int tokenizer_size(const struct tokenizer *);
/* The bytes of a token, borrowed, not ended by NUL; NULL: there is none with
 * that id.  They need not be whole characters. */
const char *tokenizer_bytes(const struct tokenizer *, int id, size_t *len_r);
/* "<|endoftext|>", which no text is encoded to; -1: there is none. */
int tokenizer_end_of_text(const struct tokenizer *);

/* For the encoder. */
int tokenizer_byte_id(const struct tokenizer *, unsigned char byte);
const struct merges *tokenizer_merges(const struct tokenizer *);

#endif
