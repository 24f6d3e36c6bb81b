/* Merging: of all pairs of neighbours the leftmost of those of lowest rank
 * becomes one token, until none can.  Short pieces look at all pairs each
 * time; in long ones a heap knows the next, as square times of a megabyte
 * without a blank would be hours. */
#include "model/encoder.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/merge_long.h"
#include "model/merges.h"
#include "model/split.h"
#include "model/tokenizer.h"

#define SHORT 48 /* bytes */

/* Words that were encoded, each at the one place its hash says; another word
 * of that place takes it. */
#define WORDS 8192
#define WORD_BYTES 30
#define WORD_IDS 8

struct word {
	uint8_t len, n; /* len 0: none */
	char bytes[WORD_BYTES];
	int ids[WORD_IDS];
};

struct encoder {
	const struct merges *merges;
	int byte_ids[256];
	uint64_t key; /* of hashes: others cannot choose words of one place */
	struct word *words;
};

/* ---- Lists */

void
token_list_release(struct token_list *list)
{
	free(list->ids);
	*list = (struct token_list){.max = list->max};
}

int
token_list_add(struct token_list *list, const int *ids, size_t n)
{
	if (n > list->max - list->n)
		return -1;
	if (list->n + n > list->size) {
		size_t size = list->size ? list->size : 64;
		while (size < list->n + n)
			size *= 2;
		int *grown = mem_array_grow(list->ids, size, sizeof *grown);
		if (!grown)
			return -1;
		list->ids = grown;
		list->size = size;
	}
	if (n > 0)
		memcpy(list->ids + list->n, ids, n * sizeof *ids);
	list->n += n;
	return 0;
}

/* ---- One piece */

/* Merge in place; the number of tokens that are left. */
static size_t
merge_short(const struct merges *merges, int *ids, size_t n)
{
	const struct merge *pairs[SHORT]; /* pairs[i]: of i and i + 1 */

	for (size_t i = 0; i + 1 < n; i++)
		pairs[i] = merges_find(merges, ids[i], ids[i + 1]);
	for (;;) {
		size_t best = n;
		for (size_t i = 0; i + 1 < n; i++)
			if (pairs[i] &&
			    (best == n || pairs[i]->rank < pairs[best]->rank))
				best = i;
		if (best == n)
			return n;
		ids[best] = pairs[best]->id;
		n--;
		memmove(ids + best + 1, ids + best + 2,
			(n - best - 1) * sizeof *ids);
		memmove(pairs + best, pairs + best + 1,
			(n - best - 1) * sizeof *pairs);
		if (best > 0)
			pairs[best - 1] =
				merges_find(merges, ids[best - 1], ids[best]);
		if (best + 1 < n)
			pairs[best] =
				merges_find(merges, ids[best], ids[best + 1]);
	}
}

static int
encode_short(struct encoder *encoder, const char *piece, size_t len,
	     struct token_list *out)
{
	int ids[SHORT];

	for (size_t i = 0; i < len; i++)
		ids[i] = encoder->byte_ids[(unsigned char)piece[i]];
	return token_list_add(out, ids, merge_short(encoder->merges, ids, len));
}

static int
encode_long(struct encoder *encoder, const char *piece, size_t len,
	    struct token_list *out, struct err *err)
{
	if (len > ENCODER_PIECE_MAX)
		return err_set(err,
			       "there are %zu bytes without a place to part "
			       "them, more than %zu",
			       len, ENCODER_PIECE_MAX);
	int *ids = mem_array(len, sizeof *ids);
	for (size_t i = 0; ids && i < len; i++)
		ids[i] = encoder->byte_ids[(unsigned char)piece[i]];
	size_t n = ids ? merge_long(encoder->merges, ids, len) : 0;
	int ret = n > 0 ? token_list_add(out, ids, n) : -1;
	free(ids);
	return ret ? err_set(err, "there are too many tokens") : 0;
}

/* ---- Words that were there before */

/* Of up to 32 bytes: multiplied and folded, eight at a time. */
static struct word *
place_of(struct encoder *encoder, const char *piece, size_t len)
{
	uint64_t hash = encoder->key ^ len;

	for (size_t i = 0; i < len; i += 8) {
		uint64_t eight = 0;
		memcpy(&eight, piece + i, len - i < 8 ? len - i : 8);
		hash = (hash ^ eight) * 0x9E3779B97F4A7C15;
		hash ^= hash >> 29;
	}
	return &encoder->words[hash % WORDS];
}

static int
encode_word(struct encoder *encoder, const char *piece, size_t len,
	    struct token_list *out)
{
	struct word *word = place_of(encoder, piece, len);

	if (word->len == len && memcmp(word->bytes, piece, len) == 0)
		return token_list_add(out, word->ids, word->n);
	size_t before = out->n;
	if (encode_short(encoder, piece, len, out))
		return -1;
	size_t n = out->n - before;
	if (n <= WORD_IDS) {
		word->len = (uint8_t)len;
		word->n = (uint8_t)n;
		memcpy(word->bytes, piece, len);
		memcpy(word->ids, out->ids + before, n * sizeof *out->ids);
	}
	return 0;
}

/* ---- A text */

static int
encode_piece(struct encoder *encoder, const char *piece, size_t len,
	     struct token_list *out, struct err *err)
{
	int ret;

	if (len > SHORT)
		return encode_long(encoder, piece, len, out, err);
	if (len <= WORD_BYTES)
		ret = encode_word(encoder, piece, len, out);
	else
		ret = encode_short(encoder, piece, len, out);
	return ret ? err_set(err, "there are too many tokens") : 0;
}

static int
encode_mended(struct encoder *encoder, const char *text, size_t len,
	      struct token_list *out, struct err *err)
{
	size_t before = out->n, n;

	for (size_t i = 0; i < len; i += n) {
		n = split_next(text + i, len - i);
		if (encode_piece(encoder, text + i, n, out, err)) {
			out->n = before;
			return -1;
		}
	}
	return 0;
}

int
encoder_encode(struct encoder *encoder, const char *text, size_t len,
	       struct token_list *out, struct err *err)
{
	struct buf mended;

	if (utf8_is_valid(text, len))
		return encode_mended(encoder, text, len, out, err);
	if (len > SIZE_MAX / 4)
		return err_set(err, "the text is too long");
	/* A byte becomes at most the three of U+FFFD. */
	buf_init(&mended, len * 3);
	if (utf8_mend(&mended, text, len) < len)
		buf_adds(&mended, "\uFFFD");
	int ret = mended.failed
			  ? err_set(err, "there is no memory for the text")
			  : encode_mended(encoder, mended.data, mended.len, out,
					  err);
	buf_release(&mended);
	return ret;
}

struct encoder *
encoder_new(const struct tokenizer *tokenizer)
{
	struct encoder *encoder = mem_new(sizeof *encoder);

	encoder->merges = tokenizer_merges(tokenizer);
	for (int byte = 0; byte < 256; byte++)
		encoder->byte_ids[byte] =
			tokenizer_byte_id(tokenizer, (unsigned char)byte);
	crypto_random(&encoder->key, sizeof encoder->key);
	encoder->words = mem_new(WORDS * sizeof *encoder->words);
	return encoder;
}

void
encoder_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	free(encoder->words);
	free(encoder);
}
