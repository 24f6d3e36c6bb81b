/* The text of a generation: tokens as characters, up to a stop string.  Belongs
 * to one thread at a time. */
#ifndef MODEL_OUTPUT_H
#define MODEL_OUTPUT_H

#include "base/buf.h"
#include "model/decoder.h"
#include "model/stop.h"

struct tokenizer;

struct output {
	const struct tokenizer *tokenizer;
	struct decoder decoder;
	struct stop stop;
	struct buf piece; /* what the decoder let go */
	struct buf text;
};

enum output_state { OUTPUT_GOES_ON, OUTPUT_STOPPED, OUTPUT_FULL };

/* Without a tokenizer there is no text; without strings nothing stops it.
 * Both are borrowed. */
void output_init(struct output *, const struct tokenizer *,
		 const struct stop_strings *);
/* All that was said is wiped. */
void output_release(struct output *);
/* One more token.  text has all of it that is whole characters, and that no
 * stop string can begin in.  A token that the vocabulary does not have is no
 * text: models are padded. */
enum output_state output_add(struct output *, int token);
/* There are no more: what was held back goes to text. */
enum output_state output_end(struct output *);

#endif
