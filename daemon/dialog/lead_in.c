/* What stands around a question and is no part of it: a greeting, an insult, a
 * request to be told before it; thanks and a farewell behind it. */
#include <string.h>

#include "base/mem.h"
#include "dialog/find.h"
#include "nlu/pack.h"
#include "text/question.h"
#include "text/tokens.h"

#define MARKS_MAX 3 /* in what is small talk behind a question */

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

static size_t
question_begin(const struct pack *pack, const char *text, size_t len)
{
	size_t begin = 0, next;
	for (;;) {
		next = text_next_question(text, len, pack->language, begin);
		if (next == len ||
		    !says_nothing(pack, text + begin, next - begin))
			return begin;
		begin = next;
	}
}

/* Where small talk begins behind all else, or else the end.  A mark may stand
 * within it: "Best wishes, Mary". */
static size_t
question_end(const struct pack *pack, const char *text, size_t len)
{
	size_t end = len, at = len;
	for (int n_marks = 0; n_marks < MARKS_MAX && at > 1; n_marks++) {
		while (--at && !text_is_mark(text[at]))
			;
		if (at && pack_smalltalk(pack, text + at + 1, end - at - 1)) {
			end = at + 1;
			n_marks = 0;
		}
	}
	return end;
}

const char *
question_itself(const struct pack *pack, struct arena *arena, const char *text)
{
	size_t len = strlen(text), begin = question_begin(pack, text, len);
	size_t end = question_end(pack, text + begin, len - begin);
	return end < len - begin
		       ? arena_printf(arena, "%.*s", (int)end, text + begin)
		       : text + begin;
}
