/* Tokens are bytes, and a character may be of several. */
#include "model/decoder.h"

#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "model/tokenizer.h"

void
decoder_init(struct decoder *decoder, const struct tokenizer *tokenizer)
{
	*decoder = (struct decoder){.tokenizer = tokenizer};
	/* The longest token is no longer than its file. */
	buf_init(&decoder->held, TOKENIZER_FILE_MAX + 4);
}

void
decoder_release(struct decoder *decoder)
{
	buf_release(&decoder->held);
}

int
decoder_add(struct decoder *decoder, int id, struct buf *out, struct err *err)
{
	struct buf *held = &decoder->held;
	size_t len;
	const char *bytes = tokenizer_bytes(decoder->tokenizer, id, &len);

	if (!bytes)
		return err_set(err, "there is no token %d", id);
	if (buf_add(held, bytes, len))
		return err_set(err, "there is no memory for a token");
	size_t taken = utf8_mend(out, buf_str(held), held->len);
	size_t left = held->len - taken;
	if (taken > 0)
		memmove(held->data, held->data + taken, left);
	buf_cut(held, left);
	return out->failed ? err_set(err, "there is no room for the text") : 0;
}

void
decoder_end(struct decoder *decoder, struct buf *out)
{
	if (decoder->held.len > 0)
		buf_adds(out, "\uFFFD");
	buf_clear(&decoder->held);
}
