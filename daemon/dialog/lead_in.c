/* What stands before a question and is no part of it: a greeting, an insult, a
 * request to be told. */
#include <string.h>

#include "base/mem.h"
#include "dialog/find.h"
#include "nlu/pack.h"
#include "text/question.h"
#include "text/tokens.h"

static bool
leads_in(const struct pack *pack, const char *text, size_t len)
{
	struct tokens tokens;
	tokens_init(&tokens);
	if (tokens_split(&tokens, text, len, pack->language) < 0)
		mem_exhausted();
	bool is_it = text_leads_in(&tokens, pack->language);
	tokens_release(&tokens);
	return is_it;
}

/* Is each part, up to a mark, small talk or leads to a question? */
static bool
says_nothing(const struct pack *pack, const char *text, size_t len)
{
	for (size_t begin = 0, end; begin < len; begin = end + 1) {
		end = begin;
		while (end < len && !text_is_mark(text[end]))
			end++;
		if (!leads_in(pack, text + begin, end - begin) &&
		    !pack_smalltalk(pack, text + begin, end - begin))
			return false;
	}
	return true;
}

const char *
question_itself(const struct pack *pack, const char *text)
{
	size_t len = strlen(text), begin = 0, next;
	for (;;) {
		next = text_next_question(text, len, pack->language, begin);
		if (next == len ||
		    !says_nothing(pack, text + begin, next - begin))
			return text + begin;
		begin = next;
	}
}
