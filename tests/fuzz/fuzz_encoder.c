/* Text from anybody to tokens and back: what is not broken comes back as it
 * was, what is broken as the mended text, and never in part of a character. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/byte_vocab.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

static const char merges[] = "a a\nt h\nth e\n\u0120 the\naa a\n\u0120 \u0120\n"
			     "\u00C3 \u00A9\n\u00E2 \u0122\ne \u00C3\n"
			     "' s\n. .\n.. ..\n\u010A \u010A\n1 2\n";
static const char tokens[] =
	"\"aa\": 256, \"th\": 257, \"the\": 258, \"\u0120the\": 259, "
	"\"aaa\": 260, \"\u0120\u0120\": 261, \"\u00C3\u00A9\": 262, "
	"\"\u00E2\u0122\": 263, \"e\u00C3\": 264, \"'s\": 265, \"..\": 266, "
	"\"....\": 267, \"\u010A\u010A\": 268, \"12\": 269, "
	"\"<|endoftext|>\": 270}";

static struct tokenizer *
make_tokenizer(void)
{
	struct err err;
	struct buf vocab;

	buf_init(&vocab, 1 << 16);
	add_byte_vocab(&vocab);
	buf_addf(&vocab, ", %s", tokens);
	struct tokenizer *tokenizer = tokenizer_new(
		buf_str(&vocab), vocab.len, merges, strlen(merges), &err);
	if (!tokenizer)
		abort();
	buf_release(&vocab);
	return tokenizer;
}

static void
decode(const struct tokenizer *tokenizer, const struct token_list *ids,
       struct buf *out)
{
	struct decoder decoder;
	struct err err;

	decoder_init(&decoder, tokenizer);
	for (size_t i = 0; i < ids->n; i++) {
		size_t before = out->len;
		assert(ids->ids[i] != tokenizer_end_of_text(tokenizer));
		int ret = decoder_add(&decoder, ids->ids[i], out, &err);
		assert(ret == 0);
		assert(out->len == before ||
		       utf8_is_valid(out->data + before, out->len - before));
	}
	decoder_end(&decoder, out);
	decoder_release(&decoder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokenizer *tokenizer;
	static struct encoder *encoder;
	const char *text = (const char *)data;
	struct token_list ids = {.max = 3 * size + 3};
	struct buf mended, out;
	struct err err;

	if (!tokenizer) {
		tokenizer = make_tokenizer();
		encoder = encoder_new(tokenizer);
	}
	buf_init(&mended, 3 * size + 3);
	buf_init(&out, 3 * size + 3);
	if (utf8_mend(&mended, text, size) < size)
		buf_adds(&mended, "\uFFFD");
	int ret = encoder_encode(encoder, text, size, &ids, &err);
	assert(ret == 0);
	decode(tokenizer, &ids, &out);
	assert(out.len == mended.len);
	assert(memcmp(buf_str(&out), buf_str(&mended), out.len) == 0);
	token_list_release(&ids);
	buf_release(&mended);
	buf_release(&out);
	return 0;
}
