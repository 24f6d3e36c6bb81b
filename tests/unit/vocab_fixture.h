/* Vocabularies that a test makes: of all bytes and a few merges. */
#ifndef TESTS_UNIT_VOCAB_FIXTURE_H
#define TESTS_UNIT_VOCAB_FIXTURE_H

#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "byte_vocab.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

static struct err err;

#define MERGES_MAX 200

struct maker {
	struct buf vocab, merges;
	/* The tokens as bytes: 256, and one for each merge. */
	char tokens[256 + MERGES_MAX][64];
	size_t lens[256 + MERGES_MAX];
	int left[MERGES_MAX], right[MERGES_MAX];
	int n;
};

static struct maker maker;

/* Add the characters that stand for bytes. */
static inline void
add_seen(struct buf *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)bytes[i], unseen = 0;
		char text[4];
		for (int b = 0; b < byte; b++)
			unseen += !is_seen(b);
		uint32_t c = is_seen(byte) ? (uint32_t)byte
					   : 0x100 + (uint32_t)unseen;
		buf_add(out, text, utf8_encode(c, text));
	}
}

static inline void
add_vocab(const char *bytes, size_t len, int id)
{
	struct buf token;

	buf_init(&token, 1000);
	add_seen(&token, bytes, len);
	buf_addf(&maker.vocab, "%s\"", id ? ", " : "{");
	for (size_t i = 0; i < token.len; i++)
		buf_addf(&maker.vocab, "%s%c",
			 strchr("\"\\", token.data[i]) ? "\\" : "",
			 token.data[i]);
	buf_addf(&maker.vocab, "\": %d", id);
	buf_release(&token);
}

static inline void
release_vocab(void)
{
	buf_release(&maker.vocab);
	buf_release(&maker.merges);
}

/* Begin one, of the bytes alone, whose ids are their values. */
static inline void
start_vocab(void)
{
	release_vocab();
	buf_init(&maker.vocab, 1 << 20);
	buf_init(&maker.merges, 1 << 20);
	maker.n = 0;
	for (int byte = 0; byte < 256; byte++) {
		maker.tokens[byte][0] = (char)byte;
		maker.lens[byte] = 1;
		add_vocab(maker.tokens[byte], 1, byte);
	}
	buf_adds(&maker.merges, "#version: 0.2\n");
}

static inline bool
is_known(const char *bytes, size_t len)
{
	for (int id = 0; id < 256 + maker.n; id++)
		if (maker.lens[id] == len &&
		    memcmp(maker.tokens[id], bytes, len) == 0)
			return true;
	return false;
}

/* A new token of two; false: it is too long, or there. */
static inline bool
add_merge(int left, int right)
{
	int id = 256 + maker.n;
	size_t len = maker.lens[left] + maker.lens[right];

	if (len > sizeof maker.tokens[0])
		return false;
	memcpy(maker.tokens[id], maker.tokens[left], maker.lens[left]);
	memcpy(maker.tokens[id] + maker.lens[left], maker.tokens[right],
	       maker.lens[right]);
	if (is_known(maker.tokens[id], len))
		return false;
	maker.lens[id] = len;
	maker.left[maker.n] = left;
	maker.right[maker.n++] = right;
	add_vocab(maker.tokens[id], len, id);
	add_seen(&maker.merges, maker.tokens[left], maker.lens[left]);
	buf_addc(&maker.merges, ' ');
	add_seen(&maker.merges, maker.tokens[right], maker.lens[right]);
	buf_addc(&maker.merges, '\n');
	return true;
}

/* End the vocabulary; the tokenizer of it. */
static inline struct tokenizer *
make_tokenizer(void)
{
	buf_addf(&maker.vocab, ", \"<|endoftext|>\": %d}", 256 + maker.n);
	struct tokenizer *tokenizer =
		tokenizer_new(buf_str(&maker.vocab), maker.vocab.len,
			      buf_str(&maker.merges), maker.merges.len, &err);
	if (!tokenizer)
		fail_msg("%s", err.text);
	return tokenizer;
}

/* Random merges of a few letters, blanks and parts of characters. */
static inline struct tokenizer *
make_random_tokenizer(void)
{
	static const unsigned char bytes[] = {'a', 'b', 'c',  'a', ' ',
					      '.', '.', 0xC3, 0xA9};

	start_vocab();
	for (int i = 0; i < MERGES_MAX; i++) {
		int of_two[2];
		for (int k = 0; k < 2; k++)
			of_two[k] = maker.n > 0 && random() % 2
					    ? 256 + (int)(random() % maker.n)
					    : bytes[random() % 9];
		add_merge(of_two[0], of_two[1]);
	}
	return make_tokenizer();
}

/* A text has these tokens. */
static inline void
expect_ids(struct encoder *encoder, const char *text, size_t len,
	   const int *ids, size_t n)
{
	struct token_list out = {.max = 1000};

	/* Twice: what is remembered is the same. */
	for (size_t round = 1; round <= 2; round++) {
		assert_int_equal(encoder_encode(encoder, text, len, &out, &err),
				 0);
		assert_int_equal(out.n, round * n);
		assert_memory_equal(out.ids + (round - 1) * n, ids,
				    n * sizeof *ids);
	}
	token_list_release(&out);
}

#endif
