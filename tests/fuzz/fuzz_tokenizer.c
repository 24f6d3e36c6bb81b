/* vocab.json and, behind a NUL, merges.txt from anybody.  The vocabulary begins
 * with all bytes, lest every input fails there; its end is the input's.  What
 * is taken encodes any text and gives it back. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "../unit/byte_vocab.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

static void
expect_round_trip(const struct tokenizer *tokenizer, const char *text)
{
	struct encoder *encoder = encoder_new(tokenizer);
	struct token_list ids = {.max = 1000};
	struct err err;
	size_t done = 0;

	int ret = encoder_encode(encoder, text, strlen(text), &ids, &err);
	assert(ret == 0);
	for (size_t i = 0; i < ids.n; i++) {
		size_t len;
		const char *bytes =
			tokenizer_bytes(tokenizer, ids.ids[i], &len);
		assert(ids.ids[i] != tokenizer_end_of_text(tokenizer));
		assert(bytes && len <= strlen(text + done));
		assert(memcmp(bytes, text + done, len) == 0);
		done += len;
	}
	assert(!text[done]);
	token_list_release(&ids);
	encoder_free(encoder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size ? memchr(text, '\0', size) : NULL;
	size_t len = end ? (size_t)(end - text) : size;
	struct err err = {0};
	struct buf vocab;

	buf_init(&vocab, 1 << 24);
	if (len == 0 || *text != '{')
		add_byte_vocab(&vocab);
	buf_add(&vocab, text, len);
	struct tokenizer *tokenizer =
		tokenizer_new(buf_str(&vocab), vocab.len, end ? end + 1 : "",
			      end ? size - len - 1 : 0, &err);
	assert(!tokenizer == (err.text[0] != '\0'));
	if (tokenizer)
		expect_round_trip(
			tokenizer,
			"abababab aaaa the <|endoftext|>\u00e9 "
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"bbbbbbbbbbbbbbbbbbbb");
	tokenizer_free(tokenizer);
	buf_release(&vocab);
	return 0;
}
