#include "model/output.h"

#include <string.h>

#include "model/tokenizer.h"

#define TEXT_MAX ((size_t)4 << 20)

static const struct stop_strings no_stops;

void
output_init(struct output *output, const struct tokenizer *tokenizer,
	    const struct stop_strings *stops)
{
	*output = (struct output){.tokenizer = tokenizer};
	if (tokenizer)
		decoder_init(&output->decoder, tokenizer);
	stop_init(&output->stop, stops ? stops : &no_stops);
	buf_init(&output->piece, TEXT_MAX);
	buf_init(&output->text, TEXT_MAX);
}

static void
release_wiped(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->size);
	buf_release(buf);
}

void
output_release(struct output *output)
{
	release_wiped(&output->piece);
	release_wiped(&output->text);
	release_wiped(&output->decoder.held);
	explicit_bzero(output, sizeof *output);
}

static enum output_state
take_piece(struct output *output)
{
	bool is_found = stop_add(&output->stop, buf_str(&output->piece),
				 output->piece.len, &output->text);

	buf_clear(&output->piece);
	if (output->text.failed)
		return OUTPUT_FULL;
	return is_found ? OUTPUT_STOPPED : OUTPUT_GOES_ON;
}

enum output_state
output_add(struct output *output, int token)
{
	size_t len;

	if (!output->tokenizer || token >= tokenizer_size(output->tokenizer) ||
	    !tokenizer_bytes(output->tokenizer, token, &len))
		return OUTPUT_GOES_ON;
	if (decoder_add(&output->decoder, token, &output->piece, NULL))
		return OUTPUT_FULL;
	return take_piece(output);
}

enum output_state
output_end(struct output *output)
{
	if (output->tokenizer)
		decoder_end(&output->decoder, &output->piece);
	enum output_state state = take_piece(output);
	stop_end(&output->stop, &output->text);
	return output->text.failed ? OUTPUT_FULL : state;
}
