/* Folding and splitting of anything: valid UTF-8 comes out, folding it again
 * changes nothing, and every token lies in the text. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/tokens.h"

static void
check_tokens(const char *text, size_t len, const char *language)
{
	struct tokens tokens;

	tokens_init(&tokens);
	assert(tokens_split(&tokens, text, len, language) == 0);
	assert(tokens.n <= TOKENS_MAX);
	for (size_t i = 0; i < tokens.n; i++) {
		assert(strlen(token_term(&tokens, i)) ==
		       tokens.list[i].term_len);
		assert(strlen(token_word(&tokens, i)) ==
		       tokens.list[i].word_len);
		assert(tokens.list[i].word_len > 0);
	}
	tokens_release(&tokens);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once, twice;

	buf_init(&once, 64 * size + 64);
	buf_init(&twice, 64 * size + 64);
	assert(text_fold(&once, (const char *)data, size) == 0);
	assert(utf8_is_valid(buf_str(&once), once.len));
	assert(text_fold(&twice, buf_str(&once), once.len) == 0);
	assert(once.len == twice.len);
	assert(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
	check_tokens((const char *)data, size, size % 2 ? "en" : "fr");
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
