#include "dialog/prompt.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/encoder.h"

/* The tokens of one part, in a list of their own. */
static int
encode(struct encoder *encoder, const char *text, struct token_list *out,
       struct err *err)
{
	*out = (struct token_list){.max = ENCODER_PIECE_MAX};
	return encoder_encode(encoder, text, strlen(text), out, err);
}

static int
add(struct token_list *out, const int *ids, size_t n, struct err *err)
{
	return token_list_add(out, ids, n)
		       ? err_set(err, "there is no memory for the prompt")
		       : 0;
}

/* All of it if it has at most max tokens.  1: it is in, 0: not, -1 and *err. */
static int
add_whole(struct encoder *encoder, const char *text, size_t max,
	  struct token_list *out, struct err *err)
{
	struct token_list part;
	int rc = encode(encoder, text, &part, err);
	if (!rc)
		rc = part.n > max		       ? 0
		     : add(out, part.ids, part.n, err) ? -1
						       : 1;
	token_list_release(&part);
	return rc;
}

/* Its last max tokens. */
static int
add_end(struct encoder *encoder, const char *text, size_t max,
	struct token_list *out, struct err *err)
{
	struct token_list part;
	int rc = encode(encoder, text, &part, err);
	size_t n = part.n < max ? part.n : max;
	if (!rc && n)
		rc = add(out, part.ids + part.n - n, n, err);
	token_list_release(&part);
	return rc;
}

/* Nothing is said to be approved unless the instructions say so first. */
static int
add_shared(const struct prompt *prompt, struct encoder *encoder, size_t max,
	   struct token_list *out, struct prompt_parts *parts, struct err *err)
{
	int rc = add_whole(encoder, prompt->instructions, max, out, err);
	bool has_instructions = rc > 0;
	assert(prompt->n_passages <= PROMPT_PASSAGES_MAX);
	for (size_t i = 0;
	     has_instructions && rc >= 0 && i < prompt->n_passages; i++) {
		rc = add_whole(encoder, prompt->passages[i], max - out->n, out,
			       err);
		if (rc > 0)
			parts->passages[parts->n_passages++] = i;
	}
	parts->n_shared = out->n;
	return rc < 0 ? -1 : 0;
}

/* As many of the newest as fit into max, in their order. */
static int
add_history(const struct prompt *prompt, struct encoder *encoder, size_t max,
	    struct token_list *out, struct prompt_parts *parts, struct err *err)
{
	struct token_list part;
	size_t first = prompt->n_history, room = max;
	int rc = 0;
	for (; first > 0; first--) {
		rc = encode(encoder, prompt->history[first - 1], &part, err);
		bool fits = !rc && part.n <= room;
		room -= fits ? part.n : 0;
		token_list_release(&part);
		if (!fits)
			break;
	}
	parts->n_history = prompt->n_history - first;
	for (size_t i = first; !rc && i < prompt->n_history; i++)
		rc = add_end(encoder, prompt->history[i], max, out, err);
	return rc;
}

int
prompt_encode(const struct prompt *prompt, struct encoder *encoder, size_t max,
	      struct token_list *out, struct prompt_parts *parts,
	      struct err *err)
{
	struct token_list shared = {.max = max}, question = {.max = max};
	*parts = (struct prompt_parts){0};
	int rc = add_shared(prompt, encoder, max / 2, &shared, parts, err);
	if (!rc)
		rc = add_end(encoder, prompt->question, max - shared.n,
			     &question, err);
	if (!rc)
		rc = add(out, shared.ids, shared.n, err);
	if (!rc)
		rc = add_history(prompt, encoder, max - shared.n - question.n,
				 out, parts, err);
	if (!rc)
		rc = add(out, question.ids, question.n, err);
	token_list_release(&shared);
	token_list_release(&question);
	return rc;
}
